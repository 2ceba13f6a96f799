"""Dates and periods in a text, read against the day of the article."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from serai.evidence.lexicon import lexicon

if TYPE_CHECKING:
    from serai.evidence.lexicon import Lexicon

_YEAR: Final = r"(?:19|20)\d\d"
_PATTERNS: Final = {
    "en": {
        "end": r"(?:the )?end of(?: the year)?,?\s*(?P<y>{Y})",
        "first": r"first (?P<n>\w+) months? of(?: the year)?,?\s*(?P<y>{Y}|this year|last year)?"
        r"|(?P<n2>\w+) months of (?P<y2>{Y})",
        "half": r"(?P<h>first|second) half of (?P<y>{Y})",
        "quarter": r"(?P<q>first|second|third|fourth) quarter of (?P<y>{Y})",
        "next": r"(?:within |in |over |by )?(?:the )?(?:next|coming|following) (?:one )?(?:year|12 months)(?!\w)"
        r"|within (?:a|one) year",
        "years": r"(?:within|in|over) (?:the )?(?:next|coming)?\s*(?P<n>two|three|five|ten|\d+)(?: to \w+)? years",
        "last": r"(?P<last>last|previous) year",
        "this": r"(?:this|current) year|(?:by|before|until|at) (?:the )?(?:end of (?:the|this) year|year[- ]end)",
    },
    "ru": {
        "end": r"конц[ауе] (?P<y>{Y})",
        "first": r"(?:перв\w+ )?(?P<n>\w+) месяц\w* (?P<y>{Y})"
        r"|за (?P<n2>\w+) месяц\w* (?P<y2>{Y}|текущего года|этого года)",
        "half": r"(?P<h>перв\w+|втор\w+) полугоди\w+ (?P<y>{Y})",
        "quarter": r"(?P<q>перв\w+|втор\w+|треть\w+|четв\w+) квартал\w* (?P<y>{Y})",
        "next": r"(?:в )?(?:течение|следующем|ближайш\w+)(?: одного| следующего| ближайшего)? год[ау]?",
        "years": r"(?:в течение|за|через) (?P<n>двух|трех|пяти|пять|два|три|\d+) (?:лет|года)",
        "last": r"(?P<last>прошл\w+|минувш\w+) год\w*",
        "this": r"(?:до|к|в) конц[ауе] (?:этого |текущего )?года(?! \d)"
        r"|(?:этого|текущего|этом|текущем|нынешнем) год\w*",
    },
    "ur": {
        "end": r"(?P<y>{Y}) (?:کے آخر|کے اختتام|کے اواخر)",
        "first": r"(?P<y>{Y}) کے (?:پہلے|ابتدائی) (?P<n>\S+) ماہ",
        "half": r"(?P<y>{Y}) کی (?P<h>پہلی|دوسری) ششماہی",
        "quarter": r"(?P<y>{Y}) کی (?P<q>پہلی|دوسری|تیسری|چوتھی) سہ ماہی",
        "next": r"(?:آئندہ|اگلے) (?:ایک )?سال",
        "years": r"(?:آئندہ|اگلے) (?P<n>دو|تین|پانچ|\d+) (?:سال|برس)",
        "last": r"(?P<last>گزشتہ|پچھلے) سال",
        "this": r"(?:رواں|اس) سال|سال کے (?:آخر|اختتام) تک",
    },
    "kk": {
        "end": r"(?P<y>{Y})\s*жыл\w* (?:соң|аяғ)\w*",
        "first": r"(?P<y>{Y})\s*жыл\w* (?:алғашқы |бірінші )?(?P<n>\w+) ай\w*|(?P<y2>биыл\w*) (?P<n2>\w+) ай\w*",
        "half": r"(?P<y>{Y})\s*жыл\w* (?P<h>бірінші|екінші) жарты\w*",
        "quarter": r"(?P<y>{Y})\s*жыл\w* (?P<q>бірінші|екінші|үшінші|төртінші) тоқсан\w*",
        "next": r"(?:келесі|алдағы|келер) (?:бір )?жыл\w*|бір жыл ішінде",
        "years": r"(?:алдағы|келесі) (?P<n>екі|үш|бес|\d+) жыл\w*",
        "last": r"(?P<last>былтыр\w*|өткен жыл\w*)",
        "this": r"жыл (?:соң|аяғ)ына дейін|биыл\w*|осы жыл\w*",
    },
}
_ORDER: Final = ("first", "half", "quarter", "end", "years", "next", "last", "this")


@dataclass(frozen=True, slots=True)
class When:
    """A date or period in folded text.

    `first` and `last` are its ends as ISO days; `text` its short form: YYYY-MM-DD, YYYY-MM, YYYY, or A/B for a span.
    """

    start: int
    end: int
    first: str
    last: str
    text: str
    exact: bool = True


def month_span(year: int, month: int) -> tuple[str, str]:
    """First and last day of a month."""
    return f"{year:04d}-{month:02d}-01", f"{year:04d}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"


@cache
def _months(lang: str) -> re.Pattern[str]:
    lex = lexicon(lang)
    names = "|".join(sorted((re.escape(m) for m in lex.months), key=len, reverse=True))
    tail = r"[а-яәғқңөұүһі]*" if lang in {"ru", "kk"} else r"\.?"
    return re.compile(rf"(?<!\w)(?P<m>{names}){tail}(?!\w)")


@cache
def _compiled(lang: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    raw = _PATTERNS[lang]
    return tuple((k, re.compile(rf"(?<!\w)(?:{raw[k].replace('{Y}', _YEAR)})")) for k in _ORDER)


def _number(lex: Lexicon, word: str) -> int | None:
    if word.isdigit():
        return int(word)
    value = lex.words.get(word)
    if value is None:
        value = next((v for w, v in lex.words.items() if len(w) > 3 and word.startswith(w[:-1])), None)
    return int(value) if value and value == int(value) else None


def _shift(day: dt.date, years: int) -> str:
    return f"{day.year + years:04d}-{day.month:02d}"


def _year_of(text: str | None, ref: dt.date | None) -> int | None:
    if text and text.isdigit():
        return int(text)
    if ref is None:
        return None
    if text is None:
        return ref.year
    return ref.year - 1 if text.startswith(("last", "прошл")) else ref.year


_ORDINALS: Final = (
    ("first", "перв", "پہلی", "бірінші"),
    ("second", "втор", "دوسری", "екінші"),
    ("third", "трет", "تیسری", "үшінші"),
)


def _months_of(kind: str, groups: dict[str, str | None], lex: Lexicon) -> tuple[int, int] | None:
    """First and last month of a part of a year; None where a year has no such part."""
    if kind == "first":
        count = _number(lex, groups.get("n") or groups.get("n2") or "") or 0
        return (1, count) if 1 <= count <= 12 else None
    word = groups.get("h") or groups.get("q") or ""
    at = next((i for i, names in enumerate(_ORDINALS) if word.startswith(names)), 3)
    if kind == "half":
        return (1, 6) if at == 0 else (7, 12)
    return 3 * at + 1, 3 * at + 3


def _relative(kind: str, match: re.Match[str], lex: Lexicon, ref: dt.date | None) -> tuple[str, str, str] | None:
    groups = match.groupdict()
    year = _year_of(groups.get("y") or groups.get("y2"), ref)
    if year and kind in {"first", "half", "quarter"}:
        if (months := _months_of(kind, groups, lex)) is None:
            return None
        a, b = months
        return month_span(year, a)[0], month_span(year, b)[1], f"{year}-{a:02d}/{year}-{b:02d}"
    if year and kind == "end":
        return f"{year}-12-31", f"{year}-12-31", f"{year}"
    if ref is None:
        return None
    if kind in {"next", "years"}:
        count = 1 if kind == "next" else _number(lex, groups.get("n") or "") or 1
        by = _shift(ref, count)
        return ref.isoformat(), month_span(int(by[:4]), int(by[5:]))[1], by
    year = ref.year - 1 if kind == "last" else ref.year
    return f"{year}-01-01", f"{year}-12-31", str(year)


def _with_month(lex: Lexicon, text: str, ref: dt.date | None) -> list[When]:
    """Days and months: `27 May 2025`, `May 27`, `September 2025`, `January-July 2024`."""
    lang = lex.lang.split("-")[0]
    out: list[When] = []
    last_end = -1
    for match in _months(lang).finditer(text):
        if match.start() < last_end:
            continue
        month = lex.months[match["m"]]
        start, end = match.span()
        before = re.search(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|-го|-е)?(?:\s+of)?[\s,]*$", text[max(0, start - 9) : start])
        after = re.match(
            r"\s*(\d{1,2})(?:st|nd|rd|th)?(?![\d%])(?!\s*(?:млн|million|mn|bn|billion))", text[end : end + 6]
        )
        span = re.match(r"[^\W\d_]*\s*(?:[-–—]|to|по|سے|мен|and|и)\s*", text[end : end + 8])
        second = _months(lang).match(text, end + span.end()) if span else None
        if second:
            tail = re.match(rf"[\s,(]*(?:of )?(?P<y>{_YEAR})", text[second.end() : second.end() + 12])
            lead = re.search(rf"(?P<y>{_YEAR})[\s,]*\S{{0,6}}\s*(?:کے |کی )?$", text[max(0, start - 16) : start])
            told = tail or lead
            year = int(told["y"]) if told else (ref.year if ref else None)
            if year:
                to = lex.months[second["m"]]
                stop = second.end() + (tail.end() if tail else 0)
                out.append(
                    When(
                        start,
                        stop,
                        month_span(year, month)[0],
                        month_span(year, to)[1],
                        f"{year}-{month:02d}/{year}-{to:02d}",
                    )
                )
                last_end = stop
                continue
        day = int(before[1]) if before else int(after[1]) if after and lang == "en" else None
        if before:
            start -= len(before.group())
        if not before and after and lang == "en":
            end += after.end()
        tail = re.match(rf"[\s,]*(?:of )?(?P<y>{_YEAR})", text[end : end + 12])
        lead = re.search(rf"(?P<y>{_YEAR})[\s,]*(?:жыл\S*|سال|کے)?\s*$", text[max(0, start - 14) : start])
        if tail:
            end += tail.end()
        if match["m"] in {"may", "mar", "march"} and not (
            day
            or tail
            or lead
            or re.search(r"\b(?:in|of|by|since|until|last|this|next) $", text[max(0, start - 7) : start])
        ):
            continue
        said = _YEAR_SAID.match(text, end) if ref else None
        year = int(tail["y"]) if tail else int(lead["y"]) if lead else _nearest(month, day, ref)
        if said and ref and not (tail or lead):
            year, end = ref.year + _YEARS_ON[said.lastgroup or "this"], said.end()
        if year is None or (day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]):
            continue
        exact = bool(tail or lead or said)
        if day:
            iso = f"{year:04d}-{month:02d}-{day:02d}"
            out.append(When(start, end, iso, iso, iso, exact))
        else:
            first, last = month_span(year, month)
            out.append(When(start, end, first, last, f"{year:04d}-{month:02d}", exact))
        last_end = end
    return out


_YEARS_ON: Final = {"last": -1, "this": 0, "next": 1}
_YEAR_SAID: Final = re.compile(
    r"[^\W\d_]*,? (?:(?P<last>(?:of )?last year|прошлого года)"
    r"|(?P<this>(?:of )?this year|(?:этого|текущего|нынешнего) года)"
    r"|(?P<next>(?:of )?next year|(?:следующего|будущего) года))"
)


def _nearest(month: int, day: int | None, ref: dt.date | None) -> int | None:
    """Year of a day without one: that which brings it nearest to the article's day."""
    if ref is None:
        return None
    middle = day or 15
    years = (ref.year - 1, ref.year, ref.year + 1)
    return min(years, key=lambda y: abs((dt.date(y, month, min(middle, 28)) - ref).days))


def find_dates(lang: str, text: str, ref: dt.date | None) -> list[When]:
    """All dates and periods of a folded text, in order.

    Parameters
    ----------
    lang
        Language of the text.
    text
        Folded text.
    ref
        Day of the article; without it a date relative to it is not read.
    """
    lex = lexicon(lang)
    short = lang.split("-", maxsplit=1)[0]
    out = _with_month(lex, text, ref)
    for kind, pattern in _compiled(short):
        for match in pattern.finditer(text):
            if any(w.start < match.end() and match.start() < w.end for w in out):
                continue
            found = _relative(kind, match, lex, ref)
            if found:
                out.append(When(*match.span(), *found, exact=bool(re.search(_YEAR, match.group()))))
    for match in re.finditer(rf"(?<![\d.,/])(?<!\d[-–])({_YEAR})(?:\s*[-–/]\s*({_YEAR}|\d\d))?(?![\d.,]\d|\d|%)", text):
        if any(w.start < match.end() and match.start() < w.end for w in out):
            continue
        a = int(match[1])
        b = a if not match[2] else int(match[2]) if len(match[2]) == 4 else a // 100 * 100 + int(match[2])
        if b >= a:
            out.append(When(*match.span(), f"{a}-01-01", f"{b}-12-31", str(a) if a == b else f"{a}/{b}"))
    return sorted(out, key=lambda w: w.start)
