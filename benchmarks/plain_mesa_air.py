"""Air wings and sponsors of a plain-Mesa campaign: who flies how much, and where the strikes fall."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainCampaign
    from benchmarks.plain_mesa_place import Place
    from benchmarks.plain_mesa_side import Side


class Sponsor(mesa.Agent):
    """A power that backs sides without fighting itself."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.backs: dict[str, float] = said["backs"]
        self.distraction = said["distraction"]
        self.friction = said["friction"]

    def commitment_to(self, side: Side) -> float:
        """What it gives a side, less what ties it down and what it distrusts in the side's other sponsors."""
        others = self.model.sponsors
        friction = sum(distrust for other, distrust in self.friction.items() if side.id in others[other].backs)
        return self.backs[side.id] * (1.0 - self.distraction) * (1.0 - 0.5 * min(1.0, friction))

    def think_again(self) -> None:
        """Commitment fades while a side that it backs has lost half its will."""
        fading = math.exp(-self.model.p.politics.backing_loss * self.model.tick_days)
        for name, commitment in self.backs.items():
            side = self.model.sides[name]
            if side.will < 0.5 * side.will_base:
                self.backs[name] = commitment * fading


class AirWing(mesa.Agent):
    """A wing of aircraft at an airfield."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.side = model.sides[said["side"]]
        self.base = model.places[said["base"]]
        self.sponsor = model.sponsors.get(said.get("sponsor", ""))
        self.aircraft = said["aircraft"]
        self.sorties = said["sorties"]
        self.strikes = said["strikes"]
        self.quality = said["quality"]
        self.readiness = said["readiness"]

    def fly(self) -> None:
        """It flies what its sponsor, readiness and the weather allow."""
        if self.aircraft > 0.0 and self.has_base():
            p = self.model.p.air
            commitment = self.sponsor.commitment_to(self.side) if self.sponsor else 1.0
            rate = self.sorties * self.readiness * self.model.weather * min(1.0, commitment / p.commitment_full)
            flown = int(self.model.rng.poisson(self.aircraft * rate * self.model.tick_days))
            self.side.strikes += flown * self.strikes * self.quality

    def has_base(self) -> bool:
        """Whether its airfield is still its side's; its aircraft move to another, or are lost on the ground."""
        if self.base.control in self.side.friends:
            return True
        for place in self.model.places.values():
            if place.airfield and place.control is self.side and place.enemies_at_gates(self.side) <= 0.0:
                self.base = place
                self.aircraft *= 0.5
                return True
        self.aircraft = 0.0
        return False


def strike(model: PlainCampaign, side: Side) -> None:
    """A side's strikes are shared out over the places where it is pressed and those behind the enemy's front."""
    close = {place: close_pull(place, side) for place in model.places.values()}
    deep = {place: deep_pull(place, side) for place in model.places.values()}
    front, rear = sum(close.values()), sum(deep.values())
    going_deep = 0.0
    if rear > 0.0:
        going_deep = side.strikes * (model.p.air.deep_share if front > 0.0 else 1.0)
    for place in model.places.values():
        here = (side.strikes - going_deep) * close[place] / front if front > 0.0 else 0.0
        if going_deep > 0.0:
            here += going_deep * deep[place] / rear
        if here > 0.0:
            place.strikes[side] += here
            for neighbour, road in place.neighbours:
                if neighbour.control in side.enemies:
                    road.interdiction = min(0.8, road.interdiction + model.p.air.interdiction * here)


def close_pull(place: Place, side: Side) -> float:
    """Hostile power where the side's own or allied forces fight."""
    if not any(friend in side.friends for friend in place.sides_present()):
        return 0.0
    return place.enemies_inside(side) + place.enemies_at_gates(side)


def deep_pull(place: Place, side: Side) -> float:
    """The enemy's power next to the side's own ground."""
    if place.control in side.enemies and any(neighbour.control is side for neighbour, _ in place.neighbours):
        return 100.0 + place.inside_power.get(place.control, 0.0)
    return 0.0
