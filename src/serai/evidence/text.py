"""Text as the grammar reads it: folded to one form of each letter and digit, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

CONTROLS: Final = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]")
DIRECTIONS: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff\u200d]")

_SAME: Final = {
    **{chr(0x06F0 + d): str(d) for d in range(10)},
    **{chr(0x0660 + d): str(d) for d in range(10)},
    **dict.fromkeys("\u00a0\u2009\u202f\u2007\u2002\u2003\u200c", "\u00a0"),
    **dict.fromkeys("‘’ʼʹ`´", "'"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‐‑‒−", "-"),
    "ك": "ک",
    "ي": "ی",
    "ى": "ی",
    "ة": "ہ",
    "ه": "ہ",
    "ۀ": "ہ",
    "أ": "ا",
    "إ": "ا",
    "٪": "%",
    "٫": ".",
    "٬": ",",
    "،": ",",
    "؛": ";",
    "ё": "е",
}
_ACCENTED: Final = {"á": "ә", "ó": "ө", "ú": "ү", "ń": "ң", "ǵ": "ғ", "ý": "у", "ı": "и", "i": "і", "y": "ы", "u": "ұ"}
_TURKIC: Final = {
    "ä": "ә",
    "ö": "ө",
    "ü": "ү",
    "ñ": "ң",
    "ŋ": "ң",
    "ğ": "ғ",
    "ǧ": "ғ",
    "ū": "ұ",
    "ı": "і",
    "i": "и",
    "y": "ы",
    "u": "у",
    "ş": "ш",
    "ý": "й",
}
_LATIN: Final = dict(zip("abcdefghjklmnopqrstvwxz", "абцдефгһжклмнопқрствухз", strict=True))
_VOWELS: Final = frozenset("aáeoóuúyıi")
_PAIRS: Final = {"sh": "ш", "ch": "ч", "ya": "я", "yu": "ю", "ia": "ия"}


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `origin[i]` is the position in the original of character i, with one more entry for its end."""

    text: str
    origin: tuple[int, ...]
    lang: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Positions in the original of a stretch of the folded text."""
        if end <= start:
            return self.origin[start], self.origin[start]
        return self.origin[start], self.origin[end - 1] + 1


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """Take out what a reader cannot see; say so where it could mislead.

    Returns
    -------
    tuple
        The text in composed form, and warnings.
    """
    warnings = []
    if DIRECTIONS.search(text):
        warnings.append("marks that turn the direction of writing were taken out")
    if CONTROLS.search(text):
        warnings.append("control characters were taken out")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = INVISIBLE.sub("", DIRECTIONS.sub("", CONTROLS.sub("", text)))
    text = "".join(c for c in text if not ("\ud800" <= c <= "\udfff"))
    return unicodedata.normalize("NFC", text), tuple(warnings)


def decode(raw: bytes, charset: str = "") -> str:
    """Bytes as text: by mark, by the charset said, as UTF-8, or as the code page of Cyrillic pages."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace")
    said = charset or next(
        (m[1].decode("ascii", "ignore") for m in [re.search(rb"charset=[\"']?([A-Za-z0-9_-]+)", raw[:3000])] if m), ""
    )
    for name in ("utf-8-sig", said, "cp1251"):
        if name:
            try:
                return raw.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
    return raw.decode("utf-8", errors="replace")


@cache
def fold_char(char: str) -> str:
    """One character to one character: lower case, Urdu letters, ASCII digits, plain quotes."""
    char = _SAME.get(char, char)
    low = char.lower()
    return _SAME.get(low, low) if len(low) == 1 else char


def fold_word(word: str) -> str:
    """Fold a name or a word for looking up."""
    return "".join(map(fold_char, unicodedata.normalize("NFC", word)))


def fold(text: str, lang: str) -> Folded:
    """Fold a text; kk in Latin script becomes Cyrillic."""
    flat = "".join(map(fold_char, text))
    if lang != "kk-Latn":
        return Folded(flat, tuple(range(len(text) + 1)), lang)
    table = {**_LATIN, **(_ACCENTED if re.search("[ǵńý]", flat) else _TURKIC)}
    out: list[str] = []
    origin: list[int] = []
    at = 0
    while at < len(flat):
        pair = flat[at : at + 2]
        step = 2 if pair in _PAIRS and table is not None else 1
        glide = flat[at] == "ı" and table["ı"] == "и" and flat[at - 1 : at] in _VOWELS
        out.append("й" if glide else _PAIRS[pair][0] if step == 2 else table.get(flat[at], flat[at]))
        origin.append(at)
        at += step
    return Folded("".join(out), (*origin, len(text)), "kk")


_BREAK: Final = re.compile(r"(?<=[.!?۔…])[\"”»')\]]*\s+(?=[\"“«'(\[]?[^\Wa-zа-яәғқңөұүһі_]|[\"“«])|(?<=۔)\s*|\n+")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|no|rs|st|gen|col|prof|u\.s|e\.g|i\.e|approx|млн|млрд|тыс|долл|руб|г|гг|им|т\.е|т\.д|ж|жж)"
    r"|\b[A-ZА-Я])\.$",
    re.IGNORECASE,
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences, as (start, end) without the white space around them."""
    cuts = [0]
    for match in _BREAK.finditer(text):
        before = text[cuts[-1] : match.start()].rstrip("\"”»')] ")
        if "\n" not in match.group() and _ABBREVIATION.search(before[-8:]) and text[match.end() : match.end() + 1]:
            follows = text[match.end()]
            if re.match(r"(?:ДФЭ|TEU|ТЭУ)\b", text[match.end() :]):
                continue  # тыс. ДФЭ
            if not (re.search(r"(?:млн|млрд|тыс|долл|руб|гг?|жж?)\.$", before[-6:], re.I) and follows.isupper()):
                continue
        cuts.append(match.end())
    cuts.append(len(text))
    out = []
    for start, end in pairwise(cuts):
        part = text[start:end]
        lead = len(part) - len(part.lstrip())
        if part.strip():
            out.append((start + lead, start + len(part.rstrip())))
    return out
