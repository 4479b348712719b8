"""What would become of the Late Dispatch Rate."""

from decimal import Decimal

import pytest

from cli.late_dispatch import to_recover
from order_sync.domain.deadlines.rates import Rate

FOUR = Decimal(4)


@pytest.mark.parametrize(
    ("late", "orders", "needed"),
    [(4, 100, 0), (0, 0, 0), (5, 100, 25), (7, 100, 75), (1, 1, 24), (10, 249, 1)],
)
def test_so_many_orders_in_time_bring_the_rate_back_to_its_limit(late: int, orders: int, needed: int) -> None:
    assert to_recover(Rate(part=late, orders=orders), FOUR) == needed
    recovered = Rate(part=late, orders=orders + needed).exact
    assert recovered is None or recovered <= Decimal("0.04")
    if needed:
        before = Rate(part=late, orders=orders + needed - 1).exact
        assert before is not None
        assert before > Decimal("0.04")


def test_a_limit_of_nothing_is_never_reached_again() -> None:
    assert to_recover(Rate(part=1, orders=10), Decimal(0)) == 0
