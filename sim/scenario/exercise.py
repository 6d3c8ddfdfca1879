"""The `exercise:` of a scenario: a lesson to be played, with its teams, times and prepared injects."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.schema_base import Id, Section

LONGEST_TEXT = 500
"""Letters of a message."""
MOST_TURNS = 1000
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
OtherRole = Literal["staff", "air", "logistics"]
Fog = Literal["full", "none"]


class Team(Section):
    """The people who play one side."""

    task: str = Field("", max_length=2000, description="what the team wants and has, as its first briefing tells it")
    decides: Literal["commander", "vote"] = Field(
        "commander", description="who commits its orders: its commander, or more than half of the team by vote"
    )
    roles: list[OtherRole] = Field(
        ["staff", "air", "logistics"],
        description="what its other members may be: staff drafts all orders; air those of air wings; logistics who "
        "goes into reserve or back to a rear base",
    )


class InjectOrder(Section):
    """An order of the facilitator on behalf of a side, or to an event of the scenario."""

    who: str = Field(description="id of a formation, an air wing, a side or an event")
    task: str = Field(description="what is ordered")
    target: Id | None = Field(None, description="the place, if the order names one")


class Inject(Section):
    """A message, or an order, that the facilitator holds ready. Without `turn` and `falls` it is fired by hand."""

    text: Text = Field(description="the message, or the reason for the order")
    to: Id | None = Field(None, description="side whose team gets the message; none: all")
    order: InjectOrder | None = Field(None, description="an order in place of a message")
    turn: int | None = Field(None, ge=1, le=MOST_TURNS, description="fired when this turn begins")
    falls: Id | None = Field(None, description="fired at the first turn in which this place has changed hands")


class Exercise(Section):
    """A lesson, as `sim play` begins it."""

    title: str = Field(description="name of the lesson", examples=["First contact"])
    goals: list[str] = Field([], description="what participants can do after it")
    minutes: float | None = Field(None, gt=0, le=1440, description="length of the lesson, for the teacher")
    turn_hours: int = Field(24, ge=1, le=720, description="length of a turn in the war, hours")
    turns: int | None = Field(None, ge=1, le=MOST_TURNS, description="turns that are played at most; none: all")
    turn_minutes: float | None = Field(None, ge=0.2, le=1440, description="time limit of a turn; none: no limit")
    fog: Fog = Field(
        "full",
        description="what teams see of others: full, reports with age and error; none, where all formations stand and "
        "how strong they are, and odds are played from the true state",
    )
    odds: bool = Field(True, description="whether teams may ask for the odds of their orders")
    sides: dict[Id, Team] = Field({}, description="the sides that people play; none: all active ones")
    injects: dict[Id, Inject] = Field({}, description="messages and orders that are prepared")
