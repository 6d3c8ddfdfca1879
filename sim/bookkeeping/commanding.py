"""What a commander looks up while orders are given: lists of places, objectives, and people who are leaving.

Places and people are those of one side at a time; the objectives of each command stay until it chooses new ones.
"""

from __future__ import annotations

from sim.bookkeeping.presence import is_on_front_of
from sim.bookkeeping.relations import is_hostile
from sim.kernel.compile import rule, step
from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import NONE


@rule
def list_places(world, side):
    """List the places that a side holds, and the enemy places behind its front."""
    counts = world.counts[0]
    counts.own = 0
    counts.behind = 0
    for here in range(len(world.places)):
        holder = world.places[here].control
        if holder == side:
            world.own[counts.own] = here
            counts.own += 1
        elif is_hostile(world, side, holder) and not is_on_front_of(world, here, side):
            world.behind[counts.behind] = here
            counts.behind += 1


@step
def own_places(world):
    """Numbers of the places that the commander's side holds."""
    return world.own[: world.counts[0].own]


@step
def enemy_places_behind_front(world):
    """Numbers of the enemy places behind the front of the commander's side."""
    return world.behind[: world.counts[0].behind]


@rule
def objectives_of(world, command):
    """Rows of the objectives of a command, the best first; those that are not in use have no target."""
    return range(command * OBJECTIVE_SLOTS, (command + 1) * OBJECTIVE_SLOTS)


@rule
def commands_of(world, side):
    """Rows of the commands of a side."""
    return range(world.sides[side].first_command, world.sides[side].last_command)


@rule
def objectives_of_side(world, side):
    """Rows of the objectives of all commands of a side."""
    row = world.sides[side]
    return range(row.first_command * OBJECTIVE_SLOTS, row.last_command * OBJECTIVE_SLOTS)


@rule
def is_in_area(world, command, here):
    """Whether a command plans at a place."""
    return world.area[command, here] == 1


@rule
def is_pursued(world, here):
    """Whether the command has pursued a place so far."""
    return world.command_scratch[here].pursued == 1


@rule
def clear_objectives(world, command):
    """A command has no objective; which places it has pursued so far is noted."""
    for here in range(len(world.places)):
        world.command_scratch[here].pursued = 0
    for k in objectives_of(world, command):
        objective = world.objectives[k]
        if objective.target != NONE:
            world.command_scratch[objective.target].pursued = 1
        objective.target = NONE
        objective.sent = 0.0


@rule
def add_objective(world, command, most, target, purpose, score, need):
    """Add an objective to those of a command, behind all of the same score or a better one; the worst may drop out."""
    first = command * OBJECTIVE_SLOTS
    k = first + most
    while k > first and (world.objectives[k - 1].target == NONE or world.objectives[k - 1].score < score):
        k -= 1
        if k + 1 < first + most:
            world.objectives[k + 1] = world.objectives[k]
    if k < first + most:
        objective = world.objectives[k]
        objective.target = target
        objective.purpose = purpose
        objective.score = score
        objective.need = need
        objective.sent = 0.0


@rule
def clear_given_up(world):
    """No place is ordered given up."""
    for here in range(len(world.places)):
        world.command_scratch[here].given_up = 0


@rule
def note_given_up(world, here):
    """The supreme command orders a place given up."""
    world.command_scratch[here].given_up = 1
    world.places[here].given_up_on = world.campaign[0].tick


@rule
def is_ordered_given_up(world, here):
    """Whether the supreme command of the side that decides has ordered a place given up."""
    return world.command_scratch[here].given_up == 1


@rule
def clear_leaving(world):
    """Nobody has been ordered away from any place in this round of orders."""
    for here in range(len(world.places)):
        world.command_scratch[here].leaving = 0.0


@rule
def note_leaving(world, here, people):
    """People are ordered away from a place in this round of orders."""
    world.command_scratch[here].leaving += people


@rule
def people_leaving(world, here):
    """People whom this round of orders has taken away from a place so far."""
    return world.command_scratch[here].leaving
