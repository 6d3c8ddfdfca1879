"""How a rule declares its parameters: once, beside its formulas, with default, bounds, unit, meaning and basis.

From such a declaration derive the reading of `rules:` and `doctrine:` in a scenario, the record that rules read as
`p.morale.contagion`, the tables of the documentation and the JSON Schema.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One number of a rule: what it is, where it may lie, and what it rests on."""

    name: str
    default: float
    low: float
    high: float
    unit: str
    meaning: str
    basis: str


def parameter(default: float, unit: str, meaning: str, *, bounds: tuple[float, float], basis: str) -> Any:
    """A field of a `Parameters` class, as in `parameter(14, "h/day", "of marching", bounds=(1, 24), basis="assumed")`.

    `unit` and `meaning` read as one phrase. `basis` is `assumed...`, `literature: ...` or the id of a fact or source.
    """
    low, high = bounds
    return dataclasses.field(
        default=default, metadata={"low": low, "high": high, "unit": unit, "meaning": meaning, "basis": basis}
    )


class Parameters:
    """Base of the parameter declarations; a subclass is a frozen dataclass of `parameter(...)` fields."""

    @classmethod
    def declared(cls) -> dict[str, Parameter]:
        """The declarations by name, in order."""
        return {
            field.name: Parameter(field.name, float(field.default), **field.metadata)  # type: ignore[arg-type]
            for field in dataclasses.fields(cls)  # type: ignore[arg-type]
        }


Rulebook = Mapping[str, type[Parameters]]
"""Which rule has which parameters; `doctrine` is one of them (its values may differ from side to side)."""
