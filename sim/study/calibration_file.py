"""A calibration in its folder: the posterior, a summary as JSON, and the samples that its figure shows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.ensemble.folder import (
    CALIBRATION,
    MANIFEST,
    PARTIAL,
    ResultsError,
    check,
    file_run,
    new_draft,
    read_manifest,
    reading,
    require_kind,
    writing,
)

POSTERIOR, SUMMARY = "posterior.parquet", "calibration.json"
SAMPLES = ("survey", "draws")
INDEXED = {"targets": "name", "inputs": "input"}
"""Tables of the summary with the name of their index; the others are numbered."""
TABLES = (*INDEXED, "waves", "ties")
TYPED = ("posterior", *TABLES)
"""Tables whose columns and types the summary lists."""
LISTS = ("headline", "notes")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain objects; None for what is not a number."""
    plain = table.astype(object)
    return [
        {str(key): value for key, value in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def file_calibration(
    folder: Path, said: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> None:
    """File a calibration as one. `said`: the summary; `tables`: the posterior, which may be empty, and the samples."""
    posterior = tables["posterior"]
    # JSON has one word for NaN and None, and none for the columns of an empty table.
    types = {table: {str(name): str(kind) for name, kind in tables[table].dtypes.items()} for table in TYPED}
    with writing(folder):
        (folder / PARTIAL).mkdir(parents=True, exist_ok=True)
        draft = new_draft(folder)
        (draft / SUMMARY).write_text(json.dumps({**said, "types": types}, indent=2) + "\n", "utf-8")
        if len(posterior):
            posterior.to_parquet(draft / POSTERIOR, index=False, compression="zstd")
        for name in SAMPLES:
            tables[name].to_parquet(draft / f"{name}.parquet", index=False, compression="zstd")
        file_run(folder, draft, {"kind": CALIBRATION, "complete": True, **manifest})
        shutil.rmtree(folder / PARTIAL)
        if not len(posterior):
            (folder / POSTERIOR).unlink(missing_ok=True)


def read_calibration(folder: Path) -> dict[str, Any]:
    """The fields of the calibration that a folder holds; ResultsError if it holds none, Damaged if it was changed."""
    if not (folder / MANIFEST).is_file() and (folder / SUMMARY).is_file():
        raise ResultsError(f"{folder} was made by an earlier version: calibrate again, which finds the campaigns")
    manifest = read_manifest(folder)
    require_kind(folder, manifest, CALIBRATION)
    summary = check(folder, SUMMARY, manifest)
    with reading(summary):
        said = json.loads(summary.read_text("utf-8"))
        types = said.pop("types")
    found = {name: value for name, value in said.items() if name not in (*TABLES, *LISTS, "results_dir")}
    found |= {name: tuple(said[name]) for name in LISTS}
    found |= {name: _table(said[name], types[name], INDEXED.get(name)) for name in TABLES}
    for name in ("posterior", *SAMPLES):
        file = f"{name}.parquet"
        if name == "posterior" and POSTERIOR not in manifest["files"]:
            found[name] = _table([], types[name], None)
            continue
        path = check(folder, file, manifest)
        with reading(path):
            found[name] = pd.read_parquet(path)
    return found | {"path": folder}


def _table(rows: list[dict[str, Any]], types: dict[str, str], index: str | None) -> pd.DataFrame:
    """A table of the summary as it was."""
    names = list(types) if index is None else [index, *types]
    table = pd.DataFrame(rows, columns=names).astype(types)
    return table if index is None else table.set_index(index)
