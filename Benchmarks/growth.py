#!/usr/bin/python3
"""How cost grows with the number of images in one command, of packages in one image, and of processors.

    Benchmarks/growth.py [--rounds N] [--images N...] [--json FILE] [--plots DIR] [--scratch DIR]

The images are recipes × variants × platforms over the set many-bookworm of make-mirror.py, and over Alpine's packages
where ALPINE (a folder with v3.19.1-iso/x86_64/APKINDEX.tar.gz) is there. They are built cold, in one command, and that is
held against the floor program over their distinct packages plus what each image costs alone with a warm store.
"""

import argparse
import hashlib
import importlib
import os
import pathlib
import shutil
import tempfile

import compare
import measuring
from measuring import Contender, Failure, say, seconds, table
from plot import Plot, least_squares

mirrors = importlib.import_module("make-mirror")

PROJECT = pathlib.Path(__file__).resolve().parent.parent
ALPINE = PROJECT.parent / "shared/data/alpine/mirror"
ALPINE_RELEASE = ("3.19", "v3.19.1-iso", "amd64")
BOUND = 1.2

BASE = ["base-files", "ca-certificates", "tzdata", "netbase"]
DEBIAN = {
    "python": BASE + ["python3"], "git": BASE + ["git"], "curl": BASE + ["curl"], "static": BASE,
    "perl": BASE + ["perl"], "shell": BASE + ["bash", "coreutils"], "wget": BASE + ["wget", "jq"],
    "sync": BASE + ["rsync", "openssl", "xz-utils", "zstd"], "database": BASE + ["sqlite3"],
    "pager": BASE + ["less", "media-types"],
}
ALPINE_BASE = ["alpine-baselayout-data", "ca-certificates-bundle", "tzdata"]
ALPINE_RECIPES = {
    "static": ALPINE_BASE, "openssl": ALPINE_BASE + ["openssl"], "wget": ALPINE_BASE + ["wget"],
    "shell": ALPINE_BASE + ["busybox"],
}
ALPINE_TEXT = """\
# syntax=dhi.io/build:2-alpine{release}
name: {name}
image: benchmark/{name}
platforms: [{platforms}]
variant: {variant}
contents:
  repositories: ["{mirror}"]
  packages: [{packages}]
accounts:
  root: true
  run-as: nonroot
  users: [{{name: nonroot, uid: 65532, gid: 65532}}]
  groups: [{{name: nonroot, gid: 65532, members: [nonroot]}}]
"""
# Each adds packages to the one before.
STEPS = [["base-files"], ["tzdata", "netbase"], ["ca-certificates"], ["python3"], ["curl", "wget"], ["git"],
         ["rsync", "jq", "sqlite3", "less"]]


class Image:
    """One image: a recipe for one platform. `text` makes the recipe's text for a list of architectures."""

    def __init__(self, name, text, architecture):
        self.name, self.text, self.architecture = name, text, architecture


def debian_recipe(name, package_set, packages, variant="runtime"):
    return lambda architectures: mirrors.recipe(
        name, package_set.suite, architectures, packages, package_set.mirror, package_set.folder / "key.asc", variant)


def alpine_recipe(name, release, mirror, packages, variant):
    def text(architectures):
        platforms = ", ".join(f"linux/{architecture}" for architecture in architectures)
        return ALPINE_TEXT.format(name=name, release=release, mirror=mirror, packages=", ".join(packages),
                                  variant=variant, platforms=platforms)
    return text


def debian_images(package_set):
    for variant in ("runtime", "dev"):
        for name, packages in DEBIAN.items():
            text = debian_recipe(f"{name}-{variant}", package_set, packages, variant)
            for architecture in package_set.content["files"]:
                yield Image(f"{name}-{variant}", text, architecture)


def alpine_images(folder):
    release, mirror, architecture = ALPINE_RELEASE
    if not (folder / mirror / "x86_64/APKINDEX.tar.gz").exists():
        return
    for variant in ("runtime", "dev"):
        for name, packages in ALPINE_RECIPES.items():
            text = alpine_recipe(f"alpine-{name}-{variant}", release, folder / mirror, packages, variant)
            yield Image(f"alpine-{name}-{variant}", text, architecture)


def mixed(images, others):
    """Four of the first kind, then one of the others, and so on: every number of images holds both."""
    images, others = list(images), list(others)
    result = []
    while images or others:
        result += images[:4] + others[:1]
        images, others = images[4:], others[1:]
    return result


def write_recipes(images, folder):
    """A file for each recipe, that names its platforms; gives their paths."""
    folder.mkdir(parents=True)
    recipes = {}
    for image in images:
        recipes.setdefault(image.name, (image.text, []))[1].append(image.architecture)
    paths = []
    for name, (text, architectures) in recipes.items():
        path = folder / f"{name}.yaml"
        path.write_text(text(architectures))
        paths.append(str(path))
    return paths


class Bench:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.set = compare.PackageSet(compare.found("many-bookworm"), scratch)
        alpine = list(alpine_images(options.alpine))
        self.images = mixed(debian_images(self.set), alpine)
        self.packages = {entry["sha256"]: self.set.mirror / entry["path"]
                         for files in self.set.content["files"].values() for entry in files}
        if alpine:
            for path in (options.alpine / ALPINE_RELEASE[1]).glob("*/*.apk"):
                self.packages[hashlib.sha256(path.read_bytes()).hexdigest()] = path

    def build(self, recipes, store, output):
        return [str(self.options.program), "build", *recipes, "--store", str(store), "--output", str(output),
                "--compression", "none", "--quiet"]

    def measured(self, contenders, rounds=None):
        return measuring.measure(contenders, rounds or self.options.rounds)

    def clear(self, *paths):
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)

    def packages_of(self, store):
        """The packages that a build took into its store."""
        digests = {path.name for path in (store / "sha256").glob("*/*")}
        return sorted((path for digest, path in self.packages.items() if digest in digests),
                      key=lambda path: -path.stat().st_size)

    def floor(self, files, processors=None):
        return [str(self.options.floor), str(processors or self.options.processes), *map(str, files)]

    def cold(self, name, recipes, prefix=()):
        store, output = self.scratch / f"store-{name}", self.scratch / f"out-{name}"
        return Contender(name, [*prefix, *self.build(recipes, store, output)], lambda: self.clear(store, output))

    def over_images(self):
        """Cold builds of more and more images in one command, and what they are held against."""
        points = []
        warm = self.warm_alone(max(self.options.images))
        for count in self.options.images:
            folder = self.scratch / f"recipes-{count}"
            recipes = write_recipes(self.images[:count], folder)
            name = f"images-{count}"
            cold = self.measured([self.cold(name, recipes)])
            store = self.scratch / f"store-{name}"
            files = self.packages_of(store)
            beside = self.measured([
                Contender("floor", self.floor(files)),
                Contender("warm", self.build(recipes, store, self.scratch / f"out-{name}"),
                          lambda: self.clear(self.scratch / f"out-{name}", store / "built", store / "images")),
                Contender("unchanged", self.build(recipes, store, self.scratch / f"out-{name}"))])
            self.clear(store, self.scratch / f"out-{name}")
            point = {"images": count, "recipes": len(recipes), "packages": len(files),
                     "packed": sum(path.stat().st_size for path in files), "peak": cold.most(name, "peak")}
            for field in ("wall", "cpu"):
                point[field] = {
                    "cold": cold.median(name, field), "floor": beside.median("floor", field),
                    "warm": beside.median("warm", field), "unchanged": beside.median("unchanged", field),
                    "warm_alone": sum(run[field] for run in warm[:count])}
                point[field]["bound"] = BOUND * (point[field]["floor"] + point[field]["warm_alone"])
            points.append(point)
            say(f"growth: {count} images: {seconds(point['wall']['cold'])}")
        return points

    def warm_alone(self, count):
        """What each image costs alone, with a store that has its packages as earlier builds left them."""
        store, output = self.scratch / "store-alone", self.scratch / "out-alone"
        folder = self.scratch / "recipes-alone"
        paths = []
        for number, image in enumerate(self.images[:count]):
            paths.append(write_recipes([image], folder / str(number))[0])
        for path in paths:
            measuring.run(self.build([path], store, output))
        found = []
        for path in paths:
            results = self.measured([Contender(
                "alone", self.build([path], store, output),
                lambda: self.clear(output, store / "built", store / "images"))], 3)
            found.append({field: results.median("alone", field) for field in ("wall", "cpu")})
        self.clear(store, output)
        return found

    def over_packages(self):
        points = []
        names = []
        for number, step in enumerate(STEPS):
            names = names + step
            text = debian_recipe("growing", self.set, list(names))
            recipes = write_recipes([Image("growing", text, self.set.architecture)], self.scratch / f"step-{number}")
            name = f"step-{number}"
            store = self.scratch / f"store-{name}"
            cold = self.measured([self.cold(name, recipes)])
            files = self.packages_of(store)
            beside = self.measured([
                Contender("floor", self.floor(files)),
                Contender("warm", self.build(recipes, store, self.scratch / f"out-{name}"),
                          lambda: self.clear(self.scratch / f"out-{name}", store / "built", store / "images"))])
            self.clear(store, self.scratch / f"out-{name}")
            points.append({
                "packages": len(files), "packed": sum(path.stat().st_size for path in files),
                **{field: {"cold": cold.median(name, field), "floor": beside.median("floor", field),
                           "warm": beside.median("warm", field)} for field in ("wall", "cpu")}})
        say("growth: packages done")
        return points

    def over_processors(self):
        text = debian_recipe("cores", self.set, DEBIAN["python"])
        recipes = write_recipes([Image("cores", text, self.set.architecture)], self.scratch / "cores")
        usable = sorted(os.sched_getaffinity(0))
        points = []
        for count in sorted({1, 2, 4, 8, len(usable)}):
            if count > len(usable):
                continue
            bound = ["taskset", "-c", ",".join(map(str, usable[:count]))]
            cold = self.measured([self.cold("cores", recipes, bound)])
            files = self.packages_of(self.scratch / "store-cores")
            floor = self.measured([Contender("floor", [*bound, *self.floor(files, count)])])
            points.append({"processors": count, **{
                field: {"cold": cold.median("cores", field), "floor": floor.median("floor", field)}
                for field in ("wall", "cpu")}})
        say("growth: processors done")
        return points


def plots(record):
    """Each plot by the name of its file."""
    images = Plot("Images in one command, from nothing", "images", "seconds")
    over = record["over_images"]
    images.add("processor time", [(point["images"], point["cpu"]["cold"]) for point in over], fit=True)
    images.add("its bound: 1.2 × (floor + images warm)",
               [(point["images"], point["cpu"]["bound"]) for point in over], dashed=True)
    images.add("processor time beyond the floor program's",
               [(point["images"], point["cpu"]["cold"] - point["cpu"]["floor"]) for point in over], fit=True)
    images.add("wall time", [(point["images"], point["wall"]["cold"]) for point in over], fit=True)
    images.add("wall time, warm store", [(point["images"], point["wall"]["warm"]) for point in over], fit=True)
    packages = Plot("Packages in one image", "packages", "seconds of processor time")
    over = record["over_packages"]
    for name, words in (("cold", "from nothing"), ("floor", "floor program"), ("warm", "warm store")):
        packages.add(words, [(point["packages"], point["cpu"][name]) for point in over])
    sizes = Plot("Size of one image's packages", "MB packed", "seconds of processor time")
    for name, words in (("cold", "from nothing"), ("floor", "floor program")):
        sizes.add(words, [(point["packed"] / 1e6, point["cpu"][name]) for point in over], fit=True)
    cores = Plot("Processors for one image", "processors", "seconds of wall time", whole_x=True)
    over = record["over_processors"]
    for name, words in (("cold", "from nothing"), ("floor", "floor program")):
        cores.add(words, [(point["processors"], point["wall"][name]) for point in over])
    return {"images.svg": images, "packages.svg": packages, "sizes.svg": sizes, "processors.svg": cores}


def text(record):
    over = record["over_images"]
    rows = [[str(point["images"]), str(point["recipes"]), str(point["packages"]),
             *[seconds(point[field][name]) for field in ("wall", "cpu")
               for name in ("cold", "floor", "warm_alone", "bound")], seconds(point["wall"]["warm"]),
             seconds(point["wall"]["unchanged"]), f"{point['peak'] / 1e6:.0f} MB"] for point in over]
    parts = [record["noise_text"], table(rows, [
        "images", "recipes", "packages", "wall", "floor", "Σ warm", "bound", "CPU", "floor", "Σ warm", "bound",
        "all warm", "unchanged", "peak"])]
    for field, words in (("wall", "wall time"), ("cpu", "processor time")):
        for what, values in (
                ("", [point[field]["cold"] for point in over]),
                (" beyond the floor program's",
                 [point[field]["cold"] - point[field]["floor"] for point in over])):
            line = least_squares([(point["images"], value) for point, value in zip(over, values)])
            if line:
                parts.append(f"{words}{what}: {line[1]:.2f} s + {line[0]:.3f} s an image, R² {line[2]:.4f}")
    parts.append(table(
        [[promise["what"], f"{promise['value']:.3f}", f"≤ {promise['bound']:.3f}",
          "yes" if promise["value"] <= promise["bound"] else "NO"] for promise in record["promises"]],
        ["", "measured", "bound", "kept"]))
    parts.append(table(
        [[str(point["packages"]), f"{point['packed'] / 1e6:.1f} MB",
          *[seconds(point["cpu"][name]) for name in ("cold", "floor", "warm")]] for point in record["over_packages"]],
        ["packages", "packed", "CPU cold", "floor", "warm"]))
    parts.append(table(
        [[str(point["processors"]), *[seconds(point[field][name]) for field in ("wall", "cpu")
                                      for name in ("cold", "floor")]] for point in record["over_processors"]],
        ["processors", "wall", "floor", "CPU", "floor"]))
    return "\n\n".join(parts)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, nargs="+", default=[1, 5, 10, 20, 40])
    parser.add_argument("--processes", type=int, default=2, help="of the floor program (default: 2)")
    parser.add_argument("--alpine", type=pathlib.Path, default=ALPINE)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--plots", type=pathlib.Path, help="folder for the plots")
    parser.add_argument("--scratch", type=pathlib.Path, default=compare.SCRATCH)
    parser.add_argument("--program", type=pathlib.Path, default=compare.PROGRAM)
    parser.add_argument("--floor", type=pathlib.Path, default=compare.FLOOR)
    return parser.parse_args()


def grow(options):
    compare.check_programs(options, ("taskset",))
    with tempfile.TemporaryDirectory(dir=options.scratch, prefix="dhi-compose-growth.") as folder:
        bench = Bench(options, pathlib.Path(folder))
        if max(options.images) > len(bench.images):
            raise Failure(f"--images: there are {len(bench.images)} images; more need {ALPINE}")
        with measuring.Noise() as noise:
            record = {"kind": "growth", "rounds": options.rounds, "over_images": bench.over_images(),
                      "over_packages": bench.over_packages(), "over_processors": bench.over_processors()}
        last = record["over_images"][-1]
        record["promises"] = [
            {"limit": 5, "what": f"{last['images']} images, {words} / (floor + {last['images']} × one warm)",
             "value": BOUND * last[field]["cold"] / last[field]["bound"], "bound": BOUND, "unit": ""}
            for field, words in (("wall", "wall"), ("cpu", "processor time"))]
        return {**record, "noise": noise.record(), "noise_text": noise.text(), "machine": measuring.machine(
            [("dhi-compose", [str(options.program), "--version"])])}


def main():
    options = arguments()
    record = measuring.report(options, grow, text)
    if options.plots:
        options.plots.mkdir(parents=True, exist_ok=True)
        for name, plot in plots(record).items():
            (options.plots / name).write_text(plot.svg())


if __name__ == "__main__":
    main()
