"""Purposes of random draws. Each draw is keyed by one of these numbers.

A new purpose takes a new number. A number is never used again for another purpose: that would change old results.
"""

from __future__ import annotations

UNCERTAINTY = 0
EVENT = 1
HAZARD = 2
PERCEPTION = 3
WEATHER = 4
SORTIES = 5
CASUALTIES = 6
EQUIPMENT = 7
BREAKING = 8
FATE = 9
CIVILIANS = 10
COLLAPSE = 11
STRIKES = 12
DESERTION = 13
UPRISING = 14
PANIC = 15
YIELDING = 16
OCCUPYING = 17
CHOICE = 18
