"""The results folder: which run it holds, what is finished in it; every file is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.aggregates import Aggregates
from sim.outcomes.catalogue import PROBABILITY, Outcome
from sim.scenario.read import LoadedScenario

try:
    import fcntl
except ImportError:  # Windows: two runs of one folder at the same time are not told apart
    fcntl = None  # type: ignore[assignment]

ROW_GROUP = 10_000
"""Rows of runs.parquet that are written together, however the campaigns were fought."""
MANIFEST, SCENARIO, RUNS, INPUTS = "manifest.json", "scenario.yaml", "runs.parquet", "inputs.parquet"
CONTROL, FALLS, SERIES = "control.parquet", "falls.parquet", "series.parquet"


ANSWER = ("kernel", "world", "bookkeeping", "rules", "engine", "outcomes")
"""Packages that make the answer: a change in one of them is another engine."""


class ResultsError(Exception):
    """A results folder that cannot be written or read."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says of a file that is written into one message."""
    try:
        yield
    except OSError as error:
        raise ResultsError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what the system, or the reader of its format, says of a file into one message."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise ResultsError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def scenario_hash(loaded: LoadedScenario) -> str:
    """A scenario's values, defaults included, as one short number."""
    said = json.dumps([loaded.document, loaded.ranges], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def engine_hash() -> str:
    """The sources that determine what happens in a campaign, as one short number."""
    package = Path(__file__).resolve().parent.parent
    sources = [path for folder in ANSWER for path in package.glob(f"{folder}/*.py")]
    sources += [package / "ensemble/aggregates.py"]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def run_id(loaded: LoadedScenario, seed: int, replicates: int, outcomes: Sequence[Outcome], *more: object) -> str:
    """The name of a run: a hash of all that determines its result."""
    listed = [outcome.said for outcome in outcomes]
    said = json.dumps([scenario_hash(loaded), engine_hash(), seed, replicates, listed, *more])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name and rename it, so that it is there as a whole or not at all."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        try:
            write(unfinished)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a results folder says of its run."""
    if not (folder / MANIFEST).is_file():
        raise ResultsError(f"{folder} is not a results folder: it has no {MANIFEST}")
    with reading(folder / MANIFEST):
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return manifest


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Say what run a results folder holds; the last file that is written."""
    text = json.dumps(manifest, indent=2) + "\n"
    replace(folder / MANIFEST, lambda path: path.write_text(text, "utf-8"))


def is_complete(folder: Path) -> bool:
    """Whether a folder holds a run from first to last replicate."""
    return (folder / MANIFEST).is_file() and bool(read_manifest(folder).get("complete"))


class MemoryRows:
    """The outcomes of each campaign, kept in memory."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.parts: list[NDArray[np.float64]] = []

    def append(self, rows: NDArray[np.float64]) -> None:
        self.parts.append(rows)

    def checkpoint(self, aggregates: Aggregates) -> None:
        """Nothing is safe against a crash here."""

    def chunks(self) -> Iterator[NDArray[np.float64]]:
        """The rows so far."""
        yield from self.parts

    def all(self) -> NDArray[np.float64]:
        return np.concatenate(self.parts) if self.parts else np.empty((0, self.columns))


class Workbench:
    """The part of a results folder in which a run is under way: rows so far, and from time to time the aggregates."""

    def __init__(self, folder: Path, columns: int, afresh: bool) -> None:
        self.folder, self.columns = folder / "partial", columns
        self.row_bytes = 8 * columns
        self.checkpoint_file = self.folder / "checkpoint.npz"
        with writing(folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self.rows: BinaryIO = open(self.folder / "rows.bin", "a+b")  # noqa: SIM115 (open until `close`)
        self._lock()
        if afresh:
            self.checkpoint_file.unlink(missing_ok=True)

    def _lock(self) -> None:
        if fcntl is not None:
            try:
                fcntl.flock(self.rows, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.rows.close()
                raise ResultsError(f"another run is writing {self.folder.parent}: wait for it, or end it") from None

    def resume(self, aggregates: Aggregates) -> None:
        """Go on from the last checkpoint, if there is one."""
        broken = (FileNotFoundError, zipfile.BadZipFile, KeyError, ValueError, EOFError)
        with contextlib.suppress(*broken), np.load(self.checkpoint_file) as state:
            aggregates.restore(dict(state))
        with writing(self.folder):
            if self.rows.seek(0, os.SEEK_END) < aggregates.replicates * self.row_bytes:
                raise ResultsError(f"{self.folder} is damaged; remove it to begin again")
            self.rows.truncate(aggregates.replicates * self.row_bytes)

    def append(self, rows: NDArray[np.float64]) -> None:
        """Keep the outcomes of more campaigns."""
        with writing(self.folder):
            self.rows.write(rows.tobytes())

    def checkpoint(self, aggregates: Aggregates) -> None:
        """Make all that is finished so far safe against a crash."""
        with writing(self.folder):
            self.rows.flush()
            os.fsync(self.rows.fileno())
        state = aggregates.state()

        def write(path: Path) -> None:
            with open(path, "wb") as file:
                np.savez_compressed(file, allow_pickle=False, **state)

        replace(self.checkpoint_file, write)

    def chunks(self) -> Iterator[NDArray[np.float64]]:
        """The rows so far, in the groups in which they are filed."""
        with writing(self.folder):
            self.rows.flush()
            self.rows.seek(0)
            while data := self.rows.read(ROW_GROUP * self.row_bytes):
                yield np.frombuffer(data).reshape(-1, self.columns)

    def close(self, remove: bool) -> None:
        """Leave the bench; `remove` it when the run is complete."""
        with contextlib.suppress(OSError):
            self.rows.close()
        if remove:
            shutil.rmtree(self.folder, ignore_errors=True)


def as_filed(values: NDArray[np.float64], kind: str) -> NDArray[Any]:
    """The values of one outcome as the table of campaigns holds them: what happens or not is true, false or None."""
    if kind != PROBABILITY:
        return values
    happened: NDArray[Any] = values == 1.0
    if not np.isfinite(values).all():
        happened = happened.astype(object)
        happened[~np.isfinite(values)] = None
    return happened


def write_runs(path: Path, outcomes: Sequence[Outcome], chunks: Iterator[NDArray[np.float64]]) -> None:
    """File the outcomes of each campaign: replicate, and a column for each outcome."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = [pa.bool_() if outcome.kind == PROBABILITY else pa.float64() for outcome in outcomes]
    named = zip((outcome.name for outcome in outcomes), types, strict=True)
    schema = pa.schema([("replicate", pa.int64()), *named])

    def write(unfinished: Path) -> None:
        first = 0
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for rows in chunks:
                columns = [pa.array(np.arange(first, first + len(rows)))]
                for column, kind in enumerate(types):
                    values = np.ascontiguousarray(rows[:, column])
                    columns.append(pa.array(as_filed(values, outcomes[column].kind), type=kind))
                writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=ROW_GROUP)
                first += len(rows)

    replace(path, write)


def write_tables(folder: Path, aggregates: Aggregates, places: Sequence[str], sides: Sequence[str]) -> None:
    """File who held what at each tick, when places fell, and the quantities day by day."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = np.arange(aggregates.spec.ticks + 1) * aggregates.spec.tick_days
    counts, falls = aggregates.control_counts, aggregates.fall_counts

    def labels(names: Sequence[str], rows: NDArray[np.int64]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(rows.reshape(-1), type=pa.int32()), pa.array(list(names)))

    tick, place, side = np.indices(counts.shape)
    control = {
        "tick": tick.reshape(-1),
        "day": days[tick.reshape(-1)],
        "place": labels(places, place),
        "side": labels(sides, side),
        "share": counts.reshape(-1) / max(1, aggregates.replicates),
        "count": counts.reshape(-1),
    }
    place, tick = np.indices(falls.shape)
    fallen = {
        "place": labels(places, place),
        "tick": tick.reshape(-1),
        "day": days[tick.reshape(-1)],
        "count": falls.reshape(-1),
    }
    series = pa.Table.from_pandas(aggregates.series(), preserve_index=False)
    for name, table in ((CONTROL, pa.table(control)), (FALLS, pa.table(fallen)), (SERIES, series)):
        replace(folder / name, functools.partial(pq.write_table, table, compression="zstd"))
