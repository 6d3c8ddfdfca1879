"""The rulebook: the parameters of all rules, in the order of play. A new rule adds its line here and in `play`."""

from __future__ import annotations

from sim.rules.air import AirParameters
from sim.rules.civilians import CiviliansParameters
from sim.rules.combat import CombatParameters
from sim.rules.command import CommandParameters
from sim.rules.control import ControlParameters
from sim.rules.doctrine import Doctrine
from sim.rules.forces import ForcesParameters
from sim.rules.morale import MoraleParameters
from sim.rules.movement import MovementParameters
from sim.rules.perception import PerceptionParameters
from sim.rules.politics import PoliticsParameters
from sim.rules.routes import RoutesParameters
from sim.rules.supply import SupplyParameters
from sim.rules.yielding import YieldingParameters
from sim.scenario.parameters import Parameters

RULEBOOK: dict[str, type[Parameters]] = {
    "forces": ForcesParameters,
    "routes": RoutesParameters,
    "perception": PerceptionParameters,
    "command": CommandParameters,
    "air": AirParameters,
    "movement": MovementParameters,
    "supply": SupplyParameters,
    "combat": CombatParameters,
    "morale": MoraleParameters,
    "control": ControlParameters,
    "yielding": YieldingParameters,
    "civilians": CiviliansParameters,
    "politics": PoliticsParameters,
    "doctrine": Doctrine,
}
