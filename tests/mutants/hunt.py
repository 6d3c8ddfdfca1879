"""`python -m tests.mutants.hunt`: small random changes of the code, each of which some test should find out.

The same seed makes the same changes. Each is applied in a copy of the project and tried without compiling: with the
tests named after its module first, then with more of the suite. The first failure ends it. What survives either changes
nothing that can be seen, or shows which test is missing.
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
import sys
import tempfile
import time
from collections import Counter
from typing import Any, NamedTuple

from tests.mutants.sites import Site, files_of, is_another_program, sites

ROOT = pathlib.Path(__file__).parents[2]
STRATA: dict[str, tuple[float, tuple[str, ...]]] = {
    "rules": (0.55, ("rules", "bookkeeping")),
    "answers": (0.25, ("outcomes", "statistics", "study")),
    "engine": (0.20, ("engine", "ensemble", "world")),
}
"""Share of the changes by group of packages."""
LONGEST = 12.0
"""Seconds after which a test without compiling is not waited for."""
MOST = 240.0
"""Seconds for all tests of one change."""
ALSO: dict[str, tuple[str, ...]] = {
    "bookkeeping": ("rules", "properties", "verification"),
    "rules": ("rules", "properties", "verification"),
    "engine": ("engine", "ensemble", "rules", "properties"),
    "ensemble": ("ensemble", "study", "cli"),
    "outcomes": ("outcomes", "ensemble", "study"),
    "statistics": ("statistics", "study", "ensemble"),
    "study": ("study", "cli"),
    "world": ("world", "scenario", "rules", "properties", "verification"),
}
"""Where tests of a package stand, nearest first, besides the folder of its own name."""
NEVER = ("torture", "mutants", "benchmarks", "tools", "test_docs", "test_contributing", "test_examples", "plots")


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


class Clock:
    """A pytest plugin: notes how long tests take, and breaks off what takes too long."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.failed = ""
        self.bad: set[str] = set()

    def pytest_runtest_setup(self, item: Any) -> None:
        signal.signal(signal.SIGALRM, self._over)
        signal.setitimer(signal.ITIMER_REAL, LONGEST)

    def pytest_runtest_teardown(self, item: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.outcome != "passed":
            self.bad.add(report.nodeid)
        if report.outcome == "failed" and not self.failed:
            said = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
            self.failed = f"{report.nodeid}: {said[0].strip()[:100] if said else ''}"

    def _over(self, *_: object) -> None:
        raise TimeoutError(f"over {LONGEST} s")


class Order:
    """A pytest plugin: keeps the wanted tests, in the wanted order."""

    def __init__(self, wanted: list[str]) -> None:
        self.rank = {name: at for at, name in enumerate(wanted)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted((item for item in items if item.nodeid in self.rank), key=lambda i: self.rank[i.nodeid])


def copy_of(folder: pathlib.Path) -> pathlib.Path:
    """A copy of the project that may be changed."""
    root = folder / "project"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "__pycache__", "results", "*.png", "site"))
    return root


def in_child(root: pathlib.Path, arguments: list[str], plugins: list[Any], patience: float) -> dict[str, Any]:
    """What pytest comes to in a forked child that has numpy and the like already, but none of our code."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.setpgid(0, 0)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.chdir(root)
        sys.path[:] = [str(root), *(path for path in sys.path if pathlib.Path(path or ".").resolve() != ROOT)]
        for name in [name for name in sys.modules if name.split(".")[0] in ("sim", "tests", "tools", "benchmarks")]:
            del sys.modules[name]
        code, clock = 99, next(plugin for plugin in plugins if isinstance(plugin, Clock))
        try:
            import pytest

            code = int(pytest.main(["-q", "-p", "no:cacheprovider", *arguments], plugins=plugins))
        finally:
            answer = {"code": code, "failed": clock.failed, "seconds": clock.seconds, "bad": sorted(clock.bad)}
            with os.fdopen(write, "w") as out:
                out.write(json.dumps(answer))
            os._exit(0)
    os.close(write)
    began = time.monotonic()
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(pid, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, patience)
    with os.fdopen(read) as source:
        text = source.read()
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.waitpid(pid, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # what its tests have started and left
    answer = json.loads(text) if text else {"code": -1, "failed": "no answer in time", "seconds": {}, "bad": []}
    return {**answer, "took": time.monotonic() - began}


def times_of(root: pathlib.Path, file: pathlib.Path | None) -> dict[str, float]:
    """Seconds of each test that passes in time without a change, from a file if there is one."""
    if file and file.exists():
        return dict(json.loads(file.read_text()))
    folders = sorted({folder for folders in ALSO.values() for folder in folders} | set(ALSO))
    tests = [f"tests/{folder}" for folder in folders if (root / "tests" / folder).is_dir()]
    found = in_child(root, tests, [Clock()], 3600.0)
    times = {name: took for name, took in found["seconds"].items() if name not in found["bad"]}
    if file:
        file.write_text(json.dumps(times))
    return times


def order_for(site: Site, times: dict[str, float]) -> list[str]:
    """The tests to try: those named after the module, then by folder and length."""
    package, module = pathlib.Path(site.file).parts[1], pathlib.Path(site.file).stem
    folders = list(dict.fromkeys((package, *ALSO.get(package, ()))))

    def rank(test: str) -> tuple[int, int, float]:
        path = test.split("::")[0]
        near = pathlib.Path(path).stem == f"test_{module}"
        folder = path.split("/")[1]
        return 0 if near else 1 + (times[test] > 1.5), folders.index(folder), times[test]

    usable = [test for test in times if test.split("/")[1] in folders and not any(word in test for word in NEVER)]
    return sorted(usable, key=rank)


def judge(root: pathlib.Path, site: Site, times: dict[str, float]) -> Verdict:
    """Tries one change."""
    path = root / site.file
    raw = path.read_bytes()
    tests = order_for(site, times)
    files = list(dict.fromkeys(test.split("::")[0] for test in tests))
    site.apply(root)
    try:
        found = in_child(root, ["-x", "--tb=short", *files], [Clock(), Order(tests)], MOST)
    finally:
        path.write_bytes(raw)
    fate = "survived" if found["code"] == 0 else "killed"
    return Verdict(site, fate, found["took"], found["failed"])


def main() -> int:
    """Tries the changes and lists those that survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.hunt", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--shard", default="0/1", metavar="K/N")
    parser.add_argument("--times", type=pathlib.Path, help="file that keeps how long each test takes")
    parser.add_argument("--match", default="", help="only changes of files whose path this expression finds")
    asked = parser.parse_args()
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    import numba  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pydantic  # noqa: F401
    import pytest  # noqa: F401
    import scipy.sparse.csgraph
    import scipy.stats  # noqa: F401

    shard, shards = map(int, asked.shard.split("/"))
    fates = Counter[str]()
    survivors = []
    with tempfile.TemporaryDirectory(prefix="hunt-") as folder:
        root = copy_of(pathlib.Path(folder))
        os.environ["ORONTES_CACHE"] = f"{folder}/cache"
        times = times_of(root, asked.times)
        for number, site in enumerate(chosen(root, asked.seed, asked.count)):
            if number % shards != shard or not re.search(asked.match, site.file):
                continue
            verdict = judge(root, site, times)
            fates[verdict.fate] += 1
            survivors += [verdict] if verdict.fate == "survived" else []
            print(f"{number:>4} {verdict.fate:<9}{verdict.seconds:>6.0f} s  {site}  {verdict.by}", flush=True)
    print(f"\n{dict(fates)} of seed {asked.seed}")
    for verdict in survivors:
        print(f"survived: {verdict.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
