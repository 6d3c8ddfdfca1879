"""How the powers in the fight for one place decline within a tick, where casualties are expected numbers.

The rule of combat gives the hazards at given powers. Four stages of Runge and Kutta turn them into the losses that the
differential equation takes in a whole tick. Equipment counts as lost with the people.
"""

from __future__ import annotations

from sim.bookkeeping.presence import is_at_gate
from sim.kernel.compile import rule
from sim.kernel.maths import log
from sim.world.tables import ACTIVE

STAGES = 4


@rule
def open_battle(world, here):
    """Keep the powers at the start of the tick, and what a hit per power costs each side's force at the gates."""
    battle = world.battle_scratch
    for side in range(len(battle)):
        force, start = world.forces[here, side], battle[side]
        start.power = force.power
        start.gate_power = force.gate_power
        start.assault_power = force.assault_power
        start.gate_weight = 0.0
        start.mean_inside = 0.0
        start.mean_gate = 0.0
    for unit in world.units:
        if unit.status == ACTIVE and is_at_gate(unit) and unit.heading == here:
            battle[unit.side].gate_weight += unit.power * unit.power / unit.strength


@rule
def advance_battle(world, here, stage, dt):
    """From the hazards of one stage to the powers at which the next one begins.

    After the last stage the powers are those of the start, and the hazards those by which everybody loses in a tick
    what the differential equation takes.
    """
    is_last = stage == STAGES - 1
    weight = 1.0 / 6.0 if stage == 0 or is_last else 1.0 / 3.0
    ahead = 0.5 * dt if stage < 2 else dt
    if is_last:
        ahead = 0.0
    for side in range(len(world.battle_scratch)):
        force, view, start = world.forces[here, side], world.side_view[side, here], world.battle_scratch[side]
        lost_at_gate = 0.0
        if view.hit_gate > 0.0:
            lost_at_gate = view.hit_gate * force.gate_power * start.gate_weight / (start.gate_power * start.gate_power)
        start.mean_inside += weight * force.hit_inside
        start.mean_gate += weight * lost_at_gate
        inside_left = max(0.0, 1.0 - force.hit_inside * ahead)
        gate_left = max(0.0, 1.0 - lost_at_gate * ahead)
        force.power = start.power * inside_left
        force.gate_power = start.gate_power * gate_left
        force.assault_power = start.assault_power * gate_left
        if is_last:
            force.hit_inside = -log(1.0 - start.mean_inside * dt) / dt
            view.hit_gate = 0.0
            if start.mean_gate > 0.0:
                view.hit_gate = -log(1.0 - start.mean_gate * dt) / dt * start.gate_power / start.gate_weight
