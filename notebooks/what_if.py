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
# # Which what-ifs matter most?
#
# A scenario names its what-ifs as `variants`. Each is run with the seed of the scenario as it is, so replicate k of
# both has the same uncertain inputs and the same random numbers, and differences are taken campaign by campaign.

# %%
from pathlib import Path

import sim

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
hama = root / "scenarios/hama-2024.yaml"

# %% [markdown]
# ## Two lines

# %%
asked = ["hama_not_reinforced", "without_air", "sna_stays_home"]
found = sim.compare(hama, variants=asked, outcomes=["hama.fall_day"], replicates=400, results=None)
found.ranking("hama.fall_day").in_words(found.names)

# %% [markdown]
# The ranking says what is certain and what is not: what stands in one group cannot be told apart with so many
# campaigns. The intervals hold together at 95 %, corrected for the number of comparisons.

# %%
found.plot.forest("hama.fall_day")

# %%
found.table

# %% [markdown]
# The last column says about how many more campaigns would settle a difference: its interval would no longer hold 0.
# What is called certain is so by Holm's correction, which finds a little more than the intervals do: the interval of a
# certain difference may just hold 0.
#
# Ranking and figure are about the share of campaigns in which Hama falls at all. It is near 100 %, so little can change
# it. When Hama falls is another row of the table: half a day sooner without the reinforcement, or if nobody flies.
#
# A what-if changes the model's war, not the real one. It shows what the model's assumptions imply.
