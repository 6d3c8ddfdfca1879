"""What is worked out anew from the rows of the world: sums of forces by place and road, how places look to a side.

These tables have a row for each pair of a side and a place or road, and are laid out as arrays of rows.
"""

from __future__ import annotations

from sim.world.columns import Table, real, whole

SIDE_VIEW = Table(
    "side_view",
    "",
    (
        real("affinity", "-1..1", "how far the people of a place rally to a side"),
        real("belief", "power", "hostile power that a side believes in and before a place"),
        real("report", "power", "the same, from what it has seen alone; it keeps while nobody of the side is near"),
        whole("reported_on", "tick", "when it last saw the place; -1 never"),
        real("closed", "share", "of its roads to own ground that are closed to a side standing there"),
        real("supply_km", "km", "of best road along the line of communication to a rear base; -1 cut off"),
        whole("way_home", "place", "next place on that line; -1 none"),
        whole("rear_base", "place", "where that line begins; -1 none"),
        real("hit_gate", "1/day", "hazard of being hit, per power at the gates"),
        real("panic_point", "1", "alarm at which its formations inside break; 0 not drawn yet"),
        whole("in_area", "0/1", "its people may rise there, and it may occupy it"),
    ),
)

BREAK_TERMS = Table(
    "break_terms",
    "",
    tuple(
        real(name, "log 1/day", meaning)
        for name, meaning in (
            ("baseline", "of a defender under assault"),
            ("encirclement", "closed roads"),
            ("neighbours", "neighbours that broke"),
            ("isolation", "no line of communication"),
            ("air_support", "own strikes seen"),
            ("terrain", "defensible ground"),
            ("ratio", "enemy to own power"),
            ("contagion", "news that places fell"),
            ("besieged", "the enemy holds off"),
            ("threatened", "the enemy is one road away"),
            ("losses", "recent losses"),
            ("unready", "lack of readiness"),
            ("morale", "its morale"),
            ("officers", "foreign officers"),
            ("home", "it defends its home community"),
            ("cohesion", "of its kind"),
            ("attacker", "it attacks"),
            ("despair", "will that its side has lost"),
            ("backing", "what its sponsor gives"),
        )
    ),
)
"""Why a formation may break: terms of the log hazard. Each is a cause times the parameter of `morale` of that name."""

PRESENCE = Table(
    "presence",
    "",
    (
        whole("inside_mask", "sides", "bit per side with fighting formations inside"),
        whole("gate_mask", "sides", "bit per side that stands at a gate"),
        whole("near_mask", "sides", "bit per side with formations inside, at the gates or in a next place"),
        whole("round_mask", "sides", "bit per side that held it or a place next to it when reports last came in"),
        whole("front_mask", "sides", "bit per side whose front it was on when reports last came in"),
        whole("seen_mask", "sides", "inside and at the gates of a rear base, when communications were last looked at"),
        real("clash", "share", "of the tick for which formations fight that come to it during the tick"),
        whole("taker", "side", "to whom it passes by agreement in this tick; -1: to nobody"),
    ),
)
"""By place, who is there."""

ROAD_USE = Table(
    "road_use",
    "",
    (
        whole("traffic", "sides", "bit per side with a force on it or at its gates that closes it"),
        whole("first_on_road", "unit", "head of the chain of formations on it"),
        whole("columns", "sides", "bit per side with formations in that chain"),
        whole("is_busy", "0/1", "it is on the list of roads with formations on them or at their gates"),
        whole("movers", "sides", "bit per side whose columns march on it, or come to it, in this tick"),
    ),
)
"""By road, who is on it."""

RELATIONS = Table(
    "relations",
    "",
    (
        whole("hostile_mask", "sides", "bit per hostile side"),
        whole("friend_mask", "sides", "bit per allied side and its own"),
    ),
)
"""By side, who is its enemy and friend."""

FORCES = Table(
    "forces",
    "",
    (
        real("people", "people", "of active formations inside a place"),
        real("power", "power", "of those"),
        real("formations", "formations", "inside"),
        real("gate_power", "power", "at all gates of the place"),
        real("assault_power", "power", "of those who assault it"),
        real("assault_new", "power", "of those of them who came, or went over to it, in the course of the tick"),
        real("strikes", "strikes", "from the air on the place, for the side, this tick"),
        real("claims", "people", "who drove in this tick"),
        real("hit_inside", "1/day", "hazard of being hit, per person inside"),
    ),
)

OCCUPIED = Table(
    "occupied",
    "",
    (
        whole("place", "place", "where formations of one side are, inside or at its gates"),
        whole("side", "side", "whose they are"),
    ),
)

ROAD_COMBAT = Table(
    "road_combat",
    "",
    (
        real("meeting_power", "power", "in meeting engagements on a road"),
        real("hit", "1/day", "hazard of being hit, per power in those"),
    ),
)

BATTLE_SCRATCH = Table(
    "battle_scratch",
    "",
    (
        real("power", "power", "of a side inside a place as the tick began"),
        real("gate_power", "power", "at its gates, the same"),
        real("assault_power", "power", "of those who assault it, the same"),
        real("gate_weight", "power^2/people", "power times power per person, summed over those at the gates"),
        real("mean_inside", "1/day", "share of those inside lost a day, mean of the tick"),
        real("mean_gate", "1/day", "share of the power at the gates lost a day, mean of the tick"),
    ),
)

COUNTS = Table(
    "counts",
    "",
    (
        whole("own", "places", "that the commander's side holds"),
        whole("behind", "places", "of the enemy that its ground does not touch"),
        whole("queue_head", "row", "of the search, next to be taken"),
        whole("queue_tail", "row", "of the search, next to be filled"),
        whole("marching", "formations", "in the next round of the march"),
        whole("present", "formations", "in the field as the tick began"),
        whole("columns", "formations", "on the roads, as last counted"),
        whole("occupied", "cells", "in or before places, as last counted"),
        whole("busy", "roads", "with formations on them, as last counted"),
        whole("bases", "places", "that are rear bases"),
        whole("cuts", "roads", "that are cut"),
        whole("changed", "sides", "bit per side that has to trace its lines of communication anew"),
    ),
)

SEARCH = Table(
    "search",
    "",
    (
        whole("queue", "place", "ring of places to look at"),
        whole("queued", "0/1", "the place is in the ring"),
        real("cost", "km", "of the best way found"),
    ),
)

COMMAND_SCRATCH = Table(
    "command_scratch",
    "",
    (
        whole("pursued", "0/1", "the place has been an objective so far"),
        real("leaving", "people", "whom this round of orders takes away from there"),
        whole("given_up", "0/1", "the supreme command has ordered it given up"),
    ),
)
