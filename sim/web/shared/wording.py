"""Outcomes and shares in plain words, for readers who know the scenario and not the program."""

from __future__ import annotations

import re

from sim.rules.rulebook import RULEBOOK
from sim.scenario.schema import Scenario

FORMS = {
    "fall_day": "{what} falls",
    "collapsed": "the rule of {what} collapses",
    "collapse_day": "the rule of {what} collapses",
    "held_by": "{what} is held by {whom}",
    "strength": "people under arms of {what}",
    "will": "political will of {what}",
    "morale": "morale of {what}",
    "places": "places held by {what}",
    "captured": "prisoners from {what}",
    "deserted": "deserters from {what}",
    "equipment": "heavy equipment of {what}",
    "equipment_taken": "heavy equipment captured by {what}",
    "regained": "places regained by {what}",
    "repulses": "formations thrown back from {what}",
    "invested_when_fell": "{what} was invested shortly before it fell",
    "garrison_left": "garrison of {what} that left in order",
    "garrison_deserted": "garrison of {what} that deserted",
    "garrison_surrendered": "garrison of {what} that laid down arms",
    "garrison_died": "garrison of {what} killed",
}
OF_ALL = {
    "deaths.total": "people killed",
    "deaths.civilian": "civilians killed",
    "deaths.combatant": "combatants killed",
    "displaced.total": "people displaced",
    "ceasefire.day": "a ceasefire begins",
}


def outcome_in_words(scenario: Scenario, name: str) -> str:
    """What an outcome says, as `hill.fall_day` means that Hill falls; the name itself where there are no words."""
    base, _, day = name.partition("@day")
    when = f" by day {day}" if day else ""
    if base in OF_ALL:
        return OF_ALL[base] + when
    what, _, rest = base.partition(".")
    form, _, whom = rest.partition(".")
    if what == "deaths" and form in scenario.sides:
        return f"people of {scenario.sides[form].name} killed{when}"
    if what == "displaced":
        return f"people displaced in {form.replace('_', ' ')}{when}"
    if form not in FORMS or not (what in scenario.places or what in scenario.sides):
        return re.sub(r"[_.]", " ", base) + when
    named = scenario.places[what].name if what in scenario.places else scenario.sides[what].name
    holder = scenario.sides[whom].name if whom in scenario.sides else whom
    if day and form not in ("fall_day", "collapsed"):
        when = f" on day {day}"
    return FORMS[form].format(what=named, whom=holder) + when


def input_in_words(path: str) -> str:
    """An uncertain input; a parameter of a rule with what it is."""
    section, _, rest = path.rstrip(" *+").partition(".")
    rule, _, name = rest.partition(".")
    if section == "rules" and rule in RULEBOOK and name in (declared := RULEBOOK[rule].declared()):
        return f"{path} ({declared[name].unit} {declared[name].meaning})".replace("(1 ", "(")
    return path


def frequency(share: float, of: str = "campaigns") -> str:
    """A share as so many of 100; never none of what happened, nor all of what did not always."""
    if 0 < share < 0.005:
        return f"fewer than 1 of 100 {of}"
    if 0.995 < share < 1:
        return f"more than 99 of 100 {of}"
    return f"{100 * share:.0f} of 100 {of}"
