"""The schema in the language server of editors: completion, explanation and mistakes, as VS Code shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from tests.scenario.language_server import NAME, LanguageServer, installed

SCENARIOS = Path(__file__).parents[2] / "scenarios"


class Editor:
    """Scenarios in a folder that `sim new` made, with its schema. `|` in a text stands where the pointer is."""

    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        made = CliRunner().invoke(app, ["new", str(folder), "--title", "New war"])
        assert made.exit_code == 0, made.output
        self.new_war = (folder / f"{folder.name}.yaml").read_text("utf-8")
        self.first_line = self.new_war.splitlines(keepends=True)[0]  # which names the schema

    def open(self, text: str) -> tuple[Path, int, int]:
        file = self.folder / f"{len(list(self.folder.iterdir()))}.yaml"
        file.touch()
        before, _, after = (self.first_line + text).partition("|")
        self.server.show(file, before + after)
        return file, before.count("\n"), len(before) - before.rfind("\n") - 1

    def mistakes(self, text: str) -> list[str]:
        return self.server.mistakes_in(self.open(text)[0])

    def hover(self, text: str) -> str:
        return self.server.hover(*self.open(text))

    def offers(self, text: str) -> dict[str, str]:
        return self.server.complete(*self.open(text))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    program = installed()
    if program is None:
        pytest.skip(f"{NAME} is not installed: npm install --prefix build/node {NAME}")
    server = LanguageServer(program)
    yield Editor(server, tmp_path_factory.mktemp("editor") / "new-war")
    server.close()


@pytest.mark.parametrize(
    "name", ["crossroads.yaml", "mosul-2014.yaml", "afghanistan-2021.yaml", "afghanistan-2021/places.yaml"]
)
def test_nothing_is_underlined_in_a_shipped_scenario(editor: Editor, name: str) -> None:
    assert editor.mistakes((SCENARIOS / name).read_text("utf-8")) == []


def test_nothing_is_underlined_in_a_new_war(editor: Editor) -> None:
    assert editor.mistakes(editor.new_war) == []


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("700", "700, strenght: 7", ["Property strenght is not allowed."]),
        ("km: 8, strength: 700", "km: 8", ['Missing property "strength".']),
        ("lat: 47.60", "lat: 470.60", ["Value is above the maximum of 90."]),
        ("tick_hours: 6", "tick_hours: 5", ["Value is not accepted. Valid values: 1, 2, 3, 4, 6, 8, 12."]),
        ("title: Crossroads\n", "", ['Missing property "title".']),
    ],
)  # fmt: skip
def test_a_mistake_is_underlined_and_named(editor: Editor, right: str, wrong: str, says: list[str]) -> None:
    text = (SCENARIOS / "crossroads.yaml").read_text("utf-8")
    assert right in text
    assert editor.mistakes(text.replace(right, wrong, 1)) == says


def test_the_pointer_over_a_key_explains_it(editor: Editor) -> None:
    text = (SCENARIOS / "crossroads.yaml").read_text("utf-8")
    assert "alert and manned for war" in editor.hover(text.replace("readiness", "|readiness", 1))
    assert "1/day" in editor.hover(text + "rules: {combat: {|rate: 0.1}}\n")  # with its unit


def test_keys_are_offered_with_their_meaning(editor: Editor) -> None:
    text = (SCENARIOS / "crossroads.yaml").read_text("utf-8")
    offers = editor.offers(text.replace("formations:\n", "formations:\n  h_0:\n    name: Zero\n    |\n", 1))
    assert offers["strength"] == "people on the roll"
    assert {"side", "kind", "place", "morale", "readiness", "template"} <= offers.keys()
    assert "name" not in offers  # it is there


def test_entries_that_every_scenario_has_are_offered_as_values(editor: Editor) -> None:
    text = (SCENARIOS / "crossroads.yaml").read_text("utf-8")
    assert {"desert", "dense_urban", "hill"} <= editor.offers(text.replace("terrain: hill", "terrain: |hill", 1)).keys()
    assert {"militia", "elite"} <= editor.offers(text.replace("kind: light", "kind: |light", 1)).keys()
