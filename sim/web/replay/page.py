"""The page of a replay: one campaign, or several of one ensemble, as a file that opens without a network."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import sim
from sim.engine.arguments import any_whole_number
from sim.ensemble.results import Results
from sim.plots import FILMS
from sim.scenario.file_paths import absolute
from sim.session.replayed import campaign_of
from sim.session.session import Session
from sim.session.trace import log_of
from sim.web.replay.film import Film, changes
from sim.web.replay.told import LANES, told
from sim.web.shared.geography import geography
from sim.web.shared.ordinary import Standing, compared, standing
from sim.web.shared.single_page import bundle, framed, single_page, write_page
from sim.web.shared.symbols import icon_of, symbols
from sim.world.deploy import Deployment
from sim.world.tables import CONTACT_NAMES, STATUS_NAMES, TASK_NAMES

if TYPE_CHECKING:
    from sim.plots.animation import Animation

SHARED, PAGES = files("sim.web.shared"), files("sim.web.replay") / "pages"
MODULES = (
    SHARED / "dom.js", SHARED / "placing.js", SHARED / "camera.js", SHARED / "ground.js", SHARED / "symbols.js",
    PAGES / "data.js", PAGES / "map.js", PAGES / "timeline.js", PAGES / "curves.js", PAGES / "stories.js",
    PAGES / "ensemble.js", PAGES / "main.js",
)  # fmt: skip
"""Scripts of the page: each after those that it imports."""
THIS = "this campaign"
ONE_ONLY = "a saved campaign is one campaign: --all needs the results of a run"


def replay_page(
    results: Results | str | Path, k: int | None = None, beside: int | None = None, of_all: bool = False
) -> str:
    """The replay of campaign k of an ensemble (None: the most ordinary), or of a saved campaign.

    `beside`: another campaign of it, on a map of its own. With an ensemble, the page also shows how all campaigns went
    (`of_all`: at first), and the most ordinary and the extreme ones. ValueError or ResultsError says what is wrong.
    """
    found = opened(results)
    if found is None:
        if of_all:
            raise ValueError(ONE_ONLY)
        return session_page(campaign_of(results, k or 0))
    results, ranked = found, standing(found)
    if k is None:
        k = most_ordinary(ranked)
    session = campaign_of(results, k)
    shown = {k: THIS}
    if beside is not None:
        beside = any_whole_number("beside", beside)
        if not 0 <= beside < results.replicates:
            raise ValueError(f"there is no campaign {beside}: the results hold 0 to {results.replicates - 1}")
        if beside == k:
            raise ValueError(f"campaign {k} is the one that is shown: beside it goes another one")
        shown[beside] = "beside it"
    for other, label in () if ranked is None else _others(ranked, results):
        shown.setdefault(other, label)
    films = [campaign(_played(results, session, each), label) for each, label in shown.items()]
    said = content(session.deployment, films, results.control)
    said |= {"beside": beside is not None, "of_all": of_all}
    return page_of(said | {"ensemble": ensemble(results, ranked, list(shown))})


def opened(results: Results | str | Path) -> Results | None:
    """The results of a folder; None for a saved campaign, which is a file."""
    if isinstance(results, Results):
        return results
    return None if absolute(results).is_file() else Results.open(results)


def most_ordinary(ranked: Standing | None) -> int:
    """The campaign that is shown where none is asked for."""
    return 0 if ranked is None else ranked.ordinary


def _played(results: Results, session: Session, k: int) -> Session:
    """Campaign k of the ensemble of a campaign, played to its end; the scenario is deployed again only if it must."""
    if k == session.replicate:
        return session
    if results.manifest.get("posterior"):
        return campaign_of(results, k)
    other = Session(session.deployment, session.seed, k, situations=session.situations)
    other.step(session.tick)
    return other


def session_page(session: Session) -> str:
    """The replay of a campaign as far as it has come."""
    return page_of(content(session.deployment, [campaign(session, THIS)], None))


def _others(ranked: Standing, results: Results) -> list[tuple[int, str]]:
    """The campaigns that are one click away, and what they are called."""
    found = [(ranked.ordinary, "the most ordinary")]
    if ranked.side is not None:
        name = results.scenario.sides[ranked.side].name
        found += [(ranked.best, f"the luckiest for {name}"), (ranked.worst, f"the unluckiest for {name}")]
    return found


class Replay:
    """A page that plays campaigns: shown in a notebook, or saved as a file that opens without a network."""

    def __init__(self, page: str, film: Callable[[], Animation]) -> None:
        """`film` makes the animation of the campaign that the page shows first."""
        self.page = page
        self._film = film

    def save(self, path: str | Path) -> Path:
        """Write the page; an animation of its first campaign if the path ends in `.gif` or `.mp4`. Returns where."""
        path = absolute(path)
        return self._film().save(path) if path.suffix.lower() in FILMS else write_page(path, self.page)

    def __repr__(self) -> str:
        return f"<Replay: {len(self.page) / 1000:.0f} kB; .save(path) writes the page>"

    def _repr_html_(self) -> str:
        return framed(self.page)


def page_of(data: dict[str, Any], what: str = "Replay") -> str:
    """The page that shows these data."""
    body = (PAGES / "body.html").read_text("utf-8")
    style = (SHARED / "base.css").read_text("utf-8") + (PAGES / "style.css").read_text("utf-8")
    return single_page(f"{what}: {data['title']}", body, style, bundle(MODULES), data)


def content(
    deployment: Deployment, campaigns: list[dict[str, Any]], control: NDArray[np.float64] | None
) -> dict[str, Any]:
    """All that the page needs to know of a scenario, beside its campaigns. `control`: shares by tick, place, side."""
    scenario = deployment.scenario
    if control is None:
        control = holders(campaigns[0], len(scenario.places), len(scenario.sides))
    said: dict[str, Any] = {**scenario.formations, **scenario.reinforcements}
    sides, places = deployment.names.sides, deployment.names.places
    return {
        "title": scenario.title,
        "scenario": deployment.loaded.name,
        "version": sim.__version__,
        "start": scenario.start.isoformat(),
        "tick_hours": scenario.clock.tick_hours,
        "map": geography(scenario, control),
        "symbols": symbols(scenario.kinds),
        "units": [
            {"id": id, "name": said[id].name, "side": sides[said[id].side], "kind": said[id].kind,
             "icon": icon_of(said[id].kind), "note": said[id].note or ""}
            for id in deployment.names.units
        ],
        "wings": [
            {"id": id, "name": wing.name, "side": sides[wing.side], "base": places[wing.base]}
            for id, wing in scenario.air.items()
        ],
        "lanes": LANES,
        "status": STATUS_NAMES,
        "task": TASK_NAMES,
        "contact": CONTACT_NAMES,
        "campaigns": campaigns,
    }  # fmt: skip


def holders(said: dict[str, Any], places: int, sides: int) -> NDArray[np.float64]:
    """[tick, place, side]: 1 where the side holds the place in a campaign."""
    held = np.cumsum(np.reshape(said["film"]["places"]["control"], (places, -1)), axis=1).T
    return np.asarray(held[..., None] == np.arange(sides), dtype=float)


def campaign(session: Session, label: str) -> dict[str, Any]:
    """One campaign: its film and its log."""
    film = Film()
    log = log_of(session, film.note)
    return {
        "k": session.replicate,
        "seed": session.seed,
        "label": label,
        "ticks": session.tick,
        "orders": len(session.given),
        "film": film.to_json(),
        **told(log, session.deployment),
    }


def ensemble(results: Results, ranked: Standing | None, shown: list[int]) -> dict[str, Any]:
    """How all campaigns of an ensemble went, and where the shown ones lie among them."""
    ticks, places, sides = results.control_counts.shape
    counts = results.control_counts.reshape(ticks, places * sides)
    found: dict[str, Any] = {
        "replicates": results.replicates,
        "control": changes(counts),
        "falls": changes(results.falls.cumsum(axis=1).T),
        "standing": {},
    }
    if ranked is not None:
        found["side"] = None if ranked.side is None else results.scenario.sides[ranked.side].name
        found["standing"] = {
            str(k): {
                "more_ordinary": ranked.more_ordinary(k),
                "better": ranked.better(k),
                "outcomes": compared(results, ranked, k),
            }
            for k in shown
        }
    return found
