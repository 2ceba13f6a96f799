"""Cut the fonts of reports from Debian's fonts-noto-core: TTF for charts and PDF, WOFF2 for pages.

    apt-get install fonts-noto-core
    python -m pip install fonttools brotli
    python tools/fonts.py /usr/share/fonts/truetype/noto src/serai/report/fonts

The same fonts give the same bytes. Debian's Noto Sans lacks the minus sign and the narrow no-break space; both are
added to its character map, as the en dash and as the space, since numbers of reports use them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

PUNCTUATION = [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2028), 0x202F, *range(0x2030, 0x203B), 0x2212]
LATIN = [*PUNCTUATION, *range(0x100, 0x180), *range(0x400, 0x530), 0x20AC, 0x20B8, 0x2116, 0x2122]
ARABIC = [*PUNCTUATION, *range(0x600, 0x700), *range(0x750, 0x780), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF)]
FONTS = {
    "NotoSans-Regular": LATIN,
    "NotoSans-Bold": LATIN,
    "NotoNaskhArabic-Regular": ARABIC,
    "NotoNaskhArabic-Bold": ARABIC,
}
STAND_INS = {0x2212: 0x2013, 0x202F: 0x20, 0x2011: 0x2010}


def _with_stand_ins(font: TTFont) -> None:
    for table in font["cmap"].tables:
        if table.isUnicode():
            for wanted, instead in STAND_INS.items():
                if wanted not in table.cmap and instead in table.cmap:
                    table.cmap[wanted] = table.cmap[instead]


def cut(source: Path, target: Path, codes: list[int]) -> None:
    """Write one font with some characters only, as TTF and WOFF2."""
    for suffix, flavor in ((".ttf", None), (".woff2", "woff2")):
        font = TTFont(source, recalcTimestamp=False)
        _with_stand_ins(font)
        options = subset.Options(layout_features=["*"], notdef_outline=True, hinting=False, flavor=flavor)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=codes)
        cutter.subset(font)
        font.flavor = flavor
        font.save(target.with_suffix(suffix))


def main(source: Path, target: Path) -> None:
    """Cut every font of the list."""
    target.mkdir(parents=True, exist_ok=True)
    for name, codes in FONTS.items():
        cut(source / f"{name}.ttf", target / name, codes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
