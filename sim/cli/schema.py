"""`sim schema`: the JSON Schema of scenario files."""

from __future__ import annotations

from sim.cli.messages import show_json


def schema() -> None:
    """Print the JSON Schema of scenario files. Editors complete and check with it while one writes."""
    from sim.rules.rulebook import RULEBOOK
    from sim.scenario.json_schema import json_schema

    show_json(json_schema(RULEBOOK))
