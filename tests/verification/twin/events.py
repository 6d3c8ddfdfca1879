"""Events of a plain-Mesa campaign: dated, conditional and random happenings take effect on the objects of the model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.verification.twin.formation import Status, Task
from tests.verification.twin.scenario import (
    PEOPLE,
    entities,
    get,
    happens_within,
    is_same,
    put,
    rounded,
    spelled_out,
    within,
)

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.formation import Formation


class Event:
    """Something that happens at most once: from a day on, if its conditions hold, at once or by a hazard per day."""

    def __init__(self, model: PlainCampaign, spec: dict[str, Any]) -> None:
        self.model = model
        when = spec["when"]
        self.day = model.day_of(datetime.fromisoformat(when["date"])) if "date" in when else when.get("day", 0.0)
        self.until = when.get("until", float("inf"))
        self.all_of = when.get("if", [])
        self.any_of = when.get("any", [])
        self.after = when.get("after")
        self.delay = when.get("delay", 0.0)
        self.hazard = when.get("hazard")
        self.probability = spec["probability"]
        self.effects = spec["effects"]
        self.happened_on: float | None = None
        self.is_over = False

    def happens(self) -> bool:
        """Whether its time has come; then it takes effect."""
        model = self.model
        if self.is_over or not self.is_due():
            return False
        if self.hazard is not None and model.rng.random() >= happens_within(model.tick_days, self.hazard):
            return False
        self.is_over = True
        if model.rng.random() >= self.probability:
            return False
        self.happened_on = model.day
        for effect in self.effects:
            self.apply(effect)
        return True

    def is_due(self) -> bool:
        """Whether date, the event before it, and conditions allow it."""
        day = self.model.day
        if not self.day <= day <= self.until:
            return False
        if self.after is not None:
            before = self.model.events[self.after].happened_on
            if before is None or day < before + self.delay:
                return False
        if not all(self.tests(self.all_of)):
            return False
        return not self.any_of or any(self.tests(self.any_of))

    def tests(self, conditions: list[dict[str, Any]]) -> Iterator[bool]:
        """For each value that the conditions name, whether it is as it should be."""
        for condition in conditions:
            for path in spelled_out(self.model.document, condition["path"]):
                parent, _, key = path.rpartition(".")
                for holder in entities(self.model, parent):
                    yield self.holds(get(holder, key), condition)

    @staticmethod
    def holds(value: Any, condition: dict[str, Any]) -> bool:
        """Whether one value fulfils a condition."""
        if "is" in condition:
            return is_same(value, condition["is"])
        if "not" in condition:
            return not is_same(value, condition["not"])
        if "above" in condition:
            return bool(value > condition["above"])
        return bool(value < condition["below"])

    def apply(self, effect: dict[str, Any]) -> None:
        """One change that the event makes."""
        model = self.model
        if "activate" in effect:
            for unit in self.units(effect["activate"]):
                unit.activate()
        elif "withdraw" in effect:
            for unit in self.units(effect["withdraw"]):
                if unit.status is Status.ACTIVE:
                    unit.task = Task.WITHDRAW
                    unit.is_bound = True
        elif "stance" in effect:
            one, other = (model.sides[name] for name in effect["stance"])
            model.set_stance(one, other, effect["to"])
        elif "ceasefire" in effect:
            model.ceasefire = max(model.ceasefire, effect["ceasefire"])
        elif "collapse" in effect:
            model.sides[effect["collapse"]].collapse()
        else:
            self.change_values(effect)

    def units(self, path: str) -> list[Formation]:
        """The formations that a path names."""
        found = (entities(self.model, one) for one in spelled_out(self.model.document, path))
        return [unit for units in found for unit in units]

    def change_values(self, effect: dict[str, Any]) -> None:
        """Values named by a path are set, added to or scaled; numbers stay within what they can mean."""
        path = effect.get("set") or effect.get("add") or effect["scale"]
        # A weight of the doctrine that all sides share stands with each side here.
        for one in spelled_out(self.model.document, f"sides.*.{path}" if path.startswith("doctrine.") else path):
            self.change(one, effect)

    def change(self, path: str, effect: dict[str, Any]) -> None:
        """One value is set, added to or scaled."""
        parent, _, key = path.rpartition(".")
        for holder in entities(self.model, parent):
            if "set" in effect:
                value = effect["to"]
            elif "add" in effect:
                value = get(holder, key) + effect["by"]
            else:
                value = get(holder, key) * effect["by"]
            if isinstance(value, str):
                put(holder, key, self.model.sides.get(value, value))
            elif isinstance(value, bool):
                put(holder, key, value)
            else:
                put(holder, key, rounded(within(path, value)) if key in PEOPLE else within(path, value))


class Arrival(Event):
    """A reinforcement sets out: people who are new to the war, or drawn from formations that exist."""

    def __init__(self, model: PlainCampaign, name: str, spec: dict[str, Any]) -> None:
        super().__init__(model, {"when": {"date": spec["date"]}, "probability": spec["probability"], "effects": [{}]})
        self.column = model.formations[name]
        self.givers = [model.formations[giver] for giver in spec["draws_from"]]

    def apply(self, effect: dict[str, Any]) -> None:
        for giver in self.givers:
            giver.transfer_to(self.column, self.column.roll / len(self.givers))
        self.column.take_up_arms()
