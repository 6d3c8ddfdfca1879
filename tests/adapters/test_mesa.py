"""The Mesa face of a campaign: the same campaign as in the ensemble, agents that show their rows, and orders."""

from __future__ import annotations

import copy
import gc
import pathlib
import pickle
import weakref
from collections.abc import Callable

import mesa
import numpy as np
import pytest

from sim.adapters.agents import AirWingAgent, FormationAgent, PlaceAgent, RowAgent, SideAgent
from sim.adapters.mesa import Campaign
from sim.engine.load import load
from sim.engine.record import RecordSpec
from sim.ensemble.blocks import Worker
from sim.ensemble.run import run
from sim.scenario.read import LoadedScenario
from sim.world import tables

CROSSROADS = pathlib.Path(__file__).parents[2] / "scenarios/crossroads.yaml"
FIGHTING = ("active", "withdrawing", "shattered")


@pytest.fixture(scope="module")
def crossroads() -> LoadedScenario:
    return load(CROSSROADS)


@pytest.fixture
def campaign(crossroads: LoadedScenario) -> Campaign:
    return Campaign(crossroads, seed=3)


def test_a_campaign_is_its_replicate_of_the_ensemble(crossroads: LoadedScenario) -> None:
    places = list(crossroads.scenario.places)
    asked = [f"{place}.fall_day" for place in places] + ["lowlands.strength", "highlands.strength"]
    runs = run(crossroads, replicates=6, seed=5, results=None, outcomes=asked).runs
    for replicate in (0, 5):
        campaign = Campaign(crossroads, seed=5, replicate=replicate)
        campaign.run_model()
        fallen = [campaign.places[place].fell for place in places]
        days = [np.nan if tick is None else (tick + 1) * 0.25 for tick in fallen]
        strength = {
            side: sum(f.strength for f in campaign.formations.values() if f.side == side and f.status in FIGHTING)
            for side in ("lowlands", "highlands")
        }
        expected = runs.loc[replicate, asked].to_numpy(float)
        np.testing.assert_array_equal([*days, *strength.values()], expected)


def test_every_cell_of_the_world_is_that_of_the_ensemble(crossroads: LoadedScenario) -> None:
    campaign = Campaign(crossroads, seed=5, replicate=2)
    campaign.run_model()
    deployment = campaign.deployment
    field = Worker(deployment, RecordSpec(deployment, []), 4)
    field.run(seed=5, first=0, count=3)
    assert campaign._block.tobytes() == field.cells.tobytes()


def test_attributes_agree_with_the_rows(campaign: Campaign) -> None:
    campaign.run_until(day=2)
    kinds = {
        FormationAgent: (tables.UNITS, campaign.world.units),
        AirWingAgent: (tables.WINGS, campaign.world.wings),
        PlaceAgent: (tables.PLACES, campaign.world.places),
        SideAgent: (tables.SIDES, campaign.world.sides),
    }
    names = campaign.deployment.names
    before = campaign._block.tobytes()
    for kind, (table, rows) in kinds.items():
        for agent in campaign.agents_by_type[kind]:
            for column in table.columns:
                shown, cell = getattr(agent, column.name), rows[column.name][agent._row]
                if column.unit == "side":
                    assert names.sides[shown] == cell
                elif column.unit == "place":
                    assert cell == (-1 if shown is None else names.places[shown])
                elif column.unit == "sides":
                    assert sum(1 << names.sides[side] for side in shown) == cell & 3
                elif column.name == "status":
                    assert tables.STATUS_NAMES.index(shown) == cell
                elif column.name == "task":
                    assert tables.TASK_NAMES.index(shown) == cell
                elif column.is_real:
                    assert type(shown) is float and shown == cell
    assert campaign._block.tobytes() == before


def test_agents_have_the_ids_and_names_of_the_scenario(campaign: Campaign) -> None:
    said = campaign.deployment.scenario
    for mapping, section in (
        (campaign.formations, said.formations),
        (campaign.places, said.places),
        (campaign.sides, said.sides),
        (campaign.air_wings, said.air),
    ):
        assert {id: agent.name for id, agent in mapping.items()} == {id: entry.name for id, entry in section.items()}
        assert all(agent.id == id for id, agent in mapping.items())
    assert campaign.formations["l_posts"].place == "merrow_cross"
    assert campaign.formations["l_posts"].road == "arnfell-merrow_cross"


def test_days_and_the_end(campaign: Campaign) -> None:
    assert (campaign.day, campaign.running) == (0.0, True)
    campaign.step()
    assert campaign.day == 0.25
    assert campaign.date.isoformat() == "2031-05-04T12:00:00"
    campaign.run_until(day=7.9)
    assert (campaign.day, campaign.running) == (8.0, False)
    with pytest.raises(ValueError, match=r"day 3 does not lie between now \(day 8\) and the end \(day 8\)"):
        campaign.run_until(day=3)


def test_mesa_collects_and_selects(campaign: Campaign) -> None:
    campaign.datacollector = mesa.DataCollector(
        model_reporters={"day": "day", "will": lambda model: model.sides["lowlands"].will},
        agenttype_reporters={FormationAgent: {"strength": "strength", "place": "place"}},
    )
    for _ in range(4):
        campaign.step()
        campaign.datacollector.collect(campaign)
    assert campaign.datacollector.get_model_vars_dataframe()["day"].tolist() == [0.25, 0.5, 0.75, 1.0]
    rows = campaign.datacollector.get_agenttype_vars_dataframe(FormationAgent)
    assert rows.loc[4]["strength"].tolist() == campaign.world.units["strength"].tolist()
    lowland = campaign.agents_by_type[FormationAgent].select(lambda formation: formation.side == "lowlands")
    assert {formation.id for formation in lowland} == {"l_posts", "l_1", "l_2", "l_reserve", "l_guard"}
    assert campaign.agents_by_type[PlaceAgent].agg("population", sum) == 453_000
    assert len(campaign.agents) == 2 + 6 + 10 + 1


def test_orders_are_followed_and_the_doctrine_commands_the_others(campaign: Campaign) -> None:
    reserve, place = campaign.formations["l_reserve"], "quarry"
    campaign.order("l_reserve", "march", place)
    assert (reserve.task, reserve.target) == ("march", place)
    assert campaign.sides["lowlands"].commander == "shared"
    assert campaign.sides["highlands"].commander == "doctrine"
    campaign.run_until(day=2)
    assert (reserve.place, reserve.task) == (place, "hold")
    reserve.target = "tarnmouth"
    assert (reserve.task, reserve.target) == ("march", "tarnmouth")
    reserve.task = "hold"
    assert reserve.task == "hold"
    assert "tarnmouth" in campaign.options("l_reserve").places["march"]
    assert [str(given.order) for given in campaign.session.given] == [
        "l_reserve: march quarry",
        "l_reserve: march tarnmouth",
        "l_reserve: hold",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda c: c.order("l_reserve"), "l_reserve: 'march' needs a place to go to"),
        (lambda c: c.order("l_1", "hold", by="highlands"), "highlands has no formation"),
        (lambda c: setattr(c.formations["l_guard"], "target", "quarry"), "it may not be sent elsewhere"),
    ],
)
def test_wrong_orders_change_nothing(campaign: Campaign, wrong: Callable[[Campaign], None], said: str) -> None:
    before = campaign._block.tobytes()
    with pytest.raises(ValueError, match=said):
        wrong(campaign)
    assert campaign._block.tobytes() == before


@pytest.mark.parametrize("attribute", ["strength", "side", "morale", "name", "anything"])
def test_only_orders_can_be_set(campaign: Campaign, attribute: str) -> None:
    agent: RowAgent = campaign.formations["l_1"]
    with pytest.raises(AttributeError, match=f"'{attribute}' of FormationAgent.'l_1'. cannot be set"):
        setattr(agent, attribute, 1)


def test_a_misspelt_attribute_is_named(campaign: Campaign) -> None:
    with pytest.raises(AttributeError, match=r"PlaceAgent has no 'populaton'; did you mean population\?"):
        _ = campaign.places["quarry"].populaton


def test_a_loaded_scenario_is_fought_as_it_was_loaded(crossroads: LoadedScenario) -> None:
    assert Campaign(CROSSROADS, variant="no_wing").air_wings["l_wing"].aircraft == 0
    assert Campaign(crossroads, variant="no_wing").air_wings["l_wing"].aircraft == 0


@pytest.mark.parametrize("touched", [False, True])
def test_writing_into_a_copy_leaves_the_original(campaign: Campaign, touched: bool) -> None:
    """Before and after agents were looked at: every cell of the copy is its own, and so is its random state."""
    campaign.run_until(1)
    if touched:
        assert campaign.formations["h_1"].strength > 0
    campaign.random.random()
    twin, again = campaign.copy(), campaign.copy()
    assert type(twin) is Campaign and (twin.steps, twin.day, twin.running) == (4, 1.0, True)
    before = campaign._block.tobytes()
    twin._block[:] = 7
    assert campaign._block.tobytes() == before == again._block.tobytes()
    assert twin.formations["h_1"].strength == 7 and campaign.formations["h_1"].strength > 7
    assert twin.formations["h_1"].model is twin
    drawn = [(one.random.random(), one.rng.random()) for one in (campaign, twin, again)]
    assert len(set(drawn)) == 1


def test_a_copy_draws_for_itself_what_the_original_would_have_drawn(campaign: Campaign) -> None:
    twin = campaign.copy().copy()
    orders = []
    for one in (twin, campaign):
        assert one.agents.random is one.random
        one.agents.shuffle(inplace=True)
        one.reset_randomizer()
        orders.append(([agent.unique_id for agent in one.agents], one.random.random(), one.rng.random()))
    assert orders[0] == orders[1] and orders[0][0] != sorted(orders[0][0])
    fresh = mesa.Model(rng=[3, 0])
    assert Campaign(campaign.deployment, seed=3).rng.random() == fresh.rng.random()


def test_a_copy_keeps_what_a_subclass_sets_before_it_begins(crossroads: LoadedScenario) -> None:
    class Mine(Campaign):
        def __init__(self) -> None:
            self.mine = [1]
            super().__init__(crossroads, seed=3)

    mine = Mine()
    twin = mine.copy()
    twin.mine.append(2)
    assert (mine.mine, twin.mine) == ([1], [1, 2])


def test_a_copy_keeps_what_the_user_made_of_the_model(campaign: Campaign) -> None:
    campaign.favourite = campaign.formations["h_1"]
    campaign.agents.shuffle(inplace=True)
    campaign.air_wings["l_wing"].remove()
    twin = campaign.copy()
    assert twin.favourite is twin.formations["h_1"] is not campaign.favourite
    assert [agent.unique_id for agent in twin.agents] == [agent.unique_id for agent in campaign.agents]
    assert len(twin.agents) == 18


def test_a_copy_keeps_what_another_mesa_may_keep(crossroads: LoadedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field of Mesa's that changes as a campaign goes on, and one that a seed or the user changes."""
    made = mesa.Model.__init__

    def keeps_more(model: mesa.Model, *arguments: object, **options: object) -> None:
        made(model, *arguments, **options)
        model._calendar = ["the first day"]

    monkeypatch.setattr(mesa.Model, "__init__", keeps_more)
    campaign = Campaign(crossroads, seed=3)
    twin = campaign.copy()
    twin._calendar.append("the second day")
    again = twin.copy()
    again._calendar.append("the third day")
    assert [len(one._calendar) for one in (campaign, twin, again)] == [1, 2, 3]
    campaign.reset_randomizer(5)
    twin = campaign.copy()
    for one in (campaign, twin):
        one.random.random()
        one.reset_randomizer()
    assert campaign.random.random() == twin.random.random()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda campaign: pickle.loads(pickle.dumps(campaign))])
def test_a_copy_goes_on_as_the_original_and_shares_nothing_that_changes(crossroads: LoadedScenario, copied) -> None:
    whole, campaign = Campaign(crossroads, seed=3), Campaign(crossroads, seed=3)
    whole.run_model()
    campaign.run_until(2)
    before = campaign._block.tobytes()
    twin = copied(campaign)
    twin.order("h_1", task="hold")  # through the world, events and agents alike: the block is one
    assert campaign._block.tobytes() == before != twin._block.tobytes()
    other = copied(campaign)
    other.run_model()
    assert other._block.tobytes() == whole._block.tobytes()
    assert campaign._block.tobytes() == before
    assert all(agent.model is other for agent in other.agents)
    shown = [unit.strength for unit in other.formations.values()]
    assert shown == other.world.units["strength"].tolist()
    campaign.run_model()
    assert campaign._block.tobytes() == whole._block.tobytes()


def test_a_saved_campaign_is_loaded_as_a_model(campaign: Campaign, tmp_path: pathlib.Path) -> None:
    campaign.run_until(day=1)
    campaign.give([{"who": "h_1", "task": "attack", "target": "merrow_cross"}], by="highlands")
    campaign.step()
    campaign.save(tmp_path / "turn.orontes")
    again, earlier = Campaign.load(tmp_path / "turn.orontes"), campaign.rewound(1)
    assert again._block.tobytes() == campaign._block.tobytes() == campaign.copy()._block.tobytes()
    assert (again.steps, again.running, earlier.day, earlier.steps) == (5, True, 1.0, 4)
    assert again.formations["h_1"].strength == campaign.formations["h_1"].strength
    again.run_model()
    assert not again.running and again.day == 8 and campaign.day == 1.25


def test_a_view_is_printed(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    campaign.show("lowlands")
    assert capsys.readouterr().out == f"{campaign.view('lowlands')}\n"


def test_a_campaign_that_nobody_holds_is_freed(crossroads: LoadedScenario) -> None:
    seen = [weakref.ref(Campaign(crossroads, seed=seed)) for seed in range(8)]
    gc.collect()
    assert not any(ref() for ref in seen)


def test_iterations_of_a_batch_differ_and_can_be_repeated() -> None:
    drawn = [Campaign(CROSSROADS) for _ in range(2)]
    assert drawn[0].seed != drawn[1].seed
    assert Campaign(CROSSROADS, seed=drawn[0].seed)._block.tobytes() == drawn[0]._block.tobytes()


class Counted(Campaign):
    """A model of a user, as `mesa.batch_run` takes it."""

    def __init__(self, scenario: str = str(CROSSROADS), seed: int | None = None) -> None:
        super().__init__(scenario, seed=seed)
        people = {"people": lambda model: sum(unit.strength for unit in model.formations.values())}
        self.datacollector = mesa.DataCollector(model_reporters=people)
        self.datacollector.collect(self)

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)


def test_mesa_runs_a_batch() -> None:
    rows = mesa.batch_run(Counted, {}, iterations=3, number_processes=1, display_progress=False)
    assert len(rows) == len({row["people"] for row in rows}) == 3
