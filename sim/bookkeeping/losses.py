"""What becomes of people and equipment: every loss is booked to its formation, its side and its place."""

from __future__ import annotations

from sim.bookkeeping.presence import strike_off
from sim.kernel.compile import rule
from sim.world.tables import ACTIVE, DISPERSED, SURRENDERED


@rule
def leave_equipment(unit, place, share):
    """A share of a formation's equipment stays behind in a place."""
    left = unit.equipment * share
    unit.equipment -= left
    unit.equipment_left += left
    place.store_equipment += left


@rule
def desert(world, unit, place, people):
    """People leave a formation without orders."""
    unit.strength -= people
    unit.deserted += people
    world.sides[unit.side].pending_losses += people
    if place.first_holder == unit.side:
        place.garrison_deserted += people


@rule
def capture(world, unit, place, people):
    """Some of the people of a formation lay down their arms."""
    unit.strength -= people
    unit.captured += people
    world.sides[unit.side].pending_losses += people
    if place.first_holder == unit.side:
        place.garrison_surrendered += people


@rule
def scatter(unit, place, people):
    """Some of the people of a formation go to the rear, away from it."""
    unit.strength -= people
    unit.scattered += people
    if place.first_holder == unit.side:
        place.garrison_left += people


@rule
def gather(unit, people):
    """People who had gone to the rear come back to their formation."""
    unit.scattered -= people
    unit.strength += people


@rule
def send_home(world, unit):
    """People in the rear of a formation that leaves the war go home."""
    unit.deserted += unit.scattered
    world.sides[unit.side].pending_losses += unit.scattered
    unit.scattered = 0.0


@rule
def surrender(world, unit, place):
    """All people of a formation lay down their arms. Only who still fights counts as garrison of the place."""
    if unit.status == ACTIVE and place.first_holder == unit.side:
        place.garrison_surrendered += unit.strength
    world.sides[unit.side].pending_losses += unit.strength
    unit.status = SURRENDERED
    unit.captured += unit.strength
    unit.strength = 0.0
    send_home(world, unit)


@rule
def disperse(world, unit, place):
    """All people of a formation go home. Only who still fights counts as garrison of the place."""
    if unit.status == ACTIVE and place.first_holder == unit.side:
        place.garrison_deserted += unit.strength
    world.sides[unit.side].pending_losses += unit.strength
    unit.status = DISPERSED
    unit.deserted += unit.strength
    unit.strength = 0.0
    send_home(world, unit)


@rule
def note_withdrawal(unit, place):
    """A formation leaves a place in order: its people may be of the first garrison.

    Whoever has to go to another place to rest has lost its post, and may be sent elsewhere from there.
    """
    if place.rear_base == 0:
        unit.mobile = 1
    if place.first_holder == unit.side:
        place.garrison_left += unit.strength


@rule
def leave_if_destroyed(world, unit, place):
    """A formation with nobody left is gone, and its equipment stays in the place."""
    if unit.strength <= 0.0:
        strike_off(world, unit)
        leave_equipment(unit, place, 1.0)
        unit.status = DISPERSED
        send_home(world, unit)
