"""What players and the facilitator do in a browser."""

from __future__ import annotations

from typing import Any

from sim.web.exercise.rooms import Rooms


def join_here(page: Any, name: str, choice: str, role: str | None = None) -> None:
    page.fill("[name=name]", name)
    page.check(f"input[value='{choice}']")
    if role:
        page.select_option("[name=role]", role)
    page.click("#join button")
    page.wait_for_selector("#clock:has-text('Turn')")


def started(window: Any, address: str, rooms: Rooms) -> Any:
    """The page of the facilitator, who has started the game."""
    chief = window().page
    chief.goto(f"{address}/enter?key={rooms.facilitator_key}")
    chief.click("#start")
    return chief


def hold(page: Any, unit: str) -> None:
    page.click(f"[data-unit={unit}]")
    page.click("[data-task=hold]")


def choose_by_keyboard(page: Any, unit: str) -> None:
    """Choose a unit; then the focus is on the first task."""
    page.focus(f"[data-unit={unit}]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tasks button:focus")
