"""Who says a sentence: name, office and country, carried over from the sentence before where only `he said` stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serai.evidence.types import Speaker

if TYPE_CHECKING:
    from serai.evidence.gazetteer import Entity
    from serai.evidence.lexicon import Lexicon

_NAME: Final = re.compile(r"(?:[A-ZА-ЯӘҒҚҢӨҰҮІÁÓÚŃǴÝŞĞ][\w'’-]+\.?\s+){0,3}[A-ZА-ЯӘҒҚҢӨҰҮІÁÓÚŃǴÝŞĞ][\w'’-]+")
_PRONOUN: Final = re.compile(
    r"(?<!\w)(?:he|she|they|the (?:ambassador|minister|president|envoy|official)|он|она|انہوں نے|ان کا|ол)(?!\w)"
)


def speaker_of(
    lex: Lexicon, original: str, folded: str, start: int, end: int, entities: tuple[Entity, ...], last: Speaker
) -> Speaker:
    """Speaker of a sentence.

    Parameters
    ----------
    lex, original, folded
        Lexicon of the language, and the article as it stands and folded (equally long).
    start, end
        The sentence.
    entities
        Names found in it.
    last
        Speaker of the sentence before, kept where this one is attributed to a pronoun.

    Returns
    -------
    Speaker
        Empty where the sentence is the reporter's own.
    """
    text = folded[start:end]
    said = lex.near("said", text)
    quoted = '"' in text
    if not said and not quoted:
        return Speaker()
    roles = lex.near("role", text)
    via = tuple(original[start + a : start + b].strip() for a, b in lex.near("agency", text)) if said else ()
    if roles:
        at = min(roles, key=lambda r: min((abs(r[0] - x[0]) for x in said), default=0))
        role = original[start + at[0] : start + at[1]].strip()
        name = _name_after(original, start + at[1], end) or _name_before(original, start, start + at[0])
        return _or_last(Speaker(name, role, _country_near(entities, start + at[0]), via), last)
    if (_PRONOUN.search(text) or quoted) and last.name:
        return last
    people = [
        m for m in _NAME.finditer(original, start, end) if not any(e.start <= m.start() < e.end for e in entities)
    ]
    spoken = [m for m in people if said and min(abs(m.start() - start - x[0]) for x in said) < 40]
    if spoken:
        name = spoken[0].group().strip()
        if last.name and name.split()[-1] in last.name:
            return last
        if len(name.split()) > 1 or lex.lang != "en":
            return Speaker(name, "", "", via)
    return last if quoted or _PRONOUN.search(text) else Speaker()


def _or_last(told: Speaker, last: Speaker) -> Speaker:
    """Return a speaker named by office, with what was said before where it is the same."""
    same = bool(last.name) and (
        last.name.split()[-1] == told.name.split()[-1] if told.name else last.role.lower() == told.role.lower()
    )
    if not same:
        return told
    return Speaker(
        max(told.name, last.name, key=len), max(told.role, last.role, key=len), last.country or told.country, told.via
    )


def _name_after(original: str, at: int, end: int) -> str:
    window = original[at : min(end, at + 90)]
    match = re.match(r"(?:\s+(?:to|for|of|in|в|по)\s+[^\s,]+(?:\s+[^\s,]+)?)?\s*,?\s*", window)
    name = _NAME.match(window, match.end()) if match else None
    return name.group().strip() if name and len(name.group()) > 3 else ""


def _name_before(original: str, start: int, at: int) -> str:
    window = original[max(start, at - 60) : at]
    names = list(_NAME.finditer(window))
    if names and re.fullmatch(r"\s*,\s*(?:the\s+)?(?:[A-Za-z']+\s+){0,2}", window[names[-1].end() :]):
        return names[-1].group().strip()
    return ""


def _country_near(entities: tuple[Entity, ...], at: int) -> str:
    lands = [e for e in entities if e.kind == "country" and abs(e.start - at) < 50]
    return min(lands, key=lambda e: abs(e.start - at)).id if lands else ""
