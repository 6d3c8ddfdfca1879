"""The report: turning points by hand, figures with tables, hostile names as text, HTML and Markdown."""

from __future__ import annotations

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml

import sim
from sim.engine.load import load
from sim.ensemble.turning import headline, turning_points
from sim.plots.situation import situation
from sim.plots.theme import save
from sim.scenario.messages import printable
from sim.session.replayed import campaign_of
from sim.session.story import story
from sim.session.trace import log_of
from sim.statistics.intervals import share_difference
from sim.web.report.blocks import Command, Figure, Heading, Items, Table, Text, as_markdown, as_page
from tests.web.names import HOSTILE, hostile


@pytest.fixture(scope="module")
def small(crossroads):
    return sim.run(crossroads, 40, seed=1, results=None, progress=False)


@pytest.fixture(scope="module")
def report(small):
    return small.report()


@pytest.fixture(scope="module")
def dangerous(crossroads, tmp_path_factory):
    """Campaigns of a war in which everything has a hostile name."""
    path = tmp_path_factory.mktemp("names") / "names.yaml"
    path.write_text(yaml.safe_dump(hostile(crossroads.document), allow_unicode=True), encoding="utf-8")
    return sim.run(load(path), 30, seed=1, results=None, progress=False)


def test_difference_of_shares_as_published():
    """Newcombe (1998), table II, example (a): 56 of 70 against 48 of 80, method 10."""
    assert share_difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def fake(**columns):
    kinds = {name: "time" if name.endswith("fall_day") else "probability" for name in columns}
    runs = pd.DataFrame({name.replace("__", "."): values for name, values in columns.items()})
    outcomes = [{"name": name.replace("__", "."), "kind": kind, "unit": ""} for name, kind in kinds.items()]
    shares = [row | {"probability": float(runs[row["name"]].gt(0).mean())} for row in outcomes]
    return SimpleNamespace(
        manifest={"outcomes": outcomes}, runs=runs, days=np.arange(11.0), outcomes=shares,
        values=lambda name: runs[name].to_numpy(float),
    )  # fmt: skip


def test_turning_points_by_hand():
    nan = np.nan
    results = fake(
        a__fall_day=[1, 1, 2, 2, 5, 6, nan, nan],
        b__fall_day=[3, 4, 3, nan, 7, nan, nan, nan],
        c__collapsed=[1] * 4 + [0] * 4,
    )
    (point,) = [point for point in turning_points(results, "b.fall_day") if point.event == "a.fall_day"]
    assert (point.day, point.campaigns, point.share_if, point.share_else) == (2, 4, 0.75, 0.25)
    assert [p.event for p in turning_points(results, "a.fall_day")] == []  # b never comes before a
    assert turning_points(results, "c.collapsed")[0].difference == 1.0
    assert set(headline(results)) == {"a.fall_day", "b.fall_day", "c.collapsed"}


def test_every_part_is_there_and_every_figure_has_a_table(report):
    blocks = report.blocks
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    assert headings[:2] == ["The question", "The answer"] and headings[-2:] == ["Limits", "How to repeat it"]
    for i, block in enumerate(blocks):
        if isinstance(block, Figure):
            assert block.alt and block.caption and block.png[:4] == b"\x89PNG" and isinstance(blocks[i + 1], Table)


def test_the_table_gives_the_interval_of_a_share_as_the_sentence_does(report):
    sentences = [block.text for block in report.blocks if isinstance(block, Text)]
    said = [found[1] for text in sentences if (found := re.search(r"\(95 % interval: ([\d.]+ to [\d.]+)\)", text))]
    table = next(block for block in report.blocks if isinstance(block, Table) and "What happens" in block.caption)
    assert said and [row[2] for row in table.rows][: len(said)] == said


def test_captions_of_wide_tables_stay_on_a_phone(window, report, tmp_path):
    page = window(390, 844).page
    page.goto(report.save(tmp_path / "report.html").as_uri())
    wide = "[...document.querySelectorAll('.table')].some((table) => table.scrollWidth > table.clientWidth)"
    ends = """[...document.querySelectorAll('caption')].map((caption) => {
        const range = document.createRange();
        range.selectNodeContents(caption);
        return range.getBoundingClientRect().right;
    })"""
    assert page.evaluate(wide) and max(page.evaluate(ends)) < 390


def test_what_differs_between_two_runs(small, crossroads):
    other = sim.run(crossroads, 40, seed=1, results=None, progress=False, set={"formations.l_reserve.strength": 100})
    page = small.report(other).page
    assert "What differs between the two runs" in page and "formations.l_reserve.strength=100" in page
    with pytest.raises(ValueError, match="same seed"):
        small.report(sim.run(crossroads, 40, seed=2, results=None, progress=False))


def test_markdown_is_saved_with_its_figures(report, tmp_path):
    path = report.save(tmp_path / "report.md")
    named = re.findall(r"\]\((figures/\w+\.png)\)", path.read_text("utf-8"))
    assert len(named) == 3 and all((tmp_path / name).is_file() for name in named)


def test_hostile_names_are_text_in_pages_and_markdown(window, dangerous, tmp_path):
    report, replay = dangerous.report(), dangerous.replay()
    for file in (report.save(tmp_path / "report.html"), replay.save(tmp_path / "replay.html")):
        seen = window()
        seen.page.goto(file.as_uri())
        seen.page.wait_for_timeout(200)
        assert seen.page.evaluate("window.hit") is None and seen.asked == [file.as_uri()]
    assert seen.page.evaluate("document.querySelectorAll('#legend span').length") >= 2
    names = [side.name for side in dangerous.scenario.sides.values()]
    shown = seen.page.evaluate("[...document.querySelectorAll('#legend span:not(.swatch)')].map((n) => n.textContent)")
    assert [printable(name).split() for name in names] == [text.split() for text in shown[: len(names)]]
    assert "\x1b" not in report.markdown and "<script" not in re.sub(r"\\<", "", report.markdown)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_each_hostile_name_is_text_in_each_part(name):
    blocks = [Heading(name), Text(name, name), Items([name]), Command([name]), Table(name, [name], [[name]])]
    blocks += [Figure(b"", "figures/x.png", name, name)]
    page = as_page(name, blocks)
    assert not re.search(r"<(script|img src=x|svg|iframe|x>|b>)", page) and "\x1b" not in page and "\x07" not in page
    said = as_markdown(name, blocks)
    assert "\x1b" not in said and not re.search(r"(?<!\\)<script", re.sub(r"```.*?```", "", said, flags=re.S))


def test_hostile_names_in_svg_notebook_csv_and_terminal(dangerous, tmp_path):
    for number, figure in enumerate((dangerous.plot.control_map(), situation(dangerous.scenario))):
        path = save(figure, tmp_path / f"{number}.svg")
        root = ElementTree.parse(path).getroot()
        assert not [node for node in root.iter() if node.tag.endswith(("script", "foreignObject", "image"))]
    campaign = sim.Campaign(dangerous.loaded, seed=1)
    shown = dangerous._repr_html_() + story_log(dangerous)._repr_html_() + campaign._repr_html_()
    assert not re.search(r"<(script|img|svg|iframe|style)", shown)
    assert "\x1b" not in dangerous.runs.to_csv()
    told = story(story_log(dangerous), dangerous.scenario)
    assert "\x1b" in told  # it is data; the command line escapes it
    assert "\x1b" not in printable(told)


def story_log(results):
    return log_of(campaign_of(results, 0))
