"""The evidence chain of a scenario, both ways: fact -> values that it feeds -> targets that it checks, and back.

It answers what a result leans on: which values rest on a row of evidence, which on published work, which on nothing
but assumption, and which facts nothing uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.scenario.parameters import Rulebook
from sim.scenario.read import LoadedScenario
from sim.scenario.sources import Basis, Fact, parse_basis

KINDS = {
    "sourced": "rest on rows of evidence or a named source",
    "literature": "rest on published work",
    "definition": "hold by definition",
    "directed": "are assumed; evidence gives the direction",
    "assumed": "are assumed, on nothing else",
    "default": "are not said: the general default",
    "chosen": "are set by a variant or by the user",
}
"""The kinds of values, from what rests on most to what rests on least; then those that somebody has chosen."""
BARE = ("assumed", "default")
"""Kinds that rest on nothing but assumption."""


@dataclass(frozen=True)
class Value:
    """One value of a scenario, or a rule's parameter as it stands, and what it rests on."""

    path: str
    basis: Basis
    text: str

    @property
    def kind(self) -> str:
        return "directed" if self.basis.kind == "assumed" and self.basis.cites else self.basis.kind

    @property
    def group(self) -> str:
        """The section and field that it belongs to, without the name of its entity."""
        section, *rest = self.path.split(".")
        if section in ("uncertainty", "doctrine"):
            return f"{section}.*"
        if section == "rules":
            return f"rules.{rest[0]}.*"
        return ".".join([section, "*", *rest[1:2]]) if len(rest) > 1 else self.path


@dataclass(frozen=True)
class Use:
    """What one fact is used for."""

    fact: Fact
    values: list[Value] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)


class Evidence:
    """What every value of a scenario rests on, and what every fact of its sources is used for."""

    def __init__(self, loaded: LoadedScenario, rulebook: Rulebook) -> None:
        sources = loaded.scenario.sources
        self.title = loaded.scenario.title
        self.targets = loaded.scenario.targets
        self.values = sorted(_values(loaded, rulebook), key=lambda value: value.path)
        self.uses = {name: Use(fact) for name, fact in loaded.facts.items()}
        for key, source in sources.items():
            self.uses.setdefault(key, Use(Fact(key, source if isinstance(source, str) else source.text)))
        for value in self.values:
            for name in value.basis.cites:
                self._use(name).values.append(value)
        for id_, target in self.targets.items():
            for name in target.facts:
                self._use(name).targets.append(id_)

    def _use(self, name: str) -> Use:
        """What a row is used for; one of a source that does not list its rows is known by its id alone."""
        return self.uses.setdefault(name, Use(Fact(name, "")))

    @property
    def by_kind(self) -> dict[str, int]:
        """How many values there are of each kind."""
        counts = Counter(value.kind for value in self.values)
        return {kind: counts[kind] for kind in KINDS}

    @property
    def used(self) -> list[Use]:
        return [use for use in self.uses.values() if use.values or use.targets]

    @property
    def unused(self) -> list[Use]:
        """Rows that feed no value and check no target; a source whose rows are listed is no row itself."""
        families = {"assumed", *(name.rstrip("0123456789") for name in self.uses if name[-1].isdigit())}
        return [use for name, use in self.uses.items() if not (use.values or use.targets or name in families)]

    def of(self, kinds: Iterable[str]) -> list[Value]:
        """The values of some kinds."""
        chosen = set(kinds)
        return [value for value in self.values if value.kind in chosen]

    def to_json(self, fact: str | None = None) -> dict[str, Any]:
        """The whole trace as plain data; or that of one fact."""
        if fact is not None:
            return {"scenario": self.title, "facts": [_plain(self.uses[fact])]}
        return {
            "scenario": self.title,
            "values": len(self.values),
            "kinds": self.by_kind,
            "meaning": KINDS,
            "facts": [_plain(use) for use in self.used],
            "unused": [use.fact.id for use in self.unused],
            "targets": {
                name: {"title": target.title, "outcome": target.outcome, "facts": target.facts}
                for name, target in self.targets.items()
            },
            "assumed_groups": grouped(self.of(BARE)),
            "assumed": [{"path": value.path, "kind": value.kind, "basis": value.text} for value in self.of(BARE)],
        }


def grouped(values: Iterable[Value]) -> dict[str, int]:
    """How many of the values belong to each section and field, most first."""
    return dict(Counter(value.group for value in values).most_common())


def _plain(use: Use) -> dict[str, Any]:
    said = {key: value for key, value in vars(use.fact).items() if value not in ("", (), False)}
    paths = [value.path for value in use.values]
    return said | {"values": paths, "groups": grouped(use.values), "targets": use.targets}


def _values(loaded: LoadedScenario, rulebook: Rulebook) -> Iterator[Value]:
    """Every value that claims something: the scenario's own, then the rules' parameters that it leaves as they are."""
    sources = loaded.scenario.sources
    for path, text in loaded.basis.items():
        yield Value(path, _basis(text, sources), text)
    for rule, parameters in rulebook.items():
        head = rule if rule == "doctrine" else f"rules.{rule}"
        for name, declared in parameters.declared().items():
            if f"{head}.{name}" not in loaded.basis:
                yield Value(f"{head}.{name}", _of_rule(declared.basis, loaded), declared.basis)


def _basis(text: str, sources: Collection[str]) -> Basis:
    return parse_basis(text, sources) or Basis("assumed", ())


def _of_rule(text: str, loaded: LoadedScenario) -> Basis:
    """What a rule's default rests on. Evidence of a war that the scenario is not about makes it assumed here."""
    basis = _basis(text, loaded.scenario.sources)
    cites = tuple(name for name in basis.cites if name in loaded.facts or name in loaded.scenario.sources)
    return Basis("assumed" if basis.kind == "sourced" and not cites else basis.kind, cites)
