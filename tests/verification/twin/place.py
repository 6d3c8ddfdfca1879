"""Places and roads of a plain-Mesa campaign: who stands where, and what they do to each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mesa

from tests.verification.twin.column import Contact

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.formation import Formation
    from tests.verification.twin.side import Side
    from tests.verification.twin.town import Place


@dataclass
class Force:
    """What a side has inside a place, or at its gates."""

    people: float = 0
    power: float = 0.0
    formations: int = 0
    assaulting: float = 0.0
    """Power of those who assault, at gates."""
    hit: float = 0.0
    """Hazard of being hit per day: per person inside, per power at gates."""

    def add(self, unit: Formation) -> None:
        """A formation is counted."""
        self.people += unit.strength
        self.power += unit.power
        self.formations += 1


@dataclass(eq=False)
class Road:
    """A road between two places: an edge of the network."""

    a: Place
    b: Place
    km: float
    speed: float
    throughput: float
    cut: bool
    interdiction: float = 0.0
    formations: list[Formation] = field(default_factory=list)
    people: dict[Side, float] = field(default_factory=lambda: defaultdict(float))
    closers: list[Side] = field(default_factory=list)
    """Sides with a force on it that closes it to their enemies."""
    movers: set[Side] = field(default_factory=set)
    """Sides whose columns march on it, or come to it, in this tick."""
    meeting_power: dict[Side, float] = field(default_factory=lambda: defaultdict(float))
    hit: dict[Side, float] = field(default_factory=dict)
    """Hazard of being hit in a meeting fight, per power and day."""

    def other_end(self, place: Place) -> Place:
        """The end of the road that is not `place`."""
        return self.a if place is self.b else self.b

    def is_closed_to(self, side: Side) -> bool:
        """Whether a hostile force closes it."""
        return any(other in side.enemies for other in self.closers)

    def has_moving_enemies(self, side: Side) -> bool:
        """Whether hostile formations march on it, or come to it, in this tick."""
        return any(other in side.enemies for other in self.movers)

    def clear(self) -> None:
        """Nobody is counted on it yet."""
        self.formations = []
        self.people = defaultdict(float)

    def fight(self, model: PlainCampaign) -> None:
        """Formations within reach of a hostile one meet in battle."""
        power: dict[Side, float] = defaultdict(float)
        self.meeting_power = power
        for unit in self.formations:
            unit.meets = any(self.meet(unit, other, model.rules.forces.contact_km) for other in self.formations)
            if unit.meets:
                unit.contact = Contact.MEETING
                power[unit.side] += unit.power
        for side, own in power.items():
            foe = sum(power.get(enemy, 0.0) for enemy in side.enemies)
            self.hit[side] = model.hits_per_day(foe, own) / own if own > 0 else 0.0

    @staticmethod
    def meet(unit: Formation, other: Formation, contact_km: float) -> bool:
        """Whether two formations are enemies within reach of each other."""
        return other.side in unit.side.enemies and abs(other.at_km - unit.at_km) <= contact_km


class Site(mesa.Agent):
    """Ground on which formations stand and fight."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.terrain = model.document["terrains"][said["terrain"]]["defence"]
        self.fortification = said["fortification"]
        self.control: Side = model.sides[said["control"]]
        self.neighbours: list[tuple[Place, Road]] = []
        self.strikes: dict[Side, float] = defaultdict(float)
        self.casualties = 0
        self.inside: dict[Side, Force] = {}
        self.gates: dict[Side, Force] = {}

    def clear(self) -> None:
        """Nobody is counted in it or at its gates yet."""
        self.inside = {}
        self.gates = {}

    @property
    def cover(self) -> float:
        """Factor of ground and defences on the defender's power."""
        return float(self.terrain * (1 + self.fortification))

    # --- who stands here ---------------------------------------------------------------------------------------------

    def add_inside(self, unit: Formation) -> None:
        """A formation is counted inside."""
        self.inside.setdefault(unit.side, Force()).add(unit)

    def add_at_gate(self, unit: Formation) -> None:
        """A formation is counted at the gates."""
        self.gates.setdefault(unit.side, Force()).add(unit)

    def strike_off(self, unit: Formation) -> None:
        """A formation that has broken or is destroyed does not count here any more."""
        forces = self.inside if unit.road is None else self.gates
        if unit.side not in forces:
            return
        force = forces[unit.side]
        force.people -= unit.strength
        force.power -= unit.power
        force.formations -= 1
        if force.formations == 0:
            del forces[unit.side]

    def people_inside(self, side: Side) -> float:
        """People of a side's fighting formations inside."""
        return self.inside[side].people if side in self.inside else 0

    def power_inside(self, side: Side) -> float:
        """Their power."""
        return self.inside[side].power if side in self.inside else 0.0

    def power_at_gates(self, side: Side) -> float:
        """Power of a side at the gates."""
        return self.gates[side].power if side in self.gates else 0.0

    def has_enemies_inside(self, side: Side) -> bool:
        """Whether enemies of a side are in it."""
        return any(other in side.enemies for other in self.inside)

    def has_enemies_at_gates(self, side: Side) -> bool:
        """Whether enemies of a side are at its gates."""
        return any(other in side.enemies for other in self.gates)

    def is_contested(self, side: Side) -> bool:
        """Whether enemies of a side are in it or at its gates."""
        return self.has_enemies_inside(side) or self.has_enemies_at_gates(side)

    def is_assaulted(self, side: Side) -> bool:
        """Whether enemies of a side are inside, or assault."""
        return self.has_enemies_inside(side) or any(
            force.assaulting > 0 for other, force in self.gates.items() if other in side.enemies
        )

    def enemy_power_inside(self, side: Side) -> float:
        """Power in it that is hostile to a side."""
        return sum(force.power for other, force in self.inside.items() if other in side.enemies)

    def enemy_power_at_gates(self, side: Side) -> float:
        """Power at its gates that is hostile to a side."""
        return sum(force.power for other, force in self.gates.items() if other in side.enemies)

    def friendly_strikes(self, side: Side) -> float:
        """Strikes a day for a side and its allies."""
        return sum(self.strikes[friend] for friend in side.friends) / self.model.tick_days

    # --- combat ------------------------------------------------------------------------------------------------------

    def fight(self) -> None:
        """Assaults and sieges of the place, all at once: hazards of those inside and of those at its gates."""
        self.casualties = 0
        for side in {**self.inside, **self.gates}:
            if self.is_contested(side):
                self.fire_on(side)

    def fire_on(self, side: Side) -> None:
        """The hazards that a side's formations run here."""
        q, hits = self.model.rules.combat, self.model.hits_per_day
        foes_inside = self.enemy_power_inside(side)
        assaulting = sum(force.assaulting for other, force in self.gates.items() if other in side.enemies)
        holding_off = self.enemy_power_at_gates(side) - assaulting
        strikes = sum(self.strikes[enemy] for enemy in side.enemies) / self.model.tick_days
        # What the defenders' aircraft keep down does not take part in the assault.
        assaulting /= 1 + q.suppression * self.friendly_strikes(side)
        inside = self.inside.get(side)
        if inside is not None and inside.power > 0 and foes_inside + assaulting + holding_off > 0:
            shield = self.cover if self.control in side.friends else 1.0
            hit = hits(foes_inside + assaulting, inside.power) / shield
            hit += q.siege * hits(holding_off, inside.power) / shield
            hit += 0.5 * q.strike_hits * strikes
            inside.hit = hit / max(1.0, inside.people)
        gate = self.gates.get(side)
        if gate is not None and gate.power > 0 and foes_inside > 0:
            hit = q.attack_cost * hits(foes_inside * self.cover, gate.assaulting, q.open_exponent)
            hit += q.siege * hits(foes_inside, gate.power - gate.assaulting)
            hit += q.strike_hits * strikes
            gate.hit = hit / gate.power
