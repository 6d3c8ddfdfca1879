"""The exact law of a duel that is fought in ticks: a Markov chain over the people left on both sides.

In a tick each of A is hit with probability 1 - exp(-beta B^p A^(q-1) step), each of B likewise, all at once. As the
step goes to nothing the chain becomes the stochastic Lanchester process, so its distance from that is the whole error
of the time step. Written from the law, not from the rule.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

EXPONENTS = {"square": (1, 0, 0), "linear": (1, 1, 1), "mixed": (1, 1, 0)}
"""Of those who fire, of B who is fired at, of A who is fired at."""


class Expected(NamedTuple):
    """What a duel comes to: A's chance, mean and spread of its length, A's people left where A won."""

    p_a: float
    mean_time: float
    sd_time: float
    a_if_won: float


def solve(
    law: str, a: int, b: int, alpha: float, beta: float, step: float, a_breaks: int = 0, b_breaks: int = 0
) -> Expected:
    """Every state leads to states with fewer people only, so one pass from below gives all expectations."""
    fires, b_hit, a_hit = EXPONENTS[law]
    grid = np.zeros((4, a + 1, b + 1))
    won, time, square, left = grid
    won[a_breaks + 1 :, : b_breaks + 1] = 1
    left[a_breaks + 1 :, : b_breaks + 1] = np.arange(a_breaks + 1, a + 1)[:, None]
    for i in range(a_breaks + 1, a + 1):
        for j in range(b_breaks + 1, b + 1):
            spared_a = np.exp(-beta * j**fires * i ** (a_hit - 1.0) * step)
            spared_b = np.exp(-alpha * i**fires * j ** (b_hit - 1.0) * step)
            to_a = stats.binom.pmf(np.arange(i + 1), i, spared_a)
            to_b = stats.binom.pmf(np.arange(j + 1), j, spared_b)
            onward = np.einsum("i,kij,j->k", to_a, grid[:, : i + 1, : j + 1], to_b, optimize=True)
            moves = 1.0 - to_a[i] * to_b[j]
            won[i, j], time[i, j], left[i, j] = onward[0] / moves, (step + onward[1]) / moves, onward[3] / moves
            later = onward[1] + (1.0 - moves) * time[i, j]
            square[i, j] = (step**2 + 2 * step * later + onward[2]) / moves
    p_a, mean = won[a, b], time[a, b]
    # A duel ends, on average, in the middle of its last tick.
    return Expected(p_a, mean - step / 2, np.sqrt(square[a, b] - mean**2), left[a, b] / p_a)
