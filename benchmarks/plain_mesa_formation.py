"""Formations of a plain-Mesa campaign in battle: they take casualties, lose heart, break and recover."""

from __future__ import annotations

import math

from benchmarks.plain_mesa_column import Column, Contact, Status, Task, happens_within
from benchmarks.plain_mesa_place import Place


class Formation(Column):
    """A formation that fights and may break."""

    # --- combat ------------------------------------------------------------------------------------------------------

    def fight(self) -> None:
        """It takes the casualties of a tick, by the hazards reckoned where it stands."""
        if self.status is not Status.ACTIVE or self.strength <= 0:
            return
        q = self.model.p.combat
        self.loss_recent *= math.exp(-self.model.tick_days / q.memory)
        if self.wounded and self.model.is_new_day:
            back = int(self.model.rng.binomial(self.wounded, happens_within(1.0, q.return_rate)))
            self.wounded -= back
            self.strength += back
        if self.model.ceasefire > 0.0:
            return
        hazard = self.find_contact()
        if hazard > 0.0:
            self.take_casualties(hazard)

    def find_contact(self) -> float:
        """Whether enemies stand before it, and whether either assaults; returns its hazard per person and day."""
        if self.contact is Contact.MEETING and self.road is not None:
            return self.road.loss[self.side] * self.power / self.strength
        if self.road is None:
            place = self.place
            if not place.is_contested(self.side):
                return 0.0
            assaulted = any(place.assault_power.get(foe) or place.inside_power.get(foe) for foe in self.side.enemies)
            self.contact = Contact.ASSAULTED if assaulted else Contact.BESIEGED
            return place.loss_inside.get(self.side, 0.0)
        if self.is_at_gate and self.heading.has_enemies_inside(self.side):
            self.contact = Contact.ASSAULTED if self.assaults else Contact.BESIEGED
            return self.heading.loss_gate.get(self.side, 0.0) * self.power / self.strength
        return 0.0

    def take_casualties(self, hazard: float) -> None:
        """Those hit are drawn, and of them the dead; the others are wounded or missing. Equipment goes with them."""
        q, rng, days = self.model.p.combat, self.model.rng, self.model.tick_days
        hit = int(rng.binomial(self.strength, happens_within(days, hazard)))
        if hit > 0:
            killed = int(rng.binomial(hit, q.killed_share))
            missing = round((hit - killed) * q.missing_share)
            self.killed += killed
            self.missing += missing
            self.wounded += hit - killed - missing
            self.loss_recent += hit / self.strength
            self.strength -= hit
            self.here.casualties += hit
            if self.strength <= 0:
                self.status = Status.DISPERSED
        self.heavy *= 1.0 - min(1.0, q.heavy_rate * hazard * days)

    # --- morale ------------------------------------------------------------------------------------------------------

    def keep_heart(self) -> None:
        """It recovers, or may break near the enemy; broken formations gather in the rear."""
        if self.status is Status.ACTIVE and self.strength > 0:
            self.recover()
            if self.task is not Task.WITHDRAW:
                self.test_nerve()
        elif self.status is Status.WITHDRAWING:
            if not self.has_way_out():
                self.leave_equipment(self.here, 1.0)
                self.surrender()
            elif self.road is None and self.side.way_home[self.place] is self.place:
                self.status = Status.SHATTERED
                self.rest = self.model.p.morale.rest_days
        elif self.status is Status.SHATTERED:
            self.rest -= self.model.tick_days
            if self.rest <= 0.0:
                self.status = Status.ACTIVE
                self.task = Task.HOLD

    def recover(self) -> None:
        """Morale drifts to its base, worn by bad news and lifted by pay; readiness comes once it is alerted."""
        q, days, side = self.model.p.morale, self.model.tick_days, self.side
        goal = self.morale_base + q.pay * (side.pay / max(side.pay_base, 0.01) - 1.0)
        self.morale += (goal - self.morale) * (1.0 - math.exp(-q.recovery * days))
        self.morale -= q.wear * min(1.0, side.news.get(self.here, 0.0)) * days
        self.morale = min(1.0, max(0.0, self.morale))
        if self.model.day >= q.alert_days or self.contact is not Contact.AWAY:
            self.readiness += (1.0 - self.readiness) * (1.0 - math.exp(-days / q.ready_days))

    def test_nerve(self) -> None:
        """Whether it breaks this tick if enemies are near, and what follows."""
        here, side, q = self.here, self.side, self.model.p.morale
        near = here.enemies_near(side)
        if self.contact is Contact.AWAY and near <= 0.0:
            return
        attacks = self.road is not None and here.control in side.enemies
        if attacks:
            if self.contact not in (Contact.ASSAULTED, Contact.MEETING):
                return
            own = here.gate_power[side] if self.is_at_gate else self.power
            hazard = q.attacker + q.ratio * self.log_odds(near / max(1.0, own)) + self.own_pressure(0.0)
        else:
            hazard = self.defenders_pressure(here, near)
            hazard += self.own_pressure(1.0 if here is self.home else max(0.0, side.affinity[here]))
        chance = happens_within(self.model.tick_days, math.exp(q.baseline + hazard))
        if self.model.rng.random() < chance:
            if attacks:
                self.fall_back()
            else:
                self.break_up(here)

    @staticmethod
    def log_odds(odds: float) -> float:
        """Log of the attackers' to own power, within what still makes a difference."""
        return math.log(min(10.0, max(0.1, odds)))

    def own_pressure(self, at_home: float) -> float:
        """What speaks for breaking in the formation itself: losses, readiness, morale, who leads, home."""
        q = self.model.p.morale
        x = q.losses * self.loss_recent / 0.04 + q.unready * (1.0 - self.readiness) - q.morale * (self.morale - 0.45)
        return float(x - q.officers * self.officers - q.home * at_home - self.steadiness)

    def defenders_pressure(self, here: Place, near: float) -> float:
        """What speaks for breaking for all who defend a place: odds, closed roads, news, neighbours, ground, air."""
        q, side = self.model.p.morale, self.side
        own = here.inside_power.get(side, 0.0)
        ratio = q.ratio * self.log_odds(near / max(1.0, own if self.road is None else max(own, self.power)))
        news = q.contagion * side.news.get(here, 0.0)
        x = q.encirclement * min(1.0, here.closed_share(side) / 0.8) ** 3
        x += q.neighbours * self.share_of_neighbours_broken(here) + q.isolation * (here not in side.way_home)
        strikes = sum(here.strikes[friend] for friend in side.friends) / self.model.tick_days
        x -= q.air_support * min(1.0, strikes / 60.0) + q.terrain * (here.cover - 1.1)
        if self.contact is Contact.AWAY:
            return float(x + q.threatened_news * news + q.threatened)
        if self.contact is Contact.BESIEGED and self.road is None:
            return float(x + min(0.0, ratio) + news + q.besieged)
        return float(x + ratio + news)

    def share_of_neighbours_broken(self, here: Place) -> float:
        """Of the people who stood in and round a place, the share whose formations broke."""
        broke = self.side.example.get(here, 0.0)
        if broke <= 0.0:
            return 0.0
        stand = sum(place.inside_men.get(self.side, 0.0) for place in self.model.around(here))
        return broke / (broke + stand)

    def break_up(self, here: Place) -> None:
        """It leaves people and equipment behind, then withdraws if there is a way out, or gives up."""
        q, side = self.model.p.morale, self.side
        for place in self.model.around(here):
            side.example_coming[place] += self.strength
        self.leave_equipment(here, q.abandoned)
        gone = int(self.strength * q.desertion * (1.3 - self.morale))
        self.deserted += gone
        self.strength -= gone
        self.assaults = False
        self.task = Task.HOLD
        self.is_bound = False
        if self.has_way_out():
            self.status = Status.WITHDRAWING
            return
        self.leave_equipment(here, 1.0)
        if self.model.rng.random() < q.surrender:
            self.surrender()
        else:
            self.disperse()

    def has_way_out(self) -> bool:
        """Whether a line of communication begins where it stands, or at either end of its road."""
        ends = [self.place] if self.road is None else [self.road.a, self.road.b]
        return any(place in self.side.way_home for place in ends)

    def leave_equipment(self, here: Place, share: float) -> None:
        """A share of its equipment stays behind in a place."""
        here.store_heavy += self.heavy * share
        self.heavy -= self.heavy * share

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

    def fall_back(self) -> None:
        """An assault that fails: it goes back a few kilometres and rests."""
        assert self.road is not None
        q = self.model.p.morale
        self.pause = q.repulse_days
        self.assaults = False
        self.task = Task.HOLD
        self.km_left = min(0.5 * self.road.km, q.repulse_km)
        self.morale = max(0.0, self.morale - q.repulse_morale)

    def melt_away(self, chance: float) -> None:
        """After its side's collapse it may disband."""
        if self.status in (Status.ACTIVE, Status.WITHDRAWING) and self.model.rng.random() < chance:
            self.leave_equipment(self.place, 1.0)
            self.disperse()
