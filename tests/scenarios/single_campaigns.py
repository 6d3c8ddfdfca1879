"""Single campaigns of a scenario, watched formation by formation: who is where, at the end of each tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.engine.entry import start, step
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.world.deploy import Deployment, deploy
from sim.world.tables import ACTIVE, AWAY, MARCH, NONE, SHATTERED, WITHDRAWING

COLUMNS = ("status", "place", "road", "heading", "task", "contact", "target", "strength", "roll")


@dataclass(frozen=True)
class Watched:
    """What was seen: `units[column][campaign, tick, formation]`, `control[campaign, tick, place]`; 0 is the start."""

    deployment: Deployment
    units: dict[str, np.ndarray]
    control: np.ndarray
    side: np.ndarray
    """Of each formation."""

    @property
    def tick_days(self) -> float:
        return self.deployment.scenario.clock.tick_hours / 24

    def tick(self, day: float) -> int:
        """The moment a number of days after the start."""
        return round(day / self.tick_days)

    def rows(self, *names: str) -> list[int]:
        """Rows of formations."""
        return [self.deployment.names.units[name] for name in names]

    def of(self, side: str, mobile: bool | None = None, field_force: bool | None = None) -> list[int]:
        """Rows of a side's formations, reinforcements not among them."""
        return [
            self.deployment.names.units[name]
            for name, unit in self.deployment.scenario.formations.items()
            if unit.side == side
            and (mobile is None or unit.mobile is mobile)
            and (field_force is None or unit.field_force is field_force)
        ]

    def places(self, *names: str) -> list[int]:
        """Rows of places."""
        return [self.deployment.names.places[name] for name in names]

    def here(self) -> np.ndarray:
        """The place where each formation is, or the place that it faces on its road."""
        return np.where(self.units["road"] == NONE, self.units["place"], self.units["heading"])

    def is_active(self) -> np.ndarray:
        return self.units["status"] == ACTIVE

    def is_present(self) -> np.ndarray:
        """Whether a formation is in the field: active, going home broken, or resting there."""
        return np.isin(self.units["status"], (ACTIVE, WITHDRAWING, SHATTERED))

    def stands(self, row: int, day: float, places: list[int]) -> np.ndarray:
        """Campaigns in which an active formation is in, or on the way to, one of the places."""
        at = self.tick(day)
        return self.is_active()[:, at, row] & np.isin(self.here()[:, at, row], places)

    def people_in(self, places: list[int], rows: list[int], day: float) -> np.ndarray:
        """People of active formations in certain places, by campaign."""
        at = self.tick(day)
        inside = np.isin(self.here()[:, at], places) & self.is_active()[:, at]
        counted = np.zeros(inside.shape[1], bool)
        counted[rows] = True
        return (self.units["strength"][:, at] * (inside & counted)).sum(axis=1)

    def has_moved(self, day: float) -> np.ndarray:
        """[campaign, formation] Whether a formation is, or has been until a day, elsewhere than at the start."""
        until = self.tick(day) + 1
        moved = [self.units[name][:, :until] != self.units[name][:, :1] for name in ("place", "road")]
        return (moved[0] | moved[1]).any(axis=1)

    def changes(self) -> list[tuple[int, int, int]]:
        """(campaign, tick, place) of all changes of hands."""
        campaigns, ticks, places = np.nonzero(self.control[:, 1:] != self.control[:, :-1])
        return list(zip(campaigns.tolist(), (ticks + 1).tolist(), places.tolist(), strict=True))

    def changes_back(self, days: float) -> int:
        """Places that come back to their holder so soon after they have changed hands."""
        last: dict[tuple[int, int], int] = {}
        count = 0
        for campaign, tick, place in self.changes():
            before = last.get((campaign, place))
            last[campaign, place] = tick
            if before is not None and (tick - before) * self.tick_days <= days:
                count += self.control[campaign, tick, place] == self.control[campaign, before - 1, place]
        return count

    def left_to_the_enemy(self) -> int:
        """Places lost in the tick in which all who stood inside marched off, in the face of the winner."""
        units, count = self.units, 0
        is_in = self.is_active() & (units["road"] == NONE)
        for campaign, tick, place in self.changes():
            sides = self.control[campaign, tick - 1 : tick + 1, place]
            own, foe = (self.side == side for side in sides)
            inside = is_in[campaign, tick - 1] & (units["place"][campaign, tick - 1] == place) & own
            # Who has been ordered to give a place up withdraws.
            marches = self.is_active()[campaign, tick] & (units["task"][campaign, tick] == MARCH)
            stays = is_in[campaign, tick] & (units["place"][campaign, tick] == place)
            faces = self.is_active() & (units["road"] != NONE) & (self.here() == place)
            count += bool(inside.any() and (marches & ~stays)[inside].all() and (faces[campaign, tick - 1] & foe).any())
        return count

    def comes_from_afar(self, km: float, day: float, side: str) -> np.ndarray:
        """Campaigns in which a formation of a side is in contact before a day, more than `km` from where it began."""
        until = self.tick(day)
        rows = self.of(side)
        here, fights = self.here(), self.units["contact"] != AWAY
        away = self.deployment.atlas.km[here[:, :until], here[:, :1]] > km
        return (away & fights[:, :until] & self.is_active()[:, :until])[:, :, rows].any(axis=(1, 2))


def watch(loaded: LoadedScenario, campaigns: int, days: float, seed: int = 1) -> Watched:
    """Plays the first campaigns of an ensemble, and notes where everybody is."""
    deployment = deploy(loaded, RULEBOOK)
    ticks = round(days * 24 / deployment.scenario.clock.tick_hours)
    cells, world = deployment.new_world()
    shape = (campaigns, ticks + 1, len(world.units))
    units = {name: np.zeros(shape, world.units.dtype[name]) for name in COLUMNS}
    control = np.zeros((campaigns, ticks + 1, len(world.places)), np.int64)
    for campaign in range(campaigns):
        cells[: deployment.layout.restored] = deployment.block[: deployment.layout.restored]
        start(world, deployment.atlas, cells, seed, campaign)
        for tick in range(ticks + 1):
            if tick:
                step(world, deployment.atlas, cells, cells.view(np.int64))
            for name, seen in units.items():
                seen[campaign, tick] = world.units[name]
            control[campaign, tick] = world.places["control"]
    return Watched(deployment, units, control, world.units["side"].copy())
