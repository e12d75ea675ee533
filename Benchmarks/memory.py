#!/usr/bin/python3
"""Peak memory of cold builds: the Python image and one of about 1 GB unpacked.

    Benchmarks/memory.py [--rounds N] [--json FILE] [--scratch DIR] [SET=MEGABYTES...]

Each set is built from an empty store, uncompressed and with gzip; what counts is the highest peak of all runs. The
scratch folder is on tmpfs by default, whose pages count as nobody's resident memory, unless they are mapped.
"""

import argparse
import pathlib
import tempfile

import compare
import measuring
from measuring import megabytes, say, seconds, table

BOUNDS = {"python-bookworm": 200, "large-bookworm": 400}
COMPRESSIONS = ("none", "gzip")


def measure(options):
    compare.check_programs(options)
    sets = {}
    with measuring.Noise() as noise:
        for name, bound in options.sets.items():
            with tempfile.TemporaryDirectory(dir=options.scratch, prefix="dhi-compose-memory.") as folder:
                sets[name] = one(options, name, bound, pathlib.Path(folder))
    return {
        "kind": "memory", "rounds": options.rounds, "sets": sets, "noise": noise.record(), "noise_text": noise.text(),
        "machine": measuring.machine([("dhi-compose", [str(options.program), "--version"])]),
        "promises": [{"limit": 4, "what": f"{name}, cold, {compression}: peak memory", "value": entry["peak"][compression],
                      "bound": entry["bound"], "unit": "B"}
                     for name, entry in sets.items() for compression in COMPRESSIONS],
    }


def one(options, name, bound, scratch):
    package_set = compare.PackageSet(compare.found(name), scratch)
    ours = compare.Ours(options.program, package_set, scratch)
    results = measuring.Results()
    unpacked = 0
    for compression in COMPRESSIONS:
        # Not in turn and back: the scratch folder would hold both at once.
        for _ in range(options.rounds):
            ours.remove("memory")
            results.add(compression, measuring.run(ours.build("memory", compression)))
        if compression == "none":
            unpacked = sum(layer["size"] for layer in compare.layer(scratch / "image-memory"))
        ours.remove("memory")
        say(f"memory: {name}, {compression}: {megabytes(results.most(compression, 'peak'))}")
    files = package_set.content["files"][package_set.architecture]
    return {"bound": bound * 1e6, "packages": len(files), "packed": sum(entry["size"] for entry in files),
            "unpacked": unpacked, "peak": {name: results.most(name, "peak") for name in COMPRESSIONS},
            "results": results.record()}


def text(record):
    rows = [[f"{name}, {compression}", str(entry["packages"]), megabytes(entry["packed"]), megabytes(entry["unpacked"]),
             seconds(entry["results"][compression]["median"]["wall"]),
             seconds(entry["results"][compression]["median"]["cpu"]), megabytes(entry["peak"][compression]),
             "≤ " + megabytes(entry["bound"]), "yes" if entry["peak"][compression] <= entry["bound"] else "NO"]
            for name, entry in record["sets"].items() for compression in COMPRESSIONS]
    return record["noise_text"] + "\n\n" + table(
        rows, ["", "packages", "packed", "layers", "wall", "user + system", "peak", "bound", "kept"])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET=MEGABYTES")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--scratch", type=pathlib.Path, default=compare.SCRATCH)
    parser.add_argument("--program", type=pathlib.Path, default=compare.PROGRAM)
    parser.add_argument("--floor", type=pathlib.Path, default=compare.FLOOR)
    options = parser.parse_args()
    try:
        options.sets = {name: float(bound) for name, _, bound in (word.partition("=") for word in options.sets)} or BOUNDS
    except ValueError:
        parser.error("sets are given as SET=MEGABYTES")
    return options


def main():
    options = arguments()
    measuring.report(options, measure, text)


if __name__ == "__main__":
    main()
