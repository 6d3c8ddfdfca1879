"""Formations of a plain-Mesa campaign in battle: they take casualties, lose heart, break and recover."""

from __future__ import annotations

import math

from tests.verification.twin.column import Column, Contact, Status, Task, chance_within, happens_within
from tests.verification.twin.place import Road
from tests.verification.twin.setup import rounded
from tests.verification.twin.town import Place


class Formation(Column):
    """A formation that fights and may break."""

    log_hazard = -math.inf
    """Of breaking per day, worked out for all before anybody breaks."""

    # --- combat ------------------------------------------------------------------------------------------------------

    def fight(self) -> None:
        """It takes the casualties of a tick, by the hazards reckoned where it stands."""
        if self.status is not Status.ACTIVE:
            return
        q = self.model.rules.combat
        self.loss_recent *= math.exp(-self.model.tick_days / q.memory)
        if self.wounded and self.model.is_new_day:
            back = int(self.model.rng.binomial(self.wounded, happens_within(1.0, q.return_rate)))
            self.wounded -= back
            self.strength += back
        if self.model.ceasefire > 0.0:
            self.contact = Contact.AWAY
            return
        hazard = self.find_contact()
        if hazard > 0.0:
            self.take_casualties(hazard)

    def find_contact(self) -> float:
        """Whether enemies stand before it, and whether either assaults; returns its hazard per person and day."""
        if self.contact is Contact.MEETING and self.road is not None:
            return self.road.hit[self.side] * self.power / self.strength
        here = self.here
        if self.road is None:
            if here.is_contested(self.side):
                self.contact = Contact.ASSAULT if here.is_assaulted(self.side) else Contact.BESIEGED
                return here.inside[self.side].hit
        elif self.is_at_gate and here.has_enemies_inside(self.side):
            self.contact = Contact.ASSAULT if self.assaults else Contact.BESIEGED
            return here.gates[self.side].hit * self.power / self.strength
        return 0.0

    def take_casualties(self, hazard: float) -> None:
        """Those hit are drawn, and of them the dead; the others are wounded or missing. Equipment goes with them."""
        q, rng, days = self.model.rules.combat, self.model.rng, self.model.tick_days
        self.equipment *= 1 - min(1.0, q.heavy_rate * hazard * days)
        hit = int(rng.binomial(self.strength, happens_within(days, hazard)))
        if hit == 0:
            return
        killed = int(rng.binomial(hit, q.killed_share))
        missing = rounded((hit - killed) * q.missing_share)
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

    # --- nerve -------------------------------------------------------------------------------------------------------

    @property
    def attacks(self) -> bool:
        """Whether it stands before a hostile place and could go back."""
        return self.road is not None and self.heading.control in self.side.enemies and self.has_way_out()

    def feel_pressure(self) -> None:
        """How near it is to breaking, as the fighting of this tick has left it."""
        if self.status is not Status.ACTIVE:
            return
        here, side, q = self.here, self.side, self.model.rules.morale
        own = q.losses * self.loss_recent / 0.04 + q.unready * (1 - self.readiness) - q.morale * (self.morale - 0.45)
        own -= q.officers * self.officers + self.steadiness
        own += q.despair * max(0.0, side.will_base - side.will)
        if self.sponsor is not None:
            own -= q.backing * self.sponsor.weight[side.id]
        log_odds = math.log(min(10.0, max(0.1, self.odds())))
        if self.attacks:
            own += 0.0 if self.contact is Contact.MEETING else q.attacker
            self.log_hazard = q.baseline + q.ratio * log_odds + own
            return
        own -= q.home * (1.0 if here is self.home else max(0.0, side.affinity[here]))
        if self.road is None:
            contact = Contact.AWAY
            if here.is_contested(side):
                contact = Contact.ASSAULT if here.is_assaulted(side) else Contact.BESIEGED
        else:
            contact = Contact.AWAY if self.contact is Contact.AWAY else Contact.ASSAULT
        self.log_hazard = side.pressure(here, log_odds, contact) + own

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

    def keep_heart(self) -> None:
        """It may break near the enemy; broken formations gather in the rear."""
        if self.status is Status.ACTIVE:
            if self.task is not Task.WITHDRAW and self.is_tested() and self.loses_nerve():
                if self.attacks:
                    self.heading.repulses += 1
                if self.attacks and self.contact is Contact.ASSAULT:
                    self.fall_back()
                else:
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

    def recover(self) -> None:
        """Morale drifts to its base, worn by bad news and lifted by pay; some slip off; readiness comes with alert."""
        if self.status is not Status.ACTIVE:
            return
        q, days, side = self.model.rules.morale, self.model.tick_days, self.side
        goal = self.morale_base + q.pay * side.career * (side.pay / max(side.pay_base, 0.01) - 1)
        self.morale += (goal - self.morale) * happens_within(days, q.recovery)
        self.morale -= q.wear * min(1.0, side.news[self.here]) * days
        self.morale = min(1.0, max(0.0, self.morale))
        if self.model.is_new_day:
            slipping = self.strength * q.evasion * side.hardship * (1 - self.morale)
            self.desert(min(self.strength, math.floor(slipping + self.model.rng.random())))
            self.leave_if_destroyed()
        if self.model.day >= q.alert_days or self.contact is not Contact.AWAY:
            self.readiness += (1 - self.readiness) * chance_within(days / q.ready_days)

    def is_tested(self) -> bool:
        """Whether the enemy is near enough to break it."""
        if self.attacks:
            return self.contact in (Contact.ASSAULT, Contact.MEETING)
        return self.contact is not Contact.AWAY or self.side.threat[self.here] > 0

    def loses_nerve(self) -> bool:
        """Whether it breaks this tick: by its own hazard, or in a panic that all who stand in a place share."""
        hazard, days = math.exp(self.log_hazard), self.model.tick_days
        if self.road is not None:
            return bool(self.model.rng.random() < happens_within(days, hazard))
        together = self.model.rules.morale.together
        self.alarm += together * hazard * days
        if self.alarm > self.side.panic_point[self.place]:
            return True
        return bool(self.model.rng.random() < happens_within(days, (1 - together) * hazard))

    def has_way_out(self) -> bool:
        """Whether a line of communication begins where it stands, or at either end of its road."""
        ends = [self.place] if self.road is None else [self.road.a, self.road.b]
        return any(place in self.side.way_home for place in ends)

    # --- breaking ----------------------------------------------------------------------------------------------------

    def fall_back(self) -> None:
        """An assault that fails: it goes back a few kilometres and rests."""
        assert self.road is not None
        q = self.model.rules.morale
        self.pause = max(0.0, q.repulse_days - 0.5 * self.model.tick_days)
        self.assaults = False
        self.task = Task.HOLD
        self.is_bound = False
        self.km_left = min(self.road.km, self.km_left + min(q.repulse_km, 0.5 * self.room_behind(self.road)))
        self.morale = max(0.0, self.morale - q.repulse_morale)

    def room_behind(self, road: Road) -> float:
        """Kilometres to the next enemy behind it on its road, as the forces were counted."""
        ahead = 1 if self.heading is road.b else -1
        gaps = [(self.at_km - other.at_km) * ahead for other in road.formations if other.side in self.side.enemies]
        return min((gap for gap in gaps if gap >= 0), default=math.inf)

    def break_up(self) -> None:
        """It leaves people and equipment behind, then withdraws if there is a way out, or gives up."""
        q, here = self.model.rules.morale, self.here
        if self.road is None:
            here.strike_off(self)
        for place in self.model.around(here):
            self.side.example_coming[place] += self.strength
        self.leave_equipment(here, q.abandoned)
        self.desert(math.floor(self.strength * min(1.0, q.desertion * (1.3 - self.morale))))
        self.assaults = False
        self.task = Task.HOLD
        self.is_bound = False
        if self.has_way_out():
            self.status = Status.WITHDRAWING
            here.note_garrison(self.side, "left", self.strength)
        else:
            lays_down_arms = self.model.rng.random() < q.surrender
            here.note_garrison(self.side, "surrendered" if lays_down_arms else "deserted", self.strength)
            self.give_up(lays_down_arms)

    def give_up(self, lays_down_arms: bool) -> None:
        """Its equipment stays, and its people surrender or go home."""
        self.leave_equipment(self.here, 1.0)
        if lays_down_arms:
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

    def disperse(self) -> None:
        """Its people go home."""
        self.status = Status.DISPERSED
        self.deserted += self.strength
        self.strength = 0

    def melt_away(self, chance: float) -> None:
        """After its side's collapse it may disband."""
        if self.status in (Status.ACTIVE, Status.WITHDRAWING) and self.model.rng.random() < chance:
            self.leave_equipment(self.place, 1.0)
            if self.status is Status.ACTIVE:
                self.place.note_garrison(self.side, "deserted", self.strength)
            self.disperse()
