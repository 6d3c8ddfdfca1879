"""Where a campaign stands, as a small table for notebooks: what each side holds and has left."""

from __future__ import annotations

import numpy as np

from sim.scenario.messages import escaped
from sim.session.session import Session
from sim.world.tables import ACTIVE, SHATTERED, WITHDRAWING


def standing_html(session: Session) -> str:
    """The day, and a row for each side: places, formations and people in the field, political will."""
    world, scenario = session.world, session.deployment.scenario
    in_field = np.isin(world.units["status"], (ACTIVE, WITHDRAWING, SHATTERED))
    rows = []
    for row, side in enumerate(scenario.sides.values()):
        own = in_field & (world.units["side"] == row)
        people = float((world.units["strength"] + world.units["scattered"])[own].sum())
        places = int((world.places["control"] == row).sum())
        numbers = (f"{places:,}", f"{int(own.sum()):,}", f"{people:,.0f}", f"{world.sides['will'][row]:.2f}")
        cells = "".join(f'<td style="text-align:right">{number}</td>' for number in numbers)
        rows.append(f'<tr><th style="text-align:left">{escaped(side.name)}</th>{cells}</tr>')
    head = "".join(f"<th>{name}</th>" for name in ("side", "places", "formations", "people", "will"))
    said = f"<b>{escaped(scenario.title)}</b>: seed {session.seed}, campaign {session.replicate}"
    when = f"day {session.day:g} of {scenario.clock.days:g}, {session.date:%d %B %Y %H:%M}"
    return f"<p>{said}, {when}</p><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
