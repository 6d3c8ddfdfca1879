"""The numbers of a scenario: what a path holds now, defaults included, and between which bounds it may lie."""

from __future__ import annotations

import math
import types
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sim.scenario.basis import is_number
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import value_at
from sim.scenario.schema import Scenario
from sim.scenario.schema_base import Section
from sim.scenario.yaml_reader import Path


class Leaf(NamedTuple):
    """One number: its value as it stands (None: it has none), and its bounds; `is_open`: it must lie between them."""

    value: float | None
    low: float
    high: float
    is_open: bool = False

    def within(self, value: float) -> float:
        """The nearest number that it may be."""
        return min(self.high, max(self.low, value))


def leaf_at(path: Path, data: Any, rulebook: Rulebook) -> Leaf | None:
    """The number at a path of a scenario's data; None if the schema wants no number there."""
    declared = _declared(path, rulebook)
    if declared is not None:
        default: float | None = declared.default
        if path[0] == "sides":
            default = _number(value_at(("doctrine", path[-1]), data), default)
        return Leaf(_number(value_at(path, data), default), float(declared.low), float(declared.high))
    found = _schema_of(path)
    if found is None:
        return None
    (low, high, is_open), default = found
    return Leaf(_number(value_at(path, data), default), low, high, is_open)


def bounds_at(path: Path) -> tuple[float, float] | None:
    """The bounds that the schema sets for the number at a path; None if there is no number."""
    found = _schema_of(path)
    return None if found is None else found[0][:2]


def _declared(path: Path, rulebook: Rulebook) -> Any:
    """The declaration of a rule's parameter or a weight of the doctrine."""
    if path[0] == "rules" and len(path) == 3:
        rule = str(path[1])
    elif path[-2:-1] == ("doctrine",) and path[0] in ("doctrine", "sides"):
        rule = "doctrine"
    else:
        return None
    return rulebook[rule].declared().get(str(path[-1])) if rule in rulebook else None


def _number(value: Any, default: Any) -> float | None:
    value = default if value is None else value
    return float(value) if is_number(value) else None


def _schema_of(path: Path) -> tuple[tuple[float, float, bool], Any] | None:
    """The bounds and the default of a number in the schema; None if there is no number at the path."""
    annotation: Any = Scenario
    metadata: list[Any] = []
    default: Any = None
    for key in path:
        annotation, _ = _unwrapped(annotation, [])
        if isinstance(annotation, type) and issubclass(annotation, Section):
            fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
            if key not in fields:
                return None
            field: FieldInfo = fields[str(key)]
            annotation, metadata = field.annotation, list(field.metadata)
            default = None if field.is_required() else field.default
            continue
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is dict:
            annotation = arguments[1]
        elif origin in (list, tuple):
            annotation = arguments[int(key)] if origin is tuple and int(key) < len(arguments) else arguments[0]
        else:
            return None
        metadata, default = [], None
    annotation, metadata = _unwrapped(annotation, metadata)
    return (_bounds(metadata), default) if annotation is float else None


def _unwrapped(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    """A type without `Annotated` and `| None`, and all that annotations say of it."""
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation, metadata = arguments[0], [*metadata, *arguments[1:]]
        elif origin in (Union, types.UnionType) and type(None) in arguments and len(arguments) == 2:
            annotation = next(argument for argument in arguments if argument is not type(None))
        else:
            return annotation, metadata


def _bounds(metadata: list[Any]) -> tuple[float, float, bool]:
    said = [part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else [one])]

    def limits(*names: str) -> list[float]:
        return [float(limit) for part in said for name in names if (limit := getattr(part, name, None)) is not None]

    is_open = bool(limits("gt", "lt"))
    return max([-math.inf, *limits("ge", "gt")]), min([math.inf, *limits("le", "lt")]), is_open
