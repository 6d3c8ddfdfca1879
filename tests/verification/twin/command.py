"""Commands of a side: each plans in its area with its own formations; above them the supreme command."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.verification.twin.formation import Status, Task

if TYPE_CHECKING:
    from tests.verification.twin.formation import Formation
    from tests.verification.twin.place import Place
    from tests.verification.twin.side import Side

MOST_OBJECTIVES = 8


@dataclass
class Objective:
    """A place that a commander wants to take or to keep."""

    target: Place
    is_attack: bool
    score: float
    need: float
    sent: float = 0.0


class Command:
    """A command: an area, formations that take its orders, and what it wants."""

    def __init__(self, side: Side, spec: dict[str, Any]) -> None:
        self.side, self.model = side, side.model
        self.named = spec.get("formations", [])
        self.aims = spec.get("aims", {})
        self.spare = spec.get("spare", 0.0)
        area, regions = spec.get("area", []), spec.get("regions", [])
        everywhere = not area and not regions
        places = self.model.places.values()
        self.area = [place for place in places if everywhere or place.id in area or place.region in regions]
        self.objectives: list[Objective] = []
        self.force = 0.0
        self.lent = 0.0

    def worth(self, place: Place) -> float:
        """What it sees in a place."""
        return self.side.worth[place] * float(self.aims.get(place.id, 1.0))

    def formations(self) -> list[Formation]:
        """Active formations that take its orders."""
        return [unit for unit in self.side.formations if unit.command is self and unit.status is Status.ACTIVE]

    # --- objectives --------------------------------------------------------------------------------------------------

    def plan(self, gone: dict[Place, float]) -> None:
        """It chooses objectives and sends its formations to them."""
        self.force = sum(unit.power for unit in self.formations() if unit.mobile)
        self.choose_objectives()
        self.assign(gone)

    def choose_objectives(self) -> None:
        """What to attack and what to defend: by worth, by what it opens, and by what it would take."""
        side = self.side
        pursued = [objective.target for objective in self.objectives]
        front = {place for place in self.model.places.values() if side.is_at_front(place)}
        found = []
        for place in self.area:
            objective = None
            if place.control in side.enemies:
                if self.model.ceasefire <= 0.0 and place in front:
                    objective = self.weigh_attack(place, front)
            elif place.control is side:
                objective = self.weigh_defence(place)
            if objective is not None:
                if place in pursued:
                    objective.score *= side.doctrine.hysteresis
                worth_it = not objective.is_attack or objective.score >= side.doctrine.least_worth
                if objective.score > 0.0 and worth_it:
                    found.append(objective)
        found.sort(key=lambda objective: objective.score, reverse=True)
        self.objectives = found[: min(MOST_OBJECTIVES, max(1, math.floor(side.doctrine.objectives)))]

    def weigh_attack(self, place: Place, front: set[Place]) -> Objective:
        """An attack: worth with what it opens, less where the force does not suffice, more where it was lost lately."""
        side, d, p = self.side, self.side.doctrine, self.model.rules.command
        opened = [there for there in side.places_of(side.enemies) if there not in front]
        opens = max([self.worth(place), *(self.worth(there) * side.nearness(place, there) for there in opened)])
        need = p.least_need + d.wanted_ratio * side.belief[place] * place.cover
        score = d.offence * opens * side.appeal(place) * min(1.0, float(self.aims.get(place.id, 1.0)))
        score *= min(1.0, math.sqrt(d.mass * self.force_within_reach(place) / need)) if need > 0 else 1.0
        if place.first_holder is side and place.days_since_taken() <= p.recent_days:
            score *= d.counter_attack
        return Objective(place, True, score, need)

    def force_within_reach(self, place: Place) -> float:
        """What its mobile power counts for at a place: the less, the farther away it is, if distance counts."""
        d = self.model.rules.command.ease_km
        if d <= 0.0:
            return self.force
        mobile = [unit for unit in self.formations() if unit.mobile]
        return sum(unit.power * d / (d + self.model.km[unit.here][place]) for unit in mobile)

    def shielded(self, here: Place) -> float:
        """The greatest worth in own hands that a place shields."""
        return max(self.worth(there) * self.side.nearness(here, there) for there in self.side.places_of([self.side]))

    def weigh_defence(self, place: Place) -> Objective | None:
        """A defence: worth with what it shields, the more the greater the threat."""
        if self.side.fresh_threat(place) <= 0.0:
            return None
        feared = self.side.feared(place)
        ratio = feared / (feared + place.power_inside(self.side))
        return Objective(
            place, False, self.side.doctrine.defence * self.shielded(place) * ratio, feared / place.terrain
        )

    # --- tasks -------------------------------------------------------------------------------------------------------

    def assign(self, gone: dict[Place, float]) -> None:
        """Each formation gets the objective it can serve best: worth, distance, what is already sent there."""
        side, d = self.side, self.side.doctrine
        sent = 0.0
        for unit in self.formations():
            if not unit.takes_orders():
                continue
            if unit.road is None and unit.place is not unit.home and side.is_given_up(unit.place):
                if unit.task is not Task.WITHDRAW:
                    unit.leave_post(unit.place)
                unit.task = Task.WITHDRAW
                continue
            if not unit.mobile or unit.readiness < self.model.rules.command.ready_to_march:
                continue
            values = [(self.value_for(unit, objective), objective) for objective in self.objectives]
            value, best = max(values, key=lambda pair: pair[0], default=(0.0, None))
            if best is None or value <= 0.0 or sent > (1 - d.reserve) * self.force:
                unit.task = Task.HOLD
                continue
            leaves = unit.road is None and unit.place is not best.target
            if leaves and side.binds(unit, gone.get(unit.place, 0.0)):
                unit.task = Task.HOLD
                continue
            if leaves:
                gone[unit.place] = gone.get(unit.place, 0.0) + unit.strength
            sent += unit.power
            self.send(unit, best)

    def send(self, unit: Formation, objective: Objective) -> None:
        """A formation goes for an objective; one that stands, and has far to go, assembles first."""
        objective.sent += unit.power
        unit.target = objective.target
        if unit.road is None and unit.place is unit.target:
            unit.task = Task.HOLD
            return
        far = self.model.km[unit.here][unit.target] > self.model.rules.command.at_hand_km
        if unit.road is None and unit.task is Task.HOLD and far:
            unit.assembly = unit.assembly_days
        unit.task = Task.MARCH

    def value_for(self, unit: Formation, objective: Objective) -> float:
        """How much a formation would serve by going for an objective."""
        d, p = self.side.doctrine, self.model.rules.command
        if objective.sent > 0.0 and objective.sent + unit.power > d.mass * self.force:
            return 0.0
        if self.side.is_blocked(unit, objective.target):
            return 0.0
        value = objective.score * p.reach_km / (p.reach_km + self.model.km[unit.here][objective.target])
        if objective.sent > objective.need:
            value *= p.surplus * objective.need / objective.sent
        if unit.task is Task.MARCH and unit.target is objective.target:
            value *= d.hysteresis
        return float(value)


class SupremeCommand:
    """What a side decides above its commands."""

    def __init__(self, side: Side) -> None:
        self.side, self.model = side, side.model
        self.given_up: list[Place] = []

    def place_under_local_command(self) -> None:
        """Who stands without a task in the area of another command comes under it."""
        if len(self.side.commanders) < 2:
            return
        for unit in self.side.formations:
            if unit.road is None and unit.task is Task.HOLD and unit.place not in unit.command.area:
                for command in self.side.commanders:
                    if unit.place in command.area:
                        unit.command = command
                        break

    def order_withdrawals(self) -> None:
        """Places are given up whose garrisons would do more good elsewhere."""
        self.given_up = []
        if self.side.doctrine.redeployment > 0.0:
            self.given_up = [place for place in self.side.places_of([self.side]) if self.is_dispensable(place)]

    def is_dispensable(self, here: Place) -> bool:
        """Whether its garrison keeps less than it would add elsewhere."""
        side, power, foe = self.side, here.power_inside(self.side), self.side.feared(here)
        is_kept = here.rear_base or here.id == side.capital_id or here not in side.way_home
        if is_kept or power <= 0.0 or foe <= 0.0:
            return False
        first = side.commanders[0]
        keeps = first.shielded(here) * hold(power * here.cover, foe)
        gain = 0.0
        for there in side.places_of([side]):
            if there is not here:
                comes = max(side.feared(there), foe * side.nearness(here, there))
                own = there.power_inside(side)
                more = hold((own + power) * there.cover, comes) - hold(own * there.cover, comes)
                gain = max(gain, first.shielded(there) * more)
        return side.doctrine.redeployment * gain > keeps

    def release_reserves(self, gone: dict[Place, float]) -> None:
        """Formations that one command can spare go where another lacks power."""
        if len(self.side.commanders) < 2:
            return
        for unit in self.side.formations:
            if unit.status is not Status.ACTIVE or not self.can_be_spared(unit, gone):
                continue
            wanted = [
                (gain, command, objective)
                for command in self.side.commanders
                if command is not unit.command
                for objective in command.objectives
                if not objective.is_attack
                and objective.sent < objective.need
                and not self.side.is_blocked(unit, objective.target)
                and (gain := self.gain_of_sending(unit, command, objective)) > self.loss_of_sending(unit, objective)
            ]
            value, command, objective = max(wanted, key=lambda row: row[0], default=(0.0, None, None))
            if command is not None and objective is not None and value > 0.0:
                unit.command.lent += unit.power
                unit.command = command
                objective.sent += unit.power
                unit.target = objective.target
                unit.task = Task.MARCH
                unit.assembly = unit.assembly_days

    def gain_of_sending(self, unit: Formation, command: Command, objective: Objective) -> float:
        """What it would add to the keeping of a place, if that still stands when it comes."""
        there, foe = objective.target, self.side.feared(objective.target)
        own = max(there.power_inside(self.side), objective.sent)
        held = hold(own * there.cover, foe)
        a_day = unit.speed * self.model.rules.movement.march_hours
        days = unit.assembly_days + self.model.km[unit.place][there] / a_day
        more = hold((own + unit.power) * there.cover, foe) - held
        return command.shielded(there) * float(held**days) * more

    def loss_of_sending(self, unit: Formation, objective: Objective) -> float:
        """What the keeping of its own place would lose, against the foe who may come here instead."""
        here, there = unit.place, objective.target
        foe = self.side.nearness(there, here) * self.side.feared(there)
        own = here.power_inside(self.side)
        less = hold(own * here.cover, foe) - hold(max(0.0, own - unit.power) * here.cover, foe)
        return self.side.commanders[0].shielded(here) * less

    def can_be_spared(self, unit: Formation, gone: dict[Place, float]) -> bool:
        """Whether it stands idle where nothing new threatens, and its command can spare it."""
        command = unit.command
        is_ready = unit.mobile and unit.readiness >= self.model.rules.command.ready_to_march and unit.takes_orders()
        is_idle = unit.task is Task.HOLD and unit.road is None and self.side.fresh_threat(unit.place) <= 0.0
        if not is_ready or not is_idle or self.side.binds(unit, gone.get(unit.place, 0.0)):
            return False
        return command.lent + unit.power <= command.spare * (command.force + command.lent)


def hold(power: float, foe: float) -> float:
    """How far a garrison of so much power on its ground holds a place."""
    return power / (power + foe) if foe > 0.0 else 1.0
