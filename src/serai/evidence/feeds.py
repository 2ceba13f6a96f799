"""What others read by machine: ClaimReview, RSS and JSON Feed, made of what is published only.

ClaimReview: schema.org/ClaimReview with the properties that fact-check search requires (claimReviewed,
reviewRating, url). Promises have no place on a scale of truth and carry the verdict's name alone.
RSS 2.0 and JSON Feed 1.1 after their specifications.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from serai.core.errors import InputError
from serai.evidence.ledger.review import clip_quote
from serai.evidence.ledger.scales import TRUTH_RATING
from serai.evidence.ledger.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.evidence.ledger.review import Claimed, Verdict

REQUIRED: Final = (
    "@context",
    "@type",
    "url",
    "claimReviewed",
    "reviewRating",
    "author",
    "datePublished",
    "itemReviewed",
)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One thing that happened: its own identifier, address, title, text and day."""

    id: str
    address: str
    title: str
    text: str
    day: dt.date


def claim_review(claim: Claimed, verdict: Verdict, address: str, verdict_word: str, author: str) -> dict[str, Any]:
    """Give a published verdict as ClaimReview.

    Parameters
    ----------
    claim, verdict
        What was said, and the verdict that stands.
    address
        Where the verdict can be read.
    verdict_word
        The verdict in the language of the page.
    author
        Who publishes it.
    """
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict_word}
    if verdict.verdict_now in TRUTH_RATING:
        rating |= {"ratingValue": TRUTH_RATING[verdict.verdict_now], "bestRating": 5, "worstRating": 1}
    item: dict[str, Any] = {"@type": "Claim"}
    if claim.speaker:
        item["author"] = {"@type": "Person", "name": shown(claim.speaker)}
    if claim.said_on:
        item["datePublished"] = claim.said_on.isoformat()
    if claim.source.address.startswith(("http://", "https://")):
        item["appearance"] = [{"@type": "CreativeWork", "url": claim.source.address}]
    made = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": address,
        "claimReviewed": clip_quote(shown(claim.quote)),
        "reviewRating": rating,
        "author": {"@type": "Organization", "name": author},
        "datePublished": verdict.recorded_on.isoformat(),
        "itemReviewed": item,
    }
    check_claim_review(made)
    return made


def check_claim_review(made: dict[str, Any]) -> None:
    """Raise InputError where a ClaimReview lacks what its readers require."""
    missing = [key for key in REQUIRED if not made.get(key)]
    rating = made.get("reviewRating") or {}
    if not rating.get("alternateName"):
        missing.append("reviewRating.alternateName")
    value = rating.get("ratingValue")
    if value is not None and not rating.get("worstRating", value + 1) <= value <= rating.get("bestRating", value - 1):
        missing.append("reviewRating.ratingValue between worstRating and bestRating")
    if missing:
        raise InputError(f"The review lacks {', '.join(missing)}", "Complete the claim.")


def json_ld(content: dict[str, Any]) -> str:
    """Give data for a script element: nothing in it can end the element."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _xml(text: str) -> str:
    return escape(shown(text), {'"': "&quot;"})


def rss(title: str, address: str, own: str, lang: str, items: Sequence[FeedItem], day: dt.date) -> str:
    """Write an RSS 2.0 feed; its time is the day of the state it tells of."""
    rows = "".join(
        f"<item><title>{_xml(i.title)}</title><link>{_xml(i.address)}</link>"
        f'<guid isPermaLink="false">{_xml(i.id)}</guid><pubDate>{format_datetime(_moment(i.day))}</pubDate>'
        f"<description>{_xml(i.text)}</description></item>\n"
        for i in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n'
        f"<title>{_xml(title)}</title><link>{_xml(address)}</link><description>{_xml(title)}</description>\n"
        f'<atom:link href="{_xml(own)}" rel="self" type="application/rss+xml"/>\n'
        f"<language>{lang}</language><lastBuildDate>{format_datetime(_moment(day))}</lastBuildDate>\n"
        f"{rows}</channel></rss>\n"
    )


def json_feed(title: str, address: str, own: str, lang: str, items: Sequence[FeedItem]) -> str:
    """Write a JSON Feed 1.1."""
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": address,
        "feed_url": own,
        "language": lang,
        "items": [
            {
                "id": i.id,
                "url": i.address,
                "title": shown(i.title),
                "content_text": shown(i.text),
                "date_published": _moment(i.day).isoformat(),
            }
            for i in items
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
