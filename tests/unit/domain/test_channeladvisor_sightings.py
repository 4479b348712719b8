"""What ChannelAdvisor shows: the OMS's trace there, and parcels entered by hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts, decide_channeladvisor_sighting
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    NOON,
    ORDER_ID,
    TIMING,
    a_report,
    a_shop,
    a_shop_without_oms,
    applied,
    created,
    events_of,
    handed_over,
    released,
)

LATER = NOON + timedelta(hours=4)
BY_HAND = a_report(
    id=ParcelId("channeladvisor-88"),
    source=Source.CHANNELADVISOR,
    tracking_number="T9",
    units=(("TEE-BLU-M", 2),),
)


def decided(record: OrderRecord, shop: ShopSettings | None = None, **changes: Any) -> Change | None:
    values: dict[str, Any] = {
        "id": "12345",
        "order": ORDER_ID,
        "updated_at": LATER,
        "shipping_status": "Unshipped",
    }
    facts = ChannelAdvisorFacts(**(values | changes))
    return decide_channeladvisor_sighting(record, facts, shop or a_shop(), TIMING, LATER)


def test_the_status_of_a_new_order_is_kept_without_a_word() -> None:
    change = decided(handed_over())
    assert change is not None
    assert (change.order.channeladvisor_status, events_of(change)) == ("Unshipped", [])
    assert decided(applied(handed_over(), change)) is None


def test_a_changed_status_is_noted_as_it_came() -> None:
    record = applied(handed_over(), decided(handed_over()))
    change = decided(record, shipping_status="SomethingNew")
    assert change is not None
    (fact,) = change.timeline
    assert fact.event is Event.CHANNELADVISOR_STATUS_CHANGED
    assert fact.detail == {"before": "Unshipped", "after": "SomethingNew"}


def test_a_parcel_entered_by_hand_goes_to_tiktok_and_to_the_oms_once() -> None:
    change = decided(handed_over(), parcels=(BY_HAND,))
    assert change is not None
    assert {(entry.target, entry.action) for entry in change.outbox} == {
        (Target.TIKTOK_SHOP, Action.SHIP),
        (Target.OMS, Action.NOTE_PARCEL),
    }
    assert decided(applied(handed_over(), change), parcels=(BY_HAND,)) is None


def test_a_refused_parcel_is_noted_once_however_often_it_is_seen() -> None:
    too_many = replace(BY_HAND, units=(("TEE-BLU-M", 3),))
    change = decided(handed_over(), parcels=(too_many,))
    assert events_of(change) == [Event.FAILED]
    record = applied(handed_over(), change)
    for _ in range(3):
        assert decided(record, parcels=(too_many,)) is None


def test_a_parcel_of_an_order_that_is_not_ours_is_left_alone() -> None:
    record = handed_over()
    record = replace(record, order=replace(record.order, handling=Handling.WATCHED))
    change = decided(record, parcels=(BY_HAND,))
    assert change is not None
    assert change.parcels == ()


def test_a_seller_s_number_in_channeladvisor_means_that_an_oms_inside_it_has_the_order() -> None:
    shop = a_shop_without_oms()
    record = created(released(shop))
    change = decided(record, shop, seller_order_id="SO-7")
    assert change is not None
    assert (change.order.state, change.order.oms_number) == (OrderState.ACKNOWLEDGED_BY_SELLER, "SO-7")
    assert [(entry.target, entry.action) for entry in change.outbox] == [(Target.TIKTOK_SHOP, Action.SET_REFERENCE)]
    assert decided(applied(record, change), shop, seller_order_id="SO-7") is None


def test_pending_shipment_means_that_an_oms_inside_channeladvisor_has_the_order() -> None:
    shop = a_shop_without_oms()
    record = applied(created(released(shop)), decided(created(released(shop)), shop))
    assert record.order.state is OrderState.RELEASED_FOR_SHIPMENT
    change = decided(record, shop, shipping_status="PendingShipment")
    assert change is not None
    assert change.order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    assert events_of(change) == [Event.CHANNELADVISOR_STATUS_CHANGED]


def test_our_own_number_in_channeladvisor_is_no_news_where_the_oms_tells_us_itself() -> None:
    record = applied(handed_over(), decided(handed_over()))
    assert decided(record, seller_order_id="SOMETHING-ELSE") is None


def test_an_order_of_the_same_buyer_that_we_never_created_is_not_ours() -> None:
    assert decided(released()) is None
    assert decided(handed_over(), id="99999") is None


def test_an_order_whose_creation_is_in_doubt_is_seen() -> None:
    record = released()
    (create, *others) = record.outbox
    assert (create.target, create.action) == (Target.CHANNELADVISOR, Action.CREATE_ORDER)
    change = decided(replace(record, outbox=(replace(create, in_doubt=True), *others)), parcels=(BY_HAND,))
    assert change is not None
    assert [parcel.id for parcel in change.parcels] == [BY_HAND.id]
