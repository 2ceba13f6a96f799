"""From a claim to a public verdict: opinions, the second pair of eyes, replies, corrections.

A program only proposes. A verdict stands when a reviewer has said so; *contradicted* and *abandoned* stand when
two have, each with evidence. A verdict that replaces another goes into the log of corrections by itself.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import InputError
from serai.evidence.ledger.entries import Source, add_source, add_subject
from serai.evidence.ledger.scales import MATERIALITY, NEED_TWO, VERDICTS
from serai.evidence.ledger.text import checked_address, checked_id, checked_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from serai.evidence.ledger.store import AnyRow, Ledger

BORDER_CLAIM: Final = "border_status"
LONGEST_QUOTE_WORDS: Final = 12
"""A quotation in public is short: a link shows the rest."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim as it lies in the ledger, with what the program proposes of it."""

    id: str
    source: Source
    lang: str
    type: str
    modality: str
    slots: Mapping[str, Any]
    quote: str
    speaker: str
    said_on: dt.date | None
    proposed_then: str
    proposed_now: str
    materiality: str
    evidence: tuple[str, ...]
    arithmetic: str
    next_question: str
    extractor: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reviewer holds of a claim, and on what evidence."""

    claim_id: str
    decision: str
    verdict_then: str
    verdict_now: str
    materiality: str
    rationale: str
    evidence: Source
    as_of: dt.date
    reviewer: str
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict that stands, and may be shown."""

    claim_id: str
    verdict_then: str
    verdict_now: str
    materiality: str
    rationale: str
    evidence: Source
    as_of: dt.date
    reviewer: str
    second_reviewer: str
    recorded_on: dt.date


@dataclass(frozen=True, slots=True)
class Reply:
    """What a party that is named in a claim has to say of it."""

    subject_id: str
    party: str
    words: str
    received_on: dt.date
    source: Source


@dataclass(frozen=True, slots=True)
class Correction:
    """What was published, what is right, and why it was changed."""

    subject_id: str
    was: str
    now_is: str
    why: str
    decided_on: dt.date
    reviewer: str


@dataclass(frozen=True, slots=True)
class Docket:
    """All that was said of claims, in one state of the ledger.

    Attributes
    ----------
    claims
        The latest version of each, by identifier.
    opinions, verdicts
        By identifier of the claim; opinions in the order in which they were given, and of verdicts the one that
        stands.
    replies, corrections
        In the order in which they were entered.
    """

    claims: dict[str, Claimed]
    opinions: dict[str, tuple[Opinion, ...]]
    verdicts: dict[str, Verdict]
    replies: tuple[Reply, ...]
    corrections: tuple[Correction, ...]

    def stage(self, claim: str) -> str:
        """Where a claim stands: ``draft``, ``second`` (waits for a second reviewer), ``rejected`` or ``published``."""
        last = _latest_by_reviewer(self.opinions.get(claim, ()))
        if any(o.decision == "reject" for o in last):
            return "rejected"
        if claim in self.verdicts:
            return "published"
        return "second" if last else "draft"

    def published(self) -> list[tuple[Claimed, Verdict]]:
        """Return the claims that may be shown, with their verdicts."""
        return [(self.claims[k], v) for k, v in sorted(self.verdicts.items()) if self.stage(k) == "published"]

    def queue(self) -> list[Claimed]:
        """Claims that wait for a reviewer: those that want only a second first, then the weightiest."""
        weight = {"decisive": 0, "material": 1, "minor": 2}
        waiting = [c for c in self.claims.values() if self.stage(c.id) in {"draft", "second"}]
        return sorted(waiting, key=lambda c: (self.stage(c.id) == "draft", weight.get(c.materiality, 3), c.id))


def _latest_by_reviewer(opinions: tuple[Opinion, ...]) -> list[Opinion]:
    return list({o.reviewer: o for o in opinions}.values())


def clip_quote(text: str) -> str:
    """Return the first words of a quotation, no more than may be public."""
    words = text.split()
    return " ".join(words) if len(words) <= LONGEST_QUOTE_WORDS else " ".join(words[:LONGEST_QUOTE_WORDS]) + " …"


def _common(row: AnyRow, source: Source) -> dict[str, Any]:
    names = ("claim_id", "verdict_then", "verdict_now", "materiality", "rationale", "as_of", "reviewer")
    return {name: getattr(row, name) for name in names} | {"evidence": source}


def _claimed(row: AnyRow, sources: Mapping[str, Source]) -> Claimed:
    return Claimed(
        row.id, sources[row.source_id], row.lang, row.type, row.modality, json.loads(row.slots or "{}"), row.quote,
        row.speaker, row.said_on, row.proposed_then, row.proposed_now, row.materiality,
        tuple(x for x in row.evidence.split(";") if x), row.arithmetic, row.next_question, row.extractor, row.version,
    )  # fmt: skip


def read_docket(ledger: Ledger) -> Docket:
    """Read claims, opinions, verdicts, replies and corrections in one state of the ledger."""
    with ledger.reading() as connection:
        return _docket(connection)


def _docket(connection: Connection) -> Docket:
    from sqlalchemy import select

    from serai.evidence.ledger import models

    sources = {r.id: Source(*r) for r in connection.execute(select(models.source)).all()}
    rows = {
        name: connection.execute(select(table).order_by(table.c.seq)).all()
        for name in ("claim", "opinion", "verdict", "reply", "correction")
        for table in [models.metadata.tables[name]]
    }
    claims = {r.id: _claimed(r, sources) for r in sorted(rows["claim"], key=lambda r: (r.id, r.version))}
    opinions: dict[str, tuple[Opinion, ...]] = {}
    for r in rows["opinion"]:
        given = Opinion(**_common(r, sources[r.source_id]), decision=r.decision, seq=r.seq)
        opinions[r.claim_id] = (*opinions.get(r.claim_id, ()), given)
    return Docket(
        claims,
        opinions,
        {
            r.claim_id: Verdict(
                **_common(r, sources[r.source_id]), second_reviewer=r.second_reviewer, recorded_on=r.recorded_at.date()
            )
            for r in rows["verdict"]
        },
        tuple(Reply(r.subject_id, r.party, r.words, r.received_on, sources[r.source_id]) for r in rows["reply"]),
        tuple(
            Correction(r.subject_id, r.was, r.now_is, r.why, r.decided_on, r.reviewer) for r in rows["correction"]
        ),
    )  # fmt: skip


def write_claims(ledger: Ledger, claims: tuple[Claimed, ...], by: str, now: dt.datetime) -> int:
    """Enter claims as drafts in one transaction; one that stands there unchanged is not entered again."""
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    written = 0
    with ledger.writing() as connection:
        have = _docket(connection).claims
        for new in claims:
            old = have.get(checked_id(new.id))
            if old is not None and replace(new, version=old.version) == old:
                continue
            for name in ("quote", "speaker", "arithmetic", "next_question", "modality"):
                checked_text(f"{new.id}, {name}", getattr(new, name))
            if len(new.quote.split()) > LONGEST_QUOTE_WORDS + 1:
                raise InputError(f"{new.id}: the quotation is longer than {LONGEST_QUOTE_WORDS} words", "Shorten it.")
            add_source(connection, new.source)
            add_subject(connection, new.id, "claim")
            same = ("lang", "type", "modality", "quote", "speaker", "said_on", "proposed_then", "proposed_now")
            row = {n: getattr(new, n) for n in (*same, "materiality", "arithmetic", "next_question", "extractor")}
            connection.execute(
                insert(models.claim).values(
                    **row,
                    id=new.id,
                    version=old.version + 1 if old else 1,
                    source_id=new.source.id,
                    slots=json.dumps(new.slots, ensure_ascii=False, sort_keys=True),
                    evidence=";".join(new.evidence),
                    recorded_by=by,
                    recorded_at=now,
                )
            )
            written += 1
    return written


def _checked_opinion(opinion: Opinion, known: Mapping[str, Claimed]) -> None:
    if opinion.claim_id not in known:
        raise InputError(f"There is no claim {opinion.claim_id!r} in the ledger", "`serai ledger list` shows them.")
    if opinion.decision == "accept":
        for word in (opinion.verdict_then, opinion.verdict_now):
            if word not in VERDICTS:
                raise InputError(f"{word!r} is no verdict", f"Use one of: {', '.join(VERDICTS)}.")
        if opinion.materiality not in MATERIALITY:
            raise InputError(f"{opinion.materiality!r} is no materiality", f"Use one of: {', '.join(MATERIALITY)}.")
    if not opinion.reviewer.strip():
        raise InputError("An opinion needs the name of who gives it", "Give --reviewer.")
    checked_text("The reviewer's name", opinion.reviewer, longest=80)
    checked_text("The rationale", opinion.rationale)
    if not opinion.evidence.address.startswith("package:"):
        checked_address(opinion.evidence.address)


def _agrees(a: Opinion, b: Opinion) -> bool:
    same = ("decision", "verdict_then", "verdict_now", "materiality")
    return all(getattr(a, n) == getattr(b, n) for n in same)


def give_opinion(ledger: Ledger, opinion: Opinion, now: dt.datetime) -> str:
    """Enter an opinion, and the verdict where it now stands.

    Parameters
    ----------
    ledger
        The ledger.
    opinion
        Who holds what of which claim, on what evidence.
    now
        When.

    Returns
    -------
    str
        The claim's stage after it: ``published``, ``second`` or ``rejected``.

    Raises
    ------
    InputError
        For an unknown claim or word, or without a name or evidence; nothing is written then.
    """
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    with ledger.writing() as connection:
        docket = _docket(connection)
        _checked_opinion(opinion, docket.claims)
        add_source(connection, opinion.evidence)
        same = ("claim_id", "verdict_then", "verdict_now", "materiality", "rationale", "as_of", "reviewer")
        row = {n: getattr(opinion, n) for n in same} | {"source_id": opinion.evidence.id}
        row |= {"recorded_by": opinion.reviewer, "recorded_at": now}
        done = connection.execute(insert(models.opinion).values(**row, decision=opinion.decision))
        key = done.inserted_primary_key
        seq = int(key[0]) if key is not None else 0
        if opinion.decision == "accept":
            _settle(connection, docket, replace(opinion, seq=seq), row)
        return _docket(connection).stage(opinion.claim_id)


def _settle(connection: Connection, docket: Docket, opinion: Opinion, row: dict[str, Any]) -> None:
    """Write the verdict if enough reviewers hold it, and the correction if it replaces another."""
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    hard = {opinion.verdict_then, opinion.verdict_now} & set(NEED_TWO)
    others = [
        o for o in _latest_by_reviewer(docket.opinions.get(opinion.claim_id, ())) if o.reviewer != opinion.reviewer
    ]
    second = next((o for o in others if _agrees(o, opinion)), None)
    if hard and second is None:
        return
    two = {"second_seq": second.seq if second else None, "second_reviewer": second.reviewer if second else ""}
    connection.execute(insert(models.verdict).values(**row, opinion_seq=opinion.seq, **two))
    old = docket.verdicts.get(opinion.claim_id)
    words = f"{opinion.verdict_then} / {opinion.verdict_now}"
    if old is not None and words != (was := f"{old.verdict_then} / {old.verdict_now}"):
        log_correction(
            connection,
            Correction(
                opinion.claim_id, was, words, opinion.rationale or "New evidence", opinion.as_of, opinion.reviewer
            ),
            row["recorded_at"],
        )


def log_correction(connection: Connection, correction: Correction, now: dt.datetime) -> None:
    """Enter a correction."""
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    row = {n: getattr(correction, n) for n in ("subject_id", "was", "now_is", "why", "decided_on", "reviewer")}
    for name in ("was", "now_is", "why", "reviewer"):
        checked_text(f"The correction, {name}", row[name])
    connection.execute(insert(models.correction).values(**row, recorded_by=correction.reviewer, recorded_at=now))


def write_correction(ledger: Ledger, correction: Correction, now: dt.datetime) -> None:
    """Enter a correction of something published."""
    with ledger.writing() as connection:
        _must_be_known(connection, correction.subject_id)
        log_correction(connection, correction, now)


def write_reply(ledger: Ledger, reply: Reply, by: str, now: dt.datetime) -> None:
    """Enter what a party replied; it is shown beside the claim or entry."""
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    checked_text("The reply", reply.words)
    checked_text("The party", reply.party, longest=200)
    checked_address(reply.source.address)
    with ledger.writing() as connection:
        _must_be_known(connection, reply.subject_id)
        add_source(connection, reply.source)
        row = {n: getattr(reply, n) for n in ("subject_id", "party", "words", "received_on")}
        row |= {"source_id": reply.source.id, "recorded_by": by, "recorded_at": now}
        connection.execute(insert(models.reply).values(**row))


def _must_be_known(connection: Connection, name: str) -> None:
    from sqlalchemy import select

    from serai.evidence.ledger import models

    if connection.execute(select(models.subject.c.id).where(models.subject.c.id == name)).first() is None:
        raise InputError(f"There is no {name!r} in the ledger", "`serai ledger list` shows what there is.")


@dataclass(frozen=True, slots=True)
class StatusProposal:
    """A row for the status table that follows from an accepted claim about a border."""

    place: str
    state: str
    since: dt.date
    confirmed_on: dt.date
    source: str
    reason: str
    mode: str = ""


def proposed_status(claim: Claimed, verdict: Verdict) -> StatusProposal | None:
    """Propose the status row that follows from a claim about a border found to be supported.

    Nothing is recorded by this: a person hands it on to :func:`serai.data.record.add_status`. None where the
    claim is of another kind, was not supported, or lacks a place, a state or a date.
    """
    slots = claim.slots
    ids = slots.get("place_ids") or ()
    place, state = str(ids[0] if ids else slots.get("place", "")), str(slots.get("state", ""))
    if claim.type != BORDER_CLAIM or verdict.verdict_now != "supported" or not place or slots.get("negated"):
        return None
    if state not in {"open", "restricted", "closed"}:
        return None
    day = _day(str(slots.get("date") or "")) or claim.said_on
    if day is None:
        return None
    reason = f"{clip_quote(claim.quote)} (claim {claim.id})"
    mode = str(slots.get("mode", ""))
    return StatusProposal(place, state, day, verdict.as_of, claim.source.address, reason, mode)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
