"""A side's view as people read it: a map and tables, as text in a terminal or as HTML in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.scenario.messages import escaped, printable

if TYPE_CHECKING:
    from sim.session.view import KnownPlace, Sighting, View

WIDTH, HEIGHT = 96, 22
"""Characters of the map."""
MARKS = {"own": "#", "allied": "+", "neutral": "o", "hostile": "!"}
"""How a place looks on the map, by the stance of who holds it."""
GONE = ("dormant", "surrendered", "dispersed")
Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""Its heading, the heads of its columns, and its rows."""


def show(view: View) -> None:
    """Show a view: as tables and a map in a notebook, as text in a terminal."""
    notebook = sys.modules.get("IPython")
    if notebook is not None and notebook.get_ipython() is not None:
        notebook.display.display(view)
    else:
        print(view)


def as_text(view: View) -> str:
    """A map and tables of at most `WIDTH` characters."""
    parts = [_head(view), "", *_map(view)]
    for heading, columns, rows in _tables(view):
        if rows:
            parts += ["", heading, *_columns(columns, rows)]
    return printable("\n".join(line.rstrip() for line in parts))


def as_html(view: View) -> str:
    """The same as a fragment of HTML: an SVG map and tables."""
    parts = [f"<p><b>{escaped(_head(view))}</b></p>", _svg(view), _legend(view)]
    parts += [html_table(heading, columns, rows) for heading, columns, rows in _tables(view) if rows]
    return "\n".join(parts)


def html_table(heading: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for notebooks, whose own style sets all cells to the right: texts stand on the left."""
    styles = [f' style="text-align:{"right" if right else "left"}"' for right in _numeric(heads, rows)]

    def line(tag: str, cells: Sequence[str]) -> str:
        every = zip(styles, cells, strict=True)
        return "<tr>" + "".join(f"<{tag}{style}>{escaped(cell)}</{tag}>" for style, cell in every) + "</tr>"

    head = line("th", heads) if any(heads) else ""
    body = "".join(line("td", row) for row in rows)
    return f'<table><caption style="text-align:left">{escaped(heading)}</caption>{head}{body}</table>'


def _head(view: View) -> str:
    name = view._deployment.scenario.sides[view.side].name
    said = f"{name}, day {view.day:g} ({view.date:%d %B %Y, %H:%M}), {view.days_left:g} days left"
    if view.ceasefire_days > 0:
        said += f"; a ceasefire holds for {view.ceasefire_days:.2g} days"
    if view.collapsed:
        said += f"; collapsed: {', '.join(view.collapsed)}"
    return f"{said}; will {view.state['will']:.2f}, losses {view.state['losses']:,.0f}"


# --- tables ----------------------------------------------------------------------------------------------------------


def _tables(view: View) -> list[Table]:
    here: dict[str, list[str]] = {id: [] for id in view.places}
    for unit in view.formations.values():
        if unit.status not in GONE:
            here[unit.heading or unit.place].append(unit.id)
    numbers = {id: str(i + 1) for i, id in enumerate(view.places)}
    places: list[tuple[str, ...]] = [
        (
            numbers[place.id],
            place.id,
            f"{MARKS[place.stance]} {place.control}",
            enemy_text(place.report),
            "none" if place.supply_km is None else f"{place.supply_km:,.0f} km",
            _listed(here[place.id], 3),
        )
        for place in view.places.values()
    ]
    units: list[tuple[str, ...]] = [
        (
            unit.id,
            unit.status if unit.status != "active" else unit.contact.replace("none", "") or "-",
            f"{unit.km_left:.0f} km to {unit.heading}" if unit.heading else unit.place,
            unit.task + (f" {unit.target}" if unit.target else "") + (" *" if unit.ordered else ""),
            f"{unit.strength:,.0f}",
            f"{unit.equipment:.0f}",
            f"{unit.power:,.0f}",
            f"{unit.morale:.2f}",
            f"{unit.readiness:.2f}",
            f"{unit.supply:.1f}",
        )
        for unit in view.formations.values()
        if unit.status not in GONE
    ]
    wings: list[tuple[str, ...]] = [
        (wing.id, wing.airfield, f"{wing.aircraft:.1f}", wing.mission, wing.target or "-", f"{wing.flown:,.0f}")
        for wing in view.air.values()
    ]
    legend = "places: " + ", ".join(f"{mark} {stance}" for stance, mark in MARKS.items())
    return [
        (
            f"{legend}; enemy: power as reported, with 90 % interval and age",
            ("", "place", "holder", "enemy", "supply line", "own formations"),
            places,
        ),
        (
            "own formations (*: under orders, the staff commands the others)",
            ("formation", "contact", "where", "task", "people", "heavy", "power", "morale", "ready", "supply"),
            units,
        ),
        ("own air wings", ("wing", "base", "aircraft", "mission", "target", "sorties"), wings),
    ]  # fmt: skip


def enemy_text(report: Sighting | None) -> str:
    """A report in a few words."""
    if report is None:
        return "never seen"
    age = "now" if report.age_days == 0 else f"{report.age_days:.2g} d ago"
    if report.power == 0:
        return f"none seen, {age}"
    return f"{report.power:,.0f} ({report.low:,.0f}-{report.high:,.0f}), {age}"


def _listed(words: Sequence[str], most: int) -> str:
    more = f" +{len(words) - most}" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _columns(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    every = [heads, *rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(heads))]
    right = _numeric(heads, rows)
    return [
        "  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True))
        for row in every
    ]


def _numeric(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[bool]:
    """By column: whether it holds numbers."""
    return [all(row[i][:1].isdigit() for row in rows) for i in range(len(heads))]


# --- maps ------------------------------------------------------------------------------------------------------------


def _positions(view: View, width: float, height: float) -> dict[str, tuple[float, float]]:
    """Where each place lies on a sheet, from its top left corner, with the scale of both axes as on the ground."""
    said = view._deployment.scenario.places
    lats, lons = [place.lat for place in said.values()], [place.lon for place in said.values()]
    tall, wide = max(lats) - min(lats) or 1.0, max(lons) - min(lons) or 1.0
    return {
        id: ((place.lon - min(lons)) / wide * width, (max(lats) - place.lat) / tall * height)
        for id, place in said.items()
    }


def _map(view: View) -> list[str]:
    """Places by their number in the table, with the mark of who holds them, where they lie."""
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for i, (id, (x, y)) in enumerate(_positions(view, WIDTH - 5, HEIGHT - 1).items()):
        label = f"{MARKS[view.places[id].stance]}{i + 1}"
        row, column = _free(grid, round(y), round(x), len(label) + 1)
        grid[row][column : column + len(label)] = label
    return ["".join(row) for row in grid]


def _free(grid: list[list[str]], row: int, column: int, length: int) -> tuple[int, int]:
    """The free stretch that is nearest to a point; the point itself where all is full."""
    near = sorted(
        ((r, c) for r in range(HEIGHT) for c in range(WIDTH - length)),
        key=lambda at: (3 * (at[0] - row) ** 2 + (at[1] - column) ** 2, at),
    )
    for r, c in near:
        if all(cell == " " for cell in grid[r][max(0, c - 1) : c + length]):
            return r, c
    return row, column


def _svg(view: View) -> str:
    """Places as dots in the colour of their holder, with roads; a ring where an enemy is reported."""
    scenario, width, height = view._deployment.scenario, 560.0, 380.0
    at = {id: (x + 20, y + 20) for id, (x, y) in _positions(view, width - 120, height - 40).items()}
    cut = set(view.cut_roads)
    parts = [f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" font-size="10">']
    for road in scenario.roads:
        (x1, y1), (x2, y2) = (at[end] for end in road.between)
        dash = ' stroke-dasharray="3"' if road.id in cut else ""
        parts.append(f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="#999"{dash}/>')
    for id, place in view.places.items():
        parts.append(_dot(place, *at[id], scenario.sides[place.control].colour))
    return "".join([*parts, "</svg>"])


def _legend(view: View) -> str:
    """What the map of a notebook shows."""
    held = {place.control for place in view.places.values()}
    dots = [
        f'<span style="color:{side.colour}">&#9679;</span> {escaped(side.name)}'
        for id, side in view._deployment.scenario.sides.items()
        if id in held
    ]
    signs = "a ring: an enemy is reported there; a broken line: the road is cut"
    return f"<p><small>{', '.join(dots)}; {signs}</small></p>"


def _dot(place: KnownPlace, x: float, y: float, colour: str) -> str:
    seen: Any = place.report and place.report.power > 0
    ring = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="8" fill="none" stroke="#000"/>' if seen else ""
    label = f"{escaped(place.name)}: {escaped(enemy_text(place.report))}"
    return (
        f'<g><title>{label}</title>{ring}<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="{colour}"/>'
        f'<text x="{x + 9:.0f}" y="{y + 3:.0f}">{escaped(place.name)}</text></g>'
    )
