"""Writes a new scenario that runs as it stands: a file with comments, and tables for places, roads and formations."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Mapping
from datetime import datetime

from sim.scenario.basis import wrap
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.export import table
from sim.scenario.files import FileTrouble, read_text
from sim.scenario.gazetteer import ATTRIBUTION, SOURCE, parse_names
from sim.scenario.gazetteer import SUFFIX as NAMES
from sim.scenario.geojson import SUFFIX
from sim.scenario.merge import read_part
from sim.scenario.paths import Locator
from sim.scenario.polygons import read_regions, region_at
from sim.scenario.propose import BY, NEAR, propose_bases, propose_control, propose_formations, propose_roads
from sim.scenario.schema_base import ID_PATTERN
from sim.scenario.table_files import SUFFIXES, parse_table
from sim.scenario.validate import validate_part
from sim.scenario.yaml_reader import Tree, dump

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E8C547", "#56B4E9", "#3B3B3B", "#777777")
"""After Okabe and Ito, chosen for colour-blind readers."""
INVENTED = """\
id,name,lat,lon,population,terrain
aldmoor,Aldmoor,47.60,9.20,120000,hill
brackwell,Brackwell,47.45,9.60,30000,town
corvane,Corvane,47.35,9.15,60000,town
dunmere,Dunmere,47.25,9.55,40000,river
fallowby,Fallowby,47.05,9.70,15000,town
tarnholt,Tarnholt,46.95,9.25,200000,urban
"""
"""Places of a war from nothing."""
MOST_NAMED = 8
NOTES = {
    "places": "# A row is a place. More columns: terrain, symbol, commerce, fortification, airfield, region, "
    "depot.stock, communities.NAME, population.low, population.high\n",
    "roads": "# A row is a road between two places. Without km: the straight line x 1.2. "
    "Classes: motorway, primary, secondary, track\n",
    "formations": "# A row is a formation. Kinds: mechanised, light, militia, garrison, elite, special. More columns: "
    "manning, supply, posture, field_force, toward, km, strength.low, strength.high, strength.basis\n",
}


@dataclasses.dataclass(frozen=True)
class Draft:
    """What the author of a new war has said of it."""

    title: str
    sides: tuple[str, ...] = ("North", "South")
    start: datetime = datetime(2031, 5, 4)
    days: int = 10


@dataclasses.dataclass(frozen=True)
class Proposal:
    """The files of a new scenario by name, and what in them was proposed."""

    files: dict[str, str]
    notes: tuple[str, ...]


def slug(name: str) -> str:
    """An id for a name: small letters, digits and _; empty where the name has no such letters."""
    found = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60]
    return found if re.fullmatch(ID_PATTERN, found) else ""


def new_scenario(name: str, draft: Draft, given: Mapping[str, pathlib.Path]) -> Proposal:
    """A scenario called NAME.yaml in which two or more sides fight over places.

    `given` are tables of `places`, `roads` and `formations`, and polygons of `regions`; places may also be a list of
    names. What they leave out is proposed; so are those that are not given. Roads and formations are taken as they are:
    whoever loads the scenario checks them.
    """
    sides = {slug(side): side for side in draft.sides}
    tree = _places(given.get("places"), sides)
    beyond = _place_in_regions(tree, given["regions"]) if "regions" in given else []
    silent = propose_control(tree, list(sides))
    capitals = propose_bases(tree, list(sides))
    places = tree.data["places"]
    notes = [f"who holds {len(silent)} of {len(places)} places is proposed"] if silent else []
    files = {
        f"{name}.yaml": _main(draft, sides, capitals, "formations" not in given, _is_list(given.get("places"))),
        "places.csv": table("places", wrap(tree, ())["places"]),
    }
    if beyond:
        notes.append(f"in no region: {', '.join(beyond[:MOST_NAMED])}" + (" ..." if len(beyond) > MOST_NAMED else ""))
    if "roads" in given:
        files["roads.csv"] = _text(given["roads"])
        pairs = _pairs(given["roads"])
    else:
        pairs = propose_roads(places)
        listed = [{"between": " ".join(pair), "class": "primary", "basis": NEAR} for pair in pairs]
        files["roads.csv"] = table("roads", listed)
        notes.append(f"{len(pairs)} roads are proposed from nearness")
    if "formations" in given:
        files["formations.csv"] = _text(given["formations"])
    else:
        formations = propose_formations(places, pairs, capitals)
        files["formations.csv"] = table("formations", formations)
        notes.append(f"{len(formations)} formations are proposed")
    notes += [f"{side} holds no place" for side in sides if side not in capitals]
    noted = {f"{section}.csv": note for section, note in NOTES.items() if section not in given or section == "places"}
    return Proposal({file: noted.get(file, "") + text for file, text in files.items()}, tuple(notes))


def _is_list(path: pathlib.Path | None) -> bool:
    """Whether a file lists names of places."""
    return path is not None and path.suffix.lower() == NAMES


def _text(path: pathlib.Path, endings: tuple[str, ...] = SUFFIXES) -> str:
    """The text of a file of a certain kind."""
    if path.suffix.lower() not in endings:
        raise ScenarioError([Problem(str(path), 0, 0, "", f"should be a file of {' or '.join(endings)}")])
    try:
        return read_text(path)
    except FileTrouble as trouble:
        raise ScenarioError([Problem(str(path), 0, 0, "", trouble.message, trouble.hint)]) from None


def _place_in_regions(tree: Tree, path: pathlib.Path) -> list[str]:
    """Give each place without a region the one in which it lies; the places that lie in none."""
    regions = read_regions(_text(path, (SUFFIX,)), str(path))
    places = tree.data["places"]
    for place in places.values():
        found = region_at(place["lat"], place["lon"], regions)
        if found is not None:
            place.setdefault("region", found)
    return [name for name, place in places.items() if "region" not in place]


def _pairs(path: pathlib.Path) -> list[tuple[str, str]]:
    """The places that the roads of a table join."""
    problems: list[Problem] = []
    roads = read_part(path, problems, "roads").data["roads"]
    if problems:
        raise ScenarioError(problems)
    return [(road["between"][0], road["between"][1]) for road in roads]


def _places(path: pathlib.Path | None, sides: dict[str, str]) -> Tree:
    """The places of a table, GeoJSON file or list of names, or invented ones; ScenarioError with all that is wrong.

    Who holds a place may be said by the id or the name of a side.
    """
    problems: list[Problem] = []
    if path is None:
        tree = parse_table(INVENTED, "places.csv", "places", problems)
    elif _is_list(path):
        tree = parse_names(_text(path, (NAMES,)), str(path), problems)
    else:
        tree = read_part(path, problems, "places")
    places, ids = tree.data["places"], {name: id for id, name in sides.items()}
    for place in places.values():
        if place.get("control") in ids:
            place["control"] = ids[place["control"]]
    full = {name: {"control": next(iter(sides)), **place} for name, place in places.items()}
    locator = Locator(Tree({"places": full}, tree.marks))
    validate_part(locator, ("places",), problems)
    told = {problem.path for problem in problems}
    for name, place in full.items():
        if place["control"] not in sides and f"places.{name}.control" not in told:
            message = f"there is no side '{place['control']}'; there are {', '.join(sides)}"
            problems.append(locator.problem(("places", name, "control"), message))
    if len(places) < len(sides) and not problems:
        problems.append(Problem(str(path), 0, 0, "", f"has {len(places)} places, fewer than there are sides"))
    if problems:
        raise ScenarioError(problems)
    return tree


def _main(draft: Draft, sides: dict[str, str], capitals: dict[str, str], is_proposed: bool, has_geonames: bool) -> str:
    """The scenario file, with comments on what each part is for."""
    sources = f'\nsources: {{{SOURCE}: "{ATTRIBUTION}"}}\n' if has_geonames else ""
    ids = list(sides)
    side_lines = []
    for number, (side, name) in enumerate(sides.items()):
        colour = COLOURS[number % len(COLOURS)]
        hostile = f", stances: {{{', '.join(f'{other}: hostile' for other in ids[number + 1 :])}}}"
        capital = f", capital: {capitals[side]}" if side in capitals else ""
        stances = hostile if ids[number + 1 :] else ""
        side_lines.append(f'  {side}: {{name: {_inline(name)}, colour: "{colour}"{capital}, will: 0.6{stances}}}')
    falls = ", ".join(f"{capital}.fall_day" for capital in capitals.values())
    strengths = ", ".join(f"{side}.strength@day{draft.days}" for side in capitals)
    start = draft.start.isoformat(timespec="minutes")
    lines = "\n".join(side_lines)
    path, low, high = ("strength", 0.7, 1.3) if is_proposed else ("morale", 0.85, 1.15)
    law = f"triangular: [{low}, 1.0, {high}], applies: factor, common: false"
    uncertain = f'"formations.*.{path}": {{{law}, basis: "{BY}"}}'
    return f"""\
# A war of your own. Check it with `sim validate`, run it with `sim run`, print all keys with `sim schema`.
# Whatever says "{BY}" is a placeholder: put in what you know.
title: {_inline(draft.title)}
start: {start}  # local time
clock: {{tick_hours: 6, days: {draft.days}, decision_hours: 12}}
{sources}
# The tables beside this file: a row is an entity, a column a field. Edit them in a spreadsheet and save as CSV (UTF-8).
include: [places.csv, roads.csv, formations.csv]

# Stances count both ways; sides that do not name each other are neutral. More fields: posture (active, passive,
# opportunist, dormant), pay, legitimacy, hardship, serviceable, communities, aims, doctrine.
sides:
{lines}

# What is not known is drawn anew in each campaign. A range beside one value does the same (FIELD.low, FIELD.high).
uncertainty:
  {uncertain}

# What-ifs, run with `sim run ... --variant NAME`.
variants:
  {ids[0]}_ready: {{title: {_inline(sides[ids[0]] + " is alert")}, set: {{"formations[side={ids[0]}].readiness": 0.9}}}}

# What a run reports; `sim run ... --outcome NAME` adds to it.
outcomes: [{falls}, {strengths}, deaths.total@day{draft.days}]
"""


def _inline(text: str) -> str:
    """A text as YAML on one line, in quotes where it needs them."""
    return dump([text]).strip()[1:-1]
