"""The sequence of play: one tick of a campaign, phase by phase.

Every phase reads the state at its start and writes its results, so that the order of formations within a phase does
not matter. Orders are the only thing a player may change: they are columns of the formations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.bookkeeping.counting import count_forces
from sim.kernel.compile import stage, step
from sim.rules.air import air
from sim.rules.assault import engage
from sim.rules.civilians import civilians
from sim.rules.combat import combat
from sim.rules.command import command
from sim.rules.control import control
from sim.rules.events import events
from sim.rules.forces import look_round, update_units
from sim.rules.initialise import initialise
from sim.rules.morale import morale
from sim.rules.movement import movement
from sim.rules.perception import first_reports, perception
from sim.rules.politics import politics
from sim.rules.supply import supply, trace_all


@stage
def set_up(world, atlas, cells):
    """Everybody takes his place, as far as chance leaves it open, and looks round."""
    rules = world.settings[0]
    initialise(world, atlas, cells, rules)
    update_units(world, rules)
    # Before the look round: whether a place is invested is told by its way home.
    trace_all(world, atlas, rules)
    look_round(world, atlas, rules)
    first_reports(world, rules)


@stage
def orders(world, atlas, cells, whole_cells):
    """What has happened is known to the commanders, and they give their orders."""
    rules = world.settings[0]
    events(world, atlas, cells, whole_cells, rules)
    update_units(world, rules)
    perception(world, rules)
    command(world, atlas, rules)


@stage
def operations(world, atlas):
    """Aircraft strike, columns march, and those who meet fight with what supply they have."""
    rules = world.settings[0]
    air(world, atlas, rules)
    movement(world, atlas, rules)

    count_forces(world, rules.forces.closing_force)
    look_round(world, atlas, rules)

    engage(world, atlas, rules)
    supply(world, atlas, rules)
    combat(world, rules)


@stage
def outcome(world, atlas):
    """What comes of it for morale, ground, people and sides."""
    rules = world.settings[0]
    morale(world, atlas, rules)
    control(world, atlas, rules)
    civilians(world, atlas, rules)
    politics(world, atlas, rules)


class Stages(NamedTuple):
    """The stages of play, each of which is compiled apart from the others."""

    set_up: Any
    orders: Any
    operations: Any
    outcome: Any


STAGES = Stages(set_up, orders, operations, outcome)


@step
def begin(world, atlas, cells, seed, replicate, input_draw, stages):
    """A campaign is set up: one replicate of the ensemble with this seed, with one draw of the uncertain inputs."""
    campaign = world.campaign[0]
    campaign.seed = seed
    campaign.replicate = replicate
    campaign.input_draw = input_draw
    stages.set_up(world, atlas, cells)


@step
def play_tick(world, atlas, cells, whole_cells, stages):
    """One tick of the campaign."""
    stages.orders(world, atlas, cells, whole_cells)
    stages.operations(world, atlas)
    stages.outcome(world, atlas)
    world.campaign[0].tick += 1
