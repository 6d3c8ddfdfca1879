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
# # One campaign by hand
#
# You command the Highlands in one campaign of the invented war of `crossroads.yaml`. You see what they see, give
# orders, ask what an order would bring, and compare your war with that of the staff.

# %%
from pathlib import Path

import sim

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
campaign = sim.Campaign(root / "scenarios/crossroads.yaml", seed=1, replicate=2)

# %% [markdown]
# ## What the Highlands know
#
# Their own forces, who holds what, and reports of the enemy. Two places they have never seen.

# %%
campaign.show("highlands")

# %% [markdown]
# ## What can be ordered
#
# Each formation says what is possible, and why the rest is not. All that you leave alone is commanded by your staff.

# %%
campaign.view("highlands").options("h_2")

# %% [markdown]
# ## What would it bring?
#
# The staff is going to attack Ottersby with the 2nd Brigade. What if it went for Merrow Cross instead? Both are played
# out 300 times, from what the Highlands know, with the same random numbers.

# %%
view = campaign.view("highlands")
order = [{"who": "h_2", "task": "attack", "target": "merrow_cross"}]
as_planned = view.branch(300)
instead = view.branch(300, order)
as_planned, instead

# %%
sim.compare(as_planned, instead)[["a", "b", "difference", "low", "high"]].round(3)

# %% [markdown]
# `a` is the staff's plan, `b` the other. An interval of the difference that holds 0 says that 300 futures cannot tell
# the two apart.

# %% [markdown]
# ## Two days
#
# Give the order, and let two days pass. Each step is a quarter of a day.

# %%
campaign.give(order, by="highlands")
campaign.run_until(day=2)
campaign.show("highlands")

# %% [markdown]
# Reports of places that nobody is near any more keep their age. What has happened so far:

# %%
campaign.log

# %% [markdown]
# ## The rest by the staff
#
# `release` gives the brigade back. The same campaign without any order is replicate 2 of every run with seed 1.

# %%
if "h_2" in campaign.view("highlands").orderable:
    campaign.order("h_2", "release", by="highlands")
campaign.run_until(day=8)
untouched = sim.Campaign(root / "scenarios/crossroads.yaml", seed=1, replicate=2)
untouched.run_until(day=8)

for name, war in (("by hand", campaign), ("by the staff", untouched)):
    held = [place.name for place in war.places.values() if place.control == "highlands"]
    print(f"{name:14}", ", ".join(held))

# %% [markdown]
# One campaign proves nothing: chance decides much of it. That is what `branch` and `sim.run` are for.
#
# ## Keep it
#
# A saved campaign is its scenario, seed and orders. It plays again to the same bits.

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    campaign.save(f"{folder}/highlands.orontes")
    again = sim.Campaign.load(f"{folder}/highlands.orontes")
again.day, again.world.units.tobytes() == campaign.world.units.tobytes()
