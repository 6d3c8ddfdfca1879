"""`sim edit`: drafts are checked as if they were the files; what is saved is what was written."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient
from typer.testing import CliRunner

from sim.cli.main import app
from sim.engine.load import load
from sim.scenario.text_edits import NoEdit
from sim.web.edit.app import application
from sim.web.edit.grids import with_value
from sim.web.edit.open_files import OpenFiles, Refused
from sim.web.exercise.serve import THIS_MACHINE, listening
from tests.web.labels import LABELS, SIZES

ROOT = Path(__file__).parents[3]
KEY = "k3y"


@pytest.fixture
def folder(tmp_path: Path, crossroads_file: Path) -> Path:
    """A scenario with a comment, and its roads in a table with Windows ends of lines."""
    text = crossroads_file.read_text("utf-8")
    head, _, rest = text.partition("roads:\n")
    _, _, rest = rest.partition("\n\n")
    (tmp_path / "s.yaml").write_text(f"# ours\n{head}include: [roads.csv]\n{rest}", "utf-8")
    rows = ["from,to,km", "arnfell,stonegate,38", "arnfell,merrow_cross,42", "stonegate,ottersby,33"]
    rows += ["merrow_cross,quarry,36", "quarry,tarnmouth,35", "merrow_cross,tarnmouth,48"]
    (tmp_path / "roads.csv").write_bytes("".join(f"{row}\r\n" for row in rows).encode())
    return tmp_path


def test_drafts_are_checked_and_files_left_alone(folder: Path) -> None:
    opened = OpenFiles(folder / "s.yaml")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    good = opened.check(opened.known)
    assert good["told"] == [] and "<html" in good["map"]
    bad = opened.known | {"roads.csv": opened.known["roads.csv"].replace("ottersby", "otersby")}
    (told, *_) = opened.check(bad)["told"]
    assert (told["file"], told["line"], told["column"], told["kind"]) == ("roads.csv", 4, 2, "mistake")
    assert told["hint"] == "ottersby" and opened.check(bad)["map"] is None
    strange = opened.known | {"s.yaml": opened.known["s.yaml"].replace("sorties: 1.5", "sorties: 15")}
    (told,) = opened.check(strange)["told"]
    assert (told["kind"], told["path"]) == ("warning", "air.l_wing.sorties")
    assert opened.check(opened.known | {"s.yaml": " "})["told"][0]["message"] == "is empty"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert load(folder / "s.yaml").scenario.air["l_wing"].sorties == 1.5


def test_what_is_saved_is_what_was_written(folder: Path) -> None:
    opened = OpenFiles(folder / "s.yaml")
    untouched = (folder / "s.yaml").read_bytes()
    drafts = opened.known | {"roads.csv": opened.known["roads.csv"].replace("38", "39")}
    assert opened.save(drafts) == ["roads.csv"]
    assert (folder / "roads.csv").read_bytes().count(b"\r\n") == 7 and b"stonegate,39\r\n" in (
        folder / "roads.csv"
    ).read_bytes()
    assert (folder / "s.yaml").read_bytes() == untouched and untouched.startswith(b"# ours\n")
    assert opened.save(drafts) == []
    (folder / "s.yaml").write_text(untouched.decode() + "# theirs\n")
    with pytest.raises(Refused, match=r"s\.yaml was changed by another program"):
        opened.save(drafts | {"s.yaml": drafts["s.yaml"] + "# mine\n", "roads.csv": "from,to\n"})
    assert b"stonegate,39" in (folder / "roads.csv").read_bytes()
    with pytest.raises(Refused, match="is no file of this scenario"):
        opened.save({"../other.yaml": "x"})


def test_nobody_without_the_key_and_no_other_name_of_the_machine(folder: Path) -> None:
    client = TestClient(application(OpenFiles(folder / "s.yaml"), KEY), base_url="http://localhost")
    assert client.get("/").status_code == client.get("/texts?key=x").status_code == 403
    assert client.post("/save", json={"s.yaml": ""}).status_code == 403
    assert client.get(f"/?key={KEY}", headers={"host": "evil.example"}).status_code == 400
    assert "<textarea" in client.get(f"/?key={KEY}").text
    assert client.get(f"/texts?key={KEY}").json()["scenario"] == "s.yaml"
    assert client.post(f"/check?key={KEY}", content="[").status_code == 400
    answer = client.post(f"/save?key={KEY}", json={"x.yaml": ""})
    assert (answer.status_code, answer.json()["error"]) == (409, "'x.yaml' is no file of this scenario")


def test_a_grid_says_what_is_written_and_what_holds_else(folder: Path) -> None:
    opened = OpenFiles(folder / "s.yaml")
    found = opened.grid(opened.known, "formations")
    row = next(row for row in found["rows"] if row["keys"] == ("l_posts",))
    assert found["keys"] == ["id"] and found["columns"][:4] == ["name", "side", "kind", "place"]
    assert row["values"]["manning"] == "0.6" and row["values"]["mobile"] == "false"
    assert row["else"]["equipment"] == "0" and "supply" in found["more"]
    roads = opened.grid(opened.known, "roads")
    assert roads["rows"][0] | {"else": 0} == {
        "file": "roads.csv",
        "keys": ("arnfell", "stonegate"),
        "values": {"km": "38"},
        "else": 0,
    }
    broken = opened.known | {"s.yaml": opened.known["s.yaml"].replace("strength: 1600", "strength: many", 1)}
    assert opened.grid(broken, "formations")["rows"][0]["values"]["strength"] == "many"


def test_a_cell_changes_one_draft_and_nothing_else_in_it(folder: Path) -> None:
    texts = OpenFiles(folder / "s.yaml").known
    asked = {"file": "s.yaml", "section": "formations", "keys": ["h_1"], "column": "morale", "value": " 0.8 "}
    (new,) = with_value(texts, asked).values()
    assert new == texts["s.yaml"].replace("morale: 0.75", "morale: 0.8", 1)
    asked = {"file": "roads.csv", "section": "roads", "keys": ["quarry", "tarnmouth"], "column": "km", "value": "36"}
    assert with_value(texts, asked) == {"roads.csv": texts["roads.csv"].replace("35", "36")}
    for wrong, says in [
        ({"column": "strenght"}, "there is no column 'strenght'"),
        ({"column": "from"}, "change `from` in the text"),
        ({"file": "x.csv"}, "'x.csv' has no grid"),
    ]:
        with pytest.raises(NoEdit, match=says):
            with_value(texts, asked | wrong)


def test_the_interface_of_grids(folder: Path) -> None:
    opened = OpenFiles(folder / "s.yaml")
    client = TestClient(application(opened, KEY), base_url="http://localhost")
    assert client.post("/grid", json={}).status_code == 403
    answer = client.post(f"/grid?key={KEY}", json={"texts": opened.known, "section": "places"})
    assert [row["keys"][0] for row in answer.json()["rows"]][:2] == ["arnfell", "stonegate"]
    bodies: list[Any] = [{}, {"texts": opened.known}, {"texts": {"s.yaml": 1}, "section": "places"}, []]
    for bad in bodies:
        assert client.post(f"/grid?key={KEY}", json=bad).status_code == 400
    broken = {"texts": opened.known | {"s.yaml": "a: ["}, "section": "places"}
    assert "mend it first" in client.post(f"/grid?key={KEY}", json=broken).json()["error"]


@contextmanager
def served(scenario: Path) -> Iterator[str]:
    """The address of the editor of a scenario."""
    config = uvicorn.Config(application(OpenFiles(scenario), KEY), log_level="error", ws="none")
    server = uvicorn.Server(config)
    with listening(THIS_MACHINE, 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://localhost:{listener.getsockname()[1]}/?key={KEY}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with served(folder / "s.yaml") as found:
        yield found


def test_a_mistake_is_marked_while_one_types_and_a_file_is_saved(window, address: str, folder: Path) -> None:
    page = window().page
    page.goto(address)

    def state(wanted: str) -> None:
        until = time.monotonic() + 15
        while page.inner_text("#state") != wanted:
            assert time.monotonic() < until, page.inner_text("#state")
            page.wait_for_timeout(30)

    state("no mistakes")
    assert page.is_disabled("#save")
    page.click("text=roads.csv")
    text = page.input_value("#editor")
    page.fill("#editor", text.replace("merrow_cross,42", "merrow_cros,42"))
    state("1 mistake")
    assert page.inner_text("#gutter .mistake") == "3"
    assert "did you mean merrow_cross?" in page.inner_text("#told li")
    page.fill("#editor", text.replace("42", "43"))
    state("no mistakes")
    page.keyboard.press("Control+s")
    state("saved roads.csv")
    assert b"arnfell,merrow_cross,43\r\n" in (folder / "roads.csv").read_bytes()


def test_cells_are_written_into_the_file_and_marked(window, address: str, folder: Path) -> None:
    page = window().page
    page.goto(address)
    page.click("text=Formations table")
    cell = page.get_by_label("strength of h_1", exact=True)
    assert cell.input_value() == "1600"
    cell.fill("-1")
    cell.press("Enter")
    page.wait_for_selector("#cells input.mistake[title*='at least 0']")
    cell.fill("1700")
    cell.press("Enter")
    page.wait_for_selector("#cells input.mistake", state="detached")
    page.fill("#filter", "night")
    assert page.locator("#cells tbody tr").count() == 1
    page.select_option("#more", "supply")
    page.get_by_label("supply of h_raiders").fill("7")
    page.keyboard.press("Tab")
    page.wait_for_function("drafts['s.yaml'].includes('supply: 7')")
    page.click("#save")
    page.wait_for_function("document.getElementById('state').textContent.startsWith('saved s.yaml')")
    # What a check finds meanwhile comes beside it.
    page.evaluate("check()")
    page.wait_for_function("document.getElementById('state').textContent === 'saved s.yaml; no mistakes'")
    text = (folder / "s.yaml").read_text("utf-8")
    assert text.startswith("# ours\n") and "strength: 1700, equipment: 10" in text and "supply: 7}" in text


def test_no_name_on_the_map_is_read_as_that_of_another_place(window, tmp_path: Path) -> None:
    halland, tables = tmp_path / "halland", ROOT / "scenarios/templates"
    given = ["--places", tables / "provinces.csv", "--formations", tables / "brigades.csv", "--side", "Republic"]
    made = CliRunner().invoke(app, ["new", *map(str, [halland, *given]), "--side", "League"])
    assert made.exit_code == 0, made.output
    for scenario, least in ((halland / "halland.yaml", 28), (ROOT / "scenarios/hama-2024.yaml", 20)):
        with served(scenario) as address:
            for size in SIZES:
                page = window(*size).page
                page.goto(address)
                page.locator("#map").scroll_into_view_if_needed()
                shown = page.frame_locator("#map iframe")
                high = shown.locator("#map").evaluate("(map) => map.getBoundingClientRect().height / innerHeight")
                assert high > 0.6, (scenario.name, size)
                for zoom in ("Focus", "All"):
                    shown.get_by_role("button", name=zoom, exact=True).click()
                    found = shown.locator("html").evaluate(LABELS)
                    assert found["misread"] == found["struck"] == [], (scenario.name, size, zoom)
                    assert found["count"] >= least, (scenario.name, size, zoom)
