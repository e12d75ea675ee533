#!/usr/bin/python3
"""Does the resolver give one answer, byte for byte? Runs it as separate processes, for each with other seeds of Swift's
hash tables and with the stanzas of every index in another order, and compares all that it writes.

    scripts/check-determinism.py                                 # the recorded index of bookworm, 20 runs
    scripts/check-determinism.py --packages FILE... --runs 50 --set "curl git" --set python3
    scripts/check-determinism.py --apkindex APKINDEX.tar.gz... --arch x86_64 --set "nginx php83"

Exit code: 0 where all runs agree, 1 where any does not. Needs nothing but Python.
"""

import argparse
import concurrent.futures
import gzip
import lzma
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
RECORDED = PROJECT.parent / "shared/data/oracles/apt/index/bookworm-amd64"
# An ordinary set; some that a greedy resolver gets wrong; one that cannot be met.
DEBIAN_SETS = ["python3", "wmmon gcc-11-multilib sunflow", "gnome python3-setuptools-gettext", "placement-common design-desktop"]

ALPINE_SETS = ["python3", "gtk+3.0 ffmpeg nodejs", "busybox !busybox"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", nargs="+", metavar="FILE", help="Packages files, plain, .xz or .gz")
    parser.add_argument("--apkindex", nargs="+", metavar="FILE", help="APKINDEX files, text or .tar.gz, instead")
    parser.add_argument("--arch", help="amd64 or x86_64 where nothing else is said")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", metavar="'NAME ...'", help="what to ask for")
    parser.add_argument("--program", default=str(PROJECT / ".build/release/dhi-compose"))
    parser.add_argument("--option", action="append", default=[], help="a further option for the program")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if options.apkindex and options.packages:
        parser.error("--packages and --apkindex exclude each other")
    options.arch = options.arch or ("x86_64" if options.apkindex else "amd64")
    options.set = options.set or (ALPINE_SETS if options.apkindex else DEBIAN_SETS)
    options.packages = options.packages or [
        str(RECORDED / f"{suite}.Packages.xz") for suite in ("main", "updates", "security")]
    for path in options.apkindex or options.packages:
        if not os.path.exists(path):
            parser.error(f"{path}: no such file; name the index files with --packages or --apkindex")
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program}: no such program; swift build -c release --product dhi-compose")
    return options


def stanzas(path):
    if path.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            return [stanza for stanza in archive.extractfile("APKINDEX").read().split(b"\n\n") if stanza.strip()]
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(os.path.splitext(path)[1], open)
    with opener(path, "rb") as file:
        return [stanza for stanza in file.read().split(b"\n\n") if stanza.strip()]


def main():
    options = arguments()
    kind = "--apkindex" if options.apkindex else "--packages"
    indexes = [stanzas(path) for path in options.apkindex or options.packages]
    generator = random.Random(options.seed)
    environment = {name: value for name, value in os.environ.items() if name != "SWIFT_DETERMINISTIC_HASHING"}
    answers = {names: {} for names in options.set}

    def ask(folder, names):
        # The same paths in every run: messages may name the files.
        files = [f"{number}.Packages" for number in range(len(indexes))]
        command = [os.path.abspath(options.program), "resolve", kind, *files, "--arch", options.arch]
        run = subprocess.run(
            [*command, *options.option, *names.split()], cwd=folder, capture_output=True,
            env=dict(environment, XDG_CACHE_HOME=os.path.join(folder, "cache")))
        return names, (run.returncode, run.stdout, run.stderr)

    for number in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="determinism-") as folder:
            for index, parts in enumerate(indexes):
                if number:
                    generator.shuffle(parts)
                text = b"\n\n".join(part.strip(b"\n") for part in parts) + b"\n\n"
                pathlib.Path(folder, f"{index}.Packages").write_bytes(text)
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                for names, answer in pool.map(lambda names: ask(folder, names), options.set):
                    answers[names].setdefault(answer, []).append(number)
    different = 0
    for names, found in answers.items():
        code, output, errors = next(iter(found))
        print(f"{names}: {options.runs} runs, {len(found)} answers (the first: exit code {code}, "
              f"{output.count(10)} lines of output, {errors.count(10)} of errors)")
        if code not in (0, 3):
            different += 1
            print(f"  ended with {code}: {errors.decode(errors='replace').strip()}")
        if len(found) > 1:
            different += 1
            for (code, output, errors), runs in found.items():
                print(f"  runs {runs}: exit code {code}\n{(output + errors).decode(errors='replace')}")
    sys.exit(bool(different))


main()
