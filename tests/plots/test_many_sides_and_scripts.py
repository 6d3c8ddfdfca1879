"""Plots of two dozen sides, and of names in letters that few fonts have."""

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sim.plots import fonts, theme
from sim.plots.colours import oklab
from sim.plots.control_map import control_map
from sim.plots.fall_times import fall_times
from sim.plots.strength_and_will import strength_and_will
from tests.plots.plot_fakes import overlapping, rendered, results_of, scenario_of, six_places, words


def many_sides(count):
    sides = {f"s{i:02d}": {"name": f"Side number {i:02d}"} for i in range(count)}
    places = {f"p{i:02d}": (0.3 * (i // 6), 0.3 * (i % 6), 1000 * (i + 1)) for i in range(count)}
    names = list(places)
    scenario = scenario_of(places, [(names[i], names[i + 1]) for i in range(count - 1)], sides=sides)
    held = {
        name: place.model_copy(update={"control": side})
        for (name, place), side in zip(scenario.places.items(), sides, strict=True)
    }
    strength = {side: np.linspace(5000 + 300 * i, 2000 + 300 * i, 9) for i, side in enumerate(sides)}
    scenario = scenario.model_copy(update={"places": held})
    return results_of(scenario, {name: {2: 30} for name in names}, strength=strength)


def test_two_dozen_sides_are_told_apart_in_every_plot():
    results = many_sides(24)
    named = {f"Side number {i:02d}" for i in range(24)}
    assert named <= set(words(control_map(results)))
    figure = strength_and_will(results)
    assert [overlapping(boxes) for boxes in rendered(figure, "end")] == [[], []]
    assert named <= set(words(figure))
    shades = oklab(theme.side_colours(results.scenario).values())
    apart = np.linalg.norm(shades[:, None] - shades[None], axis=2)[np.triu_indices(24, 1)]
    assert apart.min() > 0.05
    assert shades[:, 0].max() < 0.85  # none fades on paper


def test_there_are_colours_for_as_many_sides_as_may_be():
    colours = theme.side_colours(many_sides(62).scenario)
    assert len(set(colours.values())) == 62
    assert theme.side_colours(many_sides(5).scenario) == dict(zip(colours, theme.PALETTE[:5], strict=False))


CHINESE = "\u5927\u9a6c\u58eb\u9769"


def test_a_name_that_no_font_can_write_is_shown_by_its_id(monkeypatch, recwarn):
    monkeypatch.setattr("sim.plots.fonts.families", lambda: [theme.FONT])
    scenario = six_places().scenario
    places = scenario.places | {"alder": scenario.places["alder"].model_copy(update={"name": CHINESE})}
    results = six_places()
    results.scenario = scenario.model_copy(update={"places": places, "title": CHINESE})
    for figure in (control_map(results, 1), fall_times(results, "alder"), strength_and_will(results)):
        FigureCanvasAgg(figure).draw()
        assert "Ids and □ stand for CJK letters: no installed font has them. Install Noto Sans CJK" in " ".join(
            words(figure)
        )
        assert CHINESE not in " ".join(words(figure))
    assert "alder" in words(control_map(results, 1))
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
    assert "Ids and" not in " ".join(words(control_map(six_places(), 1)))


ARABIC = "\u062d\u0645\u0627\u0629"


def test_names_from_right_to_left_are_shaped_and_turn_nothing_around_them():
    lam, alif = "\u0644", "\u0627"  # which join to one sign
    assert theme.extent(lam + alif)[0] < 0.8 * (theme.extent(lam)[0] + theme.extent(alif)[0])
    turned = f"{ARABIC}\u202ecba\u202c"
    places = six_places().scenario.places
    scenario = six_places().scenario.model_copy(
        update={"title": turned, "places": places | {"alder": places["alder"].model_copy(update={"name": turned})}}
    )
    assert theme.place_name(scenario, "alder") == f"\u2068{ARABIC}\\u202ecba\\u202c\u2069"
    assert theme.title_of(scenario, 1e6) == f"\u2068{ARABIC}\\u202ecba\\u202c\u2069"
    cut = theme.shorten(theme.place_name(scenario, "alder"), 40)
    assert cut.startswith("\u2068") and cut.endswith("…\u2069")
    # A line that begins with such a name still runs from left to right.
    assert fonts.in_order(f"{ARABIC} 23 %") == f"\u200e{ARABIC} 23 %"
    assert fonts.in_order("plain \u202e") == "plain \\u202e"
    assert theme.extent(f"\u2068{ARABIC}\u2069") == theme.extent(ARABIC)


def test_what_no_font_has_is_said_by_its_script():
    assert fonts.lacking(["Hama", ARABIC]) == ""
    said = "Ids and □ stand for Devanagari letters: no installed font has them. Install Noto Sans Devanagari"
    assert fonts.lacking(["\u0939"]) == said


def test_the_users_font_families_are_asked_after_ours(monkeypatch):
    monkeypatch.setitem(matplotlib.rcParams, "font.family", ["DejaVu Serif", "No Such Font"])
    assert fonts.families()[:2] == [theme.FONT, "DejaVu Serif"]
    assert "No Such Font" not in fonts.families()
    assert fonts.faces("Hama", "bold") == ([theme.FONT], "bold")
    assert fonts.faces(CHINESE, "bold") == (fonts.families(), "normal")
