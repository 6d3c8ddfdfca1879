"""Names on the maps of pages: no label meets another, and none would be read as that of another disc."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from sim.web.shared.single_page import bundle

SCRIPT = bundle([files("sim.web.shared") / "placing.js"])


@pytest.fixture
def page(window) -> Any:
    opened = window().page
    opened.add_script_tag(content=SCRIPT)
    return opened


def name(page: Any, discs: list[list[float]], bounds: list[float], wide: float, insists: bool = False) -> Any:
    """Where the name of the first disc finds room, and whether something may then hide its line."""
    asked = {"discs": discs, "bounds": bounds, "wide": wide, "insists": insists}
    return page.evaluate(
        """({ discs, bounds, wide, insists }) => {
            const room = new Room([], bounds);
            for (const disc of discs) room.take_disc(...disc);
            const found = room.name(...discs[0], wide, 9, 1, insists);
            const line = found && room.take_name(found, ...discs[0]);
            if (line) {
                const [x1, y1, x2, y2] = line, box = around((x1 + 3 * x2) / 4, (y1 + 3 * y2) / 4, 2, 2);
                found.is_hidden = room.is_free(box, true);
            }
            return found;
        }""",
        asked,
    )


def test_a_name_that_another_disc_could_claim_is_left_out(page):
    discs, strip = [[100, 75, 4], [140, 75, 4]], [95, 69, 160, 81]
    # It begins 6 right of its own disc. A name 22 wide ends 4 before the other, one 18 wide 8 before it.
    assert name(page, discs, strip, 22) is None
    found = name(page, discs, strip, 18)
    assert found["x"] == pytest.approx(110 + 9) and found["off"] == 0


def test_a_name_that_insists_stands_at_the_end_of_a_line_that_nothing_hides_and_beside_no_other_disc(page):
    ring = [[114, 75], [107, 87.1], [93, 87.1], [86, 75], [93, 62.9], [107, 62.9]]
    discs, wide = [[100, 75, 4], *([x, y, 4] for x, y in ring)], [0, 0, 300, 200]
    assert name(page, discs, wide, 30) is None
    found = name(page, discs, wide, 30, insists=True)
    left, top, right, bottom = found["box"]
    gaps = [((x - min(max(x, left), right)) ** 2 + (y - min(max(y, top), bottom)) ** 2) ** 0.5 - 4 for x, y in ring]
    assert found["off"] > 0 and min(gaps) >= 7 and not found["is_hidden"]


@pytest.mark.parametrize("seed", range(3))
def test_names_meet_nothing_and_the_nearest_disc_is_their_own_or_a_line_leads_to_them(page, seed):
    found = page.evaluate(
        """(seed) => {
            const random = () => (seed = (seed * 16807 + 11) % 2147483647) / 2147483647;
            const some = () => [20 + 360 * random(), 20 + 260 * random(), 3 + 5 * random()];
            const discs = Array.from({ length: 60 }, some), room = new Room([], [0, 0, 400, 300]), placed = [];
            for (const disc of discs) room.take_disc(...disc);
            for (const disc of discs) {
                const wide = 20 + 50 * random(), found = room.name(...disc, wide, 11, 1, discs.indexOf(disc) < 30);
                if (!found) continue;
                room.take_name(found, disc[0], disc[1]);
                const box = [found.x - wide / 2, found.box[1], found.x + wide / 2, found.box[3]];
                placed.push({ own: discs.indexOf(disc), off: found.off, box });
            }
            return { discs, placed };
        }""",
        seed + 1,
    )
    discs, placed = found["discs"], found["placed"]

    def gap(box: list[float], disc: list[float]) -> float:
        x, y, r = disc
        return ((x - min(max(x, box[0]), box[2])) ** 2 + (y - min(max(y, box[1]), box[3])) ** 2) ** 0.5 - r

    boxes = [each["box"] for each in placed]
    beside = [each for each in placed if not each["off"]]
    assert 15 < len(beside) < len(placed) < 60
    assert all(min(range(60), key=lambda i: gap(each["box"], discs[i])) == each["own"] for each in beside)
    assert min(gap(box, disc) for box in boxes for disc in discs) >= 0
    assert not any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for i, a in enumerate(boxes) for b in boxes[:i]
    )
