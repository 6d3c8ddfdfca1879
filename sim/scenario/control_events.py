"""Dated changes of control, from a table of events, as evidence and targets of a scenario, or outcomes of a back-test.

The columns are `date`, `place`, `side`, and perhaps `id`, `lat`, `lon`, `source`, `note`; those of ACLED are read as
well (https://acleddata.com). Of its rows, only those that hand a place to somebody count.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.geography import straight_km
from sim.scenario.names import nearest
from sim.scenario.schema import Scenario
from sim.scenario.schema_base import moment
from sim.scenario.table_files import lines_of
from sim.scenario.yaml_reader import dump, scalar

COLUMNS = {
    "date": ("date", "event_date"), "place": ("place", "location"), "side": ("side", "actor1"),
    "id": ("id", "event_id_cnty"), "lat": ("lat", "latitude"), "lon": ("lon", "longitude"),
    "source": ("source",), "note": ("note", "notes"), "kind": ("sub_event_type",),
}  # fmt: skip
"""The names that each column goes by: our own, and that of ACLED."""
REQUIRED = ("date", "place", "side")
TRANSFERS = (
    "government regains territory", "non-state actor overtakes territory", "non-violent transfer of territory"
)  # fmt: skip
"""Kinds of events of ACLED that hand over a place."""
ACLED_DATES = ("%d %B %Y", "%d/%m/%Y", "%d-%b-%Y")
KEY = "EV"
"""Id of the source; its rows are EV1, EV2, ..."""


class Change(NamedTuple):
    """A side took a place on a day of the calendar."""

    day: datetime
    place: str
    side: str
    says: str


class Found(NamedTuple):
    """The changes in order of time, and what in the table was not used, by the reason."""

    changes: list[Change]
    left_out: Counter[str]


def read_actors(text: str, file: str, sides: list[str]) -> dict[str, str]:
    """Which side each actor of a table of events belongs to, from a table with the columns `actor` and `side`."""
    head, rows = _table(text, file, {"actor": ("actor",), "side": ("side",)}, ("actor", "side"))
    problems = [
        Problem(file, line, head["side"] + 1, "", f"there is no side '{row['side']}'", nearest(row["side"], sides))
        for line, row in rows
        if row["side"] not in sides
    ]
    if problems:
        raise ScenarioError(problems)
    return {row["actor"].lower(): row["side"] for _, row in rows}


def read_changes(text: str, file: str, scenario: Scenario, actors: dict[str, str], within: float) -> Found:
    """The changes of control that a table tells of; ScenarioError for dates, sides and numbers that cannot be read."""
    head, rows = _table(text, file, COLUMNS, REQUIRED)
    names = {place.name.lower(): id for id, place in scenario.places.items()} | {id: id for id in scenario.places}
    problems: list[Problem] = []
    changes, left_out = [], Counter[str]()
    for line, row in rows:
        if row["kind"] and row["kind"].lower() not in TRANSFERS:
            left_out[f"events of another kind: {row['kind']}"] += 1
            continue
        marks = {name: Mark(file, line, number + 1) for name, number in head.items()}
        place = names.get(row["place"].lower()) or _near(row, scenario, within, marks, problems)
        if place is None:
            left_out[f"places that the scenario does not have: {row['place']}"] += 1
            continue
        day, side = _date(row["date"]), actors.get(row["side"].lower(), row["side"])
        if day is None:
            message = f"should be a date like 2024-11-29, but is '{row['date']}'"
            problems.append(Problem(*marks["date"], "", message))
        elif side not in scenario.sides:
            message = f"'{side}' is no side, and no actor of the table of actors; sides are {', '.join(scenario.sides)}"
            problems.append(Problem(*marks["side"], "", message, nearest(side, scenario.sides)))
        else:
            told = [f"{day:%Y-%m-%d}: {scenario.sides[side].name} takes {row['place']}"]
            told += [f"({', '.join(filter(None, (row['id'], row['source'])))})"] if row["id"] or row["source"] else []
            says = " ".join(told) + (f": {row['note']}" if row["note"] else "")
            changes.append(Change(day, place, side, says))
    if problems:
        raise ScenarioError(problems)
    return Found(sorted(changes), left_out)


def as_part(found: Found, scenario: Scenario, file: str, within_days: float) -> str:
    """A part of a scenario, to be included: the rows of evidence, and a target for each place that falls."""
    targets: dict[str, Any] = {}
    for fact, change in _first_falls(found, scenario).items():
        day = _day(change, scenario)
        targets[f"{change.place}_falls"] = {
            "title": f"{scenario.places[change.place].name} falls on {change.day:%Y-%m-%d}",
            "outcome": f"{change.place}.fall_day",
            "facts": [fact],
            "median_within": [max(0.0, day - within_days), day + 1 + within_days],
        }
    rows = {f"{KEY}{number}": change.says for number, change in enumerate(found.changes, 1)}
    return dump({"sources": {KEY: {"text": f"events of {file}", "rows": rows}}, "targets": targets})


def as_outcomes(found: Found, scenario: Scenario, file: str) -> str:
    """The same as outcomes for `sim backtest`."""
    outcomes = {
        f"{change.place}.fall_day": {"value": f"{change.day:%Y-%m-%d}", "basis": fact}
        for fact, change in _first_falls(found, scenario).items()
    }
    return dump({"about": f"Falls of places by {file}", "outcomes": outcomes})


def without_use(found: Found, scenario: Scenario) -> Counter[str]:
    """The changes that give neither a target nor an outcome, by the reason."""
    used = list(_first_falls(found, scenario).values())
    reasons = Counter[str]()
    for change in found.changes:
        if _day(change, scenario) <= -1:
            reasons["before the campaign: evidence only"] += 1
        elif _day(change, scenario) >= scenario.clock.days:
            reasons["after the campaign: evidence only"] += 1
        elif change not in used:
            first = change.place not in {one.place for one in used if one.day <= change.day}
            held = f"{change.place} is held by {change.side} at the start: evidence only"
            reasons[held if first else "not the first fall of a place: evidence only"] += 1
    return reasons


def contradictions(found: Found, scenario: Scenario) -> list[str]:
    """Places that the events before the start give to another side than the scenario does."""
    last = {change.place: change for change in found.changes if _day(change, scenario) < 0}
    return [
        f"{place}: the scenario begins with {scenario.places[place].control}, but {change.says}"
        for place, change in last.items()
        if change.side != scenario.places[place].control
    ]


def _first_falls(found: Found, scenario: Scenario) -> dict[str, Change]:
    """By row of evidence: the first change of each place, in the campaign, to another side than it begins with."""
    falls: dict[str, Change] = {}
    for number, change in enumerate(found.changes, 1):
        inside = -1 < _day(change, scenario) < scenario.clock.days
        fresh = change.place not in {other.place for other in falls.values()}
        if inside and fresh and change.side != scenario.places[change.place].control:
            falls[f"{KEY}{number}"] = change
    return falls


def _day(change: Change, scenario: Scenario) -> float:
    """The day of the campaign on which the calendar day of a change begins."""
    return round((change.day - scenario.start).total_seconds() / 86_400, 3)


def _date(text: str) -> datetime | None:
    found = moment(text)
    for form in ACLED_DATES if found is None else ():
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return found


def _near(
    row: dict[str, str], scenario: Scenario, within: float, marks: dict[str, Mark], problems: list[Problem]
) -> str | None:
    """The place of the scenario that is nearest to a row's coordinates; None if none is so near."""
    if not (row["lat"] and row["lon"]):
        return None
    lat, lon = scalar(row["lat"]), scalar(row["lon"])
    for name, value in (("lat", lat), ("lon", lon)):
        if isinstance(value, (str, bool)) or value is None:
            problems.append(Problem(*marks[name], "", f"should be a number, but is '{row[name]}'"))
            return None
    far = {id: straight_km(lat, lon, place.lat, place.lon) for id, place in scenario.places.items()}
    place = min(far, key=lambda id: far[id])
    return place if far[place] <= within else None


def _table(
    text: str, file: str, columns: dict[str, tuple[str, ...]], required: tuple[str, ...]
) -> tuple[dict[str, int], list[tuple[int, dict[str, str]]]]:
    """The numbers of the columns, and the rows by their lines; columns that are not asked for are passed over."""
    lines = lines_of(text.removeprefix("\ufeff"))
    first, cells = next(lines, (1, []))
    names = [cell.strip().lower() for cell in cells]
    head = {name: names.index(known) for name, aliases in columns.items() for known in aliases[::-1] if known in names}
    missing = [" or ".join(columns[name]) for name in required if name not in head]
    if missing:
        raise ScenarioError([Problem(file, first, 1, "", f"has no column {', '.join(missing)}")])
    rows = [
        (line, {name: cells[at].strip() if at < len(cells) else "" for name, at in head.items()})
        for line, cells in lines
    ]
    return head, [(line, dict.fromkeys(columns, "") | row) for line, row in rows]
