"""The command line: one clear message for each mistake, with its exit code, and nothing written; answers otherwise."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner, Result

from sim.cli import console
from sim.cli.main import app
from sim.cli.run import answer

ROOT = pathlib.Path(__file__).parents[2]
CROSSROADS = (ROOT / "scenarios/crossroads.yaml").read_text("utf-8")
ALIAS_BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b", ".join([b"*%c" % (letter - 1)] * 9)) for letter in b"bcdefghijk"
)


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder of its own to work in, with the tutorial scenario as `s.yaml`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(CROSSROADS, "utf-8")
    return tmp_path


def sim(*arguments: str) -> Result:
    """What `sim` says to these arguments; a traceback fails the test."""
    result = CliRunner().invoke(app, arguments, prog_name="sim")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_refused(folder: pathlib.Path, said: str, *arguments: str) -> None:
    """Exit code 2, one message that says it, and nothing written."""
    before = sorted(folder.iterdir())
    result = sim(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    message = [line for line in result.stderr.splitlines() if line and not line.startswith(("Usage:", "Try "))]
    assert len(message) == 1
    assert said in message[0]
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("given", "written", "said"),
    [
        ("clock: {tick_hours: 6", "clok: {tick_hours: 6", "s.yaml:6:1: clok: unknown key; did you mean clock?"),
        ("days: 8", "days: eight", "clock.days: should be a number, but is the text 'eight'"),
        ("days: 8", "days: .nan", "clock.days: must be a finite number"),
        ("days: 8", "days: .inf", "clock.days: must be a finite number"),
        ("days: 8", "days: 12:30", "clock.days: should be a number, but is the text '12:30'"),
        ("strength: 300", "strength: -300", "formations.h_raiders.strength: must be at least 0"),
        ("h_2: {name", "h_1: {name", "formations.h_1:"),
        ("[quarry, tarnmouth]", "[quarry, tarnmuth]", "did you mean tarnmouth?"),
        ("mobile: false}\n  l_posts", "mobile: NO}\n  l_posts", "should be true or false, but is the text 'NO'"),
        ("outcomes: [merrow_cross", "outcomes: [merow_cross", "did you mean merrow_cross.fall_day?"),
        ("{add: sides.lowlands.will", "{add: sides.lowlands.wil", "did you mean"),
        ("title: Crossroads", "extends: s.yaml\ntitle: Crossroads", "s.yaml -> s.yaml"),
        ("title: Crossroads", "extends: ../t.yaml\ntitle: Crossroads", "leads out of the scenario's folder"),
    ],
)
def test_wrong_scenario(folder: pathlib.Path, given: str, written: str, said: str) -> None:
    assert CROSSROADS.count(given) == 1
    (folder / "s.yaml").write_text(CROSSROADS.replace(given, written), "utf-8")
    assert_refused(folder, said, "run", "s.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "s.yaml: is empty"),
        (b"title: caf\xe9\n", "is not UTF-8 text"),
        (b"title: " + b"[" * 3000 + b"]" * 3000, "deep"),
        (ALIAS_BOMB, "alias"),
        (b"- a\n- b\n", "should be a mapping"),
    ],
)
def test_text_that_is_no_scenario(folder: pathlib.Path, content: bytes, said: str) -> None:
    (folder / "s.yaml").write_bytes(content)
    assert_refused(folder, said, "run", "s.yaml")


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("must be at least 1", ("-n", "0")),
        ("must be at least 1", ("-n", "-5")),
        ("'1.5' is not a whole number", ("-n", "1.5")),
        ("'many' is not a whole number", ("-n", "many")),
        ("'nan' is not a whole number", ("-n", "nan")),
        ("'1e999' is not a whole number", ("-n", "1e999")),
        ("must be at most", ("-n", "1e12")),
        ("must be at least 0", ("--seed", "-1")),
        ("must be at most", ("--seed", "1e30")),
        ("must be at least 1", ("--jobs", "0")),
        ("No such option", ("--sed", "3")),
        ("did you mean clock.days?", ("--set", "clock.day=3")),
        ("path=value", ("--set", "clock.days")),
        ("must be more than 0", ("--set", "clock.days=-3")),
        ("did you mean no_wing?", ("--variant", "nowing")),
        ("did you mean ottersby.fall_day?", ("--outcome", "otersby.fall_day")),
        ("lies outside the campaign", ("--outcome", "deaths.total@day99")),
    ],
)
def test_wrong_option(folder: pathlib.Path, said: str, arguments: tuple[str, ...]) -> None:
    assert_refused(folder, said, "run", "s.yaml", *arguments)


def test_wrong_file(folder: pathlib.Path) -> None:
    assert_refused(folder, "s.yml: there is no such file; did you mean s.yaml?", "run", "s.yml")
    assert_refused(folder, "is a folder, not a scenario file", "run", ".")
    assert_refused(folder, "Missing argument 'SCENARIO'", "run")
    assert_refused(folder, "No such command 'fight'", "fight")


def test_all_problems_are_told_at_once(folder: pathlib.Path) -> None:
    wrong = CROSSROADS.replace("days: 8", "days: -8").replace("strength: 300", "strenght: 300")
    (folder / "s.yaml").write_text(wrong, "utf-8")
    result = sim("run", "s.yaml")
    assert result.exit_code == 2
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        "clock.days",
        "formations.h_raiders.strength",
        "formations.h_raiders.strenght",
    ]


def test_a_very_long_run_says_what_it_costs_first(folder: pathlib.Path) -> None:
    result = sim("run", "s.yaml", "-n", "1e9", "--jobs", "2")
    assert result.exit_code == 2
    cost, question = result.stderr.splitlines()
    assert cost.startswith("1,000,000,000 campaigns of 11 formations and air wings over 32 ticks: about ")
    assert "hours on 2 threads" in cost and "GB on disk" in cost
    assert "--yes" in question
    assert [path.name for path in folder.iterdir()] == ["s.yaml"]


def test_dry_run_fights_nothing(folder: pathlib.Path) -> None:
    result = sim("run", "s.yaml", "--dry-run", "-n", "1,000")
    assert result.exit_code == 0
    assert result.stdout.startswith("1,000 campaigns of 11 formations")
    assert [path.name for path in folder.iterdir()] == ["s.yaml"]


def test_validate_reads_every_variant(folder: pathlib.Path) -> None:
    assert sim("validate", "s.yaml").stdout.startswith("s.yaml: ok (2 sides, 6 places")
    variants = "aircraft: -1}}, b: {title: B, set: {clock.days: -8}"
    (folder / "t.yaml").write_text(CROSSROADS.replace("aircraft: 0}", variants), "utf-8")
    result = sim("validate", "s.yaml", "t.yaml")
    assert result.exit_code == 2
    assert result.stdout.startswith("s.yaml: ok")
    assert "air.l_wing.aircraft: must be at least 0" in result.stderr
    assert "clock.days: must be more than 0" in result.stderr


def test_schema_knows_the_rules() -> None:
    schema = json.loads(sim("schema").stdout)
    whole = schema["else"]["properties"]
    contagion = whole["rules"]["properties"]["morale"]["properties"]["contagion"]["anyOf"]
    assert contagion[0]["type"] == "number" and contagion[0]["minimum"] < contagion[0]["maximum"]
    assert contagion[1]["properties"].keys() >= {"value", "basis", "range"}
    assert "mass" in schema["$defs"]["Doctrine"]["properties"]
    for doctrine in (whole["doctrine"], schema["$defs"]["Side"]["properties"]["doctrine"]):
        assert doctrine["$ref"] == "#/$defs/Doctrine"
    assert schema["$defs"]["Formation"]["additionalProperties"] is False
    assert schema["then"]["properties"].keys() == whole.keys()


def test_run_answers_and_finds_again(folder: pathlib.Path) -> None:
    said = sim("run", "s.yaml", "-n", "20", "--jobs", "1", "--json", "--quiet", "--outcome", "deaths.civilian@day2")
    assert said.exit_code == 0, said.output
    answer = json.loads(said.stdout)
    assert (answer["replicates"], answer["failed"], answer["seed"]) == (20, 0, 1)
    assert answer["outcomes"][-1]["name"] == "deaths.civilian@day2"
    assert (folder / answer["results_dir"] / "runs.parquet").exists()
    again = sim("run", "s.yaml", "-n", "20", "--outcome", "deaths.civilian@day2")
    assert "was found again" in again.stderr
    lines = again.stdout.splitlines()
    assert lines[0] == "Crossroads"
    assert lines[1].startswith("20 campaigns of 8 days, seed 1, run in ")
    assert lines[-1] == f"Results: {pathlib.Path(answer['results_dir']).relative_to(pathlib.Path.cwd())}"
    assert max(map(len, lines)) <= 80
    shares = {line.split()[0]: line.split()[1] for line in lines if ".fall_day" in line}
    expected = {o["name"]: f"{o['probability'] * 100:.0f}" for o in answer["outcomes"] if o["kind"] == "time"}
    assert shares == expected


def test_run_writes_report_and_replay_once(folder: pathlib.Path) -> None:
    done = sim("run", "s.yaml", "-n", "4", "--json", "--no-pages")
    made = pathlib.Path(json.loads(done.stdout)["results_dir"])
    assert not (made / "report.html").exists()
    assert "report.html and replay.html open in a browser" in sim("run", "s.yaml", "-n", "4").stderr
    pages = [made / "report.html", made / "replay.html"]
    written = [page.stat().st_mtime_ns for page in pages]
    sim("run", "s.yaml", "-n", "4")
    assert [page.stat().st_mtime_ns for page in pages] == written
    pages[0].unlink()
    pages[0].mkdir()
    (pages[0] / "in the way").touch()
    said = sim("run", "s.yaml", "-n", "4", "--no-resume")
    assert said.exit_code == 0 and "its pages could not be written" in said.stderr and "Results: " in said.stdout


def test_folder_that_cannot_be_written(folder: pathlib.Path) -> None:
    (folder / "results").write_text("a file", "utf-8")
    result = sim("run", "s.yaml", "-n", "5")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "results" in result.stderr


def test_interrupted_run_keeps_what_is_done(folder: pathlib.Path, start_process) -> None:
    command = [sys.executable, "-m", "sim", "run", "s.yaml", "-n", "200000", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = start_process(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    deadline = time.monotonic() + 120
    while not any(rows.stat().st_size for rows in folder.glob("results/s/*/partial/rows.bin")):
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 130
    assert stdout == ""
    message = stderr.splitlines()[-1]
    assert message.startswith("interrupted after ")
    assert message.endswith("; the same command goes on from there")


@pytest.mark.parametrize("people", [1_080.0, 1_080_000.0])
def test_large_amounts_stand_apart_in_columns_that_are_aligned(people: float) -> None:
    """Figures of a million and more once ran into the next column."""
    near = {"mean": people, "mean_low": 0.99 * people, "mean_high": 1.01 * people}
    near |= {"p05": 0.9 * people, "median": people, "p95": 1.1 * people}
    few = dict.fromkeys(near, 2.0)
    said = {"kind": "quantity", "unit": "people"}
    outcomes = [{"name": "displaced.total"} | said | near, {"name": "deaths.total"} | said | few]
    run = {"replicates": 9, "seed": 1, "campaigns_per_second": None, "failed": 0, "results_dir": "x"}
    lines = list(answer(run | {"outcomes": outcomes}, "Title", 8))
    first = next(i for i, line in enumerate(lines) if line.startswith("How much?"))
    head, large, small = lines[first : first + 3]
    figures = [console.number(near[key]) for key in ("mean", "mean_low", "mean_high", "p05", "median", "p95")]
    assert large.replace(" - ", " ").split() == ["displaced.total", *figures]
    assert len(head) == len(large) == len(small) <= console.WIDTH


def test_numbers_are_readable() -> None:
    assert [console.number(x) for x in (124_867, 1234.5, 655.2, 65.52, 0.41234, 0, None)] == [
        "125,000", "1,230", "655", "65.5", "0.412", "0", "-",
    ]  # fmt: skip
    assert [console.percent(x) for x in (0, 0.0001, 0.004, 0.5, 0.996, 0.99999, 1)] == [
        "0 %", "<0.1 %", "0.4 %", "50 %", "99.6 %", ">99.9 %", "100 %",
    ]  # fmt: skip
    assert [console.duration(x) for x in (0.65, 42, 600, 7200, 400_000)] == [
        "0.65 s", "42 s", "10 minutes", "2.0 hours", "4.6 days",
    ]  # fmt: skip
    assert [console.size(x) for x in (512, 5_300_000, 56e9, 9e15)] == ["512 bytes", "5.3 MB", "56 GB", "9,000.0 TB"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--variant", "a", "--variant", "b"], "--variant is given 2 times, but takes one value"),
        (["--seed", "1", "--seed", "1"], "--seed is given 2 times, but takes one value"),
        (["-n", "5", "--replicates", "6"], "--replicates is given 2 times, but takes one value"),
        (["-n", "1,5"], "'1,5' is not a whole number"),
    ],
)
def test_an_option_that_would_be_lost_or_misread_is_refused(
    folder: pathlib.Path, options: list[str], said: str
) -> None:
    done = sim("run", "s.yaml", *options)
    assert done.exit_code == 2 and said in done.output
    assert not (folder / "results").exists()


@pytest.mark.usefixtures("folder")
def test_what_is_known_is_given() -> None:
    asked = (
        "run",
        "s.yaml",
        "-n",
        "300",
        "-q",
        "--given",
        "ottersby.fall_day in 1..6",
        "--given",
        "lowlands.collapsed",
    )
    result = sim(*asked)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[2].startswith("Given (ottersby.fall_day in 1..6) and (lowlands.collapsed): ")
    assert all(len(line) <= 80 for line in lines) and lines[-1].endswith("(of all campaigns)")
    said = json.loads(sim(*asked, "--json").stdout)
    assert 30 <= said["given"]["kept"] < 300 == said["replicates"]
    few = sim("run", "s.yaml", "-n", "50", "-q", "--given", "deaths.total@day8 < 0")
    assert few.exit_code == 2 and "0 of 50 campaigns agree" in few.stderr
    wrong = sim("run", "s.yaml", "-q", "--given", "ottersby.fall_dai > 1")
    assert wrong.exit_code == 2 and wrong.stderr.startswith("given ottersby.fall_dai > 1: ")
