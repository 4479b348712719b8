from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Doubts, LineSpec, Shop, TikTokShopSimulator
from local.tracking_numbers import ups, usps
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError, SkippableError
from order_sync.domain.ids import OrderId
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import HeldBackError
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, a_simulator, http_to, shop_client

UPDATE = "/shipping_info/update"
TEE = [LineSpec("TEE-BLU-M", "20.00")]
REMEDY = "once, within 72 hours of shipping.*Seller Center.*ticket with TikTok Shop within 30 days of shipping"
DOUBTFUL = [
    Fault.SERVER_ERROR,
    Fault.UNAVAILABLE,
    Fault.HTML,
    Fault.TRUNCATED_JSON,
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
]


@pytest.fixture
def package(simulator: TikTokShopSimulator, ready_order: OrderId) -> str:
    return simulator.ship_in_seller_center(ready_order, ups(1), "UPS")


def correct(tiktok: TikTokShop, simulator: TikTokShopSimulator, package: str, number: int = 2) -> None:
    tiktok.correct(package, tracking_number=usps(number), provider_id=simulator.provider_id("US", "USPS"))


def labels(tiktok: TikTokShop, order: OrderId) -> set[tuple[str, str]]:
    facts = tiktok.read_orders([order]).readings[0].facts
    return {(line.tracking_number, line.carrier) for line in facts.lines}


def test_a_parcel_gets_another_label(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, package: str
) -> None:
    correct(tiktok, simulator, package)
    assert labels(tiktok, ready_order) == {(usps(2), "USPS")}
    (update,) = simulator.books.tracking_updates
    assert (update.package_id, update.tracking_number, update.by) == (package, usps(2), "api")


def test_a_second_change_is_rejected_with_what_a_person_can_do(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, package: str
) -> None:
    correct(tiktok, simulator, package)
    with pytest.raises(RejectedError, match=f"correct parcel: .*changed before.*{REMEDY}.*code 21011051"):
        correct(tiktok, simulator, package, 3)
    assert labels(tiktok, ready_order) == {(usps(2), "USPS")}


def test_a_change_in_seller_center_counts_as_well(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, package: str
) -> None:
    simulator.change_tracking_in_seller_center(package, usps(2), "USPS")
    with pytest.raises(RejectedError, match="21011051"):
        correct(tiktok, simulator, package, 3)


def test_a_label_can_be_changed_until_72_hours_are_over(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, shop: Shop, clock: Clock
) -> None:
    first, second = (
        simulator.ship_in_seller_center(simulator.place_order(shop, TEE, hold=False), ups(number), "UPS")
        for number in (1, 2)
    )
    clock.pass_time(timedelta(hours=71, minutes=59))
    correct(tiktok, simulator, first)
    clock.pass_time(timedelta(minutes=2))
    with pytest.raises(RejectedError, match=f"time .* is over.*{REMEDY}.*code 21011050"):
        correct(tiktok, simulator, second, 3)


def test_a_delivered_parcel_keeps_its_label(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, package: str
) -> None:
    simulator.collect(ready_order)
    simulator.deliver(ready_order)
    with pytest.raises(RejectedError, match=f"delivered.*{REMEDY}.*code 21011030"):
        correct(tiktok, simulator, package)


def test_a_rule_of_tiktok_s_is_named_as_one(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, package: str
) -> None:
    simulator.forbid_tracking_changes(ready_order)
    with pytest.raises(RejectedError, match=f"rule.*{REMEDY}.*code 21011049"):
        correct(tiktok, simulator, package)


def test_a_limited_number_of_changes_is_told_as_one(clock: Clock) -> None:
    simulator = a_simulator(clock, Doubts(tracking_changes=2, too_many_changes_code=21011052))
    shop = simulator.open_shop("US", "Demo US")
    package = simulator.ship_in_seller_center(simulator.place_order(shop, TEE, hold=False), ups(1), "UPS")
    with http_to(simulator, clock) as http:
        tiktok = shop_client(http, shop, Secret(simulator.authorize(shop)), clock)
        correct(tiktok, simulator, package, 2)
        correct(tiktok, simulator, package, 3)
        with pytest.raises(RejectedError, match=f"{REMEDY}.*code 21011052"):
            correct(tiktok, simulator, package, 4)


def test_what_has_not_shipped_is_rejected(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    waiting, _ = simulator.split_in_seller_center(ready_order, [[one], rest])
    with pytest.raises(RejectedError, match=r"not shipped yet.*code 21011043"):
        correct(tiktok, simulator, waiting)


def test_a_parcel_of_a_cancelled_order_is_passed_over(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, package: str
) -> None:
    simulator.cancel_by_seller(ready_order)
    with pytest.raises(SkippableError, match="cancelled"):
        correct(tiktok, simulator, package)


def test_a_parcel_of_a_returned_order_is_passed_over(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, package: str
) -> None:
    simulator.refuse_next(UPDATE, 25001010)
    with pytest.raises(SkippableError, match="returned or cancelled"):
        correct(tiktok, simulator, package)


def test_an_open_request_keeps_a_correction_back(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, package: str
) -> None:
    simulator.refuse_next(UPDATE, 21011007)
    with pytest.raises(HeldBackError, match="after-sale request"):
        correct(tiktok, simulator, package)
    correct(tiktok, simulator, package)


@pytest.mark.parametrize(("tracking_number", "code"), [("with space", "21004012"), ("1", "21011022")])
def test_a_bad_tracking_number_is_rejected(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, package: str, tracking_number: str, code: str
) -> None:
    with pytest.raises(RejectedError, match=code):
        tiktok.correct(package, tracking_number=tracking_number, provider_id=simulator.provider_id("US", "USPS"))


def test_a_number_of_another_recipient_is_rejected_and_the_same_recipient_s_is_taken(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, shop: Shop, package: str
) -> None:
    buyer = simulator.new_buyer(shop)
    one, other = (simulator.place_order(shop, TEE, hold=False, buyer=buyer) for _ in range(2))
    simulator.ship_in_seller_center(one, usps(2), "USPS")
    theirs = simulator.ship_in_seller_center(other, usps(3), "USPS")
    with pytest.raises(RejectedError, match=r"used too often.*21034012"):
        correct(tiktok, simulator, package, 2)
    correct(tiktok, simulator, theirs, 2)
    assert labels(tiktok, OrderId(other)) == labels(tiktok, OrderId(one))


def test_a_parcel_whose_package_is_not_known_is_not_sent(simulator: TikTokShopSimulator, tiktok: TikTokShop) -> None:
    with pytest.raises(RejectedError, match="not known"):
        correct(tiktok, simulator, "")
    assert simulator.books.count() == 0


def test_a_package_of_another_shop_is_rejected(
    simulator: TikTokShopSimulator, http: PartnerHttp, package: str, clock: Clock
) -> None:
    other = simulator.open_shop("US", "Other US")
    with pytest.raises(RejectedError, match=r"not this shop's.*21011028"):
        correct(shop_client(http, other, Secret(simulator.authorize(other)), clock), simulator, package)


@pytest.mark.parametrize("fault", DOUBTFUL)
def test_a_correction_whose_answer_is_lost_or_garbled_is_in_doubt_and_not_sent_again(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId, package: str, fault: Fault
) -> None:
    simulator.faults.add(fault, UPDATE)
    with pytest.raises(OutcomeUnknownError):
        correct(tiktok, simulator, package)
    assert simulator.books.count() == 1
    took_effect = fault in {Fault.LOST_AFTER, Fault.TRUNCATED_JSON}
    assert labels(tiktok, ready_order) == {(usps(2), "USPS") if took_effect else (ups(1), "UPS")}


def test_a_failure_inside_tiktok_leaves_a_correction_in_doubt(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, package: str
) -> None:
    simulator.refuse_next(UPDATE, 36009003)
    with pytest.raises(OutcomeUnknownError):
        correct(tiktok, simulator, package)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_correction_that_did_not_arrive_can_be_sent_later(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, package: str, fault: Fault
) -> None:
    simulator.faults.add(fault, UPDATE)
    with pytest.raises(RetriableError) as caught:
        correct(tiktok, simulator, package)
    assert not isinstance(caught.value, OutcomeUnknownError)
    correct(tiktok, simulator, package)
    assert len(simulator.books.tracking_updates) == 1
