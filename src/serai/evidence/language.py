"""Which language a text is in: by script first, then by its commonest words."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from serai.evidence.lexicon import lexicon
from serai.evidence.text import fold_word

if TYPE_CHECKING:
    from collections.abc import Callable

_KAZAKH: Final = frozenset("әғқңөұүһі")
_KAZAKH_LATIN: Final = frozenset("ńǵýğñşūäöü")
_KAZAKH_OWN: Final = frozenset("ńǵ")
_URDU: Final = frozenset("ٹڈڑںےھہگچپ")
_PASHTO: Final = frozenset("ټډړږښڼېۍ")
_TAJIK_UZBEK: Final = frozenset("ҳҷӯӣў")
_KAZAKH_WORDS: Final = frozenset(
    ("men", "jáne", "úshin", "bolyp", "jáne", "dep", "arqyly", "týraly", "jyly", "eki", "bul", "және", "üşin", "turaly")
)


def guess(text: str) -> tuple[str, str]:
    """Language and script of a text.

    Returns
    -------
    tuple of str
        One of en, ru, ur, kk, kk-Latn, or a language this grammar does not read (ps, fa, ar, tg, uz, und); and the
        script: Latn, Cyrl, Arab.
    """
    letters = Counter(c for c in text.lower() if c.isalpha())
    total = sum(letters.values())
    if not total:
        return "und", ""
    share = {
        "Latn": sum(n for c, n in letters.items() if c < "\u0250"),
        "Cyrl": sum(n for c, n in letters.items() if "\u0400" <= c <= "\u052f"),
        "Arab": sum(n for c, n in letters.items() if "\u0600" <= c <= "\u06ff" or "\u0750" <= c <= "\u077f"),
    }
    script = max(share, key=lambda k: share[k])
    words = Counter(fold_word(w) for w in re.findall(r"[^\W\d_]+", text))

    def of(chars: frozenset[str]) -> float:
        return sum(letters[c] for c in chars) / share[script] if share[script] else 0.0

    if script == "Arab":
        return _arabic(of, words), script
    if script == "Cyrl":
        if of(_TAJIK_UZBEK) > 0.012:
            return "tg" if letters["ҷ"] + letters["ӯ"] else "uz", script
        return ("kk" if of(_KAZAKH) > 0.02 else "ru"), script
    told = of(_KAZAKH_LATIN) > 0.01 and sum(words[w] for w in _KAZAKH_WORDS) > 0
    if told or (of(_KAZAKH_OWN) > 0.005 and of(frozenset("q")) > 0.01):
        return "kk-Latn", script
    plain = sum(words[w] for w in lexicon("en").stopwords)
    return ("en" if plain >= max(1, sum(words.values()) // 25) else "und"), script


def _arabic(of: Callable[[frozenset[str]], float], words: Counter[str]) -> str:
    if of(_PASHTO) > 0.01:
        return "ps"
    if of(_URDU) > 0.05 and sum(words[w] for w in lexicon("ur").stopwords) > 0:
        return "ur"
    return "fa" if of(frozenset("پچگ")) > 0.005 else "ar"
