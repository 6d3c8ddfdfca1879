"""Pictures that move: each frame is drawn over one background; a GIF, or an MP4 where ffmpeg is installed."""

from __future__ import annotations

import base64
import html
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from sim.plots import FILMS
from sim.plots.theme import PlotFigure
from sim.scenario.file_paths import expanded, write_whole

DPI = 100
SECONDS, HOLD = 0.25, 2.5
"""How long a frame is shown, and the last one."""
MOST_FRAMES = 150
SAMPLES = 6
"""Frames whose colours make the palette of a GIF: one for all frames, so that what stands still does not flicker."""


class Animation:
    """An animation that shows itself in a notebook; `.save(path)` writes it as `.gif` or `.mp4`."""

    def __init__(
        self, figure: PlotFigure, ticks: int, draw: Callable[[int], Iterable[Artist]], what: str, tick_days: float
    ) -> None:
        """`draw(tick)` adds to the figure what is special to a tick, and gives it back, to be taken off again."""
        self._figure, self._draw, self._what = figure, draw, what
        step = -(-ticks // MOST_FRAMES)
        self.ticks = [*range(0, ticks - 1, step), ticks - 1]
        """The ticks that are shown: of a long campaign not all."""
        # As long as a film of six-hour ticks: a day takes a second, or less if the campaign is long.
        self._seconds = SECONDS if tick_days * step <= 0.5 else min(1.0, 2 * SECONDS)

    def save(self, path: str | Path) -> Path:
        """Write the animation, as a whole or not at all. The same animation gives the same bytes.

        ValueError for another ending, or for `.mp4` where there is no ffmpeg; OSError if it cannot be written.
        """
        path = check_film(path)
        data = self._gif() if path.suffix.lower() == ".gif" else self._mp4()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        return path

    def pictures(self) -> Iterator[Image.Image]:
        """The frames, one after another."""
        figure = self._figure
        figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        background = canvas.copy_from_bbox(figure.bbox)
        width, height = (size // 2 * 2 for size in canvas.get_width_height())  # films need even numbers
        for tick in self.ticks:
            canvas.restore_region(background)
            artists = sorted(self._draw(tick), key=lambda artist: artist.get_zorder())
            for artist in artists:
                figure.draw_artist(artist)
            for artist in artists:
                artist.remove()
            # A copy: the next frame is drawn into the same memory.
            yield Image.fromarray(np.array(canvas.buffer_rgba())[:height, :width, :3])

    def _gif(self) -> bytes:
        pictures = list(self.pictures())
        chosen = [pictures[i * (len(pictures) - 1) // (SAMPLES - 1)] for i in range(SAMPLES)]
        mosaic = Image.new("RGB", (chosen[0].width, SAMPLES * chosen[0].height))
        for i, picture in enumerate(chosen):
            mosaic.paste(picture, (0, i * picture.height))
        palette = mosaic.quantize(256, method=Image.Quantize.MEDIANCUT)
        frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
        written = io.BytesIO()
        shown = [round(1000 * self._seconds)] * (len(frames) - 1) + [round(1000 * HOLD)]
        frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=shown, loop=0)
        return written.getvalue()

    def _mp4(self) -> bytes:
        pictures = self.pictures()
        picture = next(pictures)
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{picture.width}x{picture.height}")
        with tempfile.TemporaryDirectory() as folder:
            film = Path(folder) / "film.mp4"
            made = ("-pix_fmt", "yuv420p", "-r", "24", "-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact")
            command = (_ffmpeg(), "-loglevel", "error", *raw, "-framerate", f"{1 / self._seconds:g}", "-i", "-", *made)
            with (
                tempfile.TemporaryFile() as said,
                subprocess.Popen((*command, "-y", film), stdin=subprocess.PIPE, stderr=said) as ffmpeg,
            ):
                assert ffmpeg.stdin is not None
                try:
                    ffmpeg.stdin.write(picture.tobytes())
                    for picture in pictures:
                        ffmpeg.stdin.write(picture.tobytes())
                    for _ in range(round(HOLD / self._seconds)):
                        ffmpeg.stdin.write(picture.tobytes())
                    ffmpeg.stdin.close()
                except BrokenPipeError:
                    pass  # it has said why
                if ffmpeg.wait() or not film.is_file():
                    said.seek(0)
                    why = said.read().decode(errors="replace").strip().splitlines() or ["it does not say why"]
                    raise OSError(f"ffmpeg wrote no film: {why[-1]}")
            return film.read_bytes()

    def __repr__(self) -> str:
        return f"<Animation: {self._what}, {len(self.ticks)} frames; .save(path) writes .gif or .mp4>"

    def _repr_html_(self) -> str:
        picture = base64.b64encode(self._gif()).decode()
        return f'<img alt="{html.escape(self._what)}" src="data:image/gif;base64,{picture}">'


def check_film(path: str | Path) -> Path:
    """The path of an animation that can be written here. ValueError says what is wrong, before anything is drawn."""
    path = expanded(path)
    if path.suffix.lower() not in FILMS:
        raise ValueError(f"{path}: the name of an animation should end in {' or '.join(FILMS)}")
    if path.suffix.lower() == ".mp4":
        _ffmpeg()
    return path


def _ffmpeg() -> str:
    """The program that writes films."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise ValueError("an MP4 is written by the program ffmpeg, which is not installed: install it, or write a .gif")
    return found
