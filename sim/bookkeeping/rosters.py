"""Lists that rules go through: formations in the field, columns on the roads, rear bases, neighbours of a place."""

from __future__ import annotations

from sim.kernel.compile import rule, step
from sim.world.tables import ACTIVE, SHATTERED, WITHDRAWING


@rule
def formations_of(world, side):
    """Numbers of all formations of a side, whatever their status."""
    return range(world.sides[side].first_unit, world.sides[side].last_unit)


@rule
def is_in_field(unit):
    """Whether a formation is active, withdrawing or shattered: all others have not come yet, or have left the war."""
    return unit.status == ACTIVE or unit.status == WITHDRAWING or unit.status == SHATTERED


@step
def formations_in_field(world):
    """Numbers of the formations that were active, withdrawing or shattered as the tick began."""
    return world.present[: world.counts[0].present]


@step
def formations_on_roads(world):
    """Numbers of the active or withdrawing formations on roads, as last counted."""
    return world.columns[: world.counts[0].columns]


@step
def rear_bases(world):
    """Numbers of the places that are rear bases, whoever holds them."""
    return world.bases[: world.counts[0].bases]


@rule
def list_bases(world):
    """Note which places are rear bases."""
    counts = world.counts[0]
    counts.bases = 0
    for i in range(len(world.places)):
        if world.places[i].rear_base == 1:
            world.bases[counts.bases] = i
            counts.bases += 1


@rule
def neighbours_of(world, here):
    """Rows of `atlas.neighbours` (`place`, `road`) that tell the places next to a place and the roads to them."""
    return range(world.places[here].first_neighbour, world.places[here].last_neighbour)
