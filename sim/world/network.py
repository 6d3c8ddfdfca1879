"""The road network as the atlas has it: roads by place, lengths of the shortest ways, next places on the quickest."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from sim.scenario.schema import Scenario
from sim.world import tables
from sim.world.layout import World
from sim.world.names import Names


def lay_network(
    world: World, scenario: Scenario, names: Names
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The network as the atlas has it: roads by place, and from each place to each the length, next place and road."""
    count = len(names.places)
    ends = np.array([[names.places[p] for p in road.between] for road in scenario.roads], dtype=np.int64).reshape(-1, 2)
    length = np.array([road.km for road in scenario.roads])
    neighbours: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for road, (a, b) in enumerate(ends):
        neighbours[a].append((road, int(b)))
        neighbours[b].append((road, int(a)))
    first = np.cumsum([0, *map(len, neighbours)])
    world.places["first_neighbour"], world.places["last_neighbour"] = first[:-1], first[1:]
    ways = np.zeros(2 * len(ends), dtype=tables.NEIGHBOURS.dtype)
    for row, (road, there) in enumerate(pair for here in neighbours for pair in here):
        ways[row] = (there, road)
    between = np.full((count, count), tables.NONE)
    between[ends[:, 0], ends[:, 1]] = between[ends[:, 1], ends[:, 0]] = np.arange(len(ends))
    graph = csr_matrix((length, (ends[:, 0], ends[:, 1])), shape=(count, count))
    km = shortest_path(graph, directed=False)
    quick = csr_matrix((world.roads["march_km"], (ends[:, 0], ends[:, 1])), shape=(count, count))
    # The place before the last on the way from `to` is the next one on the way to it.
    _, before = shortest_path(quick, directed=False, return_predecessors=True)
    return ways, km, np.ascontiguousarray(before.T.astype(np.int64)), between
