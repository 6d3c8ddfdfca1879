"""Formations: where they stand, how they march, fight, break up and recover."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

import mesa

from tests.verification.twin.scenario import chance_within, happens_within, rounded, within

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.command import Command
    from tests.verification.twin.place import Place, Road

DIVISION_WEEK = 70_000
ROUNDING_KM = 1e-6
"""Columns that have met may stand this far on the wrong side of each other."""
"""Days of supply for one person in a unit of stores."""


class Status(Enum):
    DORMANT = "dormant"
    ACTIVE = "active"
    WITHDRAWING = "withdrawing"
    SHATTERED = "shattered"
    SURRENDERED = "surrendered"
    DISPERSED = "dispersed"


IN_FIELD = (Status.ACTIVE, Status.WITHDRAWING, Status.SHATTERED)


class Task(Enum):
    HOLD = "hold"
    MARCH = "march"
    FLANK = "flank"
    WITHDRAW = "withdraw"


class Contact(Enum):
    AWAY = 0
    BESIEGED = 1
    ASSAULT = 2
    MEETING = 3


def bent(x: float, bound: float) -> float:
    """A term of the log hazard, bent towards a bound: beyond half of it each step counts less."""
    over = abs(x) - bound / 2
    return x if over <= 0 else math.copysign(bound / 2 * (2 - math.exp(-2 * over / bound)), x)


class Formation(mesa.Agent):
    """A formation of a side, in a place or on a road."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, spec: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.side = model.sides[spec["side"]]
        self.sponsor = model.sponsors.get(spec.get("sponsor", ""))
        self.home = model.places.get(spec.get("home", ""))
        self.mobile = spec["mobile"]
        self.passive = "passive" in (spec["posture"], self.side.posture)
        kind = model.document["kinds"][spec["kind"]]
        self.speed = kind["speed"]
        self.equipment_weight = kind["equipment_weight"]
        self.cohesion = kind["cohesion"]
        self.assembly_days = kind["assembly"]
        self.assembly = 0.0
        self.command: Command
        """From which it takes its orders; the campaign says which."""
        self.officers = spec["officers"]
        self.quality = spec["quality"]
        self.morale = self.morale_base = within(
            "formations.x.morale", spec["morale"] + self.side.lift(model.rules.morale)
        )
        self.readiness = spec["readiness"]
        self.supply = spec["supply"]
        self.roll = spec["strength"]
        self.strength = self.initial_strength = rounded(self.roll * spec["manning"])
        self.equipment = spec["equipment"] * self.side.serviceable
        is_dormant = "dormant" in (spec["posture"], self.side.posture)
        self.status = Status.DORMANT if is_dormant else Status.ACTIVE if self.strength > 0 else Status.DISPERSED
        self.draws_people = False

        self.place: Place = model.places[spec["place"]]
        self.road: Road | None = None
        self.heading = self.place
        self.km_left = 0.0
        self.at_km = 0.0
        self.bearing = 0
        self.days_left = 0.0
        """Of this tick's march."""
        if "toward" in spec and spec["km"] > 0:
            self.road = model.road_between(self.place, model.places[spec["toward"]])
            self.km_left = spec["km"]

        self.task = Task.HOLD
        self.target = self.place
        self.route: dict[Place, Place] = {}
        self.is_bound = False
        self.assaults = False
        self.flank_road: Road | None = None
        self.flank_days = 0.0
        self.pause = 0.0
        self.alarm = 0.0
        self.rest = 0.0
        self.power = 0.0
        self.contact = Contact.AWAY
        self.meets = False
        self.loss_recent = 0.0
        self.equipment_taken = 0.0
        self.log_hazard = -math.inf
        """Of breaking per day. It is computed for all formations before any of them breaks."""
        self.scattered = 0
        """People of its parts that broke, on their way to the rear or resting there."""
        self.killed = self.wounded = self.missing = self.deserted = self.captured = self.joined = 0

    @classmethod
    def reinforcement(cls, model: PlainCampaign, name: str, spec: dict[str, Any]) -> Self:
        """A column that sets out later; its people are new to the war, or come from other formations on the day."""
        starts = {"place": spec["origin"], "posture": "dormant", "mobile": True, "officers": 0.0, "supply": 5.0}
        starts |= {"manning": 0.0, "equipment": 0.0} if spec["draws_from"] else {"manning": 1.0}
        unit = cls(model, name, spec | starts)
        unit.passive = unit.side.posture == "passive"
        unit.draws_people = bool(spec["draws_from"])
        unit.task = Task.MARCH
        unit.target = model.places[spec["place"]]
        unit.is_bound = True
        return unit

    @property
    def here(self) -> Place:
        """The place where it is, or which it faces."""
        return self.place if self.road is None else self.heading

    @property
    def is_at_gate(self) -> bool:
        """Whether it stands before a place that it may not enter."""
        return self.road is not None and self.km_left <= 0

    @property
    def moves_round(self) -> bool:
        """Whether it moves round a place: it stands before it, and an enemy holds it."""
        return self.task is Task.FLANK and self.is_at_gate and self.heading.control in self.side.enemies

    @property
    def losses(self) -> int:
        """People lost for good so far."""
        return self.killed + self.missing + self.deserted + self.captured

    # --- orders of battle --------------------------------------------------------------------------------------------

    def activate(self) -> None:
        """An event sends the formation to war, whatever held it back."""
        self.passive = False
        self.take_up_arms()

    def take_up_arms(self) -> None:
        """The formation enters the war."""
        if self.status is Status.DORMANT:
            self.status = Status.ACTIVE if self.strength > 0 else Status.DISPERSED
        if not self.passive:
            self.side.posture = "active"
        elif self.side.posture == "dormant":
            self.side.posture = "passive"

    def join(self, people: int) -> None:
        """People come to the formation."""
        self.strength += people
        self.joined += people

    def transfer_to(self, taker: Formation, people: float) -> None:
        """People with their share of equipment leave for another formation; never more than half."""
        going = math.floor(min(people, 0.5 * self.strength))
        if going <= 0 or self.status is not Status.ACTIVE:
            return
        pieces = self.equipment * going / self.strength
        taker.supply = (taker.supply * taker.strength + self.supply * going) / (taker.strength + going)
        self.join(-going)
        taker.join(going)
        self.equipment -= pieces
        taker.equipment += pieces

    def reckon_power(self) -> None:
        """People and equipment, times quality, morale, readiness and supply."""
        if self.status is not Status.ACTIVE and self.status is not Status.WITHDRAWING:
            return
        p = self.model.rules.forces
        morale = p.morale_floor + (1 - p.morale_floor) * self.morale
        readiness = p.readiness_floor + (1 - p.readiness_floor) * self.readiness
        supply = p.supply_floor + (1 - p.supply_floor) * min(1.0, self.supply / p.supply_enough)
        if self.side.has_collapsed:
            self.power = 0.0
            return
        self.power = (
            (self.strength + self.equipment_weight * self.equipment) * self.quality * morale * readiness * supply
        )

    def takes_orders(self) -> bool:
        """Whether its commander may give it new orders."""
        if self.is_bound or self.passive or self.moves_round or self.pause > 0.0:
            return False
        return not (self.task is Task.WITHDRAW and self.road is not None and self.has_way_out())

    def take_position(self) -> None:
        """It is counted in the place, at the gate or on the road where it stands."""
        fights = self.status is Status.ACTIVE
        if self.road is None:
            if fights:
                self.place.add_inside(self)
            return
        forward = self.heading is self.road.b
        self.at_km = self.road.km - self.km_left if forward else self.km_left
        self.bearing = 0
        if not fights:
            return
        self.road.formations.append(self)
        self.road.people[self.side] += self.strength
        if self.is_at_gate:
            self.heading.add_at_gate(self)

    # --- movement ----------------------------------------------------------------------------------------------------

    @property
    def is_on_the_move(self) -> bool:
        """Whether its orders, or its flight, move it along the roads."""
        if self.status is Status.ACTIVE:
            return self.task in (Task.MARCH, Task.WITHDRAW)
        return self.status is Status.WITHDRAWING

    def goes_back(self) -> bool:
        """Whether it goes home."""
        return self.status is Status.WITHDRAWING or self.task is Task.WITHDRAW

    def next_place(self, here: Place) -> Place | None:
        """The place to which its orders lead it."""
        if self.goes_back():
            return self.side.way_home.get(here)
        return self.route.get(here) if self.task is Task.MARCH else None

    def sets_out(self) -> bool:
        """It comes onto the first road of its march, or turns round on the way; whether it is on a road."""
        self.days_left = self.model.tick_days
        if not self.is_on_the_move:
            return False
        wait = 0.0 if self.goes_back() else self.assembly
        if wait > 0.0 and (self.road is not None or wait >= self.days_left):
            return self.road is not None
        if self.road is not None:
            self.turn_round_if_ordered(self.road)
            self.show_way(self.road)
            return True
        road = self.take_next_road()
        if road is None:
            self.arrive()
            return False
        self.days_left -= wait
        if self.status is Status.ACTIVE:
            road.formations.append(self)
        return True

    def take_next_road(self) -> Road | None:
        """It comes to the road from its place to the next one, if there is one, and others see it there."""
        there = self.next_place(self.place)
        if there is None or there is self.place:
            return None
        road = self.model.road_between(self.place, there)
        if road.cut:
            return None
        self.road = road
        self.alarm = 0.0
        self.heading = there
        self.km_left = road.km
        self.at_km = 0.0 if there is road.b else road.km
        self.show_way(road)
        return road

    def show_way(self, road: Road) -> None:
        """An active column is seen to go along a road, and in which direction."""
        if self.status is Status.ACTIVE:
            self.bearing = 1 if self.heading is road.b else -1
            road.movers.add(self.side)

    def pass_time(self) -> None:
        """A rest after a repulse comes to its end, and so does the way round a place."""
        if self.status is Status.ACTIVE:
            self.pause = max(0.0, self.pause - self.model.tick_days)
            self.assembly = max(0.0, self.assembly - self.model.tick_days)
            if self.moves_round:
                self.move_round()
            elif self.task is Task.FLANK:
                self.go_on()

    def go_on(self) -> None:
        """It marches for the place that it faces, or has come into, again."""
        self.task = Task.MARCH
        self.target = self.here
        self.route = {}

    def move_round(self) -> None:
        """It goes across country to another gate of the same place."""
        self.flank_days -= self.model.tick_days
        if self.flank_days > 0 or self.flank_road is None:
            return
        before = self.here
        self.go_on()
        self.road = self.flank_road
        self.heading = before
        self.place = self.road.other_end(before)
        self.km_left = 0.0

    def leaves_place(self) -> bool:
        """It drives out of a place onto the next road, unless enemies move there: then it stays."""
        if self.road is None or self.road.has_moving_enemies(self.side):
            self.road = None
            return False
        # A broken formation on its way to the rear takes nothing.
        if self.status is Status.ACTIVE and self.place.control not in self.side.friends:
            self.place.claims[self.side] += self.strength
        return True

    def drives(self) -> bool:
        """It goes along its road until its time or the enemy ends the march; whether it came into a place."""
        road = self.road
        if road is None:
            return False
        if self.km_left > 0:
            speed = self.march_speed(road)
            step = min(speed * self.days_left, self.km_left)
            advance = min(step, self.room_ahead(road))
            self.km_left -= advance
            if advance < step or self.km_left > 1e-9:
                return False
            self.km_left = 0.0
            self.days_left -= advance / speed
        if not self.may_enter(self.heading):
            return False
        self.place = self.heading
        self.road = None
        self.arrive()
        return True

    def march_speed(self, road: Road) -> float:
        """Kilometres a day: kind, road class, supply, interdiction, and whose country lies ahead."""
        p = self.model.rules.movement
        supply = p.low_supply + (1 - p.low_supply) * min(1.0, self.supply)
        speed = float(self.speed * p.march_hours * road.speed * supply * (1 - road.interdiction))
        return speed if self.heading.control in self.side.friends else speed * p.advance_share

    def room_ahead(self, road: Road) -> float:
        """Kilometres until it meets an enemy on the road, from where both stood at the start of the tick."""
        room = math.inf
        direction = 1 if self.heading is road.b else -1
        for other in road.formations:
            if other.side in self.side.enemies:
                gap = (other.at_km - self.at_km) * direction
                is_behind = self.heading is self.place or self.place is other.place
                if gap >= -ROUNDING_KM and not (gap <= ROUNDING_KM and is_behind):
                    share = 0.5 if other.bearing == -direction else 1.0
                    room = min(room, share * (gap - 0.5 * self.model.rules.forces.contact_km))
        return max(0.0, room)

    def may_enter(self, place: Place) -> bool:
        """Whether it may drive in: friendly, or hostile and undefended (not in a ceasefire)."""
        if place.has_enemies_inside(self.side):
            return False
        if place.control in self.side.friends:
            return True
        return place.control in self.side.enemies and self.model.ceasefire <= 0 and not self.passive

    def turn_round_if_ordered(self, road: Road) -> None:
        """A formation whose way now leads back the way it came turns round."""
        back = road.other_end(self.heading)
        ahead = self.next_place(self.heading)
        if self.goes_back():
            turns = back in self.side.way_home and (ahead is None or ahead is back)
        else:
            turns = ahead is back or self.target is back
        if turns:
            self.heading = back
            self.km_left = road.km - self.km_left

    def arrive(self) -> None:
        """A column that is where it was sent waits for new orders."""
        is_there = self.task is Task.MARCH and self.place is self.target
        is_back = self.task is Task.WITHDRAW and self.status is Status.ACTIVE
        if is_there or (is_back and self.side.way_home.get(self.place) is self.place):
            self.task = Task.HOLD
            self.is_bound = False

    # --- supply ------------------------------------------------------------------------------------------------------

    def consume(self) -> None:
        """Supply goes in combat and on the march, and comes from the depot where it stands and the base behind it."""
        if self.status is not Status.ACTIVE and self.status is not Status.WITHDRAWING:
            return
        p = self.model.rules.supply
        if self.contact in (Contact.ASSAULT, Contact.MEETING):
            self.supply = max(0.0, self.supply - p.fighting * self.model.tick_days)
        elif self.task is Task.MARCH and self.road is not None:
            self.supply = max(0.0, self.supply - p.marching * self.model.tick_days)

    def resupply(self) -> None:
        """Once a day supply comes from the depot where it stands and from the base behind it."""
        if self.status is not Status.ACTIVE and self.status is not Status.WITHDRAWING:
            return
        p, side = self.model.rules.supply, self.side
        where = self.place
        if self.road is not None and where.control not in side.friends:
            where = self.heading
        if self.supply >= p.carried or where.control not in side.friends:
            return
        self.draw_supply(where, p.delivery)
        base = side.rear_base.get(where)
        if base is not None and base is not where:
            self.draw_supply(base, p.delivery * p.reach_km / (p.reach_km + side.supply_km[where]))

    def draw_supply(self, place: Place, at_most: float) -> None:
        """Days of supply come from the stores of a place."""
        wanted = min(at_most, self.model.rules.supply.carried - self.supply)
        if wanted > 0 and self.strength > 0:
            got = min(wanted, place.stores * DIVISION_WEEK / self.strength)
            place.stores -= got * self.strength / DIVISION_WEEK
            self.supply += got

    # --- combat ------------------------------------------------------------------------------------------------------

    def fight(self) -> None:
        """It takes the casualties of a tick, by the hazards reckoned where it stands."""
        if self.status is not Status.ACTIVE:
            return
        p = self.model.rules.combat
        self.loss_recent *= math.exp(-self.model.tick_days / p.memory)
        if self.wounded and self.model.is_new_day:
            back = int(self.model.rng.binomial(self.wounded, happens_within(1.0, p.return_rate)))
            self.wounded -= back
            self.strength += back
        if self.model.ceasefire > 0.0:
            self.contact = Contact.AWAY
            return
        hazard = self.find_contact()
        if hazard > 0.0:
            self.take_casualties(hazard)

    @property
    def has_just_come(self) -> bool:
        """Whether it has come, or gone over to the assault, in the course of the tick."""
        return self.days_left < self.model.tick_days

    def find_contact(self) -> float:
        """Whether enemies stand before it, and whether either assaults; returns its hazard per person and day.

        Who comes in the course of the tick fights for a part of it.
        """
        if self.contact is Contact.MEETING and self.road is not None:
            return self.road.hit[self.side] * self.power / self.strength
        here = self.here
        there = here.clash if self.has_just_come else 1.0
        if self.road is None:
            if here.is_contested(self.side):
                self.contact = Contact.ASSAULT if here.is_assaulted(self.side) else Contact.BESIEGED
                return here.inside[self.side].hit * there
        elif self.is_at_gate and here.has_enemies_inside(self.side):
            self.contact = Contact.ASSAULT if self.assaults else Contact.BESIEGED
            return here.gates[self.side].hit * self.power / self.strength * there
        return 0.0

    def take_casualties(self, hazard: float) -> None:
        """Those hit are drawn, and of them the dead; the others are wounded or missing. Equipment goes with them."""
        p, rng, days = self.model.rules.combat, self.model.rng, self.model.tick_days
        self.equipment *= 1 - min(1.0, p.equipment_rate * hazard * days)
        hit = int(rng.binomial(self.strength, happens_within(days, hazard)))
        if hit == 0:
            return
        killed = int(rng.binomial(hit, p.killed_share))
        missing = rounded((hit - killed) * p.missing_share)
        self.killed += killed
        self.missing += missing
        self.wounded += hit - killed - missing
        self.loss_recent += hit / self.strength
        self.strength -= hit
        self.here.casualties += hit
        self.here.note_garrison(self.side, "died", killed)

    def leave_if_destroyed(self) -> None:
        """With nobody left the formation is gone."""
        if self.status is Status.ACTIVE and self.strength <= 0:
            self.here.strike_off(self)
            self.leave_equipment(self.here, 1.0)
            self.status = Status.DISPERSED
            self.send_home()

    # --- breaking ----------------------------------------------------------------------------------------------------

    @property
    def attacks(self) -> bool:
        """Whether it stands before a hostile place and could go back."""
        return self.road is not None and self.heading.control in self.side.enemies and self.has_way_out()

    def sum_break_terms(self) -> None:
        """How near it is to breaking, as the fighting of this tick has left it."""
        if self.status is not Status.ACTIVE:
            return
        here, side, p = self.here, self.side, self.model.rules.morale
        own = (
            bent(p.losses * self.loss_recent / 0.04, p.bound)
            + p.unready * (1 - self.readiness)
            - p.morale * (self.morale - 0.45)
        )
        own -= p.officers * self.officers + self.cohesion
        own += p.despair * max(0.0, side.will_base - side.will)
        if self.sponsor is not None:
            own -= p.backing * self.sponsor.weight[side.id]
        log_odds = math.log(min(10.0, max(0.1, self.odds())))
        if self.attacks:
            own += 0.0 if self.contact is Contact.MEETING else p.attacker
            self.log_hazard = p.baseline + p.ratio * log_odds + own
            return
        own -= p.home * (1.0 if here is self.home else max(0.0, side.affinity[here]))
        if self.road is None:
            contact = Contact.AWAY
            if here.is_contested(side):
                contact = Contact.ASSAULT if here.is_assaulted(side) else Contact.BESIEGED
        else:
            contact = Contact.AWAY if self.contact is Contact.AWAY else Contact.ASSAULT
        roads = p.risen if self.has_risen() else 1.0
        self.log_hazard = side.pressure(here, log_odds, contact, roads) + own

    def has_risen(self) -> bool:
        """Whether it stands in its own town, which an enemy holds."""
        return self.road is None and self.place is self.home and self.place.control in self.side.enemies

    def odds(self) -> float:
        """Hostile power before it, to the power of those who stand with it."""
        here, side = self.here, self.side
        if self.contact is Contact.MEETING and self.road is not None:
            foes = sum(self.road.meeting_power.get(enemy, 0.0) for enemy in side.enemies)
            return foes / max(1.0, self.road.meeting_power[side])
        own = here.power_inside(side)
        if self.is_at_gate and here.control in side.enemies:
            own = here.power_at_gates(side)
        elif self.road is not None:
            own = max(own, self.power)
        return side.threat[here] / max(1.0, own)

    def check_morale(self) -> None:
        """It may break near the enemy; broken formations gather in the rear."""
        if self.status is Status.ACTIVE:
            is_tried = self.task is not Task.WITHDRAW and not self.attacks and self.may_break()
            if is_tried and self.breaks_whole():
                self.break_up()
        elif self.status is Status.WITHDRAWING:
            if not self.has_way_out():
                self.give_up(self.model.rules.morale.surrender > 0)
            elif self.road is None and self.side.rear_base.get(self.place) is self.place:
                self.status = Status.SHATTERED
                self.rest = max(0.0, self.model.rules.morale.rest_days - 0.5 * self.model.tick_days)
        elif self.status is Status.SHATTERED:
            self.rest -= self.model.tick_days
            if self.rest <= 0.0:
                self.status = Status.ACTIVE
                self.task = Task.HOLD
                self.gather(self.scattered)

    def check_assault(self) -> None:
        """An attacker may break after those whom it attacks, if any of them is left."""
        if self.status is not Status.ACTIVE or self.task is Task.WITHDRAW or not self.attacks or not self.may_break():
            return
        meets = self.contact is Contact.MEETING
        if (meets or self.heading.has_enemies_inside(self.side)) and self.breaks_whole():
            if meets:
                self.break_up()
            else:
                self.heading.repulses += 1
                self.fall_back()

    def gather(self, people: int) -> None:
        """People who had gone to the rear come back."""
        self.scattered -= people
        self.strength += people

    def recover(self) -> None:
        """Morale drifts to its base, worn by bad news and lifted by pay; some desert; readiness comes with alert."""
        if self.status is not Status.ACTIVE:
            return
        p, days, side = self.model.rules.morale, self.model.tick_days, self.side
        goal = self.morale_base + p.pay * side.career * (side.pay / max(side.pay_base, 0.01) - 1)
        self.morale += (goal - self.morale) * happens_within(days, p.recovery)
        self.morale -= p.wear * min(1.0, side.news[self.here]) * days
        self.morale = min(1.0, max(0.0, self.morale))
        if self.model.is_new_day:
            wanting = self.strength * p.daily_desertion * side.hardship * (1 - self.morale)
            self.desert(min(self.strength, math.floor(wanting + self.model.rng.random())))
            self.leave_if_destroyed()
            if (
                self.status is Status.ACTIVE
                and self.scattered > 0
                and self.contact is Contact.AWAY
                and self.has_way_out()
            ):
                back = chance_within(1 / p.rest_days) if p.rest_days > 0 else 1.0
                self.gather(min(self.scattered, math.floor(self.scattered * back) + 1))
        if self.model.day >= p.alert_days or self.contact is not Contact.AWAY:
            self.readiness += (1 - self.readiness) * chance_within(days / p.ready_days)

    def may_break(self) -> bool:
        """Whether the enemy is near enough to break it."""
        if self.attacks:
            return self.contact in (Contact.ASSAULT, Contact.MEETING)
        return self.contact is not Contact.AWAY or self.side.fresh_threat(self.here) > 0

    def breaks_whole(self) -> bool:
        """Part after part may break in a tick, each by its own hazard; a panic takes all who stand in a place.

        Returns whether nothing is left of it.
        """
        p, left = self.model.rules.morale, math.exp(self.log_hazard) * self.model.tick_days
        if self.road is None:
            self.alarm += p.common_cause_share * left
            if self.alarm > self.side.panic_point[self.place]:
                return True
            left *= 1 - p.common_cause_share
        while True:
            parts = 1.0 if self.attacks else max(1.0, self.strength / p.part)
            borne = float(self.model.rng.exponential()) / parts
            if borne >= left:
                return False
            if parts < 1.5:
                return True
            left -= borne
            self.break_off(int(p.part))

    def has_way_out(self) -> bool:
        """Whether a line of communication begins where it stands, or at either end of its road."""
        ends = [self.place] if self.road is None else [self.road.a, self.road.b]
        return any(place in self.side.way_home for place in ends)

    # --- breaking ----------------------------------------------------------------------------------------------------

    def fall_back(self) -> None:
        """An assault that fails: it goes back a few kilometres and rests."""
        assert self.road is not None
        p = self.model.rules.morale
        self.pause = max(0.0, p.repulse_days - 0.5 * self.model.tick_days)
        self.assaults = False
        self.task = Task.HOLD
        self.is_bound = False
        self.km_left = min(self.road.km, self.km_left + min(p.repulse_km, 0.5 * self.room_behind(self.road)))
        self.morale = max(0.0, self.morale - p.repulse_morale)

    def room_behind(self, road: Road) -> float:
        """Kilometres to the next enemy behind it on its road, as the forces were counted."""
        ahead = 1 if self.heading is road.b else -1
        gaps = [(self.at_km - other.at_km) * ahead for other in road.formations if other.side in self.side.enemies]
        return min((max(0.0, gap) for gap in gaps if gap >= -ROUNDING_KM), default=math.inf)

    def deserters(self, people: int) -> int:
        """How many of those who break desert."""
        p = self.model.rules.morale
        return math.floor(people * min(1.0, p.desertion * (1.3 - self.morale)))

    def set_example(self, people: int) -> None:
        """That people broke becomes known in the place and in the next ones that are near."""
        for place in self.model.around(self.here):
            self.side.example_coming[place] += people

    def break_off(self, people: int) -> None:
        """A part breaks: who does not desert goes to the rear, or gives up."""
        p, here = self.model.rules.morale, self.here
        if self.road is None:
            here.inside[self.side].people -= people
        self.set_example(people)
        self.leave_equipment(here, p.abandoned * people / self.strength)
        gone = self.deserters(people)
        self.desert(gone)
        if self.has_way_out():
            self.strength -= people - gone
            self.scattered += people - gone
            here.note_garrison(self.side, "left", people - gone)
        elif self.model.rng.random() < p.surrender and not self.has_risen():
            self.strength -= people - gone
            self.captured += people - gone
            here.note_garrison(self.side, "surrendered", people - gone)
        else:
            self.desert(people - gone)

    def break_up(self) -> None:
        """It leaves people and equipment behind, then withdraws if there is a way out, or gives up."""
        p, here = self.model.rules.morale, self.here
        if self.road is None:
            here.strike_off(self)
        self.set_example(self.strength)
        self.leave_equipment(here, p.abandoned)
        self.desert(self.deserters(self.strength))
        self.assaults = False
        self.task = Task.HOLD
        self.is_bound = False
        if self.has_way_out():
            self.status = Status.WITHDRAWING
            self.leave_post(here)
        else:
            surrenders = self.model.rng.random() < p.surrender and not self.has_risen()
            here.note_garrison(self.side, "surrendered" if surrenders else "deserted", self.strength)
            self.give_up(surrenders)

    def leave_post(self, here: Place) -> None:
        """It leaves a place in order; who has to rest elsewhere has lost its post."""
        here.note_garrison(self.side, "left", self.strength)
        self.mobile = self.mobile or not here.rear_base

    def give_up(self, surrenders: bool) -> None:
        """Its equipment stays, and its people surrender or go home."""
        self.leave_equipment(self.here, 1.0)
        if surrenders and not self.has_risen():
            self.surrender()
        else:
            self.disperse()

    def desert(self, people: int) -> None:
        """People leave without orders."""
        self.strength -= people
        self.deserted += people
        self.here.note_garrison(self.side, "deserted", people)

    def leave_equipment(self, here: Place, share: float) -> None:
        """A share of its equipment stays behind in a place."""
        here.store_equipment += self.equipment * share
        self.equipment -= self.equipment * share

    def surrender(self) -> None:
        """Its people lay down their arms."""
        self.status = Status.SURRENDERED
        self.captured += self.strength
        self.strength = 0
        self.send_home()

    def disperse(self) -> None:
        """Its people go home."""
        self.status = Status.DISPERSED
        self.deserted += self.strength
        self.strength = 0
        self.send_home()

    def send_home(self) -> None:
        """Who is in the rear while it goes out of the war goes home."""
        self.deserted += self.scattered
        self.scattered = 0

    def leave_war(self, surrenders: bool) -> None:
        """Its people lay down their arms or go home, and its equipment stays."""
        self.leave_equipment(self.place, 1.0)
        if self.status is Status.ACTIVE:
            self.place.note_garrison(self.side, "surrendered" if surrenders else "deserted", self.strength)
        if surrenders:
            self.surrender()
        else:
            self.disperse()

    def disband(self, chance: float) -> None:
        """After its side's collapse it may disband: before the enemy it lays down its arms."""
        if self.status in IN_FIELD and self.model.rng.random() < chance:
            self.leave_war(self.contact is not Contact.AWAY)

    def let_go(self) -> None:
        """The place yields: its own people go home, others leave, or lay down their arms if they cannot."""
        self.assaults = False
        self.place.strike_off(self)
        if self.home is self.place or self.side.has_collapsed:
            self.leave_war(surrenders=False)
        elif self.has_way_out():
            self.leave_post(self.place)
            self.leave_equipment(self.place, self.model.rules.yielding.abandoned)
            self.status = Status.WITHDRAWING
            self.task = Task.HOLD
            self.is_bound = False
        else:
            self.leave_war(surrenders=True)
