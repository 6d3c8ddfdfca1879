"""The rows of a run under way: in memory, or in a folder where they outlast the process."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.aggregates import Aggregates
from sim.ensemble.folder import PARTIAL, ResultsError, finish_filing, replace, writing

try:
    import fcntl

    LOCKS = True
except ImportError:  # Windows: two runs of one folder at the same time are not told apart
    LOCKS = False

CHUNK = 1_000
"""Rows that have a checksum in common: so many campaigns are run again where one of them is damaged."""
CHUNKS_READ = 10
"""Chunks that are read, and filed, together."""
Rows = NDArray[np.float64]


class MemoryRows:
    """The outcomes of each campaign, kept in memory."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.parts: list[Rows] = []

    def append(self, rows: Rows) -> None:
        self.parts.append(rows)

    def checkpoint(self, aggregates: Aggregates) -> None:
        """Nothing is safe against a crash here."""

    def chunks(self) -> Iterator[Rows]:
        """The rows so far."""
        yield from self.parts

    def all(self) -> Rows:
        return np.concatenate(self.parts) if self.parts else np.empty((0, self.columns))


class Workbench:
    """`partial/` of a results folder: rows so far with a checksum for each chunk, from time to time the aggregates.

    Whoever has it open holds a lock on its rows.
    """

    def __init__(self, folder: Path, columns: int, afresh: bool) -> None:
        self.home, self.folder, self.columns = folder, folder / PARTIAL, columns
        self.row_bytes = 8 * columns
        self.rows_file, self.checkpoint_file = self.folder / "rows.bin", self.folder / "checkpoint.npz"
        with writing(folder):
            self.rows = self._locked()
            finish_filing(folder)
            for left in self.folder.glob("draft-*"):
                shutil.rmtree(left, ignore_errors=True)
        self.count = 0
        self.digests: list[bytes] = []
        """SHA-256 of each full chunk."""
        self.last = hashlib.sha256()
        """Of the rows behind the last full chunk."""
        if afresh:
            self.checkpoint_file.unlink(missing_ok=True)

    def _locked(self) -> BinaryIO:
        """The file of rows, locked; it may be removed by another run's end while it is opened."""
        for _ in range(1000):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                rows = os.fdopen(os.open(self.rows_file, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
            except FileNotFoundError:
                continue
            try:
                if LOCKS:
                    fcntl.flock(rows, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                rows.close()
                raise ResultsError(f"another run is writing {self.home}: wait for it, or end it") from None
            except OSError:
                pass  # a file system without locks
            if self._is_in_place(rows):
                return rows
            rows.close()
        raise ResultsError(f"{self.home} is removed again and again while a run begins in it")

    def _is_in_place(self, rows: BinaryIO) -> bool:
        """Whether the file of rows is still the one in the folder."""
        with contextlib.suppress(OSError):
            return os.path.samestat(os.stat(self.rows_file), os.fstat(rows.fileno()))
        return False

    def require_in_place(self) -> None:
        """ResultsError if the folder was removed under the run."""
        if not self._is_in_place(self.rows):
            raise ResultsError(f"{self.home} was removed while a run was writing it: nothing is kept; run it again")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Errors of writing as one message; which of them is due to a folder that was removed."""
        try:
            with writing(self.home):
                yield
        except ResultsError:
            self.require_in_place()
            raise

    def resume(self, aggregates: Aggregates) -> str:
        """Go on from the last checkpoint, if there is one; returns what is wrong with it."""
        state, wrong = None, ""
        if self.checkpoint_file.is_file():
            try:
                state = _sound_state(self.checkpoint_file)
            except Exception:  # readers of formats raise errors of every kind
                wrong = f"{self.checkpoint_file} is damaged: all campaigns are run again"
        if state is not None:
            aggregates.restore(state)
            self.count = aggregates.replicates
            self.digests = [bytes(digest) for digest in state["chunks"]]
        with self.writing():
            self.rows.truncate(self.count * self.row_bytes)
        if damaged := self.damaged():
            again = sum(last - first for first, last in damaged)
            wrong = f"{self.rows_file} is damaged: {again:,} of {self.count:,} campaigns are run again"
        else:
            self._begin_last()
        return wrong

    def _begin_last(self) -> None:
        """The running checksum of the rows behind the last full chunk; the full chunks are those with a digest."""
        full = self.count // CHUNK
        self.digests = self.digests[:full]
        self.rows.seek(full * CHUNK * self.row_bytes)
        self.last = hashlib.sha256(self.rows.read())

    def append(self, rows: Rows) -> None:
        """Keep the outcomes of more campaigns."""
        with self.writing():
            self.rows.seek(0, os.SEEK_END)
            self.rows.write(rows.tobytes())
        while len(rows):
            fits = CHUNK - self.count % CHUNK
            here, rows = rows[:fits], rows[fits:]
            self.last.update(np.ascontiguousarray(here).data)
            self.count += len(here)
            if self.count % CHUNK == 0:
                self.digests.append(self.last.digest())
                self.last = hashlib.sha256()

    def all_digests(self) -> list[bytes]:
        """The checksum of each chunk, the last of which may not be full."""
        if len(self.digests) * CHUNK >= self.count:
            return self.digests
        return [*self.digests, self.last.digest()]

    def checkpoint(self, aggregates: Aggregates) -> None:
        """Make all that is finished so far safe against a crash."""
        self.require_in_place()
        with self.writing():
            self.rows.flush()
            os.fsync(self.rows.fileno())
            state = aggregates.state()
            state["chunks"] = np.frombuffer(b"".join(self.all_digests()), dtype=np.uint8).reshape(-1, 32)
            buffer = io.BytesIO()
            np.savez_compressed(buffer, allow_pickle=False, checksum=_checksum(state), **state)
            replace(self.checkpoint_file, buffer.getvalue())

    def damaged(self) -> list[tuple[int, int]]:
        """First row, and one past the last, of each chunk that is not what was written."""
        with self.writing():
            self.rows.flush()
            self.rows.seek(0)
            wrong = []
            for number, digest in enumerate(self.all_digests()):
                first, last = number * CHUNK, min(self.count, (number + 1) * CHUNK)
                if hashlib.sha256(self.rows.read((last - first) * self.row_bytes)).digest() != digest:
                    wrong.append((first, last))
        return wrong

    def put(self, first: int, rows: Rows) -> None:
        """Write rows again that were damaged."""
        with self.writing():
            self.rows.seek(first * self.row_bytes)
            self.rows.write(rows.tobytes())

    def mended(self) -> None:
        """After damaged rows were written again: they must be those that were there."""
        if self.damaged():
            raise ResultsError(f"{self.rows_file} does not keep what is written to it: is the disk sound?")
        self._begin_last()

    def chunks(self) -> Iterator[Rows]:
        """The rows so far, in the groups in which they are filed."""
        with self.writing():
            self.rows.flush()
            digests, many = self.all_digests(), CHUNK * CHUNKS_READ
            for first in range(0, self.count, many):
                self.rows.seek(first * self.row_bytes)
                data = self.rows.read(min(many, self.count - first) * self.row_bytes)
                for part in range(0, min(many, self.count - first), CHUNK):
                    piece = data[part * self.row_bytes : (part + CHUNK) * self.row_bytes]
                    if hashlib.sha256(piece).digest() != digests[(first + part) // CHUNK]:
                        raise ResultsError(f"{self.rows_file} was damaged while the run was under way; run it again")
                yield np.frombuffer(data).reshape(min(many, self.count - first), self.columns)

    def close(self, remove: bool) -> None:
        """Leave the bench; `remove` it when the run is complete."""
        if remove and LOCKS and self._is_in_place(self.rows):  # before the lock is given up
            shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.rows.close()
        if remove and not LOCKS:
            shutil.rmtree(self.folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what a process that was killed left in a complete folder, unless another is at work there."""
    if (folder / PARTIAL).exists() or (folder / "filed").exists():
        with contextlib.suppress(ResultsError, OSError):
            Workbench(folder, 1, afresh=False).close(remove=True)


def _checksum(state: dict[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """One checksum of the names, types, shapes and contents of arrays."""
    digest = hashlib.sha256()
    for name, values in sorted(state.items()):
        digest.update(f"{name}{values.dtype.str}{values.shape}".encode() + np.ascontiguousarray(values).tobytes())
    return np.frombuffer(digest.digest(), dtype=np.uint8)


def _sound_state(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a checkpoint; ValueError, or what the reader of the format raises, if they were changed."""
    with np.load(path, allow_pickle=False) as file:
        state = dict(file)
    if bytes(state.pop("checksum")) != bytes(_checksum(state)):
        raise ValueError("the checkpoint does not fit its checksum")
    return state
