"""Whether two articles are the same one, word for word or nearly.

A similarity hash (Charikar 2002, "Similarity estimation techniques from rounding algorithms") over pairs of
neighbouring words: texts that share most pairs differ in few of its bits, texts that share few differ in about half.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from serai.evidence.types import Article

BITS: Final = 128
NEAR_BITS: Final = 24
"""No more bits apart, and two texts are one: of unrelated texts, 1 in 10^12 come so near by chance."""


def fingerprint(text: str) -> int:
    """Similarity hash of a text, `BITS` bits."""
    words = re.findall(r"\w+", text.lower())
    pairs = sorted({" ".join(words[i : i + 2]) for i in range(max(1, len(words) - 1))})
    digests = b"".join(blake2b(p.encode(), digest_size=BITS // 8).digest() for p in pairs)
    votes = np.unpackbits(np.frombuffer(digests, dtype=np.uint8)).reshape(-1, BITS).sum(axis=0, dtype=np.int64)
    return int.from_bytes(np.packbits(2 * votes > len(pairs)).tobytes(), "big")


def alike(first: int, second: int) -> bool:
    """Whether two fingerprints are those of one text."""
    return (first ^ second).bit_count() <= NEAR_BITS


def earlier(article: Article, others: tuple[Article, ...]) -> Article | None:
    """Return the first of other articles that says the same, word for word or nearly."""
    own = fingerprint(article.text)
    return next((o for o in others if o.digest == article.digest or alike(own, fingerprint(o.text))), None)
