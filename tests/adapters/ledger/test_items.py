"""Every value survives its way through the table's items, and an order's head stays small."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.memory_table import item_size
from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Handling, Line, LineState, Order, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event, TimelineEntry
from order_sync.ledger import attributes, items, keys
from tests.builders import NOON, a_shop, handed_over, seen, some_facts, some_lines

SHOPS = st.text(digits, min_size=1, max_size=24).map(ShopId)
ORDERS = st.text(digits, min_size=1, max_size=20).map(OrderId)
LINE_IDS = st.text(digits, min_size=1, max_size=20).map(LineId)
IDS = st.text(ascii_letters + digits + "-_#@.", min_size=1, max_size=40)
# Lone surrogates are no text that any partner can send.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda number: EPOCH + timedelta(milliseconds=number))
PERHAPS = st.none() | MOMENTS
LINES = st.builds(Line, id=LINE_IDS, sku=TEXTS, state=st.sampled_from(LineState))
ORDER = st.builds(
    Order,
    shop=SHOPS,
    id=ORDERS,
    version=st.integers(0, 10**6),
    state=st.sampled_from(OrderState),
    handling=st.sampled_from(Handling),
    handling_reason=TEXTS,
    tiktok_status=TEXTS,
    updated_at=MOMENTS,
    digest=TEXTS,
    created_at=MOMENTS,
    paid_at=PERHAPS,
    hold_ends_at=PERHAPS,
    release_due=PERHAPS,
    held_long=st.booleans(),
    recipient=TEXTS,
    lines=st.lists(LINES, max_size=4).map(tuple),
    ship_by=PERHAPS,
    collect_by=PERHAPS,
    cancels_unless_shipped_by=PERHAPS,
    cancels_unless_collected_by=PERHAPS,
    collected_at=PERHAPS,
    delivered_at=PERHAPS,
    cancel_requested=st.booleans(),
    canceled_by=TEXTS,
    channeladvisor_id=TEXTS,
    channeladvisor_status=TEXTS,
    oms_number=TEXTS,
)
LABEL = st.builds(Label, carrier=TEXTS, shipping_class=TEXTS, tracking_number=TEXTS, in_tiktoks_words=st.booleans())
LABELS = st.lists(LABEL, max_size=3).map(tuple)
PARCEL = st.builds(
    Parcel,
    id=IDS.map(ParcelId),
    source=st.sampled_from(Source),
    carrier=TEXTS,
    shipping_class=TEXTS,
    tracking_number=TEXTS,
    shipped_at=MOMENTS,
    line_ids=st.lists(LINE_IDS, max_size=4).map(tuple),
    named_lines=st.lists(LINE_IDS, max_size=4).map(tuple),
    in_tiktoks_words=st.booleans(),
    package_id=TEXTS,
    at_tiktok_since=PERHAPS,
    warning=TEXTS,
    refused=TEXTS,
    tiktok_carrier=TEXTS,
    wanted=st.none() | LABEL,
    earlier=LABELS,
    shown_before=LABELS,
    other_ids=st.lists(IDS.map(ParcelId), max_size=3).map(tuple),
    corrections=st.integers(0, 100),
    seen_at=PERHAPS,
    scanned_at=PERHAPS,
    recalled=st.booleans(),
)
ENTRY = st.builds(
    OutboxEntry,
    shop=SHOPS,
    order=ORDERS,
    target=st.sampled_from(Target),
    action=st.sampled_from(Action),
    subject=IDS,
    revision=st.text(ascii_letters + digits + "-", min_size=1, max_size=40),
    state=st.sampled_from(sorted(set(EntryState) - {EntryState.FAILED})),
    queued_at=MOMENTS,
    attempts=st.integers(0, 1000),
    due_at=PERHAPS,
    claimed_until=PERHAPS,
    in_doubt=st.booleans(),
    waits_for=TEXTS,
    reason=TEXTS,
    version=st.integers(0, 10**6),
)
FAILED = st.builds(
    lambda entry, failed_at: replace(entry, state=EntryState.FAILED, due_at=None, failed_at=failed_at), ENTRY, MOMENTS
)
FACT = st.builds(
    TimelineEntry,
    at=st.just(NOON),
    event=st.sampled_from(Event),
    source=st.sampled_from(Source),
    happened_at=PERHAPS,
    detail=st.dictionaries(TEXTS, TEXTS, max_size=4),
)
AN_ORDER = seen(some_facts()).order


@given(order=ORDER)
def test_an_order_survives(order: Order) -> None:
    assert items.read_order(items.order_item(order)) == replace(order, version=order.version + 1)


@given(parcel=PARCEL)
def test_a_parcel_survives(parcel: Parcel) -> None:
    assert items.read_parcel(items.parcel_item(AN_ORDER, parcel)) == parcel


@given(entry=ENTRY | FAILED)
def test_an_outbox_entry_survives(entry: OutboxEntry) -> None:
    assert items.read_entry(items.entry_item(entry, NOON)) == replace(entry, version=entry.version + 1)


@given(facts=st.lists(FACT, min_size=1, max_size=4), at=MOMENTS)
def test_the_facts_of_a_decision_survive_in_their_order(facts: list[TimelineEntry], at: datetime) -> None:
    facts = [replace(fact, at=at) for fact in facts]
    assert items.read_timeline_item(items.timeline_item(AN_ORDER, facts)) == facts


def test_facts_of_two_moments_are_not_one_decision() -> None:
    facts = [
        TimelineEntry(at=NOON + timedelta(minutes=minute), event=Event.SEEN, source=Source.TIKTOK_SHOP)
        for minute in range(2)
    ]
    with pytest.raises(ValueError, match="too many values"):
        items.timeline_item(AN_ORDER, facts)


@given(order=ORDER, entry=ENTRY)
def test_nothing_empty_is_stored(order: Order, entry: OutboxEntry) -> None:
    for item in (items.order_item(order), items.entry_item(entry, NOON)):
        assert "" not in item.values()
        assert None not in item.values()
        assert not any(value is False for value in item.values())


@given(order=ORDER)
def test_an_order_is_in_a_due_list_while_its_hold_is_to_be_looked_at(order: Order) -> None:
    item = items.order_item(order)
    assert ("due_list" in item) == ("due_at" in item) == (order.release_due is not None)
    if order.release_due:
        assert item["due_list"] == keys.hold_list(order.shop, order.id, held_long=order.held_long)


@given(entry=ENTRY)
def test_an_entry_is_in_its_due_list_while_it_has_a_moment(entry: OutboxEntry) -> None:
    item = items.entry_item(entry, NOON)
    assert ("due_list" in item) == ("due_at" in item) == (entry.due_at is not None)


@given(order=ORDER, parcel=PARCEL)
def test_a_parcel_is_in_a_list_only_while_it_has_a_moment(order: Order, parcel: Parcel) -> None:
    item = items.parcel_item(order, parcel)
    assert ("due_list" in item) == ("due_at" in item)
    assert parcel.at_tiktok_since or "due_at" not in item


@given(moment=MOMENTS)
def test_a_moment_is_exact_to_the_millisecond(moment: datetime) -> None:
    assert attributes.moment(attributes.milliseconds(moment)) == moment


@pytest.mark.parametrize(
    ("state", "expires"),
    [
        (EntryState.WAITING, False),
        (EntryState.SENDING, False),
        (EntryState.FAILED, False),
        (EntryState.DONE, True),
        (EntryState.WITHDRAWN, True),
    ],
)
def test_only_an_ended_entry_expires(state: EntryState, *, expires: bool) -> None:
    item = items.entry_item(replace(handed_over().outbox[0], state=state), NOON)
    assert item.get("expires_at") == (int(NOON.timestamp()) + 180 * 86_400 if expires else None)


def test_the_head_of_a_normal_order_with_three_lines_is_under_a_kilobyte() -> None:
    one, two = some_lines(sku="TEE-BLU-M-2026-SUMMER")
    three = replace(one, id=LineId("577086512123755125"), sku="CAP-RED-ONE-SIZE-FITS-ALL")
    moments: dict[str, Any] = {
        name: NOON + timedelta(days=day, milliseconds=123)
        for day, name in enumerate(
            (
                "paid_at",
                "hold_ends_at",
                "release_due",
                "ship_by",
                "collect_by",
                "cancels_unless_shipped_by",
                "cancels_unless_collected_by",
                "collected_at",
                "delivered_at",
            )
        )
    }
    shop = a_shop()
    facts = some_facts(lines=(one, two, three), recipient="0123456789abcdef0123456789abcdef")
    order = replace(
        seen(facts, shop=shop).order,
        **moments,
        version=999,
        held_long=True,
        cancel_requested=True,
        state=OrderState.ACKNOWLEDGED_BY_SELLER,
        lines=tuple(Line(id=line.id, sku=line.sku, state=LineState.IN_PARCEL) for line in facts.lines),
        channeladvisor_id="1234567890",
        channeladvisor_status="PartiallyShipped",
        oms_number="SO-2026-0001234567",
    )
    assert item_size(items.order_item(order)) < 1024


@pytest.mark.parametrize(("versions", "minutes"), [(10, 0), (1000, 0), (2, 1)])
def test_decisions_stand_on_the_timeline_in_the_order_of_their_moments_and_then_versions(
    versions: int, minutes: int
) -> None:
    fact = TimelineEntry(at=NOON, event=Event.SEEN, source=Source.TIKTOK_SHOP)
    order_of_writing = [
        str(
            items.timeline_item(
                replace(AN_ORDER, version=version),
                [replace(fact, at=NOON + timedelta(minutes=minutes * version))],
            )["sk"]
        )
        for version in range(versions + 1)
    ]
    assert sorted(order_of_writing) == order_of_writing
    assert len(set(order_of_writing)) == versions + 1


def test_a_missing_attribute_is_named() -> None:
    item = items.order_item(AN_ORDER)
    del item["created_at"]
    with pytest.raises(KeyError, match="created_at"):
        items.read_order(item)


def test_an_order_s_own_items_sort_before_its_timeline() -> None:
    assert max(keys.ORDER, f"{keys.OUTBOX}~", f"{keys.PARCEL}~") < keys.TIMELINE


def test_held_orders_are_spread_over_the_shards_and_those_held_long_stand_apart() -> None:
    shop = ShopId("1")
    orders = [OrderId(str(576461413038785752 + number)) for number in range(100)]
    normal = {keys.hold_list(shop, order, held_long=False) for order in orders}
    long = {keys.hold_list(shop, order, held_long=True) for order in orders}
    assert len(normal) == keys.HOLD_SHARDS
    assert long == {"LONG_HOLD#1"}
    assert normal | long == set(keys.hold_lists(shop))
