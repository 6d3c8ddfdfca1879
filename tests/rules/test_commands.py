"""Commands of a side: areas, reserves, assembly, withdrawal, and that news is change; by hand-worked numbers."""

from __future__ import annotations

import math

import pytest

from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import ATTACK, DEFEND, HOLD, MARCH, WITHDRAW

PLACES = {
    "enemy": {"control": "red", "rear_base": True},
    "front": {"control": "blue", "symbol": 0.3},
    "town": {"control": "blue", "symbol": 0.6},
    "capital": {"control": "blue", "symbol": 1.0, "rear_base": True},
}
ROADS = [("enemy", "front", 30), ("front", "town", 40), ("town", "capital", 60)]
COMMANDS = {
    "north": {"name": "North", "side": "blue", "area": ["enemy", "front", "town"]},
    "guard": {"name": "Guard", "side": "blue", "area": ["capital"]},
}
DOCTRINE = {"mass": 1.0, "reserve": 0, "garrison": 0, "junction": 0, "population": 0, "depot": 0, "capital": 0}
WORTH_AN_ATTACK = PLACES | {"enemy": PLACES["enemy"] | {"symbol": 0.5}}
HABIT = {"perception": {"habit": 1.0, "habit_days": 10, "notice": 0.5}}


def war_of(
    tiny, commands=COMMANDS, rules=None, foe=2000, passive=True, doctrine=None, places=PLACES, roads=ROADS, **more
):
    """Red stands before blue's front; blue has a force at the front and a guard in its capital."""
    formations = {
        "r": {"side": "red", "place": "enemy", "strength": foe, "posture": "passive" if passive else "active"},
        "b_front": {"side": "blue", "place": "front", "strength": 600},
        "b_guard": {"side": "blue", "place": "capital", "strength": 1000},
    }
    said = DOCTRINE | (doctrine or {})
    return tiny(
        places, roads, formations | more.pop("formations", {}), rules, doctrine=said, by_hand=False,
        **({"commands": commands} if commands else {}), **more,
    )  # fmt: skip


def objectives(war, command):
    """Target, purpose, score, need and sent of the objectives of a command."""
    first = war.names.commands[command] * OBJECTIVE_SLOTS
    rows = war.world.objectives[first : first + OBJECTIVE_SLOTS]
    names = list(war.names.places)
    return {names[row["target"]]: row for row in rows if row["target"] >= 0}


# --- areas -----------------------------------------------------------------------------------------------------------


def test_a_side_without_commands_has_one_for_all(tiny):
    war = war_of(tiny, commands=None)
    assert list(war.names.commands) == [":red", ":blue"]
    assert war.world.area.all()
    assert (war.world.aims == 1).all()
    war.tick()
    assert war.unit("b_guard")["task"] == MARCH  # one commander sends everybody to what is threatened


def test_a_guard_stays_where_it_is_told_to(tiny):
    war = war_of(tiny)
    assert war.unit("b_guard")["command"] == war.names.commands["guard"]
    war.tick(12)
    assert war.place_of("b_guard") == "capital"
    assert war.unit("b_guard")["task"] == HOLD
    assert set(objectives(war, "north")) >= {"front"}
    assert not objectives(war, "guard")


def test_a_command_plans_in_its_area_only(tiny):
    here = {"north": COMMANDS["north"] | {"area": ["front", "town"]}, "guard": COMMANDS["guard"]}
    for commands, wanted in ((COMMANDS, {"enemy", "front"}), (here, {"front"})):
        war = war_of(tiny, commands=commands, foe=100, doctrine={"least_worth": 0}, places=WORTH_AN_ATTACK)
        war.tick()
        assert set(objectives(war, "north")) == wanted


def test_a_formation_belongs_to_who_names_it_or_where_it_stands_and_a_reinforcement_where_it_is_sent(tiny):
    named = COMMANDS | {"guard": COMMANDS["guard"] | {"formations": ["b_front"]}}
    convoy = {"name": "Convoy", "side": "blue", "kind": "foot", "date": "2030-01-03T00:00", "origin": "capital"}
    war = war_of(tiny, commands=named, reinforcements={"b_convoy": convoy | {"place": "town", "strength": 100}})
    names = list(war.names.commands)
    assert [names[war.unit(name)["command"]] for name in ("b_front", "b_guard", "b_convoy")] == [
        "guard",
        "guard",
        "north",
    ]


def test_aims_of_a_command_weigh_in_its_own_plans(tiny):
    commands = {"north": COMMANDS["north"] | {"aims": {"town": 3, "capital": 0}}, "guard": COMMANDS["guard"]}
    war = war_of(tiny, commands=commands)
    war.tick()
    shields = max(0.3, 3 * 0.6 * math.exp(-40 / 120))
    share = 0.5 * 2000 / (0.5 * 2000 + 600)  # heard of, not reported: half of it counts
    assert objectives(war, "north")["front"]["score"] == pytest.approx(shields * share)


def test_ease_counts_within_reach(tiny):
    """A score of an attack goes with the root of the force: what is 30 km away counts for two thirds at 60 km."""
    commands = {"north": COMMANDS["north"], "guard": COMMANDS["guard"]}
    scores = []
    for ease_km in (0, 60):
        rules = {"command": {"ease_km": ease_km, "least_need": 5000}}
        doctrine = {"least_worth": 0, "wanted_ratio": 0.2}
        war = war_of(tiny, commands=commands, foe=100, rules=rules, doctrine=doctrine, places=WORTH_AN_ATTACK)
        war.tick()
        assert objectives(war, "north")["enemy"]["purpose"] == ATTACK
        scores.append(float(objectives(war, "north")["enemy"]["score"]))
    assert scores[1] / scores[0] == pytest.approx(math.sqrt(60 / 90))


@pytest.mark.parametrize(("aim", "factor"), [(1.0, 1.0), (0.4, 0.4), (3.0, 1.0)])
def test_a_place_that_a_command_does_not_want_is_no_way_to_others(tiny, aim, factor):
    """The front opens the capital behind it, which is worth more than itself: an aim below 1 lowers that too."""
    scores = []
    for said in (1.0, aim):
        commands = {"reds": {"name": "Reds", "side": "red", "aims": {"front": said}}}
        war = war_of(tiny, commands=commands, passive=False)
        war.tick()
        scores.append(float(objectives(war, "reds")["front"]["score"]))
    opens = math.exp(-100 / 120)
    assert scores[1] / scores[0] == pytest.approx(factor * max(0.3 * aim, opens) / opens)


# --- reserves --------------------------------------------------------------------------------------------------------

WALL = {"b_wall": {"side": "blue", "place": "capital", "strength": 4000, "mobile": False}}
SLOW = {"foot": {"speed": 10, "assembly": 1}}


@pytest.mark.parametrize(("spare", "goes"), [(0.0, False), (0.9, False), (1.0, True)])
def test_the_supreme_command_sends_what_a_command_can_spare(tiny, spare, goes):
    """The guard is all that its command can send: it goes whole or not at all."""
    commands = COMMANDS | {"guard": COMMANDS["guard"] | {"spare": spare}}
    war = war_of(tiny, commands=commands, foe=1400, formations=WALL, kinds=SLOW)
    war.tick()
    assert (war.unit("b_guard")["task"] == MARCH) == goes
    assert war.unit("b_guard")["command"] == war.names.commands["north" if goes else "guard"]
    assert war.world.commands["lent"][war.names.commands["guard"]] == (1000 if goes else 0)


def test_a_reserve_assembles_before_it_marches(tiny):
    """Ordered in the first tick, it sets out a day later: ticks of 6 hours, 12 hours of marching a day at 10 km/h."""
    commands = COMMANDS | {"guard": COMMANDS["guard"] | {"spare": 1}}
    war = war_of(tiny, commands=commands, foe=1400, formations=WALL, kinds=SLOW)
    war.tick(4)
    assert war.place_of("b_guard") == "capital"
    assert war.unit("b_guard")["road"] == -1
    war.tick(1)
    assert war.unit("b_guard")["road"] >= 0
    assert war.unit("b_guard")["km_left"] == pytest.approx(60 - 0.25 * 12 * 10)


@pytest.mark.parametrize(("foe", "wall", "goes"), [(1400, 4000, True), (1400, 0, False), (6000, 4000, False)])
def test_a_reserve_goes_where_more_is_saved_than_is_lost_at_home(tiny, foe, wall, goes):
    """Half of the foe is feared (hearsay). The march takes 1 + 100/120 days; the front shields 0.43 of the capital.

    Against 700 the front is held to 600/1,300: that it stands until then has the chance 0.24; the guard adds 0.23 of
    0.43, in all 0.025. At home it leaves 4,000 against 304: 0.013 less; or nobody: 0.77 less. Against 3,000 the front
    is held to 600/3,600, and will have fallen: 0.003, and at home 0.04 less.
    """
    commands = COMMANDS | {"guard": COMMANDS["guard"] | {"spare": 1}}
    more = {"b_wall": WALL["b_wall"] | {"strength": wall}} if wall else {}
    war = war_of(tiny, commands=commands, foe=foe, formations=more, kinds=SLOW)
    war.tick()
    assert (war.unit("b_guard")["task"] == MARCH) == goes


def test_of_two_fronts_that_are_alike_the_first_gets_the_reserve(tiny):
    places = PLACES | {"enemy_2": PLACES["enemy"], "front_2": PLACES["front"]}
    roads = [("enemy", "front", 30), ("front", "capital", 100), ("enemy_2", "front_2", 30), ("front_2", "capital", 100)]
    places = {name: place for name, place in places.items() if name != "town"}
    north = {"name": "North", "side": "blue", "area": ["front", "front_2"]}
    commands = {"north": north, "guard": COMMANDS["guard"] | {"spare": 1}}
    alike = {
        "r_2": {"side": "red", "place": "enemy_2", "strength": 1400, "posture": "passive"},
        "b_2": {"side": "blue", "place": "front_2", "strength": 600, "mobile": False},
        "b_front": {"side": "blue", "place": "front", "strength": 600, "mobile": False},
    }
    war = war_of(
        tiny, commands=commands, foe=1400, formations=WALL | alike, kinds=SLOW, places=places, roads=roads,
        doctrine={"objectives": 2},
    )  # fmt: skip
    war.tick()
    scores = [objectives(war, "north")[name]["score"] for name in ("front", "front_2")]
    assert scores[0] == scores[1] > 0
    assert war.unit("b_guard")["target"] == war.names.places["front"]


@pytest.mark.parametrize(("garrison", "goes"), [(1000, True), (1001, False)])
def test_a_reserve_does_not_go_past_an_enemy_place_that_is_stronger(tiny, garrison, goes):
    """The town on the way has been in red's hands for years; the guard has 1,000."""
    places = PLACES | {"town": {"control": "red"}, "pass": {"control": "blue"}}
    roads = [("enemy", "front", 30), ("front", "town", 40), ("town", "pass", 40), ("pass", "capital", 60)]
    commands = COMMANDS | {"guard": COMMANDS["guard"] | {"spare": 1}}
    town = {"r_town": {"side": "red", "place": "town", "strength": garrison, "posture": "passive", "mobile": False}}
    war = war_of(tiny, commands=commands, foe=400, formations=WALL | town, kinds=SLOW, places=places, roads=roads)
    war.tick()
    assert (war.unit("b_guard")["task"] == MARCH) == goes


@pytest.mark.parametrize(("at_hand_km", "waits"), [(39, True), (40, False)])
def test_who_goes_to_a_place_at_hand_does_not_assemble(tiny, at_hand_km, waits):
    more = {"b_town": {"side": "blue", "place": "town", "strength": 500}}
    kinds = {"foot": {"speed": 10, "assembly": 1}}
    war = war_of(tiny, formations=more, kinds=kinds, rules={"command": {"at_hand_km": at_hand_km}})
    war.tick()
    assert war.unit("b_town")["task"] == MARCH
    assert (war.unit("b_town")["road"] == -1) == waits


def test_who_stands_idle_in_the_area_of_another_command_comes_under_it(tiny):
    war = war_of(tiny, rules=HABIT)
    war.unit("b_front")["place"] = war.unit("b_front")["heading"] = war.names.places["capital"]
    war.tick()
    assert war.unit("b_front")["command"] == war.names.commands["guard"]


# --- news is change --------------------------------------------------------------------------------------------------


def test_what_has_always_stood_there_is_no_news(tiny):
    war = war_of(tiny, rules=HABIT)
    war.tick(40)
    assert not objectives(war, "north")
    assert war.unit("b_front")["strain"] == war.unit("b_front")["alarm"] == 0
    assert war.place_of("b_guard") == "capital"


def test_without_habit_it_is_news_from_the_first_tick(tiny):
    war = war_of(tiny)
    war.tick()
    assert objectives(war, "north")["front"]["purpose"] == DEFEND
    assert war.unit("b_front")["alarm"] > 0


@pytest.mark.parametrize(("grown", "is_news"), [(2900, False), (3100, True)])
def test_who_gathers_is_news_once_it_is_noticed(tiny, grown, is_news):
    """Used to 2,000: half as many more are noticed, and then all that is more than before counts."""
    war = war_of(tiny, rules=HABIT, passive=True)
    war.unit("r")["strength"] = grown
    war.tick(2)
    found = objectives(war, "north")
    assert ("front" in found) == is_news
    if is_news:
        # In the one tick since they came the side has got a little more used to them.
        used = 2000 + (grown - 2000) * (1 - math.exp(-0.25 / 10))
        assert found["front"]["need"] == pytest.approx(0.5 * (grown - used))


def test_habit_follows_what_stands_there_by_its_rate(tiny):
    war = war_of(tiny, rules=HABIT)
    side, here = war.names.sides["blue"], war.names.places["front"]
    war.unit("r")["strength"] = 1000
    war.tick(9)
    # The threat is seen at the end of the first tick, so that eight ticks of getting used to it have passed.
    assert war.world.habit[side, here] == pytest.approx(1000 + 1000 * math.exp(-8 * 0.25 / 10))


def test_where_somebody_fights_nobody_is_used_to_anything(tiny):
    more = {
        "r_here": {"side": "red", "place": "front", "strength": 50, "posture": "passive", "mobile": False},
        "b_town": {"side": "blue", "place": "town", "strength": 500},
    }
    war = war_of(tiny, rules=HABIT, formations=more)
    side, places = war.names.sides["blue"], war.names.places
    war.tick(2)
    assert war.world.habit[side, places["front"]] == 0
    war.tick()
    assert objectives(war, "north")["front"]["need"] > 0


@pytest.mark.parametrize(("alarm_km", "town"), [(39.9, 50), (40, 0)])
def test_fighting_alarms_the_next_places_within_its_reach(tiny, alarm_km, town):
    """Blue fights 50 men at the front, 40 km from the town, and is used to them there unless the town is alarmed."""
    here = {"r_here": {"side": "red", "place": "front", "strength": 50, "posture": "passive", "mobile": False}}
    war = war_of(tiny, rules={"perception": HABIT["perception"] | {"alarm_km": alarm_km}}, formations=here)
    side, places = war.names.sides["blue"], war.names.places
    war.tick(2)
    assert war.world.habit[side, places["front"]] == 0
    assert war.world.habit[side, places["town"]] == pytest.approx(town)


def test_where_a_place_has_fallen_its_neighbours_are_alarmed(tiny):
    war = war_of(tiny, rules=HABIT)
    side, places = war.names.sides["blue"], war.names.places
    war.tick(2)
    assert war.world.habit[side, places["front"]] == pytest.approx(2000)
    war.place("enemy")["taken_on"] = 1  # as if red had taken it in the tick before
    war.tick()
    assert war.world.habit[side, places["front"]] == 0


# --- withdrawal ------------------------------------------------------------------------------------------------------


def test_a_garrison_is_withdrawn_that_keeps_more_elsewhere(tiny):
    """600 before 5,000 of whom half is heard: they keep 600/(600 + 2,500) of what the front shields.

    In the town, where nobody stands, before 2,500 x exp(-40/120) who may come there, they would add more; or in the
    capital, with 1,000 others.
    """
    feared = 2500.0
    near = {place: math.exp(-km / 120) for place, km in (("front", 0), ("town", 40), ("capital", 100))}
    worth = {"front": 0.3, "town": 0.6, "capital": 1.0}
    km = {"front": {"front": 0, "town": 40, "capital": 100}, "town": {"front": 40, "town": 0, "capital": 60},
          "capital": {"front": 100, "town": 60, "capital": 0}}  # fmt: skip
    shields = {here: max(worth[there] * math.exp(-km[here][there] / 120) for there in worth) for here in worth}
    keeps = shields["front"] * 600 / (600 + feared)
    town = shields["town"] * 600 / (600 + feared * near["town"])
    foe = feared * near["capital"]
    capital = shields["capital"] * (1600 / (1600 + foe) - 1000 / (1000 + foe))
    bound = keeps / max(town, capital)
    for redeployment, withdraws in ((0, False), (0.99 * bound, False), (1.01 * bound, True)):
        war = war_of(tiny, foe=5000, doctrine={"redeployment": redeployment, "withdraw_ratio": 1000})
        war.tick()
        assert (war.unit("b_front")["task"] == WITHDRAW) == withdraws
        assert (war.place("front")["given_up_on"] == 0) == withdraws


# --- what a scenario may say -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"area": ["fron"]}, "there is no place 'fron'"),
        ({"regions": ["north"]}, "no place lies in a region 'north'"),
        ({"side": "green"}, "there is no side 'green'"),
        ({"formations": ["b_frnt"]}, "there is no formation 'b_frnt'"),
        ({"formations": ["r"]}, "'r' belongs to red, not to blue"),
        ({"formations": ["b_guard"]}, "'b_guard' belongs to the command guard already"),
        ({"spare": 1.5}, "at most 1"),
    ],
)
def test_mistakes_are_told(tiny, change, message):
    from sim.scenario.errors import ScenarioError

    commands = {"guard": COMMANDS["guard"] | {"formations": ["b_guard"]}, "north": COMMANDS["north"] | change}
    with pytest.raises(ScenarioError, match=message):
        war_of(tiny, commands=commands)
