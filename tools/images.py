"""`python -m tools.images [-n 1000] [--seed 1]`: draws the plots in `docs/images/` from a run of `hama-2024`.

`chaos.png` is drawn by `tools.chaos`.
"""

from __future__ import annotations

import argparse

import sim
from sim.plots.theme import save
from tools.ablations import SCENARIO
from tools.pages import DOCS

DAYS = (0, 4, 8, 12)
"""Shown on the map of control."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=1000, help="campaigns (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plot = sim.run(SCENARIO, given.n, given.seed, results=None).plot
    for name, figure in (("control_map", plot.control_map(days=DAYS)), ("fall_times", plot.fall_times())):
        print(save(figure, DOCS / "images" / f"{name}.png"))


if __name__ == "__main__":
    main()
