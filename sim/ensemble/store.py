"""What is filed of a run: the tables of a results folder, and the hashes that name the run."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.aggregates import Aggregates
from sim.ensemble.folder import (
    MANIFEST,
    PARTIAL,
    Damaged,
    ResultsError,
    plain,
    read_manifest,
    reading,
    writing,
)  # fmt: skip
from sim.ensemble.workbench import CHUNK, CHUNKS_READ, MemoryRows, Workbench
from sim.outcomes.catalogue import PROBABILITY, Outcome
from sim.scenario.read import LoadedScenario

__all__ = [
    "MANIFEST", "PARTIAL", "Damaged", "MemoryRows", "ResultsError", "Workbench", "read_manifest", "reading", "writing",
]  # fmt: skip

ROW_GROUP = CHUNK * CHUNKS_READ
"""Rows of runs.parquet that are written together, however the campaigns were run."""
SCENARIO, RUNS, INPUTS = "scenario.yaml", "runs.parquet", "inputs.parquet"
CONTROL, FALLS, SERIES = "control.parquet", "falls.parquet", "series.parquet"
LIBRARIES = ("numba", "llvmlite", "numpy", "scipy")
"""Packages whose version may change the last bit of an answer."""
SHOWING = ("sim.plots", "sim.web", "sim.session.stories", "sim.session.trace")
"""What shows results or tells campaigns, and changes none."""
IMPORT = re.compile(
    rb"^[ \t]*(?:import[ \t]+(?P<whole>sim[\w.]*)"
    rb"|from[ \t]+(?P<module>sim[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*|[^\n]*))",
    re.MULTILINE,
)
"""One import of ours in a source. To parse the sources takes a second of each start."""


def scenario_hash(loaded: LoadedScenario) -> str:
    """A scenario's values, defaults included, as one short number. How a class plays it changes no campaign."""
    values = {key: value for key, value in loaded.document.items() if key != "exercise"}
    said = json.dumps([values, loaded.ranges], sort_keys=True, default=plain)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@functools.cache
def engine_hash() -> str:
    """All that makes an answer, as one short number: each source that a run reaches by its imports, and LIBRARIES."""
    digest = hashlib.sha256()
    for module, source in sorted(sources_of("sim.ensemble.run").items()):
        digest.update(module.encode() + source)
    for library in LIBRARIES:
        digest.update(f"{library} {importlib.metadata.version(library)}".encode())
    return digest.hexdigest()[:16]


def sources_of(module: str) -> dict[str, bytes]:
    """The sources of a module and of all of ours that it imports, but for what only shows or tells (`SHOWING`)."""
    package = Path(__file__).resolve().parents[1]
    found: dict[str, bytes] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = package.joinpath(*name.split(".")[1:])
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in found or not name.startswith("sim.") or name.startswith(SHOWING) or not path.is_file():
            continue
        found[name] = path.read_bytes()
        for one in IMPORT.finditer(found[name]):
            base = (one["whole"] or one["module"]).decode()
            waiting += [base, *(f"{base}.{member}" for member in re.findall(r"\w+", (one["names"] or b"").decode()))]
    return found


def run_id(loaded: LoadedScenario, seed: int, replicates: int, outcomes: Sequence[Outcome], *more: object) -> str:
    """The name of a run: a hash of all that determines its result."""
    listed = [outcome.said for outcome in outcomes]
    said = json.dumps([scenario_hash(loaded), engine_hash(), seed, replicates, listed, *more])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


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

    first = 0
    with writing(path), open(path, "wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in chunks:
            columns = [pa.array(np.arange(first, first + len(rows)))]
            for column, kind in enumerate(types):
                values = np.ascontiguousarray(rows[:, column])
                columns.append(pa.array(as_filed(values, outcomes[column].kind), type=kind))
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=ROW_GROUP)
            first += len(rows)


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
        with writing(folder / name), open(folder / name, "wb") as file:
            pq.write_table(table, file, compression="zstd")
