"""The rows of a study under way: a slot for each shard, filled in any order, and a journal of the slots that are full.

A slot counts as full only if its checksum is in the journal and still fits, so whatever a crash left is redone.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.shards import Shard
from sim.ensemble.workbench import Workbench

Array = NDArray[np.float64]
ENTRY = struct.Struct("<qI")
"""The number of a shard, and the CRC-32 of its rows."""


class MemorySlots:
    """The rows of a study in memory."""

    def __init__(self, shards: Sequence[Shard], columns: int) -> None:
        starts = np.cumsum([0, *(shard.campaigns for shard in shards)])
        self.shards, self.starts, self.columns = list(shards), starts.tolist(), columns
        self.full: set[int] = set()
        self._rows = np.full((starts[-1], columns), np.nan)

    def put(self, number: int, rows: Array) -> None:
        """Keep the rows of one shard; several threads may do so at once."""
        self._rows[self.starts[number] :][: len(rows)] = rows
        self.full.add(number)

    def rows(self, number: int) -> Array:
        """The rows of one shard."""
        return self._rows[self.starts[number] : self.starts[number + 1]]

    def close(self, remove: bool) -> None:
        """Nothing is left behind."""


class Slots(MemorySlots):
    """The rows of a study in `partial/` of its folder, locked while it is open."""

    def __init__(self, folder: Path, shards: Sequence[Shard], columns: int, afresh: bool) -> None:
        self.bench = Workbench(folder, columns, afresh)
        journal = self.bench.folder / "journal.bin"
        super().__init__(shards, 0)
        self.columns = columns
        self._writing = threading.Lock()
        with self.bench.writing():
            self.bench.rows.truncate(self.starts[-1] * self.bench.row_bytes) if afresh else None
            old = b"" if afresh or not journal.is_file() else journal.read_bytes()
            self._journal = open(journal, "wb")  # noqa: SIM115 (open until `close`)
        for number, checksum in ENTRY.iter_unpack(old[: len(old) // ENTRY.size * ENTRY.size]):
            if 0 <= number < len(self.shards) and zlib.crc32(self._read(number)) == checksum:
                self._note(number, checksum)
        self._journal.flush()

    def put(self, number: int, rows: Array) -> None:
        with self._writing:
            self._put(number, rows)

    def _put(self, number: int, rows: Array) -> None:
        data = np.ascontiguousarray(rows).tobytes()
        with self.bench.writing():
            self.bench.rows.seek(self.starts[number] * self.bench.row_bytes)
            self.bench.rows.write(data)
            self.bench.rows.flush()
            self._note(number, zlib.crc32(data))
            self._journal.flush()

    def _note(self, number: int, checksum: int) -> None:
        self._journal.write(ENTRY.pack(number, checksum))
        self.full.add(number)

    def _read(self, number: int) -> bytes:
        with self.bench.writing():
            self.bench.rows.seek(self.starts[number] * self.bench.row_bytes)
            return self.bench.rows.read(self.shards[number].campaigns * self.bench.row_bytes)

    def rows(self, number: int) -> Array:
        return np.frombuffer(self._read(number)).reshape(-1, self.columns)

    def close(self, remove: bool) -> None:
        """Leave the study; `remove` what is under way when it is complete."""
        self._journal.close()
        self.bench.close(remove)
