"""A commander that learns: proximal policy optimisation (Schulman et al. 2017) in numpy, for one side.

    policy = learn("scenarios/crossroads.yaml", "north", iterations=300)
    sim.run("scenarios/crossroads.yaml", 1000, commander={"north": policy})

It plays batches of campaigns, gives one order a step in each, by number and within the mask of what is possible, and
learns from how its reward changed. It sees what its side knows, and nothing else. The same seed gives the same policy
with the same numerical libraries on the same machine.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.arguments import MOST_SEED, whole_number
from sim.ensemble.progress import progress_bar
from sim.scenario.file_paths import expanded, write_whole
from sim.session.session import deployed
from sim.session.table import Reward, Table, ground
from sim.session.views import Views
from sim.statistics.one_thread import one_thread

Real = NDArray[np.floating[Any]]
HIDDEN = 64
"""Cells of the one hidden layer."""
CLIP, DISCOUNT, ENTROPY, RATE, STEEPEST = 0.2, 0.95, 0.01, 1e-3, 0.5
"""Of the policy's change; of advantages by step; of the bonus for variety and the rate of learning, which fade; and the
longest gradient."""
ROUNDS, PARTS = 3, 4
"""How often each batch is learnt from, and in how many parts."""
STAFF_FIRST = 3.0
"""The policy begins by leaving most to the staff: the first logit of number 0."""


class Network:
    """A network with one hidden layer, and Adam (Kingma and Ba 2015) to train it."""

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        self.parts: list[Real] = [
            (rng.standard_normal((inputs, HIDDEN)) / np.sqrt(inputs)).astype(np.float32),
            np.zeros(HIDDEN, dtype=np.float32),
            (rng.standard_normal((HIDDEN, outputs)) * 0.01).astype(np.float32),
            np.zeros(outputs, dtype=np.float32),
        ]
        self.means = [np.zeros_like(part) for part in self.parts]
        self.squares = [np.zeros_like(part) for part in self.parts]
        self.steps = 0

    def __call__(self, seen: Real) -> Real:
        """[case, output]; what the last call needs to learn is kept."""
        first, first_bias, second, second_bias = self.parts
        self._seen, self._hidden = seen, np.tanh(seen @ first + first_bias)
        found: Real = self._hidden @ second + second_bias
        return found

    def slopes(self, slope: Real) -> list[Real]:
        """The slope of the loss by each part, from that by the outputs of the last call."""
        back = (slope @ self.parts[2].T) * (1 - self._hidden**2)
        return [self._seen.T @ back, back.sum(axis=0), self._hidden.T @ slope, slope.sum(axis=0)]

    def learn(self, slope: Real, rate: float) -> None:
        """One step down the slope of the loss by the outputs of the last call."""
        slopes = self.slopes(slope)
        length = float(np.sqrt(sum(float((one**2).sum()) for one in slopes)))
        self.steps += 1
        for part, one, mean, square in zip(self.parts, slopes, self.means, self.squares, strict=True):
            one = one * min(1.0, STEEPEST / (length + 1e-8))
            mean += 0.1 * (one - mean)
            square += 0.001 * (one * one - square)
            size = np.sqrt(square / (1 - 0.999**self.steps)) + 1e-8
            part -= rate * (mean / (1 - 0.9**self.steps)) / size


def chances(logits: Real, possible: NDArray[np.bool_]) -> Real:
    """[case, order]: the chance of each order; 0 for those that are not possible."""
    masked = np.where(possible, logits, -np.inf)
    weights = np.exp(masked - masked.max(axis=1, keepdims=True))
    found: Real = weights / weights.sum(axis=1, keepdims=True)
    return found


class Policy:
    """A learnt commander: of the orders that are possible it gives the likeliest, once every `days`.

    `history`: the mean reward of a campaign in each batch that it learnt from.
    """

    batched = True

    def __init__(self, side: str, days: float, numbers: int, network: Network) -> None:
        self.side, self.days, self.numbers, self.network = side, days, numbers, network
        self.history: list[float] = []
        self.__name__ = f"policy of {side}"

    def __call__(self, views: Views) -> NDArray[np.int64] | None:
        """The orders of many campaigns at one moment; see `sim.batched`."""
        if len(views.orders) != self.numbers or views.side != self.side:
            raise ValueError(
                f"this policy has learnt {self.numbers} orders of {self.side}, but {views.side} has"
                f" {len(views.orders)}: it fits the scenario and side that it was trained on"
            )
        if abs(views.day / self.days - round(views.day / self.days)) > 1e-9:
            return None
        with one_thread():
            return np.asarray(chances(self.network(views.seen), views.possible).argmax(axis=1))

    def save(self, path: str | Path) -> None:
        """Write it to a file (`.npz`)."""
        said = json.dumps({"side": self.side, "days": self.days, "history": self.history})
        written = io.BytesIO()
        np.savez(written, *self.network.parts, said=np.array(said))
        write_whole(expanded(path), written.getvalue())

    @classmethod
    def load(cls, path: str | Path) -> Policy:
        """The policy of a file that `save` has written. ValueError if it is none."""
        try:
            with np.load(expanded(path), allow_pickle=False) as file:
                said = json.loads(str(file["said"]))
                parts = [file[f"arr_{i}"] for i in range(4)]
                policy = cls(said["side"], said["days"], parts[2].shape[1], Network(*_shape(parts), _rng(0)))
                policy.history = said["history"]
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror or error}") from error
        except (ValueError, KeyError) as error:
            raise ValueError(f"{path} holds no policy that Policy.save has written") from error
        policy.network.parts = parts
        return policy

    def __repr__(self) -> str:
        return f"<Policy of {self.side}: {self.numbers} orders, learnt from {len(self.history)} batches>"


class Batch(NamedTuple):
    """What was seen, chosen and gained: arrays [step, campaign, ...]."""

    seen: Real
    possible: NDArray[np.bool_]
    chosen: NDArray[np.int64]
    chance: Real
    reward: Real


def learn(
    scenario: Any,
    side: str,
    iterations: int = 300,
    campaigns: int = 512,
    days: float = 1.0,
    reward: Reward = ground,
    opponents: Mapping[str, str] | None = None,
    seed: int = 0,
    progress: bool | None = None,
) -> Policy:
    """Train a commander of one side. Each iteration plays `campaigns` new campaigns to their end and learns from them.

    `reward`, `opponents` and `days` are those of `sim.environment`. The campaigns have seeds from 2**62 on, which other
    runs hardly have: a test on the campaigns that it has learnt from would flatter the policy.
    """
    iterations = whole_number("iterations", iterations, 1, 1_000_000)
    table = Table(deployed(scenario), (side,), campaigns, days, reward=reward, opponents=opponents)
    rng, actions = _rng(seed), table.actions[side]
    actor = Network(len(actions.observed), len(actions), rng)
    critic = Network(len(actions.observed), 1, rng)
    actor.parts[3][0] = STAFF_FIRST
    policy = Policy(side, days, len(actions), actor)
    with one_thread(), progress_bar(iterations * campaigns, 0, progress) as bar:
        for i in range(iterations):
            left = 1 - i / iterations
            batch = _gather(table, side, actor, int(rng.integers(MOST_SEED // 2, MOST_SEED)), rng)
            policy.history.append(float(batch.reward.sum(axis=0).mean()))
            _learn(batch, actor, critic, rng, RATE * (0.1 + 0.9 * left), ENTROPY * left)
            bar.update(campaigns)
    table.close()
    return policy


def _gather(table: Table, side: str, actor: Network, seed: int, rng: np.random.Generator) -> Batch:
    """One batch of campaigns, played to their end with orders that are drawn by their chances."""
    table.begin(seed)
    none, rows = np.zeros(table.campaigns, dtype=bool), []
    for _ in range(-(-table.horizon // table.ticks)):
        seen, possible = table.seen[side].copy(), table.masks[side].copy()
        chance = chances(actor(seen), possible)
        drawn = chance.cumsum(axis=1) > rng.random((len(seen), 1), dtype=np.float32)
        # Rounding can leave the last sum below the draw.
        chosen = np.where(drawn.any(axis=1), drawn.argmax(axis=1), chance.argmax(axis=1))
        rewards, _, _ = table.step({side: chosen}, none)
        rows.append((seen, possible, chosen, chance[np.arange(len(seen)), chosen], rewards[side].astype(np.float32)))
    return Batch(*(np.array(column) for column in zip(*rows, strict=True)))


def _learn(
    batch: Batch, actor: Network, critic: Network, rng: np.random.Generator, rate: float, variety: float
) -> None:
    """Make what went better than expected likelier, within limits, and expect what came."""
    steps, size = len(batch.reward), batch.seen.shape[2]
    value = critic(batch.seen.reshape(-1, size)).reshape(steps, -1)
    following = np.vstack([value[1:], np.zeros_like(value[:1])])
    better, so_far = np.zeros_like(value), np.zeros_like(value[0])
    for step in reversed(range(steps)):
        so_far = batch.reward[step] + following[step] - value[step] + DISCOUNT * so_far
        better[step] = so_far
    target = (better + value).reshape(-1)
    advantage = ((better - better.mean()) / (better.std() + 1e-8)).reshape(-1)
    flat: list[Any] = [part.reshape(-1, *part.shape[2:]) for part in batch[:4]]
    for _ in range(ROUNDS):
        for part in np.array_split(rng.permutation(len(target)), PARTS):
            seen, possible, chosen, before = (column[part] for column in flat)
            _improve(actor, seen, possible, chosen, before, advantage[part], rate, variety)
            gap = critic(seen)[:, 0] - target[part]
            critic.learn((gap / len(part))[:, None], rate)


def _improve(
    actor: Network,
    seen: Real,
    possible: NDArray[np.bool_],
    chosen: NDArray[np.int64],
    before: Real,
    advantage: Real,
    rate: float,
    variety: float,
) -> None:
    """One step of the policy: the clipped objective, and a bonus for variety."""
    chance, rows = chances(actor(seen), possible), np.arange(len(seen))
    ratio = chance[rows, chosen] / before
    counts = np.where(advantage > 0, ratio < 1 + CLIP, ratio > 1 - CLIP)
    slope = chance.copy()
    slope[rows, chosen] -= 1
    slope *= (counts * advantage * ratio)[:, None]
    logs = np.log(np.maximum(chance, 1e-12))
    slope += variety * chance * (logs - (chance * logs).sum(axis=1, keepdims=True))
    actor.learn((slope / len(seen)).astype(np.float32), rate)


def _shape(parts: list[Real]) -> tuple[int, int]:
    return parts[0].shape[0], parts[2].shape[1]


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(whole_number("seed", seed, 0, MOST_SEED))
