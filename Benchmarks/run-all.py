#!/usr/bin/python3
"""Runs all benchmarks and writes Benchmarks/RESULTS.md and Benchmarks/plots. `make bench` builds, then runs this.

    Benchmarks/run-all.py [--quick] [--only NAME...]
    Benchmarks/run-all.py --write-only          # RESULTS.md anew from what an earlier run measured

What was measured is kept in Benchmarks/.results as JSON. Mirrors that are missing are made first, which fetches about
450 MB. Takes some eight minutes on a quiet machine; with --quick two, whose numbers are good for nothing but to see that
all runs. On a loud machine, ratios of wall times mean nothing: RESULTS.md says how loud it was.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import compare
import growth
import measuring
import memory
from measuring import Failure, say, seconds, table

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / ".results"
SETS = ("python-bookworm", "python-trixie")
STAGES = HERE / ".build/release/stages"
NAMES = ("start-up", *(f"compare-{name}" for name in SETS), "stages", "memory", "growth")


def startup(options):
    """Start-up alone, many times, and the program's size."""
    program = str(compare.PROGRAM)
    with measuring.Noise() as noise:
        results = measuring.measure([measuring.Contender("version", [program, "--version"])], options.rounds * 15)
    stripped = RESULTS / "dhi-compose.stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    size = stripped.stat().st_size
    stripped.unlink()
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True).stdout.count("=>")
    wall = results.median("version", "wall")
    return {
        "kind": "start-up", "rounds": options.rounds * 15, "size": os.path.getsize(program), "stripped": size,
        "libraries": libraries, "results": results.record(), "noise": noise.record(), "noise_text": noise.text(),
        "machine": measuring.machine([("dhi-compose", [program, "--version"])]),
        "promises": [{"what": "start-up (--version), wall", "value": wall, "bound": 0.015, "unit": "s"}]}


def startup_text(record):
    median = record["results"]["version"]["median"]
    return "\n\n".join([
        record["noise_text"],
        f"`dhi-compose --version`: {seconds(median['wall'])} of wall time, {seconds(median['cpu'])} of processor time, "
        f"medians of {record['rounds']}. The program is {record['stripped'] / 1e6:.1f} MB stripped "
        f"({record['size'] / 1e6:.1f} MB with its symbols) and loads {record['libraries']} libraries."])


def stages(options):
    """What each stage takes by itself, on one thread."""
    with measuring.Noise() as noise:
        sets = {}
        for name in SETS:
            folder = compare.found(name)
            answer = subprocess.run([STAGES, f"--runs={options.rounds}", folder], capture_output=True, text=True)
            if answer.returncode != 0:
                raise Failure(f"{STAGES}: {answer.stderr.strip() or answer.stdout.strip()}")
            sets[name] = json.loads(answer.stdout)
    return {"kind": "stages", "rounds": options.rounds, "sets": sets, "noise": noise.record(),
            "noise_text": noise.text(), "machine": measuring.machine(), "promises": []}


def stages_text(record):
    names = list(record["sets"])
    kinds = [stage["name"] for stage in record["sets"][names[0]]["stages"]]
    rows = []
    for kind in kinds:
        row = [kind]
        for name in names:
            stage = next((stage for stage in record["sets"][name]["stages"] if stage["name"] == kind), None)
            row += [f"{stage['cpu'] * 1000:.1f} ms", f"{stage['wall'] * 1000:.1f} ms"] if stage else ["", ""]
        rows.append(row)
    header = ["", *(f"{name}, {field}" for name in names for field in ("user + system", "wall"))]
    return record["noise_text"] + "\n\n" + table(rows, header)


def rounds_options(module, options, words):
    """The options of another script, as from its command line."""
    kept, sys.argv = sys.argv, [module.__name__, *words]
    try:
        return module.arguments()
    finally:
        sys.argv = kept


def measured(name, options):
    quick = options.quick
    if name == "start-up":
        return startup(options)
    if name == "stages":
        return stages(options)
    if name == "memory":
        return memory.measure(rounds_options(memory, options, ["--rounds", "1" if quick else "3"]))
    if name == "growth":
        words = ["--rounds", "1", "--images", "1", "3", "5"] if quick else ["--rounds", "3"]
        return growth.grow(rounds_options(growth, options, words))
    return compare.compare(rounds_options(
        compare, options, ["--rounds", str(options.rounds), name.removeprefix("compare-")]))


TEXTS = {"start-up": startup_text, "stages": stages_text, "memory": memory.text, "growth": growth.text,
         "compare": compare.text}
TITLES = {"start-up": "Start-up", "stages": "Stages, each by itself", "memory": "Memory",
          "growth": "Growth", "compare": "Whole builds"}


def write(records):
    machine = records[0]["machine"]
    versions = {name: words for record in records for name, words in record["machine"]["versions"].items()}
    lines = [
        "# Results", "",
        "Written by `Benchmarks/run-all.py`; see [README.md](README.md) for what is measured and how.", "",
        f"- Date: {machine['date']}",
        f"- Machine: {machine['processor']}, {machine['processors']} processors, {machine['memory'] / 2**30:.0f} GiB of "
        f"memory, Linux {machine['kernel']}, {machine['system']}",
        "- Versions: " + "; ".join(f"{name}: {words}" for name, words in versions.items()), "",
        "## What is promised", ""]
    rows = [[f"{record.get('set', record['kind'])}: {promise['what']}", compare.amount(promise["value"], promise["unit"]),
             "≤ " + compare.amount(promise["bound"], promise["unit"]),
             "yes" if promise["value"] <= promise["bound"] else "**no**"]
            for record in records for promise in record["promises"]]
    lines += [table(rows, ["", "measured", "bound", "kept"]), ""]
    for record in records:
        title = TITLES[record["kind"]] + (f": {record['set']}" if "set" in record else "")
        words = TEXTS[record["kind"]](record)
        if record["kind"] == "compare":
            words, _, commands = words.rpartition("\n\n")
            words += "\n\nThe command lines:\n\n```\n" + commands + "\n```"
        lines += [f"## {title}", "", words, ""]
        if record["kind"] == "growth":
            lines += [f"![{plot.title}](plots/{name})" for name, plot in growth.plots(record).items()] + [""]
            (HERE / "plots").mkdir(exist_ok=True)
            for name, plot in growth.plots(record).items():
                (HERE / "plots" / name).write_text(plot.svg())
    (HERE / "RESULTS.md").write_text("\n".join(lines))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of everything")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", default=NAMES,
                        help="of " + ", ".join(NAMES))
    parser.add_argument("--write-only", action="store_true")
    options = parser.parse_args()
    options.rounds = 1 if options.quick else 7
    return options


def main():
    options = arguments()
    RESULTS.mkdir(exist_ok=True)
    started = time.monotonic()
    if not options.write_only:
        subprocess.run([HERE / "make-mirror.py"], check=True, stdout=sys.stderr)
        for name in options.only:
            try:
                record = measured(name, options)
            except Failure as failure:
                sys.exit(f"{name}: {failure}")
            (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
            say(f"{name}: done after {time.monotonic() - started:.0f} s; {record['noise_text']}")
    paths = [RESULTS / f"{name}.json" for name in NAMES]
    records = [json.loads(path.read_text()) for path in paths if path.exists()]
    if not records:
        sys.exit("nothing was measured yet")
    write(records)
    print(HERE / "RESULTS.md")


if __name__ == "__main__":
    main()
