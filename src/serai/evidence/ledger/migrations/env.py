"""Run by Alembic: migrate over the connection that the store hands on, in one transaction."""

from __future__ import annotations

from alembic import context

from serai.evidence.ledger.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
