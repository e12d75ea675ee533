#!/usr/bin/python3
"""What zlib, libdeflate and zstd make of one image's files at several levels, and how long it takes them.

    Benchmarks/compression.py [--runs N] [--json FILE] [--scratch DIR] [SET]

SET is as for compare.py. Its image's root file system, as one uncompressed tar, is packed by the program compressors (swift
build -c release --package-path Benchmarks --product compressors) on one thread; zlib in one stream, the others in members
of 1.5 MiB, about as the layer writer cuts them. Marked is what the layer writer uses, as a lock names it.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import compare
import measuring
from measuring import Failure, say, seconds, table

COMPRESSORS = compare.PROJECT / "Benchmarks/.build/release/compressors"
MEASURE = ("zlib", 6)


def used(options, package_set, scratch, compression):
    """What a lock says that layers are packed with, such as `libdeflate 1.14 level 6`."""
    compare.Ours(options.program, package_set, scratch).lock(package_set.recipe, compression)
    lock = package_set.recipe.with_name("recipe.lock.json")
    words = json.loads(lock.read_text())["image"]["compressor"].split()
    lock.unlink()
    return words[0], int(words[-1])


def measure(options):
    compare.check_programs(options)
    if not options.compressors.exists():
        raise Failure(f"{options.compressors}: no such program; swift build -c release --package-path Benchmarks")
    with tempfile.TemporaryDirectory(dir=options.scratch, prefix="dhi-compose-compression.") as folder:
        scratch = pathlib.Path(folder)
        package_set = compare.PackageSet(compare.found(options.set), scratch)
        tar = scratch / "root.tar"
        measuring.run([str(options.program), "build", str(package_set.recipe), "--store", str(scratch / "store"),
                       "--platform", f"linux/{package_set.architecture}", "--format", "tar", "--compression", "none",
                       "--output", str(tar), "--quiet"])
        chosen = [used(options, package_set, scratch, compression) for compression in ("gzip", "zstd")]
        with measuring.Noise() as noise:
            answer = subprocess.run([options.compressors, str(options.runs), tar], capture_output=True, text=True)
        if answer.returncode != 0:
            raise Failure(answer.stderr.strip())
        size = tar.stat().st_size
    say(f"compression: {package_set.name}: done")
    entries = []
    for line in answer.stdout.splitlines():
        library, version, level, count, time = line.split()
        entries.append({"library": library, "version": version, "level": int(level), "bytes": int(count),
                        "cpu": float(time), "used": (library, int(level)) in chosen})
    return {"kind": "compression", "set": package_set.name, "rounds": options.runs, "size": size, "entries": entries,
            "noise": noise.record(), "noise_text": noise.text(), "promises": list(promises(entries)),
            "machine": measuring.machine([("dhi-compose", [str(options.program), "--version"])])}


def against(entries):
    return next(entry for entry in entries if (entry["library"], entry["level"]) == MEASURE)


def promises(entries):
    zlib = against(entries)
    for entry in entries:
        if entry["used"]:
            words = f"{entry['library']} level {entry['level']}, which layers use: bytes / zlib level 6's"
            yield {"limit": 0, "what": words, "value": entry["bytes"] / zlib["bytes"], "bound": 1.0, "unit": ""}


def text(record):
    zlib = against(record["entries"])
    rows = [[f"{entry['library']} {entry['version']}", f"**{entry['level']}**" if entry["used"] else str(entry["level"]),
             f"{entry['bytes']:,}", f"{entry['bytes'] / zlib['bytes']:.3f}", seconds(entry["cpu"]),
             f"{entry['cpu'] / zlib['cpu']:.2f}", f"{record['size'] / entry['cpu'] / 1e6:.0f}"]
            for entry in record["entries"]]
    return "\n\n".join([
        record["noise_text"],
        f"A tar of {record['size']:,} bytes on one thread; medians of {record['rounds']}, of one where a run takes more than "
        "a second. zlib packs one stream, the others members of 1.5 MiB. In bold: what layers are packed with. gzip layers "
        "take the fastest level that packs no data tried larger than zlib's level 6 does.",
        table(rows, ["library", "level", "bytes", "against zlib 6", "processor time", "against zlib 6", "MB/s"])])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", default="python-bookworm", metavar="SET")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--scratch", type=pathlib.Path, default=compare.SCRATCH)
    parser.add_argument("--program", type=pathlib.Path, default=compare.PROGRAM)
    parser.add_argument("--floor", type=pathlib.Path, default=compare.FLOOR)
    parser.add_argument("--compressors", type=pathlib.Path, default=COMPRESSORS)
    return parser.parse_args()


def main():
    options = arguments()
    measuring.report(options, measure, text)


if __name__ == "__main__":
    main()
