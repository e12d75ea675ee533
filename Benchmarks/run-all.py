#!/usr/bin/python3
"""Runs all benchmarks and writes Benchmarks/RESULTS.md and Benchmarks/plots. `make bench` builds, then runs this.

    Benchmarks/run-all.py [--quick] [--only NAME...]
    Benchmarks/run-all.py --write-only          # RESULTS.md anew from what an earlier run measured

What was measured is kept in Benchmarks/.results as JSON. Mirrors that are missing are made first, which fetches about
450 MB. Takes some nine minutes on a quiet machine; with --quick three, whose numbers are good for nothing but to see that
all runs, and which leaves RESULTS.md alone: it writes Benchmarks/.results/quick/RESULTS.md. On a loud machine, ratios of
wall times mean nothing: RESULTS.md says how loud it was. The environment's DHI_COMPOSE names another program to measure.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import compare
import compression
import growth
import measuring
import memory
from measuring import Failure, say, seconds, table

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / ".results"
SETS = ("python-bookworm", "python-trixie")
STAGES = HERE / ".build/release/stages"
NAMES = ("start-up", *(f"compare-{name}" for name in SETS), "stages", "compression", "memory", "growth")
# The lines of what is promised that a bound belongs to.
LIMITS = {
    1: "Cold, no compression: against the floor program, and both processors used",
    2: "Cold: against dpkg-deb on two processes, and mmdebstrap",
    3: "Warm, and unchanged",
    4: "Peak memory, cold",
    5: "Many images in one command",
    6: "Start-up",
    0: "Compression: nothing larger than zlib's level 6 makes it",
}


def startup(options):
    """Start-up alone, many times, and the program's size."""
    program = str(compare.PROGRAM)
    with measuring.Noise() as noise:
        results = measuring.measure([measuring.Contender("version", [program, "--version"])], options.rounds * 15)
    stripped = options.folder / "dhi-compose.stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    size = stripped.stat().st_size
    stripped.unlink()
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True).stdout.count("=>")
    wall = results.median("version", "wall")
    return {
        "kind": "start-up", "rounds": options.rounds * 15, "size": os.path.getsize(program), "stripped": size,
        "libraries": libraries, "results": results.record(), "noise": noise.record(), "noise_text": noise.text(),
        "machine": measuring.machine([("dhi-compose", [program, "--version"])]),
        "promises": [{"limit": 6, "what": "--version: wall", "value": wall, "bound": 0.015, "unit": "s"}]}


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
            if not STAGES.exists():
                raise Failure(f"{STAGES}: no such program; swift build -c release --package-path Benchmarks")
            answer = subprocess.run([STAGES, f"--runs={options.rounds}", folder], capture_output=True, text=True,
                                    env={**os.environ, "TMPDIR": str(compare.SCRATCH)})
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
            row += [f"{stage['cpu'] * 1000:.2f} ms", f"{stage['wall'] * 1000:.2f} ms"] if stage else ["", ""]
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
    if name == "compression":
        return compression.measure(rounds_options(compression, options, ["--runs", "1" if quick else "3"]))
    if name == "memory":
        return memory.measure(rounds_options(memory, options, ["--rounds", "1" if quick else "2"]))
    if name == "growth":
        words = ["--rounds", "1", "--images", "1", "3", "5"] if quick else ["--rounds", "3"]
        return growth.grow(rounds_options(growth, options, words))
    return compare.compare(rounds_options(
        compare, options, ["--rounds", str(options.rounds), name.removeprefix("compare-")]))


TEXTS = {"start-up": startup_text, "stages": stages_text, "compression": compression.text, "memory": memory.text,
         "growth": growth.text, "compare": compare.text}
TITLES = {"start-up": "Start-up", "stages": "Stages, each by itself on one thread", "compression": "Compression",
          "memory": "Memory", "growth": "Growth", "compare": "Whole builds"}


def promised(records):
    """Each limit with the bounds that belong to it, and whether they are kept."""
    tables, missed, count = [], [], 0
    for limit, title in LIMITS.items():
        rows = []
        for record in records:
            for promise in record["promises"]:
                if promise["limit"] != limit:
                    continue
                where = record.get("set", "")
                what = f"{where}, {promise['what']}" if where else promise["what"]
                kept = promise["value"] <= promise["bound"]
                rows.append([what, compare.amount(promise["value"], promise["unit"]),
                             "≤ " + compare.amount(promise["bound"], promise["unit"]), "yes" if kept else "**no**"])
                if not kept:
                    missed.append(f"- {what}: {rows[-1][1]}, bound {rows[-1][2]}")
        if rows:
            tables.append(f"{title}:\n\n" + table(rows, ["", "measured", "bound", "kept"]))
            count += len(rows)
    loud = [name for name, record in named(records) if record["noise"]["loud"]]
    parts = [f"{count - len(missed)} of {count} bounds are kept." + (" Missed:" if missed else "")]
    if missed:
        parts.append("\n".join(missed))
    if loud:
        parts.append(f"**Others used the machine meanwhile: judge nothing by the wall times of {', '.join(loud)}.**")
    return "\n\n".join(parts + tables)


def named(records):
    for record in records:
        yield TITLES[record["kind"]] + (f": {record['set']}" if "set" in record else ""), record


def commit():
    """The commit that lies there, which the program was built from unless DHI_COMPOSE names another."""
    answer = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def write(records, options):
    machine = records[0]["machine"]
    versions = {name: words for record in records for name, words in record["machine"]["versions"].items()}
    dates = sorted(record["machine"]["date"] for record in records)
    lines = [
        "# Results", "",
        "Written by `Benchmarks/run-all.py`; see [README.md](README.md) for what is measured and how.", "",
        f"- Date: {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else ""),
        f"- Machine: {machine['processor']}, {machine['processors']} processors, {machine['memory'] / 2**30:.0f} GiB of "
        f"memory, Linux {machine['kernel']}, {machine['system']}",
        f"- Commit: {records[0]['commit']}",
        "- Versions: " + "; ".join(f"{name}: {words}" for name, words in versions.items()),
        "- What others took of the processors meanwhile: "
        + "; ".join(f"{name}: {record['noise']['foreign_processors']:.2f}" for name, record in named(records)), "",
        "## What is promised", "", promised(records), ""]
    for title, record in named(records):
        words = TEXTS[record["kind"]](record)
        if record["kind"] == "compare":
            # Its bounds stand above.
            *parts, _, commands = words.split("\n\n")
            words = "\n\n".join(parts)
            words += "\n\nThe command lines:\n\n```\n" + commands + "\n```"
        lines += [f"## {title}", "", words, ""]
        if record["kind"] == "growth":
            lines += [f"![{plot.title}](plots/{name})" for name, plot in growth.plots(record).items()] + [""]
            (options.page.parent / "plots").mkdir(exist_ok=True)
            for name, plot in growth.plots(record).items():
                (options.page.parent / "plots" / name).write_text(plot.svg())
    options.page.write_text("\n".join(lines))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of everything, written elsewhere")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", default=NAMES,
                        help="of " + ", ".join(NAMES))
    parser.add_argument("--write-only", action="store_true")
    options = parser.parse_args()
    options.rounds = 1 if options.quick else 7
    options.folder = RESULTS / "quick" if options.quick else RESULTS
    options.page = (options.folder if options.quick else HERE) / "RESULTS.md"
    return options


def main():
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    failures = []
    if not options.write_only:
        subprocess.run([HERE / "make-mirror.py"], check=True, stdout=sys.stderr)
        for name in options.only:
            try:
                record = {**measured(name, options), "commit": commit()}
            except Failure as failure:
                failures.append(f"{name}: {failure}")
                say(failures[-1])
                continue
            (options.folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
            say(f"{name}: done after {time.monotonic() - started:.0f} s; {record['noise_text']}")
    paths = [options.folder / f"{name}.json" for name in NAMES]
    records = [json.loads(path.read_text()) for path in paths if path.exists()]
    if not records:
        sys.exit("nothing was measured yet")
    write(records, options)
    print(options.page)
    if failures:
        sys.exit("RESULTS.md holds earlier numbers, or none, of what failed:\n" + "\n".join(failures))


if __name__ == "__main__":
    main()
