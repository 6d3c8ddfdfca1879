"""`sim import`, `import-roads`, `import-control`: from what an author has to parts of a scenario."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from sim.cli.main import app
from sim.engine.load import load
from sim.study.backtest import backtest
from sim.study.check import checked

DEGREE = 111.195  # km of latitude


def call(*words: str, code: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done.stdout, done.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_tables_become_yaml_and_yaml_tables(crossroads_file: Path) -> None:
    call("export", str(crossroads_file), "out")
    main = Path("out/crossroads.yaml").read_text("utf-8")
    names = ["places.csv", "roads.csv", "formations.csv", "air.csv"]
    said = call("import", *(f"out/{name}" for name in names), "-o", "out/forces.yaml")[0]
    assert said == "out/forces.yaml\n"
    Path("out/again.yaml").write_text(main.replace(", ".join(names), "forces.yaml"), "utf-8")
    again = load("out/again.yaml")
    assert again.scenario == load(crossroads_file).scenario
    call("export", "out/again.yaml", "out2")
    for name in names:
        assert Path("out2", name).read_text("utf-8") == Path("out", name).read_text("utf-8")
    assert "is there already" in call("import", "out/places.csv", "-o", "out/forces.yaml", code=2)[1]


def test_all_mistakes_of_all_tables_are_told() -> None:
    Path("places.csv").write_text("id,name,lat,lon,control\na,A,97,9,north\n")
    Path("formations.csv").write_text("id,name,strenght\n")
    Path("notes.txt").write_text("x")
    told = call("import", "places.csv", "formations.csv", "notes.txt", "gone.csv", code=2)[1].splitlines()
    assert told == [
        "formations.csv:1:3: formations: there is no column 'strenght'; did you mean strength?",
        "gone.csv: there is no such file",
        "notes.txt: should be a table (.csv, .tsv) or .geojson",
        "places.csv:2:3: places.a.lat: must be at most 90, but is 97",
    ]


def lines(*roads: tuple[str, list[tuple[float, float]]]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"highway": highway},
            "geometry": {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in points]},
        }
        for highway, points in roads
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def roads_of(text: str) -> dict[tuple[str, str], Any]:
    rows = csv.DictReader(io.StringIO(text))
    return {(row["from"], row["to"]): (float(row["km"]), row["class"]) for row in rows}


PLACES = "id,name,lat,lon\na,A,0,0.001\nb,B,0,1\nc,C,0,2\nd,D,1,1\n"


def test_a_network_is_thinned_to_the_places() -> None:
    Path("places.csv").write_text(PLACES)
    bend = [(0.0, 1.0), (0.5, 1.2), (1.0, 1.0)]
    Path("osm.geojson").write_text(
        lines(
            ("motorway", [(0, 0), (0, 0.4), (0, 1), (0, 1.5), (0, 2)]),
            ("secondary", bend),
            ("track", [(0, 2), (1, 1)]),
            ("primary_link", [(0, 0.4), (0.02, 0.45), (0, 0.5)]),  # leads nowhere new
            ("footway", [(0, 0), (1, 1)]),
            ("track", [(5, 5), (5, 6)]),  # joined to nothing
        )
    )
    text, said = call("import-roads", "osm.geojson", "--places", "places.csv")
    roads = roads_of(text)
    assert set(roads) == {("a", "b"), ("b", "c"), ("b", "d"), ("c", "d")}
    assert roads["a", "b"] == (pytest.approx(DEGREE, abs=0.1), "motorway")
    assert roads["b", "d"] == (pytest.approx(2 * DEGREE * (0.5**2 + 0.2**2) ** 0.5, abs=0.1), "secondary")
    assert roads["c", "d"] == (pytest.approx(DEGREE * 2**0.5, abs=0.1), "track")
    assert "assumed: from osm.geojson" in text
    assert "became 4 roads between 4 places" in said and "not used: 1 (highway=footway)" in said


def test_a_way_through_a_third_place_takes_the_place_of_a_road() -> None:
    Path("places.csv").write_text("id,name,lat,lon\na,A,0,0\nb,B,0,1\nc,C,0.1,0.5\n")
    around = ("motorway", [(0.0, 0.0), (-0.04, 0.5), (0.0, 1.0)])
    through = ("track", [(0.0, 0.0), (0.1, 0.5), (0.0, 1.0)])
    Path("osm.geojson").write_text(lines(around, through))
    # 111.9 km around, 113.4 km through c: the road a-b is left out.
    assert set(roads_of(call("import-roads", "osm.geojson", "--places", "places.csv")[0])) == {("a", "c"), ("b", "c")}


@pytest.mark.parametrize(
    ("places", "extract", "message"),
    [
        (PLACES + "e,E,9,9\n", None, "places.csv:6:1: places.e: the nearest road of the extract is 1255.1 km"),
        (PLACES + "e,E,0,2\n", None, "places.csv:6:1: places.e: has the same nearest point of a road as c"),
        ("id,name,lat\na,A,0\n", None, "places.csv:2:1: places.a.lon: is missing"),
        (PLACES, "{", "osm.geojson:1:2: cannot be read as GeoJSON"),
        (PLACES, "[]", "osm.geojson: should be a FeatureCollection with `features`"),
        (PLACES, lines(("footway", [(0, 0), (0, 1)])), "that is a road; it has 1 with highway=footway"),
    ],
)
def test_an_extract_that_does_not_fit_is_refused(places: str, extract: str | None, message: str) -> None:
    Path("places.csv").write_text(places)
    roads = [("motorway", [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 1.0)])]
    Path("osm.geojson").write_text(extract or lines(*roads))
    assert message in call("import-roads", "osm.geojson", "--places", "places.csv", code=2)[1]


EVENTS = """\
event_id_cnty,event_date,sub_event_type,actor1,location,latitude,longitude,source,notes
X1,02 May 2031,Government regains territory,Army of the Lowlands,Stonegate,,,Daily,before the war
X2,06 May 2031,Non-state actor overtakes territory,Hill Front,Merrow Cross,47.3,9.35,Daily,after a day
X3,07 May 2031,Armed clash,Hill Front,Ottersby,47.28,9.8,Daily,
X4,08 May 2031,Non-state actor overtakes territory,Hill Front,Bridge of Otters,47.29,9.81,Weekly,
X5,09 May 2031,Government regains territory,Army of the Lowlands,Merrow Cross,47.3,9.35,Daily,
X6,09 May 2031,Government regains territory,Army of the Lowlands,Farland,50,20,Daily,
"""
ACTORS = "actor,side\nArmy of the Lowlands,lowlands\nHill Front,highlands\n"


def test_changes_of_control_become_evidence_and_targets(crossroads_file: Path) -> None:
    Path("s.yaml").write_text(crossroads_file.read_text("utf-8") + "include: [seen.yaml]\n", "utf-8")
    Path("acled.csv").write_text(EVENTS)
    Path("actors.csv").write_text(ACTORS)
    words = ("import-control", "acled.csv", str(crossroads_file), "--actors", "actors.csv")
    said = call(*words, "-o", "seen.yaml", "--days", "1.5")[1]
    assert "warning: stonegate: the scenario begins with highlands, but 2031-05-02: Lowlands takes Stonegate" in said
    assert "not used: 1 (events of another kind: Armed clash)" in said
    assert "not used: 1 (places that the scenario does not have: Farland)" in said
    assert "not used: 1 (before the campaign: evidence only)" in said
    assert "not used: 1 (not the first fall of a place: evidence only)" in said
    found = checked(Path("s.yaml")).loaded
    targets = found.scenario.targets
    # The war begins on 4 May at 06:00; 6 May begins on day 1.75.
    assert targets["merrow_cross_falls"].median_within == (0.25, 4.25)
    assert targets["merrow_cross_falls"].facts == ["EV2"]
    assert targets["ottersby_falls"].median_within == (2.25, 6.25)
    assert set(targets) == {"merrow_cross_falls", "ottersby_falls"}
    assert found.facts["EV2"].says == "2031-05-06: Highlands takes Merrow Cross (X2, Daily): after a day"
    call(*words, "--backtest", "-o", "outcomes.yaml")
    outcomes = yaml.safe_load(Path("outcomes.yaml").read_text())["outcomes"]
    assert outcomes["ottersby.fall_day"] == {"value": "2031-05-08", "basis": "EV3"}
    assert len(backtest(load(crossroads_file), "outcomes.yaml", replicates=20, results=None, progress=False).table) > 0


@pytest.mark.parametrize(
    ("stands", "instead", "message"),
    [
        ("06 May 2031", "6.5.31", "acled.csv:3:2: should be a date like 2024-11-29, but is '6.5.31'"),
        ("Hill Front,Merrow", "Hill Frnt,Merrow", "acled.csv:3:4: 'Hill Frnt' is no side, and no actor of the table"),
        ("47.29", "47N", "acled.csv:5:6: should be a number, but is '47N'"),
        ("actor1", "who", "acled.csv:1:1: has no column side or actor1"),
    ],
)
def test_events_that_cannot_be_read_are_told(stands, instead, message, crossroads_file: Path) -> None:
    Path("acled.csv").write_text(EVENTS.replace(stands, instead, 1))
    Path("actors.csv").write_text(ACTORS)
    words = ("import-control", "acled.csv", str(crossroads_file), "--actors")
    assert message in call(*words, "actors.csv", code=2)[1]
    Path("latin.csv").write_bytes(ACTORS.encode() + b"\xff")
    assert "latin.csv: is not UTF-8 text" in call(*words, "latin.csv", code=2)[1]
    Path("wrong.csv").write_text(ACTORS.replace("highlands", "hihglands"))
    assert (
        "wrong.csv:3:2: there is no side 'hihglands'; did you mean highlands?" in call(*words, "wrong.csv", code=2)[1]
    )
