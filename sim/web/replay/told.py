"""What happened in a campaign, packed for a page: events with their causes, in lanes of the time line."""

from __future__ import annotations

import re
from typing import Any

from sim.session.causes import LOG_HAZARD
from sim.session.log import LEAST_SHARE, Cause, Event, Log
from sim.world.deploy import Deployment

LANES = {
    "ground": ("fell", "rose", "collapsed"),
    "formations": ("broke", "repulsed", "surrendered", "let_go", "dispersed"),
    "air": ("caught",),
    "events": ("happened", "began", "order", "posture", "arrived", "cut_off", "assaulted"),
}
"""Kinds of events by the lane of the time line in which they are marked. Strikes join the lane of the air."""
OF_FORMATIONS = (*LANES["formations"], "arrived", "order", "rallied", "recovered")
"""Kinds that are about a formation; the last two have no lane and stand in stories only."""
IN_UNITS = re.compile(rf" \([+-][\d.]+ of the {LOG_HAZARD}\)$")
"""The size of a cause, which the page gives as a share."""


def told(log: Log, deployment: Deployment) -> dict[str, Any]:
    """Events as rows, and the texts that they share: causes say the same again and again."""
    names = deployment.names
    rows = {
        "units": {id: i for i, id in enumerate(names.units)},
        "places": {id: i for i, id in enumerate(names.places)},
        "sides": {id: i for i, id in enumerate(names.sides)},
    }
    tick_days = deployment.scenario.clock.tick_hours / 24
    texts: dict[str, int] = {}

    def row_of(event: Event) -> int:
        return rows["units"].get(event.what, -1) if event.kind in OF_FORMATIONS else -1

    def cause(said: Cause) -> list[Any]:
        share = round(100 * said.share) if said.size >= 0 else -1
        return [share, texts.setdefault(IN_UNITS.sub("", said.text), len(texts)), list(said.events)]

    packed = [
        [
            round(event.day / tick_days),
            event.kind,
            row_of(event),
            rows["places"].get(event.place or "", -1),
            rows["sides"].get(event.side or "", -1),
            event.text,
            [cause(each) for each in event.causes if each.share >= LEAST_SHARE or each.size < 0],
        ]
        for event in log
    ]
    return {"events": packed, "texts": list(texts)}
