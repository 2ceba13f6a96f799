"""Tables of the ledger. Every one is append-only: a change is a new version, and no row is ever altered.

`subject` gives each entry, milestone and claim its identity; all else points to it. A row cannot stand without
its evidence: `source_id` is required wherever something is held to be so. That a hard verdict takes two
people is a constraint of the database, not a habit of the program.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from serai.evidence.ledger.scales import MATERIALITY, NEED_TWO, OUTCOMES, VERDICTS

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL condition that a column holds one of some words."""
    return f"{column} in ({', '.join(repr(v) for v in values)})"


def two_for(column: str) -> str:
    """Return the SQL condition that a hard verdict carries two different names."""
    hard = one_of(column, NEED_TWO)
    return f"not ({hard}) or (second_reviewer <> '' and second_reviewer <> reviewer)"


def _seq() -> Column[int]:
    return Column("seq", Integer, primary_key=True, autoincrement=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _subject(name: str) -> Column[str]:
    return Column(name, String(80), ForeignKey("subject.id"), nullable=False)


def _evidence() -> Column[str]:
    return Column("source_id", String(80), ForeignKey("source.id"), nullable=False)


def _recorded() -> tuple[Column[str], Column[object]]:
    return Column("recorded_by", Text, nullable=False), Column("recorded_at", DateTime(timezone=True), nullable=False)


source = Table(
    "source",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("title", Text, nullable=False),
    _text("publisher"),
    _text("published"),
    Column("address", Text, nullable=False),
    CheckConstraint("address <> ''", name="address"),
)
subject = Table(
    "subject",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("kind", String(20), nullable=False),
    CheckConstraint(one_of("kind", ("entry", "milestone", "claim")), name="kind"),
)
entry = Table(
    "entry",
    metadata,
    _seq(),
    _subject("id"),
    Column("version", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("parties", Text, nullable=False),
    Column("title", Text, nullable=False),
    _text("title_ru"),
    _text("title_ur"),
    _text("title_kk"),
    _text("date"),
    _text("place"),
    Column("value", Float, nullable=True),
    _text("unit"),
    _text("stated_deadline"),
    Column("deadline_date", Date, nullable=True),
    Column("variant_of", String(80), ForeignKey("subject.id"), nullable=True),
    _evidence(),
    _text("more_sources"),
    Column("basis", String(20), nullable=False),
    _text("note"),
    Column("reviewer", Text, nullable=False, server_default=""),
    *_recorded(),
    UniqueConstraint("id", "version"),
    CheckConstraint("variant_of is null or variant_of <> id", name="variant"),
    CheckConstraint(one_of("basis", ("reported", "derived", "assumed")), name="basis"),
)
milestone = Table(
    "milestone",
    metadata,
    _seq(),
    _subject("id"),
    Column("version", Integer, nullable=False),
    _subject("entry_id"),
    Column("what", Text, nullable=False),
    _text("what_ru"),
    _text("what_ur"),
    _text("what_kk"),
    Column("due", Date, nullable=True),
    Column("grace_days", Integer, nullable=False),
    Column("outcome", String(20), nullable=False, server_default=""),
    Column("done_on", Date, nullable=True),
    _text("evidence"),
    _evidence(),
    _text("more_sources"),
    Column("basis", String(20), nullable=False),
    _text("note"),
    Column("reviewer", Text, nullable=False, server_default=""),
    Column("second_reviewer", Text, nullable=False, server_default=""),
    *_recorded(),
    UniqueConstraint("id", "version"),
    CheckConstraint("grace_days >= 0", name="grace"),
    CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
    CheckConstraint("outcome = '' or done_on is not null", name="dated"),
    CheckConstraint(two_for("outcome"), name="two"),
)
claim = Table(
    "claim",
    metadata,
    _seq(),
    _subject("id"),
    Column("version", Integer, nullable=False),
    _evidence(),
    _text("lang"),
    Column("type", String(40), nullable=False),
    _text("modality"),
    _text("slots"),
    Column("quote", Text, nullable=False),
    _text("speaker"),
    Column("said_on", Date, nullable=True),
    _text("proposed_then"),
    _text("proposed_now"),
    _text("materiality"),
    _text("evidence"),
    _text("arithmetic"),
    _text("next_question"),
    _text("extractor"),
    *_recorded(),
    UniqueConstraint("id", "version"),
)
opinion = Table(
    "opinion",
    metadata,
    _seq(),
    _subject("claim_id"),
    Column("decision", String(10), nullable=False),
    Column("verdict_then", String(20), nullable=False),
    Column("verdict_now", String(20), nullable=False),
    Column("materiality", String(10), nullable=False),
    Column("rationale", Text, nullable=False),
    _evidence(),
    Column("as_of", Date, nullable=False),
    Column("reviewer", Text, nullable=False),
    *_recorded(),
    CheckConstraint(one_of("decision", ("accept", "reject")), name="decision"),
    CheckConstraint("reviewer <> ''", name="reviewer"),
)
verdict = Table(
    "verdict",
    metadata,
    _seq(),
    _subject("claim_id"),
    Column("verdict_then", String(20), nullable=False),
    Column("verdict_now", String(20), nullable=False),
    Column("materiality", String(10), nullable=False),
    Column("rationale", Text, nullable=False),
    _evidence(),
    Column("as_of", Date, nullable=False),
    Column("opinion_seq", Integer, ForeignKey("opinion.seq"), nullable=False),
    Column("second_seq", Integer, ForeignKey("opinion.seq"), nullable=True),
    Column("reviewer", Text, nullable=False),
    Column("second_reviewer", Text, nullable=False, server_default=""),
    *_recorded(),
    CheckConstraint("reviewer <> ''", name="reviewer"),
    CheckConstraint(one_of("verdict_then", VERDICTS), name="verdict_then"),
    CheckConstraint(one_of("verdict_now", VERDICTS), name="verdict_now"),
    CheckConstraint(one_of("materiality", MATERIALITY), name="materiality"),
    CheckConstraint(two_for("verdict_then"), name="two_then"),
    CheckConstraint(two_for("verdict_now"), name="two_now"),
    CheckConstraint("(second_reviewer = '') = (second_seq is null)", name="second"),
)
reply = Table(
    "reply",
    metadata,
    _seq(),
    _subject("subject_id"),
    Column("party", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    _evidence(),
    *_recorded(),
    CheckConstraint("party <> '' and words <> ''", name="said"),
)
correction = Table(
    "correction",
    metadata,
    _seq(),
    _subject("subject_id"),
    Column("was", Text, nullable=False),
    Column("now_is", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("reviewer", Text, nullable=False),
    *_recorded(),
    CheckConstraint("reviewer <> '' and why <> ''", name="answered_for"),
)
Index("ix_claim_seq_of", claim.c.id, claim.c.version)
Index("ix_opinion_claim_id", opinion.c.claim_id)
Index("ix_verdict_claim_id", verdict.c.claim_id)

APPEND_ONLY: Final = tuple(sorted(metadata.tables))
