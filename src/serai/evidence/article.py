"""An article from a text, an HTML page or an address: cleaned, dated, and in which language."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import InputError, MissingPartError
from serai.core.files import sha256
from serai.evidence.dates import find_dates
from serai.evidence.language import guess
from serai.evidence.lexicon import LANGUAGES, lexicon
from serai.evidence.text import clean, decode, fold, fold_word
from serai.evidence.types import Article

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 200_000
LARGEST_FILE: Final = 10_000_000
_LINKS: Final = re.compile(r"^\s*(?:https?://\S+\s*)+$")
_SHARE: Final = re.compile(
    r"^\s*(?:(?:share|tweet|facebook|twitter|whatsapp|telegram|linkedin|print|email|"
    r"copy link|comments?|tags?|source|copyright|©|all rights reserved"
    r"|теги|комментари|шер|ٹیگز)\b.{0,60}|[|•·>»\s]+|\d{1,3}\s*(?:views|shares|просмотр\w*))\s*$",
    re.IGNORECASE,
)
_BYLINE: Final = re.compile(r"^\s*(?:by|автор:?|تحریر:?|авторы:?)\s+([^\n.]{3,60})$", re.IGNORECASE)
_DATELINE: Final = re.compile(
    r"^\s*(?P<place>[^\W\d_][^\n(:–—،,]{1,40}?)\s*[,،.]?\s*(?:\((?P<inner>[^)]{2,40})\)\s*)?"
    r"(?P<date>(?:\d{1,2}\s+)?[^\W\d_]{3,12}\.?\s*\d{0,2}(?:,?\s*\d{4})?)?\s*(?:\((?P<agency>[^)]{2,40})\))?\s*(?:[:–—-]|/)\s*(?=\S)"
)
_META_DATE: Final = re.compile(
    r"^\s*(?:published|updated|posted|date|опубликовано|дата|تاریخ|жарияланған)\b[:\s]*(?P<rest>.{4,60})$",
    re.IGNORECASE,
)
_WEEKDAY_REACH: Final = 400


def _drop_lines(lines: Iterable[str], lang: str) -> tuple[list[str], list[str]]:
    """Lines without teasers, share bars and bare links."""
    lexes = [lexicon(lang if lang in {*LANGUAGES, "kk-Latn"} else "en"), lexicon("en")]
    kept: list[str] = []
    removed: list[str] = []
    for line in lines:
        flat = fold_word(line)
        if line.strip() and (_LINKS.match(line) or _SHARE.match(line) or any(x.teaser.match(flat) for x in lexes)):
            removed.append(line.strip()[:200])
        else:
            kept.append(line)
    return kept, removed


def _title_of(lines: list[str]) -> tuple[str, list[str]]:
    for i, line in enumerate(lines):
        if line.strip():
            single = len(line.strip()) < 220 and not re.search(r"[.۔]\s*$", line.strip())
            rest = [x for x in lines[i + 1 :] if x.strip()]
            return (line.strip(), lines[i + 1 :]) if single and rest else ("", lines[i:])
    return "", []


def _resolve(text: str, lang: str, near: dt.date | None, today: dt.date) -> tuple[str, str, str]:
    """Find the day of an article from its first lines: date, basis, reason."""
    head = text[:700]
    lex = lexicon(lang)
    flat = fold(head, lang).text
    match = next((m for line in head.split("\n")[:6] if (m := _DATELINE.match(line)) and m["date"]), None)
    if match is None:
        return "", "none", "no date in the metadata and none in a dateline"
    phrase = fold(match["date"], lang).text
    dated = find_dates(lang, phrase, None)
    full = [w for w in dated if len(w.text) == 10]
    if full:
        return full[0].text, "dateline", f"the dateline says {match['date'].strip()}"
    guess_day = find_dates(lang, phrase, near or today)
    day = next((w for w in guess_day if len(w.text) == 10), None)
    if day is None:
        return "", "none", "the dateline names no day"
    month_day = dt.date.fromisoformat(day.first)
    weekdays = [(w, n) for w, n in lex.weekdays.items() if re.search(rf"(?<!\w)(?:on )?{w}", flat[:_WEEKDAY_REACH])]
    days = [d for y in range(today.year, today.year - 12, -1) if (d := _valid(y, month_day)) and d <= today]
    if weekdays:
        word, number = weekdays[0]
        fits = [d.year for d in days if d.weekday() == number]
        if fits:
            said = f"the dateline has no year; {day.text[5:]} was a {word} last in {fits[0]}"
            return f"{fits[0]:04d}-{day.text[5:]}", "dateline-resolved", said
    named = [int(y) for y in re.findall(r"(?<![\d-])(20[0-3]\d)(?!\d)", text)]
    floor = max((y for y in named if y <= today.year), default=0)
    year = near.year if near else next((d.year for d in days), today.year)
    reason = f"the dateline has no year; {year} is the last year in which {day.text[5:]} had passed"
    if near:
        reason = f"the dateline has no year; {year} by the day given for reading"
    elif floor and floor < year:
        reason += f" (the text names {floor} as its latest year, so an earlier year is possible; give --date)"
    return f"{year:04d}-{day.text[5:]}", "dateline-resolved", reason


def _valid(year: int, day: dt.date) -> dt.date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _digest(text: str) -> str:
    """Digest of what a text says, whatever its spacing, case and punctuation."""
    return sha256(" ".join(re.findall(r"\w+", fold_word(text))).encode())


def from_text(
    text: str,
    *,
    source: str = "",
    today: dt.date,
    date: str = "",
    title: str = "",
    near: dt.date | None = None,
    byline: str = "",
    publisher: str = "",
    metadata_date: str = "",
    lang: str = "",
) -> Article:
    """Make an article of plain text.

    Parameters
    ----------
    text
        Title on the first line, then the body.
    source
        Where it comes from, for the record.
    today
        No article is of a later day.
    date
        Its date if the reader knows it; overrides what the text says.
    title, byline, publisher, metadata_date, lang
        What the page's metadata says.
    near
        A day the article is known to be near; helps with a dateline that has no year.

    Raises
    ------
    InputError
        For an empty text, or a language the grammar does not read.
    """
    text, warnings = clean(text)
    if len(text) > LONGEST:
        text, warnings = text[:LONGEST], (*warnings, f"only the first {LONGEST:,} characters were read")
    if not re.search(r"\w", text):
        raise InputError(f"{source or 'The article'} holds no text", "Name an article with some words in it.")
    found, script = guess(text)
    lang = lang if lang in {*LANGUAGES, "kk-Latn"} else found
    if lang not in {*LANGUAGES, "kk-Latn"}:
        raise InputError(f"{source or 'The article'} seems to be in {lang}", "Serai reads en, ru, ur and kk.")
    lines, removed = _drop_lines(text.split("\n"), lang)
    if not title:
        title, lines = _title_of(lines)
    body_lines: list[str] = []
    for line in lines:
        if not byline and len(body_lines) < 6 and (match := _BYLINE.match(line)):
            byline = match[1].strip()
            continue
        if not metadata_date and (match := _META_DATE.match(line)):
            when = find_dates(lang, fold(match["rest"], lang).text, None)
            metadata_date = next((w.text for w in when if len(w.text) == 10), "")
            if metadata_date:
                continue
        body_lines.append(line)
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(body_lines)).strip()
    if date:
        when_said, basis, reason = date, "given", "given by the reader"
    elif metadata_date:
        when_said, basis, reason = metadata_date, "metadata", "the page's metadata"
    else:
        when_said, basis, reason = _resolve(body, lang, near, today)
    head = next((m for x in body.split("\n")[:6] if (m := _DATELINE.match(x)) and (m["date"] or m["agency"])), None)
    return Article(
        source=source,
        title=title,
        text=body,
        lang=lang,
        digest=_digest(body),
        date=when_said,
        date_basis=basis,
        date_reason=reason,
        byline=byline,
        dateline=head.group().strip(" :–—-/") if head else "",
        publisher=publisher or (head["agency"] or head["inner"] or "" if head else ""),
        script=script,
        removed=tuple(removed),
        warnings=warnings,
    )


def looks_like_html(text: str) -> bool:
    """Whether a text is a page rather than plain text."""
    return re.search(r"<(?:!doctype html|html|head|body|article|p|div)[\s>]", text[:5000], re.IGNORECASE) is not None


def from_html(html: str, *, source: str = "", today: dt.date, date: str = "", near: dt.date | None = None) -> Article:
    """Make an article of an HTML page: its main text, without menus, teasers and comments.

    Raises
    ------
    InputError
        When no article stands in the page.
    MissingPartError
        When the part of Serai that reads pages is not installed.
    """
    try:
        import trafilatura
    except ImportError as fault:
        raise MissingPartError("Reading pages needs trafilatura", "Install serai[text].") from fault
    html = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", html)
    found: Any = trafilatura.bare_extraction(
        html, include_comments=False, include_tables=False, favor_precision=True, with_metadata=True
    )
    text = (found.text if found else "") or ""
    if len(text) < 80:
        raise InputError(f"No article was found in {source or 'the page'}", "Save its text to a file and name that.")
    lang_match = re.search(r"<html[^>]*\blang=[\"']?([a-z]{2})", html[:5000], re.IGNORECASE)
    hint = lang_match[1].lower() if lang_match else ""
    if hint and guess(text)[0] != hint:
        hint = ""
    return from_text(
        text,
        source=source,
        today=today,
        date=date,
        near=near,
        title=(found.title or "").strip(),
        byline=(found.author or "").strip(),
        publisher=(found.sitename or "").strip(),
        metadata_date=(found.date or "").strip() if _dated(html) else "",
        lang=hint,
    )


def _dated(html: str) -> bool:
    """Whether the page itself states a date of publication, rather than some date somewhere."""
    return (
        re.search(r"published_time|datePublished|pubdate|<time\b|date[\"']?\s+content=|article:modified", html, re.I)
        is not None
    )


def read_article(source: str, *, today: dt.date, date: str = "", near: dt.date | None = None) -> Article:
    """Read an article from a file or an address.

    Parameters
    ----------
    source
        A text file, an HTML file, or an http(s) address.
    today, date, near
        See :func:`from_text`.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    if re.match(r"[a-z][a-z0-9+.-]*://", source, re.IGNORECASE):
        from serai.evidence.fetch import fetch

        page = fetch(source)
        return from_source(page.text, page.address, today=today, date=date, near=near, plain=page.kind == "text/plain")
    return from_source(read_file(source), source, today=today, date=date, near=near)


def from_source(
    text: str, source: str, *, today: dt.date, date: str = "", near: dt.date | None = None, plain: bool | None = None
) -> Article:
    """Make an article of what stands in a file or came from an address; whether it is plain is seen, if not said."""
    page = Path(source).suffix.lower() in {".html", ".htm", ".xhtml"} or looks_like_html(text)
    make = from_text if plain or (plain is None and not page) else from_html
    return make(text, source=source, today=today, date=date, near=near)


def read_file(source: str) -> str:
    """Text of a file, no larger than `LARGEST_FILE`.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    path = Path(source)
    try:
        if not path.is_file():
            raise InputError(f"There is no article {source!r}", "Name a text or HTML file, or an address.")
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(
                f"{source} is larger than {LARGEST_FILE // 1_000_000} MB", "Save the article's text alone."
            )
        raw = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{source} cannot be read: {fault.strerror}", "Name a file you may read.") from fault
    return decode(raw)
