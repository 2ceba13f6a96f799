"""Score extracted claims against labelled ones: type, and main value where the label has one."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "articles"
VALUE_SLACK = 0.011  # labels round to three figures
NUMERIC = ("value", "growth_x", "years", "n")


@dataclass(frozen=True, slots=True)
class Score:
    hit: int
    extra: int
    missed: int

    @property
    def precision(self):
        return self.hit / (self.hit + self.extra) if self.hit + self.extra else 0.0

    @property
    def recall(self):
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 0.0

    @property
    def f1(self):
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __add__(self, other):
        return Score(self.hit + other.hit, self.extra + other.extra, self.missed + other.missed)


def numbers(value):
    if value is None:
        return set()
    if isinstance(value, (list, tuple)):
        return {float(v) for v in value if v is not None}
    return {float(value)} if isinstance(value, (int, float)) else set()


def same_numbers(a, b):
    a, b = numbers(a), numbers(b)
    return bool(a) and bool(b) and all(any(abs(x - y) <= VALUE_SLACK * max(abs(x), 1) for y in b) for x in a)


def matches(label, claim):  # noqa: PLR0911 (one slot, one test)
    """Whether a claim is the labelled one."""
    slots = claim.slots
    if label["type"] != claim.type:
        return False
    if "n" in label:
        return same_numbers(label["n"], slots.get("n"))
    for name in ("value", "growth_x", "years"):
        if name in label and not (same_numbers(label[name], slots.get(name))):
            return False
    if label.get("unit") and slots.get("unit") and label["unit"] != slots["unit"]:
        return False
    for name, least in (("nodes", 0.5), ("ports", 0.01)):
        if name in label:
            a, b = set(label[name]), set(slots.get(name) or ())
            if not a | b or len(a & b) / len(a | b) < least:
                return False
    if "parties" in label and slots.get("parties"):
        return bool(set(label["parties"]) & set(slots["parties"]))
    if "date" in label:
        return str(slots.get("date", ""))[:4] == str(label["date"])[:4]
    return True


def compare(labels, claims):
    """Score one article; returns the score, the labels missed and the claims too many."""
    used = set()
    missed = []
    for label in labels:
        hit = next((i for i, c in enumerate(claims) if i not in used and matches(label, c)), None)
        if hit is None:
            missed.append(label)
        else:
            used.add(hit)
    extra = [c for i, c in enumerate(claims) if i not in used]
    return Score(len(used), len(extra), len(missed)), missed, extra


def value_precision(labels, claims):
    """Of claims with a number: how many numbers stand in some label, whatever the type."""
    known = {x for label in labels for name in NUMERIC for x in numbers(label.get(name))}
    right = total = 0
    for claim in claims:
        for name in NUMERIC:
            for x in numbers(claim.slots.get(name)):
                total += 1
                right += any(abs(x - y) <= VALUE_SLACK * max(abs(y), 1) for y in known)
    return right, total


def read(name, label, today=dt.date(2026, 11, 24)):
    from serai.evidence.article import read_article

    return read_article(str(FOLDER / f"{name}.txt"), today=today, date=str(label.get("date", "")))


def run(package, *, verbose=False, out=sys.stdout):
    """Score every article; returns {(split, language): Score} and {split: value precision}."""
    from serai.evidence.claims import extract

    labels = yaml.safe_load((FOLDER / "labels.yaml").read_text(encoding="utf-8"))
    scores: dict[tuple[str, str], Score] = {}
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for name, label in labels.items():
        claims = extract(read(name, label), package)
        score, missed, extra = compare(label["claims"], claims)
        key = (label["split"], name[:2])
        scores[key] = scores.get(key, Score(0, 0, 0)) + score
        a, b = value_precision(label["claims"], claims)
        right[label["split"]] += a
        total[label["split"]] += b
        if verbose:
            for m in missed:
                out.write(f"missed {name}: {m}\n")
            for c in extra:
                out.write(f"extra  {name}: {c.type} {dict(c.slots)} | {c.span.quote[:60]}\n")
    return scores, {split: right[split] / total[split] for split in total}


if __name__ == "__main__":
    from serai.api import open_package

    found, precision = run(open_package(), verbose=True)
    for (split, lang), s in sorted(found.items()):
        sys.stdout.write(
            f"{split} {lang}: P {s.precision:.2f} R {s.recall:.2f} F1 {s.f1:.2f} "
            f"({s.hit} hit, {s.extra} extra, {s.missed} missed)\n"
        )
    sys.stdout.write(f"value precision { ({k: round(v, 2) for k, v in precision.items()}) }\n")
