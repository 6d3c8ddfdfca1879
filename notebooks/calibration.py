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
# # Calibration, and what it cannot tell
#
# Two brigades attack, and nobody knows how strong each is. What do observations say of them? Here the truth is known,
# because this notebook plays it: the first brigade has 1,000 people, the second 2,200. The calibration is told only
# what could have been seen.

# %%
import shutil
import tempfile
from pathlib import Path

import pandas as pd

import sim

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
folder = Path(tempfile.mkdtemp())
shutil.copy(root / "scenarios/crossroads.yaml", folder)
truth = {"formations.h_1.strength": 1000, "formations.h_2.strength": 2200}
vary = {path: (800, 2400) for path in truth}
alone = "alone = before(ottersby.fall_day, 3) * (1 - before(merrow_cross.fall_day, 3))"
seen = ["highlands.strength@day0", alone]
nature = sim.run(folder / "crossroads.yaml", 2000, seed=99, set=truth, outcomes=seen, results=None)
nature.summary().loc[["highlands.strength@day0", "alone"], ["mean", "mean_low", "mean_high"]]

# %% [markdown]
# ## One observation
#
# A count of all the people who march, give or take 200. A target states what was observed as a range, and how far that
# may lie from what happened.

# %%
COUNT = """
extends: crossroads.yaml
targets:
  count:
    title: A count from the roadside
    outcome: highlands.strength@day0
    median_within: [4750, 4850]
    error: {by: 200, unit: people, why: one count from the roadside}
"""
(folder / "one.yaml").write_text(COUNT)
one = sim.calibrate(folder / "one.yaml", vary=vary, results=None, progress=False)
one

# %% [markdown]
# Much is ruled out, and yet nothing is learnt about either brigade by itself. The evidence knows their sum. The table
# of ties says so, and so does the figure: what is left is a diagonal.

# %%
one.ties

# %%
one.plot.ruled_out()

# %% [markdown]
# ## A second observation
#
# After three days Ottersby, which the second brigade attacks, had fallen, and Merrow Cross, which the first one
# attacks, had not. In which share of the campaigns should that be so if the model is right? In a third at least, says
# this target; in fewer, what happened would be a surprise. `discrepancy` says how far the model itself may be off, even
# with the right inputs. Each point has 128 campaigns here: a share of few campaigns is mostly chance.

# %%
CROSSING = f"""
  crossing:
    title: After three days Ottersby has fallen, and Merrow Cross has not
    outcome: {alone}
    share_within: [1, 1]
    at_least: 0.33
    discrepancy: {{by: 0.02, unit: share, why: the model knows no fog on the river}}
"""
(folder / "two.yaml").write_text(COUNT + CROSSING)
two = sim.calibrate(folder / "two.yaml", vary=vary, replicates=128, results=None, progress=False)
two

# %%
two.plot.ruled_out()

# %% [markdown]
# Is the truth still there? It should be: 95 % of the time at least.

# %%
two.inputs[["p05", "median", "p95", "moved", "learnt"]].assign(truth=truth)

# %% [markdown]
# ## What the targets are worth
#
# `explained` says how well an emulator knows its target, `ruled_out` what the target rules out alone, and `met` at how
# many points drawn from what is left it was met when they were run.

# %%
two.targets[["low", "high", "sd", "chance", "explained", "ruled_out", "met"]]

# %% [markdown]
# ## What follows for the campaign
#
# Campaigns that draw their inputs from what is left, beside those that draw from the whole ranges.

# %%
whole = (one.survey[list(vary)] * 1600 + 800).assign(weight=1.0)  # places from 0 to 1, as people
answers = {}
for name, table in {"whole ranges": whole, "what is left": two.posterior}.items():
    file = folder / f"{name.replace(' ', '_')}.parquet"
    table.to_parquet(file)
    answers[name] = sim.run(folder / "crossroads.yaml", 2000, posterior=file, results=None).summary()
pd.concat(answers, axis=1).loc[["merrow_cross.fall_day", "ottersby.fall_day", "tarnmouth.fall_day"]].xs(
    "probability", axis=1, level=1
)

# %% [markdown]
# ## What no input explains
#
# An observation that the model cannot meet rules out everything. Then the ranges, the stated errors or the rules are
# wrong, and the calibration does not say which.

# %%
(folder / "three.yaml").write_text(COUNT + CROSSING.replace("0.33", "0.9"))
sim.calibrate(folder / "three.yaml", vary=vary, results=None, progress=False)

# %% [markdown]
# From the command line: `sim calibrate SCENARIO --vary PATH=A:B --plot FILE`, and then
# `sim run SCENARIO --posterior results/.../posterior.parquet`.
