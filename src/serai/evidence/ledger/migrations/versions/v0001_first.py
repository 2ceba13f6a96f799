"""The first form of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serai.evidence.ledger.migrations.triggers import keep, release

revision = "0001"
down_revision = None
TABLES = ("claim", "correction", "entry", "milestone", "opinion", "reply", "source", "subject", "verdict")


def upgrade() -> None:
    """Make the tables and the triggers that keep them."""
    op.create_table(
        "source",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), server_default="", nullable=False),
        sa.Column("published", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.CheckConstraint("address <> ''", name=op.f("ck_source_address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind in ('entry', 'milestone', 'claim')", name=op.f("ck_subject_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
    )
    op.create_table(
        "claim",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("lang", sa.Text(), server_default="", nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("modality", sa.Text(), server_default="", nullable=False),
        sa.Column("slots", sa.Text(), server_default="", nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), server_default="", nullable=False),
        sa.Column("said_on", sa.Date(), nullable=True),
        sa.Column("proposed_then", sa.Text(), server_default="", nullable=False),
        sa.Column("proposed_now", sa.Text(), server_default="", nullable=False),
        sa.Column("materiality", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("arithmetic", sa.Text(), server_default="", nullable=False),
        sa.Column("next_question", sa.Text(), server_default="", nullable=False),
        sa.Column("extractor", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_claim_id_subject")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_claim_source_id_source")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_claim")),
        sa.UniqueConstraint("id", "version", name=op.f("uq_claim_id_version")),
    )
    op.create_index("ix_claim_seq_of", "claim", ["id", "version"], unique=False)
    op.create_table(
        "correction",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("now_is", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reviewer <> '' and why <> ''", name=op.f("ck_correction_answered_for")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_correction_subject_id_subject")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_correction")),
    )
    op.create_table(
        "entry",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_ru", sa.Text(), server_default="", nullable=False),
        sa.Column("title_ur", sa.Text(), server_default="", nullable=False),
        sa.Column("title_kk", sa.Text(), server_default="", nullable=False),
        sa.Column("date", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("stated_deadline", sa.Text(), server_default="", nullable=False),
        sa.Column("deadline_date", sa.Date(), nullable=True),
        sa.Column("variant_of", sa.String(length=80), nullable=True),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("more_sources", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("reviewer", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("basis in ('reported', 'derived', 'assumed')", name=op.f("ck_entry_basis")),
        sa.CheckConstraint("variant_of is null or variant_of <> id", name=op.f("ck_entry_variant")),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_entry_id_subject")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_entry_source_id_source")),
        sa.ForeignKeyConstraint(["variant_of"], ["subject.id"], name=op.f("fk_entry_variant_of_subject")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entry")),
        sa.UniqueConstraint("id", "version", name=op.f("uq_entry_id_version")),
    )
    op.create_table(
        "milestone",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("what_ru", sa.Text(), server_default="", nullable=False),
        sa.Column("what_ur", sa.Text(), server_default="", nullable=False),
        sa.Column("what_kk", sa.Text(), server_default="", nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="", nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("more_sources", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("reviewer", sa.Text(), server_default="", nullable=False),
        sa.Column("second_reviewer", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "not (outcome in ('contradicted', 'abandoned')) or (second_reviewer <> '' and second_reviewer <> reviewer)",
            name=op.f("ck_milestone_two"),
        ),
        sa.CheckConstraint("outcome = '' or done_on is not null", name=op.f("ck_milestone_dated")),
        sa.CheckConstraint("outcome in ('', 'kept', 'partly-kept', 'abandoned')", name=op.f("ck_milestone_outcome")),
        sa.CheckConstraint("grace_days >= 0", name=op.f("ck_milestone_grace")),
        sa.ForeignKeyConstraint(["entry_id"], ["subject.id"], name=op.f("fk_milestone_entry_id_subject")),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_milestone_id_subject")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_milestone_source_id_source")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_milestone")),
        sa.UniqueConstraint("id", "version", name=op.f("uq_milestone_id_version")),
    )
    op.create_table(
        "opinion",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("verdict_then", sa.String(length=20), nullable=False),
        sa.Column("verdict_now", sa.String(length=20), nullable=False),
        sa.Column("materiality", sa.String(length=10), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision in ('accept', 'reject')", name=op.f("ck_opinion_decision")),
        sa.CheckConstraint("reviewer <> ''", name=op.f("ck_opinion_reviewer")),
        sa.ForeignKeyConstraint(["claim_id"], ["subject.id"], name=op.f("fk_opinion_claim_id_subject")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_opinion_source_id_source")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_opinion")),
    )
    op.create_index("ix_opinion_claim_id", "opinion", ["claim_id"], unique=False)
    op.create_table(
        "reply",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("party <> '' and words <> ''", name=op.f("ck_reply_said")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_reply_source_id_source")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_reply_subject_id_subject")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reply")),
    )
    op.create_table(
        "verdict",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.String(length=80), nullable=False),
        sa.Column("verdict_then", sa.String(length=20), nullable=False),
        sa.Column("verdict_now", sa.String(length=20), nullable=False),
        sa.Column("materiality", sa.String(length=10), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("opinion_seq", sa.Integer(), nullable=False),
        sa.Column("second_seq", sa.Integer(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("second_reviewer", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(second_reviewer = '') = (second_seq is null)", name=op.f("ck_verdict_second")),
        sa.CheckConstraint("materiality in ('minor', 'material', 'decisive')", name=op.f("ck_verdict_materiality")),
        sa.CheckConstraint(
            "not (verdict_now in ('contradicted', 'abandoned')) "
            "or (second_reviewer <> '' and second_reviewer <> reviewer)",
            name=op.f("ck_verdict_two_now"),
        ),
        sa.CheckConstraint(
            "not (verdict_then in ('contradicted', 'abandoned')) "
            "or (second_reviewer <> '' and second_reviewer <> reviewer)",
            name=op.f("ck_verdict_two_then"),
        ),
        sa.CheckConstraint("reviewer <> ''", name=op.f("ck_verdict_reviewer")),
        sa.CheckConstraint(
            "verdict_now in ('supported', 'contradicted', 'plausible', 'implausible', 'disputed', "
            "'unverifiable', 'not-checkable', 'promise-open', 'partly-kept', 'kept', 'overdue', 'abandoned')",
            name=op.f("ck_verdict_verdict_now"),
        ),
        sa.CheckConstraint(
            "verdict_then in ('supported', 'contradicted', 'plausible', 'implausible', 'disputed', "
            "'unverifiable', 'not-checkable', 'promise-open', 'partly-kept', 'kept', 'overdue', 'abandoned')",
            name=op.f("ck_verdict_verdict_then"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["subject.id"], name=op.f("fk_verdict_claim_id_subject")),
        sa.ForeignKeyConstraint(["opinion_seq"], ["opinion.seq"], name=op.f("fk_verdict_opinion_seq_opinion")),
        sa.ForeignKeyConstraint(["second_seq"], ["opinion.seq"], name=op.f("fk_verdict_second_seq_opinion")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_verdict_source_id_source")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_verdict")),
    )
    op.create_index("ix_verdict_claim_id", "verdict", ["claim_id"], unique=False)
    for statement in keep(op.get_bind().dialect.name, TABLES):
        op.execute(statement)


def downgrade() -> None:
    """Take everything away again."""
    for statement in release(op.get_bind().dialect.name, TABLES):
        op.execute(statement)
    op.drop_index("ix_verdict_claim_id", table_name="verdict")
    op.drop_table("verdict")
    op.drop_table("reply")
    op.drop_index("ix_opinion_claim_id", table_name="opinion")
    op.drop_table("opinion")
    op.drop_table("milestone")
    op.drop_table("entry")
    op.drop_table("correction")
    op.drop_index("ix_claim_seq_of", table_name="claim")
    op.drop_table("claim")
    op.drop_table("subject")
    op.drop_table("source")
