"""Tables (CSV) and GeoJSON as parts of a scenario: read as YAML is, with row and column of each mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.load import load as load_file
from sim.scenario.basis import unwrap
from sim.scenario.errors import ScenarioError
from sim.scenario.table_files import parse_table
from tests.scenario.small_scenario import SMALL, Load

ROOT = Path(__file__).parents[2]
MAIN = """\
title: Two towns
start: 2031-05-04
include: [places.csv, roads.csv, formations.csv]
sides:
  north: {name: North, stances: {south: hostile}, communities: {hill: 0.5}}
  south: {name: South}
"""
TABLES = {
    "places.csv": "# the places\nid,name,lat,lon,control,rear_base,depot.stock,communities.hill,population,"
    "population.low,population.high,basis\n"
    "hilltop,Hilltop,47.5,9.2,north,TRUE,1,0.5,50000,40000,60000,assumed: counted\n"
    'bridge,"Bridge, old",47.3,9.3,south,true,,,,,,\n',
    "roads.csv": "from;to;km;class\nhilltop;bridge;;motorway\n",
    "formations.csv": "id,name,side,kind,place,strength\nn_1,007,north,light,hilltop,1500\n\n"
    "s_1,2nd,south,garrison,bridge,1e3\n",
}


def read(load: Load, **changed: str):
    return load(MAIN, {name: changed.get(name.split(".")[0], text) for name, text in TABLES.items()})


def test_tables_say_what_yaml_says(load: Load) -> None:
    loaded = read(load)
    hilltop, bridge = loaded.scenario.places.values()
    assert (hilltop.rear_base, hilltop.population, hilltop.communities) == (True, 50_000, {"hill": 0.5})
    assert hilltop.depot is not None and hilltop.depot.stock == 1 and bridge.depot is None
    assert loaded.ranges["places.hilltop.population"] == (40_000, 60_000)
    assert loaded.basis["places.hilltop.lat"] == "assumed: counted"
    assert bridge.name == "Bridge, old"
    (road,) = loaded.scenario.roads
    assert (road.between, road.road_class) == (("hilltop", "bridge"), "motorway")
    assert road.km == pytest.approx(28.1, abs=0.1)  # 23.4 km in a straight line
    assert loaded.scenario.formations["n_1"].name == "007"
    assert str(loaded.where("formations.s_1.strength")).endswith("formations.csv:4:6")


def test_spreadsheets_differ_in_delimiter_ends_of_lines_and_marks(load: Load) -> None:
    plain = read(load).scenario
    for text in (
        "\ufeff" + TABLES["formations.csv"].replace(",", ";").replace("\n", "\r\n"),
        TABLES["formations.csv"].replace(",", "\t"),
        TABLES["formations.csv"].replace("\n", ",,\n"),
        TABLES["formations.csv"].replace("n_1", '"n_1"').replace("light", " light "),
    ):
        assert read(load, formations=text).scenario == plain


@pytest.mark.parametrize(
    ("table", "stands", "instead", "message"),
    [
        ("places", "47.5", "47,5", "places.csv:3:6: places.hilltop.rear_base: should be true or false, but is the"),
        ("places", "TRUE", "yes", "places.csv:3:6: places.hilltop.rear_base: should be true or false, but is"),
        ("places", ",47.3,", ',"47,3",', "places.csv:4:3: places.bridge.lat: should be a number, but is the text"),
        ("places", ",60000,", ",,", "places.csv:3:10: places.hilltop.population: a range needs both `low` and `high`"),
        ("places", "60000", "45000", "places.csv:3:11: places.hilltop.population.range: must hold the value"),
        ("places", ",50000,", ",,", "places.hilltop.population: has a low, but no value in `population`"),
        ("roads", "hilltop;bridge", "hilltop;brigde", "roads.csv:2:2: roads.hilltop-brigde.between.1: there is no"),
        ("roads", "hilltop;bridge", "hilltop;", "roads.csv:2:1: roads: the row has no from and no to"),
        ("roads", "from", "start", "roads.csv:1:1: roads: there is no column 'start'"),
        (
            "places",
            ",population,",
            ",pop,",
            "places.csv:2:9: places: there is no column 'pop'; did you mean population?",
        ),
        ("roads", "km;", "km;km;", "roads.csv:1:4: roads: the column 'km' stands twice"),
        ("formations", "strength", "strenght", "formations.csv:1:6: formations: there is no column 'strenght'; did"),
        ("formations", "1500", "1500,9", "formations.csv:2:7: formations: there are more cells than column names"),
        ("formations", "s_1", "n_1", "formations.csv:4:1: formations.n_1: the id 'n_1' stands twice; it stands first"),
        ("formations", "n_1,", ",", "formations.csv:2:1: formations: the row has no id"),
        (
            "formations",
            "id,",
            "ident,",
            "formations.csv:1:1: formations: has no column `id`; the first row names the columns",
        ),
        ("formations", "1e3", "-3", "formations.csv:4:6: formations.s_1.strength: must be at least 0, but is -3"),
        ("formations", "light", "lihgt", "formations.csv:2:4: formations.n_1.kind: there is no kind of formation"),
        ("formations", TABLES["formations.csv"], "# nothing\n", "formations.csv: has no row of column names"),
    ],
)
def test_a_mistake_is_told_with_row_and_column(table, stands, instead, message, load: Load) -> None:
    text = TABLES[f"{table}.csv"]
    assert stands in text
    with pytest.raises(ScenarioError) as caught:
        read(load, **{table: text.replace(stands, instead, 1)})
    assert message in str(caught.value)


def test_columns_may_have_capitals_and_numbers_a_decimal_comma_if_the_table_says_so(load: Load) -> None:
    plain = TABLES["places.csv"]
    capitals = plain.replace("id,name,lat", "ID,Name,Lat")
    comma = "# Decimal comma\n" + plain.replace('"Bridge, old"', "Bridge: old").replace(",", ";").replace(".5;", ",5;")
    assert read(load, places=capitals).scenario == read(load).scenario
    assert [place.lat for place in read(load, places=comma).scenario.places.values()] == [47.5, 47.3]
    with pytest.raises(ScenarioError) as caught:
        read(load, places=comma.replace("# Decimal comma\n", ""))
    (told,) = caught.value.problems  # once, and not for each number
    assert (told.line, told.column) == (3, 3)
    assert told.message == "is '47,5' 47.5? Then put the line `# decimal comma` on top; else leave the comma out"


JUNK = st.sampled_from(
    [
        "",
        "a",
        "hilltop",
        "1",
        "-1",
        "1e9",
        "47.5",
        "TRUE",
        "north",
        ",",
        ";",
        '"',
        "#",
        "\n",
        "x.y",
        "id",
        "lat",
        "\ufeff",
    ]
    + ["from", "to", "basis", "depot.stock", "depot", "communities.", "template", "km.low", "name.basis", ".", "value"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(JUNK, max_size=6), max_size=6), st.sampled_from(["places", "roads", "formations", "sides"]))
def test_junk_in_a_table_gives_messages_and_never_anything_else(rows: list[list[str]], section: str) -> None:
    text = "\n".join(",".join(row) for row in rows)
    for head in ("", "id,name,lat,lon,control,depot.stock,population,population.low\n", "from,to,km,km.low,km.basis\n"):
        try:
            tree = parse_table(head + text, "t.csv", section, [])
        except ScenarioError as error:
            assert error.problems
        else:
            unwrap(tree, [], is_file=True)


def test_a_basis_for_all_and_one_for_a_field_exclude_each_other(load: Load) -> None:
    text = "id,name,side,kind,place,strength,basis,basis.strength\nn_1,N,north,light,hilltop,9,assumed,assumed: x\n"
    with pytest.raises(ScenarioError, match=r"csv:2:8: formations\.n_1\.basis\.strength: is given beside `basis`"):
        read(load, formations=text + "s_1,S,south,light,bridge,9,,\n")


def test_the_name_of_a_table_says_what_it_holds(load: Load) -> None:
    main = MAIN.replace("formations.csv", "south-formations.csv")
    assert load(main, {**TABLES, "south-formations.csv": TABLES["formations.csv"]}).scenario.formations
    with pytest.raises(
        ScenarioError, match=r"the name of a table says what it holds: .*did you mean .*formations\.csv"
    ):
        load(MAIN.replace("formations.csv", "formatoins.csv"), {**TABLES, "formatoins.csv": TABLES["formations.csv"]})
    with pytest.raises(ScenarioError, match="is a table; a scenario file names it under `include`"):
        load("extends: places.csv\n", TABLES)


def feature(kind: str, coordinates: list, **properties: object) -> dict:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def test_points_are_places_and_lines_are_roads(load: Load) -> None:
    places = [
        feature("Point", [9.2, 47.5], id="hilltop", name="Hilltop", control="north", population=5e4),
        feature("Point", [9.3, 47.3, 400], id="bridge", name="Bridge", control="south", **{"depot.stock": 2}),
    ]
    roads = [feature("LineString", [[9.2, 47.5], [9.3, 47.5], [9.3, 47.3]], **{"from": "hilltop", "to": "bridge"})]
    files = {
        name: json.dumps({"type": "FeatureCollection", "features": features})
        for name, features in {"places.geojson": places, "roads.geojson": roads}.items()
    }
    main = MAIN.replace("places.csv, roads.csv", "places.geojson, roads.geojson").replace(
        ", communities: {hill: 0.5}", ""
    )
    loaded = load(main, {**files, "formations.csv": TABLES["formations.csv"]})
    hilltop, bridge = loaded.scenario.places.values()
    assert (hilltop.lat, hilltop.lon, hilltop.population) == (47.5, 9.2, 50_000)
    assert bridge.depot is not None and bridge.depot.stock == 2
    assert loaded.scenario.roads[0].km == pytest.approx(29.8, abs=0.1)  # 7.5 km east and 22.2 km south
    assert loaded.basis["roads.hilltop-bridge.km"] == "assumed: length of the line in roads.geojson"
    files["places.geojson"] = files["places.geojson"].replace("population", "popluation").replace("Point", "Polygon", 1)
    with pytest.raises(ScenarioError) as caught:
        load(main, {**files, "formations.csv": TABLES["formations.csv"]})
    assert "there is no column 'popluation'; did you mean population?" in str(caught.value)
    assert "a feature should be a Point with numbers, but is the text 'Polygon'" in str(caught.value)


@pytest.mark.parametrize("name", ["crossroads", "hama-2024", "iwo-jima-1945", "mosul-2014", "afghanistan-2021"])
def test_export_and_import_are_stable(name: str, tmp_path: Path) -> None:
    loaded = load_file(ROOT / "scenarios" / f"{name}.yaml")
    files = loaded.as_files()
    for file, text in files.items():
        (tmp_path / file).write_text(text, "utf-8")
    again = load_file(tmp_path / f"{name}.yaml")
    assert again.scenario == loaded.scenario
    assert (again.basis, again.ranges) == (loaded.basis, loaded.ranges)
    assert again.as_files() == files


def test_what_no_cell_can_say_stays_in_the_file(load: Load) -> None:
    text = SMALL.replace("name: First North", "name: ' two spaces  '").replace(
        "morale: 0.6", "morale: 0.6\n    note: ''"
    )
    loaded = load(text)
    files = loaded.as_files()
    assert set(files) == {"s.yaml", "places.csv", "roads.csv"}
    again = load(files.pop("s.yaml"), files)
    assert again.scenario == loaded.scenario
