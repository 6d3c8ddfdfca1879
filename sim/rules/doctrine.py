"""Doctrine: how a side's commander weighs objectives, force and risk. `command` applies it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameters import Parameters, parameter


@dataclass(frozen=True)
class Doctrine(Parameters):
    """The weights of a commander. They may differ from side to side."""

    symbol: float = parameter(1.0, "worth", "of full symbolic weight", bounds=(0, 10), basis="assumed")
    population: float = parameter(
        0.5, "worth", "of a million people (scaled with the square root)", bounds=(0, 10), basis="assumed"
    )
    junction: float = parameter(0.15, "worth", "of each road beyond two", bounds=(0, 10), basis="assumed")
    airfield: float = parameter(0.2, "worth", "of an airfield", bounds=(0, 10), basis="assumed")
    depot: float = parameter(0.2, "worth", "of a depot", bounds=(0, 10), basis="assumed")
    capital: float = parameter(0.5, "worth", "of a side's capital", bounds=(0, 10), basis="assumed")
    community: float = parameter(
        0.9,
        "share",
        "of its worth that a place loses where the people are wholly against the side",
        bounds=(0, 1),
        basis="assumed (prototype)",
    )
    offence: float = parameter(1.0, "factor", "on the worth of what the enemy holds", bounds=(0, 10), basis="assumed")
    least_worth: float = parameter(
        0.1,
        "worth",
        "below which no attack is planned (avoids dispersal)",
        bounds=(0, 10),
        basis="assumed; article SF56",
    )
    defence: float = parameter(1.0, "factor", "on the worth of what is threatened", bounds=(0, 10), basis="assumed")
    objectives: float = parameter(
        5, "places", "pursued at once (axes)", bounds=(1, 8), basis="assumed (prototype: 4-5)"
    )
    mass: float = parameter(
        0.6, "share", "of the force that one objective may take", bounds=(0.05, 1), basis="assumed (prototype)"
    )
    reserve: float = parameter(0.1, "share", "of the force kept back", bounds=(0, 1), basis="assumed")
    wanted_ratio: float = parameter(
        2.0, "ratio", "of power wanted to power believed there", bounds=(0.2, 10), basis="assumed"
    )
    assault_ratio: float = parameter(
        0.8,
        "ratio",
        "of own to believed enemy power at which an assault is ordered",
        bounds=(0.05, 10),
        basis="assumed",
    )
    counter_attack: float = parameter(
        1.5,
        "factor",
        "on the worth of what was lost recently",
        bounds=(0, 10),
        basis="assumed; direction from article SF05, SF25",
    )
    garrison: float = parameter(
        0.3,
        "share",
        "of the garrison that a captured place needs, left behind",
        bounds=(0, 2),
        basis="assumed; article SF57",
    )
    last_stays: float = parameter(
        0,
        "0/1",
        "1: the last formation in a place does not march off while the enemy stands before it",
        bounds=(0, 1),
        basis="assumed: off",
    )
    encirclement: float = parameter(
        1, "0/1", "1: move round a place to close its roads", bounds=(0, 1), basis="article SF08, SF12"
    )
    leave_exit: float = parameter(
        1, "0/1", "1: leave the enemy's last way home open", bounds=(0, 1), basis="assumed; direction from article SF10"
    )
    hysteresis: float = parameter(
        1.6, "factor", "on an objective already pursued", bounds=(1, 5), basis="assumed (prototype)"
    )
    withdraw_ratio: float = parameter(
        12,
        "ratio",
        "of believed enemy to own power at which a place is given up",
        bounds=(1, 1000),
        basis="assumed; article SF13, SF48",
    )
    redeployment: float = parameter(
        0,
        "factor",
        "on what a garrison would add elsewhere, against what it keeps where it is: beyond 1 the supreme command"
        " orders the place given up; 0: it never does",
        bounds=(0, 10),
        basis="assumed: off; article SF06, SF07, SF13",
    )
