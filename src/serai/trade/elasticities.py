"""Trade elasticities of a package's commodities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.data.package import Package
    from serai.trade.base import Array


def elasticities(package: Package, commodities: Sequence[str]) -> tuple[Array, Array, Array]:
    """Return low, median and high elasticity of each commodity, float64[K] each.

    Parameters
    ----------
    package
        Its table `elasticities` holds a row per commodity.
    commodities
        Identifiers, in the order wanted.

    Raises
    ------
    InputError
        If a commodity has none.
    """
    table = package["elasticities"].set_index("commodity")
    missing = [c for c in commodities if c not in table.index]
    if missing:
        raise InputError(f"elasticities.csv has no row for {', '.join(missing)}", "Add its trade elasticity.")
    rows = table.loc[list(commodities)]
    low, median, high = (np.asarray(rows[f"theta{end}"], dtype=np.float64) for end in ("_low", "", "_high"))
    return low, median, high
