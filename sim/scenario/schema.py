"""What a scenario file may say. The reader turns YAML text into a `Scenario`; `deploy` turns a Scenario into a world.

Every class refuses unknown keys, NaN and infinity. Numbers carry bounds here, so that bad input stops at the door.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

MOST_SIDES = 62
"""Sides are bits of one 64-bit number."""
MOST_PLACES = 3000
"""The network is kept as tables with a row and a column for each place."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
People = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Pieces = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Factor = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Kilometres = Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)]
Change = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
"""A number that is put in the place of a value, added to it, or multiplies it. The value keeps to its own bounds."""
Spread = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]
LogSpread = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
ID_PATTERN = r"^[a-z][a-z0-9_]*$"
Id = Annotated[str, Field(pattern=ID_PATTERN, max_length=60)]
Basis = str | dict[str, str]
"""What the values of an entity rest on: one text for all of them, or one for each field."""
Stance = Literal["hostile", "neutral", "allied"]


LAST_MOMENT = datetime(9999, 12, 31)
"""A campaign ends before it: the calendar does."""


def moment(value: Any) -> datetime | None:
    """The date, or date and time, that a text says; None where it says none."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?", value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is None else None


def _read_date(value: Any) -> Any:
    """Takes a day or a day and time, in the local time of the war; a bare number is no date."""
    said = moment(value)
    if said is not None:
        return said
    raise PydanticCustomError("date_text", "should be a date like 2024-11-27 or 2024-11-27T06:00")


Moment = Annotated[datetime, BeforeValidator(_read_date)]
"""A date, or date and time, in the local time of the war."""


class Section(BaseModel):
    """Base of all parts of a scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Clock(Section):
    tick_hours: Literal[1, 2, 3, 4, 6, 8, 12] = Field(6, description="length of a tick, hours")
    days: float = Field(16, gt=0, le=120, description="length of the campaign, days")
    decision_hours: float = Field(12, gt=0, le=96, description="commanders give orders this often, hours")


class Side(Section):
    name: str
    colour: str = Field("#777777", pattern=r"^#[0-9a-fA-F]{6}$", description="colour on maps and plots")
    posture: Literal["active", "passive", "opportunist", "dormant"] = Field(
        "active",
        description="active sides plan attacks; passive ones only hold; opportunists hold, and occupy what others "
        "abandon in their regions; dormant ones wait for an event",
    )
    regions: list[Id] = Field(
        [], description="regions in which people may rise for the side, and it occupies what others abandon; none: all"
    )
    stances: dict[Id, Stance] = Field({}, description="towards other sides; counts both ways; neutral unless said")
    capital: Id | None = Field(None, description="the place whose loss ends the side's rule")
    communities: dict[Id, Annotated[float, Field(ge=-1, le=1)]] = Field(
        {}, description="how far a community rallies to the side (1) or against it (-1)"
    )
    will: Share = Field(0.6, description="political will at the start")
    pay: Factor = Field(1.0, description="soldiers' pay relative to what keeps a household (1)")
    career: Share = Field(1.0, description="share of its soldiers who serve for pay; conscripts are not moved by it")
    legitimacy: Share = Field(0.5, description="how far its rule is accepted")
    hardship: Share = Field(0.5, description="economic hardship of its people")
    serviceable: Share = Field(0.7, description="share of listed heavy equipment that runs")
    aims: dict[Id, Factor] = Field({}, description="factor on the worth of single places in this side's plans")
    doctrine: dict[str, Number] = Field({}, description="this side's doctrine weights where they differ")
    basis: Basis = "assumed"


class Sponsor(Section):
    name: str
    backs: dict[Id, Share] = Field(description="commitment to each side it backs, 0-1")
    distraction: Share = Field(0.0, description="how far other wars and aims tie it down")
    friction: dict[Id, Share] = Field({}, description="distrust towards other sponsors of the same side")
    basis: Basis = "assumed"


class Depot(Section):
    stock: Factor = Field(1.0, description="1 is about one division-week of fighting supply")
    equipment: Pieces = Field(0, description="heavy equipment in store that a captor could take into use")
    basis: Basis = "assumed"


class Place(Section):
    name: str
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    population: People = 0
    communities: dict[Id, Share] = Field({}, description="share of each community among the people")
    region: Id | None = Field(None, description="for the count of displaced people by region")
    terrain: Id = "town"
    control: Id = Field(description="the side that holds it at the start")
    symbol: Share = Field(0.0, description="symbolic and political weight")
    commerce: Share = Field(0.0, description="weight in the economy of whoever holds it")
    fortification: Share = 0.0
    rear_base: bool = Field(False, description="supply is traced to it and broken formations gather there")
    depot: Depot | None = None
    prison: People = Field(0, description="inmates")
    airfield: bool = False
    basis: Basis = "assumed"


class Road(Section):
    between: tuple[Id, Id]
    km: float = Field(
        ge=0.1,
        le=20_000,
        allow_inf_nan=False,
        description="length by road",
        json_schema_extra={"left_out": "straight line x 1.2"},
    )
    road_class: Id = Field("primary", alias="class")
    cut: bool = Field(False, description="impassable: a bridge is down")
    basis: Basis = "assumed"

    @property
    def id(self) -> str:
        return f"{self.between[0]}-{self.between[1]}"


class RoadClass(Section):
    speed: float = Field(ge=0.01, le=10, description="marching speed against the best road, 0-1")
    throughput: float = Field(ge=0.01, le=10, description="supply carried against the best road, 0-1")
    basis: Basis = "assumed"


class Terrain(Section):
    defence: float = Field(ge=0.01, le=100, description="factor on the defender's power; 1 is open ground")
    basis: Basis = "assumed"


class Kind(Section):
    """A kind of formation."""

    speed: float = Field(20, ge=0.1, le=1000, description="km/h on the best road, unopposed")
    equipment_weight: Factor = Field(8, description="what one piece of heavy equipment adds, in people")
    cohesion: float = Field(0, ge=-20, le=1000, description="subtracted from the log hazard of breaking")
    assembly: Days = Field(0, description="days from the order to leave for a distant place until the march begins")
    basis: Basis = "assumed"


class Command(Section):
    """A command of a side: it plans for itself, in its area, with its formations. A side without one is one command."""

    name: str
    side: Id
    area: list[Id] = Field([], description="places in which it plans; with `regions` empty too: everywhere")
    regions: list[Id] = Field([], description="regions in which it plans, beside the places of `area`")
    formations: list[Id] = Field(
        [], description="formations and reinforcements of its own, beside those of its side that stand in its area"
    )
    aims: dict[Id, Factor] = Field({}, description="factor on the worth of single places in its plans")
    spare: Share = Field(0, description="share of its mobile power that may be sent to other commands; 0: a guard")
    basis: Basis = "assumed"


class Formation(Section):
    name: str
    side: Id
    kind: Id
    place: Id = Field(description="where it is, or the place that its posts guard")
    toward: Id | None = Field(None, description="its posts stand on the road from `place` to this neighbour")
    km: Kilometres = Field(0, description="how far out on that road, km; 0 is the edge of the place")
    strength: People = Field(description="people on the roll")
    manning: Share = Field(1.0, description="share of them present at the start")
    equipment: Pieces = Field(0, description="heavy equipment listed: tanks, infantry vehicles, guns and launchers")
    quality: float = Field(1.0, ge=0, le=2, description="1 is a trained and led light unit")
    morale: Share = 0.5
    readiness: Share = 0.5
    supply: Days = Field(5, description="days of fighting supply with the unit")
    mobile: bool = Field(True, description="may be sent elsewhere; otherwise it holds where it is")
    field_force: bool = Field(True, description="False for police, home guards and base guards")
    posture: Literal["active", "passive", "dormant"] = "active"
    sponsor: Id | None = None
    community: Id | None = None
    home: Id | None = Field(None, description="place of its community")
    officers: Share = Field(0, description="share of its command that foreign officers give")
    basis: Basis = "assumed"
    note: str | None = None


class Reinforcement(Section):
    """People who set out on a date: drawn from formations that exist, or new to the war."""

    name: str
    side: Id
    kind: Id
    date: Moment
    origin: Id = Field(description="where it sets out")
    place: Id = Field(description="where it is sent")
    draws_from: list[Id] = Field([], description="formations that give the people; none: new people")
    strength: People = Field(description="people present")
    equipment: Pieces = 0
    quality: float = Field(1.0, ge=0, le=2)
    morale: Share = 0.5
    readiness: Share = 0.7
    probability: Share = 1.0
    sponsor: Id | None = None
    community: Id | None = None
    basis: Basis = "assumed"
    note: str | None = None


class AirWing(Section):
    name: str
    side: Id
    base: Id
    sponsor: Id | None = None
    aircraft: Pieces = Field(description="serviceable aircraft")
    sorties: Factor = Field(description="sorties per serviceable aircraft and day")
    strikes: Factor = Field(1.0, description="strikes per sortie")
    quality: float = Field(1.0, ge=0, le=2)
    readiness: Share = 1.0
    basis: Basis = "assumed"
    note: str | None = None


class Condition(Section):
    """A test on the state: a path to one value, and what it must be: exactly one test. Of several, all must hold."""

    path: str = Field(description="the value or values that are tested; of several, each is a condition of its own")
    is_: str | float | bool | None = Field(None, alias="is", description="it is this")
    is_not: str | float | bool | None = Field(None, alias="not", description="it is not this")
    above: Number | None = Field(None, description="it is more than this")
    below: Number | None = Field(None, description="it is less than this")


class When(Section):
    """The trigger of an event: from a date or day on, if all conditions hold, at once or by a hazard per day."""

    date: Moment | None = Field(None, description="from this date on")
    day: Days | None = Field(None, description="from this day of the campaign on")
    until: Days | None = Field(None, description="last day on which it may happen")
    conditions: list[Condition] = Field([], alias="if", description="all of these must hold")
    either: list[Condition] = Field([], alias="any", description="and at least one of these")
    after: Id | None = Field(None, description="an event that must have happened before")
    delay: Days = Field(0, description="days after that event")
    hazard: Factor | None = Field(None, description="per day, once date and conditions hold; none: at once")


class Effect(Section):
    """One change. Exactly one of set, add, scale, activate, withdraw, stance, ceasefire, collapse.

    A path or selector names entities by id, by `*`, or by `[key=value,...]`: `formations[side=north].morale`.
    """

    set: str | None = Field(None, description="path of the values that are set `to` something")
    add: str | None = Field(None, description="path of the values to which `by` is added")
    scale: str | None = Field(None, description="path of the values that are multiplied by `by`")
    to: str | float | bool | None = Field(None, description="the new value, or the new stance")
    by: Change | None = Field(None, description="the sum or the factor")
    activate: str | None = Field(None, description="dormant formations that take up arms")
    withdraw: str | None = Field(None, description="formations that go back to a rear base, whatever else is ordered")
    stance: tuple[Id, Id] | None = Field(None, description="two sides whose stance changes `to` another one")
    ceasefire: Days | None = Field(None, description="days that hostile moves are frozen")
    collapse: Id | None = Field(None, description="the side whose rule ends: a coup, or a transition agreed in talks")


class Event(Section):
    title: str
    when: When
    probability: Share = Field(1.0, description="that it happens at all: one draw a campaign")
    effects: list[Effect] = Field(min_length=1, description="what changes, in this order")
    basis: Basis = "assumed"


class Distribution(Section):
    """What we do not know of a value: exactly one of the four distributions."""

    uniform: tuple[Change, Change] | None = Field(None, description="low, high")
    triangular: tuple[Change, Change, Change] | None = Field(None, description="low, most likely, high")
    normal: tuple[Change, Spread] | None = Field(None, description="mean, standard deviation")
    lognormal: tuple[Change, LogSpread] | None = Field(None, description="median, standard deviation of the log")
    applies: Literal["value", "factor", "offset"] = Field("value", description="how the draw enters")
    common: bool = Field(True, description="one draw for all entities the path selects, or one for each")
    except_: list[str] = Field([], alias="except", description="paths of single values that it leaves alone")
    basis: Basis = "assumed"


class Variant(Section):
    title: str
    set: dict[str, Any] = Field(description="dotted path to a value of the scenario: its value in this what-if")
    expect: dict[str, Literal["up", "down", "same"]] = Field(
        {}, description="outcome: where it should move, by the evidence, against the scenario without this change"
    )
    basis: Basis = "assumed"


class Source(Section):
    """Where what values cite comes from; its rows have ids of its key and a number."""

    text: str = Field(description="what the source is")
    file: str | None = Field(None, description="file of its rows, in the scenario's folder or in `seeds` beside it")
    rows: dict[str, str] = Field({}, description="id of a row: what it says; read from the file unless given here")


class ObservationError(Section):
    """How far what was observed may lie from what happened."""

    by: Positive
    unit: str
    why: str


class Target(Section):
    """What the ensemble should show if the model is right: one outcome, the facts it rests on, and one criterion."""

    title: str
    outcome: str = Field(description="name of an outcome, or a formula over outcomes: name = expression")
    facts: list[str] = Field([], description="ids of the rows that it rests on; none: a check of our own")
    share_within: tuple[Number, Number] | None = Field(None, description="count the campaigns in this range ...")
    at_least: Share | None = Field(None, description="... which should be at least this share of all")
    median_within: tuple[Number, Number] | None = Field(None, description="the median should lie in this range")
    p05_to_p95_within: tuple[Number, Number] | None = Field(None, description="nine of ten campaigns should")
    probability_at_least: Share | None = Field(None, description="it should happen in at least this share")
    variant: Id | None = Field(None, description="compare with this variant, campaign by campaign ...")
    difference_within: tuple[Number, Number] | None = Field(
        None, description="... the variant's mean, or share in the range, less the scenario's should lie in this range"
    )
    error: ObservationError | None = None
    note: str | None = None


class Scenario(Section):
    """A situation from which campaigns start."""

    title: str
    about: str = ""
    start: Moment
    clock: Clock = Clock()
    sources: dict[str, str | Source] = Field({}, description="id of a source: what it is")
    sides: dict[Id, Side] = Field(min_length=2, max_length=MOST_SIDES)
    sponsors: dict[Id, Sponsor] = {}
    places: dict[Id, Place] = Field(min_length=1, max_length=MOST_PLACES)
    roads: list[Road] = []
    road_classes: dict[Id, RoadClass]
    terrains: dict[Id, Terrain]
    kinds: dict[Id, Kind]
    formations: dict[Id, Formation] = Field(min_length=1)
    commands: dict[Id, Command] = {}
    reinforcements: dict[Id, Reinforcement] = {}
    air: dict[Id, AirWing] = {}
    doctrine: dict[str, Number] = Field({}, description="doctrine weights of all sides, where not the default")
    events: dict[Id, Event] = {}
    rules: dict[str, dict[str, Number]] = Field({}, description="rule parameters that differ from the default")
    uncertainty: dict[str, Distribution] = Field({}, description="path: what we do not know of it")
    variants: dict[Id, Variant] = {}
    outcomes: list[str] = Field([], description="what a run reports: outcomes, and formulas name = expression")
    targets: dict[str, Target] = Field({}, description="what the ensemble should show if the model is right")
    accepted: dict[str, str] = Field({}, description="path of a warning of `sim validate`: why it is meant so")
