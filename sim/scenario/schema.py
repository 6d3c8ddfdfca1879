"""What a scenario file may say. The reader turns YAML text into a `Scenario`; `deploy` turns a Scenario into a world.

Every class refuses unknown keys, NaN and infinity. Numbers carry bounds here, so that bad input stops at the door.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.scenario.exercise import Exercise
from sim.scenario.schema_base import (
    Basis,
    Change,
    Days,
    Factor,
    Id,
    Kilometres,
    LogSpread,
    Moment,
    Number,
    People,
    Pieces,
    Positive,
    Section,
    Share,
    Spread,
    Stance,
)

MOST_SIDES = 62
"""Sides are bits of one 64-bit number."""
MOST_PLACES = 3000
"""The network is kept as tables with a row and a column for each place."""


class Clock(Section):
    tick_hours: Literal[1, 2, 3, 4, 6, 8, 12] = Field(6, description="length of a tick, hours")
    days: float = Field(16, gt=0, le=120, description="length of the campaign, days")
    decision_hours: float = Field(12, gt=0, le=96, description="commanders give orders this often, hours")


class Side(Section):
    name: str = Field(description="name on plots and maps", examples=["North"])
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
    name: str = Field(description="name of the foreign backer")
    backs: dict[Id, Share] = Field(description="commitment to each side it backs, 0-1")
    distraction: Share = Field(0.0, description="how far other wars and aims tie it down")
    friction: dict[Id, Share] = Field({}, description="distrust towards other sponsors of the same side")
    basis: Basis = "assumed"


class Depot(Section):
    stock: Factor = Field(1.0, description="1 is about one division-week of fighting supply")
    equipment: Pieces = Field(0, description="heavy equipment in store that a captor could take into use")
    basis: Basis = "assumed"


class Place(Section):
    name: str = Field(description="name on maps, as readers know it", examples=["Corvane"])
    lat: float = Field(ge=-90, le=90, description="latitude, degrees north", examples=[47.3])
    lon: float = Field(ge=-180, le=180, description="longitude, degrees east", examples=[9.35])
    population: People = Field(0, description="people who live there", examples=[60000])
    communities: dict[Id, Share] = Field({}, description="share of each community among the people")
    region: Id | None = Field(None, description="for the count of displaced people by region")
    terrain: Id = Field("town", description="an entry of `terrains`: what the ground gives to the defender")
    control: Id = Field(description="the side that holds it at the start")
    symbol: Share = Field(0.0, description="symbolic and political weight")
    commerce: Share = Field(0.0, description="weight in the economy of whoever holds it")
    fortification: Share = Field(0.0, description="trenches, belts and bunkers: 0.2 some, 0.5 prepared for months")
    rear_base: bool = Field(False, description="supply is traced to it and broken formations gather there")
    depot: Depot | None = Field(None, description="stores of supply and equipment, which a captor gets")
    prison: People = Field(0, description="inmates")
    airfield: bool = Field(False, description="air wings can be based there")
    off_map: bool = Field(
        False, description="a base beyond the map, for air wings: no road, no fight; drawn where it is"
    )
    basis: Basis = "assumed"


class Road(Section):
    between: tuple[Id, Id] = Field(description="the two places that it joins", examples=[["aldmoor", "corvane"]])
    km: float = Field(
        ge=0.1,
        le=20_000,
        allow_inf_nan=False,
        description="length by road",
        json_schema_extra={"left_out": "straight line x 1.2"},
    )
    road_class: Id = Field(
        "primary",
        alias="class",
        description="an entry of `road_classes`: how fast, and how much supply",
    )
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

    name: str = Field(description="name in stories and tables")
    side: Id = Field(description="the side that it belongs to")
    area: list[Id] = Field([], description="places in which it plans; with `regions` empty too: everywhere")
    regions: list[Id] = Field([], description="regions in which it plans, beside the places of `area`")
    formations: list[Id] = Field(
        [], description="formations and reinforcements of its own, beside those of its side that stand in its area"
    )
    aims: dict[Id, Factor] = Field({}, description="factor on the worth of single places in its plans")
    spare: Share = Field(0, description="share of its mobile power that may be sent to other commands; 0: a guard")
    basis: Basis = "assumed"


class Formation(Section):
    name: str = Field(description="name in stories and tables", examples=["1st Hill Brigade"])
    side: Id = Field(description="the side that it fights for")
    kind: Id = Field(description="an entry of `kinds`: how it moves and holds together")
    place: Id = Field(description="where it is, or the place that its posts guard")
    toward: Id | None = Field(None, description="its posts stand on the road from `place` to this neighbour")
    km: Kilometres = Field(0, description="how far out on that road, km; 0 is the edge of the place")
    strength: People = Field(description="people on the roll")
    manning: Share = Field(1.0, description="share of them present at the start")
    equipment: Pieces = Field(0, description="heavy equipment listed: tanks, infantry vehicles, guns and launchers")
    quality: float = Field(1.0, ge=0, le=2, description="1 is a trained and led light unit")
    morale: Share = Field(0.5, description="will to fight: 0.3 poor, 0.5 fair, 0.8 high", examples=[0.6])
    readiness: Share = Field(
        0.5, description="alert and manned for war: 0.3 in peace, 0.9 expecting an attack", examples=[0.7]
    )
    supply: Days = Field(5, description="days of fighting supply with the unit")
    mobile: bool = Field(True, description="may be sent elsewhere; otherwise it leaves only a place that is given up")
    field_force: bool = Field(True, description="False for police, home guards and base guards")
    posture: Literal["active", "passive", "dormant"] = Field(
        "active", description="passive ones stay where they are; dormant ones wait for an event that activates them"
    )
    sponsor: Id | None = Field(None, description="the foreign backer that sustains it")
    community: Id | None = Field(None, description="the community that its people come from")
    home: Id | None = Field(None, description="place of its community")
    officers: Share = Field(0, description="share of its command that foreign officers give")
    basis: Basis = "assumed"
    note: str | None = None


class Reinforcement(Section):
    """People who set out on a date: drawn from formations that exist, or new to the war."""

    name: str = Field(description="name in stories and tables")
    side: Id = Field(description="the side that it fights for")
    kind: Id = Field(description="an entry of `kinds`")
    date: Moment = Field(description="when it sets out", examples=["2024-11-29T12:00"])
    origin: Id = Field(description="where it sets out")
    place: Id = Field(description="where it is sent")
    draws_from: list[Id] = Field([], description="formations that give the people; none: new people")
    strength: People = Field(description="people present")
    equipment: Pieces = Field(0, description="heavy equipment that it brings")
    quality: float = Field(1.0, ge=0, le=2, description="1 is a trained and led light unit")
    morale: Share = Field(0.5, description="will to fight")
    readiness: Share = Field(0.7, description="alert and manned for war")
    probability: Share = Field(1.0, description="that it sets out at all: one draw a campaign")
    sponsor: Id | None = Field(None, description="the foreign backer that sustains it")
    community: Id | None = Field(None, description="the community that its people come from")
    basis: Basis = "assumed"
    note: str | None = None


class AirWing(Section):
    name: str = Field(description="name in stories and tables")
    side: Id = Field(description="the side that it fights for")
    base: Id = Field(description="the airfield that it flies from")
    sponsor: Id | None = Field(None, description="the foreign backer that sustains it")
    aircraft: Pieces = Field(description="serviceable aircraft")
    sorties: Factor = Field(description="sorties per serviceable aircraft and day")
    strikes: Factor = Field(1.0, description="strikes per sortie")
    quality: float = Field(
        1.0, ge=0, le=2, description="effect of a strike; 1 is a trained crew with guided or well-aimed bombs"
    )
    readiness: Share = Field(1.0, description="share of the sorties that are flown at the start")
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
    title: str = Field(description="what happens, in a line")
    when: When = Field(description="what must be so for it to happen")
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
    title: str = Field(description="the what-if, in a line")
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


class Margin(Section):
    """How far two numbers may lie apart."""

    by: Positive = Field(description="two standard deviations")
    unit: str = Field(description="the outcome's unit, or share: of an amount, or of the campaigns")
    why: str = Field(description="where it comes from")


class Target(Section):
    """What the ensemble should show if the model is right: one outcome, the facts it rests on, and one criterion."""

    title: str = Field(description="what should be seen, in a line")
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
    error: Margin | None = Field(None, description="how far what was observed may lie from what happened")
    discrepancy: Margin | None = Field(
        None, description="how far the model may lie from what happened, even with the right inputs"
    )
    note: str | None = None


class Scenario(Section):
    """A situation from which campaigns start."""

    title: str = Field(description="name of the situation", examples=["Crossroads"])
    about: str = Field("", description="what it is about, in a few sentences")
    start: Moment = Field(description="first moment of the campaign, in local time", examples=["2031-05-04T06:00"])
    clock: Clock = Field(Clock(), description="length of ticks, of the campaign, and between decisions")
    sources: dict[str, str | Source] = Field({}, description="id of a source: what it is")
    sides: dict[Id, Side] = Field(min_length=2, max_length=MOST_SIDES, description="who fights, or may")
    sponsors: dict[Id, Sponsor] = Field({}, description="foreign backers of sides")
    places: dict[Id, Place] = Field(
        min_length=1, max_length=MOST_PLACES, description="towns, bases and crossings, which somebody holds"
    )
    roads: list[Road] = Field([], description="what joins the places")
    road_classes: dict[Id, RoadClass] = Field(description="classes of roads, beside the generic ones")
    terrains: dict[Id, Terrain] = Field(description="kinds of ground, beside the generic ones")
    kinds: dict[Id, Kind] = Field(description="kinds of formations, beside the generic ones")
    formations: dict[Id, Formation] = Field(min_length=1, description="who moves and fights, each as one body")
    commands: dict[Id, Command] = Field(
        {}, description="commands of a side that plan for themselves; none: the side is one"
    )
    reinforcements: dict[Id, Reinforcement] = Field({}, description="people who set out on a date")
    air: dict[Id, AirWing] = Field({}, description="air wings")
    doctrine: dict[str, Number] = Field({}, description="doctrine weights of all sides, where not the default")
    events: dict[Id, Event] = Field({}, description="what may happen beside the rules, and what it changes")
    rules: dict[str, dict[str, Number]] = Field({}, description="rule parameters that differ from the default")
    uncertainty: dict[str, Distribution] = Field(
        {},
        description="path: what we do not know of it",
        examples=[{"formations[side=north].strength": {"triangular": [0.8, 1.0, 1.2], "applies": "factor"}}],
    )
    variants: dict[Id, Variant] = Field({}, description="what-ifs, run with `--variant`")
    outcomes: list[str] = Field(
        [],
        description="what a run reports: outcomes, and formulas name = expression",
        examples=[["corvane.fall_day", "deaths.total@day8"]],
    )
    targets: dict[str, Target] = Field({}, description="what the ensemble should show if the model is right")
    exercise: Exercise | None = Field(None, description="a lesson that people play with `sim play`")
    accepted: dict[str, str] = Field({}, description="path of a warning of `sim validate`: why it is meant so")
