"""Saved campaigns: a campaign is its scenario, seed, replicate and orders, and is played again from these.

The file is JSON. It says which engine it was played by: another engine may come to another war, and is refused.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sim
from sim.engine.arguments import real_number
from sim.engine.load import load as read_scenario
from sim.ensemble.folder import replace
from sim.ensemble.store import engine_hash
from sim.scenario.file_paths import expanded
from sim.session.orders import Order, OrderError
from sim.session.session import Given, Session, deployed
from sim.world.deploy import Deployment

FORMAT = 1
KEYS = {"format": int, "orontes": str, "engine": str, "name": str, "scenario": str, "seed": int, "replicate": int,
        "tick": int, "orders": list, "state": str}  # fmt: skip


class SaveError(ValueError):
    """A saved campaign that cannot be read or played again; the message says why."""


def save(session: Session, path: str | Path) -> None:
    """Write a campaign to a file."""
    replace(expanded(path), (json.dumps(as_json(session), indent=1) + "\n").encode())


def load(path: str | Path) -> Session:
    """The campaign of a file, as it stood when it was saved, to the last bit. SaveError says what is wrong."""
    try:
        data = json.loads(expanded(path).read_text("utf-8"))
    except OSError as error:
        raise SaveError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise SaveError(f"{path} is no saved campaign, which is JSON: {error}") from error
    return from_json(data, str(path))


def as_json(session: Session) -> dict[str, Any]:
    """A campaign as plain data."""
    loaded = session.deployment.loaded
    orders = [{"tick": tick, "by": by, **order.to_json()} for tick, by, order in session.given]
    return {
        "format": FORMAT,
        "orontes": sim.__version__,
        "engine": engine_hash(),
        "name": loaded.name,
        "seed": session.seed,
        "replicate": session.replicate,
        "tick": session.tick,
        "state": fingerprint(session),
        "orders": orders,
        **({"situations": session.situations} if session.situations else {}),
        "scenario": loaded.as_yaml(),
    }


def from_json(data: Any, where: str = "saved campaign") -> Session:
    """The campaign that plain data describe."""
    if not isinstance(data, dict) or "orontes" not in data:
        raise SaveError(f"{where} is no saved campaign")
    for key, kind in KEYS.items():
        if not isinstance(data.get(key), kind):
            raise SaveError(f"{where} is damaged: '{key}' is missing or is not what it should be")
    if data["format"] != FORMAT or data["engine"] != engine_hash():
        raise SaveError(
            f"{where} was played by another version of the engine (Orontes {data['orontes']}, engine {data['engine']};"
            f" this is Orontes {sim.__version__}, engine {engine_hash()}): the same orders could lead to another war."
            " Open it with the version that saved it"
        )
    try:
        situations = data.get("situations")
        given = [Given(item["tick"], item["by"], Order.from_json(_order_in(item))) for item in data["orders"]]
        session = replay(deployment_of(data), data["seed"], data["replicate"], given, data["tick"], situations)
    except (KeyError, TypeError, OrderError) as error:
        raise SaveError(f"{where} is damaged: {error}") from error
    if fingerprint(session) != data["state"]:
        raise SaveError(
            f"{where}: played again, the campaign comes out differently; its scenario or orders were changed"
        )
    return session


def replay(
    deployment: Deployment,
    seed: int,
    replicate: int,
    given: Iterable[Given],
    tick: int,
    situations: int | None = None,
) -> Session:
    """A campaign played again up to a tick, with the orders that were given in it."""
    session = Session(deployment, seed, replicate, situations=situations)
    for when, by, order in given:
        session.step(max(0, min(when, tick) - session.tick))
        if when > tick:
            break
        session.order(order, by)
    session.step(tick - session.tick)
    return session


def rewound(session: Session, day: float) -> Session:
    """The campaign as it stood on an earlier day: a new one, and the old one stays as it is."""
    day = real_number("day", day)
    if not 0 <= day <= session.day:
        raise ValueError(f"day {day:g} does not lie between the start and now (day {session.day:g})")
    tick = int(day * 24 / session.deployment.scenario.clock.tick_hours + 1e-9)
    given = [item for item in session.given if item.tick < tick]
    return replay(session.deployment, session.seed, session.replicate, given, tick, session.situations)


def fingerprint(session: Session) -> str:
    """A short number that tells one state of a campaign from all others."""
    cells = session.cells[: session.deployment.layout.restored]
    return hashlib.sha256(cells.tobytes()).hexdigest()[:16]


def _order_in(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in ("tick", "by")}


def deployment_of(data: dict[str, Any]) -> Deployment:
    """The scenario of a saved campaign, read from its text under its own name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(data['name']).name}.yaml"
        path.write_text(data["scenario"], "utf-8")
        return deployed(read_scenario(path))
