"""Military symbols as outlines: frames by who is hostile to whom, icons by kind, after STANAG APP-6.

APP-6 has no sign for some kinds of formation that scenarios know. These have a mark of ours, which the key explains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

FRIEND, HOSTILE, NEUTRAL = "friend", "hostile", "neutral"
FRAMES = {FRIEND: "M-15-10H15V10H-15Z", HOSTILE: "M0-16L16 0L0 16L-16 0Z", NEUTRAL: "M-12-12H12V12H-12Z"}
REACH = {FRIEND: (15.0, 10.0), HOSTILE: (10.0, 6.0), NEUTRAL: (12.0, 12.0)}
"""How far an icon goes to the side and up in each frame."""
ICONS = {
    "infantry": "infantry",
    "motorised": "infantry in lorries and pick-ups",
    "mechanised": "mechanised infantry",
    "armour": "armour",
    "artillery": "artillery",
    "garrison": "garrison, bound to its place (our mark: a bar below)",
    "elite": "elite or guard (our mark: a bar above)",
    "militia": "militia (our mark: M)",
    "special": "special forces",
    "naval": "naval infantry",
    "air": "air wing",
}
WORDS = {
    "mech": "mechanised", "tank": "armour", "armour": "armour", "armor": "armour", "artill": "artillery",
    "gun": "artillery", "garrison": "garrison", "police": "garrison", "elite": "elite", "guard": "elite",
    "militia": "militia", "irregular": "militia", "special": "special", "commando": "special", "marine": "naval",
    "naval": "naval", "light": "motorised", "motor": "motorised", "infantry": "infantry", "foot": "infantry",
}  # fmt: skip
"""Parts of the names of kinds, and the icon that goes with each; of several the first."""


def icon_of(kind: str) -> str:
    """The icon for a kind of formation, by its name."""
    return next((icon for word, icon in WORDS.items() if word in kind), "infantry")


def symbols(kinds: Iterable[str]) -> dict[str, Any]:
    """Frames, and for each icon that these kinds need its lines and its filled parts in each frame, and its meaning."""
    icons = {kind: icon_of(kind) for kind in kinds}
    used = [icon for icon in ICONS if icon in {*icons.values(), "infantry", "air"}]
    return {
        "frames": FRAMES,
        "of": icons,
        "icons": {icon: {frame: outlines(icon, frame) for frame in FRAMES} for icon in used},
        "meaning": {icon: ICONS[icon] for icon in used},
    }


def outlines(icon: str, frame: str) -> tuple[str, str]:
    """The lines of an icon and its filled parts, as SVG paths."""
    x, y = REACH[frame]
    cross = f"M{-x:g}{-y:g}L{x:g} {y:g}M{-x:g} {y:g}L{x:g}{-y:g}"
    rx, ry = 0.62 * min(x, 15), 0.55 * min(y, 10)
    oval = f"M{-rx:g} 0A{rx:g} {ry:g} 0 1 1 {rx:g} 0A{rx:g} {ry:g} 0 1 1 {-rx:g} 0Z"
    low, band = 0.62 * y, 0.38 * y
    below = f"M{-x:g} {low:g}h{2 * x:g}v{band:g}h{-2 * x:g}Z"
    above = f"M{-x:g}{-y:g}h{2 * x:g}v{band:g}h{-2 * x:g}Z"
    drawn = {
        "infantry": (cross, ""),
        "motorised": (f"{cross}M0{-y:g}V{y:g}", ""),
        "mechanised": (cross + oval, ""),
        "armour": (oval, ""),
        "artillery": ("", "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1-4 0Z"),
        "garrison": (cross, below),
        "elite": (cross + oval, above),
        "militia": ("M-5 5V-5L0 1L5-5V5", ""),
        "special": ("M-2-4Q-8-6-8-2.5T-5 0T-2.5 3T-8 4M3 5V-5H8M3 0H7", ""),
        "naval": ("M0-6V6M-4-3H4M-7 1Q-6 6 0 6Q6 6 7 1", ""),
        "air": ("", "M0 0C4-6 10-5 10 0S4 6 0 0C-4-6-10-5-10 0S-4 6 0 0Z"),
    }
    return drawn[icon]
