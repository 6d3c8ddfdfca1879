"""`--until place.fall_day±0.01`: what it asks for, and whether the campaigns so far are enough."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.outcomes.catalogue import QUANTITY, Outcome, outcomes_of
from sim.outcomes.values import as_numbers, defined
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario
from sim.scenario.validate import number_meant
from sim.statistics.intervals import is_binary
from sim.statistics.stopping import enough_for_a_share, mean_is_known, mean_known_to, share_is_known, share_known_to

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
        sample, is_share = self._defined(values)
        return float(share_known_to(sample.sum(), len(sample))) if is_share else mean_known_to(sample)

    def is_met(self, values: ArrayLike) -> bool:
        """Whether the campaigns so far are enough."""
        sample, is_share = self._defined(values)
        if is_share:
            return bool(share_is_known(sample.sum(), len(sample), self.half_width))
        return mean_is_known(sample, self.half_width)

    def defined(self, values: ArrayLike) -> float:
        """The share of the campaigns in which the outcome has a value."""
        known = defined(self.outcome.kind, values)
        return float(known.mean()) if len(known) else 1.0

    def _defined(self, values: ArrayLike) -> tuple[NDArray[np.float64], bool]:
        """The values that are defined, as numbers; and whether they are a share: an amount of 0 and 1 alone is one."""
        kind = self.outcome.kind
        sample = as_numbers(kind, values)
        sample = sample[np.isfinite(sample)]
        return sample, kind != QUANTITY or is_binary(sample)


def read_until(text: str, loaded: LoadedScenario) -> Until:
    """What `place.fall_day±0.01` asks for; ScenarioError if that cannot be."""
    where = f"until {text}"

    def wrong(message: str) -> ScenarioError:
        return ScenarioError([Problem(where, 0, 0, "", message)])

    said = isinstance(text, str) and re.fullmatch(r"\s*(\S+?)\s*(?:±|\+/?-)\s*(.*?)\s*", text)
    if not said:
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
