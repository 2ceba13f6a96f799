"""Who has to be in, what each is owed, and who would leave once it is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.data.names import short_name
from serai.report.gains import usd_m
from serai.report.grids import context, grid, ground, percent
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.study.decision import Undecided

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.decision import Decision


def apart(d: Decision) -> tuple[float, bool]:
    """Give what some group gains at least by standing alone, million USD a year, and whether that is nothing."""
    whole = d.tables["decision_coalition_whole"].iloc[0]
    gap = float(whole["least_core_excess_usd_m"])
    return gap, gap <= 1e-9 * max(abs(float(whole["worth_usd_m"])), 1.0)


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show shares, vetoes, payments and temptations."""
    d = result.decision
    if d is None or isinstance(d, Undecided) or not len(d.tables["decision_coalition"]):
        return None
    frame, whole = d.tables["decision_coalition"], d.tables["decision_coalition_whole"].iloc[0]
    worth, (gap, together) = float(whole["worth_usd_m"]), apart(d)
    holds = (
        "It can be shared so that no group of them does better alone."
        if together
        else (
            f"However it is shared, some group of them does better alone, by at least {usd_m(gap)} million USD a year."
        )
    )
    named = dict(result.package["economies"].set_index("id")["name"])
    names = {m: short_name(str(named.get(m, m))) for m in frame["member"]}
    veto = [names[r.member] for r in frame.itertuples(index=False) if r.veto]
    return context(
        ground(result, trail),
        [
            f"When {', '.join(names.values())} each halve the hours at their own posts and build what lies "
            f"wholly on their soil, they gain "
            f"{usd_m(worth)} million USD a year, the yearly cost of the works taken off. {holds}"
            + (f" Nothing works without {', '.join(veto)}." if veto else " No member alone can stop it.")
            + (
                f" {int(whole['worlds'])} worlds were solved, one for each group; the figures are those of the "
                f"most likely case."
            ),
            "No range was worked out for the figures of the members: they are middle figures, to two digits.",
        ],
        [
            grid(
                "Members, million USD a year",
                (
                    "Member",
                    "Gain",
                    "After its share of cost",
                    "Fair share (Shapley)",
                    "Lost without it",
                    "Share lost",
                    "Receives (pays)",
                    "Gains by leaving once built",
                    "Others then lose",
                ),
                [
                    [
                        names[r.member],
                        usd_m(r.gain_usd_m),
                        usd_m(r.net_gain_usd_m),
                        usd_m(r.shapley_usd_m),
                        usd_m(r.lost_without_usd_m),
                        percent(r.lost_share),
                        usd_m(r.transfer_usd_m),
                        usd_m(r.temptation_to_leave_usd_m),
                        usd_m(r.harm_by_leaving_usd_m),
                    ]
                    for r in frame.itertuples(index=False)
                ],
                "Payments are the least that leave no member better off alone. Leaving means that its own posts "
                "are as slow as "
                "before and nothing that touches its soil is used.",
            )
        ],
    )


SECTION = Section("coalition", "Who has to stay in", "Members", build)
