"""Proposals where the author of a new war has said nothing yet. Each carries `assumed: proposed ...` as its basis."""

from __future__ import annotations

import math
from typing import Any

from sim.scenario.yaml_reader import Path, Tree

BY = "assumed: proposed"
NEAR = "assumed: proposed from nearness"
MOST_FIRST = 400
"""Of more places, only the nearest ones are tried as ends of a road."""
CANDIDATES = 16
GARRISON, BRIGADE, ARMOUR = 400, 2000, 2500
"""People in a proposed garrison, light brigade and mechanised brigade."""
FRONTIER_PER_BRIGADE = 3
"""A side gets a light brigade for so many of its places that border on another side."""


def propose_control(tree: Tree, sides: list[str]) -> list[str]:
    """Give places without `control` to the sides, in equal numbers along the longer axis; the places so given."""
    places = tree.data["places"]
    xy = flat(places)
    wide = [max(values) - min(values) for values in zip(*xy.values(), strict=True)]
    # From north to south, or from west to east.
    along = sorted(places, key=lambda name: -xy[name][1] if wide[1] >= wide[0] else xy[name][0])
    silent = [name for name in places if "control" not in places[name]]
    for rank, name in enumerate(along):
        if name in silent:
            _say(tree, ("places", name, "control"), sides[rank * len(sides) // len(along)])
    return silent


def propose_bases(tree: Tree, sides: list[str]) -> dict[str, str]:
    """The capital of each side that holds a place: its most populous. Sides without a rear base get one there."""
    places, capitals = tree.data["places"], {}
    for side in sides:
        own = [name for name, place in places.items() if place["control"] == side]
        if not own:
            continue
        capital = max(own, key=lambda name: (places[name].get("population", 0), places[name].get("symbol", 0)))
        capitals[side] = capital
        if not any(places[name].get("rear_base") for name in own):
            _say(tree, ("places", capital, "rear_base"), True)
            _say(tree, ("places", capital, "depot"), {"stock": 1})
        if not any("symbol" in places[name] for name in own):
            _say(tree, ("places", capital, "symbol"), 1)
    return capitals


def propose_roads(places: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of places that a road should join: the Gabriel graph, in which no third place lies between two.

    Two places are neighbours if the circle with both on its diameter holds no other. This graph is connected.
    Gabriel and Sokal (1969), A new statistical approach to geographic variation analysis.
    """
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial import cKDTree
    from scipy.spatial.distance import pdist, squareform

    names = list(places)
    points = list(flat(places).values())
    if len(names) < 2:
        return []
    index = cKDTree(points)
    nearest = len(names) if len(names) <= MOST_FIRST else CANDIDATES + 1
    _, found = index.query(points, k=nearest)
    pairs = {(min(i, j), max(i, j)) for i, row in enumerate(found.tolist()) for j in row if i != j}
    chosen = set()
    for i, j in pairs:
        middle = [(a + b) / 2 for a, b in zip(points[i], points[j], strict=True)]
        radius = math.dist(points[i], points[j]) / 2
        if index.query(middle)[0] >= radius * (1 - 1e-9):
            chosen.add((i, j))
    # Places that stand in one point have no distance, which the spanning tree would take for no road.
    tree = minimum_spanning_tree(squareform(pdist(points)) + 1e-9).tocoo()
    chosen |= {(int(min(i, j)), int(max(i, j))) for i, j in zip(tree.row, tree.col, strict=True)}
    return [(names[i], names[j]) for i, j in sorted(chosen)]


def propose_formations(
    places: dict[str, Any], roads: list[tuple[str, str]], capitals: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """A mechanised brigade in each capital; garrisons, and a light brigade for every third place, along the front."""
    front = [
        name for name in places if any(places[a]["control"] != places[b]["control"] for a, b in roads if name in (a, b))
    ]
    found: dict[str, dict[str, Any]] = {}

    def add(side: str, what: str, name: str, kind: str, place: str, strength: int, **more: Any) -> None:
        unit = {"name": name, "side": side, "kind": kind, "place": place, "strength": strength, **more, "basis": BY}
        found[f"{side[:40]}_{what}"[:60]] = unit

    for side, capital in capitals.items():
        add(side, "armour", "Armoured Brigade", "mechanised", capital, ARMOUR, equipment=60, morale=0.6, readiness=0.6)
        own = [name for name in front if places[name]["control"] == side]
        for number, place in enumerate(own[::FRONTIER_PER_BRIGADE], 1):
            add(
                side, f"{number}", f"Brigade {number}", "light", place, BRIGADE, equipment=10, morale=0.6, readiness=0.7
            )
        for place in own:
            title = f"Garrison of {places[place]['name']}"
            add(side, f"at_{place}", title, "garrison", place, GARRISON, quality=0.7, mobile=False)
    return found


def flat(places: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """The places on a plane, in degrees of latitude: east and north."""
    shrink = math.cos(math.radians(sum(place["lat"] for place in places.values()) / len(places)))
    return {name: (place["lon"] * shrink, place["lat"]) for name, place in places.items()}


def _say(tree: Tree, path: Path, value: Any) -> None:
    node = tree.data
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    for inner in value if isinstance(value, dict) else ():
        tree.basis[*path, inner] = BY
    if not isinstance(value, dict):
        tree.basis[path] = BY
