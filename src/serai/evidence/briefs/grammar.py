"""Numbers, dates, cases and lists of four languages, without a language model.

Names stand in the package in their plain form; the cases a sentence needs are made here by rule. A name the rules
cannot bend (Latin letters, several words) keeps its form, and a common noun before or behind it takes the case.

Text is made with marks around what must be read from left to right whatever stands around it: figures with their
signs, ranges and units, and names in Latin letters. :func:`plain` turns them into the isolates of Unicode where
the language runs from right to left, :func:`marked` into ``<bdi>``.
"""

from __future__ import annotations

import datetime as dt
import html
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import InputError
from serai.core.text import read_yaml
from serai.evidence.ledger.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES: Final = ("en", "ru", "ur", "kk")
OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
NBSP: Final = "\u00a0"
_LATIN: Final = re.compile("[A-Za-z]")
_RU_FIXED: Final = "оеиуыэю"
_RU_HUSH: Final = "гкхжчшщ"
_KK_BACK: Final = "аоұыяёю"
_KK_FRONT: Final = "әеөүіиэ"
_KK_MUTE: Final = "кқптсшцчхһфщбвгд"
_KK_NASAL: Final = "мнң"


@dataclass(frozen=True, slots=True)
class Language:
    """Words and rules of one language.

    Attributes
    ----------
    code
        ``en``, ``ru``, ``ur`` or ``kk``.
    words
        The lexicon, as in its file.
    """

    code: str
    words: dict[str, Any]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.words["dir"])

    @property
    def comma(self) -> str:
        """What stands between the items of a list."""
        return "، " if self.code == "ur" else ", "

    def say(self, key: str, **parts: str) -> str:
        """Fill a sentence; `key` is a path such as ``brief.best``."""
        found: Any = self.words
        for step in key.split("."):
            found = found[step]
        return str(found).format(**parts) if parts else str(found)

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number as the language does; thousands are never torn apart at the end of a line."""
        text = f"{value:,.{digits}f}"
        if self.code in {"ru", "kk"}:
            text = text.replace(",", NBSP).replace(".", ",")
        return ltr(text.replace("-", "−"))

    def rounded(self, value: float) -> str:
        """Write a number with the figures its range supports: two."""
        return self.number(two_figures(value), 0 if abs(value) >= 1 else 2)

    def share(self, value: float) -> str:
        """Write a share of one as a percentage."""
        percent = 100 * value
        figure = self.number(percent, 0 if percent >= 1 else 1)
        return figure + NBSP + self.say("unit.percent") if self.code != "en" else ltr(bare(figure) + "%")

    def span(self, low: float, high: float) -> str:
        """Write a range as one piece, so that it is never turned around."""
        a, b = bare(self.rounded(low)), bare(self.rounded(high))
        return ltr(a if a == b else f"{a}–{b}")

    def usd_t(self, value: float, high: float | None = None) -> str:
        """Write a price per tonne, or a range of prices."""
        return self.say("unit.usd_t", n=self.rounded(value) if high is None else self.span(value, high))

    def days(self, hours: float, high: float | None = None) -> str:
        """Write hours as whole days, or a range of them, with the noun in the number it takes."""
        last = max(1, round((hours if high is None else high) / 24))
        figure = self.number(last) if high is None else self.span(max(1, round(hours / 24)), last)
        return f"{figure}{NBSP}{self.counted(last, 'day')}"

    def counted(self, n: int, noun: str) -> str:
        """Choose the form of a noun that a number takes."""
        return str(self.words[noun][plural_form(self.code, n)])

    def date(self, day: dt.date) -> str:
        """Write a day in words."""
        return self.say("date", day=str(day.day), month=self.words["months"][day.month - 1], year=str(day.year))

    def list_of(self, items: Iterable[str], most: int = 9) -> str:
        """Join items; beyond `most` of them only the number of the rest is said."""
        all_ = list(items)
        kept = all_[:most] + ([self.say("brief.more", n=str(len(all_) - most))] if len(all_) > most else [])
        if len(kept) < 2:
            return "".join(kept)
        return self.comma.join(kept[:-1]) + f" {self.words['and']} " + kept[-1]

    def cased(self, name: str, case: str) -> str:
        """Bend the name of a place: ``gen``, ``acc`` (ru), ``abl``, ``dat`` (kk); others stay as they are."""
        if self.code == "ru":
            return russian(name, case)
        if self.code == "kk":
            return kazakh(name, case)
        return latin(name) if self.code == "ur" else name


def two_figures(value: float) -> float:
    """Round to two significant figures."""
    if not value or not math.isfinite(value):
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return round(value / step) * step


@cache
def language(code: str) -> Language:
    """Open one of the languages; raise InputError for another."""
    if code not in LANGUAGES:
        raise InputError(f"There is no language {code!r}", f"Use {', '.join(LANGUAGES)}.")
    text = files("serai.evidence.briefs").joinpath("lexicon", f"{code}.yaml").read_text(encoding="utf-8")
    return Language(code, read_yaml(text))


def plural_form(code: str, n: int) -> str:
    """Give the form of a noun after a number: ``one``, ``few`` (Russian 2-4) or ``many``."""
    if code != "ru":
        return "one" if n == 1 else "many"
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14} else "many"


def _bendable(name: str) -> bool:
    return not _LATIN.search(name) and " " not in name and "-" not in name and name[1:] == name[1:].lower()


def russian(name: str, case: str) -> str:
    """Put a Russian place name in the genitive (``gen``) or accusative (``acc``).

    Consonant and -й, -а, -я, -ия are bent, the vowels of foreign names are not; a name of several words, of
    capitals or in Latin letters stands behind the word for a place, which is bent instead.
    """
    if not _bendable(name):
        if name.isupper() and not _LATIN.search(name):
            return name
        return {"gen": "пункта ", "acc": "пункт "}[case] + latin(name)
    last, stem = name[-1], name[:-1]
    if last in _RU_FIXED or (case == "acc" and last not in "ая"):
        return name
    hushed = name[-2:-1] in _RU_HUSH
    endings = {"а": ("и" if hushed else "ы", "у"), "я": ("и", "ю"), "й": ("я", ""), "ь": ("и", "")}
    if last in endings:
        return stem + endings[last][0 if case == "gen" else 1]
    return name + "а"


def kazakh(name: str, case: str) -> str:
    """Put a place name of the language kk in a case: ablative (``abl``) or dative (``dat``), by vowel harmony."""
    if _LATIN.search(name):
        return latin(name) + {"abl": " пунктінен", "dat": " пунктіне"}[case]
    lower = name.lower()
    vowel = next((c for c in reversed(lower) if c in _KK_BACK + _KK_FRONT), "е")
    back, last = vowel in _KK_BACK, lower[-1]
    if case == "dat":
        return name + (("қа" if back else "ке") if last in _KK_MUTE else ("ға" if back else "ге"))
    start = "т" if last in _KK_MUTE else "н" if last in _KK_NASAL else "д"
    return name + start + ("ан" if back else "ен")


def ltr(text: str) -> str:
    """Mark a text as to be read from left to right."""
    return f"{OPEN}{text}{CLOSE}"


def latin(text: str) -> str:
    """Mark a name if it is in Latin letters."""
    return ltr(text) if _LATIN.search(text) else text


def bare(text: str) -> str:
    """Take the marks of direction off."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def plain(text: str, direction: str) -> str:
    """Turn marks into isolates of Unicode in text that runs from right to left, and drop them elsewhere."""
    if direction == "ltr":
        return bare(text)
    return text.replace(OPEN, "\u2066").replace(CLOSE, "\u2069")


def marked(text: str) -> str:
    """Escape a text for HTML and turn marks into ``<bdi dir="ltr">``; marks that cannot be seen are dropped."""
    safe = html.escape(shown(text))
    return safe.replace(OPEN, '<bdi dir="ltr">').replace(CLOSE, "</bdi>")
