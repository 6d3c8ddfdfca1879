"""Outcomes: what a run can report of each campaign, declared once.

An outcome is named by what it is about, and for most by when: `<place>.fall_day`, `<side>.will@day8`,
`deaths.total@2031-05-09`. A name without a day speaks of the end of the campaign. A formula makes one of others:
`name = expression`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from sim.outcomes.formulas import NAMED, Formula, FormulaError, parse_formula
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.names import nearest
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Scenario
from sim.world.names import Names

TIME, QUANTITY, PROBABILITY = "time", "quantity", "probability"


class Form(NamedTuple):
    """One kind of outcome. `cell` is the value of the world that tells it; a quantity without one is a sum."""

    pattern: str
    kind: str
    unit: str
    meaning: str
    cell: str = ""
    dated: bool = True


FORMS = (
    Form("<place>.fall_day", TIME, "day", "the place first leaves its first holder", "places.fell", dated=False),
    Form("<place>.held_by.<side>", PROBABILITY, "", "the side holds the place", "places.control"),
    Form(
        "<place>.invested_when_fell",
        QUANTITY,
        "0-1",
        "whether it was invested shortly before it fell",
        "places.invested_when_fell",
        False,
    ),
    Form("<place>.repulses", QUANTITY, "times", "formations thrown back from its gates", "places.repulses", False),
    Form(
        "<place>.garrison_left",
        QUANTITY,
        "people",
        "of its first holder who left it in order",
        "places.garrison_left",
        False,
    ),
    Form(
        "<place>.garrison_deserted",
        QUANTITY,
        "people",
        "of its first holder who deserted there",
        "places.garrison_deserted",
        False,
    ),
    Form(
        "<place>.garrison_surrendered",
        QUANTITY,
        "people",
        "of its first holder who laid down arms there",
        "places.garrison_surrendered",
        False,
    ),
    Form(
        "<place>.garrison_died",
        QUANTITY,
        "people",
        "of its first holder killed there",
        "places.garrison_died",
        False,
    ),
    Form("<side>.collapsed", PROBABILITY, "", "the side's rule has ended", "sides.collapsed_on", dated=False),
    Form("<side>.collapse_day", TIME, "day", "the side's rule ends", "sides.collapsed_on", dated=False),
    Form("<side>.strength", QUANTITY, "people", "present and fit in the side's formations"),
    Form("<side>.morale", QUANTITY, "0-1", "mean morale of the side's people who are present and fit"),
    Form("<side>.places", QUANTITY, "places", "that the side holds"),
    Form("<side>.regained", QUANTITY, "places", "that the side held first, has lost, and holds again"),
    Form("<side>.will", QUANTITY, "0-1", "the side's political will"),
    Form("<side>.equipment", QUANTITY, "pieces", "the side's heavy equipment that runs"),
    Form("<side>.equipment_taken", QUANTITY, "pieces", "heavy equipment captured and taken into use by the side"),
    Form("<side>.captured", QUANTITY, "people", "of the side's formations who laid down arms"),
    Form("<side>.deserted", QUANTITY, "people", "who left the side's formations without orders"),
    Form("deaths.total", QUANTITY, "people", "killed, civilians and combatants"),
    Form("deaths.civilian", QUANTITY, "people", "civilians killed"),
    Form("deaths.combatant", QUANTITY, "people", "combatants killed, of all sides"),
    Form("deaths.<side>", QUANTITY, "people", "combatants of the side killed"),
    Form("displaced.total", QUANTITY, "people", "who left their homes"),
    Form("displaced.<region>", QUANTITY, "people", "who left their homes in the region"),
    Form("ceasefire.day", TIME, "day", "the first ceasefire begins", "campaign.ceasefire_on", dated=False),
)
DERIVED = Form("<name> = <expression>", QUANTITY, "", "worked out from other outcomes", dated=False)


RESERVED = frozenset({"replicate", "situation", "point", "seed"})
"""Columns that stand beside the outcomes in tables of results."""


@dataclass(frozen=True)
class Outcome:
    """One outcome of a scenario: `base` is its name without the day, `rows` whom it is about, by number."""

    name: str
    base: str
    form: Form
    rows: tuple[int, ...]
    tick: int
    formula: Formula | None = None
    needs: tuple[Outcome, ...] = ()
    """The outcomes that a formula is worked out from."""

    @property
    def said(self) -> str:
        """The outcome as a scenario lists it."""
        return f"{self.name} = {self.formula.text}" if self.formula else self.name

    @property
    def kind(self) -> str:
        return self.form.kind

    @property
    def unit(self) -> str:
        return self.form.unit


class UnknownOutcome(ValueError):
    """A name that is no outcome of the scenario; `hint` is what may have been meant."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Clash(NamedTuple):
    """An id that makes one name of two outcomes."""

    slot: str
    id: str
    name: str
    meaning: str


def known_outcomes(names: Names, clashes: list[Clash]) -> dict[str, tuple[Form, tuple[int, ...]]]:
    """All outcomes of a scenario, without days: name -> its form and the rows of those it is about.

    Ids that give two outcomes one name are added to `clashes`.
    """
    rows: dict[str, Mapping[str, int]] = {"place": names.places, "side": names.sides, "region": names.regions}
    known: dict[str, tuple[Form, tuple[int, ...]]] = {}
    for form in FORMS:
        slots = re.findall(r"<(\w+)>", form.pattern)
        for chosen in itertools.product(*(rows[slot] for slot in slots)):
            base = form.pattern
            for slot, name in zip(slots, chosen, strict=True):
                base = base.replace(f"<{slot}>", name, 1)
            if base in known:
                clashes.append(Clash(slots[-1], chosen[-1], base, known[base][0].meaning))
                continue
            known[base] = (form, tuple(rows[slot][name] for slot, name in zip(slots, chosen, strict=True)))
    return known


def _problem_of(clash: Clash, loaded: LoadedScenario) -> Problem:
    """The problem with the id of a side, place or region that reads as something else in the name of an outcome."""
    section = {"side": "sides", "place": "places", "region": "places"}[clash.slot]
    places = loaded.scenario.places
    at = next((name for name in places if places[name].region == clash.id), "") if clash.slot == "region" else clash.id
    path = (section, at, "region") if clash.slot == "region" else (section, at)
    message = f"'{clash.id}' cannot be the id of a {clash.slot}, because {clash.name} has a meaning: {clash.meaning}"
    return Problem(*loaded.where(path), ".".join(path), message)


Asked = tuple[str, Mark, str]
"""A name or formula that somebody has written, where, and at which path of the scenario."""


def outcomes_of(loaded: LoadedScenario, asked: Iterable[str] = ()) -> list[Outcome]:
    """The outcomes that a scenario lists, then those asked for besides; ScenarioError with all names that are wrong."""
    every = outcomes_asked(loaded, [(name, Mark(f"outcome {name}"), "") for name in asked])
    return list({outcome.name: outcome for outcome in every}.values())


def outcomes_asked(loaded: LoadedScenario, asked: Iterable[Asked]) -> list[Outcome]:
    """The outcome of each text: of those that the scenario lists, then of those asked for."""
    scenario = loaded.scenario
    clashes: list[Clash] = []
    known = known_outcomes(Names.of(scenario), clashes)
    found: dict[str, Outcome] = {}
    problems, outcomes = [_problem_of(clash, loaded) for clash in clashes], []
    listed = [(name, loaded.where(("outcomes", i)), f"outcomes.{i}") for i, name in enumerate(scenario.outcomes)]
    for text, mark, path in [*listed, *asked]:
        try:
            outcome = _read(text, known, found, scenario)
            if found.setdefault(outcome.name, outcome).said != outcome.said:
                raise UnknownOutcome(f"'{outcome.name}' is defined twice, as {found[outcome.name].said} before")
            outcomes.append(outcome)
        except UnknownOutcome as error:
            problems.append(Problem(*mark, path, str(error), error.hint))
    if problems:
        raise ScenarioError(problems)
    return outcomes


def expected_outcomes(loaded: LoadedScenario) -> list[Outcome]:
    """What the variants say should move; ScenarioError with all names that are no outcome."""
    expected = [(v, name) for v, variant in loaded.scenario.variants.items() for name in variant.expect]
    paths = [("variants", v, "expect", name) for v, name in expected]
    return outcomes_asked(loaded, [(path[-1], loaded.where(path), ".".join(path)) for path in paths])


def recorded(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes that must be written down of each campaign so that these can be told."""
    found: dict[str, Outcome] = {}
    for outcome in outcomes:
        found |= (
            {outcome.name: outcome}
            if outcome.formula is None
            else {part.name: part for part in recorded(outcome.needs)}
        )
    return list(found.values())


def values_of(outcome: Outcome, known: Mapping[str, np.ndarray]) -> np.ndarray:
    """What an outcome came to in each campaign, from what was written down."""
    if outcome.formula is None:
        return known[outcome.name]
    return outcome.formula.values({part.name: values_of(part, known) for part in outcome.needs})


def _read(
    text: str, known: Mapping[str, tuple[Form, tuple[int, ...]]], found: Mapping[str, Outcome], scenario: Scenario
) -> Outcome:
    """An outcome by its name, or a formula over outcomes and over formulas that stand before it."""
    named = NAMED.fullmatch(text)
    if named is None:
        return found.get(text) or _parse(text, known, scenario, found)
    name = named[1]
    if name in RESERVED:
        raise UnknownOutcome(f"'{name}' is a column of the tables of results; a formula takes another name")
    try:
        formula = parse_formula(named[2])
    except FormulaError as error:
        raise UnknownOutcome(f"{name}: {error}") from None
    needs = tuple(found.get(operand) or _parse(operand, known, scenario, found) for operand in formula.operands)
    return Outcome(name, name, DERIVED, (), max(part.tick for part in needs), formula, needs)


def _parse(
    name: str,
    known: Mapping[str, tuple[Form, tuple[int, ...]]],
    scenario: Scenario,
    formulas: Iterable[str] = (),
) -> Outcome:
    base, at, when = name.partition("@")
    if base not in known:
        hint = nearest(base, [*known, *formulas])
        forms = "" if hint else f"; outcomes are {', '.join(form.pattern for form in (*FORMS, DERIVED))}"
        raise UnknownOutcome(f"no outcome is called '{base}'{forms}", hint and f"{hint}{at}{when}")
    form, rows = known[base]
    last = round(scenario.clock.days * 24 / scenario.clock.tick_hours)
    if not at:
        return Outcome(name, base, form, rows, last)
    if not form.dated:
        raise UnknownOutcome(f"'{base}' speaks of the whole campaign and takes no day", base)
    tick = round(_day(base, when, scenario) * 24 / scenario.clock.tick_hours)
    return Outcome(name, base, form, rows, min(last, tick))


def _day(base: str, when: str, scenario: Scenario) -> float:
    """The day that stands behind the @."""
    text = when.removeprefix("day")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        if text == when:
            raise UnknownOutcome(f"'@{when}' is not a day or a date", f"{base}@day{when}")
        day = float(text)
    else:
        try:
            day = (datetime.fromisoformat(text) - scenario.start).total_seconds() / 86_400
        except (ValueError, TypeError):
            like = f"a day like @day8 or a date like @{scenario.start:%Y-%m-%d}"
            misspelt = re.fullmatch(r"([a-z]+)(\d+(\.\d+)?)", when)
            hint = f"{base}@day{misspelt[2]}" if misspelt and nearest(misspelt[1], ["day"]) else None
            raise UnknownOutcome(f"'@{when}' is not {like}", hint) from None
    if not 0 <= day <= scenario.clock.days:
        raise UnknownOutcome(f"'@{when}' lies outside the campaign: day 0 to day {scenario.clock.days:g}")
    return day
