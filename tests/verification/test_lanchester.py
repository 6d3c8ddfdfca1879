"""Combat against theory: the engine's own duels, against exact results for Lanchester's laws.

`duels.csv` has the exact distribution of stochastic duels in continuous time (dynamic programming over all states).
The engine fights in ticks: `chain.py` gives the exact law of that, and so the whole error of the time step.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.verification.chain import Expected, solve
from tests.verification.duels import Duel, Ending, fight

HERE = Path(__file__).parent
ERRORS = 4.0
"""Standard errors that an estimate may be off."""


def read_duels() -> dict[str, dict[str, Any]]:
    with (HERE / "duels.csv").open(encoding="utf-8") as file:
        return {row["duel"]: row for row in csv.DictReader(file)}


TABLE = read_duels()


def duel_of(name: str) -> Duel:
    row = TABLE[name]
    return Duel(row["law"], int(row["a"]), int(row["b"]), float(row["alpha"]), float(row["beta"]))


def breaks_of(name: str) -> tuple[int, int]:
    return int(TABLE[name]["a_breaks"]), int(TABLE[name]["b_breaks"])


def theory(name: str) -> dict[str, float]:
    """What is known of a duel in continuous time."""
    return {quantity: float(TABLE[name][quantity]) for quantity in Expected._fields if TABLE[name][quantity]}


def in_ticks(name: str, step: float) -> Expected:
    return solve(*duel_of(name), step, *breaks_of(name))


def estimates(ending: Ending) -> dict[str, tuple[float, float]]:
    """Of each quantity the estimate and its standard error."""

    def mean(sample: Any) -> tuple[float, float]:
        return float(np.mean(sample)), float(np.std(sample) / np.sqrt(len(sample)))

    spread = float(np.std(ending.time))
    kurtosis = np.mean((ending.time - ending.time.mean()) ** 4) / spread**4
    return {
        "p_a": mean(ending.a_won),
        "mean_time": mean(ending.time),
        "sd_time": (spread, float(spread * np.sqrt((kurtosis - 1) / 4 / len(ending.time)))),
        "a_if_won": mean(ending.a[ending.a_won]),
    }


def assert_as_in_theory(name: str, ending: Ending, step: float) -> None:
    chain = in_ticks(name, step)._asdict()
    exact = theory(name)
    for quantity, (found, error) in estimates(ending).items():
        assert abs(found - chain[quantity]) <= ERRORS * error + 1e-9, (name, quantity)
        if quantity in exact:
            of_the_step = abs(chain[quantity] - exact[quantity])
            assert abs(found - exact[quantity]) <= ERRORS * error + of_the_step + 1e-9, (name, quantity)


@pytest.mark.parametrize(
    ("name", "step", "horizon", "replicates"),
    [
        ("S2", 0.05, 9, 2000),
        ("S6", 0.05, 9, 2000),
        ("S9", 0.02, 5, 1500),
        ("L2", 0.02, 8, 1000),
        ("L4", 0.01, 5, 1000),
        ("G1", 0.05, 25, 1000),
        ("G2", 0.05, 45, 500),
        ("K3", 0.01, 1, 2000),
        ("K5", 0.01, 1, 2000),
    ],
)
def test_a_duel_goes_as_in_theory(tiny, name, step, horizon, replicates):
    assert_as_in_theory(name, fight(tiny, duel_of(name), step, horizon, replicates).until(*breaks_of(name)), step)


@pytest.mark.verify
@pytest.mark.parametrize("name", list(TABLE))
def test_all_duels_go_as_in_theory(tiny, name):
    duel = duel_of(name)
    horizon, step = {"square": (10.0, 0.025), "linear": (8.0, 0.05), "mixed": (140.0, 0.1)}[duel.law]
    if name[0] == "K":
        horizon, step = 1.2, 0.005
    elif duel.law == "linear":
        # Where fire falls on an area, hazards go with numbers.
        step = max(horizon / 2880, step / max(duel.alpha * duel.a, duel.beta * duel.b))
    ending = fight(tiny, duel, step, horizon, 4000, seed=2).until(*breaks_of(name))
    assert_as_in_theory(name, ending, step)


@pytest.mark.parametrize("name", [name for name in TABLE if int(TABLE[name]["a"]) <= 30])
def test_the_error_of_the_time_step_halves_with_the_step(name):
    step = 0.0025 if TABLE[name]["law"] == "linear" else 0.02
    coarse, fine = in_ticks(name, step)._asdict(), in_ticks(name, step / 2)._asdict()
    for quantity, exact in theory(name).items():
        before, after = coarse[quantity] - exact, fine[quantity] - exact
        assert abs(after) <= 0.6 * abs(before) + 1e-4 * exact, quantity
        # What is left when the first order is taken out.
        assert 2 * fine[quantity] - coarse[quantity] == pytest.approx(exact, rel=1e-3), quantity


@pytest.mark.parametrize(("fought", "claimed"), [("linear", "square"), ("square", "linear"), ("square", "mixed")])
def test_another_law_is_found_out(tiny, fought, claimed):
    """Duels with the same losses in the first tick, fought by one law and held against another, are refused."""
    a, b, step = 20, 15, 0.05
    # Per pair of people the linear law counts each of those fired at.
    alpha = 1.0 if fought == "square" else 1.0 / b
    beta = 1.0 if fought == "square" else 1.0 / a
    ending = fight(tiny, Duel(fought, a, b, alpha, beta), step, 120 if fought == "linear" else 9, 400).until()
    claim = Duel(claimed, a, b, 1.0 if claimed == "square" else 1.0 / b, 1.0 if claimed != "linear" else 1.0 / a)
    expected = solve(*claim, step)._asdict()
    off = [abs(found - expected[quantity]) / error for quantity, (found, error) in estimates(ending).items()]
    assert max(off) > 2 * ERRORS


@pytest.mark.parametrize(
    ("q", "neither", "replicates"), [(0.02, 0.000323558, 1000), (0.1, 0.00199244, 4000), (0.3, 0.00987891, 4000)]
)
def test_both_sides_fire_at_once(tiny, q, neither, replicates):
    """10 against 10: equals have equal chances, however long the tick. If A fired first it would have 0.580 at 0.1."""
    ending = fight(tiny, Duel("square", 10, 10, 1, 1), q, 12, replicates).until()
    a, b = np.mean(ending.a_won), np.mean((ending.b > 0) & (ending.a == 0))
    error = np.sqrt(0.25 / replicates)
    assert a == pytest.approx(0.5 - neither / 2, abs=ERRORS * error)
    assert b == pytest.approx(0.5 - neither / 2, abs=ERRORS * error)
    if q >= 0.1:
        assert abs(0.580 - a) > 2 * ERRORS * error


# --- deterministic limits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["S2", "S3", "S6", "S8", "S10", "S13", "S15"])
def test_the_square_law_without_chance(tiny, name):
    """Expected casualties follow cosh and sinh to the end, and leave the survivors of the square law."""
    duel = duel_of(name)
    people = 1_000_000
    scaled = duel._replace(a=duel.a * people, b=duel.b * people)
    w = np.sqrt(duel.alpha * duel.beta)
    end = np.arctanh(np.sqrt(duel.beta / duel.alpha) * duel.b / duel.a) / w
    step = end / 2500.5
    course = fight(tiny, scaled, step, 2600 * step, chance=0)
    t = np.arange(2500) * step
    a = scaled.a * np.cosh(w * t) - scaled.b * np.sqrt(duel.beta / duel.alpha) * np.sinh(w * t)
    b = scaled.b * np.cosh(w * t) - scaled.a * np.sqrt(duel.alpha / duel.beta) * np.sinh(w * t)
    assert course.a[0, :2500] == pytest.approx(a, rel=1e-9)
    assert course.b[0, :2500] == pytest.approx(b, rel=1e-9, abs=1e-9 * scaled.b)
    ending = course.until()
    assert ending.time[0] == pytest.approx(end, rel=1e-6)
    assert ending.a[0] == pytest.approx(np.sqrt(scaled.a**2 - duel.beta / duel.alpha * scaled.b**2), rel=1e-6)


def test_known_points_of_the_square_and_the_linear_law(tiny):
    square = fight(tiny, Duel("square", 1000, 800, 0.01, 0.01), 0.5, 60, chance=0)
    assert square.a[0, 100] == pytest.approx(710.749720811, rel=1e-9)
    assert square.b[0, 100] == pytest.approx(381.005466671, rel=1e-9)
    linear = fight(tiny, Duel("linear", 1000, 800, 1e-4, 1e-4), 0.1, 25, chance=0)
    assert linear.a[0, 200] == pytest.approx(431.272460416, rel=1e-9)
    assert linear.b[0, 200] == pytest.approx(231.272460416, rel=1e-9)


@pytest.mark.parametrize("name", ["G1", "G2", "G3", "G4"])
def test_an_ambush_without_chance_keeps_its_invariant(tiny, name):
    """Deitchman's mixed law: alpha A^2 / 2 - beta B does not change, and its sign decides."""
    duel = duel_of(name)
    people = 1000
    scaled = duel._replace(a=duel.a * people, b=duel.b * people, alpha=duel.alpha / people)
    course = fight(tiny, scaled, 0.005, 3, chance=0)
    a, b = course.a[0] / people, course.b[0] / people
    start = duel.alpha * duel.a**2 / 2 - duel.beta * duel.b
    assert duel.alpha * a**2 / 2 - duel.beta * b == pytest.approx(np.full(len(a), start), abs=1e-6 * duel.b)
    assert start >= 0 and b[-1] < 0.2 * duel.b


@pytest.mark.parametrize(("name", "left"), [("K1", 70), ("K2", 80), ("K3", 72.1110255093), ("K4", 76.6093989012)])
def test_who_is_left_when_the_other_breaks(tiny, name, left):
    """alpha A^2 - beta B^2 is kept, so the people A has left when B breaks are known."""
    duel = duel_of(name)
    people = 1000
    scaled = duel._replace(a=duel.a * people, b=duel.b * people)
    course = fight(tiny, scaled, 0.01, 1, chance=0)
    a, b = course.a[0] / people, course.b[0] / people
    at_break = np.interp(-(breaks_of(name)[1] ** 2), -(b**2), a**2)
    assert np.sqrt(at_break) == pytest.approx(left, rel=1e-6)
