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
# # Bring your own war
#
# A scenario is one YAML file. This notebook writes a small one, lets the reader find its mistakes, runs it, and asks
# what it rests on. For a country of 30 provinces start from tables instead: the guide *Bring your own war*.

# %%
import tempfile
from pathlib import Path

import sim

file = Path(tempfile.mkdtemp()) / "valley.yaml"

# %% [markdown]
# ## Write it
#
# Two sides, four places in a valley, three formations. A value whose source you know says so in its `basis`; a range
# says what you do not know.

# %%
text = """
title: A valley
about: The Uplanders come down a valley to the port. An invented war of ten days.
start: 2031-05-04T06:00
clock: {tick_hours: 6, days: 10, decision_hours: 12}
sides:
  uplands: {name: Uplands, stances: {port_side: hostile}, will: 0.7}
  port_side: {name: Port, will: 0.6}
places:
  pass: {name: High Pass, lat: 41.00, lon: 20.00, population: 3000, terrain: mountain, control: uplands,
         rear_base: true}
  mill: {name: Mill, lat: 40.85, lon: 20.05, population: 12000, terrain: town, control: port_side}
  bridge: {name: Bridge, lat: 40.72, lon: 20.02, population: 30000, terrain: town, control: port_side}
  port: {name: Port, lat: 40.55, lon: 20.00, population: 90000, terrain: urban, control: port_side, rear_base: true}
roads:
  - {between: [pass, mill], class: secondary}
  - {between: [mill, bridge], class: primary}
  - {between: [bridge, port], class: primary}
formations:
  u_1: {name: 1st Uplands, side: uplands, kind: light, place: pass, strength: 3000, equipment: 20}
  p_1: {name: Mill Guard, side: port_side, kind: garrison, place: mill, strength: 800, morale: 0.5}
  p_2: {name: 1st Port, side: port_side, kind: mechanised, place: port, strength: 1500, equipment: 40,
        manning: {value: 0.8, range: [0.6, 1.0], basis: assumed}}
outcomes: [mill.fall_day, bridge.fall_day, port.fall_day, deaths.total@day10]
"""
file.write_text(text)
scenario = sim.load(file)

# %% [markdown]
# The roads say no length: the reader takes the straight line times 1.2, and says so. A mistake is told with its place:

# %%
file.write_text(text.replace("kind: garrison", "kind: garison"))
try:
    sim.load(file)
except sim.ScenarioError as error:
    print(str(error).replace(str(file.parent) + "/", ""))
file.write_text(text)

# %% [markdown]
# ## Run it

# %%
results = sim.run(scenario, 1000, results=None)
results.summary()

# %%
results.plot.control_map(day=6)

# %% [markdown]
# ## Does it hang on a guess?
#
# The strength of the 1st Port is a guess. What if it were another one?

# %%
study = sim.sweep(scenario, {"formations.p_2.strength": [500, 1000, 1500, 3000]}, replicates=300, results=None)
study.points[["formations.p_2.strength", "port.fall_day", "port.fall_day low", "port.fall_day high"]]

# %% [markdown]
# ## Look at one campaign

# %%
campaign = sim.Campaign(scenario, seed=1, replicate=0)
campaign.run_until(day=10)
campaign.log
