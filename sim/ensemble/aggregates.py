"""Aggregates: what an ensemble's campaigns came to in sum, in memory that does not grow with their number.

All counts and sums are whole numbers, so that they do not depend on the order in which blocks come in. Quantiles are
read from histograms whose bins are 1/64 of a power of two wide: an error below 1.6 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.record import Record, RecordSpec

MANTISSA_BITS = 6
SHIFT = 52 - MANTISSA_BITS
FIRST_BIN = (1023 - 8) << MANTISSA_BITS
"""Values below 2**-8 count in bin 0: of people, of equipment and of will that is nothing."""
BINS = (40 << MANTISSA_BITS) + 1
"""Up to 2**32."""
FINENESS = 65536.0
"""Sums are kept as a whole part and a fraction in 1/65536, so that neither can overflow."""
TOGETHER = 64
"""Campaigns that are summed together. What that needs for a moment is small, so that the system need not be asked for
it: in Dask's workers, whose memory is always given back, a tenth of a short campaign's time."""
SHARES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


def bin_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each value: its exponent and the first bits of its mantissa."""
    return np.clip((values.view(np.int64) >> SHIFT) - FIRST_BIN + 1, 0, BINS - 1)


def bin_edges() -> NDArray[np.float64]:
    """Where the bins begin; one past the last."""
    edges = ((np.arange(BINS + 1) - 1 + FIRST_BIN) << SHIFT).view(np.float64)
    edges[0] = 0.0
    return edges


class Aggregates:
    """Counts of control and falls, and the distribution of each quantity on each day.

    The campaigns are those from replicate `first` on. `busy` is the time in seconds that all threads together have
    run, `elapsed` that of the clock on the wall.
    """

    def __init__(self, spec: RecordSpec, first: int = 0) -> None:
        ticks, places, sides = spec.shape
        days, quantities = len(spec.series_days), len(spec.quantities)
        self.spec, self.first = spec, first
        self.replicates = 0
        self.failed: list[int] = []
        """Replicates whose quantities are not numbers."""
        self.busy = 0.0
        self.elapsed = 0.0
        self.control_counts = np.zeros((ticks, places, sides), dtype=np.int64)
        self.fall_counts = np.zeros((places, ticks), dtype=np.int64)
        self.histogram = np.zeros((days, quantities, BINS), dtype=np.int32)
        self.sums = np.zeros((2, days, quantities), dtype=np.int64)
        self.least = np.full((days, quantities), np.inf)
        self.most = np.full((days, quantities), -np.inf)
        self._first_bins = np.arange(days * quantities).reshape(days, quantities) * BINS

    def add(self, record: Record, count: int, seconds: float) -> None:
        """Take in a block of campaigns. One whose quantities are not numbers has failed: it is counted, not summed."""
        for begin in range(0, count, TOGETHER):
            self._add(record.samples[begin : min(begin + TOGETHER, count), self.spec.day_samples])
        self.busy += seconds
        self.control_counts += record.control_counts
        self.fall_counts += record.fall_counts

    def _add(self, samples: NDArray[np.float64]) -> None:
        """Take in the quantities [campaign, day, quantity] of some campaigns."""
        sound = np.isfinite(samples).all(axis=(1, 2))
        self.failed += (self.first + self.replicates + np.flatnonzero(~sound)).tolist()
        self.replicates += len(samples)
        samples = samples if sound.all() else samples[sound]
        np.add.at(self.histogram.reshape(-1), (bin_of(samples) + self._first_bins).reshape(-1), np.int32(1))
        whole = np.floor(samples)
        self.sums[0] += whole.astype(np.int64).sum(axis=0)
        self.sums[1] += np.rint((samples - whole) * FINENESS).astype(np.int64).sum(axis=0)
        np.minimum(self.least, samples.min(axis=0, initial=np.inf), out=self.least)
        np.maximum(self.most, samples.max(axis=0, initial=-np.inf), out=self.most)

    @property
    def failures(self) -> int:
        """How many campaigns have failed."""
        return len(self.failed)

    def merge(self, other: Aggregates) -> None:
        """Take in what was counted elsewhere, of other campaigns with the same outcomes."""
        if self.control_counts.shape != other.control_counts.shape or self.sums.shape != other.sums.shape:
            raise ValueError("only aggregates of one scenario can be merged")
        self.replicates += other.replicates
        self.failed = sorted([*self.failed, *other.failed])
        self.busy += other.busy
        self.elapsed += other.elapsed
        self.control_counts += other.control_counts
        self.fall_counts += other.fall_counts
        self.histogram += other.histogram
        self.sums += other.sums
        np.minimum(self.least, other.least, out=self.least)
        np.maximum(self.most, other.most, out=self.most)

    def __getstate__(self) -> dict[str, Any]:
        """What travels between processes: hardly any bin of the histograms is in use."""
        state = self.__dict__.copy()
        full = state.pop("histogram").reshape(-1)
        bins = np.flatnonzero(full)
        return state | {"bins": bins.astype(np.int32), "counts": full[bins]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        bins, counts = state.pop("bins"), state.pop("counts")
        self.__dict__.update(state)
        self.histogram = np.zeros((*self.least.shape, BINS), dtype=np.int32)
        self.histogram.reshape(-1)[bins] = counts

    def series(self) -> pd.DataFrame:
        """A row per day and quantity: day, quantity, mean, p05, p25, median, p75, p95."""
        spec, counted = self.spec, max(1, self.replicates - self.failures)
        means = ((self.sums[0] + self.sums[1] / FINENESS) / counted).clip(self.least, self.most)
        bands = np.array([self._quantiles(day, counted) for day in range(len(spec.series_days))])
        quantities = len(spec.quantities)
        return pd.DataFrame(
            {
                "day": np.repeat(spec.series_days, quantities),
                "quantity": spec.quantities * len(spec.series_days),
                "mean": means.reshape(-1),
                **{name: bands[:, i].reshape(-1) for i, name in enumerate(SHARES)},
            }
        )

    def _quantiles(self, day: int, counted: int) -> NDArray[np.float64]:
        """[share, quantity]: read from one day's histograms, within a bin as if its values lay evenly."""
        edges = bin_edges()
        up_to = self.histogram[day].cumsum(axis=1)
        found = np.empty((len(SHARES), len(up_to)))
        for i, share in enumerate(SHARES.values()):
            rank = share * (counted - 1)
            bins = (up_to <= rank).sum(axis=1).clip(max=BINS - 1)
            here = self.histogram[day][np.arange(len(up_to)), bins]
            before = up_to[np.arange(len(up_to)), bins] - here
            part = ((rank - before + 0.5) / np.maximum(here, 1)).clip(0.0, 1.0)
            found[i] = edges[bins] + part * (edges[bins + 1] - edges[bins])
        people = [not name.endswith((".will", ".equipment")) for name in self.spec.quantities]
        found[:, people] = np.floor(found[:, people])
        return found.clip(self.least[day], self.most[day])

    def state(self) -> dict[str, NDArray]:
        """All that is counted, as arrays that a file can keep."""
        return {
            "campaigns": np.array([self.replicates, self.failures]),
            "failed": np.array(self.failed, dtype=np.int64),
            "seconds": np.array([self.busy, self.elapsed]),
            "control_counts": self.control_counts,
            "fall_counts": self.fall_counts,
            "histogram": self.histogram,
            "sums": self.sums,
            "least": self.least,
            "most": self.most,
        }

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go on from what a file has kept."""
        self.replicates, self.failed = int(state["campaigns"][0]), state["failed"].tolist()
        self.busy, self.elapsed = (float(n) for n in state["seconds"])
        for name in ("control_counts", "fall_counts", "histogram", "sums", "least", "most"):
            getattr(self, name)[...] = state[name]
