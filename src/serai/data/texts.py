"""What a package says in other languages: its texts by their English, and rows whose English stands nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

from serai.core.errors import FIRST_ROW, Issue
from serai.core.text import read_yaml
from serai.data.names import short_name
from serai.data.schema import load_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pandas as pd

    from serai.data.names import Tables

TABLE: Final = "texts"
SENTENCES: Final = re.compile(r"(?<=[.!?:]) (?=[A-Z0-9])")
"""Where one sentence of a text ends and the next begins."""


def texts_in(package: Tables, lang: str) -> dict[str, str]:
    """Texts of a package in a language, by their English; what has no row is not there."""
    if TABLE not in package.tables:
        return {}
    rows = package[TABLE]
    own = rows[rows["lang"] == lang]
    return dict(zip(own["english"], own["text"], strict=True))


def told_in(package: Tables, lang: str) -> Callable[[str], tuple[str, bool]]:
    """Give a function that tells an English text in a language, and whether that telling is unchecked.

    A text without a row of its own is told sentence by sentence where each has one; else it stays English.
    """
    rows: dict[str, tuple[str, bool]] = {}
    if TABLE in package.tables:
        own = package[TABLE][package[TABLE]["lang"] == lang]
        rows = {e: (t, not c) for e, t, c in zip(own["english"], own["text"], own["checked_by"], strict=True)}

    def tell(text: str) -> tuple[str, bool]:
        if text in rows:
            return rows[text]
        told = [rows[s] for s in SENTENCES.split(text) if s in rows]
        if len(told) < len(SENTENCES.split(text)):
            return text, False
        return " ".join(t for t, _ in told), any(unchecked for _, unchecked in told)

    return tell


def parts(text: str) -> Iterator[str]:
    """Give what of a text may have a row: itself, what stands before its bracket, its sentences, its list's entries."""
    yield text
    yield short_name(text)
    yield from SENTENCES.split(text)
    yield from text.split("; ")


def check_texts(tables: Mapping[str, pd.DataFrame], written: Iterable[str]) -> list[Issue]:
    """Find rows of ``texts`` whose English the package says nowhere.

    Parameters
    ----------
    tables
        All tables of the package as they were read, before anything is laid over them.
    written
        YAML of its study and scenarios.
    """
    rows = tables[TABLE]
    left = set(rows["english"])
    found = _cells(tables) if left else set()
    left -= found
    if left:
        found = found.union(*map(_strings, written))
        left -= found | {part for text in found for part in parts(text)}
    return [
        Issue(TABLE, index + FIRST_ROW, "english", english[:60], "the package says this nowhere",
              "Follow the new English, or delete the row.")
        for index, english in enumerate(rows["english"])
        if english in left
    ]  # fmt: skip


def _cells(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    found: set[str] = set()
    for name, table in load_schema().tables.items():
        if name != TABLE:
            found = found.union(*(tables[name][f.name] for f in table.fields if f.type == "string"))
    return found


def _strings(text: str) -> set[str]:
    """Every text of a YAML document; one that cannot be read is told where it is used."""
    try:
        return set(_leaves(read_yaml(text)))
    except yaml.YAMLError:
        return set()


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
