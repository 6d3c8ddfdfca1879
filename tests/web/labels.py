"""What a reader of a map would take a name for: by the dots that are seen, not by how the page has placed the name."""

from __future__ import annotations

LABELS = """() => {
    const map = document.getElementById("map");
    const on_screen = (node, x, y) => new DOMPoint(x, y).matrixTransform(node.getScreenCTM());
    const discs = [...map.querySelectorAll(".node")].map((node) => {
        const { left, right, top, bottom } = node.querySelector(".place").getBoundingClientRect();
        const x = (left + right) / 2, y = (top + bottom) / 2;
        return { says: node.getAttribute("aria-label"), x, y, r: (right - left) / 2 };
    });
    const disc_of = (text) => discs.find(({ says }) => says === text || says.startsWith(`${text},`))
      || discs.find(({ says }) => says.startsWith(text.split("…")[0]));
    const names = [...map.querySelectorAll(".place-name")].map((node) => {
        const { x, y, width, height } = node.getBBox(), text = node.textContent;
        const from = on_screen(node, x, y), to = on_screen(node, x + width, y + height);
        return { text, of: disc_of(text), left: from.x, top: from.y, right: to.x, bottom: to.y };
    });
    const end = (line, which) => on_screen(line, line[`x${which}`].baseVal.value, line[`y${which}`].baseVal.value);
    const lines = [...map.querySelectorAll(".leader")].map((line) => [end(line, 1), end(line, 2)]);
    const within = (value, low, high) => Math.min(high, Math.max(low, value));
    const gap = (box, { x, y }, r) =>
        Math.hypot(x - within(x, box.left, box.right), y - within(y, box.top, box.bottom)) - r;
    const leads = ([a, b], name) => Math.hypot(a.x - name.of.x, a.y - name.of.y) < 1 && gap(name, b, 0) < 4;
    // A name at the end of a line is told by it; but even that stands beside no other dot.
    const near = (name) => Math.min(gap(name, name.of, name.of.r), lines.some((line) => leads(line, name)) ? 7 : 1e9);
    const is_misread = (name) => discs.some((disc) => disc !== name.of && gap(name, disc, disc.r) < near(name) - 1.5);
    const steps = ([a, b], count = Math.ceil(Math.hypot(b.x - a.x, b.y - a.y))) =>
        Array.from({ length: count }, (_, i) => i / count)
            .map((part) => ({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }));
    const is_in = ({ x, y }, box) => x > box.left + 2 && x < box.right - 2 && y > box.top + 4 && y < box.bottom - 4;
    const of_names = lines.filter((line) => names.some((name) => leads(line, name)));
    const is_struck = (name) => of_names.some((line) => steps(line).some((point) => is_in(point, name)));
    const texts = (some) => some.map(({ text }) => text);
    return { count: names.length, misread: texts(names.filter(is_misread)), struck: texts(names.filter(is_struck)) };
}"""
"""How many names a map shows; those nearer to another dot than to their own; those run over by the line of a name."""
SIZES = ((1366, 768), (390, 844))
