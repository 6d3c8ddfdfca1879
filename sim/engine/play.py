"""The sequence of play: one tick of a campaign, phase by phase.

Every phase reads the state at its start and writes its results, so that the order of formations within a phase does
not matter. Orders are the only thing a player may change: they are columns of the formations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.bookkeeping.counting import count_forces
from sim.kernel.compile import rule, stage
from sim.rules.air import air
from sim.rules.assault import assault, encircle
from sim.rules.civilians import civilians
from sim.rules.clash import clash
from sim.rules.combat import combat
from sim.rules.command import command
from sim.rules.communications import trace_communications
from sim.rules.control import control
from sim.rules.events import events
from sim.rules.forces import look_round, update_units
from sim.rules.initialise import initialise
from sim.rules.morale import morale
from sim.rules.movement import movement
from sim.rules.perception import first_habits, first_reports, habituate, perception
from sim.rules.politics import politics
from sim.rules.supply import supply
from sim.rules.yielding import yielding


@stage
def set_up(world, atlas, cells):
    """Before the first tick: the forces that are really there are counted, and each side looks round."""
    rules = world.settings[0]
    initialise(world, atlas, cells, rules)
    update_units(world, rules)
    # Before the look round: a place is invested only if a line of communication leaves it.
    trace_communications(world, atlas, rules)
    look_round(world, atlas, rules)
    first_habits(world, rules)
    first_reports(world, rules)


@stage
def orders(world, atlas, cells, whole_cells):
    """Events take effect, reports come in, and the commanders give their orders."""
    rules = world.settings[0]
    events(world, atlas, cells, whole_cells, rules)
    update_units(world, rules)
    habituate(world, atlas, rules)
    perception(world, rules)
    command(world, atlas, rules)


@stage
def operations(world, atlas):
    """Aircraft strike, columns march, and each side looks round again."""
    rules = world.settings[0]
    air(world, atlas, rules)
    movement(world, atlas, rules)
    count_forces(world, rules.forces.closing_force)
    look_round(world, atlas, rules)


@stage
def battles(world, atlas):
    """Formations at a place encircle or assault it, supply is traced, and combat follows."""
    rules = world.settings[0]
    encircle(world, atlas, rules)
    assault(world, rules)
    trace_communications(world, atlas, rules)
    supply(world, rules)
    clash(world, atlas, rules)
    combat(world, rules)


@stage
def resolve(world, atlas):
    """Formations waver, break, surrender and disperse."""
    morale(world, atlas, world.settings[0])


@stage
def outcome(world, atlas):
    """What follows for ground, civilians and sides."""
    rules = world.settings[0]
    control(world, atlas, rules)
    yielding(world, atlas, rules)
    civilians(world, atlas, rules)
    politics(world, atlas, rules)


class Stages(NamedTuple):
    """The stages of play, each of which is compiled apart from the others."""

    set_up: Any
    orders: Any
    operations: Any
    battles: Any
    resolve: Any
    outcome: Any


STAGES = Stages(set_up, orders, operations, battles, resolve, outcome)


@rule
def begin(world, atlas, cells, seed, replicate, input_draw, stages):
    """A campaign is set up: one replicate of the ensemble with this seed, with one draw of the uncertain inputs."""
    campaign = world.campaign[0]
    campaign.seed = seed
    campaign.replicate = replicate
    campaign.input_draw = input_draw
    stages.set_up(world, atlas, cells)


@rule
def play_tick(world, atlas, cells, whole_cells, stages):
    """One tick of the campaign."""
    stages.orders(world, atlas, cells, whole_cells)
    stages.operations(world, atlas)
    stages.battles(world, atlas)
    stages.resolve(world, atlas)
    stages.outcome(world, atlas)
    world.campaign[0].tick += 1


PARTS = Stages._fields[1:]
"""The stages of a tick, in order."""


@rule
def play_part(world, atlas, cells, whole_cells, part, stages):
    """One stage of a tick, by its place in `PARTS`. All of them in order are `play_tick`."""
    if part == 0:
        stages.orders(world, atlas, cells, whole_cells)
    elif part == 1:
        stages.operations(world, atlas)
    elif part == 2:
        stages.battles(world, atlas)
    elif part == 3:
        stages.resolve(world, atlas)
    else:
        stages.outcome(world, atlas)
        world.campaign[0].tick += 1
