"""`sim evidence`: the trace and the check on the command line, for people and for machines."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.cli.main import app

ROOT = pathlib.Path(__file__).parents[2]
ADDED = """
sources: {F: {text: a traveller's notes, rows: {F1: Merrow Cross fell on day 2, F2: It rained}}}
targets:
  T1: {title: Merrow Cross falls, outcome: merrow_cross.fall_day, facts: [F1], share_within: [0, 8], at_least: 0}
  T2: {title: Nobody dies, outcome: deaths.total, median_within: [0, 0]}
  T3: {title: The wing does little, outcome: loss = deaths.total / 2, variant: no_wing, difference_within: [-9e2, 9e2]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder of its own, with a small scenario that has facts and targets."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text((ROOT / "scenarios/crossroads.yaml").read_text("utf-8") + ADDED, "utf-8")
    return tmp_path


def sim(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ("evidence", "s.yaml", *arguments), prog_name="sim")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*arguments: str) -> Any:
    return json.loads(sim(*arguments, "--json").stdout)


def test_the_trace_is_printed_short_and_whole() -> None:
    short, whole = sim().stdout, sim("--all").stdout
    assert "F1  Merrow Cross fell on day 2\n      checked by T1\n" in short
    assert "T1    Merrow Cross falls: F1\n" in short and "a check of our own" in short
    assert "formations.*.strength (10)" in short and "formations.h_1.strength" not in short
    assert "formations.h_1.strength  (assumed)" in whole
    assert short.endswith("Rows that no value cites and no target checks\n  F2\n")
    assert max(map(len, short.splitlines())) <= 80
    assert sim("--fact", "F2").stdout == "F2  It rained\n"


def test_the_trace_as_data() -> None:
    trace = answer()
    assert trace["unused"] == ["F2"]
    assert trace["targets"]["T1"]["facts"] == ["F1"]
    assert sum(trace["kinds"].values()) == trace["values"]
    assert {"path": "formations.h_1.strength", "kind": "assumed", "basis": "assumed"} in trace["assumed"]


def test_targets_are_held_against_an_ensemble_that_is_found_again(folder: pathlib.Path) -> None:
    arguments = ("--check", "-n", "40", "--quiet")
    first = sim(*arguments)
    assert first.exit_code == 0
    assert "T1     Merrow Cross falls\n       share in range " in first.stdout
    assert "wanted 0 to 0: NOT met\n" in first.stdout
    assert "\n2 of 3 targets met\n" in first.stdout
    assert first.stdout.endswith(" meet all 2 that one campaign can meet\n")
    made = sorted(path.name for path in (folder / "results/s").iterdir())
    assert len(made) == 2, "the scenario and the variant compared with"
    again = answer(*arguments)
    assert again["at_once"]["targets"] == ["T1", "T2"]
    assert sorted(path.name for path in (folder / "results/s").iterdir()) == made
    assert [(target["id"], target["met"]) for target in again["targets"]] == [("T1", True), ("T2", False), ("T3", True)]
    assert again["targets"][1]["findings"][0]["wanted"] == [0, 0]
    assert sim(*arguments, "--strict").exit_code == 1
    assert sim(*arguments, "--strict", "--set", "targets.T2=null").exit_code == 0


def test_targets_are_held_against_a_posterior(folder: pathlib.Path) -> None:
    """With 10 attackers in each formation instead of hundreds Merrow Cross stands."""
    attackers = [f"formations.h_{name}.strength" for name in ("1", "2", "armour", "raiders")]
    (folder / "p.csv").write_text(",".join(attackers) + ",weight\n10,10,10,10,1\n", "utf-8")
    shares = []
    for drawn in ((), ("--posterior", "p.csv")):
        first = answer("--check", "-n", "50", *drawn)["targets"][0]
        shares.append(first["findings"][0]["estimate"])
    assert shares[0] > 0.5 > shares[1]
    assert sim("--check", "--posterior", "no.csv").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--fact", "F11"), "--fact F11: no source has a row 'F11'; did you mean F1?"),
        (("--check", "--set", "targets=null"), "the scenario has no targets that could be checked"),
        (("--check", "--set", "targets.T1.outcome=merrow.fall_day"), "no outcome is called 'merrow.fall_day'"),
        (("--check", "--set", "targets.T1.facts=[F12]"), "there is no row 'F12'; did you mean F1?"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_one_message(arguments: tuple[str, ...], says: str) -> None:
    result = sim(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr and len(result.stderr.splitlines()) == 1


def test_validate_finds_a_citation_that_leads_nowhere(folder: pathlib.Path) -> None:
    text = (
        (folder / "s.yaml")
        .read_text()
        .replace(
            "strength: 1600, equipment: 10, morale: 0.75, readiness: 0.8}", "strength: {value: 1600, basis: F11}}", 1
        )
    )
    (folder / "s.yaml").write_text(text)
    result = CliRunner().invoke(app, ("validate", "s.yaml"), prog_name="sim")
    place = next((n, row.index("basis: F11") + 1) for n, row in enumerate(text.splitlines(), 1) if "F11" in row)
    where = f"s.yaml:{place[0]}:{place[1]}: formations.h_1.strength.basis: "
    assert (result.exit_code, result.stderr) == (2, where + "there is no row 'F11'; did you mean F1?\n")
