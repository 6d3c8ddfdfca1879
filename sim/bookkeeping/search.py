"""The queue of a search for the shortest ways over the network.

A search takes a place from the queue, improves the ways to its neighbours and puts those that it improved into the
queue. A place may be taken again when a shorter way to it has been found. The place with the least cost goes to the
front, so that this is rare.
"""

from __future__ import annotations

from sim.kernel.compile import rule
from sim.world.tables import NONE


@rule
def clear_queue(world):
    """Empty the queue."""
    world.counts[0].queue_head = 0
    world.counts[0].queue_tail = 0


@rule
def put_in_queue(world, place, cost):
    """Put a place into the queue: in front if its cost is less than that of the first, otherwise at the end."""
    search, counts = world.search, world.counts[0]
    search[place].cost = cost
    if search[place].queued == 1:
        return
    search[place].queued = 1
    head, tail = counts.queue_head, counts.queue_tail
    if head != tail and cost < search[search[head].queue].cost:
        counts.queue_head = head - 1 if head > 0 else len(search) - 1
        search[counts.queue_head].queue = place
    else:
        search[tail].queue = place
        counts.queue_tail = tail + 1 if tail + 1 < len(search) else 0


@rule
def take_from_queue(world):
    """The next place of the search; NONE if the search is over."""
    search, counts = world.search, world.counts[0]
    head = counts.queue_head
    if head == counts.queue_tail:
        return NONE
    counts.queue_head = head + 1 if head + 1 < len(search) else 0
    place = search[head].queue
    search[place].queued = 0
    return place
