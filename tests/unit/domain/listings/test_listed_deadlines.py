"""Deadlines and estimates by the table of listings: which time comes first, and what stays as it is (G5, OP C25)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.deadlines.counting import figures, rules_digest, with_listed_times
from order_sync.domain.deadlines.deadlines import Clock, Deadlines
from order_sync.domain.deadlines.looks import decide_look
from order_sync.domain.deadlines.policies import OrderKind
from order_sync.domain.listings.times import NO_LISTINGS, ListedTimes, Listings
from order_sync.domain.orders import Line
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import LoadedListings, ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, TIMING, applied, some_lines
from tests.unit.domain.deadlines.orders_and_moments import (
    MONDAY,
    NO_LEAD,
    a_shop_by,
    an_order,
    deadlines_of,
    facts_at,
    in_words,
    local,
)

SHOP = a_shop_by("guide-2025-08")
PLACED = local(MONDAY)
TEE, MUG = "TEE-BLU-M", "MUG-RED"
TABLE = {TEE: ListedTimes(handling_days=1, shipping_days=2), MUG: ListedTimes(handling_days=10, shipping_days=7)}


def lines_of(*skus: str, canceled: str = "") -> tuple[Any, ...]:
    """Lines as TikTok Shop shows them."""
    ids = zip((LINE_1, LINE_2), skus, strict=False)
    return tuple(some_lines(id=line, sku=sku, canceled=sku == canceled)[0] for line, sku in ids)


def dates(
    *skus: str,
    kind: str = "REGULAR",
    listings: Listings = TABLE,
    shop: ShopSettings = SHOP,
    created_at: datetime = PLACED,
    **clock: Any,
) -> tuple[str, str]:
    """The dispatch deadline and the estimated delivery of an order of these SKUs."""
    lines = tuple(Line(id=line, sku=sku) for line, sku in zip((LINE_1, LINE_2), skus, strict=False))
    order = an_order(created_at, lines=lines)
    found = figures(order, with_listed_times(order, Clock(kind=OrderKind(kind), **clock), listings), shop)
    return in_words(found.dispatch_by)[:14], in_words(found.delivery_by)[:14]


# ---- which time comes first


@pytest.mark.parametrize("kind", ["MADE_TO_ORDER", "BACK_ORDER"])
def test_what_is_made_to_order_has_the_handling_time_of_its_listing(kind: str) -> None:
    assert dates(MUG, kind=kind) == ("Mon 2026-03-16", "Wed 2026-03-25")
    assert dates(TEE, kind=kind) == ("Tue 2026-03-03", "Thu 2026-03-05")
    assert dates("unlisted", kind=kind) == ("Thu 2026-03-05", "Thu 2026-03-12")


def test_the_order_s_own_handling_time_comes_before_the_table_s() -> None:
    own = Span(days=5, unit=DayUnit.CALENDAR)
    assert dates(MUG, kind="MADE_TO_ORDER", handling_time=own) == ("Sat 2026-03-07", "Tue 2026-03-17")
    assert dates(MUG, kind="REGULAR", handling_time=own) == ("Thu 2026-03-05", "Tue 2026-03-17")
    # And nothing is kept that another table would have to change.
    assert with_listed_times(an_order(PLACED), Clock(handling_time=own), TABLE).listed_handling is None


def test_a_regular_order_is_dispatched_by_the_profile_whatever_its_listing_says() -> None:
    assert dates(MUG) == ("Thu 2026-03-05", "Wed 2026-03-25")
    assert dates(TEE) == ("Thu 2026-03-05", "Thu 2026-03-05")
    assert dates("unlisted") == ("Thu 2026-03-05", "Thu 2026-03-12")


def test_a_pre_order_counts_from_its_release_and_takes_only_the_shipping_time_from_the_table() -> None:
    release = local("2026-03-17")
    assert dates(MUG, kind="PRE_ORDER", release_at=release) == ("Wed 2026-03-18", "Fri 2026-03-27")
    assert dates(MUG, kind="PRE_ORDER", release_at=release, listings=NO_LISTINGS) == (
        "Wed 2026-03-18",
        "Wed 2026-03-25",
    )


def test_of_several_lines_the_longest_counts() -> None:
    assert dates(TEE, MUG, kind="MADE_TO_ORDER") == dates(MUG, kind="MADE_TO_ORDER")
    assert dates(TEE, TEE, kind="MADE_TO_ORDER") == dates(TEE, kind="MADE_TO_ORDER")


def test_a_line_that_is_not_listed_has_the_profile_s_days_and_the_shop_s_shipping_days() -> None:
    assert dates(TEE, "unlisted", kind="MADE_TO_ORDER") == ("Thu 2026-03-05", "Thu 2026-03-12")
    assert dates(MUG, "unlisted", kind="MADE_TO_ORDER") == ("Mon 2026-03-16", "Wed 2026-03-25")


def test_each_time_falls_back_on_its_own() -> None:
    assert dates(TEE, listings={TEE: ListedTimes(handling_days=1)}) == ("Thu 2026-03-05", "Tue 2026-03-10")
    assert dates(TEE, listings={TEE: ListedTimes(shipping_days=1)}) == ("Thu 2026-03-05", "Fri 2026-03-06")


def test_a_handling_time_of_no_days_ends_on_the_order_date() -> None:
    same_day = {TEE: ListedTimes(handling_days=0, shipping_days=1)}
    assert dates(TEE, kind="MADE_TO_ORDER", listings=same_day) == ("Mon 2026-03-02", "Tue 2026-03-03")


def test_the_table_s_days_are_business_days() -> None:
    assert dates(TEE, kind="MADE_TO_ORDER", created_at=local("2026-03-06")) == ("Mon 2026-03-09", "Wed 2026-03-11")


def test_campaigns_and_the_shop_s_extra_days_come_on_top_of_a_listed_handling_time() -> None:
    campaign = local("2023-11-22")
    plain, with_campaign = (a_shop_by("guide-2025-08", handling=choice) for choice in ("manual", "automated"))
    # Thanksgiving is the 23rd: one day of handling ends on Friday, with the campaign's on Monday.
    assert dates(TEE, shop=plain, created_at=campaign)[1] == "Tue 2023-11-28"
    assert dates(TEE, shop=with_campaign, created_at=campaign)[1] == "Wed 2023-11-29"
    extra = a_shop_by("guide-2025-08", extra_handling=[{"first_order_date": MONDAY, "days": 2}])
    assert dates(TEE, shop=extra) == ("Mon 2026-03-09", "Mon 2026-03-09")


def test_an_automatic_cancel_follows_only_where_it_counts_from_the_dispatch() -> None:
    def cancels(kind: OrderKind, listings: Listings) -> str:
        order = an_order(PLACED, lines=(Line(id=LINE_1, sku=MUG),))
        return in_words(figures(order, with_listed_times(order, Clock(kind=kind), listings), SHOP).cancels_by)[:14]

    assert cancels(OrderKind.REGULAR, TABLE) == cancels(OrderKind.REGULAR, NO_LISTINGS) == "Wed 2026-03-11"
    assert cancels(OrderKind.MADE_TO_ORDER, TABLE) == "Fri 2026-03-20"


def test_another_table_is_another_rule_and_the_moment_of_its_loading_is_none() -> None:
    def loaded(digest: str, at: datetime) -> ShopSettings:
        return SHOP.model_copy(update={"listings": LoadedListings(digest=digest, loaded_at=at, skus=1)})

    first = rules_digest(loaded("a", PLACED))
    assert first == rules_digest(loaded("a", PLACED + timedelta(days=1)))
    assert len({first, rules_digest(loaded("b", PLACED)), rules_digest(SHOP)}) == 3


# ---- sightings and looks


def sighted(
    record: OrderRecord | None,
    days: float,
    listings: Listings = TABLE,
    status: str = "AWAITING_SHIPMENT",
    **changes: Any,
) -> OrderRecord:
    """The record after a made-to-order order was seen some days after it was placed."""
    facts = facts_at(PLACED, status, seen_after=timedelta(days=days), **({"order_type": "MADE_TO_ORDER"} | changes))
    now = facts.updated_at + timedelta(minutes=5)
    return applied(record, decide_sighting(record, facts, SHOP, TIMING, now, listings=listings))


def looked(record: OrderRecord, listings: Listings) -> OrderRecord:
    change, _ = decide_look(record, SHOP, PLACED + timedelta(hours=5), NO_LEAD, listings)
    return applied(record, change)


def due(deadlines: Deadlines) -> str:
    return in_words(deadlines.figures.dispatch_by)[:14]


def test_a_sighting_counts_with_the_table_and_says_so_on_the_timeline() -> None:
    record = sighted(None, 0.1, lines=lines_of(MUG))
    assert due(deadlines_of(record)) == "Mon 2026-03-16"
    facts = facts_at(PLACED, order_type="MADE_TO_ORDER", lines=lines_of(MUG))
    change = decide_sighting(None, facts, SHOP, TIMING, facts.updated_at, listings=TABLE)
    assert change is not None
    (first,) = [fact.detail for fact in change.timeline if fact.event is Event.SEEN]
    assert first["delivery_by"] == local("2026-03-25 23:59:59").isoformat()


def test_a_look_follows_another_table_and_one_that_is_gone() -> None:
    record = sighted(None, 0.1, lines=lines_of(MUG))
    changed = looked(record, {MUG: ListedTimes(handling_days=4)})
    assert due(deadlines_of(changed)) == "Fri 2026-03-06"
    assert due(deadlines_of(looked(changed, NO_LISTINGS))) == "Thu 2026-03-05"
    assert deadlines_of(looked(changed, NO_LISTINGS)).clock.listed_handling is None


def test_a_look_with_the_same_table_changes_nothing() -> None:
    record = sighted(None, 0.1, lines=lines_of(MUG))
    assert decide_look(record, SHOP, PLACED + timedelta(hours=5), NO_LEAD, TABLE) == (None, ())


def test_the_slowest_line_cancelled_leaves_the_time_of_the_others() -> None:
    record = sighted(None, 0.1, lines=lines_of(TEE, MUG))
    assert due(deadlines_of(record)) == "Mon 2026-03-16"
    record = sighted(record, 0.2, lines=lines_of(TEE, MUG, canceled=MUG))
    assert due(deadlines_of(record)) == "Tue 2026-03-03"


def test_the_slowest_line_s_own_time_goes_with_it_also_where_the_others_have_none() -> None:
    own = Span(days=15)
    record = sighted(None, 0.1, NO_LISTINGS, lines=lines_of(TEE, MUG), handling_time=own)
    assert due(deadlines_of(record)) == "Mon 2026-03-23"
    record = sighted(record, 0.2, NO_LISTINGS, lines=lines_of(TEE, MUG, canceled=MUG))
    assert due(deadlines_of(record)) == "Thu 2026-03-05"
    # The same, where the table has what the order no longer carries.
    record = sighted(None, 0.1, lines=lines_of(TEE, MUG), handling_time=own)
    record = sighted(record, 0.2, lines=lines_of(TEE, MUG, canceled=MUG))
    assert due(deadlines_of(record)) == "Tue 2026-03-03"


def test_a_time_that_tiktok_stops_showing_stays_while_no_line_is_cancelled() -> None:
    record = sighted(None, 0.1, lines=lines_of(TEE, MUG), handling_time=Span(days=15))
    record = sighted(record, 0.2, lines=lines_of(TEE, MUG))
    assert due(deadlines_of(record)) == "Mon 2026-03-23"


def test_an_order_cancelled_whole_keeps_its_deadline() -> None:
    record = sighted(None, 0.1, lines=lines_of(MUG))
    canceled = sighted(record, 0.2, status="CANCELLED", lines=lines_of(MUG, canceled=MUG), canceled_at=PLACED)
    assert due(deadlines_of(canceled)) == "Mon 2026-03-16"
    record = sighted(None, 0.1, lines=lines_of(MUG), handling_time=Span(days=4))
    canceled = sighted(record, 0.2, status="CANCELLED", lines=lines_of(MUG, canceled=MUG), canceled_at=PLACED)
    assert due(deadlines_of(canceled)) == "Fri 2026-03-06"


def test_a_dispatched_order_stays_on_its_deadline_whatever_is_loaded_later() -> None:
    record = sighted(None, 0.1, lines=lines_of(MUG))
    record = sighted(record, 1, status="IN_TRANSIT", lines=lines_of(MUG), collected_at=PLACED + timedelta(hours=20))
    for listings in (NO_LISTINGS, {MUG: ListedTimes(handling_days=1)}):
        later = sighted(record, 2, listings, status="DELIVERED", lines=lines_of(MUG))
        known, before = deadlines_of(later), deadlines_of(record)
        assert (known.figures, known.clock) == (before.figures, before.clock)
        assert deadlines_of(looked(later, listings)).figures == before.figures
