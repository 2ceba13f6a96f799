"""Units and the conventions that figures of a package share."""

from __future__ import annotations

from typing import Final

HOURS_PER_DAY: Final = 24.0
DAYS_PER_YEAR: Final = 365.0
WEEKS_PER_YEAR: Final = 52.0
REFERENCE_LOAD_T: Final = 20.0
"""Load of a truck or 40-foot container for which rates per tonne-kilometre are stated."""
TEU_PER_FEU: Final = 2.0
EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius of the Earth (IUGG)."""
