"""The shipping providers of delivery options: one list each, apart from everything else of the shop."""

import pytest

from order_sync.domain.ids import ShopId
from order_sync.ledger import keys
from order_sync.ledger.ledger import DamagedItemError
from order_sync.ledger.provider_lists import ProviderList, ProviderLists
from order_sync.ledger.shops import Shops
from order_sync.ledger.table import Put, Scalar, Table
from tests.builders import NOON, ORDER_ID, SHOP_ID, minutes

OPTION = "7091146663229654785"
FOUND = ProviderList(
    read_at=NOON,
    names=(("7117858858072016686", "USPS"), ("7117859084333745966", 'Ünï "Post" \\ 24')),
    missing=("ups", "dhl us"),
)


@pytest.fixture
def lists(table: Table) -> ProviderLists:
    return ProviderLists(table)


def test_a_list_is_read_as_it_was_saved(lists: ProviderLists) -> None:
    assert lists.load(SHOP_ID, OPTION) is None
    lists.save(SHOP_ID, OPTION, FOUND)
    assert lists.load(SHOP_ID, OPTION) == FOUND


def test_a_newer_reading_replaces_the_list(lists: ProviderLists) -> None:
    lists.save(SHOP_ID, OPTION, FOUND)
    empty = ProviderList(read_at=NOON + minutes(1), names=(), missing=())
    lists.save(SHOP_ID, OPTION, empty)
    assert lists.load(SHOP_ID, OPTION) == empty


def test_options_and_shops_have_lists_of_their_own(lists: ProviderLists) -> None:
    lists.save(SHOP_ID, OPTION, FOUND)
    assert lists.load(SHOP_ID, OPTION[:-1]) is None
    assert lists.load(ShopId("42"), OPTION) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("read_at", "yesterday"),
        ("read_at", 10**17),
        ("names", "["),
        ("names", "3"),
        ("names", '["USPS"]'),
        ("names", '[["1","USPS","x"]]'),
        ("names", '[[1,"USPS"]]'),
        ("missing", "null"),
        ("missing", "[3]"),
    ],
)
def test_a_list_that_somebody_has_damaged_says_where_it_lies(
    table: Table, lists: ProviderLists, name: str, value: Scalar
) -> None:
    lists.save(SHOP_ID, OPTION, FOUND)
    item = table.get(keys.providers_key(SHOP_ID, OPTION))
    assert item
    table.put(Put(item=item | {name: value}))
    with pytest.raises(DamagedItemError, match=f"SHOP#{SHOP_ID} PROVIDERS#{OPTION} is damaged"):
        lists.load(SHOP_ID, OPTION)


def test_a_list_is_no_notice_no_mark_of_a_poll_and_no_unread_order(table: Table, lists: ProviderLists) -> None:
    shops = Shops(table, lambda: NOON)
    lists.save(SHOP_ID, OPTION, FOUND)
    assert (shops.notices(SHOP_ID), shops.last_polled(SHOP_ID), shops.unread(SHOP_ID)) == ({}, {}, {})
    shops.put_notice(SHOP_ID, "native_link", "x")
    shops.mark_polled(SHOP_ID, "poll_tiktok")
    shops.keep_unread(SHOP_ID, ORDER_ID, "id: missing")
    assert shops.notices(SHOP_ID) == {"native_link": "x"}
    assert shops.last_polled(SHOP_ID) == {"poll_tiktok": NOON}
    assert shops.unread(SHOP_ID) == {ORDER_ID: "id: missing"}
