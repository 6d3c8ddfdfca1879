"""The plots of a report: those of the results folder as they are, or drawn anew."""

from __future__ import annotations

import io

from sim.ensemble.folder import FIGURES, check
from sim.ensemble.results import Results
from sim.ensemble.store import ResultsError
from sim.plots.theme import DPI
from sim.web.report.blocks import Figure


def figure(results: Results, name: str, alt: str, caption: str) -> Figure:
    """A plot of the results by its name."""
    file = f"{FIGURES}/{name}.png"
    return Figure(_png(results, name, file), file, alt, caption)


def _png(results: Results, name: str, file: str) -> bytes:
    if results.path is not None:
        try:
            return check(results.path, file, results.manifest).read_bytes()
        except ResultsError:
            pass  # it was not drawn, or is damaged
    buffer = io.BytesIO()
    getattr(results.plot, name)().savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()
