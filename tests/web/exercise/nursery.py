"""Servers of an exercise that start in a moment: this process has all loaded, and forks one for each game it is told.

`python -m tests.web.exercise.nursery` reads a line `FILE PORT` from its input and answers with what the server says,
after a line with its process id. Each server is the one of `sim play`, as it starts with the file of a game.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sim.web.exercise.room import Room, open_game
from sim.web.exercise.rooms import Rooms
from sim.web.exercise.serve import serve


def say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever was killed is buried at once
    Room(open_game(Path(sys.argv[1]))).log.close()  # compiles the rules, or loads them
    say("ready")
    for line in sys.stdin:
        file, port = line.split()
        if os.fork() == 0:
            say(f"pid {os.getpid()}")
            serve(Rooms([open_game(Path(file))]), int(port), False, False, say)
            os._exit(0)


if __name__ == "__main__":
    main()
