#!/usr/bin/python3
"""Composes one image with dhi-compose and beside it with what else there is, from one local mirror, in turn.

    Benchmarks/compare.py [--rounds N] [--json FILE] [--scratch DIR] [SET]

SET is a folder that make-mirror.py made, or a name below Benchmarks/.mirrors (python-bookworm by default). Everything is
copied to the scratch folder and read once before the first round that counts, so that no disk is waited for; that
folder is on tmpfs unless --scratch names another. Printed: medians, the ratios that the project promises with their
bounds, what else the machine did meanwhile, and the command lines.

Recipes have no lock beside them, so that every build resolves too, except where a name says "locked".

Needs the release build (make build; the environment's DHI_COMPOSE names another), the floor program (swift build -c release --package-path Benchmarks --product
floor), mmdebstrap, dpkg-deb and tar.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import tempfile

import measuring
from measuring import Contender, Failure, megabytes, say, seconds, table

PROJECT = pathlib.Path(__file__).resolve().parent.parent
MIRRORS = PROJECT / "Benchmarks/.mirrors"
PROGRAM = pathlib.Path(os.environ.get("DHI_COMPOSE", PROJECT / ".build/release/dhi-compose"))
FLOOR = PROJECT / "Benchmarks/.build/release/floor"
SCRATCH = pathlib.Path("/dev/shm")


class PackageSet:
    """A set's mirror, copied to the scratch folder."""

    def __init__(self, source, scratch):
        if not (source / "set.json").exists():
            raise Failure(f"{source}: no set of packages there; Benchmarks/make-mirror.py {source.name}")
        self.folder = scratch / source.name
        shutil.copytree(source, self.folder)
        recipe = self.folder / "recipe.yaml"
        recipe.write_text(recipe.read_text().replace(str(source.resolve()), str(self.folder)))
        with open(self.folder / "set.json") as file:
            self.content = json.load(file)
        self.name = self.content["name"]
        self.suite = self.content["suite"]
        self.mirror = self.folder / "mirror"
        self.recipe = recipe
        self.architecture = next(iter(self.content["files"]))

    def files(self, architecture=None):
        """Its packages, biggest first."""
        entries = self.content["files"][architecture or self.architecture]
        return [str(self.mirror / entry["path"])
                for entry in sorted(entries, key=lambda entry: (-entry["size"], entry["path"]))]

    def names(self):
        return [entry["name"] for entry in self.content["files"][self.architecture]]


class Ours:
    """Command lines of dhi-compose over one set, and what each needs removed before."""

    def __init__(self, program, package_set, scratch, recipe=None):
        self.program = str(program)
        self.set = package_set
        self.recipe = recipe or package_set.recipe
        self.scratch = scratch

    def locked(self, compression):
        """The same over a copy of the recipe that has a lock beside it, where a build resolves nothing."""
        folder = self.scratch / "locked"
        folder.mkdir()
        recipe = shutil.copy(self.set.recipe, folder)
        self.lock(recipe, compression)
        return Ours(self.program, self.set, self.scratch, recipe)

    def lock(self, recipe, compression):
        """Writes a lock beside a recipe."""
        store = self.scratch / "store-lock"
        measuring.run([self.program, "lock", str(recipe), "--store", str(store), "--platform",
                       f"linux/{self.set.architecture}", "--compression", compression, "--quiet"])
        shutil.rmtree(store)

    def build(self, name, compression):
        return [self.program, "build", str(self.recipe), "--store", str(self.scratch / f"store-{name}"),
                "--platform", f"linux/{self.set.architecture}", "--compression", compression,
                "--output", str(self.scratch / f"image-{name}"), "--quiet"]

    def cold(self, name, compression):
        """Nothing of an earlier run is there."""
        return Contender(name, self.build(name, compression), lambda: self.remove(name))

    def warm(self, name, compression):
        """The store is as the last run left it; the image is gone."""
        return Contender(name, self.build(name, compression), lambda: self.remove(name, ("image",)))

    def composed(self, name, compression):
        """As warm, but what the same recipe came to is forgotten: as for another recipe of the same packages."""
        return Contender(name, self.build(name, compression), lambda: self.forget(name))

    def unchanged(self, name, compression):
        """Store and image are as the last run left them."""
        return Contender(name, self.build(name, compression))

    def remove(self, name, kinds=("store", "image")):
        for kind in kinds:
            shutil.rmtree(self.scratch / f"{kind}-{name}", ignore_errors=True)

    def forget(self, name):
        shutil.rmtree(self.scratch / f"image-{name}", ignore_errors=True)
        for folder in ("built", "images"):
            shutil.rmtree(self.scratch / f"store-{name}" / folder, ignore_errors=True)


def contenders(options, package_set, scratch):
    ours = Ours(options.program, package_set, scratch)
    threads = str(options.processes)
    files = scratch / "files"
    files.write_text("".join(path + "\n" for path in package_set.files()))
    root = scratch / "root"
    tar = scratch / "root.tar"

    def empty_root():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()

    def each(command):
        return ["xargs", "-a", str(files), "-P", threads, "-I", "{}", "sh", "-c", command]

    yield Contender("floor", [str(options.floor), threads, *package_set.files()])
    yield ours.cold("cold", "none")
    yield ours.cold("cold-gzip", "gzip")
    yield ours.warm("warm", "none")
    yield ours.warm("warm-gzip", "gzip")
    yield ours.composed("composed", "none")
    yield ours.unchanged("unchanged", "none")
    locked = ours.locked("none")
    yield locked.cold("cold-locked", "none")
    yield locked.warm("warm-locked", "none")
    yield locked.unchanged("unchanged-locked", "none")
    if not options.without_peers:
        yield Contender("dpkg-deb", each('exec dpkg-deb --fsys-tarfile "{}" >/dev/null'))
        yield Contender("dpkg-deb-tar", each(f'dpkg-deb --fsys-tarfile "{{}}" | tar -x -C {root}'), empty_root)
        yield Contender(
            "mmdebstrap",
            ["mmdebstrap", "--quiet", "--variant=extract", f"--architectures={package_set.architecture}",
             "--include=" + ",".join(package_set.names()), package_set.suite, str(tar),
             f"deb [signed-by={package_set.folder / 'key.asc'}] copy://{package_set.mirror} {package_set.suite} main"],
            lambda: tar.unlink(missing_ok=True))


def promises(results, has_peers):
    """What the project promises: the limit it belongs to, words, what was measured, bound, unit."""
    def wall(name):
        return results.median(name, "wall")

    def cpu(name):
        return results.median(name, "cpu")

    for name in ("cold", "cold-locked"):
        words = name.replace("-", ", ")
        yield 1, f"{words}: processor time / floor's", cpu(name) / cpu("floor"), 1.15, ""
        yield 1, f"{words}: wall / own processor time", wall(name) / cpu(name), 0.62, ""
        if has_peers:
            yield 2, f"{words}: wall / dpkg-deb's", wall(name) / wall("dpkg-deb"), 1.15, ""
            yield 2, f"{words}: wall / mmdebstrap's", wall(name) / wall("mmdebstrap"), 0.2, ""
    if has_peers:
        yield 2, "cold, gzip: wall / mmdebstrap's", wall("cold-gzip") / wall("mmdebstrap"), 1 / 3, ""
    yield 3, "warm: wall / cold's", wall("warm") / wall("cold"), 0.15, ""
    yield 3, "warm, locked: wall / cold's, locked", wall("warm-locked") / wall("cold-locked"), 0.15, ""
    yield 3, "warm, gzip: wall / cold's, gzip", wall("warm-gzip") / wall("cold-gzip"), 0.15, ""
    yield 3, "warm, composed anew: wall / cold's", wall("composed") / wall("cold"), 0.15, ""
    yield 3, "unchanged: wall", wall("unchanged"), 0.05, "s"
    yield 3, "unchanged, locked: wall", wall("unchanged-locked"), 0.05, "s"
    yield 4, "cold: peak memory", results.most("cold", "peak"), 200e6, "B"
    yield 4, "cold, gzip: peak memory", results.most("cold-gzip", "peak"), 200e6, "B"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", default="python-bookworm", metavar="SET")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_const", dest="rounds", const=1, help="one round")
    parser.add_argument("--processes", type=int, default=2, help="of the floor program and of dpkg-deb (default: 2)")
    parser.add_argument("--json", type=pathlib.Path, help="also write everything there")
    parser.add_argument("--scratch", type=pathlib.Path, default=SCRATCH, help="default: /dev/shm")
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--floor", type=pathlib.Path, default=FLOOR)
    parser.add_argument("--without-peers", action="store_true", help="ours and the floor only")
    return parser.parse_args()


def found(name):
    """The folder of a set, by its path or by its name below Benchmarks/.mirrors."""
    path = pathlib.Path(name)
    return path if (path / "set.json").exists() else MIRRORS / name


def check_programs(options, tools=()):
    for program, advice in ((options.program, "make build"),
                            (options.floor, "swift build -c release --package-path Benchmarks --product floor")):
        if not program.exists():
            raise Failure(f"{program}: no such program; {advice}")
    for tool in tools:
        if not shutil.which(tool):
            raise Failure(f"{tool}: not found; install it, or leave peers out")


def layer(folder):
    """The first image's layer sizes and digests."""
    index = json.loads((folder / "index.json").read_text())

    def blob(descriptor):
        return json.loads((folder / "blobs" / descriptor["digest"].replace(":", "/")).read_text())

    document = blob(index["manifests"][0])
    while "manifests" in document:
        document = blob(document["manifests"][0])
    return [{"digest": layer["digest"], "size": layer["size"]} for layer in document["layers"]]


def compare(options):
    """Measures, and gives the record for JSON."""
    check_programs(options, () if options.without_peers else ("mmdebstrap", "dpkg-deb", "tar", "xargs"))
    with tempfile.TemporaryDirectory(dir=options.scratch, prefix="dhi-compose-compare.") as folder:
        scratch = pathlib.Path(folder)
        # apt reads mirrors as a user of its own.
        scratch.chmod(0o755)
        package_set = PackageSet(found(options.set), scratch)
        entries = list(contenders(options, package_set, scratch))
        with measuring.Noise() as noise:
            results = measuring.measure(entries, options.rounds, lambda words: say(f"{package_set.name}: {words}"))
        layers = {name: layer(scratch / f"image-{name}") for name in ("cold", "cold-gzip")}
        files = package_set.content["files"][package_set.architecture]
        return {
            "kind": "compare", "set": package_set.name, "rounds": options.rounds, "scratch": str(options.scratch),
            "packages": len(files), "packed": sum(entry["size"] for entry in files), "layers": layers,
            "machine": measuring.machine([
                ("dhi-compose", [str(options.program), "--version"]), ("mmdebstrap", ["mmdebstrap", "--version"]),
                ("dpkg-deb", ["dpkg-deb", "--version"]), ("xz", ["xz", "--version"]),
                ("openssl", ["openssl", "version"])]),
            "noise": noise.record(), "noise_text": noise.text(),
            "commands": {entry.name: shortened(entry, folder, options.program) for entry in entries},
            "results": results.record(),
            "promises": [{"limit": limit, "what": what, "value": value, "bound": bound, "unit": unit}
                         for limit, what, value, bound, unit in promises(results, not options.without_peers)],
        }


def shortened(entry, scratch, program):
    """A command line as it ran, but for folders' names and long lists of packages."""
    words = entry.command
    if entry.name == "floor":
        words = [*words[:2], f"{len(words) - 2} FILES, biggest first"]
    text = " ".join(words) if entry.name == "floor" else shlex.join(words)
    text = re.sub(r"--include=\S+", "--include=ALL,PACKAGES", text.replace(scratch, "SCRATCH"))
    return text.replace(f"{program} ", "dhi-compose ").replace(str(PROJECT) + "/", "")


def amount(value, unit):
    return {"s": seconds, "B": megabytes}.get(unit, lambda number: f"{number:.3f}")(value)


def text(record):
    rows = [[name, seconds(entry["median"]["wall"]), seconds(min(run["wall"] for run in entry["runs"])),
             seconds(entry["median"]["cpu"]), megabytes(max(run["peak"] for run in entry["runs"]))]
            for name, entry in record["results"].items()]
    rows.sort(key=lambda row: list(record["commands"]).index(row[0]))
    bounds = [[promise["what"], amount(promise["value"], promise["unit"]),
               "≤ " + amount(promise["bound"], promise["unit"]),
               "yes" if promise["value"] <= promise["bound"] else "NO"] for promise in record["promises"]]
    parts = [
        f"{record['packages']} packages, {record['packed'] / 1e6:.1f} MB packed; medians of {record['rounds']} rounds",
        record["noise_text"],
        table(rows, ["", "wall", "least wall", "user + system", "peak"]),
        table(bounds, ["", "measured", "bound", "kept"]),
        "\n".join(f"{name}: {command}" for name, command in record["commands"].items()),
    ]
    return "\n\n".join(parts)


def main():
    options = arguments()
    measuring.report(options, compare, text)


if __name__ == "__main__":
    main()
