"""Feeds of others, read: RSS 0.9x, 1.0 and 2.0, Atom 1.0 and JSON Feed 1.

A feed is a stranger's file. Nothing in it is expanded (a feed that declares entities is refused), nothing nests deeper
than `DEEPEST`, no more than `MOST_ENTRIES` entries are kept, and an address in it is only a wish: it is fetched, if at
all, by :mod:`serai.evidence.fetch` with all its rules.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ENTRIES: Final = 500
DEEPEST: Final = 64
"""Levels of elements."""
_ROOT: Final = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:rss|feed|RDF)[\s>]")
_ENTITY: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_ITEMS: Final = {"item", "entry"}
_FIELDS: Final = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "id": "guid",
    "pubdate": "day",
    "published": "day",
    "date": "day",
    "updated": "updated",
    "description": "summary",
    "summary": "summary",
    "encoded": "content",
    "content": "content",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: title, address (empty if none is http), day (YYYY-MM-DD or empty), and its text as HTML."""

    title: str
    address: str
    day: str
    content: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its title, where it was found, its entries newest first, and how many more were left out."""

    title: str
    address: str
    entries: tuple[Entry, ...]
    left_out: int = 0


def is_feed(text: str, kind: str = "") -> bool:
    """Whether a text is a feed, by its media type or its first words."""
    head = text.lstrip("\ufeff \t\r\n")[:4000]
    if head.startswith("{"):
        return "jsonfeed.org/version/" in head or kind == "application/feed+json"
    return head.startswith("<") and _ROOT.search(head) is not None and "<html" not in head[:500].lower()


def read_feed(text: str, address: str = "") -> Feed:
    """Read a feed.

    Parameters
    ----------
    text
        The feed itself.
    address
        Where it comes from; addresses in it are relative to this.

    Raises
    ------
    InputError
        When it is no feed, is not well formed, declares entities or nests too deep.
    """
    where = address or "The feed"
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        title, rows = _json_rows(text, where)
    else:
        title, rows = _xml_rows(text, where)
    entries = [_entry(row, address) for row in rows[:MOST_ENTRIES]]
    entries.sort(key=lambda e: e.day, reverse=True)
    return Feed(plain(title), address, tuple(entries), max(0, len(rows) - MOST_ENTRIES))


def plain(fragment: str) -> str:
    """Text of a fragment of HTML, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", fragment)).split())


def _entry(row: Mapping[str, str], base: str) -> Entry:
    link = (row.get("link") or row.get("guid") or "").strip()
    whole = urljoin(base, link) if base.startswith("http") else link
    return Entry(
        title=plain(row.get("title", "")),
        address=whole if re.match(r"https?://[^\s<>\"]+$", whole, re.IGNORECASE) else "",
        day=_day(row.get("day") or row.get("updated") or ""),
        content=max(row.get("content", ""), row.get("summary", ""), key=len).strip(),
    )


def _day(said: str) -> str:
    """Day of a date as feeds write it, in RFC 822 or ISO 8601; empty if it is neither."""
    said = said.strip()
    try:
        return dt.date.fromisoformat(said[:10]).isoformat()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(said).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


class _Collector:
    """What the parser tells of a feed, kept as flat rows of text; a target of `XMLParser`."""

    def __init__(self) -> None:
        self.title = ""
        self.rows: list[dict[str, str]] = []
        self._path: list[str] = []
        self._row: dict[str, str] | None = None
        self._row_depth = self._field_depth = 0
        self._field = ""
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        space, _, name = tag.rpartition("}")
        name = name.lower()
        self._path.append(name)
        depth = len(self._path)
        if depth > DEEPEST:
            raise InputError(f"The feed nests deeper than {DEEPEST} levels", "It is no feed; save an article as text.")
        if self._field:
            if name not in {"div", "span"}:
                self._text.append(" ")
            return
        if name in _ITEMS and self._row is None:
            self._row, self._row_depth = {}, depth
            return
        media = "search.yahoo.com/mrss" in space or "itunes" in space
        inside = self._row is not None and depth == self._row_depth + 1
        if name == "link" and inside and self._row is not None and "href" in attributes:
            if attributes.get("rel", "alternate") == "alternate":
                self._row.setdefault("link", attributes["href"])
        elif name in _FIELDS and not media and (inside or (name == "title" and depth in {2, 3} and not self.title)):
            self._field, self._field_depth, self._text = _FIELDS[name], depth, []

    def data(self, text: str) -> None:
        """Take text."""
        if self._field:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        """End an element."""
        depth = len(self._path)
        if self._field and depth == self._field_depth:
            text = "".join(self._text).strip()
            if self._row is None:
                self.title = self.title or text
            elif text:
                self._row.setdefault(self._field, text)
            self._field = ""
        elif self._row is not None and depth == self._row_depth and not self._field:
            self.rows.append(self._row)
            self._row = None
        self._path.pop()

    def close(self) -> list[dict[str, str]]:
        """Return the rows."""
        return self.rows


def _xml_rows(text: str, where: str) -> tuple[str, list[dict[str, str]]]:
    from xml.etree.ElementTree import ParseError, XMLParser  # nosec: entities are refused, depth is limited

    if _ENTITY.search(text):
        raise InputError(f"{where} declares entities, as no honest feed needs to", "Save the article as text.")
    collector = _Collector()
    parser = XMLParser(target=collector)  # noqa: S314
    try:
        parser.feed(text)
        parser.close()
    except (ParseError, ValueError) as fault:
        if not collector.rows:  # what was read before a fault is kept: many feeds end badly
            raise InputError(f"{where} is no feed: {fault}", "Name a feed, a page or a file.") from fault
    return collector.title, collector.rows


def _json_rows(text: str, where: str) -> tuple[str, list[dict[str, str]]]:
    try:
        content: Any = json.loads(text)
        items = content["items"]
        rows = [
            {
                "title": str(i.get("title") or ""),
                "link": str(i.get("url") or ""),
                "day": str(i.get("date_published") or ""),
                "content": str(i.get("content_html") or i.get("content_text") or ""),
                "summary": str(i.get("summary") or ""),
            }
            for i in items
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise InputError(f"{where} is no JSON feed", "Name a feed, a page or a file.") from fault
    return str(content.get("title") or ""), rows
