"""Duels of two formations at the gate of a place, fought by the engine in an ensemble, in the units of theory.

A assaults, B holds; A kills B at the rate `alpha`, B kills A at the rate `beta`, under one of the laws of `LAWS`. One
tick is `step` of theory's time, which the rate of combat carries: the clock itself knows no tick shorter than an hour.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.record import RecordSpec
from sim.ensemble.blocks import run_blocks
from sim.outcomes.catalogue import outcomes_of

TICK_DAYS = 1 / 24
LAWS = {
    # Exponents of those who fire, of B who is fired at, and of A who is fired at.
    "square": (1, 0, 0),
    "linear": (1, 1, 1),
    "mixed": (1, 1, 0),
}


class Duel(NamedTuple):
    """Who fights whom, under which law."""

    law: str
    a: int
    b: int
    alpha: float
    beta: float


class Course(NamedTuple):
    """How duels went: the people left on both sides, [replicate, tick], and the length of a tick."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    step: float

    def until(self, a_breaks: float = 0.0, b_breaks: float = 0.0) -> Ending:
        """Where each duel ended: in the tick in which either side has no more people than it breaks at."""
        over = (self.a <= a_breaks) | (self.b <= b_breaks)
        assert over[:, -1].all(), "a duel is not over"
        last = over.argmax(axis=1)
        rows = np.arange(len(last))
        a, b = self.a[rows, last], self.b[rows, last]
        return Ending((a > a_breaks) & (b <= b_breaks), a, b, (last - 0.5) * self.step)


class Ending(NamedTuple):
    """Who won, who was left, and when it was over (the middle of the tick), for each duel."""

    a_won: NDArray[np.bool_]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    time: NDArray[np.float64]


def fight(
    tiny: Callable[..., Any],
    duel: Duel,
    step: float,
    horizon: float,
    replicates: int = 1,
    seed: int = 1,
    chance: int = 1,
) -> Course:
    """Fight a duel so many times, through blocks of the ensemble engine."""
    aim, in_cover, in_the_open = LAWS[duel.law]
    # B's fire is `attack_cost` as deadly as A's; where that may not be enough A has less quality besides.
    cost = duel.beta / duel.alpha
    quality = min(1.0, 10 / cost)
    assert quality == 1.0 or duel.law == "mixed"
    ticks = round(horizon / step)
    war = tiny(
        {"camp": {"control": "red"}, "field": {"control": "blue"}},
        [("camp", "field", 40)],
        {
            "a": {"side": "red", "place": "camp", "strength": duel.a, "quality": quality},
            "b": {"side": "blue", "place": "field", "strength": duel.b},
        },
        {
            "combat": {
                "rate": duel.alpha / quality * step / TICK_DAYS,
                "attack_cost": cost * quality,
                "foe_exponent": aim,
                "own_exponent": in_cover,
                "open_exponent": in_the_open,
                "chance": chance,
            }
        },
        clock={"tick_hours": 1, "days": ticks * TICK_DAYS, "decision_hours": 1},
        kinds={"foot": {"speed": 10, "cohesion": 1000}},
    )
    war.put("a", "camp", "field", 0.0, assault=1)
    deployment = dataclasses.replace(war.deployment, block=war.cells)
    names = [f"{side}.strength@day{tick * TICK_DAYS}" for side in ("red", "blue") for tick in range(ticks + 1)]
    plan = RecordSpec(deployment, outcomes_of(deployment.loaded, names))
    blocks = run_blocks(deployment, plan, seed, 0, replicates, 250, 1)
    strengths = np.concatenate([plan.values(block.record, block.campaigns) for block in blocks])
    return Course(strengths[:, : ticks + 1], strengths[:, ticks + 1 :], step)
