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
# # Which uncertain inputs matter?
#
# A scenario says what it does not know: ranges and distributions of its inputs. Which of them decide an outcome?

# %%
from pathlib import Path

import sim

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
crossroads = root / "scenarios/crossroads.yaml"

# %% [markdown]
# ## From a plain run, for nothing
#
# Each campaign has drawn its inputs already. A regression over the rows says which went with the outcome.

# %%
results = sim.run(crossroads, 2000, seed=1, results=None)
results.drivers("highlands.strength@day8")

# %% [markdown]
# ## How much is chance?
#
# With shared draws of the inputs the answer tells them from chance.

# %%
shared = sim.run(crossroads, 2000, seed=1, results=None, situations=100)
shared.variance_components()

# %% [markdown]
# ## Sobol indices, corrected for chance
#
# `first`: the share of the variance that the input explains alone. `total`: with all its interactions. Uncorrected,
# chance would count as an interaction of every input. Where chance is nearly all of the variance, as here for
# Tarnmouth, the ranges of the scenario are too narrow for indices: the answer would say so. Over wider ranges the
# indices can be told.

# %%
wide = {
    "formations[side=highlands].strength *": (0.5, 1.5),
    "sides.lowlands.will": (0.2, 0.9),
    "sides.highlands.will": (0.2, 0.9),
    "rules.morale.contagion *": (0.0, 2.0),
}
found = sim.sensitivity(crossroads, "tarnmouth.fall_day", points=512, replicates=4, vary=wide, results=None)
found.plot.tornado()

# %%
found.table

# %%
print(*found.notes, sep="\n")

# %% [markdown]
# ## In which futures?
#
# PRIM looks for a box of the inputs in which a condition is met most often.

# %%
results.discover("highlands.strength@day8 > 4000")
