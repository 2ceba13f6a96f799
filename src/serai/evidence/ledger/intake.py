"""Take the checked claims of an article into the ledger as drafts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from serai.evidence.ledger.entries import Source, source_id_of
from serai.evidence.ledger.review import Claimed, clip_quote
from serai.evidence.ledger.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serai.evidence.types import Article, Check


def article_source(article: Article) -> Source:
    """Give an article as a source; one without an address is known by the digest of its text."""
    web = article.source.startswith(("http://", "https://"))
    address = article.source if web else f"article:{article.digest}"
    title = shown(article.title)[:300] or "Article without a title"
    return Source(source_id_of(address), title, shown(article.publisher)[:200], article.date, address)


def claimed(article: Article, check: Check) -> Claimed:
    """Turn a checked claim into a draft; the quotation is cut to what may be public.

    Marks that cannot be seen are dropped from what the article's author wrote: they are no part of the claim.
    """
    claim = check.claim
    plain = claim.as_json()["slots"]
    slots = dict(plain) if isinstance(plain, dict) else {}
    if claim.negated:
        slots["negated"] = True
    day = article.date if len(article.date) == 10 else ""
    return Claimed(
        id=f"{article.digest[:10]}-{claim.id}",
        source=article_source(article),
        lang=claim.lang,
        type=claim.type,
        modality=claim.modality.value,
        slots=slots,
        quote=clip_quote(shown(claim.span.quote)),
        speaker=shown(claim.speaker.name)[:200],
        said_on=dt.date.fromisoformat(day) if day else None,
        proposed_then=check.verdict_then.value,
        proposed_now=check.verdict_now.value,
        materiality=check.materiality.value,
        evidence=check.evidence_ids,
        arithmetic=shown("\n".join(check.arithmetic))[:4000],
        next_question=shown(check.next_question)[:1000],
        extractor="rules",
    )


def all_claimed(article: Article, checks: Iterable[Check]) -> tuple[Claimed, ...]:
    """Turn all checked claims of an article into drafts."""
    return tuple(claimed(article, check) for check in checks)
