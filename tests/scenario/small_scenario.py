"""A small valid scenario, and a rulebook to read it with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from sim.scenario.parameters import Parameters, parameter
from sim.scenario.read import LoadedScenario

SMALL = """\
title: Two towns
start: 2024-11-27T00:00
sides:
  blue:
    name: Blue
    stances: {red: hostile}
    doctrine: {mass: 0.4}
  red:
    name: Red
    basis: SF1
    will: 0.7
sponsors:
  friend: {name: Friend, backs: {blue: 0.5}}
places:
  east: {name: East, lat: 35, lon: 36.5, control: red}
  west:
    name: West
    lat: 35.0
    lon: 36
    control: blue
    rear_base: true
roads:
  - {between: [west, east], km: 40, class: motorway}
formations:
  north_1:
    name: First North
    side: blue
    kind: light
    place: west
    strength: {value: 1200, basis: SF21, range: [900, 1500]}
    morale: 0.6
  guard:
    name: Guard
    side: red
    kind: garrison
    place: east
    toward: west
    km: 10
    strength: 500
    basis: SF3
events:
  talks:
    title: Talks
    when: {day: 3, hazard: 0.1, if: [{path: sides.red.will, below: 0.3}]}
    effects:
      - {ceasefire: 5}
uncertainty:
  formations.guard.strength: {triangular: [300, 500, 800]}
variants:
  strong:
    title: A stronger guard
    set:
      formations.guard.strength: {value: 900, basis: SF9}
      rules.morale.contagion: 0.2
outcomes: [east.fall_day]
sources: {SF: {text: What was seen, rows: {SF1: will, SF3: guard, SF4: men, SF5: post, SF8: few, SF9: more, SF21: one}}}
"""


@dataclasses.dataclass(frozen=True)
class Morale(Parameters):
    contagion: float = parameter(0.1, "1/day", "how news of a fall spreads", bounds=(0, 1), basis="assumed")
    recovery: float = parameter(0.2, "1/day", "recovery", bounds=(0, 2), basis="assumed")


@dataclasses.dataclass(frozen=True)
class Doctrine(Parameters):
    mass: float = parameter(0.5, "1", "of the force that one objective may take", bounds=(0, 1), basis="assumed")


RULEBOOK = {"morale": Morale, "doctrine": Doctrine}

Load = Callable[..., LoadedScenario]
