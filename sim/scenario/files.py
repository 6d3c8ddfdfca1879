"""Opens the files of a scenario: only regular UTF-8 files of sane size, and only inside the scenario's folder."""

from __future__ import annotations

import contextlib
import pathlib
import stat
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

from sim.scenario.names import nearest

MAX_BYTES = 5_000_000
_DRAFTS: ContextVar[Mapping[pathlib.Path, str]] = ContextVar("drafts", default={})  # noqa: B039 (never changed)


@contextlib.contextmanager
def drafts(texts: Mapping[pathlib.Path, str]) -> Iterator[None]:
    """While this lasts, these texts are read in the place of the files at their real paths."""
    token = _DRAFTS.set(texts)
    try:
        yield
    finally:
        _DRAFTS.reset(token)


class FileTrouble(Exception):
    """A file that cannot be read as part of a scenario."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_text(path: pathlib.Path, most: int = MAX_BYTES) -> str:
    """The text of a file of at most so many bytes."""
    draft = _DRAFTS.get().get(path.resolve()) if _DRAFTS.get() else None
    if draft is not None:
        if not draft.strip("\ufeff \t\r\n"):
            raise FileTrouble("is empty")
        return draft
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            inside = sorted(child.name for child in path.iterdir() if child.suffix in (".yaml", ".yml"))
            raise FileTrouble("is a folder, not a scenario file", str(path / inside[0]) if inside else None)
        if not stat.S_ISREG(mode):
            raise FileTrouble("is not a regular file")
        with path.open("rb") as stream:
            content = stream.read(most + 1)
    except FileNotFoundError:
        raise FileTrouble("there is no such file", _neighbour(path)) from None
    except NotADirectoryError:
        raise FileTrouble("there is no such file") from None
    except PermissionError:
        raise FileTrouble("may not be read (permission denied)") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileTrouble(f"cannot be read ({reason.lower()})") from None
    if len(content) > most:
        raise FileTrouble(f"is larger than {most // 1_000_000} MB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileTrouble(f"is not UTF-8 text (line {line}); save it as UTF-8") from None
    if not text.strip("\ufeff \t\r\n"):
        raise FileTrouble("is empty")
    return text


def _neighbour(path: pathlib.Path) -> str | None:
    """The file beside a missing one whose name is most like it."""
    try:
        near = nearest(path.name, sorted(child.name for child in path.parent.iterdir()))
    except OSError:
        return None
    return None if near is None else str(path.parent / near)


def inside(root: pathlib.Path, folder: pathlib.Path, name: str) -> pathlib.Path:
    """The file that another one names, relative to its own folder; refused when it lies outside of `root`."""
    if pathlib.PurePath(name).is_absolute():
        raise FileTrouble(f"'{name}' is an absolute path; name a file relative to this one")
    try:
        target = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):
        raise FileTrouble(f"'{name}' does not lead to a file") from None
    if not target.is_relative_to(root):
        raise FileTrouble(f"'{name}' leads out of the scenario's folder")
    return folder / name
