"""The lexicons: words and patterns of each language, read once from the YAML files beside this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from serai.core.text import read_yaml as parsed
from serai.evidence.text import fold_word

LANGUAGES: Final = ("en", "ru", "ur", "kk")


def read_yaml(name: str) -> dict[str, Any]:
    """Read one file of the lexicon."""
    return dict(parsed(files("serai.evidence").joinpath("lexicon", name).read_text(encoding="utf-8")))


def _pattern(text: str) -> str:
    """Write a pattern of the lexicon as folded text has it; its escapes stay."""
    return re.sub(r"\\.|[^\\]+", lambda m: m.group() if m.group()[0] == "\\" else fold_word(m.group()), text)


def at_word(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that begins at the start of a word (or at a sign)."""
    return re.compile(rf"(?<![\w])(?:{_pattern(pattern)})")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What a language says: numbers, units, currencies, qualifiers, months, concepts and instruments.

    `units`: (unit, factor, pattern) in the order they are tried; `concepts`: name -> compiled pattern.
    """

    lang: str
    words: dict[str, float]
    before_words: dict[str, float]
    after_words: dict[str, float]
    multipliers: tuple[tuple[re.Pattern[str], float], ...]
    units: tuple[tuple[str, float, re.Pattern[str]], ...]
    multiples: tuple[tuple[float, re.Pattern[str]], ...]
    currencies: tuple[tuple[str, re.Pattern[str]], ...]
    qualifiers_before: tuple[tuple[str, re.Pattern[str]], ...]
    qualifiers_after: tuple[tuple[str, re.Pattern[str]], ...]
    range_to: re.Pattern[str]
    range_and: re.Pattern[str]
    range_from: re.Pattern[str] | None
    months: dict[str, int]
    weekdays: dict[str, int]
    concepts: dict[str, re.Pattern[str]]
    instruments: tuple[tuple[str, re.Pattern[str]], ...]
    teaser: re.Pattern[str]
    stopwords: frozenset[str]

    def has(self, concept: str, text: str) -> bool:
        """Whether a concept is spoken of in a folded text."""
        return self.concepts[concept].search(text) is not None

    def near(self, concept: str, text: str) -> list[tuple[int, int]]:
        """Where a concept is spoken of."""
        return [m.span() for m in self.concepts[concept].finditer(text)]


def _separator(text: str) -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in text.split("|") if w not in "-–—")
    return re.compile(rf"\s*[-–—]\s*|\s*(?:{_pattern(words)})\s+" if words else r"\s*[-–—]\s*")


@cache
def lexicon(lang: str) -> Lexicon:
    """Lexicon of a language; kk in Latin script uses that of kk."""
    raw = read_yaml(f"{lang.split('-', maxsplit=1)[0]}.yaml")
    fold_keys = {fold_word(k): float(v) for k, v in raw["words"].items()}
    qualifiers = raw["qualifiers"].items()
    span = raw["range"]
    return Lexicon(
        lang=lang,
        words=fold_keys,
        before_words={fold_word(k): float(v) for k, v in raw.get("before_words", {}).items()},
        after_words={fold_word(k): float(v) for k, v in raw.get("after_words", {}).items()},
        multipliers=tuple((re.compile(rf"(?:{_pattern(p)})(?!\w)"), float(v)) for p, v in raw["multipliers"]),
        units=tuple((u, float(f), re.compile(rf"(?:{_pattern(p)})")) for u, f, p in raw["units"]),
        multiples=tuple((float(v), at_word(p)) for v, p in raw.get("multiples", [])),
        currencies=tuple((c, re.compile(rf"(?:{_pattern(p)})")) for c, p in raw["currency"]),
        qualifiers_before=tuple(
            (q, re.compile(rf"(?<!\w)(?:{_pattern(v['before'])})\s*$")) for q, v in qualifiers if v.get("before")
        ),
        qualifiers_after=tuple(
            (q, re.compile(rf"\s*(?:{_pattern(v['after'])})")) for q, v in qualifiers if v.get("after")
        ),
        range_to=_separator(span["to"]),
        range_and=re.compile(rf"\s+(?:{_pattern(span['and'])})\s+"),
        range_from=re.compile(rf"(?<!\w)(?:{_pattern(span['between'])})\s+$") if span["between"] else None,
        months={fold_word(k): int(v) for k, v in raw["months"].items()},
        weekdays={fold_word(k): int(v) for k, v in raw["weekdays"].items()},
        concepts={name: at_word(p) for name, p in raw["concepts"].items()},
        instruments=tuple((name, at_word(p)) for name, p in raw["instruments"]),
        teaser=re.compile(_pattern(raw["teaser"])),
        stopwords=frozenset(fold_word(w) for w in raw["stopwords"]),
    )
