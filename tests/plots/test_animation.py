"""Animations say in each frame what a plot of that day says; they are the same bytes again, and one message if not."""

import itertools
import os
import stat
import sys

import numpy as np
import pytest
from PIL import Image

from sim.plots import Plot
from sim.plots.animation import MOST_FRAMES, Animation
from sim.plots.campaign_film import ALARM, Column, Course, _badges, _spots, campaign_film
from sim.plots.control_film import control_film
from sim.plots.control_map import new_sheet
from sim.plots.theme import new_figure
from tests.plots.plot_fakes import dense, overlapping, rendered, six_places, words


def course(results):
    """Birch (1) falls to the second side (1) at tick 3; one formation goes there from Alder (0)."""
    ticks = len(results.days)
    control = np.zeros((ticks, len(results.place_ids)), dtype=int)
    control[3:, 1] = 1
    strikes = np.zeros(control.shape)
    strikes[2, 1] = 5
    columns = [
        [Column(0, 4, -1, 0.0, 3, 4200.0, False), Column(1, 1, 0, t / 4, 1, 850.0, t == 3)] for t in range(ticks)
    ]
    return Course(7, 1, control, strikes, columns, ["", "", "", *["Birch falls to the Southern Union"] * (ticks - 3)])


def in_tick(animation: Animation, tick: int):
    """What a frame has more than the background, while it is drawn; its picture."""
    artists = list(animation._draw(tick))
    said = words(animation._figure)
    for artist in artists:
        artist.remove()
    return said


def test_each_frame_has_its_day_and_its_shares(tmp_path):
    results = six_places()
    film = Plot(results).control_film()
    assert film.ticks == list(range(9))
    assert {"Day 0", "1 May 2031"} <= set(in_tick(film, 0)) and {"Day 2.5", "3 May 2031 12:00"} <= set(in_tick(film, 5))
    assert "Day 2.5" not in words(film._figure)  # taken off again
    pictures = [np.asarray(picture).astype(int) for picture in film.pictures()]
    orange = [int((abs(p - (0xD5, 0x5E, 0x00)).sum(axis=2) < 12).sum()) for p in pictures]
    # The side that takes Birch in 30 of 100 campaigns, then in 50, and Elm in 10: its colour grows at ticks 2, 4 and 6.
    assert [b > a + 4 for a, b in itertools.pairwise(orange)] == [False, True, False, True, False, True, False, False]
    assert {size % 2 for size in pictures[0].shape[:2]} == {0}


def test_a_gif_shows_the_last_frame_longest_and_is_the_same_again(tmp_path):
    files = [control_film(six_places()).save(tmp_path / name) for name in ("a.gif", "b.GIF")]
    assert files[0].read_bytes() == files[1].read_bytes()
    shown = []
    with Image.open(files[0]) as gif:
        for i in range(gif.n_frames):
            gif.seek(i)
            shown.append(gif.info["duration"])
    assert sum(shown) == 8 * 250 + 2500 and max(shown) == shown[-1]
    assert "data:image/gif;base64," in control_film(six_places())._repr_html_()


def test_a_long_campaign_is_shown_in_fewer_frames():
    film = Animation(new_figure(1, 1), 1001, lambda tick: [], "nothing", 0.25)
    assert len(film.ticks) <= MOST_FRAMES + 1 and film.ticks[0] == 0 and film.ticks[-1] == 1000


def test_a_campaign_shows_holders_formations_fights_and_what_happened():
    results = six_places()
    film = campaign_film(results.scenario, course(results))
    assert {"3: 4.2k", "1: 850", "Day 0.5"} <= set(in_tick(film, 1))
    assert {"⚔ 1: 850", "Birch falls to the Southern Union", "Campaign 7, seed 1"} <= set(in_tick(film, 3))
    pictures = [np.asarray(picture).astype(int) for picture in film.pictures()]
    red = [int((abs(p - tuple(bytes.fromhex(ALARM[1:]))).sum(axis=2) < 12).sum()) for p in pictures]
    assert [count > 10 for count in red] == [tick == 3 for tick in range(9)]


def test_badges_and_names_do_not_overlap_on_a_crowded_map():
    results = dense(60)
    rng = np.random.default_rng(3)
    columns = [
        Column(int(rng.integers(2)), i, i - 1 if i % 3 == 0 else -1, float(rng.random()), 2, 1000.0 * i, False)
        for i in range(1, 60)
    ]
    sheet = new_sheet(results, [0], 1, None, "", "")
    assert list(_badges(sheet, results.scenario, _spots(results, sheet), columns))
    boxes = rendered(sheet.figure, "badge")[0] + rendered(sheet.figure, "place")[0]
    assert len(boxes) > 20 and overlapping(boxes) == []


FFMPEG = """#!{python}
import sys
size = sys.argv[sys.argv.index("-s") + 1]
wide, high = map(int, size.split("x"))
data = sys.stdin.buffer.read()
if {fails}:
    print("Unknown encoder", file=sys.stderr)
    sys.exit(1)
frames, rest = divmod(len(data), 3 * wide * high)
rate = sys.argv[sys.argv.index("-framerate") + 1]
open(sys.argv[-1], "w").write(f"{{frames}} frames, {{rest}} left, {{rate}} a second")
"""


@pytest.mark.skipif(os.name != "posix", reason="a script stands for the program")
def test_an_mp4_is_written_by_ffmpeg_or_one_message_says_why_not(tmp_path, monkeypatch):
    film = control_film(six_places())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match=r"ffmpeg, which is not installed: install it, or write a \.gif"):
        film.save(tmp_path / "film.mp4")
    for fails in (False, True):
        program = tmp_path / "ffmpeg"
        program.write_text(FFMPEG.format(python=sys.executable, fails=fails))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        if fails:
            (tmp_path / "film.mp4").unlink()
            with pytest.raises(OSError, match="ffmpeg wrote no film: Unknown encoder"):
                film.save(tmp_path / "film.mp4")
            assert not (tmp_path / "film.mp4").exists()
        else:
            film.save(tmp_path / "film.mp4")
            assert (tmp_path / "film.mp4").read_text() == "19 frames, 0 left, 4 a second"


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"should end in \.gif or \.mp4"):
        control_film(six_places()).save(tmp_path / "film.avi")


def test_what_happened_takes_up_to_two_lines_within_the_map():
    results = six_places()
    plain = course(results)
    long = "Birch falls to the Southern Union, which came over Alder and Elm and held all roads behind it; " * 3
    film = campaign_film(results.scenario, plain._replace(said=[long.strip()] * len(plain.said)))
    drawn = in_tick(film, 4)
    first, second = (text for text in drawn if text.startswith("Birch falls to") or text.endswith("…"))
    assert long.startswith(f"{first} {second.removesuffix('…')}") and second.endswith("…")
    assert [text for text in in_tick(campaign_film(results.scenario, plain), 4) if "Birch falls" in text] == [
        "Birch falls to the Southern Union"
    ]
