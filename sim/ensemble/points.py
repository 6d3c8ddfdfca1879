"""The points of a study: the same scenario with other numbers at some paths, or with some uncertain inputs fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.ensemble.inputs import InputSpace
from sim.world.deploy import Deployment

Array = NDArray[np.float64]


class Points(Protocol):
    """The points of a study, each as a deployment. They travel to workers, so they must pickle."""

    def __len__(self) -> int: ...
    def deployment(self, index: int) -> Deployment:
        """The deployment of one point. All of them differ in numbers only, or are of one layout at least."""
        ...


class OnePoint:
    """The scenario as it is."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def __len__(self) -> int:
        return 1

    def deployment(self, index: int) -> Deployment:
        return self._deployment


class SetPoints:
    """A number at each of some paths; `numbers`: [point, path]."""

    def __init__(self, deployment: Deployment, paths: Sequence[str], numbers: ArrayLike) -> None:
        self.paths = tuple(paths)
        self.numbers = np.asarray(numbers, dtype=float)
        self.setter = deployment.setter(self.paths)

    def __len__(self) -> int:
        return len(self.numbers)

    def deployment(self, index: int) -> Deployment:
        return self.setter.deployment(self.numbers[index].tolist())


class InputPoints:
    """Some of the uncertain inputs fixed at numbers of their distributions; `shares`: [point, input] in 0-1."""

    def __init__(self, deployment: Deployment, names: Sequence[str], shares: ArrayLike) -> None:
        self._deployment = deployment
        self.space = InputSpace(deployment, names)
        self.shares = np.asarray(shares, dtype=float)

    def __len__(self) -> int:
        return len(self.shares)

    def deployment(self, index: int) -> Deployment:
        return self.space.fixed(self._deployment, self.space.numbers(self.shares[index]))
