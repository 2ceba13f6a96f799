"""What a reader names to be checked: one article, or a feed with an article to each entry."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from serai.core.errors import InputError, MissingPartError
from serai.evidence.article import from_html, from_source, from_text, read_file
from serai.evidence.fetch import FEEDS, PAGES, Manners, Page, fetch
from serai.evidence.likeness import earlier
from serai.evidence.syndication import Feed, is_feed, plain, read_feed

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.evidence.syndication import Entry
    from serai.evidence.types import Article

FULL_TEXT: Final = 900
"""Characters of text from which a feed is taken to carry the article itself: its page is then not asked for."""
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of an entry: its article, or why there is none.

    `number` counts from 1; `copy_of` is the number of an earlier entry that says the same.
    """

    number: int
    entry: Entry
    article: Article | None
    copy_of: int | None = None
    fault: str = ""

    @property
    def status(self) -> str:
        """In a word: read, copy or not read."""
        return "not read" if self.article is None else "read" if self.copy_of is None else "copy"


def open_source(
    source: str, *, today: dt.date, date: str = "", manners: Manners | None = None, fetcher: Callable[..., Page] = fetch
) -> Article | Feed:
    """Read an article, or a feed, from a file or an address.

    Parameters
    ----------
    source
        A text file, an HTML file, a feed's file, or an http(s) address of a page or feed.
    today, date
        See :func:`serai.evidence.article.from_text`.
    manners, fetcher
        How hosts are treated, and what fetches.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    if not _ADDRESS.match(source):
        text = read_file(source)
        return read_feed(text, source) if is_feed(text) else from_source(text, source, today=today, date=date)
    page = fetcher(source, kinds=(*PAGES, *FEEDS), manners=manners)
    if is_feed(page.text, page.kind):
        return read_feed(page.text, page.address)
    if page.kind in FEEDS:
        raise InputError(f"{source} is {page.kind}, and no feed", "Name a page, a feed or a file.")
    return from_source(page.text, page.address, today=today, date=date, plain=page.kind == "text/plain")


def read_entries(
    feed: Feed,
    *,
    today: dt.date,
    most: int,
    since: dt.date | None = None,
    manners: Manners | None = None,
    fetcher: Callable[..., Page] = fetch,
) -> tuple[Reading, ...]:
    """Read the newest entries of a feed, one after another.

    Parameters
    ----------
    feed
        From :func:`open_source`.
    today
        No article is of a later day.
    most
        No more entries than this are read.
    since
        Entries of an earlier day are left out; those without a day are kept.
    manners, fetcher
        See :func:`open_source`.

    Returns
    -------
    tuple of Reading
        Newest first. A page that cannot be read is told, and the next is read.
    """
    ask = partial(fetcher, manners=manners or Manners())
    wanted = [e for e in feed.entries if since is None or not e.day or e.day >= since.isoformat()][:most]
    out: list[Reading] = []
    for number, entry in enumerate(wanted, 1):
        try:
            article = _article(entry, today, ask)
        except MissingPartError:
            raise
        except InputError as fault:
            out.append(Reading(number, entry, None, fault=fault.what))
            continue
        known = tuple(r.article for r in out if r.article is not None and r.copy_of is None)
        same = earlier(article, known)
        twin = next((r.number for r in out if same is not None and r.article is same), None)
        out.append(Reading(number, entry, article, copy_of=twin))
    return tuple(out)


def _article(entry: Entry, today: dt.date, ask: Callable[..., Page]) -> Article:
    """Article of an entry: what the feed carries if it is whole, else its page."""
    day = entry.day if entry.day and entry.day <= today.isoformat() else ""
    if len(plain(entry.content)) >= FULL_TEXT:
        body = entry.content
        if "<" not in body:
            return from_text(f"{entry.title}\n\n{body}", source=entry.address, today=today, metadata_date=day)
        page = f"<html><body><article><h1>{html.escape(entry.title)}</h1>{body}</article></body></html>"
        return _with_day(from_html(page, source=entry.address, today=today, near=_near(day)), day, today)
    if not entry.address:
        raise InputError("The entry has neither an address nor a whole text", "Read it where it is.")
    found = ask(entry.address)
    whole = from_source(found.text, found.address, today=today, near=_near(day), plain=found.kind == "text/plain")
    return _with_day(whole, day, today)


def _near(day: str) -> dt.date | None:
    return dt.date.fromisoformat(day) if day else None


def _with_day(article: Article, day: str, today: dt.date) -> Article:
    """Return an article with the day its feed gives, where it has none of its own."""
    if article.date or not day:
        return article
    return from_text(
        article.text,
        source=article.source,
        today=today,
        title=article.title,
        byline=article.byline,
        publisher=article.publisher,
        metadata_date=day,
        lang=article.lang,
    )
