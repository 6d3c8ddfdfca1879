"""The scan for reversals: what it counts and flags, and that it finds none where nobody decides anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.scenario.errors import ScenarioError
from tools.chaos import ERRORS, changes, main, reversals_of_each, scan, shortfalls


def test_reversals_by_hand():
    won = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 0, 0, 0], [0, 1, 1, 1, 1]], dtype=bool)
    assert reversals_of_each(won).tolist() == [2, 0, 1, 0]
    steps = changes(won)
    assert [step.change for step in steps] == [0.5, -0.25, 0.25, -0.25]
    # From the second strength to the third two campaigns are lost and one is won.
    assert steps[1].error == pytest.approx(np.sqrt(3 - 1 / 4) / 4)
    assert steps[1].errors == pytest.approx(0.25 / steps[1].error)
    # The last against the best of the smaller ones, which are equal: the first of them.
    assert (shortfalls(won)[-1].less, shortfalls(won)[-1].more, shortfalls(won)[-1].change) == (1, 4, -0.25)


def test_a_slow_fall_is_found_where_no_step_is():
    ranks = np.arange(1000)
    won = np.array([ranks < 500 - 5 * j for j in range(9)]).T
    assert max(step.errors for step in changes(won)) < ERRORS
    assert max(step.errors for step in shortfalls(won)) > ERRORS


def test_who_only_follows_orders_does_better_with_more(crossroads_file):
    """Without decisions there is next to nothing that more force could lose."""
    factors = np.linspace(0.05, 1.0, 10)
    won = scan(crossroads_file, "highlands", "merrow_cross.fall_day", factors, 300, 1, by_commanders=False)
    shares = won.mean(axis=0)
    assert shares[0] < 0.3 and shares[-1] > 0.9
    assert np.mean(reversals_of_each(won) > 0) < 0.02
    assert max(step.errors for step in [*changes(won), *shortfalls(won)]) < ERRORS


def test_it_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    main(["-n", "20", "--points", "3", "--plot", str(tmp_path / "chaos.png")])
    assert capsys.readouterr().out.count("standard errors") == 4
    assert 10_000 < (tmp_path / "chaos.png").stat().st_size < 200_000


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("--side=higlands", "did you mean highlands?"),
        ("--outcome=merrow.fall_day", "did you mean merrow_cross.fall_day?"),
        ("--outcome=deaths.total@day8", "is an amount"),
        ("--low=2", "0 < --low < --high"),
    ],
)
def test_what_it_does_not_know_is_one_message(wrong: str, says: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises((SystemExit, ScenarioError)) as refused:
        main([wrong])
    assert says in capsys.readouterr().err + str(refused.value)
