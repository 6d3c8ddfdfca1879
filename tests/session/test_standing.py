"""The table of a campaign in a notebook says what the state says."""

from __future__ import annotations

import re

from sim.session.session import Session
from sim.session.standing import standing_html


def test_places_people_and_day(deployed):
    session = Session(deployed, seed=1, replicate=2)
    session.run_until(3)
    said = standing_html(session)
    body = said.partition("<tbody>")[2]
    rows = re.findall(r"<tr><th[^>]*>([^<]+)</th>(.*?)</tr>", body)
    assert [name for name, _ in rows] == [side.name for side in deployed.scenario.sides.values()]
    cells = [re.findall(r">([\d.,]+)<", row) for _, row in rows]
    assert sum(int(row[0]) for row in cells) == len(deployed.scenario.places)
    own = session.world.units["side"] == 0
    alive = own & (session.world.units["status"] >= 1) & (session.world.units["status"] <= 3)
    people = (session.world.units["strength"] + session.world.units["scattered"])[alive].sum()
    assert cells[0][2] == f"{people:,.0f}" and "day 3 of 8" in said
