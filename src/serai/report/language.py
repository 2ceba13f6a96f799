"""The reader's language: words from a catalogue, numbers, plurals, and numbers kept in order in right-to-left text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from serai.core.text import read_yaml
from serai.data.texts import texts_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from serai.data.package import Package

LANGUAGES: Final = ("en", "ru", "ur", "kk")
MINUS: Final = "\u2212"
LEFT_TO_RIGHT: Final = "\u2066"
END: Final = "\u2069"
JOINER: Final = "\u2060"
"""Unicode's isolates, which pages and paper follow (a document does not: :func:`marked`), and the word joiner."""
_RUN: Final = re.compile(r"[+\u2212]?[A-Za-z0-9](?:[A-Za-z0-9.,:/&%+\u2212\u2013\u2060 -]*[A-Za-z0-9%+])?")
"""Latin words and figures that stand together, with their sign and unit."""


_MARKUP: Final = re.compile(r"(<(?:style|svg|title|code)\b.*?</(?:style|svg|title|code)>|<[^>]*>)", re.DOTALL)
_DAY: Final = re.compile(r"(?<![\w.\u2013-])\d{4}-\d\d(?:-\d\d)?(?![\w-])|P\d+\u2013\u2060?P\d+")
_POWER: Final = re.compile(r"(?<=10)\^(\u2212?\d+)")


@dataclass(frozen=True, slots=True)
class Language:
    """One language a report is written in.

    Attributes
    ----------
    code
        ISO 639-1.
    words
        Entries of the catalogue ``text/CODE.yaml``.
    """

    code: str
    words: Mapping[str, Any]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.words["direction"])

    def ltr(self, text: str) -> str:
        """Isolate a number, sign, unit or date so that right-to-left text does not reorder it."""
        return f"{LEFT_TO_RIGHT}{text}{END}" if self.direction == "rtl" and text else text

    def isolated(self, text: str) -> str:
        """Isolate in right-to-left text each run of Latin words and figures that it would reorder."""
        if self.direction != "rtl" or LEFT_TO_RIGHT in text:
            return text
        return _RUN.sub(lambda run: self.ltr(run[0]), text)

    def number(self, value: float, digits: int = 0, *, signed: bool = False) -> str:
        """Write a number with this language's separators and a true minus sign; what is not finite is a dash."""
        if not math.isfinite(value):
            return "\u2013"
        plain = f"{abs(value):,.{digits}f}"
        plain = plain.translate(str.maketrans({",": self.words["thousands"], ".": self.words["decimal"]}))
        zero = not any(c in "123456789" for c in plain)
        sign = "" if zero else MINUS if value < 0 else "+" if signed else ""
        return self.ltr(sign + plain)

    def percent(self, share: float) -> str:
        """Write a share as a percentage."""
        if not math.isfinite(share):
            return "\u2013"
        bare = self.number(share * 100).strip(LEFT_TO_RIGHT + END)
        return self.ltr(bare + ("%" if self.code in {"en", "ur"} else "\u00a0%"))

    def say(self, key: str, n: int | None = None, **values: object) -> str:
        """Fill an entry of the catalogue; with `n` the form for that number is taken.

        Raises
        ------
        KeyError
            For an entry or a placeholder that does not exist.
        """
        entry = self.words[key]
        if n is not None:
            form = plural(self.code, n)
            entry = entry[form] if form in entry else entry["other"]
            values = {"n": self.number(n), **values}
        return str(entry).format(**values)

    def list(self, items: Iterable[str]) -> str:
        """Join items by this language's comma."""
        return ("، " if self.direction == "rtl" else ", ").join(items)

    def names(self, package: Package, table: str) -> dict[str, str]:
        """Names of places, countries or commodities in this language; English where the package has none."""
        frame = package[table]
        column = "name" if self.code == "en" else f"name_{self.code}"
        key = "iso3" if table == "countries" else "id"
        return {k: own or name for k, own, name in zip(frame[key], frame[column], frame["name"], strict=True)}

    def texts(self, package: Package) -> dict[str, str]:
        """Texts the package has in this language, by their English."""
        return {english: self.isolated(text) for english, text in texts_in(package, self.code).items()}


def plural(code: str, n: int) -> str:
    """Return the plural category of a whole number (Unicode CLDR's rules for these languages)."""
    if code == "ru":
        if n % 10 == 1 and n % 100 != 11:
            return "one"
        return "few" if n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14} else "many"
    return "one" if n == 1 else "other"


@cache
def language(code: str) -> Language:
    """Load a language by its code."""
    text = files("serai.report").joinpath("text", f"{code}.yaml").read_text(encoding="utf-8")
    return Language(code, read_yaml(text))


def as_html(text: str) -> str:
    """Escape text for a page, with isolated parts as elements that keep their direction."""
    from markupsafe import Markup, escape

    marked = str(escape(text)).replace(LEFT_TO_RIGHT, '<bdi dir="ltr">').replace(END, "</bdi>")
    return Markup(marked)  # noqa: S704 - escaped above


def whole_days(page: str) -> str:
    """Keep each day and pair of percentiles of a page on one line, and raise the powers of ten.

    Browsers break a day behind a hyphen, which turns it around in Urdu.
    """
    parts = _MARKUP.split(page)
    parts[::2] = [_POWER.sub(r"<sup>\1</sup>", _DAY.sub(r'<span class="day">\g<0></span>', p)) for p in parts[::2]]
    return "".join(parts)


def marked(text: str) -> str:
    """Text with isolated parts between left-to-right marks, which every word processor knows."""
    return text.replace(LEFT_TO_RIGHT, "\u200e").replace(END, "\u200e")


def plain(text: str) -> str:
    """Text without isolates, for charts and files whose reader orders numbers itself."""
    return text.replace(LEFT_TO_RIGHT, "").replace(END, "").replace(JOINER, "")
