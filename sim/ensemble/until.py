"""`--until place.fall_day±0.01`: what it asks for, and whether the campaigns so far are enough."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.outcomes.catalogue import PROBABILITY, QUANTITY, TIME, Outcome, outcomes_of
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario
from sim.scenario.validate import number_meant
from sim.statistics.intervals import is_binary
from sim.statistics.stopping import enough_for_a_share, mean_known_to, share_is_known, share_known_to

NARROWEST = 0.0001
"""Half the width of the interval of a share that can be asked for: some 100 million campaigns are enough for it."""


class Until(NamedTuple):
    """The 95 % interval of an outcome should reach no farther than `half_width` to either side."""

    outcome: Outcome
    half_width: float

    @property
    def suffices(self) -> int | None:
        """Campaigns after which the interval of a share is that narrow, whatever the share; None for an amount."""
        return None if self.outcome.kind == QUANTITY else enough_for_a_share(self.half_width)

    def known_to(self, values: ArrayLike) -> float:
        """Half the width of the interval that these campaigns give."""
        happened = self._happened(values)
        if happened is not None:
            return float(share_known_to(happened.sum(), len(happened)))
        sample = np.asarray(values, dtype=float)
        return mean_known_to(sample[np.isfinite(sample)])

    def is_met(self, values: ArrayLike) -> bool:
        """Whether the campaigns so far are enough."""
        happened = self._happened(values)
        if happened is not None:
            return bool(share_is_known(happened.sum(), len(happened), self.half_width))
        return self.known_to(values) <= self.half_width

    def _happened(self, values: ArrayLike) -> NDArray[np.bool_] | None:
        """Whether it happens, campaign by campaign; None for an amount. A formula of 0 and 1 alone is a share."""
        sample = np.asarray(values, dtype=float)
        if self.outcome.kind == TIME:
            return np.isfinite(sample)
        return sample > 0.0 if self.outcome.kind == PROBABILITY or is_binary(sample) else None


def read_until(text: str, loaded: LoadedScenario) -> Until:
    """What `place.fall_day±0.01` asks for; ScenarioError if that cannot be."""
    where = f"--until {text}"

    def wrong(message: str) -> ScenarioError:
        return ScenarioError([Problem(where, 0, 0, "", message)])

    said = re.fullmatch(r"\s*(\S+?)\s*(?:±|\+/?-)\s*(.*?)\s*", text)
    if said is None:
        raise wrong("should be an outcome and how closely it is to be known, like PLACE.fall_day±0.01 (or +-0.01)")
    name, number = said.groups()
    try:
        width = float(number)
    except ValueError:
        meant = number_meant(number)
        raise wrong(f"'{number}' is not a number" + (f"; did you mean {meant}?" if meant else "")) from None
    if not 0 < width < math.inf:
        raise wrong(f"how closely an outcome is to be known should be more than 0, but is {number}")
    try:
        outcome = next(found for found in outcomes_of(loaded, [name]) if found.name == name)
    except ScenarioError as error:
        raise ScenarioError([dataclasses.replace(problem, file=where) for problem in error.problems]) from None
    if outcome.kind != QUANTITY and width >= 0.5:
        raise wrong(f"a probability is known to less than 0.5 in any case, but ±{number} is asked for")
    if outcome.kind != QUANTITY and width < NARROWEST:
        raise wrong(f"no run is long enough for ±{number}; the narrowest that can be asked for is ±{NARROWEST:g}")
    return Until(outcome, width)
