"""Runs commands in turn and measures them: wall time, processor time with that of all descendants, peak memory."""

import dataclasses
import datetime
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time


class Failure(Exception):
    """What ends a benchmark, said for a person."""


@dataclasses.dataclass
class Run:
    """One run. Times in seconds; `peak` in bytes, of the biggest process."""

    wall: float
    user: float
    system: float
    peak: int

    @property
    def cpu(self):
        return self.user + self.system


@dataclasses.dataclass
class Contender:
    """A command to measure. `prepare` is called before each run and not measured."""

    name: str
    command: list
    prepare: object = None
    directory: str = None
    what: str = ""

    def text(self):
        return shlex.join(self.command)


class Results:
    """The runs of each contender."""

    def __init__(self):
        self.runs = {}

    def add(self, name, run):
        self.runs.setdefault(name, []).append(run)

    def median(self, name, field):
        return statistics.median(getattr(run, field) for run in self.runs[name])

    def least(self, name, field):
        return min(getattr(run, field) for run in self.runs[name])

    def most(self, name, field):
        return max(getattr(run, field) for run in self.runs[name])

    def record(self):
        """For JSON."""
        return {
            name: {
                "runs": [dataclasses.asdict(run) for run in runs],
                "median": {field: self.median(name, field) for field in ("wall", "cpu", "user", "system", "peak")},
            }
            for name, runs in self.runs.items()}


def run(command, directory=None):
    """Runs a command to its end, its standard output thrown away, and measures it with all its descendants.

    Its peak counts this process's own at the time of the start, which is small: keep it so.
    """
    with open(os.devnull, "r+b") as null, open(error_path(), "w+b") as errors:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=directory, stdin=null, stdout=null, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            words = errors.read().decode(errors="replace").strip()[-2000:]
            raise Failure(f"{shlex.join(command)}: exit status {child.returncode}\n{words}")
    return Run(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * 1024)


def error_path():
    return f"/tmp/dhi-compose-benchmark-errors.{os.getpid()}"


def measure(contenders, rounds, say=None):
    """Runs every contender once to warm the page cache, then `rounds` times in turn, every other round backwards, so
    that what else the machine does strikes all alike."""
    results = Results()
    try:
        for number in range(-1, rounds):
            for contender in contenders if number % 2 else reversed(contenders):
                if contender.prepare:
                    contender.prepare()
                measured = run(contender.command, contender.directory)
                if number >= 0:
                    results.add(contender.name, measured)
            if say:
                say(f"round {number + 1} of {rounds}" if number >= 0 else "warm-up")
    finally:
        if os.path.exists(error_path()):
            os.unlink(error_path())
    return results


class Noise:
    """How much of the processors others took, or a hypervisor withheld, while a block ran.

    Load averages count our own work too. Source: proc(5), /proc/stat, in 1/100 s.
    """

    LOUD = 0.15

    def __enter__(self):
        self.load_before = os.getloadavg()[0]
        self.start = time.perf_counter()
        self.busy_before = busy_seconds()
        self.own_before = own_seconds()
        return self

    def __exit__(self, *_):
        elapsed = time.perf_counter() - self.start
        own = own_seconds() - self.own_before
        self.foreign = max(0.0, busy_seconds() - self.busy_before - own) / elapsed
        self.load_after = os.getloadavg()[0]

    @property
    def is_loud(self):
        return self.foreign > self.LOUD

    def record(self):
        return {"load_before": self.load_before, "load_after": self.load_after,
                "foreign_processors": self.foreign, "loud": self.is_loud}

    def text(self):
        words = (f"load {self.load_before:.2f} before, {self.load_after:.2f} after; "
                 f"others took {self.foreign:.2f} of {os.cpu_count()} processors")
        return words + ("; LOUD: judge nothing by these wall times" if self.is_loud else "")


def busy_seconds():
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, interrupt, soft, stolen = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupt + soft + stolen) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def machine(programs=()):
    """What a result depends on besides the programs measured."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    memory = next(int(line.split()[1]) * 1024 for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    release = {}
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        pass
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": model, "processors": len(os.sched_getaffinity(0)), "memory": memory,
        "kernel": platform.release(), "system": release.get("PRETTY_NAME", platform.system()),
        "versions": {name: version(command) for name, command in programs},
    }


def version(command):
    """The first line that a program says of its version."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except OSError:
        return "not found"
    return ((answer.stdout or answer.stderr).strip().splitlines() or ["?"])[0]


def say(words):
    print(words, file=sys.stderr, flush=True)


def table(rows, header):
    """Rows of words as Markdown, the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(row):
        cells = [word.ljust(width) if number == 0 else word.rjust(width)
                 for number, (word, width) in enumerate(zip(row, widths))]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join(("-" * (width + 1) + (":" if number else "-")) for number, width in enumerate(widths)) + "|"
    return "\n".join([line(header), rule, *map(line, rows)])


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def megabytes(value):
    return f"{value / 1e6:.0f} MB"


def report(options, measure, text):
    """Measures, prints what came out, and keeps it as JSON where `--json` says so; ends with what made it fail."""
    try:
        record = measure(options)
    except Failure as failure:
        sys.exit(str(failure))
    print(text(record))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(record, indent=1) + "\n")
    return record
