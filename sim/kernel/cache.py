"""The folder in which machine code is kept between runs, and what is trusted in it.

Numba unpickles what it finds in its cache, and runs it. So the folder belongs to one user, nobody else may write in it,
and a file is handed to Numba only if its checksum is right. Each entry is a folder of its own, named after a function
and a digest of all that its code depends on. Nothing is ever removed but entries of this folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import time
from pathlib import Path

SUBFOLDER = "compiled-rules"
MARK = "CACHEDIR.TAG"
MARK_TEXT = """Signature: 8a477f597d28d172789f06886806bc55
# This folder was made by Orontes. It holds compiled rules and may be removed at any time.
"""
CHECKSUMS = "checksums.json"
ENTRY = re.compile(r"(?P<function>\w+)-[0-9a-f]{20}")
UNFINISHED = "unfinished-"
KEPT = 3
"""Entries that are kept of each function: the present sources, and those last used of other sources."""
DAY = 86_400.0


class Untrusted(Exception):
    """A folder that cannot hold machine code, and why."""


def folder() -> tuple[Path | None, str]:
    """The first place for compiled rules that can be trusted and written, and what is wrong with better ones.

    None: there is no such place. The file system may be read-only, say.
    """
    wrong: list[str] = []
    for place in (_usual_place, _temporary_place):
        try:
            root = place()
            _prepare(root)
            return root, "; ".join(wrong)
        except Untrusted as error:
            wrong.append(str(error))
        except OSError as error:
            wrong.append(f"{error.filename or 'temporary files'}: {error.strerror or error}")
    return None, "; ".join(wrong)


def _usual_place() -> Path:
    """In $ORONTES_CACHE, or in the user's folder for caches. A relative folder or an unknown home is none."""
    if wanted := os.environ.get("ORONTES_CACHE"):
        return Path(wanted).absolute() / SUBFOLDER
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(shared):
        shared = os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(shared):
        raise Untrusted("there is no home folder")
    return Path(shared) / "orontes" / SUBFOLDER


def _temporary_place() -> Path:
    return Path(tempfile.gettempdir()) / f"orontes-{SUBFOLDER}-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def _prepare(root: Path) -> None:
    """Make the folder if it is not there, and make sure that it is this user's alone, ours, and can be written."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        root.mkdir(mode=0o700)
    _check(root)
    mark = root / MARK
    if not mark.is_file():
        if any(root.iterdir()):
            raise Untrusted(f"{root} holds other files")
        mark.write_text(MARK_TEXT, "utf-8")
    # The modes of a folder do not tell.
    with tempfile.TemporaryFile(dir=root):
        pass


def _check(root: Path) -> None:
    """Only this user, and the system's, can have put something there."""
    found = os.lstat(root)
    if not stat.S_ISDIR(found.st_mode):
        raise Untrusted(f"{root} is not a folder")
    if not hasattr(os, "getuid"):
        return
    if found.st_uid != os.getuid():
        raise Untrusted(f"{root} belongs to another user")
    if found.st_mode & 0o022:
        raise Untrusted(f"other users may write in {root}")
    for above in (root.parent.resolve(), *root.parent.resolve().parents):
        found = os.stat(above)
        if found.st_uid not in (os.getuid(), 0) or found.st_mode & (0o002 | stat.S_ISVTX) == 0o002:
            raise Untrusted(f"other users may rename what is in {above}")


def private_folder(stack: contextlib.ExitStack) -> Path | None:
    """A fresh folder that is there until the stack is closed; None where there is no place for one."""
    with contextlib.suppress(OSError):
        made = tempfile.TemporaryDirectory(prefix="orontes-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        (folder / MARK).write_text(MARK_TEXT, "utf-8")
        return folder
    return None


# --- entries ---------------------------------------------------------------------------------------------------------


def begin_entry(root: Path) -> Path:
    """A folder in which an entry is made."""
    return Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))


def finish_entry(made: Path, entry: Path) -> None:
    """Give an entry its name, all at once. If another process was first, its entry stands."""
    sums = {path.relative_to(made).as_posix(): _sha256(path) for path in _files(made)}
    (made / CHECKSUMS).write_text(json.dumps(sums, indent=1), "utf-8")
    try:
        made.rename(entry)
    except OSError:
        if not is_sound(entry):
            raise
        shutil.rmtree(made, ignore_errors=True)


def is_sound(entry: Path) -> bool:
    """Whether an entry is as it was written: the same files, and all their bytes."""
    try:
        sums = json.loads((entry / CHECKSUMS).read_bytes())
        files = {path.relative_to(entry).as_posix(): path for path in _files(entry)}
        del files[CHECKSUMS]
        return len(sums) > 0 and sums == {name: _sha256(path) for name, path in files.items()}
    except (OSError, ValueError, KeyError):
        return False


def discard(entry: Path) -> None:
    """Remove a damaged entry. It gets another name first, so that nobody reads half of it."""
    with contextlib.suppress(OSError):
        aside = begin_entry(entry.parent)
        entry.rename(aside / entry.name)
        shutil.rmtree(aside, ignore_errors=True)


def note_used(entry: Path) -> None:
    """Entries that are used are pruned last."""
    with contextlib.suppress(OSError):
        os.utime(entry)


def prune(root: Path) -> None:
    """Remove entries of older sources, and what was left unfinished a day ago."""
    if not (root / MARK).is_file():
        return
    with contextlib.suppress(OSError):
        known: dict[str, list[tuple[float, Path]]] = {}
        for path in root.iterdir():
            found = os.lstat(path)
            if not stat.S_ISDIR(found.st_mode):
                continue
            named = ENTRY.fullmatch(path.name)
            if named and (path / CHECKSUMS).is_file():
                known.setdefault(named["function"], []).append((found.st_mtime, path))
            elif path.name.startswith(UNFINISHED) and found.st_mtime < time.time() - DAY:
                shutil.rmtree(path, ignore_errors=True)
        for entries in known.values():
            for _, path in sorted(entries, reverse=True)[KEPT:]:
                shutil.rmtree(path, ignore_errors=True)


def _files(entry: Path) -> list[Path]:
    """All files of an entry. Links are not followed, and are not files."""
    found = []
    for path in sorted(entry.rglob("*")):
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode):
            found.append(path)
        elif not stat.S_ISDIR(mode):
            raise OSError(f"{path} is not a file")
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
