"""Replays in a real browser: both ways, by keys, quick, on a desktop and on a phone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sim.session.diff import Diff
from sim.session.replayed import campaign_of
from sim.session.session import Session
from sim.session.trace import log_of
from sim.web.replay.course import session_film
from sim.web.replay.page import Replay, session_page
from tests.web.labels import LABELS

SIZES = {"desktop": (1366, 768), "phone": (390, 844)}


def opened(window: Any, path: Any, size: str = "desktop") -> Any:
    seen = window(*SIZES[size])
    seen.page.goto(path.as_uri())
    seen.page.wait_for_selector("#replay:not([hidden])")
    return seen


def wait_until(page: Any, condition: str, seconds: float = 10.0) -> None:
    """The page's policy forbids what Playwright waits with, so it is asked again and again."""
    until = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < until, condition
        page.wait_for_timeout(30)


def tick(page: Any) -> int:
    return page.evaluate("replay.tick")


@pytest.mark.parametrize("size", SIZES)
def test_it_plays_to_both_ends_and_asks_nobody(window, large_page, size):
    seen = opened(window, large_page, size)
    page = seen.page
    page.select_option("#speed", "12")
    page.evaluate("document.activeElement.blur()")
    last = page.evaluate("replay.campaign.ticks")
    page.evaluate(f"document.getElementById('slider').value = {last - 6}")
    page.dispatch_event("#slider", "input")
    page.keyboard.press("Space")
    wait_until(page, f"replay.tick === {last} && !replay.playing")
    page.evaluate("document.getElementById('slider').value = 6")
    page.dispatch_event("#slider", "input")
    page.keyboard.press("b")
    wait_until(page, "replay.tick === 0 && !replay.playing")
    assert seen.asked == [large_page.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_large_page_is_small(large_page):
    assert large_page.stat().st_size <= 400_000


def test_names_and_symbols_never_overlap(window, large_page):
    page = opened(window, large_page).page
    overlapping = """(tick) => {
        const slider = document.getElementById("slider");
        slider.value = tick; slider.dispatchEvent(new Event("input"));
        const boxes = (css) => [...document.querySelectorAll(css)].map((n) => n.getBoundingClientRect());
        const names = boxes("#map .place-name");
        const symbols = boxes("#map .symbol:last-of-type .frame").filter((b) => b.width > 2);
        const meet = (p, q, off) => p.left + 1.5 < q.right - 1.5 && q.left + 1.5 < p.right - 1.5
          && p.top + off < q.bottom - off && q.top + off < p.bottom - off;
        const among = (list, off) => list.filter((p, i) => list.slice(i + 1).some((q) => meet(p, q, off))).length;
        return [among(names, 3), among(symbols, 2.5), symbols.filter((p) => names.some((q) => meet(p, q, 3.5))).length];
    }"""
    for zoom in ("decided", "fit", "in"):
        page.click(f"[data-zoom={zoom}]")
        for moment in (0, 20, 50):
            assert page.evaluate(overlapping, moment) == [0, 0, 0]


@pytest.mark.parametrize("size", SIZES)
def test_no_name_is_read_as_that_of_another_place(window, large_page, size):
    page = opened(window, large_page, size).page
    for zoom in ("decided", "fit", "in"):
        page.click(f"[data-zoom={zoom}]")
        found = page.evaluate(LABELS)
        assert found["count"] > 15 and found["misread"] == found["struck"] == [], zoom


def test_keys(window, small_page):
    page = opened(window, small_page).page
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert tick(page) == 1 + page.evaluate("Math.round(1 / replay.tick_days)")
    page.keyboard.press("End")
    last = page.evaluate("replay.campaign.ticks")
    assert tick(page) == last
    page.keyboard.press("r")
    assert tick(page) == 1 + page.evaluate("Math.round(1 / replay.tick_days)")
    page.keyboard.press("Home")
    page.keyboard.press(".")
    marks = page.evaluate("replay.timeline.marks()")
    assert tick(page) == next(mark for mark in marks if mark > 0)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("m")
    page.click(".bookmark")
    assert page.evaluate("replay.timeline.bookmarks.size") == 1
    # The address keeps the moment and the bookmarks; what is no tick of the campaign is left out.
    kept = tick(page)
    wait_until(page, f"location.hash === '#tick={kept}&marks={kept}'")
    page.reload()
    page.wait_for_selector(".bookmark")
    assert tick(page) == kept
    page.evaluate(f"location.hash = '#tick=2&marks=1,{kept},1,99999,-3,x'")
    wait_until(page, "replay.tick === 2")
    assert page.evaluate("[...replay.timeline.bookmarks]") == [1, kept]


def test_a_story_and_its_causes_by_keyboard(window, small_page):
    page = opened(window, small_page).page
    fallen = page.evaluate("replay.campaign.events.find((event) => event.kind === 'fell')?.place ?? -1")
    assert fallen >= 0
    page.focus(f"[data-place='{fallen}']")
    page.keyboard.press("Enter")
    assert "What happened here, and why" in page.inner_text("#panel")
    page.click("#panel details summary >> nth=0")
    page.wait_for_selector("#panel .why .cause")
    # A formation from the list of those who are there, on the first day.
    page.keyboard.press("Home")
    page.click("[data-stack] >> nth=0")
    assert "story" in page.inner_text("#panel") or page.query_selector("#panel .unit")


def test_formations_are_reached_by_tab(window, small_page):
    page = opened(window, small_page).page
    order = "[...document.querySelectorAll('#map [tabindex=\"0\"]')].map((n) => n.dataset.stack ? 'stack' : 'place')"
    reached = page.evaluate(order)
    stacks = page.evaluate("document.querySelectorAll('[data-stack]').length")
    assert reached == sorted(reached) and 0 < reached.count("stack") <= stacks
    page.focus("[data-stack] >> nth=0")
    assert "formation" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2")
    # Who leaves its place takes nobody's focus to the top of the page.
    page.focus("[data-stack] >> nth=0")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.closest('#map') !== null")


def test_a_formation_is_found_by_a_part_of_its_name(window, small_page):
    page = opened(window, small_page).page
    page.click("#tabs button:has-text('Selected')")
    page.fill("#find", "reserve")
    page.click("#panel button:has-text('Armoured Reserve')")
    assert "Armoured Reserve" in page.inner_text("#panel h2") and "Its story" in page.inner_text("#panel")
    page.fill("#find", "merrow")
    assert tick(page) == 0  # letters in a field are no keys
    page.click("#panel li button >> nth=0")
    assert "In all campaigns: Its first holder" in page.inner_text("#panel")


def test_lanes_filter_marks_and_events(window, small_page):
    page = opened(window, small_page).page
    for lane in ("Formations", "Air", "Events"):
        page.click(f".lane label:has-text('{lane}')")
    shown = page.evaluate(
        "replay.campaign.events.filter((e) => replay.timeline.is_shown(e)).map((e) => [e.kind, e.tick])"
    )
    assert shown and {kind for kind, _ in shown} <= {"fell", "rose", "collapsed"}
    assert page.evaluate("replay.timeline.marks()") == sorted({tick for _, tick in shown})
    page.click(".lane label:has-text('Places')")
    assert page.evaluate("replay.timeline.marks()") == []


def test_all_campaigns_on_the_same_map(window, small_page):
    page = opened(window, small_page).page
    page.keyboard.press("End")
    page.click("#scope button:has-text('All 40')")
    assert page.evaluate("document.querySelectorAll('[data-stack]').length") == 0
    page.click("#tabs button:has-text('Among all')")
    assert "lie closer to the middle" in page.inner_text("#panel")
    page.click("#panel .choices button >> nth=1")
    assert page.evaluate("replay.campaign.k") != 3


def test_two_campaigns_side_by_side(window, small, tmp_path):
    page = opened(window, small.replay(3, beside=11).save(tmp_path / "replay.html")).page
    logs = [log_of(campaign_of(small, k)) for k in (3, 11)]
    assert page.evaluate("replay.parted") == Diff(*logs, ("3", "11")).tick + 1  # the film shows it after the tick
    page.click(".parted")
    assert tick(page) == page.evaluate("replay.parted")
    page.keyboard.press("End")
    ends = page.evaluate("[...document.querySelectorAll('#second .place')].map((disc) => disc.style.fill)")
    held = campaign_of(small, 11).world.places["control"]
    colours = page.evaluate("replay.data.map.sides.map((side) => side.colour)")
    rgb = [f"rgb({', '.join(str(int(c[i : i + 2], 16)) for i in (1, 3, 5))})" for c in colours]
    order = page.evaluate("[...document.querySelectorAll('#second [data-place]')].map((n) => Number(n.dataset.place))")
    assert ends == [rgb[held[place]] for place in order]
    page.click("#tabs button:has-text('Among all')")
    page.click(".beside button[aria-pressed=true]")
    assert not page.is_visible("#second")


def test_a_campaign_alone(window, deployed, tmp_path):
    session = Session(deployed, seed=2, replicate=1)
    session.step(9)
    replay = Replay(session_page(session), lambda: session_film(session))
    page = opened(window, replay.save(tmp_path / "replay.html")).page
    assert page.evaluate("replay.campaign.ticks") == 9 and not page.query_selector("#scope button")
