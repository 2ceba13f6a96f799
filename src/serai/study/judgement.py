"""What named experts judge of a decision: beside what was computed, in none of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from serai.core.errors import InputError
from serai.core.files import sha256, write_bytes
from serai.feasibility.judgement import judged, read_opinions, template, weighted
from serai.feasibility.scorecard import JUDGED, score_judged, thresholds, unasked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serai.data.package import Package
    from serai.feasibility.judgement import Judged, Opinion, WeightedScore
    from serai.feasibility.scorecard import ScoreRow, Threshold
    from serai.study.spec import StudySpec


@dataclass(frozen=True, slots=True)
class Judgement:
    """Opinions on the criteria no model computes.

    Attributes
    ----------
    file, digest
        Name and SHA-256 of the table of opinions; empty where nobody was asked.
    opinions
        As they were given.
    criteria
        Summed up, in the order of the thresholds; those nobody judged are missing.
    rows
        A row of the scorecard for every criterion for experts, judged or not.
    turns_on
        By criterion, the experts without any one of whom the verdict would be another.
    weights, overall
        Weight of each judged criterion, and the weighted mean with what it owes to the weights; None for no opinion.
    """

    file: str
    digest: str
    opinions: tuple[Opinion, ...]
    criteria: tuple[Judged, ...]
    rows: tuple[ScoreRow, ...]
    turns_on: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, float]
    overall: WeightedScore | None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Criteria, opinions and weights as tables."""
        known = {c.criterion: c for c in self.criteria}
        rows: list[dict[str, Any]] = []
        for r in self.rows:
            c = known.get(r.criterion)
            rows.append(
                {
                    "criterion": r.criterion,
                    "title": r.title,
                    "kind": r.kind,
                    "median": r.value,
                    "low": r.low,
                    "high": r.high,
                    "experts": ";".join(c.experts) if c else "",
                    "disagreement": c.disagreement if c else float("nan"),
                    "ranges_do_not_meet": c.apart if c else False,
                    "verdict": r.verdict,
                    "turns_on": ";".join(self.turns_on.get(r.criterion, ())),
                    "would_have_to": r.would_have_to,
                }
            )
        out = {"judgement_criteria": pd.DataFrame(rows)}
        if self.overall is not None:
            out["judgement_opinions"] = pd.DataFrame([asdict(o) for o in self.opinions])
            out["judgement_weights"] = _weight_table(self.weights, self.overall)
        return out

    @property
    def provenance(self) -> dict[str, Any]:
        """Name and digest of the table of opinions."""
        return {"experts": {"file": self.file, "sha256": self.digest}} if self.file else {}


def _weight_table(weights: Mapping[str, float], overall: WeightedScore) -> pd.DataFrame:
    total = sum(weights.values())
    rows: list[dict[str, Any]] = [
        {"measure": "weighted mean", "score": overall.score},
        {"measure": "at the least favourable weights", "score": overall.least},
        {"measure": "10th percentile over all weights", "score": overall.p10},
        {"measure": "90th percentile over all weights", "score": overall.p90},
        {"measure": "at the most favourable weights", "score": overall.most},
    ]
    rows += [
        {"measure": f"without {c}", "weight_of_it": weights[c] / total, "score": overall.without[c]} for c in weights
    ]
    return pd.DataFrame(rows, columns=["measure", "weight_of_it", "score"])


def judged_thresholds(package: Package) -> dict[str, Threshold]:
    """Thresholds of the criteria for experts."""
    return {name: t for name, t in thresholds(package).items() if t.unit == JUDGED}


def judgement_of(package: Package, spec: StudySpec, experts: Path | None = None) -> Judgement | None:
    """Read and sum up what experts judge; None where the study decides nothing.

    Parameters
    ----------
    package, spec
        The package, and its study: ``decision.experts`` names the table, relative to the package's folder.
    experts
        A table in place of the study's own.

    Raises
    ------
    DataError
        With every fault of the table.
    InputError
        When it cannot be read, judges what is computed or unknown, or a weight is for no criterion.
    """
    if spec.decision is None:
        return None
    found = judged_thresholds(package)
    if stray := sorted(set(spec.decision.weights) - set(found)):
        raise InputError(f"study.yaml weighs {stray[0]}, which no expert judges", _use(found))
    path = experts or _path(package, spec.decision.experts)
    if path is None:
        return summed_up(found, (), {})
    return summed_up(found, checked(package, found, path), spec.decision.weights, path)


def checked(package: Package, found: Mapping[str, Threshold], path: Path) -> tuple[Opinion, ...]:
    """Read opinions, and refuse those on what is computed or unknown."""
    opinions = read_opinions(path)
    if stray := [o.criterion for o in opinions if o.criterion not in found]:
        what = "is computed" if stray[0] in thresholds(package) else "is no criterion of the scorecard"
        raise InputError(f"{path}: {stray[0]} {what}; no expert judges it here", _use(found))
    return opinions


def _use(found: Mapping[str, Threshold]) -> str:
    return f"Use {', '.join(found) or 'none: thresholds has no row in ' + JUDGED}."


def _path(package: Package, named: str) -> Path | None:
    if not named:
        return None
    path = Path(named)
    if path.is_absolute():
        return path
    if package.folder is None:
        raise InputError(f"study.yaml names {named}, and the package lies in no folder", "Give an absolute path.")
    return package.folder / path


def summed_up(
    found: Mapping[str, Threshold], opinions: Sequence[Opinion], weights: Mapping[str, float], path: Path | None = None
) -> Judgement:
    """Hold opinions against their thresholds; criteria without a weight of their own weigh 1."""
    by_name = {c.criterion: c for c in judged(opinions)}
    criteria = tuple(by_name[name] for name in found if name in by_name)
    rows = tuple(score_judged(t, by_name[n]) if n in by_name else unasked(t) for n, t in found.items())
    verdicts = {r.criterion: r.verdict for r in rows}
    turns = {}
    for c in criteria:
        alone = {e: judged([o for o in opinions if o.criterion == c.criterion and o.expert != e]) for e in c.experts}
        without = {
            e: score_judged(found[c.criterion], j[0]).verdict if j else "not established" for e, j in alone.items()
        }
        turns[c.criterion] = tuple(e for e, v in without.items() if v != verdicts[c.criterion])
    used = {c.criterion: weights.get(c.criterion, 1.0) for c in criteria}
    return Judgement(
        file=path.name if path else "",
        digest=sha256(path.read_bytes()) if path else "",
        opinions=tuple(opinions),
        criteria=criteria,
        rows=rows,
        turns_on=turns,
        weights=used,
        overall=weighted(criteria, used) if criteria else None,
    )


def table_judged(package: Package, path: Path) -> dict[str, Any]:
    """Sum up a table of opinions at equal weights, as sentences and plain data.

    Raises
    ------
    DataError, InputError
        As :func:`judgement_of`.
    """
    found = judged_thresholds(package)
    opinions = checked(package, found, path)
    j = summed_up(found, opinions, {}, path)
    data = {
        name: frame.astype(object).where(frame.notna(), None).to_dict("records") for name, frame in j.tables.items()
    }
    lines = [_line(j, r) for r in j.rows]
    if j.overall is not None:
        w = j.overall
        lines.append(
            f"Weighted evenly {w.score:.1f}; {w.p10:.1f} to {w.p90:.1f} in eight of ten sets of weights, "
            f"{w.least:.1f} to {w.most:.1f} in all."
        )
    return {"lines": lines, **data}


def _line(j: Judgement, row: ScoreRow) -> str:
    c = next((c for c in j.criteria if c.criterion == row.criterion), None)
    if c is None:
        return f"{row.title}: nobody was asked."
    apart = "; their ranges do not meet" if c.apart else ""
    figure = f"{c.median:.1f} of 10 ({c.low:.1f} to {c.high:.1f})"
    return f"{row.title}: {figure} by {', '.join(c.experts)}{apart}: {row.verdict}."


def write_template(package: Package, path: Path) -> None:
    """Write an empty table of opinions with a package's criteria.

    Raises
    ------
    InputError
        When there is such a file already, or it cannot be written.
    """
    if path.suffix.lower() != ".csv":
        raise InputError(f"{path} is no .csv file", "Name one; a spreadsheet opens and saves it.")
    if path.exists():
        raise InputError(f"{path} is there already", "Name a new file.")
    write_bytes(path, b"\xef\xbb\xbf" + template(tuple(judged_thresholds(package))).encode())
