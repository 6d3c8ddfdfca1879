"""`python -m tests.mutants.hunt`: small random changes of the code, each of which some test should find out.

The same seed makes the same changes. Each is applied in a copy of the project and tried without compiling, which takes
seconds: a change of the rules with the recorded campaigns first, then each with the tests named after its module, and
with more of the suite, as far as they are short. What survives is tried again at the end, with compiled rules and all
tests of its folders, which takes minutes. The first failure ends it, if that test passes without the change. What
survives both either changes nothing that can be seen, or shows which test is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Generator, Mapping
from typing import Any, NamedTuple

import pytest

from tests.mutants.sites import Site, files_of, is_another_program, sites

ROOT = pathlib.Path(__file__).parents[2]
STRATA: dict[str, tuple[float, tuple[str, ...]]] = {
    "rules": (0.55, ("rules", "bookkeeping")),
    "answers": (0.25, ("outcomes", "statistics", "study")),
    "engine": (0.20, ("engine", "ensemble", "world")),
}
"""Share of the changes by group of packages."""
LONGEST = 8.0
"""Seconds after which a test without compiling is not waited for."""
FIRST = 40.0
"""Seconds for the tests of a file, when they are tried without a change."""
MOST = 90.0
"""Seconds for the tests of a folder with a change."""
COMPILED = 900.0
"""Seconds for all tests of one change with compiled rules."""
CRASHED = "the process crashed"
RECORDED = "verification/test_baseline.py"
"""Finds out most changes of the rules, and of what plays them, in seconds."""
ALSO: dict[str, tuple[str, ...]] = {
    "bookkeeping": ("rules", "properties", "verification"),
    "rules": ("rules", "properties", "verification"),
    "engine": ("engine", "session", "adapters", "ensemble", "rules", "properties", "verification"),
    "ensemble": ("ensemble", "study", "cli"),
    "outcomes": ("outcomes", "ensemble", "study"),
    "statistics": ("statistics", "study", "ensemble"),
    "study": ("study", "cli"),
    "world": ("world", "scenario", "rules", "properties", "verification"),
}
"""Where tests of a package stand, nearest first, besides the folder of its own name."""


class Verdict(NamedTuple):
    """What became of a change: `killed` by a test, or `survived` so many of them."""

    site: Site
    fate: str
    seconds: float
    by: str


def chosen(root: pathlib.Path, seed: int, count: int) -> list[Site]:
    """So many changes: each group of packages its share, each kind of change alike."""
    rng = random.Random(seed)
    found: list[Site] = []
    for share, packages in STRATA.values():
        by_operator: dict[str, list[Site]] = {}
        for package in packages:
            for file in files_of(root, package):
                for site in sites(root, file):
                    by_operator.setdefault(site.operator, []).append(site)
        taken: set[tuple[str, int]] = set()
        while len(taken) < round(share * count):
            pool = by_operator[rng.choice(sorted(by_operator))]
            if not pool:
                continue
            site = pool.pop(rng.randrange(len(pool)))
            if (site.file, site.start) not in taken and is_another_program(root, site):
                taken.add((site.file, site.start))
                found.append(site)
    rng.shuffle(found)
    return found


class Watch:
    """A pytest plugin: keeps the wanted tests, the short ones first, skips what takes too long, notes what fails."""

    def __init__(self, seconds: Mapping[str, float] | None = None, most: float = MOST) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + most
        self.failed, self.message = "", ""
        self.passed: dict[str, float] = {}
        self.late: list[str] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self.seconds is not None:
            seconds = self.seconds
            items[:] = sorted((item for item in items if item.nodeid in seconds), key=lambda item: seconds[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Generator[None, Any, Any]:
        if time.monotonic() > self.ends:
            pytest.exit("no time for more", returncode=0)
        signal.signal(signal.SIGALRM, lambda *_: self._over(item.nodeid))
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.outcome == "failed" and not self.failed:
            said = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
            self.failed, self.message = report.nodeid, said[0].strip()[:100] if said else ""
        elif report.when == "call" and report.outcome == "passed":
            self.passed[report.nodeid] = report.duration

    def _over(self, test: str) -> None:
        self.late.append(test)
        pytest.skip(f"over {LONGEST} s")


def copy_of(folder: pathlib.Path) -> pathlib.Path:
    """A copy of the project that may be changed."""
    root = folder / "project"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "__pycache__", "results", "*.png", "site"))
    return root


def in_child(root: pathlib.Path, arguments: list[str], watch: Watch) -> dict[str, Any]:
    """What pytest comes to in a forked child that has numpy and the like already, but none of our code."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.chdir(root)
        sys.dont_write_bytecode = True  # two changes of one length in one second would be taken for one
        sys.path[:] = [str(root), *(path for path in sys.path if pathlib.Path(path or ".").resolve() != ROOT)]
        for name in [name for name in sys.modules if name.split(".")[0] in ("sim", "tests", "tools", "benchmarks")]:
            del sys.modules[name]
        code = 99
        try:
            code = int(pytest.main(["-q", "--tb=short", "-p", "no:cacheprovider", *arguments], plugins=[watch]))
        finally:
            kept = ("failed", "message", "passed", "late")
            answer = {"code": code} | {name: getattr(watch, name) for name in kept}
            with os.fdopen(write, "w") as out:
                out.write(json.dumps(answer))
            os._exit(0)
    os.close(write)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(pid, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, watch.ends - time.monotonic() + LONGEST)
    try:
        with os.fdopen(read) as source:
            text = source.read()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # also what its tests have started and left
        os.waitpid(pid, 0)
    return dict(json.loads(text)) if text else {"code": 98, "failed": "", "message": "", "passed": {}, "late": []}


def folders_for(site: Site) -> list[str]:
    """Where the tests of a change stand, nearest first."""
    package = pathlib.Path(site.file).parts[1]
    return list(dict.fromkeys((package, *ALSO.get(package, ()))))


class Judge:
    """Tries changes in a copy of the project; a test that fails without any change kills none."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.seconds: dict[str, dict[str, float]] = {}

    def known(self, where: str) -> dict[str, float]:
        """Seconds of the tests of a file or folder that pass in time without a change. They are tried once."""
        if where not in self.seconds:
            self.seconds[where] = {}
            path = self.root / "tests" / where
            for file in sorted(path.rglob("test_*.py")) if path.is_dir() else [path]:
                # Each file for itself: one that ends its process, or takes long, costs its own tests only.
                found = in_child(self.root, [str(file.relative_to(self.root))], Watch(most=FIRST))
                self.seconds[where] |= found["passed"]
        return self.seconds[where]

    def changed(self, site: Site, tests: Collection[str], watch: Watch) -> dict[str, Any]:
        """What tests come to with a change."""
        path = self.root / site.file
        raw = path.read_bytes()
        site.apply(self.root)
        try:
            return in_child(self.root, ["-x", *tests], watch)
        finally:
            path.write_bytes(raw)

    def judge(self, site: Site) -> Verdict:
        """Tries one change, until a test finds it out."""
        seconds, tried = 0.0, set[str]()
        for where in self.order_for(site):
            tests = {test: took for test, took in self.known(where).items() if test not in tried}
            if not tests:
                continue
            tried.update(tests)
            verdict = self.judge_by(site, tests)
            seconds += verdict.seconds
            if verdict.fate == "killed":
                return verdict._replace(seconds=seconds)
        return Verdict(site, "survived", seconds, "")

    def order_for(self, site: Site) -> list[str]:
        """Files and folders of tests: the recorded campaigns, those named after the module, then by folder."""
        folders, tests = folders_for(site), self.root / "tests"
        near = [
            str(file.relative_to(tests))
            for folder in folders
            for file in (tests / folder).rglob(f"test_{pathlib.Path(site.file).stem}.py")
        ]
        return [*([RECORDED] if "verification" in folders else []), *near, *folders]

    def judge_by(self, site: Site, seconds: Mapping[str, float]) -> Verdict:
        """Tries one change with tests whose seconds are known."""
        began = time.monotonic()
        found = self.changed(site, dict.fromkeys(test.split("::")[0] for test in seconds), Watch(seconds))
        if found["failed"]:
            return Verdict(site, "killed", time.monotonic() - began, f"{found['failed']}: {found['message']}")
        # A test that is soon over without the change, and not with it, has found it out too.
        for test in found["late"]:
            if seconds[test] < LONGEST / 4 and self.changed(site, [test], Watch())["late"]:
                return Verdict(site, "killed", time.monotonic() - began, f"{test}: over {LONGEST} s")
        survived = found["code"] in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        how = ("survived", "") if survived else ("killed", "no test could run")
        return Verdict(site, how[0], time.monotonic() - began, how[1])


class CompiledJudge:
    """Tries changes in a copy of the project with compiled rules, and all tests of their folders."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.anyhow: set[str] = set()
        """Tests that fail without a change too."""

    def judge(self, site: Site) -> Verdict:
        """Tries one change."""
        began = time.monotonic()
        while failed := self._first_failure(site, self._files(site)):
            if failed == CRASHED or not self._first_failure(None, [failed]):
                return Verdict(site, "killed", time.monotonic() - began, failed)
            self.anyhow.add(failed)
        return Verdict(site, "survived", time.monotonic() - began, "")

    def _files(self, site: Site) -> list[str]:
        """The files of tests, those named after the module first, then by folder."""
        name = f"test_{pathlib.Path(site.file).stem}.py"
        files = [
            file for folder in folders_for(site) for file in sorted((self.root / "tests" / folder).rglob("test_*.py"))
        ]
        return [str(file.relative_to(self.root)) for file in sorted(files, key=lambda file: file.name != name)]

    def _first_failure(self, site: Site | None, tests: list[str]) -> str:
        """The first test that fails, with a change or without; "" if none does in time."""
        skipped = [f"--deselect={test}" for test in self.anyhow]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *tests, *skipped]
        path = self.root / site.file if site else self.root
        raw = path.read_bytes() if site else b""
        environment = os.environ | {"NUMBA_DISABLE_JIT": "0", "PYTHONPATH": str(self.root)}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        if site:
            site.apply(self.root)
        try:
            running = subprocess.Popen(
                command, cwd=self.root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            try:
                said, _ = running.communicate(timeout=COMPILED)
            except subprocess.TimeoutExpired:
                return ""
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
                running.wait()
        finally:
            if site:
                path.write_bytes(raw)
        if running.returncode < 0:
            return CRASHED
        found = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
        return found[1] if found else ""


def main() -> int:
    """Tries the changes and lists those that survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.hunt", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--shard", default="0/1", metavar="K/N")
    parser.add_argument("--match", default="", help="only changes of files whose path this expression finds")
    asked = parser.parse_args()
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    import numba  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pydantic  # noqa: F401
    import scipy.sparse.csgraph
    import scipy.stats  # noqa: F401

    shard, shards = map(int, asked.shard.split("/"))
    fates = Counter[str]()
    survivors = []
    with tempfile.TemporaryDirectory(prefix="hunt-") as folder:
        root = copy_of(pathlib.Path(folder))
        os.environ["ORONTES_CACHE"] = f"{folder}/cache"
        changes = [
            (number, site)
            for number, site in enumerate(chosen(root, asked.seed, asked.count))
            if number % shards == shard and re.search(asked.match, site.file)
        ]
        doubtful = []
        judge, compiled = Judge(root).judge, CompiledJudge(root).judge
        for number, site in changes:
            verdict = judge(site)
            if verdict.fate == "survived":
                doubtful.append((number, site))
            else:
                fates[verdict.fate] += 1
            print(_line(number, verdict), flush=True)
        for number, site in doubtful:
            verdict = compiled(site)
            fates[verdict.fate] += 1
            survivors += [verdict] if verdict.fate == "survived" else []
            print(_line(number, verdict), "with compiled rules", flush=True)
    print(f"\n{dict(fates)} of seed {asked.seed}")
    for verdict in survivors:
        print(f"survived: {verdict.site}")
    return 0


def _line(number: int, verdict: Verdict) -> str:
    return f"{number:>4} {verdict.fate:<9}{verdict.seconds:>6.0f} s  {verdict.site}  {verdict.by}"


if __name__ == "__main__":
    sys.exit(main())
