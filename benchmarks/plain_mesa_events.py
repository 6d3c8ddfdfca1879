"""Events of a plain-Mesa campaign: dated, conditional and random happenings take effect on the objects of the model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchmarks.plain_mesa_column import Status, Task, happens_within
from benchmarks.plain_mesa_setup import entities, get, is_same, put

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainCampaign


class Event:
    """Something that happens at most once: from a day on, if all conditions hold, at once or by a hazard per day."""

    def __init__(self, model: PlainCampaign, said: dict[str, Any]) -> None:
        self.model = model
        when = said["when"]
        self.day = model.day_of(datetime.fromisoformat(when["date"])) if "date" in when else when.get("day", 0.0)
        self.until = when.get("until", float("inf"))
        self.conditions = when.get("if", [])
        self.hazard = when.get("hazard")
        self.probability = said["probability"]
        self.effects = said["effects"]
        self.is_over = False

    def happen_if_due(self) -> None:
        """The event takes effect if its time has come."""
        model = self.model
        if self.is_over or not self.day <= model.day <= self.until:
            return
        if not all(self.holds(condition) for condition in self.conditions):
            return
        if self.hazard is not None and model.rng.random() >= happens_within(model.tick_days, self.hazard):
            return
        self.is_over = True
        if model.rng.random() < self.probability:
            for effect in self.effects:
                self.apply(effect)

    def holds(self, condition: dict[str, Any]) -> bool:
        """Whether one condition on the state holds."""
        parent, _, key = condition["path"].rpartition(".")
        value = get(entities(self.model, parent)[0], key)
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
            for unit in entities(model, effect["activate"]):
                unit.activate()
        elif "withdraw" in effect:
            for unit in entities(model, effect["withdraw"]):
                if unit.status is Status.ACTIVE:
                    unit.task = Task.WITHDRAW
                    unit.is_bound = True
        elif "stance" in effect:
            one, other = (model.sides[name] for name in effect["stance"])
            model.set_stance(one, other, effect["to"])
        elif "ceasefire" in effect:
            model.ceasefire = max(model.ceasefire, effect["ceasefire"])
        else:
            self.change_values(effect)

    def change_values(self, effect: dict[str, Any]) -> None:
        """Values named by a path are set, added to or scaled."""
        path = effect.get("set") or effect.get("add") or effect["scale"]
        parent, _, key = path.rpartition(".")
        for holder in entities(self.model, parent):
            if "set" in effect:
                value = effect["to"]
                put(holder, key, self.model.sides.get(value, value))
            elif "add" in effect:
                put(holder, key, float(get(holder, key) + effect["by"]))
            else:
                put(holder, key, float(get(holder, key) * effect["by"]))


class Arrival(Event):
    """A reinforcement sets out: people who are new to the war, or drawn from formations that exist."""

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        effects = [{"activate": f"formations.{name}"}]
        super().__init__(
            model, {"when": {"date": said["date"]}, "probability": said["probability"], "effects": effects}
        )
        self.column = model.formations[name]
        self.givers = [model.formations[giver] for giver in said["draws_from"]]

    def apply(self, effect: dict[str, Any]) -> None:
        for giver in self.givers:
            giver.transfer_to(self.column, self.column.roll / len(self.givers))
        super().apply(effect)
