"""The generated parts of `docs/reference/`: commands, scenario keys, parameters, Python names.

Each function reads the declarations of the code and returns Markdown; `tools.tables` puts it into the pages.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from datetime import datetime
from types import UnionType
from typing import Any

import typer
from pydantic.fields import FieldInfo

import sim
from sim.cli.main import app
from sim.rules.rulebook import RULEBOOK
from sim.scenario import schema
from tools.pages import table

PLAIN = {datetime: "date or date and time", str: "text", int: "whole number", float: "number", bool: "true or false"}
BOUNDS = {"gt": "above", "ge": "from", "lt": "below", "le": "at most"}
"""How the bounds of a number are said, by their names in the schema."""
HIDDEN = ("--install-completion", "--show-completion")
PYTHON_MODULES = (
    ("Read, run, compare", "sim", ("load", "run", "sweep", "sensitivity", "calibrate", "compare", "environment")),
    ("Results", "sim", ("Results", "Study", "Sensitivity", "Calibration")),
    ("Variants side by side", "sim.study.comparison", ("Comparison",)),
    ("Discovery", "sim.ensemble.discovery", ("Discovery",)),
    ("What sets campaigns apart", "sim.ensemble.parting", ("Turning",)),
    ("Commonest stories", "sim.session.stories", ("Stories",)),
    ("Plots", "sim.plots", ("Plot",)),
    ("Pages", "sim.web.replay.page", ("Replay",)),
    ("Reports", "sim.web.report.page", ("Report",)),
    ("Plots of studies", "sim.plots.study", ("StudyPlot", "SensitivityPlot", "CalibrationPlot")),
    ("One campaign", "sim", ("Campaign", "Order", "View")),
    ("Futures", "sim.session.branch", ("Futures",)),
    ("Causes", "sim.session.log", ("Log", "Event", "Cause", "Why")),
    ("What a suspect added", "sim.session.without", ("Effect",)),
    ("What a view shows", "sim.session.view", ("KnownFormation", "KnownWing", "KnownPlace", "Sighting")),
    ("Commanders", "sim.session.examples", ("Random", "Search")),
    ("Many campaigns at once", "sim", ("batched",)),
    ("What such a commander sees", "sim.session.views", ("Views", "Columns")),
    ("A commander that learns", "sim.session.ppo", ("learn", "Policy")),
    ("Environments for learning", "sim.adapters.environment", ("Campaigns", "OneCampaign")),
    ("All sides at one table", "sim.adapters.parallel", ("AllSides",)),
    (
        "Agents of a campaign",
        "sim.adapters.agents",
        ("Model", "FormationAgent", "PlaceAgent", "SideAgent", "AirWingAgent"),
    ),
    ("Errors", "sim", ("ScenarioError", "OrderError")),
)
"""Headings of the Python reference, and the public names below each."""


def commands() -> str:
    """Every verb of `sim`: what it does, how it is called, its arguments and options."""
    group: Any = typer.main.get_command(app)
    found = []
    for name, verb in group.commands.items():
        parts = {f"{name} {part}": verb.commands[part] for part in getattr(verb, "commands", {})}
        found += [_command(*named) for named in (parts or {name: verb}).items()]
    return "\n".join(found)


def _command(name: str, verb: Any) -> str:
    arguments = [p for p in verb.params if p.param_type_name == "argument"]
    options = [p for p in verb.params if p.param_type_name == "option" and p.opts[0] not in HIDDEN]
    usage = " ".join(["sim", name, *(["[OPTIONS]"] if options else []), *(p.metavar for p in arguments)])
    body = [f"### sim {name}\n", f"{verb.help}\n", f"```text\n{usage}\n```\n"]
    if arguments:
        body.append(table(("argument", "meaning"), ((f"`{p.metavar}`", p.help) for p in arguments)))
    if options:
        body.append(table(("option", "default", "meaning"), map(_option, options)))
    return "\n".join(body)


def _option(option: Any) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = f" `{option.metavar}`" if option.metavar and not option.is_flag else ""
    shown = option.show_default if isinstance(option.show_default, str) else option.default
    if option.is_flag:
        shown = option.opts[0] if option.default and option.secondary_opts else ""
    return names + value, "" if shown in (None, ()) else str(shown), option.help or ""


def parameters() -> str:
    """The parameters of all rules, by their paths in a scenario."""
    found = []
    for rule, declared in RULEBOOK.items():
        prefix = "doctrine" if rule == "doctrine" else f"rules.{rule}"
        rows = (
            (f"`{prefix}.{d.name}`", d.default, d.low, d.high, " ".join(filter(None, (d.unit, d.meaning))), d.basis)
            for d in declared.declared().values()
        )
        found.append(f"### {rule}\n\n{table(('path', 'default', 'from', 'to', 'meaning', 'basis'), rows)}")
    return "\n".join(found)


def scenario_keys() -> str:
    """Every key that a scenario file may have, section by section."""
    sections = list(_sections(schema.Scenario, ""))
    headings: dict[type, str] = {}
    for path, section in sections:
        headings.setdefault(section, path)
    found = []
    for section, path in headings.items():
        rows = (
            (f"`{f.alias or name}`", _words(f.annotation, f.metadata, headings), _default(f), f.description or "")
            for name, f in section.model_fields.items()
        )
        heading = path or "The file as a whole"
        also = [f"`{other}`" for other, same in sections if same is section and other != path]
        lead = f"The same keys stand below {', '.join(also)}.\n\n" if also else ""
        found.append(f"### {heading}\n\n{lead}{table(('key', 'value', 'default', 'meaning'), rows)}")
    return "\n".join(found)


def _sections(section: type[schema.Section], path: str) -> Iterator[tuple[str, type[schema.Section]]]:
    """A section and all sections below it, each with its path."""
    yield path, section
    for name, field in section.model_fields.items():
        for part in _inside(field.annotation):
            yield from _sections(part, f"{path}.{field.alias or name}".lstrip("."))


def _inside(annotation: Any) -> Iterator[type[schema.Section]]:
    """The sections that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, schema.Section):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _inside(argument)


def _default(field: FieldInfo) -> str:
    filled = field.json_schema_extra
    if isinstance(filled, dict) and "left_out" in filled:
        return str(filled["left_out"])
    if field.is_required():
        return "required"
    if field.default in (None, [], {}, "") or isinstance(field.default, schema.Section):
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _words(annotation: Any, metadata: list[Any], headings: dict[type, str]) -> str:
    """A type with its bounds, as a writer of YAML would name it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        inner = [part for extra in arguments[1:] for part in getattr(extra, "metadata", [extra])]
        return _words(arguments[0], [*inner, *metadata], headings)
    if annotation in headings:
        path = headings[annotation]
        return f"[{path}](#{path.replace('.', '')})"
    if origin in (typing.Union, UnionType):
        return " or ".join(_words(part, metadata, headings) for part in arguments if part is not type(None))
    if origin is typing.Literal:
        return ", ".join(map(str, arguments))
    if origin is dict:
        value = _words(arguments[1], [], headings)
        return "mapping" if value == "anything" else f"mapping to {value}"
    if origin is tuple:
        return f"list of {len(arguments)}: {', '.join(dict.fromkeys(_words(part, [], headings) for part in arguments))}"
    if origin is list:
        return f"list of {_words(arguments[0], [], headings)}"
    if annotation is Any:
        return "anything"
    return PLAIN.get(annotation, getattr(annotation, "__name__", str(annotation)).lower()) + _bounds(metadata)


def _bounds(metadata: list[Any]) -> str:
    """`, 0 to 1`, `, above 0`, `, from 0`: the bounds of a number."""
    limits = {
        word: limit
        for kind, word in BOUNDS.items()
        for limit in (getattr(m, kind) for m in metadata if hasattr(m, kind))
    }
    if {"from", "at most"} <= limits.keys():
        return f", {limits['from']} to {limits['at most']}"
    return "".join(f", {word} {limit}" for word, limit in limits.items())


def python_names() -> str:
    """Directives by which the site writes the public names of the package from their docstrings."""
    listed = {name for _, module, names in PYTHON_MODULES if module == "sim" for name in names}
    missing = [name for name in sim.__all__ if name not in listed and not name.startswith("_")]
    if missing:
        raise ValueError(f"tools/reference.py: PYTHON_MODULES does not say where {', '.join(missing)} belong")
    found = []
    for heading, module, names in PYTHON_MODULES:
        directives = "\n".join(_directive(module, name) for name in names)
        found.append(f"### {heading}\n\n```{{eval-rst}}\n{directives}```\n")
    return "\n".join(found)


def _directive(module: str, name: str) -> str:
    value = getattr(__import__(module, fromlist=[name]), name)
    if isinstance(value, type):
        return f".. autoclass:: {module}.{name}\n   :members:\n"
    return f".. autofunction:: {module}.{name}\n"
