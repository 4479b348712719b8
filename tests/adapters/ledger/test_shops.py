"""What the ledger keeps per shop: settings, cursors, leases, notices, marks of polls, and unread orders."""

from datetime import datetime, timedelta

import pytest

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.shop import ShippingMapping, ShopSettings
from order_sync.ledger.shops import Cursor, Shops
from order_sync.ledger.table import Add, Item, Key, Put, Table
from order_sync.ledger.unmapped import UnmappedParcels
from tests.adapters.ledger.test_unmapped import an_unmapped_parcel
from tests.builders import NOON, ORDER_ID, SHOP_ID, a_shop, minutes

OTHER = ShopId("42")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shops(table: Table, clock: Clock) -> Shops:
    return Shops(table, clock)


def test_settings_are_read_as_they_were_saved(shops: Shops) -> None:
    shop = a_shop(name="Ünï 🧵", extra_hold_minutes=5)
    shops.save(shop)
    assert shops.settings(SHOP_ID) == shop


def test_when_a_shop_last_stopped_observing_is_kept_beside_its_settings(shops: Shops, clock: Clock) -> None:
    def to(mode: str) -> ShopSettings:
        changed = a_shop().channeladvisor.model_copy(update={"mode": mode})
        return a_shop().model_copy(update={"channeladvisor": changed})

    shops.save(to("create"))
    shops.save(to("observe"))
    assert shops.settings(SHOP_ID).observed_until is None
    clock.time += minutes(15)
    shops.save(to("create"))
    stopped_at = clock.time
    clock.time += minutes(15)
    shops.save(to("create"))
    assert shops.settings(SHOP_ID).observed_until == stopped_at
    assert shops.settings(SHOP_ID).was_observed_at(NOON)
    assert not shops.settings(SHOP_ID).was_observed_at(clock.time)


def test_of_two_people_who_change_settings_at_once_nobody_loses_anything(shops: Shops) -> None:
    shops.save(a_shop())
    meanwhile = [lambda: shops.change(SHOP_ID, lambda shop: with_row(shop, "Second"))]

    def add_the_first(shop: ShopSettings) -> ShopSettings:
        while meanwhile:
            meanwhile.pop()()
        return with_row(shop, "First")

    assert shops.change(SHOP_ID, add_the_first) == shops.settings(SHOP_ID)
    assert [row.carrier for row in shops.settings(SHOP_ID).shipping_mappings] == ["Second", "First"]


def test_settings_that_are_replaced_while_somebody_changes_them_are_changed_as_they_are_by_then(shops: Shops) -> None:
    shops.save(a_shop())
    meanwhile = [lambda: shops.save(a_shop(name="Renamed"))]

    def add_a_row(shop: ShopSettings) -> ShopSettings:
        while meanwhile:
            meanwhile.pop()()
        return with_row(shop, "First")

    shops.change(SHOP_ID, add_a_row)
    changed = shops.settings(SHOP_ID)
    assert (changed.name, [row.carrier for row in changed.shipping_mappings]) == ("Renamed", ["First"])


def test_settings_that_always_change_are_left_to_another_time(shops: Shops) -> None:
    shops.save(a_shop())

    def lose(shop: ShopSettings) -> ShopSettings:
        shops.save(shop)
        return with_row(shop, "First")

    with pytest.raises(RetriableError, match=f"settings of shop {SHOP_ID} were changed by others"):
        shops.change(SHOP_ID, lose)
    assert shops.settings(SHOP_ID) == a_shop()


def test_settings_of_a_time_before_versions_can_be_changed_and_replaced(table: Table, shops: Shops) -> None:
    old: Item = {"pk": "SHOPS", "sk": SHOP_ID, "active": True, "starts_at": "x", "settings": a_shop().model_dump_json()}
    table.put(Put(item=old))
    shops.change(SHOP_ID, lambda shop: with_row(shop, "First"))
    assert [row.carrier for row in shops.settings(SHOP_ID).shipping_mappings] == ["First"]
    table.put(Put(item=old))
    shops.save(a_shop(name="Renamed"))
    assert shops.settings(SHOP_ID).name == "Renamed"


def test_settings_of_an_unknown_shop_cannot_be_changed(shops: Shops) -> None:
    with pytest.raises(RejectedError, match="shop 42 has no settings: connect it first"):
        shops.change(OTHER, lambda shop: shop)


def with_row(shop: ShopSettings, carrier: str) -> ShopSettings:
    row = ShippingMapping(carrier=carrier, code="ups")
    return shop.model_copy(update={"shipping_mappings": (*shop.shipping_mappings, row)})


def test_only_active_shops_trade(shops: Shops) -> None:
    assert shops.active() == []
    shops.save(a_shop())
    shops.save(a_shop(shop=OTHER, active=False))
    assert shops.active() == [SHOP_ID]
    shops.save(a_shop(shop=OTHER))
    assert sorted(shops.active()) == sorted([SHOP_ID, OTHER])


def test_a_shop_without_settings_is_refused_by_name(shops: Shops) -> None:
    with pytest.raises(RejectedError, match="shop 42 has no settings: connect it first"):
        shops.settings(OTHER)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "settings of shop 42 are not JSON"),
        (a_shop().model_dump_json().replace("America/Los_Angeles", "Nowhere"), "settings of shop 42: time_zone: "),
    ],
)
def test_bad_settings_are_refused_by_name_and_harm_only_their_own_shop(
    table: Table, shops: Shops, text: str, named: str
) -> None:
    shops.save(a_shop())
    table.put(Put(item={"pk": "SHOPS", "sk": OTHER, "active": True, "settings": text}))
    with pytest.raises(RejectedError, match=named):
        shops.settings(OTHER)
    assert set(shops.active()) == {SHOP_ID, OTHER}
    assert shops.settings(SHOP_ID) == a_shop()


def test_a_cursor_starts_empty_and_remembers_how_far_it_came(shops: Shops) -> None:
    start = shops.cursor(SHOP_ID, "orders")
    assert start == Cursor("", 0)
    moved = shops.move_cursor(SHOP_ID, "orders", start, "1000")
    assert moved == Cursor("1000", 1) == shops.cursor(SHOP_ID, "orders")
    assert shops.cursor(SHOP_ID, "cancellations") == Cursor("", 0)
    assert shops.cursor(OTHER, "orders") == Cursor("", 0)


def test_of_two_runs_that_move_a_cursor_from_one_place_only_one_does(shops: Shops) -> None:
    start = shops.cursor(SHOP_ID, "orders")
    first = shops.move_cursor(SHOP_ID, "orders", start, "2000")
    assert first is not None
    assert shops.move_cursor(SHOP_ID, "orders", start, "1000") is None
    assert shops.cursor(SHOP_ID, "orders") == Cursor("2000", 1)
    assert shops.move_cursor(SHOP_ID, "orders", first, "3000") == Cursor("3000", 2)


def test_a_lease_has_one_holder_until_it_runs_out(shops: Shops, clock: Clock) -> None:
    assert shops.take_lease(SHOP_ID, "refresh", minutes(5))
    assert not shops.take_lease(SHOP_ID, "refresh", minutes(5))
    assert shops.take_lease(SHOP_ID, "another", minutes(5))
    assert shops.take_lease(OTHER, "refresh", minutes(5))
    clock.time += minutes(5) - timedelta(milliseconds=1)
    assert not shops.take_lease(SHOP_ID, "refresh", minutes(5))
    clock.time += timedelta(milliseconds=1)
    assert shops.take_lease(SHOP_ID, "refresh", minutes(5))


def test_a_lease_that_was_given_back_can_be_taken_at_once(shops: Shops) -> None:
    lease = shops.take_lease(SHOP_ID, "refresh", minutes(5))
    assert lease is not None
    shops.give_back_lease(lease)
    assert shops.take_lease(SHOP_ID, "refresh", minutes(5))


def test_a_lease_that_ran_out_is_not_given_back_in_the_name_of_its_new_holder(shops: Shops, clock: Clock) -> None:
    late = shops.take_lease(SHOP_ID, "refresh", minutes(5))
    clock.time += minutes(5)
    assert late is not None
    assert shops.take_lease(SHOP_ID, "refresh", minutes(5))
    shops.give_back_lease(late)
    assert not shops.take_lease(SHOP_ID, "refresh", minutes(5))


def test_a_notice_stands_until_it_is_replaced(shops: Shops) -> None:
    assert shops.notice(SHOP_ID, "native_link") == ""
    shops.put_notice(SHOP_ID, "native_link", "switch it off")
    shops.put_notice(SHOP_ID, "native_link", "switch it off, please")
    assert shops.notice(SHOP_ID, "native_link") == "switch it off, please"
    assert shops.notice(OTHER, "native_link") == ""


def test_an_order_that_could_not_be_read_is_remembered_until_it_could(shops: Shops) -> None:
    shops.take_lease(SHOP_ID, "refresh", minutes(5))
    shops.put_notice(SHOP_ID, "native_link", "x")
    shops.move_cursor(SHOP_ID, "orders", Cursor("", 0), "1")
    assert shops.unread(SHOP_ID) == {}
    shops.keep_unread(SHOP_ID, ORDER_ID, "id: missing")
    shops.keep_unread(SHOP_ID, ORDER_ID, "status: missing")
    shops.keep_unread(SHOP_ID, OrderId("2"), "lines: none")
    assert shops.unread(SHOP_ID) == {ORDER_ID: "status: missing", "2": "lines: none"}
    assert shops.unread(OTHER) == {}
    shops.forget_unread(SHOP_ID, ORDER_ID)
    shops.forget_unread(SHOP_ID, ORDER_ID)
    assert shops.unread(SHOP_ID) == {"2": "lines: none"}


def test_the_last_good_poll_of_each_job_is_known(shops: Shops, clock: Clock) -> None:
    assert shops.last_polled(SHOP_ID) == {}
    shops.mark_polled(SHOP_ID, "poll_tiktok")
    clock.time += minutes(15) + timedelta(milliseconds=1)
    shops.mark_polled(SHOP_ID, "poll_oms")
    assert shops.last_polled(SHOP_ID) == {"poll_tiktok": NOON, "poll_oms": clock.time}
    clock.time += minutes(15)
    shops.mark_polled(SHOP_ID, "poll_tiktok")
    assert shops.last_polled(SHOP_ID)["poll_tiktok"] == clock.time
    assert shops.last_polled(OTHER) == {}


def test_what_is_listed_of_a_shop_holds_nothing_else_of_it(shops: Shops, clock: Clock, table: Table) -> None:
    shops.save(a_shop())
    shops.move_cursor(SHOP_ID, "orders", Cursor("", 0), "1")
    shops.take_lease(SHOP_ID, "refresh", minutes(5))
    shops.put_notice(SHOP_ID, "native_link", "switch it off")
    shops.mark_polled(SHOP_ID, "poll_tiktok")
    shops.keep_unread(SHOP_ID, ORDER_ID, "id: missing")
    table.write_all([Add(key=Key(f"SHOP#{SHOP_ID}", "DISPATCH#2026-06-01#3"), amounts={"late": 1})])
    UnmappedParcels(table).keep(SHOP_ID, an_unmapped_parcel(), NOON)
    assert shops.notices(SHOP_ID) == {"native_link": "switch it off"}
    assert shops.last_polled(SHOP_ID) == {"poll_tiktok": clock.time}
    assert shops.unread(SHOP_ID) == {ORDER_ID: "id: missing"}
