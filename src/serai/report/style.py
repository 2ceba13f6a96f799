"""How charts and maps look: the fonts that come with Serai, colours, and figures as SVG, the same bytes twice."""

from __future__ import annotations

import io
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from serai.report.language import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1d2b36"
QUIET = "#8a97a3"
OWN = "#b5442c"
OTHER = "#2b6a8f"
STATE_COLOURS = {
    "open": "#2e7d4f",
    "restricted": "#c58a12",
    "bilateral": "#c58a12",
    "closed": "#b5442c",
    "unknown": "#7a7f87",
    "under construction": "#8e6bb0",
    "planned": "#8e6bb0",
}
DARK = {
    INK: "#e3e9ec", QUIET: "#7d8a95", OWN: "#ef8a70", OTHER: "#83c0e2",
    "#2e7d4f": "#6cc08b", "#c58a12": "#e0b45c", "#7a7f87": "#a9afb8", "#8e6bb0": "#c3a3e0",
    "#ffffff": "#14191d", "#f1efe8": "#2b3133", "#dfe9ee": "#17242d", "#b9c4c9": "#4a565e", "#b7b0a2": "#84867c",
    "#7d766a": "#c2b9a6", "#7c6f5d": "#b3a48c", "#30475e": "#8fb0d3", "#5f93b5": "#6aa5cc", "#a5672a": "#dba066",
    "#eceff1": "#2a343b", "#e4e7ea": "#2f3a42", "#f7f6f3": "#1f2528",
}  # fmt: skip
"""What stands for each colour of a picture where the reader's screen is dark."""
FAMILIES = ("Noto Sans", "Noto Naskh Arabic", "DejaVu Sans")
"""In this order: Latin and Cyrillic, Arabic, and what neither has; the last comes with matplotlib."""


LEADING = 1.4
POINTS = 72
_RTL_LETTER = re.compile("[\u0600-\u06ff]")
_LATIN_START = re.compile("[^\u0600-\u06ffA-Za-z]*[A-Za-z]")
_PAINT = re.compile(r"(fill|stroke): #([0-9a-f]{6})")


@cache
def use_fonts() -> None:
    """Let matplotlib draw with the fonts that come with Serai, never with another copy on the machine."""
    from matplotlib.font_manager import FontManager, fontManager

    manager: FontManager = fontManager
    manager.ttflist = [f for f in manager.ttflist if f.name not in FAMILIES[:2]]
    for path in sorted(p.name for p in files("serai.report").joinpath("fonts").iterdir()):
        if path.endswith(".ttf"):
            manager.addfont(str(files("serai.report").joinpath("fonts", path)))


def figure(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Open a figure of a size in inches with axes beside each other."""
    import matplotlib as mpl

    mpl.use("Agg")
    use_fonts()
    mpl.rcParams.update(
        {
            "svg.hashsalt": "serai",
            "svg.fonttype": "path",
            "font.family": list(FAMILIES),
            "font.size": 8,
            "axes.unicode_minus": True,
            "axes.edgecolor": QUIET,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    import matplotlib.pyplot as plt

    opened, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False)
    return opened, list(axes[0])


def svg(drawn: Figure, label: str, *, tight: bool = True) -> str:
    """Close a figure and return it as SVG text; `tight` crops it to what is drawn."""
    import matplotlib.pyplot as plt

    out = io.StringIO()
    box = "tight" if tight else None
    drawn.savefig(out, format="svg", bbox_inches=box, facecolor="none", metadata={"Date": None, "Creator": None})
    plt.close(drawn)
    text = out.getvalue()
    text = _shorter(text[text.index("<svg") :])
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)


def _shorter(text: str) -> str:
    """Round the points of outlines to a hundredth of a unit, which nobody can see, to halve the size."""
    paths = re.compile(r' d="[^"]*"')
    number = re.compile(r"-?\d+\.\d{3,}")
    return paths.sub(lambda d: number.sub(lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), d[0]), text)


def themed(picture: str) -> str:
    """Let a page choose the colours of a picture: each a property with the light colour as what it is otherwise.

    Only for pictures inside a page: what sets paper, and a picture that stands alone, know no properties.
    """
    return _PAINT.sub(lambda m: f"{m[1]}: var(--p{m[2]}, #{m[2]})" if f"#{m[2]}" in DARK else m[0], picture)


def dark_properties() -> str:
    """Give the properties :func:`themed` asks for, as a dark page sets them."""
    return "; ".join(f"--p{light[1:]}: {dark}" for light, dark in DARK.items())


def credited(picture: str, lines: list[str], direction: str = "ltr") -> str:
    """Return an SVG file that stands alone: white ground, and below the picture who made it and what it is for."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture)
    if found is None:
        return picture
    width, height = float(found[1]), float(found[2])
    size = min(7.0, width / 95)
    per_line = int(width / size / 0.52)
    wrapped = [part for line in lines for part in _wrap(plain(line), per_line)]
    below = (len(wrapped) + 1) * size * LEADING
    full = height + below
    text = _outlined(wrapped, width, below, size, direction)
    # Inside another picture a size is in the units of its frame.
    text = re.sub(r' width="[0-9.]+pt" height="[0-9.]+pt"', f' y="{height:.2f}" width="{width}" height="{below:.2f}"',
                  text, count=1)  # fmt: skip
    body = picture.replace(found[0], f'viewBox="0 0 {found[1]} {full:.2f}"', 1)
    body = re.sub(r'<svg ([^>]*?)height="[^"]*"', rf'<svg \1height="{full:.2f}pt"', body, count=1)
    head_end = body.index(">") + 1
    ground = f'<desc>{escape(" ".join(lines))}</desc><rect width="{found[1]}" height="{full:.2f}" fill="white"/>'
    # A picture may hold another; the words belong to the outer one.
    inner, _, rest = body[head_end:].rpartition("</svg>")
    return f"{body[:head_end]}{ground}{inner}{text}</svg>{rest}"


def _outlined(lines: list[str], width: float, height: float, size: float, direction: str) -> str:
    """Draw lines of small print as outlines, so that no letter is missing where a font is."""
    opened, (ax,) = figure(width / POINTS, height / POINTS)
    ax.axis("off")
    left = direction == "ltr"
    for i, line in enumerate(lines):
        at = (size / width if left else 1 - size / width, 1 - (i + 1) * size * LEADING / height)
        opened.text(*at, line, fontsize=size, ha="left" if left else "right", va="baseline", parse_math=False)
    return svg(opened, " ".join(lines), tight=False)


def _wrap(line: str, width: int) -> list[str]:
    """Break a line; one of right-to-left text takes a word of that script to its start, which sets its direction."""
    import textwrap

    parts = textwrap.wrap(line, width) or [""]
    for i in range(1, len(parts)):
        while _RTL_LETTER.search(parts[i]) and _LATIN_START.match(parts[i]) and " " in parts[i - 1]:
            parts[i - 1], _, word = parts[i - 1].rpartition(" ")
            parts[i] = f"{word} {parts[i]}"
    return parts
