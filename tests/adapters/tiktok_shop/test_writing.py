import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import LineSpec, Shop, TikTokShopSimulator
from order_sync.domain.errors import (
    AlreadyDoneError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
)
from order_sync.domain.ids import LineId, OrderId
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import Platform, ShippedPackage, TikTokShop
from order_sync.partners.tiktok_shop.codes import HeldBackError
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, shop_client

TRACKING = "9400100000000000000001"
SHIP = "/packages"
REFERENCES = "/external_orders"
DOUBTFUL = [
    Fault.SERVER_ERROR,
    Fault.UNAVAILABLE,
    Fault.HTML,
    Fault.TRUNCATED_JSON,
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
]


def lines_of(simulator: TikTokShopSimulator, order: OrderId) -> list[LineId]:
    return [LineId(line) for line in simulator.line_ids(order)]


def ship(tiktok: TikTokShop, simulator: TikTokShopSimulator, order: OrderId, *chosen: LineId) -> ShippedPackage:
    return tiktok.ship(
        order,
        tracking_number=TRACKING,
        provider_id=simulator.provider_id("US", "USPS"),
        line_ids=chosen or lines_of(simulator, order),
    )


def test_each_parcel_is_shipped_with_its_lines(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    first, second, third = lines_of(simulator, ready_order)
    one = ship(tiktok, simulator, ready_order, first, third)
    assert simulator.status(ready_order) == "PARTIALLY_SHIPPING"
    other = tiktok.ship(
        ready_order,
        tracking_number="1Z999AA10123456784",
        provider_id=simulator.provider_id("US", "UPS"),
        line_ids=[second],
    )
    assert simulator.status(ready_order) == "AWAITING_COLLECTION"
    assert [(parcel.package_id, parcel.line_ids) for parcel in simulator.books.shipments] == [
        (one.package_id, (first, third)),
        (other.package_id, (second,)),
    ]


def test_a_doubt_about_a_tracking_number_is_handed_on(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.warn_next_shipment("Did you mean to select UPS?")
    assert ship(tiktok, simulator, ready_order).warning == "Did you mean to select UPS?"


def test_a_parcel_without_lines_is_not_sent(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    with pytest.raises(RejectedError, match="no lines"):
        tiktok.ship(ready_order, tracking_number=TRACKING, provider_id="1", line_ids=[])
    assert simulator.books.count() == 0


def test_what_is_shipped_already_is_done(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    ship(tiktok, simulator, ready_order)
    with pytest.raises(AlreadyDoneError, match="already shipped"):
        ship(tiktok, simulator, ready_order)


def test_an_order_on_hold_is_kept_back(simulator: TikTokShopSimulator, tiktok: TikTokShop, shop: Shop) -> None:
    order = OrderId(simulator.place_order(shop, [LineSpec("TEE", "20.00")]))
    with pytest.raises(HeldBackError, match=r"on hold.*code 21011044"):
        ship(tiktok, simulator, order)


def test_an_open_cancel_request_keeps_a_uk_parcel_back(
    simulator: TikTokShopSimulator, http: PartnerHttp, clock: Clock
) -> None:
    shop = simulator.open_shop("GB", "Demo UK")
    tiktok = shop_client(http, shop, Secret(simulator.authorize(shop)), clock)
    order = OrderId(simulator.place_order(shop, [LineSpec("TEE", "20.00")], hold=False))
    simulator.request_cancel(order)
    provider = simulator.provider_id("GB", "Royal Mail")
    with pytest.raises(HeldBackError, match="after-sale request"):
        tiktok.ship(order, tracking_number=TRACKING, provider_id=provider, line_ids=lines_of(simulator, order))


def test_a_cancelled_order_is_passed_over(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.cancel_by_seller(ready_order)
    with pytest.raises(SkippableError, match="cancelled"):
        ship(tiktok, simulator, ready_order)


@pytest.mark.parametrize(("tracking_number", "words"), [("with space", "21004012"), ("1", "21011022")])
def test_a_bad_tracking_number_is_rejected(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, tracking_number: str, words: str
) -> None:
    with pytest.raises(RejectedError, match=words):
        tiktok.ship(
            ready_order,
            tracking_number=tracking_number,
            provider_id=simulator.provider_id("US", "USPS"),
            line_ids=lines_of(simulator, ready_order),
        )


@pytest.mark.parametrize("fault", DOUBTFUL)
def test_a_parcel_whose_answer_is_lost_or_garbled_is_in_doubt_and_not_sent_again(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, SHIP)
    with pytest.raises(OutcomeUnknownError):
        ship(tiktok, simulator, ready_order)
    assert simulator.books.count() == 1
    took_effect = fault in {Fault.LOST_AFTER, Fault.TRUNCATED_JSON}
    facts = tiktok.read_orders([ready_order]).readings[0].facts
    assert all(line.shipped for line in facts.lines) is took_effect


def test_a_failure_inside_tiktok_leaves_a_parcel_in_doubt(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.refuse_next(SHIP, 21001008)
    with pytest.raises(OutcomeUnknownError):
        ship(tiktok, simulator, ready_order)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_parcel_that_did_not_arrive_can_be_sent_later(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, SHIP)
    with pytest.raises(RetriableError) as caught:
        ship(tiktok, simulator, ready_order)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert simulator.books.count() == 1
    assert ship(tiktok, simulator, ready_order).package_id


def test_references_are_set_for_both_platforms_in_one_request_and_can_be_replaced(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    lines = lines_of(simulator, ready_order)
    numbers = {Platform.CHANNEL_ADVISOR: "4711", Platform.ORDER_MANAGEMENT_SYSTEM: "SO-1"}
    tiktok.set_references(ready_order, numbers, lines)
    assert simulator.books.count() == 1
    tiktok.set_references(ready_order, {Platform.ORDER_MANAGEMENT_SYSTEM: "SO-2"}, lines)
    assert simulator.books.references_of(ready_order) == {
        "CHANNEL_ADVISOR": "4711",
        "ORDER_MANAGEMENT_SYSTEM": "SO-2",
    }


def test_no_references_are_no_request(simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId) -> None:
    tiktok.set_references(ready_order, {}, lines_of(simulator, ready_order))
    assert simulator.books.count() == 0


def test_more_lines_than_tiktok_takes_do_not_stop_a_reference(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, shop: Shop
) -> None:
    order = OrderId(simulator.place_order(shop, [LineSpec("TEE", "1.00", 101)], hold=False))
    tiktok.set_references(order, {Platform.CHANNEL_ADVISOR: "4711"}, lines_of(simulator, order))
    assert simulator.books.references_of(order) == {"CHANNEL_ADVISOR": "4711"}


def test_a_reference_that_is_refused_inside_a_good_answer_is_an_error(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    with pytest.raises(RejectedError, match="order 576000000000000000: no such order, code 36020001"):
        tiktok.set_references(
            OrderId("576000000000000000"),
            {Platform.CHANNEL_ADVISOR: "4711"},
            lines_of(simulator, ready_order),
        )


@pytest.mark.parametrize("fault", DOUBTFUL)
def test_a_reference_without_an_answer_is_in_doubt(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, REFERENCES)
    with pytest.raises(OutcomeUnknownError):
        tiktok.set_references(ready_order, {Platform.CHANNEL_ADVISOR: "4711"}, lines_of(simulator, ready_order))
    assert simulator.books.count() == 1
