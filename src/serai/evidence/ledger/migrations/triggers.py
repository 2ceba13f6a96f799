"""Triggers that keep history as it was written, on both databases."""

from __future__ import annotations

from typing import Final

WORDS: Final = "the ledger is append-only"
_FUNCTION: Final = f"""
create or replace function serai_keep() returns trigger language plpgsql as
$$ begin raise exception '{WORDS}'; end $$
"""


def keep(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """Statements that forbid to change or delete rows of some tables."""
    if dialect == "sqlite":
        return [
            f"create trigger {table}_keep_{what} before {what} on {table} begin select raise(abort, '{WORDS}'); end"
            for table in tables
            for what in ("update", "delete")
        ]
    return [_FUNCTION] + [
        f"create trigger {table}_{name} before {what} on {table} for each {each} execute function serai_keep()"
        for table in tables
        for name, what, each in (("keep", "update or delete", "row"), ("keep_all", "truncate", "statement"))
    ]


def release(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """Statements that take these triggers away again."""
    if dialect == "sqlite":
        return [f"drop trigger {table}_keep_{what}" for table in tables for what in ("update", "delete")]
    return [f"drop trigger {table}_{name} on {table}" for table in tables for name in ("keep", "keep_all")] + [
        "drop function serai_keep()"
    ]
