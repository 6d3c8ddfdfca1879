"""Air wings and sponsors of a plain-Mesa campaign: who flies how much, and where the strikes fall."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.place import Place
    from tests.verification.twin.side import Side


class Sponsor(mesa.Agent):
    """A power that backs sides without fighting itself."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, spec: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.backs: dict[str, float] = spec["backs"]
        self.distraction = spec["distraction"]
        self.friction = spec["friction"]
        self.weight: dict[str, float] = {}

    def weigh(self) -> None:
        """What it gives each side, less what ties it down and what it distrusts in the side's other sponsors."""
        others, full_distrust = self.model.sponsors, self.model.rules.politics.friction
        for side, commitment in self.backs.items():
            distrust = sum(much for other, much in self.friction.items() if side in others[other].backs)
            self.weight[side] = commitment * (1 - self.distraction) * (1 - full_distrust * min(1.0, distrust))

    def think_again(self) -> None:
        """Commitment fades while a side that it backs has lost half its will."""
        fading = math.exp(-self.model.rules.politics.backing_loss * self.model.tick_days)
        for name in self.backs:
            side = self.model.sides[name]
            if side.will < 0.5 * side.will_base:
                self.backs[name] *= fading
        self.weigh()


class AirWing(mesa.Agent):
    """A wing of aircraft at an airfield."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, spec: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.side = model.sides[spec["side"]]
        self.base = model.places[spec["base"]]
        self.sponsor = model.sponsors.get(spec.get("sponsor", ""))
        self.aircraft = spec["aircraft"]
        self.sorties = spec["sorties"]
        self.strikes = spec["strikes"]
        self.quality = spec["quality"]
        self.readiness = spec["readiness"]

    def fly(self) -> float:
        """It flies what its sponsor, readiness and the weather allow; returns its strikes, weighted by quality."""
        if self.aircraft <= 0.0 or not self.has_base():
            return 0.0
        p = self.model.rules.air
        mean = p.flying * self.aircraft * self.sorties * self.readiness * self.model.weather * self.model.tick_days
        if self.sponsor is not None:
            mean *= min(1.0, self.sponsor.weight[self.side.id] / p.commitment_full)
        if self.base.has_enemies_at_gates(self.side):
            mean *= p.base_threatened
        return float(self.model.rng.poisson(mean)) * self.strikes * self.quality

    def has_base(self) -> bool:
        """Whether its airfield is still its side's; its aircraft move to another, or are lost on the ground."""
        if self.base.control in self.side.friends:
            return True
        for place in self.model.places.values():
            if place.airfield and place.control is self.side and not place.has_enemies_at_gates(self.side):
                self.base = place
                self.aircraft *= 1 - self.model.rules.air.base_lost
                return True
        self.aircraft = 0.0
        return False


def strike(model: PlainCampaign, side: Side, strikes: float) -> None:
    """A side's strikes are shared out over the places where it is pressed and those behind the enemy's front."""
    p = model.rules.air
    near = {place: near_pull(place, side) for place in model.places.values()}
    rear = {place: rear_pull(place, side) for place in model.places.values()}
    all_near, all_rear = sum(near.values()), sum(rear.values())
    going_deep = 0.0
    if all_rear > 0.0:
        going_deep = strikes * (p.deep_share if all_near > 0.0 else 1.0)
    for place in model.places.values():
        here = (strikes - going_deep) * near[place] / all_near if all_near > 0.0 else 0.0
        if all_rear > 0.0:
            here += going_deep * rear[place] / all_rear
        if here <= 0.0:
            continue
        place.strikes[side] += here
        for neighbour, road in place.neighbours:
            if neighbour.control in side.enemies:
                slowed = p.interdiction * here / model.tick_days
                road.interdiction = min(p.interdiction_most, road.interdiction + slowed)


def near_pull(place: Place, side: Side) -> float:
    """Hostile power where friends fight."""
    if not any(friend in place.inside or friend in place.gates for friend in side.friends):
        return 0.0
    return place.hostile_power_inside(side) + place.hostile_power_at_gates(side)


def rear_pull(place: Place, side: Side) -> float:
    """The enemy's power next to the side's own ground."""
    if place.control in side.enemies and any(neighbour.control is side for neighbour, _ in place.neighbours):
        return 100.0 + place.power_inside(place.control)
    return 0.0
