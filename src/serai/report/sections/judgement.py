"""What named experts judge: beside the computed scorecard, in none of its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.grids import BLANK, context, grid, ground, number, percent
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.judgement import Judgement


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show the opinions, their ranges, where they part, and what the weights do."""
    j = result.judgement
    if j is None or not j.rows:
        return None
    return context(ground(result, trail), lines(j), [_criteria(j), _opinions(j), _weights(j)])


def lines(j: Judgement) -> list[str]:
    """Sentences on who was asked and how far they agree."""
    note = (
        "These are opinions of the persons named, from 0 (it prevents the corridor) to 10 (no obstacle). No computed "
        "figure, verdict or decision of this study uses them."
    )
    open_ = [r.title for r in j.rows if not r.refs]
    unasked = [f"Nobody was asked about: {'; '.join(open_)}. These stay not established."] if open_ else []
    if not j.criteria:
        return [*unasked, "A study names a table of experts in decision.experts, or with --experts."]
    experts = dict.fromkeys(o.expert for o in j.opinions)
    split = [r.title for r, c in zip((r for r in j.rows if r.refs), j.criteria, strict=True) if c.apart]
    apart = [f"Ranges that do not meet, so that not all can be right: {'; '.join(split)}."] if split else []
    return [note, f"Asked: {', '.join(experts)} ({j.file}).", *apart, *unasked]


def on_the_decision(j: Judgement | None) -> list[str]:
    """One sentence for the page of the decision."""
    if j is None or not j.rows:
        return []
    said = [
        f"{r.title} {number(r.value)} of 10 ({number(r.low)} to {number(r.high)}; {r.verdict})"
        for r in j.rows
        if r.refs
    ]
    if not said:
        return [
            "No expert was asked about what no model computes (politics, trust and the like); no figure here holds it."
        ]
    return [f"Beside these figures, and in none of them, named experts say: {'; '.join(said)}."]


def _criteria(j: Judgement) -> dict[str, object]:
    known = {c.criterion: c for c in j.criteria}
    rows = []
    for r in j.rows:
        c = known.get(r.criterion)
        rows.append(
            [
                r.title,
                r.verdict,
                r.would_have_to,
                ", ".join(j.turns_on.get(r.criterion, ())) or BLANK,
                number(r.value),
                f"{number(r.low)} to {number(r.high)}" if c else BLANK,
                percent(c.disagreement) if c else BLANK,
                str(len(c.experts)) if c else "0",
            ]
        )
    return grid(
        "Judged criteria",
        (
            "Criterion",
            "Verdict",
            "What would have to be true",
            "Turns on the word of",
            "Median",
            "Range",
            "Disagreement",
            "Experts",
        ),
        rows,
        "Range: lowest low to highest high. Disagreement: 0% when all give one score, 100% when half say 0 "
        "and half 10. The verdict would be another without the word of those named.",
        words=4,
    )


def _opinions(j: Judgement) -> dict[str, object]:
    titles = {r.criterion: r.title for r in j.rows}
    rows = [
        [o.expert, titles[o.criterion], o.rationale, number(o.score), f"{number(o.low)} to {number(o.high)}"]
        for o in j.opinions
    ]
    return grid("What each of them says", ("Expert", "Criterion", "Why", "Score", "Range"), rows, words=3)


def _weights(j: Judgement) -> dict[str, object]:
    if j.overall is None:
        return grid("Weighted together", (), [])
    w = j.overall
    rows = [
        ["At the weights of the study", number(w.score)],
        ["In eight of ten sets of weights", f"{number(w.p10)} to {number(w.p90)}"],
        ["At the least and the most favourable weights", f"{number(w.least)} to {number(w.most)}"],
    ]
    titles = {r.criterion: r.title for r in j.rows}
    rows += [[f"Without: {titles[c]}", number(s)] for c, s in w.without.items()]
    return grid(
        "Weighted together",
        ("Weights", "Score of 10"),
        rows,
        "Weights: "
        + ", ".join(f"{titles[c]} {v:g}" for c, v in j.weights.items())
        + ". A mean hides what one criterion alone can prevent.",
    )


SECTION = Section("judgement", "What experts judge", "Experts", build, pdf=True)
