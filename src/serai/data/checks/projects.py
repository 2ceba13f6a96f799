"""Whether the terms of projects have their units, kinds and sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from serai.core.errors import Issue, sheet_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


SHARE_SUM_TOLERANCE: Final = 1e-6
"""Shares that make a whole are typed with a few digits; their medians must still add to one."""
UNITS: Final = {
    "capital_phase": "1",
    "payer_share": "1",
    "debt_share": "1",
    "debt_interest": "1/year",
    "debt_tenor": "years",
    "debt_grace": "years",
    "o_and_m": "1/year",
    "operating_cost": "USD/t-km",
    "tariff": "USD/t-km",
    "rolling_stock": "million USD",
    "residual_life": "years",
    "capacity_opening": "t/year",
    "capacity_later": "t/year",
    "ramp_up_start": "1",
    "ramp_up_years": "years",
}
"""Unit of every item of ``project_terms``."""
WHOLES: Final = ("capital_phase", "payer_share")
"""Items whose rows add to one."""


def check_project_terms(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check units, kinds and sums of the terms of projects."""
    issues = []
    kinds = dict(zip(tables["projects"]["id"], tables["projects"]["kind"], strict=True))
    for index, row in frame.iterrows():
        at = sheet_row(index)
        if row["unit"] != UNITS[row["item"]]:
            issues.append(
                Issue(
                    "project_terms",
                    at,
                    "unit",
                    row["unit"],
                    f"not the unit of {row['item']}",
                    f"It is in {UNITS[row['item']]}.",
                )
            )
        if row["project"] in kinds and kinds[row["project"]] != row["kind"]:
            issues.append(
                Issue("project_terms", at, "kind", row["kind"], f"{row['project']} is of another kind", "Correct it.")
            )
        if (row["item"] == "capital_phase") != (not np.isnan(row["step"])):
            issues.append(
                Issue(
                    "project_terms", at, "step", "", "does not fit the item", "Number the parts of capital_phase only."
                )
            )
        if UNITS[row["item"]] in {"1", "1/year"} and row["value"] > 1:
            what = f"{row['item']} is no share of 0 to 1"
            issues.append(Issue("project_terms", at, "value", f"{row['value']:g}", what, "Give 0.045 for 4.5 %."))
        if row["item"] == "residual_life" and not row["value"] > 0:
            what = "a life of no years"
            issues.append(Issue("project_terms", at, "value", f"{row['value']:g}", what, "Give years above 0."))
        if row["item"] == "payer_share" and not row["payer"]:
            issues.append(Issue("project_terms", at, "payer", "", "a share needs its payer", "Name who pays."))
    for (project, kind, item), group in frame.groupby(["project", "kind", "item"], sort=True):
        total = float(group["value"].sum())
        if item in WHOLES and abs(total - 1) > SHARE_SUM_TOLERANCE:
            issues.append(
                Issue(
                    "project_terms",
                    sheet_row(group.index[0]),
                    "value",
                    f"{total:g}",
                    f"the shares of {item} of {project or f'every {kind} project'} do not add to one",
                    "Complete or correct them.",
                )
            )
        if item not in WHOLES and len(group) > 1:
            issues.append(
                Issue(
                    "project_terms",
                    sheet_row(group.index[1]),
                    "item",
                    str(item),
                    f"stands twice for {project or f'every {kind} project'}",
                    "Keep one row; widen its range if sources differ.",
                )
            )
        steps = group["step"].tolist()
        if item == "capital_phase" and sorted(steps) != list(range(1, len(steps) + 1)):
            issues.append(
                Issue(
                    "project_terms",
                    sheet_row(group.index[0]),
                    "step",
                    "",
                    "the parts of the building time are not numbered 1, 2, 3",
                    "Number them in order.",
                )
            )
    return issues
