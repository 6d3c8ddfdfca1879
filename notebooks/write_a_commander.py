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
# # Write a commander
#
# A commander is a function from what a side knows to orders. Here it commands the Lowlands, who are attacked.

# %%
from pathlib import Path

import sim
from sim.session.examples import Random, Search

root = Path.cwd() if Path("scenarios").is_dir() else Path.cwd().parent
scenario = root / "scenarios/crossroads.yaml"

# %% [markdown]
# ## The staff alone
#
# What the doctrine achieves in 300 campaigns is the mark to beat.

# %%
base = sim.run(scenario, 300, seed=1, results=None)
base.summary()[["probability", "probability_low", "probability_high"]].dropna()

# %% [markdown]
# ## A first commander
#
# He sends the reserve to Merrow Cross at once, and leaves all else to his staff. He is asked twice a day, but orders
# once: an order stands until it is changed.


# %%
def reserve_forward(view):
    """The reserve marches to the place that the enemy wants."""
    if view.tick == 0:
        return [{"who": "l_reserve", "task": "march", "target": "merrow_cross"}]
    return []


led = sim.run(scenario, 300, seed=1, commander={"lowlands": reserve_forward}, progress=False)
sim.compare(base, led)[["a", "b", "difference", "low", "high"]].round(3)

# %% [markdown]
# Both runs have the same random numbers, so that the difference is that of the commanders. Read the rows of the places:
# what helps one place may cost another.

# %% [markdown]
# ## One who reads reports
#
# He draws his brigades back to the capital when a place that he still holds is reported to face twice his power.


# %%
def careful(view):
    """Withdraws from where the enemy is twice as strong as reported."""
    orders = []
    for unit in view.formations.values():
        report = view.places[unit.place].report
        outnumbered = report is not None and report.power > 2 * unit.power
        if outnumbered and unit.heading is None and "withdraw" in view.options(unit.id).places:
            orders.append({"who": unit.id, "task": "withdraw"})
    return orders


led = sim.run(scenario, 300, seed=1, commander={"lowlands": careful}, progress=False)
sim.compare(base, led)[["a", "b", "difference", "low", "high"]].round(3)

# %% [markdown]
# ## Mistakes are named
#
# A commander who raises an error is replaced by the doctrine, and the run says so.


# %%
def broken(view):
    return [] if view.day < 3 else view.places["nowhere"]


led = sim.run(scenario, 20, seed=1, commander={"lowlands": broken}, progress=False)
led.manifest["fallbacks"][0]

# %% [markdown]
# ## One at random, and one that searches
#
# `Random` gives possible orders at random. `Search` plays out a few plans from what the side knows, and takes the best
# one: here every four days, for few campaigns, because it takes its time.

# %%
chance = sim.run(scenario, 100, seed=1, commander={"lowlands": Random(share=0.3)}, progress=False)
sim.compare(sim.run(scenario, 100, seed=1, results=None), chance)[["a", "b", "difference", "low", "high"]].round(3)

# %%
search = Search("merrow_cross.fall_day", wanted=False, futures=16, every_days=4)
found = sim.run(scenario, 12, seed=1, commander={"lowlands": search}, progress=False)
found.runs["merrow_cross.fall_day"].notna().mean()
