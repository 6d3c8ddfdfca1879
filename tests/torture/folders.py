"""Results folders tried hard: kills at random moments and at each write, flips and cuts of files, crowds, bad disks.

    python -m tests.torture.folders --kills 100 --flips 1000 --cuts 1000 --seed 1

Each experiment runs in a forked child of a process that has all compiled. What the answer should be is that of a run
that nothing disturbed. Prints a table, and exits 1 if anything was silently wrong, raw or a crash.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sim
import sim.ensemble.run as running
from sim.ensemble.folder import ResultsError
from sim.ensemble.signals import Stopped, raise_stopped

CROSSROADS = Path(__file__).parents[2] / "scenarios/crossroads.yaml"
TABLES = ("runs.parquet", "control.parquet", "series.parquet", "falls.parquet", "inputs.parquet", "scenario.yaml")
SEED = 1
STOPS = (signal.SIGINT, signal.SIGTERM)


def child(act: Callable[[], Any], stops: list[tuple[float, int]] | None = None, limit: float = 120) -> tuple[str, Any]:
    """What became of an act in a process of its own: ("ok", value), ("raised", (type, message)) or ("died", signal).

    `stops` are seconds after the start, and the signals sent then.
    """
    pid, pipe = spawn(act)
    began = time.monotonic()
    for after, number in stops or []:
        time.sleep(max(0.0, began + after - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return reap(pid, pipe)


def spawn(act: Callable[[], Any]) -> tuple[int, int]:
    """Begin an act in a process of its own.

    Signals that stop it are held back but for the act itself: raised anywhere else, they would unwind the child into
    the parent's code, which deletes the parent's folders.
    """
    sys.stdout.flush()
    reader, writer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(writer)
        return pid, reader
    try:
        os.close(reader)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, raise_stopped)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            said: tuple[str, Any] = ("ok", act())
        except BaseException as error:
            known = (ResultsError, sim.ScenarioError, Stopped, KeyboardInterrupt)
            said = ("told" if isinstance(error, known) else "raw", (type(error).__name__, str(error)[:300]))
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        with os.fdopen(writer, "wb") as out:
            out.write(pickle.dumps(said))
    finally:
        os._exit(0)


def reap(pid: int, pipe: int) -> tuple[str, Any]:
    """What became of an act that was begun."""
    with os.fdopen(pipe, "rb") as stream:
        data = stream.read()
    _, code = os.waitpid(pid, 0)
    if os.WIFSIGNALED(code):  # in the middle of its answer, perhaps
        return "died", os.WTERMSIG(code)
    return pickle.loads(data) if data else ("died", code)


def fight(home: Path, campaigns: int, checkpoint: float = 0.05, figures: bool = False, block: int = 20) -> Any:
    """Run as a user does; returns all that a reader can see."""
    running.CHECKPOINT_SECONDS = checkpoint
    return seen(sim.run(CROSSROADS, campaigns, SEED, 1, block, results=home, progress=False, figures=figures))


def seen(results: sim.Results) -> dict[str, Any]:
    """All that a reader can see of results, as one comparable object."""
    found = results.to_json()
    return {
        "outcomes": repr(found["outcomes"]),
        "campaigns": (results.replicates, results.complete, found["failed"]),
        "runs": hashlib.sha256(results.runs.to_csv().encode()).hexdigest(),
        "counts": hashlib.sha256(results.control_counts.astype("int64").tobytes()).hexdigest(),
        "falls": hashlib.sha256(results.falls.astype("int64").tobytes()).hexdigest(),
        "series": hashlib.sha256(results.series.to_csv().encode()).hexdigest(),
        "inputs": hashlib.sha256(results.inputs.to_csv().encode()).hexdigest(),
        "scenario": results.scenario.model_dump_json(),
    }


def agrees(folder: Path) -> bool:
    """Whether rows and counts of a folder are of one state."""
    results = sim.Results.open(folder)
    fell = results.runs["merrow_cross.fall_day"].notna().sum()
    return bool(
        len(results.runs) == results.replicates
        and (results.control_counts.sum(axis=2) == results.replicates).all()
        and fell == results.falls[results.place_ids.index("merrow_cross")].sum()
    )


def digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


class Bench:
    """A folder to work in, the undisturbed run to compare with, and the tally."""

    def __init__(self, work: Path, campaigns: int) -> None:
        self.work, self.campaigns = work, campaigns
        began = time.monotonic()
        status, self.want = child(lambda: fight(work / "whole", campaigns))
        assert status == "ok", self.want
        self.seconds = time.monotonic() - began
        self.whole = next((work / "whole/crossroads").iterdir())
        self.tally: Counter[tuple[str, str]] = Counter()

    def fresh(self, like: Path | None = None) -> tuple[Path, Path]:
        """An empty results folder, or one with a copy of a run; and the folder of the run in it."""
        home = self.work / "try"
        shutil.rmtree(home, ignore_errors=True)
        folder = home / "crossroads" / (like or self.whole).name
        home.mkdir()
        if like is not None:
            shutil.copytree(like, folder)
        return home, folder

    def count(self, trial: str, what: str) -> None:
        self.tally[trial, what] += 1

    def look(self, trial: str, folder: Path) -> None:
        """What a folder says in the middle: one state, or a clear refusal."""
        if folder.exists():
            status, value = child(lambda: agrees(folder))
            wrong = status in ("raw", "died") or (status == "ok" and not value)
            self.count(trial, f"WRONG when opened: {status} {value}" if wrong else f"opened: {status}")

    def again(self, trial: str, home: Path, folder: Path) -> None:
        """The same run asked for again: the same bytes, and nothing left over."""
        status, value = child(lambda: fight(home, self.campaigns))
        if status != "ok":
            self.count(trial, f"WRONG when run again: {status} {value}")
        elif value != self.want or digests(folder) != digests(self.whole):
            self.count(trial, "WRONG: another answer when run again")
        elif {path.name for path in folder.iterdir()} - {"manifest.json", *TABLES}:
            self.count(trial, "WRONG: something is left over")
        else:
            self.count(trial, "run again: identical")


def kills(bench: Bench, count: int, chance: random.Random) -> None:
    """Stopped at random moments by SIGKILL, SIGTERM or SIGINT, some of them twice."""
    for number in range(count):
        which = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 4]
        home, folder = bench.fresh()
        for _ in range(1 + (number % 5 == 0)):
            after = chance.uniform(0.0, bench.seconds)
            child(lambda home=home: fight(home, bench.campaigns), [(after, which)])  # type: ignore[misc]
            bench.look(which.name, folder)
        bench.again(which.name, home, folder)


def at_each_write(bench: Bench) -> None:
    """Killed before, in the middle of and after each rename of a run, new or resumed."""

    def dying(home: Path, at: int, when: str) -> int:
        made = [0]
        rename, replace = os.rename, os.replace

        def counted(move: Callable[..., None]) -> Callable[..., None]:
            def moved(source: Any, target: Any) -> None:
                made[0] += 1
                if made[0] == at and when == "half" and Path(source).is_file():
                    data = Path(source).read_bytes()
                    Path(source).write_bytes(data[: len(data) // 2])
                if made[0] == at and when != "after":
                    os.kill(os.getpid(), signal.SIGKILL)
                move(source, target)
                if made[0] == at:
                    os.kill(os.getpid(), signal.SIGKILL)

            return moved

        os.rename, os.replace = counted(rename), counted(replace)
        fight(home, bench.campaigns, checkpoint=0.2, block=50)
        return made[0]

    half = half_done(bench)
    for start in (None, half):
        home, folder = bench.fresh(start)
        _, writes = child(lambda home=home: dying(home, 0, ""))  # type: ignore[misc]
        for at in range(1, writes + 1):
            for when in ("before", "half", "after"):
                home, folder = bench.fresh(start)
                child(lambda home=home, at=at, when=when: dying(home, at, when))  # type: ignore[misc]
                bench.look("each write", folder)
                bench.again("each write", home, folder)


def half_done(bench: Bench) -> Path:
    """The folder of a run that was interrupted: tables, and what is under way."""
    home, folder = bench.fresh()
    add = running.Aggregates.add

    def stop(self: Any, *block: Any) -> None:
        add(self, *block)
        if self.replicates >= bench.campaigns // 2:
            signal.raise_signal(signal.SIGINT)

    def interrupted() -> None:
        setattr(running.Aggregates, "add", stop)  # noqa: B010 (in this child only)
        fight(home, bench.campaigns)

    status, value = child(interrupted)
    assert status == "told", value
    kept = bench.work / "half" / folder.name
    shutil.rmtree(kept.parent, ignore_errors=True)
    shutil.copytree(folder, kept)
    return kept


def damage(bench: Bench, flips: int, cuts: int, chance: random.Random) -> None:
    """One bit flipped, or the end cut off, in every kind of file in turn, of a whole and of a half-finished run."""
    half = half_done(bench)
    whole = [(bench.whole, name) for name in ("manifest.json", *TABLES)]
    kinds = whole + [
        (half, name) for name in ("partial/rows.bin", "partial/checkpoint.npz", "manifest.json", TABLES[0])
    ]
    for number in range(flips + cuts):
        like, name = kinds[number % len(kinds)]
        home, folder = bench.fresh(like)
        data = bytearray((folder / name).read_bytes())
        how = "flip" if number < flips else "cut"
        if how == "flip":
            bit = chance.randrange(len(data) * 8)
            data[bit >> 3] ^= 1 << (bit & 7)
        else:
            del data[chance.randrange(len(data)) :]
        (folder / name).write_bytes(data)
        trial = f"{how} of {'half/' if like is half else ''}{name}"
        if like is bench.whole:
            status, value = child(lambda folder=folder: seen(sim.Results.open(folder)))  # type: ignore[misc]
            if status in ("raw", "died") or (status == "ok" and value != bench.want):
                bench.count(trial, f"WRONG when opened: {status} {value if status != 'ok' else ''}")
            else:
                bench.count(trial, f"opened: {status}")
        bench.again(trial, home, folder)


def crowd(bench: Bench, rounds: int, chance: random.Random) -> None:
    """Ten processes ask for one run; one of them is killed, and the folder is deleted under them."""
    for number in range(rounds):
        home, folder = bench.fresh()

        def late(after: float, home: Path = home) -> Any:
            time.sleep(after)
            return fight(home, bench.campaigns)

        moments = [chance.uniform(0, bench.seconds) for _ in range(10)]
        crew = [spawn(functools.partial(late, moment)) for moment in moments]
        time.sleep(chance.uniform(0, bench.seconds))
        os.kill(crew[0][0], signal.SIGKILL)
        if number % 2:
            shutil.rmtree(folder, ignore_errors=True)
        for number_in_crew, (pid, pipe) in enumerate(crew):
            status, value = reap(pid, pipe)
            wrong = status == "raw" or (status == "died" and number_in_crew) or (status == "ok" and value != bench.want)
            bench.count("crowd", f"WRONG: {status} {value}" if wrong else status)
        bench.again("crowd", home, folder)


def bad_disks(bench: Bench) -> None:
    """A disk that is full, read-only or missing: one clear message, and the run goes on later."""
    home, folder = bench.fresh()
    (home / "file").write_text("in the way")
    trials = {"missing": home / "file", "read-only": Path("/proc/orontes")}
    for trial, place in trials.items():
        status, value = child(lambda place=place: fight(place, 50))  # type: ignore[misc]
        bench.count(
            trial, status if status == "told" or value[0] == "FileNotFoundError" else f"WRONG: {status} {value}"
        )
    small = bench.work / "small"
    small.mkdir()
    if os.system(f"mount -t tmpfs -o size=96k tmpfs {small} 2>/dev/null"):
        return
    try:
        status, value = child(lambda: fight(small, bench.campaigns))
        bench.count("full", status if status == "told" else f"WRONG: {status} {value}")
        os.system(f"mount -o remount,size=64m {small}")
        bench.again("full", small, small / "crossroads" / folder.name)
    finally:
        os.system(f"umount {small}")


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"kills": 100, "flips": 1000, "cuts": 1000, "crowds": 10, "campaigns": 400, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--writes", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args(words)
    sim.run(CROSSROADS, 20, results=None, progress=False)  # all is compiled, and imported, before children are forked
    with tempfile.TemporaryDirectory(prefix="torture-") as work:
        bench, chance = Bench(Path(work), asked.campaigns), random.Random(asked.seed)
        before = signal.signal(signal.SIGTERM, raise_stopped)
        try:
            kills(bench, asked.kills, chance)
            if asked.writes:
                at_each_write(bench)
            damage(bench, asked.flips, asked.cuts, chance)
            crowd(bench, asked.crowds, chance)
            bad_disks(bench)
        except KeyboardInterrupt:
            print("stopped; what was tried so far:")
        finally:
            signal.signal(signal.SIGTERM, before)
    for (trial, what), count in sorted(bench.tally.items()):
        print(f"{count:6,}  {trial}: {what}")
    wrong = sum(count for (_, what), count in bench.tally.items() if what.startswith("WRONG"))
    print(f"{wrong} of {sum(bench.tally.values()):,} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
