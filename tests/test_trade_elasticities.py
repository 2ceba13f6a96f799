"""Every commodity of both packages has a trade elasticity with its range."""

from __future__ import annotations

import pytest

from serai.core.errors import InputError
from serai.trade.elasticities import elasticities


@pytest.mark.parametrize("name", ["ewec", "sixplace"])
def test_every_commodity_has_an_elasticity(name, request):
    package = request.getfixturevalue(name)
    low, median, high = elasticities(package, list(package["commodities"]["id"]))
    assert (low > 1).all()  # trade values fall when trade gets dearer
    assert (low < median).all()
    assert (median < high).all()


def test_order_follows_the_question_and_a_gap_is_one_line(sixplace):
    assert elasticities(sixplace, ["grain", "manufactures"])[1].tolist() == [7.0, 5.0]
    with pytest.raises(InputError, match="no row for gold"):
        elasticities(sixplace, ["gold"])
