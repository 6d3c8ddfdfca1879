"""Parts: a run or study computed in several places, each in a folder of its own, and joined afterwards.

Part 3 of 16 of a run is in `parts/3-of-16` of its folder. It says in `part.json` what it is a part of, with a checksum,
and holds the scenario, so that parts that were computed on machines without a common disk can be brought together.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.folder import MANIFEST, Damaged, ResultsError, fingerprint, reading, replace, seal, writing
from sim.ensemble.store import engine_hash, scenario_hash
from sim.outcomes.catalogue import Outcome
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario, read

PARTS, PART, SCENARIO, DESIGN = "parts", "part.json", "scenario.yaml", "design.npy"


@dataclasses.dataclass(frozen=True)
class Part:
    """A part as its folder describes it."""

    folder: Path
    number: int
    count: int
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.number}/{self.count}"

    def scenario(self) -> LoadedScenario:
        """The scenario as it was run, under the name that it had."""
        path = self._sound(SCENARIO)
        with reading(path):
            loaded = read(path, RULEBOOK)
        said = {"name": self.said["scenario"], "variant": self.said["variant"], "overrides": self.said["set"]}
        return dataclasses.replace(loaded, **said)

    def design(self) -> NDArray[np.float64]:
        """[point, path]: the numbers of a study; of a run from a posterior, its rows with their weights."""
        path = self._sound(DESIGN)
        with reading(path):
            numbers: NDArray[np.float64] = np.load(path, allow_pickle=False)
            return numbers

    def require_id(self, known: str) -> None:
        """ResultsError if this version of Orontes gives the same run or study another name."""
        if known != self.said["id"]:
            raise ResultsError(f"{self.folder} was made by another version of Orontes, and cannot be merged here")

    def _sound(self, name: str) -> Path:
        """A file of the part that is what was written; Damaged if not."""
        path = self.folder / name
        with reading(path):
            if fingerprint(path) != self.said["files"][name]:
                raise Damaged(f"{path} is damaged: run --shard {self.name} again")
        return path


def bounds(count: int, part: tuple[int, int]) -> tuple[int, int]:
    """The first of so many campaigns that belongs to a part, and one past the last."""
    number, parts = part
    return (number - 1) * count // parts, number * count // parts


def part_folder(home: Path, part: tuple[int, int]) -> Path:
    """Where a part of a run or study is computed."""
    return home / PARTS / f"{part[0]}-of-{part[1]}"


def common_to_parts(
    kind: str, name: str, loaded: LoadedScenario, replicates: int, seed: int, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    """What every part of a run or study says of it."""
    return {
        "kind": kind,
        "id": name,
        "scenario": loaded.name,
        "variant": loaded.variant,
        "set": json.loads(json.dumps(loaded.overrides, default=str)),
        "replicates": replicates,
        "seed": seed,
        "outcomes": [outcome.said for outcome in outcomes],
        "scenario_hash": scenario_hash(loaded),
        "engine_hash": engine_hash(),
    }


def describe(
    folder: Path,
    part: tuple[int, int],
    said: Mapping[str, Any],
    scenario: str,
    design: NDArray[np.float64] | None = None,
) -> None:
    """Write down what a folder is a part of; `said`: its kind and id, and what the scenario does not say of it."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace(folder / SCENARIO, scenario.encode())
    if design is not None:
        buffer = io.BytesIO()
        np.save(buffer, design, allow_pickle=False)
        replace(folder / DESIGN, buffer.getvalue())
    files = {name: fingerprint(folder / name) for name in (SCENARIO, DESIGN) if (folder / name).is_file()}
    sealed = seal({**said, "part": list(part), "files": files})
    replace(folder / PART, (json.dumps(sealed, indent=2) + "\n").encode())


def read_part(folder: Path) -> Part:
    """What a folder is a part of. Damaged if its description was changed."""
    with reading(folder / PART):
        said = json.loads((folder / PART).read_bytes())
        if seal(said)["sha256"] != said["sha256"]:
            raise Damaged(f"{folder / PART} is damaged: run this part again")
        number, count = said["part"]
    return Part(folder, number, count, said)


def parts_in(folder: Path) -> list[Part]:
    """The parts in a folder: the folder itself if it is one, else those in its `parts/`."""
    if (folder / PART).is_file():
        return [read_part(folder)]
    found = [read_part(path.parent) for path in (folder / PARTS).glob(f"*/{PART}")]
    return sorted(found, key=lambda part: (part.count, part.number))


def gather(folders: Sequence[Path]) -> list[Part]:
    """The parts in some folders, all of one run or study. ResultsError says what does not belong together."""
    parts: list[Part] = []
    for folder in folders:
        found = parts_in(folder)
        if not found:
            there = "is complete already" if (folder / MANIFEST).is_file() else "has no parts of a run or study"
            raise ResultsError(f"{folder} {there}; parts are made with --shard 1/16 to --shard 16/16")
        parts += found
    first = parts[0]
    for part in parts:
        for key, what in (("scenario_hash", "scenarios"), ("engine_hash", "versions of Orontes"), ("id", "runs")):
            if part.said[key] != first.said[key]:
                raise ResultsError(
                    f"{part.folder} and {first.folder} are parts of different {what}, and cannot be merged"
                )
    return parts


def require_all(missing: Sequence[str]) -> None:
    """ResultsError naming the parts without which nothing can be merged."""
    if missing:
        shown = ", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
        raise ResultsError(f"parts are missing or not finished: {shown}; run them with --shard, then merge again")
