"""Whether what the model looks up is there: parameters, emission factors, elasticities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serai.core.errors import Issue, sheet_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

REQUIRED_PARAMETERS = {
    "driver_hours_per_day": "hours at the wheel per calendar day",
    "border_correlation": "share of log-variance common to all borders of a trip",
    "road_correlation": "share of log-variance common to all roads of a trip",
    "rail_correlation": "share of log-variance common to all railways and terminals of a trip",
    "port_correlation": "share of log-variance common to all ports and voyages of a trip",
    "price_correlation": "share of log-variance common to all prices of a trip",
    "road_noise_h2_per_km": "variance of elapsed hours per km of road that no shared factor explains",
    "rail_noise_h2_per_km": "variance of elapsed hours per km of railway that no shared factor explains",
    "sea_noise_h2_per_km": "variance of elapsed hours per km of sea that no shared factor explains",
    "demurrage_usd_per_day": "price of a container held past its free time",
    "air_freight_usd_per_kg": "price of air freight between the region and world markets",
    "air_freight_days": "door-to-door time of air freight",
    "divert_after_h": "wait at a shut crossing after which a trip takes another way",
    "reliability_ratio": "value of an hour of standard deviation over the value of an hour",
}

TRADE_PARAMETERS = {
    "trade_year": "year whose trade the base holds",
    "tradable_share": "share of spending that goes to goods which could be traded",
    "value_added_share": "share of value added in gross output",
    "route_choice_scale": "sensitivity of route choice, theta times the cost of the cheapest way",
    "route_similarity": "nesting parameter of ways that share links, above 0 to 1",
    "queue_h_road": "wait in hours at a road border post that is half used",
    "queue_h_rail": "wait in hours at a rail border or on a line that is half used",
    "queue_h_port": "wait in hours at a port that is half used",
    "reference_utilisation": "use of capacity under which a published time was seen",
    "empties_per_laden": "empty boxes that are handled for every laden one",
}

UNITS: Final = {
    "discount_rate": "1/year",
    "carbon_usd_per_t": "USD/t",
    "carbon_growth": "1/year",
    "shadow_exchange_rate_factor": "1",
    "shadow_wage_rate_factor": "1",
    "capital_traded_share": "1",
    "capital_unskilled_share": "1",
    "capital_tax_share": "1",
}
"""Unit of every parameter an appraisal reads."""
SHARES: Final = frozenset(n for n in UNITS if n.endswith("_share")) | {"discount_rate", "carbon_growth"}
"""Parameters that are shares, or shares a year: a per cent typed as it is spoken would be a hundred times too much."""


def check_appraisal_parameters(frame: pd.DataFrame) -> list[Issue]:
    """Check units and sizes of the parameters of an appraisal."""
    issues = []
    for index, row in frame[frame["id"].isin(UNITS)].iterrows():
        at, unit = sheet_row(index), UNITS[row["id"]]
        if row["unit"] != unit:
            what = f"not the unit of {row['id']}"
            issues.append(Issue("parameters", at, "unit", row["unit"], what, f"Give the figure in {unit}."))
        if row["id"] in SHARES and not row["value"] < 1:
            what = f"{row['id']} is no share below 1"
            issues.append(Issue("parameters", at, "value", f"{row['value']:g}", what, "Give 0.09 for 9 %."))
    return issues


def check_parameters(tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that every parameter the model reads is there, those of trade where the package holds trade."""
    trades = len(tables["economies"]) and len(tables["trade_seed"])
    required = {**REQUIRED_PARAMETERS, **(TRADE_PARAMETERS if trades else {})}
    return [
        Issue("parameters", None, "id", "", f"{name} is missing", f"Add a row: {meaning}.")
        for name, meaning in required.items()
        if name not in set(tables["parameters"]["id"])
    ]


def check_factors(tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that every link has an emission factor and, where there is trade, every commodity an elasticity."""
    known, links = set(tables["emissions"]["id"]), tables["links"]
    bare = {
        mode
        for mode, country, speed in zip(links["mode"], links["country"], links["speed"], strict=True)
        if not known & {speed, f"{mode}.{country.lower()}", mode}
    }
    issues = [
        Issue("emissions", None, "id", "", f"links by {mode} have no factor", f"Add a row with the id {mode}.")
        for mode in sorted(bare)
    ]
    if len(tables["economies"]) and len(tables["trade_seed"]):
        have = set(tables["elasticities"]["commodity"])
        issues += [
            Issue("elasticities", None, "commodity", "", f"{commodity} has no elasticity", "Add its row.")
            for commodity in tables["commodities"]["id"]
            if commodity not in have
        ]
    return issues
