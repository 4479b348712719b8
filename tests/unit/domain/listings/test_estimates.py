"""The estimated delivery of a SKU, part by part (G5)."""

from datetime import datetime
from typing import Any

from order_sync.domain.listings.estimates import Estimate, estimate
from order_sync.domain.listings.times import NO_LISTINGS, ListedTimes, Listings
from order_sync.domain.shop import LoadedListings, ShopSettings
from tests.unit.domain.deadlines.orders_and_moments import MONDAY, a_shop_by, in_words, local

PLACED = local(MONDAY)
LOADED = "the table of listings, loaded 2026-03-01 08:30 UTC"
PROFILE = "policy profile guide-2025-08 (TikTok for Rithum: Order Management, 2025-08-19)"
SETTINGS = "the shop's settings (deadlines.shipping_days)"


def a_shop(**deadlines: Any) -> ShopSettings:
    """A shop with a table."""
    mark = LoadedListings(digest="d", loaded_at=datetime.fromisoformat("2026-03-01T08:30:00Z"), skus=2)
    return a_shop_by("guide-2025-08", **deadlines).model_copy(update={"listings": mark})


def of(listings: Listings, shop: ShopSettings | None = None) -> Estimate:
    return estimate(shop or a_shop(), "TEE", listings, PLACED)


def words(found: Estimate) -> list[str]:
    return [str(part) for part in found.parts]


def test_both_parts_come_from_the_table() -> None:
    found = of({"TEE": ListedTimes(handling_days=1, shipping_days=2)})
    assert words(found) == [f"handling: 1 business day, from {LOADED}", f"shipping: 2 business days, from {LOADED}"]
    moments = (found.handed_over_by, found.delivery_by, found.dispatch_by)
    assert [in_words(moment) for moment in moments] == [
        "Tue 2026-03-03 23:59:59",
        "Thu 2026-03-05 23:59:59",
        "Thu 2026-03-05 23:59:59",
    ]


def test_each_part_that_is_not_listed_comes_from_elsewhere() -> None:
    assert words(of(NO_LISTINGS)) == [
        f"handling: 3 business days, from {PROFILE}",
        f"shipping: 5 business days, from {SETTINGS}",
    ]
    assert words(of({"TEE": ListedTimes(shipping_days=2)})) == [
        f"handling: 3 business days, from {PROFILE}",
        f"shipping: 2 business days, from {LOADED}",
    ]
    assert words(of({"TEE": ListedTimes(handling_days=2)})) == [
        f"handling: 2 business days, from {LOADED}",
        f"shipping: 5 business days, from {SETTINGS}",
    ]


def test_a_shop_without_a_table_has_an_estimate_too() -> None:
    found = of(NO_LISTINGS, a_shop_by("guide-2025-08", shipping_days=1))
    assert words(found)[1] == f"shipping: 1 business day, from {SETTINGS}"
    assert in_words(found.delivery_by) == "Fri 2026-03-06 23:59:59"


def test_extra_handling_days_are_a_part_of_their_own() -> None:
    extra = a_shop(extra_handling=[{"first_order_date": MONDAY, "days": 2}])
    found = of({"TEE": ListedTimes(handling_days=1, shipping_days=2)}, extra)
    assert words(found)[1] == (
        "more handling: 2 business days, from a campaign, or the shop's settings (deadlines.extra_handling)"
    )
    assert in_words(found.handed_over_by) == "Thu 2026-03-05 23:59:59"
    assert in_words(found.delivery_by) == "Mon 2026-03-09 23:59:59"
