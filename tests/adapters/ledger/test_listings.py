"""A shop's table of listings in the ledger: whole or not at all, read by SKU, and never in the way of anything else."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.memory_table import MemoryTable, item_size
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.domain.listings.times import ListedTimes, Listings
from order_sync.domain.shop import LoadedListings, ShopSettings
from order_sync.ledger import keys
from order_sync.ledger.listings import MOST_SKUS, SHELVES, ListingTables, digest_of, listing_writes
from order_sync.ledger.shops import Shops
from order_sync.ledger.table import Put, Table, VersionConflictError, Write
from tests.builders import NOON, SHOP_ID, a_shop

OTHER = ShopId("7495540735365777508")
SOME = {
    "TEE-BLU-M": ListedTimes(handling_days=2, shipping_days=4),
    "MUG-RED": ListedTimes(handling_days=0),
    'CAP "ÄÖÜ" 帽,1': ListedTimes(shipping_days=365),
}
DAYS = st.none() | st.integers(0, 365)
TABLES = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=25),
    st.builds(ListedTimes, handling_days=DAYS, shipping_days=DAYS),
    max_size=300,
)


def many(number: int, *, length: int = 12) -> dict[str, ListedTimes]:
    """A table of so many SKUs of one length."""
    return {
        f"SKU-{each:05}".ljust(length, "X"): ListedTimes(handling_days=each % 9, shipping_days=each % 7)
        for each in range(number)
    }


def now() -> datetime:
    return NOON


@pytest.fixture
def shops(table: Table) -> Shops:
    made = Shops(table, now)
    made.save(a_shop())
    return made


def load(table: Table, shops: Shops, after: Listings, shop: ShopId = SHOP_ID) -> ShopSettings:
    """Load a table in the place of the one that is there."""

    def decide(settings: ShopSettings) -> tuple[LoadedListings | None, Sequence[Write]]:
        before = ListingTables(table).whole(settings.shop)
        return mark_of(after), listing_writes(settings.shop, before, after)

    return shops.change_listings(shop, decide)


def mark_of(listings: Listings) -> LoadedListings | None:
    if not listings:
        return None
    return LoadedListings(digest=digest_of(listings), loaded_at=NOON, skus=len(listings))


def whole(table: Table, shop: ShopId = SHOP_ID) -> Listings:
    found = ListingTables(table).whole(shop)
    assert found.damaged == {}
    return found.times


# ---- what is written is read


def test_a_table_is_read_as_it_was_written(table: Table, shops: Shops) -> None:
    assert load(table, shops, SOME).listings == mark_of(SOME)
    assert whole(table) == SOME
    assert ListingTables(table).of(SHOP_ID, ["MUG-RED", " TEE-BLU-M ", "unlisted", ""]).times == {
        "MUG-RED": SOME["MUG-RED"],
        "TEE-BLU-M": SOME["TEE-BLU-M"],
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(first=TABLES, second=TABLES)
def test_any_table_takes_the_place_of_any_other(
    memory_table: MemoryTable, first: Mapping[str, ListedTimes], second: Mapping[str, ListedTimes]
) -> None:
    shops = Shops(memory_table, now)
    shops.save(a_shop())
    for each in (first, second):
        load(memory_table, shops, each)
        assert whole(memory_table) == each
        assert ListingTables(memory_table).of(SHOP_ID, [*each, "no sku"]).times == each


def test_each_shop_has_its_own_table(table: Table, shops: Shops) -> None:
    shops.save(a_shop(shop=OTHER))
    load(table, shops, SOME)
    load(table, shops, {"TEE-BLU-M": ListedTimes(handling_days=9)}, OTHER)
    assert whole(table) == SOME
    assert whole(table, OTHER) == {"TEE-BLU-M": ListedTimes(handling_days=9)}
    assert load(table, shops, {}).listings is None
    assert len(whole(table, OTHER)) == 1


def test_only_the_shelves_that_change_are_written(memory_table: MemoryTable) -> None:
    shops = Shops(memory_table, now)
    shops.save(a_shop())
    table = many(1_000)
    load(memory_table, shops, table)
    before = ListingTables(memory_table).whole(SHOP_ID)
    assert listing_writes(SHOP_ID, before, table) == []
    assert len(listing_writes(SHOP_ID, before, table | {"SKU-00001X": ListedTimes(handling_days=1)})) == 1
    assert len(listing_writes(SHOP_ID, before, {})) == SHELVES


def test_digests_tell_tables_apart_and_not_the_order_of_their_rows() -> None:
    assert digest_of(SOME) == digest_of(dict(reversed(SOME.items())))
    others: list[Listings] = [SOME, {}, SOME | {"MUG-RED": ListedTimes(shipping_days=0)}, {"A": ListedTimes()}]
    assert len({digest_of(each) for each in others}) == len(others)


def test_no_query_of_the_shop_reads_its_table(table: Table, shops: Shops) -> None:
    load(table, shops, many(500))
    assert table.query(keys.shop_partition(SHOP_ID)) == []
    assert shops.active() == [SHOP_ID]
    assert (shops.unread(SHOP_ID), shops.notices(SHOP_ID), shops.last_polled(SHOP_ID)) == ({}, {}, {})


# ---- the mark beside the settings


def test_a_changed_setting_and_a_shop_connected_again_keep_the_table(table: Table, shops: Shops) -> None:
    load(table, shops, SOME)
    shops.save(a_shop(name="Another name"))
    assert shops.settings(SHOP_ID).listings == mark_of(SOME)
    changed = shops.change(SHOP_ID, lambda known: ShopSettings.model_validate(known.model_dump() | {"name": "A third"}))
    assert (changed.name, changed.listings) == ("A third", mark_of(SOME))
    assert shops.settings(SHOP_ID) == changed


def test_the_mark_is_no_part_of_what_a_seller_chooses(table: Table, shops: Shops) -> None:
    loaded = load(table, shops, SOME)
    assert "listings" not in loaded.model_dump()
    assert "listings" not in loaded.model_dump_json()


def test_a_mark_that_somebody_damaged_is_named_and_gone_when_the_shop_is_connected_again(
    table: Table, shops: Shops
) -> None:
    load(table, shops, SOME)
    item = table.get(keys.settings_key(SHOP_ID))
    assert item is not None
    table.put(Put(item=item | {"listings": "{}"}))
    with pytest.raises(RejectedError, match="which listings it has cannot be read: connect it again"):
        shops.settings(SHOP_ID)
    shops.save(a_shop())
    assert shops.settings(SHOP_ID).listings is None
    assert load(table, shops, SOME).listings == mark_of(SOME)


# ---- others at the same time, and deaths


class Meddler:
    """Somebody who writes once between a reading and its writing."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        self._meddle = meddle
        self.decided = 0

    def decide(self, table: Table, after: Listings) -> tuple[LoadedListings | None, Sequence[Write]]:
        self.decided += 1
        writes = listing_writes(SHOP_ID, ListingTables(table).whole(SHOP_ID), after)
        if self.decided == 1:
            self._meddle()
        return mark_of(after), writes


def test_of_two_people_who_load_at_once_the_later_one_s_table_is_whole(table: Table, shops: Shops) -> None:
    theirs, ours = many(300), many(200, length=14)
    meddler = Meddler(lambda: load(table, shops, theirs))
    shops.change_listings(SHOP_ID, lambda _: meddler.decide(table, ours))
    assert meddler.decided == 2
    assert whole(table) == ours
    assert shops.settings(SHOP_ID).listings == mark_of(ours)


def test_a_setting_that_is_changed_meanwhile_is_not_lost(table: Table, shops: Shops) -> None:
    meddler = Meddler(lambda: shops.save(a_shop(name="Another name")))
    shops.change_listings(SHOP_ID, lambda _: meddler.decide(table, SOME))
    settings = shops.settings(SHOP_ID)
    assert (settings.name, settings.listings) == ("Another name", mark_of(SOME))


def test_settings_that_always_change_are_left_to_another_time(table: Table, shops: Shops) -> None:
    def decide(_: ShopSettings) -> tuple[LoadedListings | None, Sequence[Write]]:
        shops.save(a_shop())
        return mark_of(SOME), listing_writes(SHOP_ID, ListingTables(table).whole(SHOP_ID), SOME)

    with pytest.raises(RetriableError, match="changed by others"):
        shops.change_listings(SHOP_ID, decide)
    assert whole(table) == {}


class FullTable(MemoryTable):
    """A table that takes no transaction."""

    def write_all(self, writes: Sequence[Write]) -> None:
        del writes
        raise RetriableError("DynamoDB TransactWriteItems: ThrottlingError")


def test_a_table_that_dynamodb_does_not_take_changes_nothing() -> None:
    table = FullTable()
    shops = Shops(table, now)
    shops.save(a_shop())
    before = dict(table.items)
    with pytest.raises(RetriableError):
        load(table, shops, SOME)
    assert table.items == before


# ---- damage and sizes

BAD_SHELVES = ["", "[]", '{"TEE": 1}', '{"TEE": [1]}', '{"TEE": ["1", 2]}', '{"TEE": [1, -2]}', '{"TEE": [true, 2]}']


@pytest.mark.parametrize("times", BAD_SHELVES)
def test_a_damaged_shelf_is_told_of_and_the_others_are_read(table: Table, shops: Shops, times: str) -> None:
    load(table, shops, SOME)
    lost = "MUG-RED"
    (shelf,) = [
        put
        for put in listing_writes(SHOP_ID, ListingTables(table).whole(SHOP_ID), without(lost))
        if isinstance(put, Put)
    ]
    table.put(Put(item=shelf.item | {"times": times}))
    found = ListingTables(table).of(SHOP_ID, SOME)
    assert found.times == without(lost)
    (number, error) = next(iter(found.damaged.items()))
    assert keys.listings_key(SHOP_ID, number) == shelf.key
    assert shelf.key.pk in str(error)
    load(table, shops, without(lost))
    assert whole(table) == without(lost)


def without(sku: str) -> dict[str, ListedTimes]:
    return {each: times for each, times in SOME.items() if each != sku}


def test_a_table_of_too_many_skus_is_refused_and_the_largest_fits_one_transaction(memory_table: MemoryTable) -> None:
    shops = Shops(memory_table, now)
    shops.save(a_shop())
    largest = many(MOST_SKUS, length=100)
    with pytest.raises(RejectedError, match="the table would have 20001 SKUs, and takes 20000"):
        load(memory_table, shops, largest | {"ONE-MORE": ListedTimes(handling_days=1)})
    assert whole(memory_table) == {}
    load(memory_table, shops, largest)
    sizes = [item_size(item) for item in memory_table.items.values()]
    # DynamoDB's limits: 400 kB for an item, 4 MB for a transaction.
    assert max(sizes) < 400_000
    assert sum(sizes) < 4_000_000
    assert whole(memory_table) == largest


def test_ten_thousand_skus_cost_one_transaction_and_a_second(
    memory_table: MemoryTable, record_property: Callable[[str, object], None]
) -> None:
    shops = Shops(memory_table, now)
    shops.save(a_shop())
    memory_table.write_units, memory_table.read_units = 0, 0.0
    memory_table.calls.clear()
    start = time.perf_counter()
    load(memory_table, shops, many(10_000))
    seconds = time.perf_counter() - start
    record_property("seconds", seconds)
    assert memory_table.calls == {"get": 1, "get_many": 1, "write_all": 1}
    assert memory_table.write_units < 800
    assert timedelta(seconds=seconds) < timedelta(seconds=5)
    memory_table.read_units = 0
    ListingTables(memory_table).of(SHOP_ID, [f"SKU-{each:05}-L" for each in range(100)])
    assert memory_table.read_units <= SHELVES


def test_a_conflict_of_the_mark_writes_no_shelf(table: Table, shops: Shops) -> None:
    load(table, shops, SOME)
    writes = listing_writes(SHOP_ID, ListingTables(table).whole(SHOP_ID), many(300))
    item = table.get(keys.settings_key(SHOP_ID))
    assert item is not None
    with pytest.raises(VersionConflictError):
        table.write_all([Put(item=item, expects=7), *writes])
    assert whole(table) == SOME
