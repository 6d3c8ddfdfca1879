"""When an ensemble is large enough: it grows until the interval of one outcome is as narrow as asked.

Repeated testing makes a stop at a lucky moment likely, and the interval then covers less than it claims. Three rules
prevent that: Wilson's interval instead of the share plus or minus two errors, few interim analyses (each after a tenth
more values), and no stop while one to eight values differ from all others. By exact calculation the final interval
holds the true share, whatever it is, in at least 93 % of the runs.

Only values that are defined count: where an outcome is undefined in most campaigns, a run is as long as it takes to see
enough of the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.statistics.intervals import NORMAL_95, student_margin, wilson

FIRST_ANALYSIS = 100
"""Values that the first analysis needs at least."""
GROWTH = 1.1
FEW = 8
"""With one to so many values that differ from all others, Wilson's interval often lies beside the true share."""
WIDEST = 0.05
"""A wider interval of a share is not worth a shorter run: it would take so few values that coverage suffers."""
LEAST = 1000
"""Values that a share may take in any case: enough to tell a rare event from none."""


def enough_for_a_share(half_width: float) -> int:
    """Values that are enough for any share: those that a share of a half takes, which takes most."""
    return max(LEAST, math.ceil(NORMAL_95**2 * (1 / (4 * half_width**2) - 1)))


def share_known_to(successes: ArrayLike, trials: ArrayLike) -> NDArray[np.float64]:
    """Half the width of the interval of a share."""
    low, high = wilson(successes, trials)
    return (high - low) / 2


def share_is_known(successes: ArrayLike, trials: ArrayLike, half_width: float) -> NDArray[np.bool_]:
    """Whether a share is known well enough to stop."""
    rarer = np.minimum(successes, np.asarray(trials) - np.asarray(successes))
    narrow = share_known_to(successes, trials) <= min(half_width, WIDEST)
    narrow &= np.asarray(trials) >= FIRST_ANALYSIS
    return narrow & ((rarer == 0) | (rarer > FEW) | (np.asarray(trials) >= enough_for_a_share(half_width)))


def mean_known_to(sample: ArrayLike) -> float:
    """Half the width of the 95 % interval of a mean; infinite for fewer than two values, or for a few that are equal.

    A few values that are equal say nothing of how far others lie apart.
    """
    values = np.asarray(sample, dtype=float)
    if len(values) < FIRST_ANALYSIS and len(np.unique(values)) < 2:
        return math.inf
    return student_margin(values)


def mean_is_known(sample: ArrayLike, half_width: float) -> bool:
    """Whether a mean is known well enough to stop."""
    return len(np.asarray(sample)) >= FIRST_ANALYSIS and mean_known_to(sample) <= half_width


def interim_analyses(most: int) -> Iterator[int]:
    """After how many values the rule is applied; `most` is the last."""
    count = FIRST_ANALYSIS
    while count < most:
        yield count
        count = math.ceil(count * GROWTH)
    yield most
