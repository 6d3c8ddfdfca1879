"""Paths that users give: read in one way by all that opens files."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from sim.scenario.messages import describe, printable

RESERVED = frozenset('<>:"/\\|?*')
"""Signs that a name of a folder does not hold on every system."""


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path with `~` as the user's home. FileNotFoundError where no home is known; TypeError for what is no path."""
    if not isinstance(path, str | Path):
        said = "None" if path is None else describe(path)
        raise TypeError(f"the path of a file or folder should be a text or a Path, but is {said}")
    try:
        os.fsencode(path)
        return Path(path).expanduser()
    except UnicodeEncodeError:
        raise FileNotFoundError(errno.ENOENT, "its name has letters that no file can have", repr(str(path))) from None
    except RuntimeError:
        raise FileNotFoundError(errno.ENOENT, "no home folder is known that ~ could stand for", str(path)) from None


def absolute(path: str | os.PathLike[str]) -> Path:
    """A path that stays the same when the working directory changes; `~` is the user's home."""
    return Path(os.path.abspath(expanded(path)))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name and rename it, so that it is there as a whole or not at all.

    A link stays: the file to which it leads is written. OSError names the path, never the other name.
    """
    try:
        target = path.resolve()
        handle, unfinished = tempfile.mkstemp(prefix="unfinished-", dir=target.parent)
        try:
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(unfinished, 0o644)
            os.replace(unfinished, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(unfinished)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def folder_name(name: str) -> str:
    """A name as the name of one folder: never a path, and never one that leads elsewhere."""
    safe = "".join("_" if sign in RESERVED or printable(sign) != sign else sign for sign in name).strip(" .")
    return safe[:100] or "scenario"
