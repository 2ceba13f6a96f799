"""Whether every parameter that the model reads is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.core.errors import Issue

if TYPE_CHECKING:
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


def check_parameters(frame: pd.DataFrame) -> list[Issue]:
    """Check that every parameter the model reads is there."""
    return [
        Issue("parameters", None, "id", name, "the parameter is missing", f"Add a row: {meaning}.")
        for name, meaning in REQUIRED_PARAMETERS.items()
        if name not in set(frame["id"])
    ]
