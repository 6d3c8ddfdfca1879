"""`sim new` and `sim export`: folders with a scenario that runs as it stands."""

from __future__ import annotations

import itertools
import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import sim
from sim.cli.main import app
from sim.engine.load import load
from sim.scenario.geography import straight_km
from sim.scenario.propose import flat, propose_roads
from sim.study.check import checked


def call(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_war_from_nothing_runs_and_is_not_decided() -> None:
    said = call("new", "my-war", "--title", "A war: #1", "--side", "Blue Republic", "--side", "Red", "--days", "6")
    assert said.splitlines()[-1] == "Next: sim run my-war/my-war.yaml"
    found = checked(Path("my-war/my-war.yaml"))
    assert found.warnings == ()
    scenario = found.loaded.scenario
    assert scenario.title == "A war: #1" and scenario.clock.days == 6
    assert list(scenario.sides) == ["blue_republic", "red"]
    results = sim.run("my-war/my-war.yaml", replicates=60, results=None, progress=False)
    fell = results.runs[f"{scenario.sides['red'].capital}.fall_day"].notna().mean()
    assert 0.1 < fell < 0.9


def test_listed_places_keep_what_is_known_and_get_the_rest() -> None:
    Path("towns.csv").write_text(
        "id,name,lat,lon,population,control,symbol\n"
        "a,A,47.0,9,1000,,0.3\nb,B,47.2,9,5000,South,\nc,C,47.4,9,9000,,\nd,D,47.6,9,2000,,\n"
    )
    call("new", "w", "--places", "towns.csv")
    loaded = load("w/w.yaml")
    places = loaded.scenario.places
    # The line runs from north to south; b is where its author put it.
    assert [(name, place.control) for name, place in places.items()] == [
        ("a", "south"),
        ("b", "south"),
        ("c", "north"),
        ("d", "north"),
    ]
    assert loaded.scenario.sides["south"].capital == "b" and places["c"].rear_base
    assert loaded.basis["places.a.control"] == "assumed: proposed"
    assert loaded.basis["places.b.control"] == "assumed"
    assert [road.between for road in loaded.scenario.roads] == [("a", "b"), ("b", "c"), ("c", "d")]
    assert loaded.basis["roads.a-b.km"].startswith("assumed: straight line of 22.2 km")
    assert places["a"].symbol == 0.3


def polygon(id: str, *rings: list[tuple[int, int]]) -> dict:
    closed = [[[lon, lat] for lat, lon in [*ring, ring[0]]] for ring in rings]
    return {"type": "Feature", "properties": {"id": id}, "geometry": {"type": "Polygon", "coordinates": closed}}


def test_places_get_the_region_in_which_they_lie() -> None:
    names = {"in_a": (1, 1), "in_hole": (5, 5), "in_b": (5, 11), "beyond": (50, 50), "own": (1.5, 1.2)}
    rows = [f"{id},{id},{lat},{lon},{'mine' if id == 'own' else ''}" for id, (lat, lon) in names.items()]
    Path("towns.csv").write_text("id,name,lat,lon,region\n" + "\n".join(rows) + "\n")
    outer, hole = [(0, 0), (0, 10), (10, 10), (10, 0)], [(4, 4), (4, 6), (6, 6), (6, 4)]
    regions = [polygon("a", outer, hole), polygon("b", [(0, 10), (10, 14), (10, 10)])]
    Path("regions.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": regions}))
    done = CliRunner().invoke(app, ["new", "w", "--places", "towns.csv", "--regions", "regions.geojson"])
    assert done.exit_code == 0 and "in no region: in_hole, beyond" in done.stderr
    found = {id: place.region for id, place in load("w/w.yaml").scenario.places.items()}
    assert found == {"in_a": "a", "in_hole": None, "in_b": "b", "beyond": None, "own": "mine"}
    Path("regions.geojson").write_text(json.dumps({"features": [*regions, regions[0], {"type": "Feature"}]}))
    said = call("new", "w2", "--places", "towns.csv", "--regions", "regions.geojson", code=2)
    assert "the id 'a' stands twice" in said and "should be a Polygon or MultiPolygon with a text `id`" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("X y",), "'X y' cannot be the name of a scenario; it is the name of a folder and a file: letters, digits, -"),
        (("w", "--side", "One"), "--side should name two sides or more"),
        (("w", "--side", "A b", "--side", "A-b"), "--side should name two sides or more"),
        (("w", "--start", "soon"), "--start should be a date like 2031-05-04 or 2031-05-04T06:00, but is 'soon'"),
        (("w", "--places", "twons.csv"), "twons.csv: there is no such file; did you mean towns.csv?"),
        (("w", "--places", "towns.xlsx"), "or .geojson; save the sheet as CSV (UTF-8)"),
        (("w", "--places", "towns.csv"), "towns.csv:3:5: places.b.control: there is no side 'east'; there are north,"),
        (("w", "--from", "twons.csv", "--side", "A"), "--from copies a scenario as it is"),
        (("w", "--roads", "twons.csv"), "twons.csv: there is no such file; did you mean towns.csv?"),
        (("w", "--formations", "there"), "there: should be a file of .csv or .tsv"),
        (("there",), "there is there already; name a new folder"),
    ],
)
def test_what_cannot_be_made_is_told(words: tuple[str, ...], message: str) -> None:
    Path("towns.csv").write_text("id,name,lat,lon,control\na,A,47,9,north\nb,B,47,10,east\n")
    Path("there").mkdir()
    Path("there/file").touch()
    said = call("new", *words, code=2)
    assert message in said and "Traceback" not in said
    assert not Path("w").exists()


def test_a_command_that_failed_can_be_given_again() -> None:
    Path("towns.csv").write_text("id,name,lat,lon\na,A,47,9\nb,B,47,10\n")
    forces = "id,name,side,kind,place,strength\nx,X,north,lihgt,a,900\ny,Y,south,light,b,900\n"
    Path("forces.csv").write_text(forces)
    words = ("new", "w", "--places", "towns.csv", "--formations", "forces.csv")
    said = call(*words, code=2)
    assert said.splitlines() == [
        "forces.csv:2:4: formations.x.kind: there is no kind of formation 'lihgt'; did you mean light?"
    ]
    Path("forces.csv").write_text(forces.replace("lihgt", "light"))
    call(*words)


def test_a_copy_and_an_export_are_the_same_war(crossroads_file: Path) -> None:
    call("new", "mine", "--from", str(crossroads_file))
    assert load("mine/mine.yaml").scenario == load(crossroads_file).scenario
    call("export", str(crossroads_file), "out", "--variant", "no_wing", "--set", "clock.days=5")
    exported = load("out/crossroads.yaml").scenario
    assert exported.clock.days == 5 and exported.air["l_wing"].aircraft == 0
    assert "already; name another folder, or say --force" in call("export", str(crossroads_file), "out", code=2)
    call("export", str(crossroads_file), "out", "--force")
    assert load("out/crossroads.yaml").scenario == load(crossroads_file).scenario


POINTS = st.lists(
    st.tuples(st.floats(-60, 60).map(lambda x: round(x, 2)), st.floats(-100, 100).map(lambda x: round(x, 2))),
    min_size=2,
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(POINTS)
def test_proposed_roads_join_all_places_and_pass_no_third_one(points) -> None:
    places = {f"p{at}": {"lat": lat, "lon": lon} for at, (lat, lon) in enumerate(points)}
    roads = propose_roads(places)
    assert len(set(map(frozenset, roads))) == len(roads)
    reached, ahead = set(), ["p0"]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead += [other for road in roads if here in road for other in road if other != here]
    assert reached == set(places)
    at = flat(places)
    for a, b in roads:
        middle = [(x + y) / 2 for x, y in zip(at[a], at[b], strict=True)]
        assert min(math.dist(middle, other) for other in at.values()) > math.dist(at[a], at[b]) / 2 - 1e-6


def test_proposed_roads_of_a_grid_are_the_grid() -> None:
    grid = list(itertools.product(range(5), range(4)))
    places = {f"p{x}_{y}": {"lat": 0.1 * y, "lon": 0.1 * x} for x, y in grid}
    lengths = [
        straight_km(places[a]["lat"], places[a]["lon"], places[b]["lat"], places[b]["lon"])
        for a, b in propose_roads(places)
    ]
    side = straight_km(0, 0, 0, 0.1)
    sides = [length for length in lengths if length < 1.1 * side]
    # A diagonal has its square's other two corners on the circle, within rounding; it may stand or not.
    assert len(sides) == 4 * 4 + 5 * 3 and max(lengths) < 1.5 * side


def test_the_map_is_drawn_again_when_a_file_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.cli import situation

    call("new", "w")
    main = Path("w/w.yaml")
    good, waits = main.read_text("utf-8"), iter(range(4))

    def wait(_: float) -> None:
        step = next(waits)
        if step == 3:
            raise KeyboardInterrupt
        if step < 2:
            main.write_text(good.replace("days: 10", "days: 8" if step else "days: ten"), "utf-8")
            os.utime(main, (step, step))

    monkeypatch.setattr(situation.time, "sleep", wait)
    done = CliRunner().invoke(app, ["map", "w/w.yaml", "-o", "m.png", "--watch"])
    assert done.exit_code == 130
    assert done.stdout.splitlines() == ["m.png", "m.png"]
    assert "clock.days: should be a number, but is the text 'ten'" in done.stderr
