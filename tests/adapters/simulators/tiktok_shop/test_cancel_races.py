"""A parcel, a request and its answer meet: whatever comes first wins, and everybody reads the same."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local.simulators.serving import serve
from local.simulators.tiktok_shop import CancelStatus, Doubts, LineSpec, Outcome, Status, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.cancel_caller import (
    PACKED_UK,
    approve,
    cancel_code,
    decisions,
    in_doubt,
    reject,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
UK_NUMBER = "AB123456789GB"


def ship_in_uk(caller: Caller, order_id: str, **body: object) -> int:
    royal_mail = TikTokShopSimulator.provider_id("GB", "Royal Mail")
    return caller.ship_code(order_id, shipping_provider_id=royal_mail, tracking_number=UK_NUMBER, **body)


def test_in_the_us_the_parcel_rejects_the_request(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    cancel_id = simulator.request_cancel(ready_order)
    clock.pass_time(hours=1)
    assert caller.ship_code(ready_order) == 0
    found = shown(caller, cancel_id)
    assert (found["cancel_status"], found["update_time"]) == ("CANCELLATION_REQUEST_CANCELLED", clock.seconds)
    assert simulator.cancellation(cancel_id).outcome is Outcome.REJECTED_BY_SHIPMENT
    assert approve(caller, cancel_id) == 25020009
    clock.pass_time(hours=24)
    assert simulator.status(ready_order) is Status.AWAITING_COLLECTION


def test_a_parcel_that_is_refused_rejects_nothing(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    cancel_id = simulator.request_cancel(ready_order)
    assert caller.ship_code(ready_order, tracking_number="1") == 21011022
    assert simulator.cancellation(cancel_id).status is CancelStatus.PENDING


@pytest.mark.parametrize("by_hand", [True, False])
def test_in_the_us_a_parcel_with_a_part_rejects_the_whole_request(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, *, by_hand: bool
) -> None:
    first, second, _ = simulator.line_ids(ready_order)
    cancel_id = simulator.request_cancel(ready_order, [first])
    if by_hand:
        simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [second])
    else:
        assert caller.ship_code(ready_order, order_line_item_ids=[second]) == 0
    assert simulator.cancellation(cancel_id).outcome is Outcome.REJECTED_BY_SHIPMENT


def test_whether_other_lines_meet_the_request_is_a_doubt(clock: Clock) -> None:
    with in_doubt(clock, Doubts(request_meets_other_lines=False)) as (simulator, caller):
        order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00", 3)], hold=False)
        asked, other, third = simulator.line_ids(order_id)
        cancel_id = simulator.request_cancel(order_id, [asked])
        assert caller.ship_code(order_id, order_line_item_ids=[other]) == 0
        assert simulator.cancellation(cancel_id).status is CancelStatus.PENDING
        assert caller.ship_code(order_id, order_line_item_ids=[asked], tracking_number="OTHER-1") == 0
        assert simulator.cancellation(cancel_id).outcome is Outcome.REJECTED_BY_SHIPMENT
        again = simulator.request_cancel(order_id, [third])
        assert approve(caller, again) == 0
        assert simulator.status(order_id) is Status.AWAITING_COLLECTION


def test_elsewhere_the_request_keeps_the_parcel_back_until_it_is_rejected(
    simulator: TikTokShopSimulator, uk_caller: Caller
) -> None:
    order_id = simulator.place_order(uk_caller.shop, TEE, hold=False)
    cancel_id = simulator.request_cancel(order_id)
    assert ship_in_uk(uk_caller, order_id) == 21011007
    assert simulator.cancellation(cancel_id).status is CancelStatus.PENDING
    assert reject(uk_caller, cancel_id, PACKED_UK, "k1") == 0
    assert ship_in_uk(uk_caller, order_id) == 0
    assert simulator.cancellation(cancel_id).outcome is Outcome.REJECTED
    assert simulator.status(order_id) is Status.AWAITING_COLLECTION


def test_the_other_code_for_a_kept_back_parcel_is_a_doubt(clock: Clock) -> None:
    doubts = Doubts(pending_request_code=21008044, request_meets_other_lines=False)
    with in_doubt(clock, doubts, "GB") as (simulator, caller):
        order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00", 2)], hold=False)
        asked, other = simulator.line_ids(order_id)
        simulator.request_cancel(order_id, [asked])
        assert ship_in_uk(caller, order_id, order_line_item_ids=[asked]) == 21008044
        assert ship_in_uk(caller, order_id, order_line_item_ids=[other]) == 0


def test_approved_before_the_parcel_nothing_ships(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    assert approve(caller, simulator.request_cancel(ready_order)) == 0
    assert caller.ship_code(ready_order) == 21011041
    assert simulator.books.shipments_of(ready_order) == []


def test_an_automatic_approval_comes_before_a_parcel_that_comes_at_its_time(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    simulator.request_cancel(ready_order)
    clock.pass_time(hours=24)
    assert caller.ship_code(ready_order) == 21011041


def test_where_the_request_stays_open_after_shipping_it_may_still_be_granted(clock: Clock) -> None:
    with in_doubt(clock, Doubts(us_shipment_rejects_request=False)) as (simulator, caller):
        granted, waiting, gone = (simulator.place_order(caller.shop, TEE, hold=False) for _ in range(3))
        requests = {}
        for number, order_id in enumerate((granted, waiting, gone)):
            requests[order_id] = simulator.request_cancel(order_id)
            assert caller.ship_code(order_id, tracking_number=f"PARCEL-{number}") == 0
            assert simulator.cancellation(requests[order_id]).status is CancelStatus.PENDING
        simulator.collect(gone)
        assert approve(caller, requests[granted]) == 0
        assert caller.order(granted)["line_items"][0]["package_status"] == "CANCELLED"
        assert approve(caller, requests[gone]) == 25001045
        assert decisions(caller, requests[gone])["APPROVE_REQUEST_CANCEL"]["ineligible_code"] == 25001045
        clock.pass_time(hours=24)
        outcomes = {order_id: simulator.cancellation(id_).outcome for order_id, id_ in requests.items()}
        assert outcomes == {
            granted: Outcome.APPROVED,
            waiting: Outcome.APPROVED_AUTOMATICALLY,
            gone: Outcome.LAPSED,
        }
        assert simulator.status(waiting) is Status.CANCELLED
        assert simulator.status(gone) is Status.IN_TRANSIT


def test_the_seller_s_cancel_in_seller_center_overtakes_the_request(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    asked = simulator.request_cancel(ready_order)
    simulator.cancel_by_seller(ready_order)
    assert simulator.cancellation(asked).outcome is Outcome.OVERTAKEN
    assert approve(caller, asked) == 25020009
    assert caller.order(ready_order)["cancellation_initiator"] == "SELLER"


@pytest.mark.enable_socket
def test_over_sockets_a_parcel_an_approval_and_the_seller_s_cancel_have_one_winner(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    orders = [simulator.place_order(caller.shop, TEE, hold=False) for _ in range(8)]
    requests = {order_id: simulator.request_cancel(order_id) for order_id in orders}
    with serve(simulator) as server, httpx.Client(base_url=server.url, timeout=10) as client:
        caller.client = client
        with ThreadPoolExecutor(6) as pool:
            codes = {
                order_id: (
                    pool.submit(caller.ship_code, order_id, tracking_number=f"PARCEL-{number}"),
                    pool.submit(approve, caller, requests[order_id], f"k{number}"),
                    pool.submit(cancel_code, caller, order_id),
                )
                for number, order_id in enumerate(orders)
            }
        for order_id, (shipped, approved, cancelled) in codes.items():
            parcels = simulator.books.shipments_of(order_id)
            outcome = simulator.cancellation(requests[order_id]).outcome
            if shipped.result() == 0:
                assert (outcome, approved.result(), len(parcels)) == (Outcome.REJECTED_BY_SHIPMENT, 25020009, 1)
                # A shipped order that nobody has collected is still the US seller's to cancel.
                assert cancelled.result() in {0, 25001011}
            else:
                assert (outcome, approved.result(), shipped.result()) == (Outcome.APPROVED, 0, 21011041)
                assert (cancelled.result(), parcels) == (25001011, [])
    assert len(simulator.books.request_ends) == len(orders)
