from datetime import timedelta
from decimal import Decimal

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Blank, Damage, Doubts, LineSpec, Shop, TikTokShopSimulator
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import OrderId
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import OrdersPage, TikTokShop
from tests.adapters.tiktok_shop.surroundings import NOON, Clock, Secret, a_simulator, http_to, shop_client

TEE = [LineSpec("TEE-BLU-M", "20.00")]
SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202309/orders"


def ids(page: OrdersPage) -> list[str]:
    return [reading.facts.id for reading in page.readings]


def everything(tiktok: TikTokShop, page_token: str = "") -> OrdersPage:
    return tiktok.search_orders(NOON - timedelta(hours=1), NOON + timedelta(hours=1), page_token)


def test_a_search_finds_orders_by_update_time_oldest_first(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop, clock: Clock
) -> None:
    placed = []
    for _ in range(3):
        placed.append(simulator.place_order(shop, TEE, hold=False))
        clock.pass_time(timedelta(minutes=1))
    simulator.touch(placed[0])
    assert ids(everything(tiktok)) == [placed[1], placed[2], placed[0]]


def test_a_search_leaves_out_what_is_updated_at_its_end(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop
) -> None:
    order = simulator.place_order(shop, TEE, hold=False)
    assert ids(tiktok.search_orders(NOON - timedelta(minutes=5), NOON)) == []
    assert ids(tiktok.search_orders(NOON, NOON + timedelta(seconds=1))) == [order]


def test_a_search_goes_on_over_pages_of_a_hundred_with_the_token_as_it_came(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop
) -> None:
    placed = {simulator.place_order(shop, TEE, hold=False) for _ in range(101)}
    first = everything(tiktok)
    second = everything(tiktok, first.next_page_token)
    assert (len(first.readings), len(second.readings), second.next_page_token) == (100, 1, "")
    assert {*ids(first), *ids(second)} == placed


def test_an_idle_search_is_one_request(simulator: TikTokShopSimulator, tiktok: TikTokShop) -> None:
    assert everything(tiktok) == OrdersPage(readings=())
    assert simulator.books.count() == 1


def test_details_are_read_fifty_at_a_time_and_unknown_ids_are_not_there(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop
) -> None:
    placed = [OrderId(simulator.place_order(shop, TEE, hold=False)) for _ in range(60)]
    page = tiktok.read_orders([*placed, OrderId("576000000000000000"), placed[0]])
    assert ids(page) == placed
    assert simulator.books.count(DETAIL) == 2


def test_no_ids_are_no_request(simulator: TikTokShopSimulator, tiktok: TikTokShop) -> None:
    assert tiktok.read_orders([]) == OrdersPage(readings=())
    assert simulator.books.count() == 0


def test_an_order_is_read_through_its_life(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop, clock: Clock
) -> None:
    order = OrderId(simulator.place_order(shop, TEE))
    held = tiktok.read_orders([order]).readings[0].facts
    assert (held.status_text, held.recipient, held.lines[0].shipped) == ("ON_HOLD", "", False)
    clock.pass_time(timedelta(hours=1))
    ready = tiktok.read_orders([order]).readings[0].facts
    assert (ready.status_text, len(ready.recipient)) == ("AWAITING_SHIPMENT", 16)
    package = simulator.ship_in_seller_center(order, "9400100000000000000001", "USPS")
    shipped = tiktok.read_orders([order]).readings[0].facts
    line = shipped.lines[0]
    assert (line.shipped, line.package_id, line.tracking_number, line.carrier) == (
        True,
        package,
        "9400100000000000000001",
        "USPS",
    )
    clock.pass_time(timedelta(hours=3))
    simulator.collect(order)
    moving = tiktok.read_orders([order]).readings[0].facts
    assert (moving.status_text, moving.delivered_at) == ("IN_TRANSIT", None)
    assert moving.collected_at == clock.now.replace(microsecond=0)
    simulator.deliver(order)
    assert tiktok.read_orders([order]).readings[0].facts.delivered_at == clock.now.replace(microsecond=0)


def test_what_tiktok_leaves_out_and_what_it_sends_empty_read_the_same(clock: Clock) -> None:
    seen = []
    for blank in Blank:
        simulator = a_simulator(clock, Doubts(tracking_before_shipping=blank, withheld_address=blank))
        shop = simulator.open_shop("US", "Demo US")
        simulator.place_order(shop, TEE)
        with http_to(simulator, clock) as http:
            tiktok = shop_client(http, shop, Secret(simulator.authorize(shop)), clock)
            facts = everything(tiktok).readings[0].facts
        assert (facts.recipient, facts.lines[0].tracking_number) == ("", "")
        seen.append(facts)
    assert seen[0] == seen[1]


def test_a_changed_address_changes_the_fingerprint(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    before = tiktok.read_orders([ready_order]).readings[0].facts.recipient
    assert tiktok.read_orders([ready_order]).readings[0].facts.recipient == before
    simulator.change_address(ready_order)
    assert tiktok.read_orders([ready_order]).readings[0].facts.recipient != before


def test_a_purchase_has_its_buyer_and_money_that_adds_up(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    reading = tiktok.read_orders([ready_order]).readings[0]
    purchase = reading.purchase()
    assert purchase.recipient is not None
    assert {purchase.recipient.name, purchase.recipient.phone, purchase.recipient.email} <= simulator.buyer_data()
    assert purchase.recipient.state in {"CA", "TX", "NY"}
    money = purchase.money
    assert sum(line.paid for line in purchase.lines) == money.sub_total == Decimal("55.00")
    assert sum(line.tax for line in purchase.lines) + money.shipping_tax == money.tax
    assert money.total == money.sub_total + money.shipping + money.tax
    assert not [part for part in simulator.buyer_data() if part in f"{reading!r}{purchase!r}"]


def test_a_uk_purchase_has_the_post_town(simulator: TikTokShopSimulator, http: PartnerHttp, clock: Clock) -> None:
    shop = simulator.open_shop("GB", "Demo UK")
    tiktok = shop_client(http, shop, Secret(simulator.authorize(shop)), clock)
    order = OrderId(simulator.place_order(shop, TEE, hold=False))
    recipient = tiktok.read_orders([order]).readings[0].purchase().recipient
    assert recipient is not None
    assert recipient.city in {"STOCKPORT", "DALKEITH"}
    assert recipient.country == "GB"


@pytest.mark.parametrize(
    ("damage", "path"),
    [
        (Damage.MISSING_ID, "id: "),
        (Damage.WRONG_TYPE, "update_time: "),
        (Damage.NO_LINE_ITEMS, "line_items: "),
        (Damage.EMPTY_LINE_ITEMS, "line_items: "),
    ],
)
def test_a_broken_order_is_named_and_the_others_are_read(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop, damage: Damage, path: str
) -> None:
    broken, sound = (simulator.place_order(shop, TEE, hold=False) for _ in range(2))
    simulator.corrupt(broken, damage)
    page = everything(tiktok)
    assert ids(page) == [sound]
    assert page.unreadable[0].order_id == ("" if damage is Damage.MISSING_ID else broken)
    assert page.unreadable[0].problem.startswith(path)


def test_bad_money_is_found_when_the_order_is_handed_over(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.corrupt(ready_order, Damage.BAD_MONEY)
    reading = everything(tiktok).readings[0]
    with pytest.raises(RejectedError, match=rf"order {ready_order} .*payment\.total_amount"):
        reading.purchase()


def test_unknown_values_are_kept_and_counted(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.corrupt(ready_order, Damage.UNKNOWN_ENUMS)
    page = everything(tiktok)
    assert page.readings[0].facts.status_text == "SOMETHING_NEW"
    assert "order status SOMETHING_NEW" in page.unknown
    assert "fulfillment type SOMETHING_NEW" in page.unknown


@pytest.mark.parametrize("fault", list(Fault))
def test_a_read_survives_two_faults(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, SEARCH, times=2)
    assert ids(everything(tiktok)) == [ready_order]
    assert simulator.books.count(SEARCH) == 3


@pytest.mark.parametrize("fault", list(Fault))
def test_an_outage_ends_a_read_as_retriable_after_five_tries(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, fault: Fault
) -> None:
    simulator.faults.add(fault, SEARCH, times=None)
    with pytest.raises(RetriableError, match="TikTok Shop: search orders: ") as caught:
        everything(tiktok)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert simulator.faults.happened[fault] == 5


def test_a_limit_is_waited_out_as_long_as_tiktok_asks(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, clock: Clock
) -> None:
    simulator.faults.add(Fault.RATE_LIMITED, SEARCH, retry_after=17)
    everything(tiktok)
    assert clock.now >= NOON + timedelta(seconds=17)


def test_the_limit_per_shop_is_kept_by_the_pace(simulator: TikTokShopSimulator, tiktok: TikTokShop, shop: Shop) -> None:
    for _ in range(12):
        everything(tiktok)
    assert simulator.books.max_per_second_of(shop.id) <= 4
    assert {request.code for request in simulator.books.requests} == {0}


@pytest.mark.parametrize("code", [36009003, 10037004])
def test_a_failure_inside_tiktok_with_http_200_repeats_a_read(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, code: int
) -> None:
    simulator.refuse_next(DETAIL, code)
    assert ids(tiktok.read_orders([ready_order])) == [ready_order]


def test_a_refused_read_says_operation_code_and_request(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.refuse_next(DETAIL, 21008111)
    with pytest.raises(RejectedError, match=r"read orders: .*HTTP 200, code 21008111, request 2026\w+\)"):
        tiktok.read_orders([ready_order])


def test_shipping_providers_are_those_of_the_option_as_they_are_now(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop
) -> None:
    option = shop.option(shipped_by_tiktok=False)
    before = {(provider.id, provider.name) for provider in tiktok.shipping_providers(option.id)}
    simulator.withdraw_provider(shop, option, "USPS")
    after = {(provider.id, provider.name) for provider in tiktok.shipping_providers(option.id)}
    assert before - after == {(simulator.provider_id("US", "USPS"), "USPS")}
    assert simulator.books.count() == 2
