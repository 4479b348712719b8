"""What the lines of an order make of the times of their SKUs: the longest of the living ones."""

import pytest

from order_sync.domain.ids import LineId
from order_sync.domain.listings.times import NO_LISTINGS, ListedTimes, LongestTime, longest_times
from order_sync.domain.orders import Line, LineState

LISTINGS = {
    "TEE": ListedTimes(handling_days=2, shipping_days=9),
    "MUG": ListedTimes(handling_days=7, shipping_days=3),
    "FAST": ListedTimes(handling_days=0),
}


def lines(*skus: str, canceled: str = "") -> list[Line]:
    return [
        Line(
            id=LineId(str(number)), sku=sku, state=LineState.CANCELED if sku.strip() == canceled else LineState.SHIPPED
        )
        for number, sku in enumerate(skus)
    ]


def in_days(*skus: str, canceled: str = "") -> tuple[str, str]:
    """Handling and shipping, such as "7", or "7+" where a line has none."""
    found = longest_times(lines(*skus, canceled=canceled), LISTINGS)
    handling, shipping = (f"{each.days}{'' if each.of_all else '+'}" if each else "" for each in found)
    return handling, shipping


@pytest.mark.parametrize(
    ("skus", "expected"),
    [
        (["TEE"], ("2", "9")),
        ([" TEE "], ("2", "9")),
        (["TEE", "MUG", "TEE"], ("7", "9")),
        (["TEE", "unlisted"], ("2+", "9+")),
        (["FAST"], ("0", "")),
        (["FAST", "MUG"], ("7", "3+")),
        (["tee"], ("", "")),
        (["unlisted", ""], ("", "")),
    ],
)
def test_each_time_is_the_longest_of_its_own(skus: list[str], expected: tuple[str, str]) -> None:
    assert in_days(*skus) == expected


def test_a_cancelled_line_does_not_count_while_others_live() -> None:
    assert in_days("TEE", "MUG", canceled="MUG") == ("2", "9")
    assert in_days("TEE", "MUG", canceled="TEE") == ("7", "3")
    assert in_days("TEE", "unlisted", canceled="unlisted") == ("2", "9")


def test_a_cancelled_order_keeps_the_times_of_all_its_lines() -> None:
    assert in_days("MUG", "MUG", canceled="MUG") == ("7", "3")


def test_a_shop_without_a_table_lists_nothing() -> None:
    assert longest_times(lines("TEE"), NO_LISTINGS) == (None, None)
    assert longest_times(lines("TEE"), LISTINGS)[0] == LongestTime(days=2)
