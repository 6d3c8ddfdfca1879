"""Every kind of outcome: what it is, in which unit, whether it takes a day, and which value tells it."""

from __future__ import annotations

from sim.outcomes.catalogue import FORMS, PROBABILITY, QUANTITY, TIME

WANTED = {
    "<place>.fall_day": (TIME, "day", False, "places.fell"),
    "<place>.held_by.<side>": (PROBABILITY, "", True, "places.control"),
    "<place>.repulses": (QUANTITY, "times", False, "places.repulses"),
    "<place>.garrison_left": (QUANTITY, "people", False, "places.garrison_left"),
    "<place>.garrison_deserted": (QUANTITY, "people", False, "places.garrison_deserted"),
    "<place>.garrison_surrendered": (QUANTITY, "people", False, "places.garrison_surrendered"),
    "<place>.garrison_died": (QUANTITY, "people", False, "places.garrison_died"),
    "<side>.collapsed": (PROBABILITY, "", False, "sides.collapsed_on"),
    "<side>.collapse_day": (TIME, "day", False, "sides.collapsed_on"),
    "<side>.strength": (QUANTITY, "people", True, ""),
    "<side>.morale": (QUANTITY, "0-1", True, ""),
    "<side>.places": (QUANTITY, "places", True, ""),
    "<side>.regained": (QUANTITY, "places", True, ""),
    "<side>.will": (QUANTITY, "0-1", True, ""),
    "<side>.equipment": (QUANTITY, "pieces", True, ""),
    "<side>.equipment_taken": (QUANTITY, "pieces", True, ""),
    "<side>.captured": (QUANTITY, "people", True, ""),
    "<side>.deserted": (QUANTITY, "people", True, ""),
    "deaths.total": (QUANTITY, "people", True, ""),
    "deaths.civilian": (QUANTITY, "people", True, ""),
    "deaths.combatant": (QUANTITY, "people", True, ""),
    "deaths.<side>": (QUANTITY, "people", True, ""),
    "displaced.total": (QUANTITY, "people", True, ""),
    "displaced.<region>": (QUANTITY, "people", True, ""),
    "ceasefire.day": (TIME, "day", False, "campaign.ceasefire_on"),
}


def test_every_form_has_its_kind_unit_and_source():
    found = {form.pattern: (form.kind, form.unit, form.dated, form.cell) for form in FORMS}
    assert {pattern: found.get(pattern) for pattern in WANTED} == WANTED
    invested = set(found) - set(WANTED)
    assert len(invested) <= 2 and all(found[name][1] == "0-1" for name in invested), "add the new form to this table"
