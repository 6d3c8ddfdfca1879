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
# # Learn a commander
#
# A program plays some ten thousand campaigns as commander of the Lowlands, and learns from how they end. It sees what
# its side knows, and gives one order a day; its staff, the doctrine, does the rest. Then it is put to the test in
# campaigns that it has never seen.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import sim
from sim.session.ppo import learn

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
scenario = root / "scenarios/crossroads.yaml"

# %% [markdown]
# ## Train
#
# `learn` is proximal policy optimisation (Schulman et al. 2017) in 200 lines of numpy: `sim/session/ppo.py`. A network
# with one hidden layer turns what is observed into a chance for each order that is possible. Orders after which things
# went better than expected become likelier. The reward is the change of the symbolic weight of what the side holds,
# less what its enemies hold: from -2 to 2 in a whole campaign.

# %%
policy = learn(scenario, "lowlands", iterations=60, campaigns=512, seed=2, progress=False)
policy

# %%
fig, axes = plt.subplots(figsize=(7, 3))
axes.plot(policy.history)
axes.set(xlabel="batch of 512 campaigns", ylabel="mean reward of a campaign", title="Learning, orders drawn by chance")
plt.show()

# %% [markdown]
# ## Test
#
# A policy is a commander for `sim.run`. Both runs have the same random numbers, so that they differ by the commander
# alone, and none of these campaigns was in the training.

# %%
base = sim.run(scenario, 1000, seed=1, results=None, progress=False)
led = sim.run(scenario, 1000, seed=1, commander={"lowlands": policy}, progress=False)
sim.compare(base, led)[["a", "b", "difference", "low", "high"]].round(3)

# %% [markdown]
# Look at all rows. The policy was paid for ground alone: what it did not lose in ground it may have paid in lives.
# Whether it has learnt anything that helps is in the intervals: the doctrine is hard to beat with one order a day.
# Train with seed 1, and the capital is lost as often as without the policy, but Ottersby less often. With seed 3 no
# ground is gained. So one training says little. On earlier rules a policy kept the capital in half of the campaigns in
# which the doctrine lost it. It had found a fault of theirs: pursuers stopped those who left a place with them. Mended,
# most of that gain was gone.
#
# ## What does it order?
#
# Its orders by day, in 256 campaigns, from the environment that other libraries for learning would use.

# %%
env = sim.environment(scenario, "lowlands", campaigns=256)
observations, info = env.reset(seed=1)
rows = []
for day in range(8):
    logits = np.where(info["action_mask"], policy.network(observations), -np.inf)
    actions = logits.argmax(axis=1)
    orders = pd.Series([str(env.orders[a] or "leaves all to the staff") for a in actions])
    share = orders.value_counts(normalize=True).head(3)
    rows += [{"day": day, "order": order, "share": round(part, 2)} for order, part in share.items()]
    observations, rewards, ended, truncated, info = env.step(actions)
pd.DataFrame(rows)

# %% [markdown]
# ## Against whom was it trained?
#
# Its enemy was always the doctrine. A policy that has found a weakness of one opponent need not be good against
# another, and it has learnt the rules of this model, not war. `opponents={"highlands": "random"}` trains against
# another enemy; `policy.save("lowlands.npz")` keeps it.
