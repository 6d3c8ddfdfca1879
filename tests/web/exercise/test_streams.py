"""What runs beside the requests: every change reaches the browsers, who break off holds up nobody; looking ahead."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sim.web.exercise import room as running
from tests.web.exercise.conftest import act


def test_streams_that_break_off_at_any_moment_never_stop_the_room(school):
    """A connection that ends is cancelled, twice if the server ends too: before, that could lock the room for good."""
    room = school.room

    async def listen(heard: list[int | None]) -> None:
        async for version in room.changes():
            heard.append(version)

    async def crowd() -> list[int | None]:
        stays: list[int | None] = []
        faithful = asyncio.create_task(listen(stays))
        for turns in range(40):
            leaving = [asyncio.create_task(listen([])) for _ in range(10)]
            for _ in range(turns % 4):
                await asyncio.sleep(0)
            room.announce()
            for number, task in enumerate(leaving):
                task.cancel()
                if number % 3 == 0:
                    await asyncio.sleep(0)
                    task.cancel()
            await asyncio.gather(*leaving, return_exceptions=True)
            room.announce()
            await asyncio.sleep(0.001)
        room.close()
        await asyncio.wait_for(faithful, 5)
        return stays

    with ThreadPoolExecutor(1) as thread:  # the browser's driver has a loop of its own in this one
        heard = thread.submit(asyncio.run, crowd()).result()
    assert heard == sorted(heard) and heard[-1] >= 80


def test_odds_are_prepared_in_each_turn_for_those_who_play(school, monkeypatch):
    monkeypatch.setattr(running, "LOOK_AHEAD", 0.0)
    facilitator = school.facilitator()
    school.join("Ann", "highlands")
    act(facilitator, "started")

    async def first_turns() -> None:
        looking = asyncio.create_task(school.room.look_ahead())
        for turn in (1, 2):
            while not prepared(school.room.game.turn):
                await asyncio.sleep(0.01)
            await school.room.act({"what": "adjudicated", "seat": 0, "turn": turn, "why": "a test"})
        looking.cancel()

    def prepared(turn) -> bool:
        odds = turn._known.get(("odds", "highlands", "full"))
        return odds is not None and () in odds._held

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(first_turns(), 60)).result()
