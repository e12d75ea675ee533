#!/usr/bin/python3
"""Is the resolver complete and sound? Judged from outside, by a SAT solver that knows nothing of ours.

For random sets of names, the whole problem is written as clauses from Debian's own rules, and a packaged SAT solver says
whether any set of packages meets it. `dhi-compose resolve` must agree, and each set it prints must meet every clause,
with nothing in it that the request does not lead to.

    scripts/check-completeness.py                                     # the recorded index of bookworm, 500 sets
    scripts/check-completeness.py --count 50 --packages main.Packages.xz updates.Packages.xz
    scripts/check-completeness.py --sets ANSWER...                    # files whose first line is "# set: NAME ..."

Exit code: 0 where all agree, 1 where any does not. Needs python3-apt and minisat or cadical.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from debian_archive import Archive, decompressed  # noqa: E402 (leaves no __pycache__ among the scripts)

PROJECT = pathlib.Path(__file__).resolve().parent.parent
RECORDED = PROJECT.parent / "shared/data/oracles/apt/index/bookworm-amd64"
CLOSURE_TOOL = PROJECT.parent / "shared/tools/check-closure.py"

Case = collections.namedtuple("Case", "kind names")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", nargs="+", metavar="FILE", help="Packages files, plain, .xz or .gz")
    parser.add_argument("--arch", default="amd64")
    parser.add_argument("--count", type=int, default=500, help="random sets over all names (default 500)")
    parser.add_argument(
        "--contrary", type=int, default=500,
        help="random sets made of packages that lead to a conflict, for all others can nearly always be met (default 500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", nargs="+", metavar="FILE", help="take the sets from these files instead")
    parser.add_argument("--program", default=str(PROJECT / ".build/release/dhi-compose"))
    parser.add_argument("--option", action="append", default=[], help="a further option for the program")
    parser.add_argument("--solver", help="minisat or cadical (default: the first that is installed)")
    parser.add_argument("--closure-tool", default=str(CLOSURE_TOOL), help="check-closure.py, used where present")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if not options.packages:
        options.packages = [str(RECORDED / f"{suite}.Packages.xz") for suite in ("main", "updates", "security")]
    for path in options.packages:
        if not os.path.exists(path):
            parser.error(f"{path}: no such file; name Packages files with --packages")
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program}: no such program; swift build -c release --product dhi-compose")
    options.solver = shutil.which(options.solver) if options.solver else (
        shutil.which("minisat") or shutil.which("cadical"))
    if not options.solver:
        parser.error("no SAT solver; apt-get install minisat (or cadical)")
    return options


def random_sets(archive, count, generator):
    names = sorted(archive.named)
    for _ in range(count):
        yield Case("random", generator.sample(names, generator.randint(1, 3)))


def contrary_sets(archive, count, generator):
    """Two packages that exclude each other, or packages that depend on those; now and then a third."""
    names = sorted(archive.named)
    excluding = [number for number in range(len(archive.packages)) if archive.exclusions(number)]
    dependents = collections.defaultdict(set)
    for number in range(len(archive.packages)):
        for group in archive.groups(number):
            for hit in group:
                dependents[hit].add(number)

    def climbed(number):
        for _ in range(generator.choice((0, 0, 1, 1, 2))):
            above = sorted(dependents[number])
            number = generator.choice(above) if above else number
        return archive.packages[number].name

    for _ in range(count):
        first = generator.choice(excluding)
        second = generator.choice(sorted(archive.exclusions(first)))
        chosen = [climbed(first), climbed(second)]
        if generator.random() < 0.3:
            chosen.append(generator.choice(names))
        yield Case("contrary", list(dict.fromkeys(chosen)))


def recorded_sets(archive, paths):
    for path in paths:
        with open(path, encoding="utf8") as file:
            names = file.readline().partition(":")[2].split()
        unknown = [name for name in names if name not in archive.named]
        if unknown or not names:
            print(f"{path}: passed over: {' '.join(unknown) or 'no set'} is no plain name of a package")
        else:
            yield Case(os.path.basename(path), names)


class Problem:
    """A request as clauses over one variable for each package in its cone."""

    def __init__(self, archive, names):
        self.archive = archive
        self.names = names
        cone = archive.cone(names)
        self.variables = {number: variable for variable, number in enumerate(cone, 1)}
        self.clauses = [[self.variables[number] for number in archive.named[name]] for name in names]
        of_name = collections.defaultdict(list)
        pairs = set()
        for number, variable in self.variables.items():
            of_name[archive.packages[number].name].append(variable)
            for group in archive.groups(number):
                if number not in group:
                    self.clauses.append([-variable] + [self.variables[hit] for hit in sorted(group)])
            for hit in archive.exclusions(number):
                if hit in self.variables:
                    pairs.add((min(variable, self.variables[hit]), max(variable, self.variables[hit])))
        for versions in of_name.values():
            pairs.update((one, other) for at, one in enumerate(versions) for other in versions[:at])
        self.clauses += [[-one, -other] for one, other in sorted(pairs)]

    def dimacs(self):
        lines = [f"p cnf {len(self.variables)} {len(self.clauses)}"]
        lines += [" ".join(map(str, clause)) + " 0" for clause in self.clauses]
        return "\n".join(lines) + "\n"

    def faults(self, answer):
        """What is wrong with an answer, given as lines NAME=VERSION ARCH; empty where nothing is."""
        packages = self.archive.packages
        by_line = collections.defaultdict(list)
        for number in self.variables:
            package = packages[number]
            by_line[f"{package.name}={package.version} {package.architecture}"].append(number)
        strange = [line for line in answer if line not in by_line]
        if strange:
            return [f"{line} is not in the indexes, or nothing leads to it" for line in strange]
        # One version may stand in two indexes: the stanzas are then of one package file.
        members = {by_line[line][-1] for line in answer}
        taken = {self.variables[number] for number in members}
        faults = [] if len(set(answer)) == len(answer) else ["a line stands twice"]
        if answer != sorted(answer):
            faults.append("the lines are not sorted")
        for clause in self.clauses:
            if not any(literal in taken if literal > 0 else -literal not in taken for literal in clause):
                faults.append("broken: " + " or ".join(self._text(literal) for literal in clause))
        todo = [number for name in self.names for number in self.archive.named[name] if number in members]
        reached = set(todo)
        while todo:
            for hit in set().union(*self.archive.groups(todo.pop())) & members - reached:
                reached.add(hit)
                todo.append(hit)
        return faults + [f"nothing leads to {packages[number].name}" for number in sorted(members - reached)]

    def _text(self, literal):
        for number, variable in self.variables.items():
            if variable == abs(literal):
                package = self.archive.packages[number]
                return ("" if literal > 0 else "not ") + f"{package.name}={package.version}"
        return str(literal)


def satisfiable(solver, problem, folder):
    handle, path = tempfile.mkstemp(".cnf", dir=folder)
    with os.fdopen(handle, "w") as file:
        file.write(problem.dimacs())
    code = subprocess.run([solver, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    os.unlink(path)
    if code not in (10, 20):
        raise RuntimeError(f"{solver}: ended with {code}; expected 10 (satisfiable) or 20")
    return code == 10


def judge(case, archive, files, options, folder):
    """(case, the SAT solver's verdict, ours or None, answer, faults, seconds)"""
    started = time.monotonic()
    command = [options.program, "resolve", "--packages", *files, "--arch", options.arch, *options.option]
    environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, "cache"))
    run = subprocess.run([*command, *case.names], capture_output=True, text=True, env=environment)
    taken = time.monotonic() - started
    problem = Problem(archive, case.names)
    expected = satisfiable(options.solver, problem, folder)
    ours = {0: True, 3: False}.get(run.returncode)
    answer = run.stdout.splitlines() if ours else []
    faults = problem.faults(answer) if ours else []
    if ours is None:
        faults = [f"the program ended with {run.returncode}: {run.stderr.strip()}"]
    if ours is False and not run.stderr.strip():
        faults = ["refused without a word"]
    if answer and not expected:
        faults.append("an answer where the encoding has none")
    return case, expected, ours, answer, faults, taken


def check_closures(tool, files, answers, folder):
    """The lines of check-closure.py that find fault, over all answers at once."""
    paths = []
    for number, (names, answer) in enumerate(answers):
        paths.append(os.path.join(folder, f"{number}.answer"))
        with open(paths[-1], "w", encoding="utf8") as file:
            file.write("\n".join([f"# set: {' '.join(names)}", *answer]) + "\n")
    run = subprocess.run([sys.executable, tool, *files, "--", *paths], capture_output=True, text=True)
    lines = run.stdout.splitlines()
    if len(lines) != len(paths):
        return [f"{tool}: {run.stderr.strip()}"]
    return [
        f"{' '.join(names)}: {line.split(' ', 1)[1]}"
        for line, (names, _) in zip(lines, answers) if not line.endswith(" sound")]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="completeness-") as folder:
        files = []
        for number, path in enumerate(options.packages):
            files.append(os.path.join(folder, f"{number}.Packages"))
            pathlib.Path(files[-1]).write_bytes(decompressed(path))
        archive = Archive(files, options.arch)
        print(f"{len(archive.packages)} packages for {options.arch}; seed {options.seed}; {options.solver}", flush=True)
        generator = random.Random(options.seed)
        if options.sets:
            cases = list(recorded_sets(archive, options.sets))
        else:
            cases = list(random_sets(archive, options.count, generator))
            cases += contrary_sets(archive, options.contrary, generator)
        counts = collections.Counter()
        bad = 0
        answers = []
        slowest = (0, "")
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            work = [pool.submit(judge, case, archive, files, options, folder) for case in cases]
            for future in work:
                case, expected, ours, answer, faults, taken = future.result()
                kind = case.kind if not options.sets else "recorded"
                if sum(counts.values()) % 100 == 99:
                    print(f"{sum(counts.values()) + 1} of {len(cases)} sets, {bad} differences", file=sys.stderr)
                counts[kind, expected] += 1
                slowest = max(slowest, (taken, " ".join(case.names)))
                if ours:
                    answers.append((case.names, answer))
                if options.sets:
                    print(f"{case.kind}: {word(expected)}: {' '.join(case.names)}")
                if ours != expected or faults:
                    bad += 1
                    print(f"DIFFERS ({case.kind}): {' '.join(case.names)}: the SAT solver says {word(expected)}, "
                          f"the program {word(ours)}; {'; '.join(faults[:5])}", flush=True)
        for kind in sorted({kind for kind, _ in counts}):
            print(f"{kind}: {counts[kind, True]} solvable, {counts[kind, False]} not")
        print(f"slowest: {slowest[0]:.2f} s for {slowest[1]}")
        if os.path.exists(options.closure_tool):
            found = check_closures(options.closure_tool, files, answers, folder)
            bad += len(found)
            for line in found:
                print(f"DIFFERS (closure): {line}")
            print(f"check-closure.py: {len(answers) - len(found)} of {len(answers)} answers sound, nothing unreachable")
        print(f"{len(cases)} sets, {bad} differences")
    sys.exit(bool(bad))


def word(verdict):
    return {True: "solvable", False: "unsolvable", None: "failed"}[verdict]


main()
