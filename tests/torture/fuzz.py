"""`python -m tests.torture.fuzz`: thousands of damaged scenario files. Each is refused in words, or it runs soundly.

Cases are made by `mutate.py` and judged in child processes, so that a crash is a finding too. What is accepted is run
twice: as an ensemble, whose tables must hold numbers that can be, and tick by tick under the invariants of
`tests/properties`. The same seed makes the same cases; `--shard 1/2` judges every second one.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

import sim
from sim.cli.run import answer
from sim.engine.entry import make_ready
from sim.ensemble.results import Results
from sim.rules.rulebook import RULEBOOK
from sim.world import tables
from sim.world.deploy import deploy
from tests.conftest import Campaign
from tests.properties.invariants import Watch
from tests.torture.mutate import STARTS, Start, make, read_starts

LOADING_SECONDS, RUNNING_SECONDS = 2.0, 20.0
"""Of processor time, after which a case counts as hanging."""
SILENCE = 60.0
"""Seconds without a word after which a child is ended."""
BATCH = 50
"""Cases that one child judges."""
MOST_MEGABYTES = 1500
TICKS = 32
"""Of each accepted scenario that are looked at one by one."""

Finding = dict[str, Any]


class Hang(Exception):
    """A case takes too long."""


def judge(number: int, text: str, file: pathlib.Path) -> Finding:
    """What became of one case: `refused`, `ok`, or what is wrong."""
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = ""
    try:
        with limited(LOADING_SECONDS):
            loaded = sim.load(file)
    except sim.ScenarioError as error:
        said = "refused" if str(error).isprintable() or "\n" in str(error) else f"unprintable: {str(error)!r:.80}"
        return {"number": number, "fate": said}
    except BaseException as error:
        return {"number": number, "fate": f"load: {named(error)}", "trace": traceback.format_exc()[-1500:]}
    wrong: list[str] = []
    try:
        with limited(RUNNING_SECONDS), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            results = sim.run(loaded, replicates=2, results=None, progress=False, jobs=1)
            wrong += unsound(results)
            wrong += [f"warning: {warning.message}"[:90] for warning in warned]
            watch(loaded)
    except sim.ScenarioError:
        return {"number": number, "fate": "refused"}
    except BaseException as error:
        return {"number": number, "fate": f"run: {named(error)}", "trace": traceback.format_exc()[-2500:]}
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if used > MOST_MEGABYTES:
        wrong.append(f"{used} MB of memory")
    return {"number": number, "fate": f"unsound: {'; '.join(sorted(set(wrong)))}" if wrong else "ok"}


class limited:
    """Breaks off what takes more processor time than this."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGPROF, self._over)
        signal.setitimer(signal.ITIMER_PROF, self.seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _over(self, *_: object) -> None:
        raise Hang(f"over {self.seconds:g} s")


def named(error: BaseException) -> str:
    """An exception by its type and the place in our code that raised it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/sim/" in f.filename or "/tests/" in f.filename]
    where = f" in {frames[-1].filename.rpartition('/')[2]}:{frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}: {str(error).splitlines()[0][:80] if str(error) else ''}"


def unsound(results: Results) -> list[str]:
    """What in the tables of an ensemble cannot be."""
    wrong = []
    numbers = results.series[["mean", "p05", "median", "p95"]].to_numpy(float)
    if results.manifest["failed"]:
        wrong.append("a campaign failed")
    if not np.isfinite(numbers).all():
        wrong.append("the series holds what is no number")
    if (numbers < 0).any():
        wrong.append("the series holds negative amounts")
    if (np.diff(numbers[:, 1:], axis=1) < 0).any():
        wrong.append("quantiles are out of order")
    if not (results.control_counts.sum(axis=2) == results.replicates).all():
        wrong.append("places are held by none or by two")
    for said in results.manifest["outcomes"]:
        if said["kind"] == "quantity" and "formula" not in said:
            values = results.runs[said["name"]].to_numpy(float, na_value=np.nan)
            if np.isinf(values).any() or (values < 0).any():
                wrong.append(f"{said['name'].rpartition('.')[2]} is negative or infinite")
    json.dumps(results.to_json(), allow_nan=False)
    results.summary()
    list(answer({**results.to_json(), "results_dir": ""}, results.scenario.title, results.scenario.clock.days))
    return wrong


def watch(loaded: Any) -> None:
    """One campaign is played, and the invariants hold after every tick."""
    war = Campaign(loaded, seed=3, replicate=1, by_hand=False)
    acts = war.deployment.atlas.effects["act"]
    looking = Watch(war, injects=bool(np.isin(acts, (tables.SET, tables.ADD, tables.SCALE)).any()))
    for _ in range(min(TICKS, war.deployment.ticks)):
        looking.tick()


def warm_up() -> None:
    """Compile what the children need, once."""
    for path in STARTS:
        deployment = deploy(sim.load(path), RULEBOOK)
        cells, world = deployment.new_world()
        make_ready(world, deployment.atlas, cells)
        sim.run(path, replicates=2, results=None, progress=False, jobs=1).summary()


def findings(seed: int, numbers: list[int], folder: pathlib.Path) -> Iterator[Finding]:
    """What became of each case, in their order."""
    starts = read_starts()
    while numbers:
        done = 0
        for finding in _batch(seed, numbers[:BATCH], starts, folder):
            done += 1
            yield finding
        numbers = numbers[done:]


def _batch(seed: int, numbers: list[int], starts: list[Start], folder: pathlib.Path) -> Iterator[Finding]:
    """Judges cases in a child, up to one that ends the child."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with os.fdopen(write, "w", buffering=1) as out:
            try:
                for number in numbers:
                    case = make(seed, number, starts)
                    finding = judge(number, case.text, folder / f"case-{os.getpid()}.yaml")
                    print(json.dumps({**finding, "start": case.start, "done": case.done}), file=out, flush=True)
            finally:
                out.flush()
                os._exit(0)
    os.close(write)
    judged, silent, left = 0, False, b""
    while True:
        ready, _, _ = select.select([read], [], [], SILENCE)
        chunk = os.read(read, 1 << 16) if ready else b""
        if not ready:
            os.kill(pid, signal.SIGKILL)
            silent = True
        if not chunk:
            break
        *lines, left = (left + chunk).split(b"\n")
        for line in lines:
            judged += 1
            yield json.loads(line)
    os.close(read)
    _, status = os.waitpid(pid, 0)
    if judged < len(numbers):
        fate = "silence" if silent else f"crash: the child ended with {os.waitstatus_to_exitcode(status)}"
        yield {"number": numbers[judged], "fate": fate}


def main() -> int:
    """Judges the cases, keeps each kind of failure once as a file, and prints a tally."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--shard", default="0/1", metavar="K/N")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the files of failures")
    asked = parser.parse_args()
    shard, shards = map(int, asked.shard.split("/"))
    numbers = list(range(asked.first + shard, asked.first + asked.cases, shards))
    warm_up()
    began, fates, kinds = time.monotonic(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for count, finding in enumerate(findings(asked.seed, numbers, pathlib.Path(folder)), 1):
            fate = finding["fate"]
            fates[fate if fate in ("ok", "refused") else "failed"] += 1
            if fate not in ("ok", "refused"):
                kinds[fate] += 1
                if kinds[fate] == 1:
                    print(json.dumps({key: value for key, value in finding.items()}, indent=1), flush=True)
                    if asked.keep:
                        asked.keep.mkdir(parents=True, exist_ok=True)
                        text = make(asked.seed, finding["number"], read_starts()).text
                        file = asked.keep / f"{asked.seed}-{finding['number']}.yaml"
                        file.write_bytes(text.encode("utf-8", "surrogatepass"))
            if count % 1000 == 0:
                print(f"{count:,} of {len(numbers):,} in {time.monotonic() - began:.0f} s: {dict(fates)}", flush=True)
    for kind, count in kinds.most_common():
        print(f"{count:>6}  {kind}")
    print(f"{len(numbers):,} cases of seed {asked.seed} in {time.monotonic() - began:.0f} s: {dict(fates)}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
