"""The scales of the ledger: verdicts, outcomes, and who may say what."""

from __future__ import annotations

from typing import Final, Literal

VERDICTS: Final = (
    "supported",
    "contradicted",
    "plausible",
    "implausible",
    "disputed",
    "unverifiable",
    "not-checkable",
    "promise-open",
    "partly-kept",
    "kept",
    "overdue",
    "abandoned",
)
NEED_TWO: Final = ("contradicted", "abandoned")
"""Verdicts that stand only when two people, each for himself, came to them."""
MATERIALITY: Final = ("minor", "material", "decisive")
Outcome = Literal["", "kept", "partly-kept", "abandoned"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("", "kept", "partly-kept", "abandoned")
"""What became of a promise; empty while nothing is known."""
TRUTH_RATING: Final = {
    "contradicted": 1,
    "implausible": 2,
    "disputed": 3,
    "plausible": 4,
    "supported": 5,
}
"""Place of a verdict on a scale from false to true; promises and what cannot be checked have none."""
