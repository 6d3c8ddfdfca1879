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
# # Why did it fall?
#
# From an ensemble to one campaign, from that to one event, and from the event to its causes: what led to it, and what
# each suspect added.

# %%
from pathlib import Path

import sim
from sim.session.diff import Diff

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
scenario = root / "scenarios/crossroads.yaml"
results = sim.run(scenario, 500, seed=1, results=None, progress=False)
results.runs["tarnmouth.fall_day"].describe().round(1)

# %% [markdown]
# In some campaigns the capital of the Lowlands falls, in others it does not. What went before it, and since when could
# one tell? A state tells from the day on which it is larger, or smaller, in campaigns in which the capital still falls.

# %%
results.turning_points("tarnmouth.fall_day")

# %% [markdown]
# Causes of single campaigns, counted over many: the commonest ways in which it came about.

# %%
print(results.stories("tarnmouth.fall_day", campaigns=60))

# %% [markdown]
# Take one campaign in which it falls, and one in which it does not.

# %%
days = results.runs["tarnmouth.fall_day"]
fallen, spared = int(days.first_valid_index()), int(days.index[days.isna()][0])
campaign = sim.Campaign(scenario, seed=1, replicate=fallen)
campaign.run_model()
print(campaign.story())

# %% [markdown]
# ## What led to it
#
# `why` names causes by size and leads back through earlier events. The causes of a formation that breaks are the terms
# of its hazard, as the rules computed them in that tick.

# %%
print(campaign.why("tarnmouth.fell"))

# %% [markdown]
# ## Who was lost, and by what
#
# The ledger books every person who leaves a formation.

# %%
losses = campaign.log.losses
losses.pivot_table(index="cause", columns="side", values="people", aggfunc="sum").fillna(0).round(0)

# %% [markdown]
# ## What did each suspect add?
#
# A chain of causes tells what happened, not what would have happened otherwise. For that, pairs of campaigns are played
# with and without a suspect. If the interval holds 0, the suspect may have added nothing.

# %%
for suspect in ("formations.h_armour", "formations.l_guard", "events.scandal", "no_wing"):
    print(campaign.why("tarnmouth.fell", without=suspect, n=500))

# %% [markdown]
# ## Where two campaigns part
#
# The same scenario, other luck: the first event that differs, and what followed in each.

# %%
other = sim.Campaign(scenario, seed=1, replicate=spared)
other.run_model()
print(Diff(campaign.log, other.log, (f"campaign {fallen}", f"campaign {spared}")))

# %% [markdown]
# The same from the command line, for any campaign of a results folder: `sim story`, `sim explain`, `sim diff`.
