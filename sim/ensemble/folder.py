"""A results folder as one whole: each file with size and checksum in the manifest, a run filed by one rename.

A run is written into a draft inside `partial/`. When all of it is on disk, the draft becomes `filed/` by one rename:
from then on the folder holds the new run. Its files are then moved up, the manifest last. Whoever reads takes a file
from `filed/` if it is still there, so that rows of one state never meet counts of another.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sim.scenario.file_paths import write_whole
from sim.scenario.messages import printable

MANIFEST, FILED, PARTIAL, FIGURES = "manifest.json", "filed", "partial", "figures"
REPORT, REPLAY = "report.html", "replay.html"
RUN, STUDY, CALIBRATION = "run", "study", "calibration"
OPENED_BY = {RUN: "sim.Results.open", STUDY: "sim.Study.open", CALIBRATION: "sim.Calibration.open"}
"""The kinds of folders, and what reads each in Python."""
ANEW = "the same run, asked for again, makes it anew"


class ResultsError(Exception):
    """A results folder that cannot be written or read."""

    def __str__(self) -> str:
        return printable(super().__str__())


class Damaged(ResultsError):
    """A file of a results folder that is not the one that was written."""


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
    except ResultsError:
        raise
    except OSError as error:
        raise ResultsError(f"cannot read {path}: {error.strerror or error}") from error
    except Exception as error:  # readers of formats raise errors of every kind
        raise Damaged(f"cannot read {path}: {error or type(error).__name__}") from error


def plain(value: Any) -> Any:
    """NumPy's numbers as JSON knows them; what JSON does not know as text."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else str(value)


def seal(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with its own checksum: SHA-256 of its JSON without spaces, keys in order."""
    content = {name: value for name, value in manifest.items() if name != "sha256"}
    content = json.loads(json.dumps(content, default=plain))
    said = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return {**content, "sha256": hashlib.sha256(said.encode()).hexdigest()}


def fingerprint(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return {"bytes": file.tell(), "sha256": digest.hexdigest()}


def locate(folder: Path, name: str) -> Path:
    """Where a file of a results folder is."""
    filed = folder / FILED / name
    return filed if filed.is_file() else folder / name


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a results folder says of its run. ResultsError if there is none, Damaged if it was changed."""
    path = locate(folder, MANIFEST)
    if not path.is_file():
        raise ResultsError(f"{folder} is not a results folder: it has no {MANIFEST}")
    with reading(path):
        manifest: Any = json.loads(path.read_bytes())
        if not isinstance(manifest, dict) or "sha256" not in manifest or "files" not in manifest:
            raise Damaged(f"{path} is damaged, or of an earlier version: it has no checksums; {ANEW}")
        if seal(manifest)["sha256"] != manifest["sha256"]:
            raise Damaged(f"{path} is damaged: it does not fit its own checksum; {ANEW}")
        return manifest


def kind_of(manifest: Mapping[str, Any]) -> str:
    """What a folder holds, by its manifest."""
    return str(manifest.get("kind", RUN))


def require_kind(folder: Path, manifest: Mapping[str, Any], wanted: str) -> None:
    """ResultsError if a folder holds something else, with what reads it."""
    kind = kind_of(manifest)
    if kind != wanted:
        by = f"; {OPENED_BY[kind]} reads it" if kind in OPENED_BY else ""
        raise ResultsError(f"{folder} holds a {kind}, not a {wanted}{by}")


def check(folder: Path, name: str, manifest: Mapping[str, Any]) -> Path:
    """A file of the folder that is, byte for byte, what was written; Damaged says what is wrong with it."""
    path, written = locate(folder, name), manifest["files"].get(name)
    if written is None:
        raise Damaged(f"{path} is not among the files of its manifest; {ANEW}")
    if not path.is_file():
        raise Damaged(f"{path} is lost; {ANEW}")
    with reading(path):
        found = fingerprint(path)
    if found["bytes"] != written["bytes"]:
        raise Damaged(f"{path} is damaged: it has {found['bytes']:,} bytes, not {written['bytes']:,}; {ANEW}")
    if found["sha256"] != written["sha256"]:
        raise Damaged(f"{path} is damaged: its content is not what was written; {ANEW}")
    return path


class Kept(Protocol):
    """A run or study that is kept in a folder."""

    manifest: dict[str, Any]
    found: bool


Kind = TypeVar("Kind", bound=Kept)


def find_complete(folder: Path, opened: Callable[[Path], Kind], say: Callable[[str], object]) -> Kind | None:
    """The complete run or study that a folder holds, every file of it as it was written; says what is damaged."""
    if not locate(folder, MANIFEST).is_file():
        return None
    try:
        found = opened(folder)
        if not found.manifest.get("complete", True):
            return None
        check_all(folder, found.manifest)
    except Damaged as error:
        say(str(error))
        return None
    found.found = True
    return found


def check_all(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Check every file of the run; figures are left out, because they can be drawn again."""
    for name in manifest["files"]:
        if not name.startswith(FIGURES):
            check(folder, name, manifest)


def new_draft(folder: Path) -> Path:
    """A fresh folder into which a run is written before it is filed."""
    with writing(folder):
        return Path(tempfile.mkdtemp(prefix="draft-", dir=folder / PARTIAL))


def file_run(folder: Path, draft: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """File what a draft holds, as one; returns the manifest with the checksums of all files."""
    with writing(folder):
        files = {path.name: fingerprint(path) for path in sorted(draft.iterdir())}
        sealed = seal({**manifest, "files": files})
        (draft / MANIFEST).write_text(json.dumps(sealed, indent=2) + "\n", "utf-8")
        for path in draft.iterdir():
            to_disk(path)
        draft.chmod(0o755)
        finish_filing(folder)
        os.rename(draft, folder / FILED)
        finish_filing(folder)
    return sealed


def finish_filing(folder: Path) -> None:
    """Move up what was filed, the manifest last."""
    filed = folder / FILED
    if filed.is_dir():
        for path in sorted(filed.iterdir(), key=lambda path: (path.name == MANIFEST, path.name)):
            os.replace(path, folder / path.name)
        filed.rmdir()


def add_figures(folder: Path, names: list[str]) -> dict[str, Any]:
    """Note the checksums of plots in the manifest, which is returned."""
    manifest = read_manifest(folder)
    figures = {name: fingerprint(folder / name) for name in names}
    sealed = seal({**manifest, "files": {**manifest["files"], **figures}})
    replace(folder / MANIFEST, (json.dumps(sealed, indent=2) + "\n").encode())
    return sealed


def replace(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all. ResultsError if it cannot be written."""
    with writing(path):
        write_whole(path, data)


def to_disk(path: Path) -> None:
    """Wait until a file is safe against a loss of power."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
