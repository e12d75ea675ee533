#!/usr/bin/python3
"""How long the resolver takes, beside apt, on one machine in one run, from the same index files.

    Benchmarks/compare-with-apt.py [--rounds N] [--packages FILE...] [NAME...]

Each round runs every program once, the next round in the opposite order, so that what else the machine does strikes all
alike. Printed are medians of user plus system time (of all threads), of elapsed time, and the greatest peak of
resident memory; then what share of apt's time ours is. apt has a root of its own: no status, no settings of the
machine, lists made of the files by `apt-get update`, its binary cache warm or removed before each run.

First build both: swift build -c release --product dhi-compose; swift build -c release --package-path Benchmarks
Needs apt-get, and xz where the files are .xz.
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent
RECORDED = PROJECT.parent / "shared/data/oracles/apt/index/bookworm-amd64"
# Of the recorded hard sets, the one that takes our search longest.
HARDEST = "libcexceptions0 gnome"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", nargs="+", metavar="FILE", help="Packages files, plain or .xz")
    parser.add_argument("--arch", default="amd64")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--hard", default=HARDEST, help="a second set, for the search alone")
    parser.add_argument("--program", default=str(PROJECT / ".build/release/dhi-compose"))
    parser.add_argument("--benchmark", default=str(PROJECT / "Benchmarks/.build/release/resolve-benchmark"))
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    options.names = options.names or ["python3"]
    options.packages = options.packages or [
        str(RECORDED / f"{suite}.Packages.xz") for suite in ("main", "updates", "security")]
    for path in options.packages:
        if not os.path.exists(path):
            parser.error(f"{path}: no such file; name Packages files with --packages")
    if not shutil.which("apt-get"):
        parser.error("apt-get: not found; this compares with apt")
    return options


def decompress(source, target):
    """In a process of its own: the peak of a child's memory counts its parent's at the time of its start."""
    with open(target, "wb") as file:
        subprocess.run(["xz" if source.endswith(".xz") else "cat", *(["-dc"] if source.endswith(".xz") else []), source],
                       stdout=file, check=True)


def digest(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
    return found.hexdigest()


class Apt:
    """apt on a root of its own, with a local archive for each file."""

    def __init__(self, folder, files, architecture):
        self.cache = folder / "cache"
        for part in ("cache/archives/partial", "state/lists/partial", "etc/preferences.d", "etc/apt.conf.d", "log"):
            (folder / part).mkdir(parents=True)
        (folder / "status").touch()
        sources = []
        for number, file in enumerate(files):
            archive = folder / f"archive{number}"
            archive.mkdir()
            os.link(file, archive / "Packages")
            size = os.path.getsize(file)
            (archive / "Release").write_text(
                f"Suite: suite{number}\nCodename: suite{number}\nDate: {time.strftime('%a, %d %b %Y %H:%M:%S UTC', time.gmtime())}\n"
                f"SHA256:\n {digest(file)} {size} Packages\n")
            sources.append(f"deb [trusted=yes] file:{archive} ./\n")
        (folder / "etc/sources.list").write_text("".join(sources))
        config = folder / "apt.conf"
        config.write_text(
            f'Dir "{folder}"; Dir::State "{folder}/state"; Dir::State::status "{folder}/status";\n'
            f'Dir::Cache "{folder}/cache"; Dir::Log "{folder}/log"; Dir::Etc "{folder}/etc";\n'
            'Dir::Bin::methods "/usr/lib/apt/methods"; Dir::Bin::dpkg "/usr/bin/dpkg";\n'
            f'APT::Architecture "{architecture}"; APT::Architectures {{ "{architecture}"; }};\n'
            'APT::Install-Recommends "false"; APT::Sandbox::User "root"; Acquire::Languages "none";\n'
            'Debug::NoLocking "true";\n')
        self.environment = dict(os.environ, APT_CONFIG=str(config), LC_ALL="C")
        update = subprocess.run(["apt-get", "update"], env=self.environment, capture_output=True, text=True)
        if update.returncode:
            sys.exit(f"apt-get update: {update.stdout}{update.stderr}")

    def forget(self):
        for name in ("pkgcache.bin", "srcpkgcache.bin"):
            (self.cache / name).unlink(missing_ok=True)

    @staticmethod
    def answer(output):
        return sorted(f"{name}={version}" for name, version in re.findall(r"^Inst (\S+) \((\S+)", output, re.M))


class Contender:
    def __init__(self, name, command, environment, before=None):
        self.name, self.command, self.environment, self.before = name, command, environment, before
        self.processor, self.elapsed, self.memory = [], [], 0
        self.output = ""

    def run(self, folder):
        if self.before:
            self.before()
        with open(folder / "output", "w+", encoding="utf8") as output:
            started = time.monotonic()
            process = subprocess.Popen(self.command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            self.elapsed.append(time.monotonic() - started)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.output = output.read()
        if process.returncode:
            sys.exit(f"{' '.join(self.command)} ended with {process.returncode}: {self.output}")
        self.processor.append(usage.ru_utime + usage.ru_stime)
        self.memory = max(self.memory, usage.ru_maxrss)

    def line(self):
        processor, elapsed = statistics.median(self.processor), statistics.median(self.elapsed)
        return f"{self.name:<34} {processor * 1000:9.1f} ms {elapsed * 1000:9.1f} ms {self.memory / 1024:8.1f} MiB"


def inside(options, files, rounds, apt_seconds):
    """The parts of our work, as the Benchmarks executable measures them in its own process."""
    if not os.access(options.benchmark, os.X_OK):
        print(f"{options.benchmark}: not built; the parts of our work are left out")
        return
    for label, words in (
            ("parse", ["parse", *files]), ("load", ["load", *files]),
            ("solve " + " ".join(options.names), ["solve", *files, "--", *options.names]),
            ("solve " + options.hard, ["solve", *files, "--", *options.hard.split()])):
        run = subprocess.run([options.benchmark, f"--runs={rounds}", *words], capture_output=True, text=True)
        line = next(iter(run.stdout.splitlines()), run.stderr.strip())
        share = re.search(r"([\d.]+) ms user\+system", line)
        text = f", {float(share[1]) / 10 / apt_seconds:.1f} % of apt warm" if share else ""
        print(f"{label}: {line.partition(': ')[2] or line}{text}")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="compare-with-apt-") as name:
        folder = pathlib.Path(name)
        files = []
        for number, path in enumerate(options.packages):
            files.append(str(folder / f"{number}.Packages"))
            decompress(path, files[-1])
        (folder / "apt").mkdir()
        apt = Apt(folder / "apt", files, options.arch)
        store = folder / "store"
        environment = dict(os.environ, XDG_CACHE_HOME=str(store))
        ours = [options.program, "resolve", "--packages", *files, "--arch", options.arch, *options.names]
        theirs = ["apt-get", "-s", "-q", "install", *options.names]
        contenders = [
            Contender("dhi-compose resolve, empty store", ours, environment, lambda: shutil.rmtree(store, True)),
            Contender("dhi-compose resolve, warm", ours, environment),
            Contender("apt-get -s, warm", theirs, apt.environment),
            Contender("apt-get -s, no binary cache", theirs, apt.environment, apt.forget),
        ]
        print(f"{' '.join(options.names)}; {os.cpu_count()} processors, load {' '.join(f'{l:.2f}' for l in os.getloadavg())}")
        subprocess.run(ours, env=environment, stdout=subprocess.DEVNULL, check=True)
        for number in range(options.rounds):
            for contender in contenders[:: -1 if number % 2 else 1]:
                contender.run(folder)
        cold, warm, apt_warm, apt_cold = contenders
        print(f"{'median of ' + str(options.rounds):<34} {'user+system':>12} {'elapsed':>12} {'peak memory':>12}")
        for contender in contenders:
            print(contender.line())

        def share(one, other):
            return 100 * statistics.median(one.processor) / statistics.median(other.processor)

        print(f"ours warm is {share(warm, apt_warm):.1f} % of apt's warm; ours cold is {share(cold, apt_cold):.1f} % of apt's cold "
              f"(user+system)")
        answer = sorted(line.split(" ")[0] for line in warm.output.splitlines())
        print(f"both chose the same {len(answer)} packages" if answer == apt.answer(apt_warm.output)
              else f"the choices differ: {sorted(set(answer) ^ set(apt.answer(apt_warm.output)))}")
        inside(options, files, options.rounds, statistics.median(apt_warm.processor))
        print(f"load at the end {' '.join(f'{l:.2f}' for l in os.getloadavg())}")


main()
