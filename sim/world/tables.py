"""The state as rows: which tables there are, and each column with its unit and meaning, declared once.

Every column is 8 bytes wide (a real number or a whole number), so that a table is also a matrix and any value of the
world has a number in one block of cells. `setting` names the scenario field that fills a column at the start, where
it is not the column's own name.
"""

from __future__ import annotations

from sim.world.columns import Table, real, whole

# --- codes that columns hold -----------------------------------------------------------------------------------------

NONE = -1
OPEN = -2
"""Slot of a formation that needs no planned route: the quickest way on the map leads through friendly places."""

DORMANT, ACTIVE, WITHDRAWING, SHATTERED, SURRENDERED, DISPERSED = range(6)
"""Status of a formation: not in it yet; in the field; going home broken; resting in the rear; captured; gone."""
STATUS_NAMES = ("dormant", "active", "withdrawing", "shattered", "surrendered", "dispersed")

HOLD, MARCH, FLANK, WITHDRAW = range(4)
"""Task of a formation: defend where it is; go to `target`, by force if need be; move to another gate of the place
before it; go back along the line of communication."""
TASK_NAMES = ("hold", "march", "flank", "withdraw")

AWAY, BESIEGED, ASSAULTED, MEETING = range(4)
"""Contact of a formation: no enemy; a siege without assault; an assault; a meeting engagement on a road."""
CONTACT_NAMES = ("none", "siege", "assault", "meeting")

DORMANT_POSTURE, PASSIVE_POSTURE, ACTIVE_POSTURE = range(3)
"""Posture of a side: not in the war yet; defends itself only; plans and attacks."""
POSTURES = ("dormant", "passive", "active")

DOCTRINE, OUTSIDE, SHARED = range(3)
"""Commander of a side: its doctrine; orders from outside alone; the doctrine, for all that are not `ORDERED`."""
COMMANDER_NAMES = ("doctrine", "outside", "shared")

FREE, UNTIL_ARRIVAL, ORDERED = range(3)
"""What binds a formation to its orders: nothing; the orders stand until it has arrived; they came from outside."""

AS_NEEDED, STRIKE, STAND_DOWN = range(3)
"""Mission of an air wing: strikes where its side is pressed; strikes `target`; does not fly."""
MISSION_NAMES = ("as needed", "strike", "stand down")

ATTACK, DEFEND = range(2)
"""Purpose of an objective."""

HOSTILE, NEUTRAL, ALLIED = range(3)
"""Stance of one side towards another."""
STANCE_NAMES = ("hostile", "neutral", "allied")

EQUAL, UNEQUAL, ABOVE, BELOW = range(4)
"""Test of a condition of an event."""

SET, ADD, SCALE, ACTIVATE, WITHDRAW_UNIT, CEASEFIRE, TRANSFER_FROM, COLLAPSE_SIDE = range(8)
"""Act of an effect of an event."""

NOT_YET, NEVER = -1, -2
"""`fired_on` of an event that has not happened yet; of one that will not happen."""

UNIFORM, TRIANGULAR, NORMAL, LOGNORMAL = range(4)
"""Distribution of an uncertain input."""

AS_VALUE, AS_FACTOR, AS_OFFSET = range(3)
"""What the number drawn for an uncertain input does to its value."""

EVERYBODY = (1 << 62) - 1
"""A bit for every side."""

# --- tables ----------------------------------------------------------------------------------------------------------

UNITS = Table(
    "units",
    "formations",
    (
        # Eight columns are one fetch from memory: what every phase reads of every formation stands first.
        whole("side", "side", "the side that it belongs to"),
        whole("status", "code", "dormant, active, withdrawing, shattered, surrendered, dispersed"),
        whole("place", "place", "where it is, or the place that it last left"),
        whole("road", "road", "road that it is on; -1 in a place"),
        whole("task", "code", "hold, march, flank, withdraw"),
        whole("contact", "code", "none, siege, assault, meeting engagement on a road"),
        real("strength", "people", "present and fit"),
        real("power", "power", "fighting power this tick"),
        real("morale", "0-1", "will of the unit to fight now"),
        real("readiness", "0-1", "alert and manned for war"),
        real("supply", "days", "fighting supply with the unit"),
        real("equipment", "pieces", "heavy equipment that runs"),
        real("hazard", "1/day", "of being hit, per person, in this tick"),
        real("loss_recent", "share", "of its strength lost lately, with a fading memory"),
        real("morale_base", "0-1", "morale that it comes back to when left alone", "morale"),
        real("quality", "1", "1 is a trained and led light unit"),
        real("equipment_weight", "people", "what one piece of heavy equipment adds to its power", "equipment_weight"),
        whole("heading", "place", "end of the road that it faces"),
        real("km_left", "km", "to that end; 0 at the gate of a place that it may not enter"),
        whole("target", "place", "where its orders lead"),
        whole("slot", "slot", "of the routes of its side; -1 none"),
        whole("assault", "0/1", "ordered to assault the place at whose gate it stands"),
        real("pause", "days", "of rest after a repulse"),
        real("wounded", "people", "wounded and not yet returned"),
        whole("meets", "0/1", "within reach of a hostile formation on its road"),
        real("at_km", "km", "from the road's first end, at the start of the phase"),
        real("bearing", "+-1", "way it goes on the road, once all have set out; 0 it stands"),
        whole("mobile", "0/1", "may be sent elsewhere"),
        whole("bound", "code", "0 free, 1 its orders stand until it has arrived, 2 orders from outside"),
        whole("passive", "0/1", "defends itself only"),
        whole("stream", "", "its stream of random draws, from its id"),
        real("speed", "km/h", "on the best road, unopposed"),
        whole("home", "place", "place of its community", "home"),
        real("cohesion", "1", "of its kind: subtracted from the log hazard of breaking"),
        real("officers", "share", "share of its command that foreign officers give"),
        whole("backing", "backing", "the sponsor's commitment that sustains it; -1 own"),
        whole("draws_people", "0/1", "its people come from other formations on the day it sets out"),
        whole("flank_road", "road", "road to whose gate it moves round"),
        real("flank_days", "days", "until it is there"),
        real("rest", "days", "until a shattered formation is fit for orders"),
        real("breakpoint", "1", "strain at which it breaks; 0 not drawn since it last broke"),
        real("strain", "1", "hazard of breaking that its parts have borne on their own since then"),
        real("alarm", "1", "hazard of breaking that it has shared with all in the place where it is"),
        whole("broken", "times", "it broke or was repulsed"),
        real("roll", "people", "on the roll", "strength"),
        real("manning", "share", "share of the roll present at the start", "manning"),
        real("equipment_listed", "pieces", "heavy equipment on the inventory", "equipment"),
        real("killed", "people", "dead so far"),
        real("missing", "people", "missing in combat"),
        real("deserted", "people", "left without orders"),
        real("captured", "people", "laid down arms"),
        real("joined", "people", "recruits and transfers in, less transfers out"),
        real("scattered", "people", "of its parts that broke, on their way to the rear or resting there"),
        real("equipment_lost", "pieces", "destroyed in combat"),
        real("equipment_left", "pieces", "abandoned"),
        real("equipment_taken", "pieces", "captured and taken into use"),
        real("march_days", "days", "of this tick that are left to it where it stands"),
        whole("command", "command", "from which it takes its orders"),
        real("assembly", "days", "until it has assembled for the march"),
        real("assembly_days", "days", "that it needs to assemble", "assembly"),
    ),
)

PLACES = Table(
    "places",
    "places",
    (
        whole("control", "side", "who holds it"),
        whole("first_neighbour", "way", "its roads stand together in the atlas: the first of them"),
        whole("last_neighbour", "way", "one past the last"),
        whole("rear_base", "0/1", "rear base of whoever holds it"),
        real("stability", "0-1", "order under whoever holds it"),
        real("casualties", "people", "combatants hit here this tick"),
        real("struck", "strikes", "from the air on the place this tick, of all sides"),
        whole("claimed", "0/1", "hostile formations drove in this tick"),
        whole("taken_on", "tick", "when it last changed hands; -1 never"),
        real("terrain", "factor", "on the defender's power"),
        real("fortification", "0-1", "prepared defences"),
        real("stores", "division-weeks", "fighting supply in the depot"),
        real("population", "people", "at the start"),
        real("displaced", "people", "who left"),
        real("flight", "1/day", "share of the people who leave now"),
        real("symbol", "0-1", "symbolic and political weight"),
        whole("stream", "", "its stream of random draws, from its id"),
        whole("airfield", "0/1", "aircraft can use it"),
        whole("region", "region", "for the count of displaced people"),
        real("prison", "people", "inmates"),
        real("stores_full", "division-weeks", "what the depot holds when full", "depot.stock"),
        real("store_equipment", "pieces", "heavy equipment in store or abandoned here", "depot.equipment"),
        whole("first_holder", "side", "who held it at the start"),
        whole("fell", "tick", "when it first left its first holder; -1 never"),
        whole("repulses", "times", "formations thrown back from its gates"),
        real("commerce", "0-1", "weight in the economy of whoever holds it"),
        whole("invested_on", "tick", "when its holder last had enough of its roads closed and yet a way out; -1 never"),
        whole("invested_when_fell", "code", "1 it was so shortly before it fell, 0 it was not; -1 it has not fallen"),
        real("garrison_left", "people", "of its first holder who went away from it in order"),
        real("garrison_deserted", "people", "of its first holder who deserted there"),
        real("garrison_surrendered", "people", "of its first holder who laid down arms there"),
        real("garrison_died", "people", "of its first holder killed there"),
        real("crowding", "factor", "on civilian deaths, for how crowded it is"),
        real("sheltered", "people", "who came from elsewhere"),
        real("civilian_dead", "people", "killed here"),
        whole("given_up_on", "tick", "when a supreme command last ordered it given up; -1 never"),
    ),
)

ROADS = Table(
    "roads",
    "roads",
    (
        whole("a", "place", "one end"),
        whole("b", "place", "the other end"),
        real("km", "km", "length"),
        real("march_km", "km", "of best road that take as long to march"),
        real("supply_km", "km", "of best road that are as hard to supply along"),
        whole("cut", "0/1", "impassable: a bridge is down"),
        real("interdiction", "0-1", "march slowed from the air this tick"),
    ),
)

SIDES = Table(
    "sides",
    "sides",
    (
        whole("stream", "", "its stream of random draws, from its id"),
        whole("posture", "code", "dormant, passive, active"),
        whole("capital", "place", "seat of its rule; -1 none"),
        whole("commander", "code", "0 the doctrine, 1 outside, 2 the doctrine, for all without orders from outside"),
        real("drive", "factor", "ordered from outside, on the worth of attacks and the odds of assaults; 0 none"),
        whole("occupies", "0/1", "takes places in its regions that others have abandoned"),
        real("will_base", "0-1", "political will at the start, and what pay and legitimacy make of it", "will"),
        real("will", "0-1", "political will now"),
        real("pay_base", "1", "soldiers' pay at the start, relative to what keeps a household", "pay"),
        real("pay", "1", "soldiers' pay now"),
        real("career", "share", "of its soldiers who serve for pay: conscripts are not moved by it"),
        real("legitimacy_base", "0-1", "how far its rule was accepted at the start", "legitimacy"),
        real("legitimacy", "0-1", "how far its rule is accepted"),
        real("hardship_base", "0-1", "economic hardship of its people at the start", "hardship"),
        real("hardship", "0-1", "economic hardship of its people"),
        real("serviceable", "share", "of listed heavy equipment that runs"),
        whole("collapsed", "0/1", "its rule has ended"),
        whole("collapsed_on", "tick", "when; -1 never"),
        whole("wings", "wings", "air wings that it has"),
        whole("first_unit", "unit", "its formations stand together: the first of them"),
        whole("last_unit", "unit", "one past the last"),
        whole("first_command", "command", "its commands stand together: the first of them"),
        whole("last_command", "command", "one past the last"),
        whole("met", "sides", "bit per side seen at its bases and on its roads when it last traced its communications"),
        real("initial_strength", "people", "at the start"),
        whole("shaken", "0/1", "it has lost a place or a formation: there is news to travel"),
        real("losses", "people", "lost for good, as its will was last weighed: dead, missing, deserted, captured"),
        real("pending_losses", "people", "lost for good since then"),
        real("shock", "will", "will lost this tick"),
        real("lift", "morale", "that pay adds to its formations"),
    ),
)

WINGS = Table(
    "wings",
    "air",
    (
        whole("stream", "", "its stream of random draws, from its id"),
        whole("side", "side", "whom it flies for"),
        whole("airfield", "place", "where it is based", "base"),
        whole("backing", "backing", "the sponsor's commitment that moves it; -1 own"),
        real("aircraft", "aircraft", "serviceable"),
        whole("mission", "code", "0 strikes where its side is pressed, 1 strikes its target, 2 does not fly"),
        whole("target", "place", "of its mission; -1 none"),
        real("sorties", "1/day", "per serviceable aircraft"),
        real("strikes", "1", "per sortie"),
        real("quality", "1", "effect of a strike"),
        real("readiness", "0-1", "share of planned sorties that fly"),
        real("flown", "sorties", "so far"),
        real("lost", "aircraft", "caught on the ground"),
    ),
)

BACKINGS = Table(
    "backings",
    "sponsors",
    (
        whole("sponsor", "sponsor", "who"),
        whole("side", "side", "backs whom"),
        real("commitment", "0-1", "how much it gives"),
        real("distraction", "0-1", "how far other wars tie it down"),
        real("friction", "0-1", "distrust towards the side's other sponsors"),
        real("weight", "0-1", "what its commitment comes to after other wars and distrust"),
    ),
)

EVENTS = Table(
    "events",
    "events",
    (
        whole("stream", "", "its stream of random draws, from its id"),
        real("day", "day", "from when on"),
        real("until", "day", "last day"),
        real("hazard", "1/day", "once date and conditions hold; negative: at once"),
        real("probability", "0-1", "that it happens at all"),
        whole("after", "event", "that must have happened before; -1 none"),
        real("delay", "days", "after that event"),
        whole("first_condition", "row", "of the atlas's conditions"),
        whole("last_condition", "row", "one past the last"),
        whole("first_effect", "row", "of the atlas's effects"),
        whole("last_effect", "row", "one past the last"),
        whole("fired_on", "tick", "when; -1 not yet, -2 it will not happen"),
    ),
)

COMMANDS = Table(
    "commands",
    "commands",
    (
        whole("side", "side", "whose"),
        real("spare", "share", "of its mobile power that may be sent to other commands"),
        real("force", "power", "of its formations that it may send elsewhere, when it last planned"),
        real("lent", "power", "sent to other commands so far"),
    ),
)

OBJECTIVES = Table(
    "objectives",
    "",
    (
        whole("target", "place", "which place; -1 none"),
        whole("purpose", "code", "attack or defend"),
        real("score", "worth", "how much the commander wants it"),
        real("need", "power", "wanted there"),
        real("sent", "power", "sent so far"),
    ),
)

CAMPAIGN = Table(
    "campaign",
    "",
    (
        whole("seed", "", "of all draws"),
        whole("replicate", "", "which campaign of the ensemble"),
        whole("tick", "tick", "ticks played so far"),
        real("ceasefire", "days", "left of a ceasefire; 0 none"),
        whole("ceasefire_on", "tick", "when the first began; -1 never"),
        real("weather", "share", "of sorties that the weather allows today"),
        whole("input_draw", "", "which draw of the uncertain inputs"),
    ),
)

NEIGHBOURS = Table(
    "neighbours",
    "",
    (
        whole("place", "place", "at the other end"),
        whole("road", "road", "that leads there"),
    ),
)

CONDITIONS = Table(
    "conditions",
    "",
    (
        whole("cell", "cell", "which value of the world"),
        whole("test", "code", "0 equal, 1 not equal, 2 above, 3 below"),
        real("value", "", "against what"),
        whole("is_real", "0/1", "how the cell is read"),
        whole("either", "0/1", "one of those so marked is enough; the other must all hold"),
    ),
)

EFFECTS = Table(
    "effects",
    "",
    (
        whole("act", "code", "what is done"),
        whole("cell", "cell", "to which value of the world, or to which formation"),
        real("value", "", "with what, or from which formation"),
        real("share", "share", "of a reinforcement's people that this formation gives"),
        whole("is_real", "0/1", "how the cell is read and written"),
        whole("is_people", "0/1", "the value counts people, whole ones"),
        whole("unit", "unit", "the formation whose people or pieces the value counts; -1 none"),
        real("low", "", "the value may not fall below"),
        real("high", "", "nor rise above"),
    ),
)

UNCERTAIN_INPUTS = Table(
    "uncertain_inputs",
    "",
    (
        whole("stream", "", "its stream of random draws"),
        whole("cell", "cell", "which value of the world"),
        whole("law", "code", "0 uniform, 1 triangular, 2 normal, 3 lognormal"),
        whole("applies", "code", "0 as the value, 1 as a factor, 2 as an offset"),
        whole("shared", "0/1", "the number drawn is that of the row before"),
        real("a", "", "low, mean or median"),
        real("b", "", "high, most likely, or spread"),
        real("c", "", "high, of a triangle"),
        real("low", "", "the value may not fall below"),
        real("high", "", "nor rise above"),
    ),
)

ALL = (UNITS, PLACES, ROADS, SIDES, COMMANDS, WINGS, BACKINGS, EVENTS, OBJECTIVES, CAMPAIGN)
"""Tables of the world, in the order in which they lie in the block."""
