"""The benchmark: it measures what it says, and compares like with like."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import sim
from benchmarks import exercise, pairing, session, speed
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy
from tests.verification.twin.campaign import PlainCampaign

ROOT = pathlib.Path(__file__).parents[2]
CROSSROADS = ROOT / "scenarios" / "crossroads.yaml"


def test_every_round_of_the_race_measures_everything() -> None:
    found = speed.race(sim.load(CROSSROADS), rounds=2, campaigns=50)
    rounds = (found.one_thread, found.two_threads, found.engine_ns, found.mesa_ns, found.two_processes)
    assert [len(numbers) for numbers in rounds] == [2] * 5
    assert min(map(min, rounds)) > 0


def test_ratios_are_medians_of_those_of_the_rounds() -> None:
    found = speed.Race(one_thread=[1, 2, 4], two_threads=[2, 3, 8], engine_ns=[1, 2, 4], mesa_ns=[10, 60, 60])
    assert (found.engine_over_mesa, found.two_over_one) == (15, 2)


def test_both_models_count_unit_ticks_alike() -> None:
    for path in (CROSSROADS, ROOT / "scenarios" / "hama-2024.yaml"):
        scenario = sim.load(path)
        campaign, deployment = PlainCampaign(scenario), deploy(scenario, RULEBOOK)
        assert len(campaign.formations) + len(campaign.air) == deployment.unit_rows
        assert campaign.ticks == deployment.ticks


def test_memory_and_start_are_those_of_a_process_of_its_own(tmp_path: pathlib.Path) -> None:
    held = bytearray(2**29)
    assert 50 < speed.peak_megabytes(CROSSROADS, 10, tmp_path) < 500, len(held)
    assert speed.help_seconds(times=1) > 0


def test_pairing_is_told_per_what_if_and_outcome() -> None:
    found = dict(pairing.gains(sim.load(CROSSROADS), 50))
    assert list(found) == ["no_wing"]
    assert {gain.outcome for gain in found["no_wing"]} <= set(sim.load(CROSSROADS).scenario.outcomes)
    assert all(gain.gain > 0.5 for gain in found["no_wing"])
    assert [pairing.told(gain) for gain in (2.96, 5000, float("inf"))] == ["3.0", "> 1000", "all"]


def test_an_exercise_answers_every_client_in_every_round(tmp_path: pathlib.Path) -> None:
    found = exercise.measure(CROSSROADS, tmp_path, clients=4, rounds=2, turns=1)
    assert [len(seconds) for seconds in found] == [8, 8, 1, 1, 2, exercise.ASKING]
    assert set(exercise.MEANING) == set(found._fields) and min(map(min, found)) > 0


def test_every_round_measures_copies_futures_and_environments() -> None:
    found = session.measure(CROSSROADS, rounds=1)
    assert [len(numbers) for numbers in found] == [1] * len(found)
    assert set(session.MEANING) == set(found._fields)
    # A step may well take less than 1.3 ticks of the engine.
    assert min(min(numbers) for name, numbers in found._asdict().items() if name != "beyond") > 0


def test_bad_input_gets_a_message() -> None:
    for arguments, message in (
        (["no.yaml"], "no.yaml: there is no such file"),
        (["--rounds", "0"], "--rounds and -n should be 1 or more"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert message in done.stderr
