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
# # First steps
#
# From a scenario file to an answer with its uncertainty, on the invented war of `crossroads.yaml`: the Highlands come
# down on the Lowlands, and three towns are at stake.

# %%
from pathlib import Path

import sim

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
crossroads = root / "scenarios/crossroads.yaml"

# %% [markdown]
# ## Run it a thousand times
#
# Each campaign has its own draw of the uncertain inputs and its own chance. The same seed gives the same campaigns.

# %%
results = sim.run(crossroads, replicates=1000, seed=1, results=None)
results.summary()

# %% [markdown]
# `probability` is the share of campaigns in which it happens, with its 95 % interval. `median` and the other quantiles
# are days of the campaign for times, and amounts for quantities. `NaN` as a quantile means later than the campaign's
# last day.
#
# ## A row a campaign
#
# `runs` holds the outcomes of each campaign, `inputs` what was drawn for it. Both are ordinary pandas tables.

# %%
results.runs.join(results.inputs.drop(columns="replicate", errors="ignore")).head()

# %% [markdown]
# ## Look at it
#
# Each pie is a place: in which share of the campaigns each side holds it on day 4.

# %%
results.plot.control_map(day=4)

# %%
results.plot.fall_times("merrow_cross", "ottersby", "tarnmouth")

# %% [markdown]
# ## Change one value
#
# A value is set by its path. The seed is the same, so the two runs differ by that value alone, campaign by campaign.

# %%
stronger = sim.run(crossroads, 1000, seed=1, results=None, set={"formations.l_reserve.strength": 2400})
sim.compare(results, stronger)

# %% [markdown]
# ## One of the thousand
#
# Replicate 7 of the run, step by step, as a `mesa.Model`: the same campaign, to the last bit.

# %%
campaign = sim.Campaign(crossroads, seed=1, replicate=7)
campaign.run_until(day=3)
campaign.show("highlands")
