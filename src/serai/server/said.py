"""What an answer says, in the reader's language: its English texts, and words for them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serai.report.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serai.report.reader import Reader

TEXTS: Final = frozenset({
    "against", "arithmetic", "difference", "finding", "goods", "issuer", "label", "limit_of_use", "limit_unit", "money",
    "moves_most", "name",
    "next_question", "no_route", "not_included", "part", "project", "projects", "reason", "title", "type", "unit",
    "warnings", "way", "what", "why_not", "words", "would_have_to",
})  # fmt: skip
"""Fields of an answer whose values are read by people; what stands in the others is read by programs."""
_IDENTIFIER: Final = re.compile("[a-z]+(?:_[a-z]+)+")
"""A kind of claim, ``trade_volume``, which people read as words."""


def asked_language(header: str) -> str:
    """Give the first language of an ``Accept-Language`` header that this server speaks; English where there is none."""
    named = (part.split(";")[0].strip().lower()[:2] for part in header.split(","))
    return next((code for code in named if code in LANGUAGES), "en")


def texts_of(body: bytes) -> tuple[str, ...]:
    """Give the English texts of an answer, each once."""
    return tuple(dict.fromkeys(_texts(json.loads(body))))


def _texts(value: object, read: bool = False) -> Iterator[str]:
    if isinstance(value, str):
        if read and value:
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "sources":  # titles of documents stay in their own language
                yield from _texts(inner, key in TEXTS)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, read)


def words_of(reader: Reader, texts: tuple[str, ...]) -> dict[str, str]:
    """Set texts in the language of a reader, by their English; one it does not know is left out."""
    once = replace(reader, missed=set(), _known={})  # a server asks for long; what one question held is let go
    plain = {text: text.replace("_", " ") if _IDENTIFIER.fullmatch(text) else text for text in texts}
    said = {text: once.turn(plain[text]) for text in texts}
    return {english: text for english, text in said.items() if plain[english] not in once.missed and text != english}
