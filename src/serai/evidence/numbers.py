"""The grammar of numbers: digits in every grouping, words, multipliers and their sums, in four languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from serai.evidence.lexicon import Lexicon

_DIGITS: Final = re.compile(
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?(?!\d)"  # 1,234,567 and 2,50,000
    r"|\d{1,3}(?:[\u00a0']\d{3})+(?:[.,]\d+)?(?!\d)"  # 1 234 567 with hard spaces
    r"|\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?!\d)"  # 1 234 567
    r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)"  # 1.234.567
    r"|\d+(?:[.,·]\d+)?"
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_GAP: Final = re.compile(r"[\s\u00a0]*-?[\s\u00a0]*")
_TENS: Final = (20, 30, 40, 50, 60, 70, 80, 90)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in folded text: where, how much, its multiplier (1 if none was said), whether it stood in words."""

    start: int
    end: int
    value: float
    factor: float
    worded: bool
    plain_year: bool = False


def _digits(lex: Lexicon, text: str, at: int) -> tuple[float, float, int] | None:
    """Read digits at a position: value if nothing follows, value if a multiplier follows, end.

    The two differ where three digits after a single mark may be thousands or decimals: 5.981 km is 5,981 km, but
    1.340 billion is 1.34 billion; the decimal mark of ru and kk is the comma.
    """
    match = _DIGITS.match(text, at)
    if not match:
        return None
    raw = match.group().replace("·", ".")
    if " " in raw and lex.lang not in {"ru", "kk"} and not _counted(lex, text, at + len(raw)):
        raw = raw.split(" ")[0]  # elsewhere two numbers side by side are two numbers
    end = at + len(raw)
    if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?", raw):
        whole = float(raw.replace(",", ""))
        decimal = lex.lang in {"ru", "kk"} and raw.count(",") == 1 and "." not in raw
        return whole, float(raw.replace(",", ".")) if decimal else whole, end
    if re.search(r"[\u00a0' ]", raw):
        value = float(re.sub(r"[\u00a0' ]", "", raw).replace(",", "."))
        return value, value, end
    if raw.count(".") > 1:
        value = float(raw.replace(".", ""))
        return value, value, end
    value = float(raw.replace(",", "."))
    thousands = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", raw) is not None
    return float(raw.replace(".", "")) if thousands else value, value, end


def _counted(lex: Lexicon, text: str, end: int) -> bool:
    """Whether a unit of goods or length follows: 389 730 tons is one number."""
    gap = _GAP.match(text, end)
    at = gap.end() if gap else end
    return any(unit in {"t", "TEU", "km"} and pattern.match(text, at) for unit, _, pattern in lex.units)


def _words(lex: Lexicon, text: str, at: int) -> tuple[float, int] | None:
    """Read a number in words at a position, with tens and units together and a half before or after."""
    match = _WORD.match(text, at)
    if not match:
        return None
    shift = 0.0
    if match.group() in lex.before_words:
        shift = lex.before_words[match.group()]
        gap = _GAP.match(text, match.end())
        at = gap.end() if gap else match.end()
        digits = _digits(lex, text, at)
        if digits:
            return digits[1] + shift, digits[2]
        match = _WORD.match(text, at)
    if not match or match.group() not in lex.words:
        return None
    value, end = lex.words[match.group()] + shift, match.end()
    while True:
        gap = _GAP.match(text, end)
        follow = _WORD.match(text, gap.end()) if gap else None
        if not follow or follow.group() not in lex.words:
            break
        more = lex.words[follow.group()]
        if (value % 100 in _TENS and 0 < more < 10) or (
            value >= 100 and value % 100 == 0 and more < 100 and value < 1000
        ):
            value, end = value + more, follow.end()
        elif value == 0.5 and more == 1:  # half a
            end = follow.end()
        else:
            break
    return value, end


def _multiplier(lex: Lexicon, text: str, at: int) -> tuple[float, int] | None:
    gap = _GAP.match(text, at)
    start = gap.end() if gap else at
    for pattern, factor in lex.multipliers:
        if match := pattern.match(text, start):
            return factor, match.end()
    return None


def _fraction_after(lex: Lexicon, text: str, at: int) -> tuple[float, int]:
    """`and a half` in languages that say it after the number: 7 жарым, два с половиной, one and a half."""
    for pattern in (r"\s+с половиной(?:ю)?(?!\w)", r"\s+and a half(?!\w)"):
        if match := re.compile(pattern).match(text, at):
            return 0.5, match.end()
    match = re.compile(r"\s+([^\W\d_]+)").match(text, at)
    if match and match.group(1) in lex.after_words:
        return lex.after_words[match.group(1)], match.end()
    return 0.0, at


def _factor(lex: Lexicon, text: str, end: int) -> tuple[float, int]:
    """Product of the multipliers that follow (two million, 5 lakh crore), and their end; 1 if none does."""
    factor = 1.0
    while (more := _multiplier(lex, text, end)) is not None and not (factor > 1 and more[0] < 1e5):
        factor, end = factor * more[0], more[1]
    return factor, end


def read_number(lex: Lexicon, text: str, at: int) -> Number | None:
    """Read one number at a position, with multipliers and descending sums such as 4 billion 80 crore."""
    total, end, last = 0.0, at, float("inf")
    worded = plain_year = False
    largest = 1.0
    cursor = at
    while True:
        digits = _digits(lex, text, cursor)
        words = None if digits else _words(lex, text, cursor)
        if digits:
            alone, scaled, stop = digits
        elif words:
            alone, stop = words
            scaled = alone
        else:
            break
        half, stop = _fraction_after(lex, text, stop)
        factor, stop = _factor(lex, text, stop)
        rest = words is not None and worded and factor == 1 and 2 <= scaled < last <= 1000
        tail = words is None and factor == 1 and last == 1000 and re.fullmatch(r"[1-9]\d\d", text[cursor:stop])
        if end > at and not (rest or tail or 1 < factor < last):
            break
        if end == at:
            worded = words is not None
            plain_year = words is None and factor == 1 and re.fullmatch(r"(?:19|20)\d\d", text[cursor:stop]) is not None
        total += (scaled + half) * factor if factor > 1 else alone + half
        end, last, largest = stop, factor, max(largest, factor)
        gap = _GAP.match(text, end)
        if factor == 1 or not gap or "-" in gap.group() or gap.end() == end:
            break
        cursor = gap.end()
    return Number(at, end, total, largest, worded, plain_year) if end > at else None


def find_numbers(lex: Lexicon, text: str) -> list[Number]:
    """All numbers of a folded text, left to right, none overlapping."""
    out: list[Number] = []
    at = 0
    starts = re.compile(
        r"(?<![\w.,])\d|(?<![\w])[^\W\d_]|(?<=[$€₸₹])\d|(?<=usd)\d|(?<=rs)\d|(?<=[а-яa-z]-)\d|(?<=[ء-ۓ])\d"
    )
    while match := starts.search(text, at):
        number = read_number(lex, text, match.start())
        if number is None:
            word = _WORD.match(text, match.start())
            at = word.end() if word else match.end()
            continue
        if not number.worded or number.factor > 1 or not _is_article(text, number):
            out.append(number)
        at = number.end
    return out


def _is_article(text: str, number: Number) -> bool:
    return text[number.start : number.end] == "a"
