"""Moves: why formations are sent to a place or ordered back, from the objectives and fears of their commands."""

from __future__ import annotations

from sim.rules.objectives import feared
from sim.session.log import Cause, Event
from sim.session.so_far import LOSSES_OF_GROUND, SoFar
from sim.world.layout import OBJECTIVE_SLOTS, readable
from sim.world.tables import ATTACK, NONE, WITHDRAW_UNIT


class Moves(SoFar):
    """Finds the causes of moves, right after the commands have given their orders."""

    def of_march(self, i: int) -> tuple[Cause, ...]:
        """What a formation is sent for: the objective of its command at the place."""
        unit, now = self.now.world.units, self.now
        here, command = int(unit["target"][i]), int(unit["command"][i])
        row = self._objective(command, here)
        if row == NONE:
            return ()
        objective, place = now.world.objectives[row], now.place_name(here)
        need = f"and reckons that this takes a power of {objective['need']:,.0f}{self._through(i, here)}"
        if objective["purpose"] == ATTACK:
            lost = [] if now.world.places["first_holder"][here] != unit["side"][i] else self._lost(here)
            back = " back" if lost else ""
            text = f"{self._name_of(command)} wants to take {place}{back}, {need}"
            return (Cause("attack", float(objective["score"]), "worth", 1.0, text, tuple(lost[:1])),)
        text = f"{self._name_of(command)} wants to keep {place}, {need}"
        return (Cause("defence", float(objective["score"]), "worth", 1.0, text, self._threat(here)),)

    def of_withdrawal(self, i: int) -> tuple[Cause, ...]:
        """Why a formation is ordered back: its place is given up for others, or the odds there are hopeless."""
        if evacuated := self._evacuated(i):
            return evacuated
        now, here = self.now, self.now.where(i)
        side, place = int(now.world.units["side"][i]), now.place_name(here)
        power = float(now.world.forces["power"][here, side])
        foe = float(feared(readable(now.world), side, here, now.world.settings[0]))
        odds = f"where a power of {power:,.0f} stands against {foe:,.0f} that it fears"
        if now.world.places["given_up_on"][here] == now.tick:
            text = f"its side gives up {place}, {odds}: the garrison would add more elsewhere"
            return (Cause("given up", power, "power", 1.0, text, self._threat(here)),)
        text = f"{self._name_of(int(now.world.units['command'][i]))} holds {place} for lost, {odds}"
        return (Cause("odds", foe, "power", 1.0, text, self._threat(here)),)

    def _through(self, i: int, target: int) -> str:
        """In words: the first place that the enemy holds on the quickest way of a formation to its target."""
        now, side = self.now, int(self.now.world.units["side"][i])
        hostile, here = int(now.world.relations["hostile_mask"][side]), now.where(i)
        while here not in (target, NONE):
            here = int(now.deployment.atlas.next_hop[here, target])
            if here not in (target, NONE) and hostile >> int(now.world.places["control"][here]) & 1:
                return f"; the quickest way leads through {now.place_name(here)}, which the enemy holds"
        return ""

    def _evacuated(self, i: int) -> tuple[Cause, ...]:
        """The event of the scenario that orders a formation back just now, if one does."""
        happened = [event for event in self.earlier("happened", days=0.0) if self._moves(event, i)]
        return tuple(Cause("event", 0.0, "", 1.0, event.text, (event.number,)) for event in happened[:1])

    def _moves(self, event: Event, i: int) -> bool:
        """Whether an event of the scenario orders a formation back."""
        row = self.now.world.events[self.now.names.events[event.what]]
        effects = self.now.deployment.atlas.effects[int(row["first_effect"]) : int(row["last_effect"])]
        return bool(((effects["act"] == WITHDRAW_UNIT) & (effects["cell"] == i)).any())

    def _name_of(self, command: int) -> str:
        """What the scenario calls a command."""
        said = self.now.deployment.scenario.commands.get(list(self.now.names.commands)[command])
        return said.name if said else "its command"

    def _objective(self, command: int, here: int) -> int:
        """Row of the objective of a command at a place; NONE if it has none."""
        first = command * OBJECTIVE_SLOTS
        targets = self.now.world.objectives["target"][first : first + OBJECTIVE_SLOTS].tolist()
        return first + targets.index(here) if here in targets else NONE

    def _lost(self, here: int) -> list[int]:
        """Events by which a place was lost, the last first."""
        return [event.number for event in self.earlier(*LOSSES_OF_GROUND, place=here)]

    def _threat(self, here: int) -> tuple[int, ...]:
        """What brought the enemy before a place: its last assault, and the last loss of a place next to it."""
        holder = self.now.sides[int(self.now.world.places["control"][here])]
        return tuple(sorted({*self.lost_nearby(here, holder), *self.latest("assaulted", place=here)}))
