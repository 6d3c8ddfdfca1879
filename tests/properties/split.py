"""Every formation of a scenario split in two: the same people, twice the rows. Results should hardly move."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.world import compile_events
from sim.world.deploy import Deployment, deploy
from sim.world.names import stream_id

TWIN = "__twin"


def split_in_two(loaded: LoadedScenario, folder: Path) -> LoadedScenario:
    """The scenario with each formation and reinforcement as two of half the strength and half the heavy equipment."""
    said = yaml.safe_load(loaded.as_yaml())
    units = [*said["formations"], *said.get("reinforcements", {})]
    for section in ("formations", "reinforcements"):
        said[section] = {
            name: copy.deepcopy(half)
            for first, unit in said.get(section, {}).items()
            for half in [_halved(unit)]
            for name in (first, first + TWIN)
        }
    for convoy in said["reinforcements"].values():
        convoy["draws_from"] = [half for giver in convoy.get("draws_from", []) for half in (giver, giver + TWIN)]
    for event in said.get("events", {}).values():
        event["effects"] = [half for effect in event["effects"] for half in (effect, *_of_twin(effect, units))]
    uncertain: dict[str, Any] = {}
    for path, law in said.get("uncertainty", {}).items():
        twin = _twin_path(path, units)
        if twin and path.endswith((".strength", ".equipment")) and _plain(law.get("applies", "value")) != "factor":
            law = _scaled_law(law)
        uncertain |= {path: law} | ({twin: law} if twin else {})
    said["uncertainty"] = uncertain
    for section in ("variants", "targets"):  # a target may speak of a variant
        said.pop(section, None)
    file = folder / f"{loaded.name}.yaml"
    file.write_text(yaml.safe_dump(said, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return load(file)


def deploy_twins(loaded: LoadedScenario) -> Deployment:
    """Deployed so that both halves share what is unknown of the whole, and reinforcements set out together or not."""
    with patch.object(compile_events, "stream_id", lambda name: stream_id(name.replace(TWIN, ""))):
        return deploy(loaded, RULEBOOK)


def _plain(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _halved(unit: dict[str, Any]) -> dict[str, Any]:
    unit = copy.deepcopy(unit)
    for field in ("strength", "equipment"):
        said = unit.get(field, 0)
        if isinstance(said, dict):
            said["value"] /= 2
            if "range" in said:
                said["range"] = [bound / 2 for bound in said["range"]]
        else:
            unit[field] = said / 2
    return unit


def _scaled_law(law: dict[str, Any]) -> dict[str, Any]:
    law = copy.deepcopy(law)
    for name in ("uniform", "triangular"):
        if law.get(name):
            law[name] = [bound / 2 for bound in law[name]]
    if law.get("normal"):
        law["normal"] = [law["normal"][0] / 2, law["normal"][1] / 2]
    if law.get("lognormal"):
        law["lognormal"] = [law["lognormal"][0] / 2, law["lognormal"][1]]
    return law


def _twin_path(path: str, units: list[str]) -> str | None:
    """The same path for the other half; None where the path names no single formation."""
    match = re.match(r"^(formations|reinforcements)\.([a-z][a-z0-9_]*)(.*)$", path)
    return f"{match[1]}.{match[2]}{TWIN}{match[3]}" if match and match[2] in units else None


def _of_twin(effect: dict[str, Any], units: list[str]) -> list[dict[str, Any]]:
    for act in ("set", "add", "scale", "activate", "withdraw"):
        twin = _twin_path(str(effect.get(act, "")), units)
        if twin:
            return [effect | {act: twin}]
    return []
