"""What the browsers listen to: every change arrives, and whoever breaks off holds up nobody."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor


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
