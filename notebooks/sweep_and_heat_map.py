# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How does it depend on two inputs together?
#
# A sweep runs the ensemble at each point of a design. Replicate k of every point has the same random numbers, so points
# differ by what is varied and not by chance.

# %%
from pathlib import Path

import sim

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
crossroads = root / "scenarios/crossroads.yaml"

# %% [markdown]
# ## The sweep
#
# Any path can be varied. A filter in brackets means all that fit, and `*` scales what the scenario says.

# %%
vary = {"formations[side=highlands].strength *": (0.6, 1.4), "sides.lowlands.will": (0.2, 0.9)}
study = sim.sweep(crossroads, vary, points=(7, 7), replicates=100, outcomes=["tarnmouth.fall_day"], results=None)
study.plot.heat_map("tarnmouth.fall_day")

# %% [markdown]
# Each cell is 100 campaigns. A row of `points` has the estimates of a point, with intervals:

# %%
study.points.head()

# %% [markdown]
# ## Which of the two matters more, and in which futures does the town hold?
#
# The grid has few points for these questions, and all have the same random numbers. `sim.sensitivity` plays more
# points, each with chance of its own. `ahead` says how sure it is that the first input matters more than the second:
# here it is not certain.

# %%
found = sim.sensitivity(crossroads, "tarnmouth.fall_day", vary=vary, points=256, replicates=4, results=None)
found.table

# %%
found.study.discover("tarnmouth.fall_day > 6")

# %% [markdown]
# The box says in which region of the two inputs the condition is met most often: `density` is the share of campaigns in
# it that meet it, `coverage` the share of those that meet it that it holds.
#
# ## Take it elsewhere
#
# `study.runs` is a table of all campaigns, `study.to_xarray()` a labelled cube, and `study.to_ema()` what the EMA
# Workbench takes.

# %%
study.runs.describe()
