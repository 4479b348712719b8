"""Parcels by their scans, over either table: each stands in one list at most, by when TikTok Shop got it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from local.memory_table import MemoryTable, item_size
from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.records import Change
from order_sync.domain.shipping.valid_tracking import Period
from order_sync.ledger import items, keys
from order_sync.ledger.ledger import DamagedItemError, Ledger
from order_sync.ledger.parcels import ParcelBook
from order_sync.ledger.table import Key, Put, Table
from tests.builders import NOON, ORDER_ID, SHOP_ID, seen, some_facts

MILLISECOND = timedelta(milliseconds=1)
ALWAYS = Period(NOON - timedelta(days=365), NOON + timedelta(days=365))
AN_ORDER = replace(seen(some_facts()).order, version=0)
AT_TIKTOK = Parcel(
    id=ParcelId("oms-S1"),
    source=Source.OMS,
    carrier="usps",
    tracking_number="9400100000000000000000",
    shipped_at=NOON,
    line_ids=(LineId("577086512123755123"),),
    package_id="1153132000000000000",
    at_tiktok_since=NOON,
)
SCANNED = replace(AT_TIKTOK, scanned_at=NOON + timedelta(hours=7))
EARLIER = tuple(
    Label(carrier="USPS Ground Advantage", shipping_class="Ground", tracking_number=digit * 22) for digit in "78"
)
NOWHERE, WAITS, HAS_SCAN = (0, 0), (1, 0), (0, 1)


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return Ledger(table, lambda: NOON + timedelta(hours=2))


@pytest.fixture
def book(table: Table) -> ParcelBook:
    return ParcelBook(table)


def save(ledger: Ledger, *parcels: Parcel, order: OrderId = ORDER_ID, **changes: Any) -> None:
    """Write parcels of an order, whatever stood there."""
    known = ledger.load(changes.get("shop", SHOP_ID), order)
    version = known.order.version if known else 0
    ledger.commit(Change(order=replace(AN_ORDER, id=order, version=version, **changes), parcels=parcels), known)


def counted(book: ParcelBook, period: Period = ALWAYS, shop: ShopId = SHOP_ID) -> tuple[int, int]:
    """How many wait for a scan, and how many have one."""
    return book.count_unscanned(shop, period), book.count_scanned(shop, period)


def named(book: ParcelBook, period: Period = ALWAYS, limit: int = 100) -> list[str]:
    """The parcels that wait, as they are listed."""
    return [each.parcel.id for each in book.unscanned(SHOP_ID, period, limit, nobody_damaged)]


def nobody_damaged(error: DamagedItemError) -> None:
    raise AssertionError(error)


# ---- places


@pytest.mark.parametrize(
    ("parcel", "place"),
    [
        (AT_TIKTOK, WAITS),
        (SCANNED, HAS_SCAN),
        (replace(AT_TIKTOK, source=Source.TIKTOK_SHOP), WAITS),
        (replace(AT_TIKTOK, at_tiktok_since=None), NOWHERE),
        (replace(AT_TIKTOK, recalled=True), NOWHERE),
        (replace(AT_TIKTOK, refused="it cannot be right"), NOWHERE),
        (replace(SCANNED, refused="it cannot be right"), NOWHERE),
        (replace(SCANNED, recalled=True), HAS_SCAN),
        (replace(AT_TIKTOK, warning="TikTok doubts it", corrections=1), WAITS),
    ],
)
def test_a_parcel_stands_where_its_scan_says(
    ledger: Ledger, book: ParcelBook, parcel: Parcel, place: tuple[int, int]
) -> None:
    save(ledger, parcel)
    assert counted(book) == place
    assert named(book) == (["oms-S1"] if place == WAITS else [])
    assert book.valid_tracking(SHOP_ID, ALWAYS).orders == sum(place)
    assert book.valid_tracking(SHOP_ID, ALWAYS).part == place[1]


@pytest.mark.parametrize(
    ("handling", "place"), [(Handling.OURS, WAITS), (Handling.WATCHED, WAITS), (Handling.THIRD_PARTY, NOWHERE)]
)
def test_what_tiktok_ships_by_itself_counts_for_nothing(
    ledger: Ledger, book: ParcelBook, handling: Handling, place: tuple[int, int]
) -> None:
    save(ledger, replace(AT_TIKTOK, source=Source.TIKTOK_SHOP), handling=handling)
    assert counted(book) == place


def test_a_parcel_moves_with_what_happens_to_it(ledger: Ledger, book: ParcelBook) -> None:
    places = []
    for parcel in (replace(AT_TIKTOK, at_tiktok_since=None), AT_TIKTOK, SCANNED):
        save(ledger, parcel)
        places.append(counted(book))
    assert places == [NOWHERE, WAITS, HAS_SCAN]


def test_a_recalled_parcel_leaves_its_list(ledger: Ledger, book: ParcelBook) -> None:
    save(ledger, AT_TIKTOK)
    save(ledger, replace(AT_TIKTOK, recalled=True))
    assert counted(book) == NOWHERE


def test_a_change_of_the_order_alone_leaves_its_parcels_where_they_are(ledger: Ledger, book: ParcelBook) -> None:
    save(ledger, AT_TIKTOK)
    save(ledger)
    assert counted(book) == WAITS


def test_each_parcel_of_an_order_has_a_place_of_its_own(ledger: Ledger, book: ParcelBook) -> None:
    second = replace(SCANNED, id=ParcelId("oms-S2"), at_tiktok_since=NOON + timedelta(days=1))
    save(ledger, AT_TIKTOK, second)
    assert counted(book) == (1, 1)
    assert book.valid_tracking(SHOP_ID, ALWAYS).percent == 50


def test_each_shop_has_its_own_parcels(ledger: Ledger, book: ParcelBook) -> None:
    save(ledger, AT_TIKTOK)
    save(ledger, SCANNED, shop=ShopId("17"))
    assert counted(book) == WAITS
    assert counted(book, shop=ShopId("17")) == HAS_SCAN
    assert counted(book, shop=ShopId("1")) == NOWHERE


# ---- periods


@pytest.mark.parametrize(
    ("since", "before", "found"),
    [
        (timedelta(0), MILLISECOND, 1),
        (-MILLISECOND, timedelta(0), 0),
        (MILLISECOND, timedelta(days=1), 0),
        (timedelta(days=-1), MILLISECOND, 1),
        (timedelta(0), timedelta(0), 0),
    ],
)
@pytest.mark.parametrize("parcel", [AT_TIKTOK, SCANNED], ids=["unscanned", "scanned"])
def test_a_period_holds_its_beginning_and_not_its_end(
    ledger: Ledger, book: ParcelBook, parcel: Parcel, since: timedelta, before: timedelta, found: int
) -> None:
    save(ledger, parcel)
    period = Period(NOON + since, NOON + before)
    assert sum(counted(book, period)) == found
    assert book.valid_tracking(SHOP_ID, period).orders == found
    assert len(named(book, period)) == (found if parcel is AT_TIKTOK else 0)


def test_periods_that_meet_count_every_parcel_once(ledger: Ledger, book: ParcelBook) -> None:
    for number in range(20):
        parcel = replace(AT_TIKTOK, at_tiktok_since=NOON + number * timedelta(hours=6))
        save(ledger, parcel if number % 3 else replace(parcel, scanned_at=NOON), order=OrderId(str(number)))
    edges = [NOON + hours * timedelta(hours=1) for hours in (-1, 6, 30, 31, 200)]
    parts = [counted(book, Period(since, before)) for since, before in pairwise(edges)]
    assert tuple(map(sum, zip(*parts, strict=True))) == counted(book) == (13, 7)


# ---- the list


def test_those_that_wait_longest_come_first_and_no_more_than_were_asked_for(ledger: Ledger, book: ParcelBook) -> None:
    moments = {f"oms-{number}": NOON + timedelta(minutes=(number * 7) % 40) for number in range(40)}
    for number, (parcel, at) in enumerate(moments.items()):
        save(ledger, replace(AT_TIKTOK, id=ParcelId(parcel), at_tiktok_since=at), order=OrderId(str(number)))
    in_order = sorted(moments, key=moments.__getitem__)
    assert named(book) == in_order
    assert named(book, limit=3) == in_order[:3]
    found = book.unscanned(SHOP_ID, ALWAYS, 1, nobody_damaged)
    assert [(each.order, each.at_tiktok_since) for each in found] == [("0", NOON)]


def test_a_listed_parcel_is_read_as_it_is(ledger: Ledger, book: ParcelBook) -> None:
    parcel = replace(
        AT_TIKTOK, wanted=Label(carrier="ups", tracking_number="1Z"), earlier=EARLIER, corrections=1, seen_at=NOON
    )
    save(ledger, parcel)
    assert book.unscanned(SHOP_ID, ALWAYS, 9, nobody_damaged) == [(ORDER_ID, parcel, NOON)]


class LaggingTable(MemoryTable):
    """Its index still shows what it once had."""

    shown: Sequence[Key] = ()

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        return list(self.shown) or super().due(due_list, until, limit, since)


@pytest.mark.parametrize("changes", [{"scanned_at": NOON}, {"recalled": True}, {"at_tiktok_since": None}, None])
def test_what_the_index_has_not_heard_of_yet_is_not_listed(changes: Mapping[str, Any] | None) -> None:
    """The parcel is not what it was, or not there at all."""
    table = LaggingTable()
    ledger, book = Ledger(table, lambda: NOON), ParcelBook(table)
    save(ledger, AT_TIKTOK, replace(AT_TIKTOK, id=ParcelId("oms-S2")))
    assert named(book) == ["oms-S1", "oms-S2"]
    first, second = (Key(keys.order_partition(SHOP_ID, ORDER_ID), f"PARCEL#oms-S{number}") for number in (1, 2))
    table.shown = [first, second]
    if changes is None:
        table.delete(first)
    else:
        save(ledger, replace(AT_TIKTOK, **changes))
    assert named(book) == ["oms-S2"]


@pytest.mark.parametrize(
    ("attribute", "value"), [("shipped_at", None), ("source", "A NEW ONE"), ("earlier", "no JSON"), ("wanted", "[1]")]
)
def test_a_damaged_parcel_is_told_of_and_left_out(
    ledger: Ledger, book: ParcelBook, attribute: str, value: str | None
) -> None:
    save(ledger, AT_TIKTOK)
    save(ledger, AT_TIKTOK, order=OrderId("17"))
    item = ledger.table.get(Key(keys.order_partition(SHOP_ID, ORDER_ID), "PARCEL#oms-S1"))
    assert item is not None
    item.pop(attribute, None)
    ledger.table.put(Put(item=item if value is None else item | {attribute: value}))
    damaged: list[DamagedItemError] = []
    assert [each.order for each in book.unscanned(SHOP_ID, ALWAYS, 9, damaged.append)] == ["17"]
    assert [ORDER_ID in str(error) for error in damaged] == [True]
    # Counting reads no parcel.
    assert counted(book) == (2, 0)


# ---- size


def test_a_normal_parcel_stays_below_one_kilobyte_with_all_that_happens_to_it() -> None:
    """One write unit."""
    parcel = replace(
        SCANNED,
        warning="The tracking number does not match the rules of the selected shipping provider, please check",
        wanted=Label(carrier="USPS Ground Advantage", shipping_class="Ground", tracking_number="9" * 22),
        earlier=EARLIER,
        tiktok_carrier="USPS",
        corrections=2,
        seen_at=NOON,
        line_ids=tuple(LineId(str(577086512123755123 + number)) for number in range(3)),
    )
    assert item_size(items.parcel_item(AN_ORDER, parcel)) < 1024
