"""Quantities in a text: numbers with their money or unit, ranges, and what was said of their precision."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from serai.evidence.numbers import Number, find_numbers

if TYPE_CHECKING:
    from serai.evidence.lexicon import Lexicon

MONEY: Final = "money"
BARE: Final = "bare"
"""A number with a multiplier and neither unit nor currency: money, where a sentence speaks of money."""
_MEGATONNE: Final = 1e6
_FEW_MEGATONNES: Final = 5000
"""No port or railway carries that many: 450,000 MT are metric tons, 4.5 MT are million tonnes."""
_JOIN: Final = re.compile(r"[\s\u00a0]*(?:-(?![\s\u00a0]))?")
_SIZE: Final = re.compile(r"(?:forty|twenty|40|20)[- ]?(?:foot|feet|ft\b|футов\w+|футтық)[\s-]+(?=\w)(?!equivalent)")
_ADJECTIVE: Final = re.compile(r"[^\W\d_]+[\s\u00a0]+")
_COUNTED: Final = {"train", "truck", "container", "TEU"}
_BECAME: Final = re.compile(
    r"[\s,]*(?:(?:a year|per year|annually|в год|жылына|سالانہ)\s+)?(?:(?:now|today|currently|сегодня|сейчас)\s+)?"
    r"(?:(?:has |have |had |was |were )?(?:now |since |later )?(?:been )?"
    r"(?:increased|raised|revised|expanded|grown|risen|climbed|swelled) (?:up(?:wards?)? )?to"
    r"|(?:down |up )?to(?: just| only| about| around)?|до|а|سے(?: کم ہو کر| بڑھ کر| بڑھا کر| کم کر کے)?|нен)\s*"
)
_BY_NOW: Final = re.compile(r"\s*(?:бүгінде|қазір|қазіргі)?\s*")
_UP_TO: Final = re.compile(r"[^۔]{0,16}تک (?:بڑھ|لے جا|پہنچ)")
_IN_YEAR: Final = re.compile(r"(?<!\w)(?:in|since|by|for|during|the|в|за)\s+$")
_FROM: Final = re.compile(r"(?<!\w)(?:from|с|со|от)\s+$")
_BY_WAY: Final = re.compile(
    r"\s+(?:in|during)\s+(?:[^\W_]+\s+){1,8}(?=to\b)"
    r"|\s+(?:by|via|on|through|за|в|по)\s+(?:the\s+)?(?!20\d\d)[^\W\d]+(?:\s+[^\W\d]+)?\s+(?=(?:to|до)\b)"
)
_PRESENT: Final = re.compile(r"\s+(?:the\s+)?(?:current|present|existing|today's|нынешних|текущих|прежних)\s+$")
_ONE_LOAD: Final = re.compile(r"\b(?:trains?|trucks?|vessels?|ships?|consignments?|shipments?|wagons?)\b[^.;]*$")
_AND: Final = re.compile(r"\s*(?:,|and|и|және|اور)?\s*")
_TOWARDS: Final = re.compile(r"\s*(?:to|до|سے(?: بڑھا کر)?)\s*")
_BOXES: Final = re.compile(r"\s*\((?:in )?(?:teus?|дфэ|жфэ|20[- ]?f(?:oo)?t)\b[^)]*\)")
_PER: Final = re.compile(r"\s*(?:per|a|each|for|за|на|فی)\b")
_GOODS: Final = {"t", "TEU", "km"}
_FAR_UNITS: Final = {"train", "truck", "container", "t", "TEU"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity in folded text.

    `family` is money, bare, or a unit (t, TEU, DWT, container, train, truck, km, day, hour, month, year, %, x,
    excluded); `values` one number or the two ends of a range, in the unit; `cur` the currency of money; `before` the
    value it is said to have changed from.
    """

    start: int
    end: int
    family: str
    values: tuple[float, ...]
    cur: str = ""
    qual: str = ""
    before: float | None = None

    @property
    def value(self) -> float | tuple[float, ...]:
        """One value, or both ends of a range."""
        return self.values[0] if len(self.values) == 1 else self.values

    @property
    def top(self) -> float:
        """The larger end."""
        return max(self.values)


def _currency_before(lex: Lexicon, text: str, start: int) -> tuple[str, int] | None:
    window = text[max(0, start - 14) : start]
    best: tuple[str, int] | None = None
    for cur, pattern in lex.currencies:
        for match in pattern.finditer(window):
            ahead = match.start() == 0 or not (window[match.start() - 1].isalpha() and match.group()[0].isalpha())
            if ahead and not window[match.end() :].strip(" \u00a0.") and (best is None or match.start() < best[1]):
                best = (cur, match.start())
    return (best[0], start - len(window) + best[1]) if best else None


def _currency_after(lex: Lexicon, text: str, end: int) -> tuple[str, int] | None:
    gap = _JOIN.match(text, end)
    at = gap.end() if gap else end
    if text.startswith("of ", at) and at > end:
        at += len("of ")
    for cur, pattern in lex.currencies:
        if (match := pattern.match(text, at)) and match.end() > at:
            return cur, match.end()
    return None


def _unit_after(lex: Lexicon, text: str, end: int) -> tuple[str, float, int] | None:
    """Return the unit that follows a number, at once or after one adjective: unit, factor, end."""
    gap = _JOIN.match(text, end)
    at = gap.end() if gap else end
    if size := _SIZE.match(text, at):
        at = size.end()
    for unit, factor, pattern in lex.units:
        if match := pattern.match(text, at):
            boxes = _BOXES.match(text, match.end()) if unit == "container" else None
            return ("TEU", factor, boxes.end()) if boxes else (unit, factor, match.end())
    for _, pattern in lex.qualifiers_after:  # 300-ден астам пойыз: more than 300 trains
        if (said := pattern.match(text, end)) and said.end() > end and (gap := _JOIN.match(text, said.end())):
            for unit, factor, unit_pattern in lex.units:
                if unit in _FAR_UNITS and (match := unit_pattern.match(text, gap.end())):
                    return unit, factor, match.end()
    word = _ADJECTIVE.match(text, at)
    if (
        word
        and word.group().strip() not in lex.stopwords
        and at > end
        and not word.group().startswith(tuple(lex.months))
    ):
        for unit, factor, pattern in lex.units:
            if unit in _FAR_UNITS and (match := pattern.match(text, word.end())):
                return unit, factor, match.end()
    return None


def _qualifier(lex: Lexicon, text: str, start: int, end: int) -> tuple[str, int]:
    """Return how the number is qualified, and where its phrase begins."""
    window = text[max(0, start - 30) : start]
    for name, pattern in lex.qualifiers_before:
        if match := pattern.search(window):
            return name, start - len(window) + match.start()
    for name, pattern in lex.qualifiers_after:
        if pattern.match(text, end):
            return name, start
    return "", start


def _pair(lex: Lexicon, text: str, first: Number, second: Number) -> bool:
    """Whether two neighbouring numbers are the ends of one range."""
    between = text[first.end : second.start]
    stripped = re.sub(r"(?:us\$|usd|\$|€|₸)\s*$|^%(?=\s*[-–—])", "", between)
    dash = re.fullmatch(r"\s*[-–—]\s*", stripped) is not None
    led = lex.range_from is not None and lex.range_from.search(
        _PRESENT.sub(" ", text[max(0, first.start - 24) : first.start].rstrip("$") + " ")
    )
    word = lex.range_to.fullmatch(stripped) is not None and not dash
    if led and lex.range_and.fullmatch(stripped):
        word = True
    if not (dash or word) or first.plain_year or (second.plain_year and not dash):
        return False
    if second.plain_year and first.value < 1000:
        return False
    if lex.lang == "ur" and _UP_TO.match(text[second.end : second.end + 34]):
        return False  # from so much up to so much
    low, high = first.value, second.value
    whole = first.factor > 1 and second.factor > 1 and not dash
    leads = led and lex.range_to.fullmatch(stripped)  # "between 5 and 10" is nothing but a range
    before = re.split(r"[.!?۔]\s", text[max(0, first.start - 70) : first.start])[-1]
    if (leads or whole) and any(lex.has(c, before) for c in ("grow", "reduce", "target")):
        return False  # from one value to another, not a range
    if first.factor == 1 and second.factor > 1:
        low *= second.factor
    return low < high and (high / max(low, 1e-9) < 60)


def _attach(lex: Lexicon, text: str, number: Number, values: tuple[float, ...], end: int) -> Quantity | None:
    """Give a number its money or its unit."""
    start = number.start
    money = _currency_before(lex, text, start)
    if money and not _PER.match(text, end) and (goods := _unit_after(lex, text, end)) and goods[0] in _GOODS:
        money = None  # a slip of the pen: Rs 31.79 million tonnes
    if money:
        start = money[1]
    after = None if money else _currency_after(lex, text, end)
    unit = None
    if after:
        money, end = (after[0], start), after[1]
    elif not money:
        unit = _unit_after(lex, text, end)
    if not money and not unit:
        if text[end : end + 1].isalnum() or number.factor < 1e6:
            return None
        qual, start = _qualifier(lex, text, start, end)
        return Quantity(start, end, BARE, values, qual=qual)
    if unit:
        if number.plain_year and (unit[0] == "year" or (unit[0] in _COUNTED and _IN_YEAR.search(text[:start][-10:]))):
            return None  # in 2014 container traffic rose
        end = unit[2]
        loaded = _ONE_LOAD.search(text[max(0, start - 90) : start]) is not None
        few = max(values) < _FEW_MEGATONNES and not (loaded and max(values) >= 10)
        factor = 1.0 if unit[1] == _MEGATONNE and not few else unit[1]
        values = tuple(v * factor for v in values)
    qual, begin = _qualifier(lex, text, start, end)
    family = MONEY if money else unit[0] if unit else BARE
    return Quantity(begin, end, family, values, cur=money[0] if money else "", qual=qual)


def _with_unit_of(last: Quantity | None, bare: Quantity, text: str) -> Quantity:
    """Give a number without a unit that of the one it is said to change from: from 2.5 million tons to 6 million."""
    if last is None or bare.family != BARE or last.family == BARE or bare.top <= last.top:
        return bare
    to = re.fullmatch(r"\s+(?:to|до)\s+", text[last.end : bare.start])
    return replace(bare, family=last.family, cur=last.cur) if to else bare


def _link_changes(lex: Lexicon, text: str, found: list[Quantity]) -> list[Quantity]:
    """`from 35 days to 3-5 days`: the first is what the second changed from."""
    out: list[Quantity] = []
    for one in found:
        last = out[-1] if out else None
        quantity = _with_unit_of(last, one, text)
        if (
            last
            and (last.family, quantity.family) == ("day", "hour")
            and _AND.fullmatch(text[last.end : quantity.start])
        ):
            days = tuple(v + quantity.top / 24 for v in last.values)
            out[-1] = replace(last, values=days, end=quantity.end)  # 12 days and 21 hours
            continue
        if (
            last
            and last.family == BARE
            and quantity.family in {MONEY, *_GOODS, *_COUNTED}
            and last.top < quantity.top
            and _TOWARDS.fullmatch(text[last.end : quantity.start])
        ):
            out[-1] = replace(quantity, before=last.top, start=last.start)  # from 1.5 to 5 billion dollars
            continue
        if last and last.family == quantity.family and last.cur == quantity.cur:
            between = text[last.end : quantity.start]
            led = _FROM.search(text[max(0, last.start - 12) : last.start])
            if led and quantity.qual == "up to" and text.startswith("до", quantity.start):
                between, quantity = between + "до", replace(quantity, qual="")
            if led:
                between = _BY_WAY.sub(" ", between)  # from 30 days by sea to 10
            to = lex.range_to.fullmatch(between) or _BECAME.fullmatch(between)
            if (
                lex.lang.startswith("kk")
                and _BY_NOW.fullmatch(between)
                and re.search(r"[нтд][ае]н$", text[last.start : last.end])
            ):
                to = re.match("", "")
            if to and not re.fullmatch(r"\s*[-–—]\s*", between):
                out[-1] = replace(quantity, before=last.top, start=last.start)
                continue
        out.append(quantity)
    return out


def _counts(lex: Lexicon, text: str, numbers: list[Number]) -> list[Quantity]:
    """Read numbers whose unit was named before them: the number of block trains rose to 460."""
    out = []
    for a, b in lex.near("count_of", text):
        stop = re.compile(r"[.;!?۔\n]").search(text, b)
        end = min(stop.start() if stop else len(text), b + 120)
        number = next((n for n in numbers if b <= n.start < end and not n.plain_year), None)
        named = _unit_after(lex, text, b) or (_unit_before(lex, text, a) if lex.lang[:2] in {"ur", "kk"} else None)
        if "passenger" in text[a:end] or "пассажир" in text[a:end]:
            continue
        if number is None or named is None or named[0] not in _COUNTED or text[number.end : number.end + 1] == "%":
            continue
        if _unit_after(lex, text, number.end) or _currency_before(lex, text, number.start):
            continue
        qual, start = _qualifier(lex, text, number.start, number.end)
        out.append(Quantity(start, number.end, named[0], (number.value * named[1],), qual=qual))
    return out


def _multiples(lex: Lexicon, text: str) -> list[Quantity]:
    """Read multiples that are one word: doubled, sevenfold."""
    out = []
    for factor, pattern in lex.multiples:
        for match in pattern.finditer(text):
            qual, start = _qualifier(lex, text, match.start(), match.end())
            out.append(Quantity(start, match.end(), "x", (factor,), qual=qual))
    return out


def _unit_before(lex: Lexicon, text: str, end: int) -> tuple[str, float, int] | None:
    """Return the unit named in the two words before a position, for languages that put `number` last."""
    for word in list(re.finditer(r"[^\W\d_]+", text[max(0, end - 30) : end]))[-2:]:
        if found := _unit_after(lex, text, max(0, end - 30) + word.start()):
            return found
    return None


_FALL: Final = re.compile(r"\s+(?:to|до)\s+(?:(?:just|only|about|around|some|under|\w+о)\s+)?")
_SHAREABLE: Final = {"t", "TEU", "km", "container", "train", "truck"}
_SHARED: Final = re.compile(
    r"[^.;:()\d]{0,60}(?:,|\band|,\s+and|\bи)\s+(?:(?:the|another|a further)\s+)?(?:(?:remaining|other|rest)\s+)?"
)
_ELSEWHERE: Final = re.compile(
    r"\s+(?:on|in|through|within|across|to|from|via|for|в|на|по|из)\s+(?!(?:19|20)\d\d|total|all"
    r"|20)(?:the\s+)?[^\W\d]"
)
_ENDS: Final = re.compile(r"\s*(?:[.,;:)!?۔\"]|$|\s(?:and|with|while|by|in|at|и|при)\b)")


def _same_unit(
    found: list[Quantity], text: str, number: Number, values: tuple[float, ...], end: int
) -> Quantity | None:
    """Read a bare number as what the quantity before it became: from 45 days to 15."""
    last = found[-1] if found else None
    if last is None or last.family in {MONEY, BARE, "%", "x", "year", "excluded"} or number.plain_year:
        return None
    between = _BY_WAY.sub(" ", text[last.end : number.start])
    shared = _SHARED.fullmatch(between) and _ELSEWHERE.match(text, end) and last.family in _SHAREABLE
    if not shared and (not _FALL.fullmatch(between) or not _ENDS.match(text, end)):
        return None
    return Quantity(number.start, end, last.family, values)


def find_quantities(lex: Lexicon, text: str) -> list[Quantity]:
    """All quantities of a folded text, in order."""
    numbers = find_numbers(lex, text)
    out: list[Quantity] = []
    i = 0
    while i < len(numbers):
        number = numbers[i]
        values: tuple[float, ...] = (number.value,)
        end = number.end
        if i + 1 < len(numbers) and _pair(lex, text, number, numbers[i + 1]):
            second = numbers[i + 1]
            low = number.value * (second.factor if number.factor == 1 < second.factor else 1.0)
            values, end = (low, second.value), second.end
            number = replace(number, factor=max(number.factor, second.factor), plain_year=False)
            i += 1
        i += 1
        quantity = _attach(lex, text, number, values, end) or _same_unit(out, text, number, values, end)
        if quantity:
            out.append(quantity)
    for more in (_counts(lex, text, numbers), _multiples(lex, text)):
        out += [q for q in more if not any(o.start < q.end and q.start < o.end for o in out)]
    return _link_changes(lex, text, sorted(out, key=lambda q: q.start))
