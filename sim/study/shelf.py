"""The runs, studies and calibrations in a folder of results."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.ensemble import join
from sim.ensemble.folder import (
    CALIBRATION,
    FIGURES,
    MANIFEST,
    PARTIAL,
    REPLAY,
    REPORT,
    STUDY,
    ResultsError,
    kind_of,
    locate,
    read_manifest,
)
from sim.ensemble.parts import PARTS, gather
from sim.ensemble.results import Results
from sim.scenario.file_paths import absolute
from sim.study import sweep
from sim.study.calibration import Calibration
from sim.study.study import Study

OURS = (MANIFEST, PARTIAL, PARTS)
"""What a folder of results has at least one of."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One run, study or calibration."""

    path: Path
    kind: str
    complete: bool
    damaged: bool
    campaigns: int | None
    seed: int | None
    changed: str
    """The variant, and what was set."""
    bytes: int
    age_days: float

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"path": str(self.path)}


def entries(folder: str | Path) -> list[Entry]:
    """What a folder of results holds, the latest first; ResultsError if there is no such folder."""
    folder = absolute(folder)
    if not folder.is_dir():
        raise ResultsError(f"there is no folder {folder}")
    homes = [folder, *folder.glob("*/"), *folder.glob("*/*/")]
    found = [_entry(home) for home in homes if any((home / name).exists() for name in OURS)]
    return sorted(found, key=lambda entry: entry.age_days)


def _entry(home: Path) -> Entry:
    files = [path.stat() for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    age = (time.time() - max((file.st_mtime for file in files), default=time.time())) / 86400
    said: dict[str, Any] = {}
    damaged = False
    if locate(home, MANIFEST).is_file():
        try:
            said = read_manifest(home)
        except ResultsError:
            damaged = True
    kind = kind_of(said)
    complete = bool(said.get("complete", kind == STUDY))
    campaigns = said["replicates"] * said.get("points", 1) if said else None
    changed = [*([f"variant {said['variant']}"] if said.get("variant") else [])]
    changed += [f"{path}={value}" for path, value in said.get("set", {}).items()]
    return Entry(
        home,
        kind,
        complete,
        damaged,
        campaigns,
        said.get("seed"),
        ", ".join(changed),
        sum(file.st_size for file in files),
        max(0.0, age),
    )


def opened(folder: str | Path) -> Results | Study | Calibration:
    """The run, study or calibration that a folder holds."""
    folder = absolute(folder)
    kind = kind_of(read_manifest(folder))
    if kind == STUDY:
        return Study.open(folder)
    return Calibration.open(folder) if kind == CALIBRATION else Results.open(folder)


def merge(folders: Sequence[str | Path], results: str | Path = "results", jobs: int | None = None) -> Results | Study:
    """Bring the parts in some folders together, under `results`. ResultsError says what is missing or does not fit."""
    parts = gather([absolute(folder) for folder in folders])
    if parts[0].said["kind"] == STUDY:
        return sweep.merge(parts, results)
    return join.merge(parts, results, jobs)


def remove(entry: Entry) -> None:
    """Delete what Orontes wrote of a run or study; whatever else lies in its folder stays."""
    home = entry.path
    written = [MANIFEST, "scenario.yaml", REPORT, REPLAY]
    if not entry.damaged and locate(home, MANIFEST).is_file():
        written += read_manifest(home)["files"]
    for name in written:
        (home / name).unlink(missing_ok=True)
    for name in (PARTIAL, PARTS, "filed"):
        shutil.rmtree(home / name, ignore_errors=True)
    for folder in (home / FIGURES, home, home.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
