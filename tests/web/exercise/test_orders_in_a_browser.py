"""Orders in a browser: by keyboard alone, by their road, and when the network is lost."""

from __future__ import annotations

from typing import Any

from tests.web.exercise.players import choose_by_keyboard, hold, started


def test_orders_go_on_after_the_network_was_lost(opened, window, plain):
    ann, address, rooms = opened(plain, "highlands")
    started(window, address, rooms)
    hold(ann, "h_1")
    ann.wait_for_selector("#draft li")
    ann.click("[data-unit=h_armour]")
    ann.wait_for_selector("[data-task=march]")
    ann.click("[data-task=march]")
    ann.context.set_offline(True)
    ann.wait_for_selector("#lost:has-text('What was acknowledged is safe')")
    # An order that is finished now is kept in the page, and is not committed in silence.
    ann.click("[data-target=stonegate]")
    ann.wait_for_selector("#unsent:has-text('Not sent yet')")
    assert "Highland Armour: March → Stonegate" in ann.inner_text("#draft")
    ann.click("#commit")
    ann.wait_for_selector("#notice:has-text('commit when the connection is back')")
    assert [order.who for order in rooms.open[0].game.turn.drafts["highlands"]] == ["h_1"]
    # What is tried without a network is not taken, and the page says so.
    ann.click("[data-unit=h_2]")
    ann.wait_for_selector("#notice:has-text('not acknowledged')")
    ann.context.set_offline(False)
    ann.wait_for_selector("#lost", state="hidden", timeout=15_000)
    ann.click("button:has-text('Back')")
    ann.wait_for_selector("#unsent", state="detached")
    assert ann.inner_text("#draft").count("Hold") == 1
    assert [order.who for order in rooms.open[0].game.turn.drafts["highlands"]] == ["h_1", "h_armour"]
    hold(ann, "h_2")
    ann.wait_for_selector("#draft li >> nth=2")
    # Two orders for one way are two arrows, each with a head of its own.
    for unit, name in (("h_1", "1st Hill Brigade: March"), ("h_armour", "Highland Armour: March")):
        ann.click(f"[data-unit={unit}]")
        ann.click("[data-task=march]")
        ann.click("[data-target=merrow_cross]")
        ann.wait_for_selector(f"#draft li:has-text('{name}')")
    ann.wait_for_selector("#map .arrow >> nth=1", state="attached")
    assert ann.evaluate(APART) > 5
    ann.click("#commit")
    ann.wait_for_selector("#clock:has-text('Turn 2')")
    orders = rooms.open[0].game.turns[0].drafts["highlands"]
    assert [(given.who, given.task) for given in orders] == [("h_2", "hold"), ("h_1", "march"), ("h_armour", "march")]


def test_orders_kept_without_a_network_outlive_a_reload(opened, window, plain):
    ann, address, rooms = opened(plain, "highlands")
    started(window, address, rooms)
    ann.context.route("**/api/draft*", lambda route: route.abort("internetdisconnected"))
    ann.click("[data-unit=h_1]")
    ann.click("[data-task=hold]")
    ann.wait_for_selector("#unsent")
    ann.reload()
    ann.wait_for_selector("#unsent")
    assert ann.inner_text("#draft").count("Hold") == 1
    ann.context.unroute("**/api/draft*")
    ann.reload()
    ann.wait_for_selector("#draft li:has-text('Hold')")
    ann.wait_for_selector("#unsent", state="detached")
    assert [order.who for order in rooms.open[0].game.turn.drafts["highlands"]] == ["h_1"]
    assert ann.evaluate("sessionStorage.length") == 0


def test_orders_kept_without_a_network_are_not_given_after_the_turn(opened, window, plain):
    ann, address, rooms = opened(plain, "highlands")
    chief = started(window, address, rooms)
    ann.click("[data-unit=h_1]")
    ann.wait_for_selector("[data-task=hold]")
    ann.context.set_offline(True)
    ann.click("[data-task=hold]")
    ann.wait_for_selector("#unsent")
    chief.click("#adjudicate")
    chief.wait_for_selector("#clock:has-text('Turn 2')")
    ann.context.set_offline(False)
    ann.wait_for_selector("#notice:has-text('the orders that this page had kept were not given')", timeout=15_000)
    assert not ann.query_selector("#unsent")
    assert not any(turn.drafts.get("highlands") for turn in rooms.open[0].game.turns)


def test_targets_come_by_their_road(opened, window, plain):
    ann, address, rooms = opened(plain, "highlands")
    started(window, address, rooms)
    ann.click("[data-unit=h_1]")
    ann.click("[data-task=march]")
    ann.wait_for_selector("#targets button")
    told = ann.evaluate("[...document.querySelectorAll('#targets button')].map((each) => each.dataset.target)")
    days = rooms.open[0].game.turn.view("highlands").march_days("h_1")
    assert told == sorted(told, key=days.get) and days[told[0]] < days[told[-1]]


def test_orders_by_keyboard_alone(opened, window, plain):
    """The focus goes on to the next choice, and stays when others change something."""
    ann, address, rooms = opened(plain, "highlands")
    chief = started(window, address, rooms)
    ann.wait_for_selector("#actions #commit")
    tab_to(ann, "unit", "h_1")  # the panel comes before the places of the map
    ann.keyboard.press("Enter")
    ann.wait_for_selector("#tasks button:focus")
    ann.keyboard.press("Escape")
    ann.wait_for_selector("[data-unit=h_1]:focus, #units button:focus")
    choose_by_keyboard(ann, "h_1")
    tab_to(ann, "task", "march")
    ann.keyboard.press("Enter")
    ann.wait_for_selector("#targets button:focus")
    tab_to(ann, "target", "merrow_cross")
    ann.keyboard.press("Enter")
    ann.wait_for_selector("#draft li:has-text('1st Hill Brigade: March → Merrow Cross')")
    ann.wait_for_selector("[data-unit=h_1]:focus")
    chief.fill("[aria-label='Minutes for a turn']", "5")
    chief.click("button:has-text('Set (empty')")
    ann.wait_for_selector("#clock:has-text('left')")
    assert ann.evaluate("document.activeElement.dataset.unit") == "h_1"


def tab_to(page: Any, kind: str, name: str) -> None:
    """Press Tab until this unit, task or target has the focus."""
    for _ in range(40):
        if page.evaluate(f"document.activeElement.dataset.{kind}") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {name}")


APART = """() => {
    const middle = (arrow) => arrow.getPointAtLength(arrow.getTotalLength() / 2).matrixTransform(arrow.getScreenCTM());
    const [a, b] = [...document.querySelectorAll("#map .arrow")].map(middle);
    return Math.hypot(a.x - b.x, a.y - b.y);
}"""
"""Pixels between the middles of two arrows."""
