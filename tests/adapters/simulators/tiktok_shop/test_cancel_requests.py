"""A buyer's request from asking to the refund, without the API's answers to it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from local.simulators.tiktok_shop import (
    CancelStatus,
    CancelType,
    Doubts,
    IllegalStepError,
    LineSpec,
    Outcome,
    RefusalError,
    Role,
    Shop,
    Status,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.cancel_caller import PACKED_US, shown
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
DAY = timedelta(hours=24)


def test_a_request_waits_for_24_hours_and_is_then_approved_and_refunded(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    asked_at = clock.now
    cancel_id = simulator.request_cancel(ready_order)
    asked = simulator.cancellation(cancel_id)
    assert (asked.type, asked.status, asked.role) == (CancelType.BUYER_CANCEL, CancelStatus.PENDING, Role.BUYER)
    assert (asked.created_at, asked.respond_by, asked.outcome) == (asked_at, asked_at + DAY, None)
    clock.pass_time(hours=24, seconds=-1)
    assert simulator.cancellation(cancel_id).status is CancelStatus.PENDING
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT
    clock.pass_time(minutes=10, seconds=1)
    granted = simulator.cancellation(cancel_id)
    assert (granted.status, granted.outcome) == (CancelStatus.SUCCESS, Outcome.APPROVED_AUTOMATICALLY)
    assert granted.updated_at == asked_at + DAY
    order = caller.order(ready_order)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "BUYER")
    assert (order["is_buyer_request_cancel"], order["cancel_reason"]) == (False, "No longer needed")
    assert order["cancel_time"] == order["update_time"] == int((asked_at + DAY).timestamp())
    (end,) = simulator.books.automatic_approvals
    assert (end.at, end.cancel_id, end.order_id) == (asked_at + DAY, cancel_id, ready_order)
    clock.pass_time(minutes=20)
    done = simulator.cancellation(cancel_id)
    assert (done.status, done.updated_at) == (CancelStatus.COMPLETE, asked_at + DAY + timedelta(minutes=30))
    assert caller.order(ready_order)["update_time"] == order["update_time"]


@pytest.mark.parametrize("hours", [1, 3, 5])
def test_a_us_seller_may_opt_into_an_earlier_approval(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str, hours: int
) -> None:
    simulator.set_automatic_approval(caller.shop, hours)
    cancel_id = simulator.request_cancel(ready_order)
    (action,) = shown(caller, cancel_id)["seller_next_action_response"]
    assert action == {"action": "SELLER_RESPOND_CANCEL", "deadline": clock.seconds + hours * 3600}
    clock.pass_time(hours=hours)
    assert simulator.cancellation(cancel_id).outcome is Outcome.APPROVED_AUTOMATICALLY


def test_opting_out_counts_for_later_requests_only(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock, ready_order: str
) -> None:
    simulator.set_automatic_approval(shop, 5)
    early = simulator.request_cancel(ready_order)
    simulator.set_automatic_approval(shop, None)
    late = simulator.request_cancel(simulator.place_order(shop, TEE, hold=False))
    assert simulator.cancellation(early).respond_by == clock.now + timedelta(hours=5)
    assert simulator.cancellation(late).respond_by == clock.now + DAY


def test_a_day_that_passes_faster_has_less_time_for_an_answer(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock, ready_order: str
) -> None:
    simulator.shorten_time_to_answer(shop, timedelta(seconds=36))
    cancel_id = simulator.request_cancel(ready_order)
    assert simulator.cancellation(cancel_id).respond_by == clock.now + timedelta(seconds=36)


@pytest.mark.parametrize(("region", "hours"), [("US", 2), ("US", 24), ("GB", 1)])
def test_other_times_and_regions_cannot_be_opted_into(simulator: TikTokShopSimulator, region: str, hours: int) -> None:
    with pytest.raises(ValueError, match="cannot opt"):
        simulator.set_automatic_approval(simulator.open_shop(region, "Demo"), hours)


def test_a_withdrawn_request_is_closed_and_never_approved(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    cancel_id = simulator.request_cancel(ready_order)
    clock.pass_time(hours=1)
    simulator.withdraw_cancel_request(ready_order)
    withdrawn = simulator.cancellation(cancel_id)
    assert (withdrawn.status, withdrawn.outcome) == (CancelStatus.CANCELLED, Outcome.WITHDRAWN)
    assert withdrawn.updated_at == clock.now
    order = caller.order(ready_order)
    assert (order["is_buyer_request_cancel"], order["update_time"]) == (False, clock.seconds)
    assert order["request_cancel_time"] == clock.seconds - 3600
    clock.pass_time(hours=30)
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT
    with pytest.raises(IllegalStepError, match="no open cancel request"):
        simulator.withdraw_cancel_request(ready_order)


def test_a_buyer_may_ask_again_and_gets_a_new_id_and_a_new_time(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str
) -> None:
    first = simulator.request_cancel(ready_order)
    simulator.close_cancel_request(ready_order)
    clock.pass_time(hours=2)
    second = simulator.request_cancel(ready_order)
    assert [each.id for each in simulator.cancellations_of(ready_order)] == [first, second]
    assert simulator.cancellation(second).respond_by == clock.now + DAY


def test_a_request_for_one_line_leaves_the_order_and_its_other_lines(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    gone, *kept = simulator.line_ids(ready_order)
    cancel_id = simulator.request_cancel(ready_order, [gone], reason="Better price available")
    assert simulator.cancellation(cancel_id).line_ids == (gone,)
    assert caller.order(ready_order)["is_buyer_request_cancel"] is True
    clock.pass_time(hours=24)
    order = caller.order(ready_order)
    assert (order["status"], "cancel_time" in order, "cancellation_initiator" in order) == (
        "AWAITING_SHIPMENT",
        False,
        False,
    )
    assert order["update_time"] == clock.seconds
    lines = {line["id"]: line for line in order["line_items"]}
    assert {id_: line["display_status"] for id_, line in lines.items()} == {
        gone: "CANCELLED",
        **dict.fromkeys(kept, "AWAITING_SHIPMENT"),
    }
    assert (lines[gone]["cancel_user"], lines[gone]["cancel_reason"]) == ("BUYER", "Better price available")
    assert "cancel_user" not in lines[kept[0]]


def test_asking_moves_the_order_s_update_time(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    clock.pass_time(minutes=3)
    simulator.request_cancel(ready_order)
    order = caller.order(ready_order)
    assert order["request_cancel_time"] == order["update_time"] == clock.seconds


def test_an_order_is_cancelled_when_its_last_line_is(simulator: TikTokShopSimulator, clock: Clock, shop: Shop) -> None:
    order_id = simulator.place_order(shop, [LineSpec("TEE", "20.00", 2)], hold=False)
    one, two = simulator.line_ids(order_id)
    simulator.request_cancel(order_id, [one])
    clock.pass_time(hours=24)
    assert simulator.status(order_id) is Status.AWAITING_SHIPMENT
    with pytest.raises(IllegalStepError):
        simulator.request_cancel(order_id, [one])
    assert simulator.cancellation(simulator.request_cancel(order_id)).line_ids == (two,)
    clock.pass_time(hours=24)
    assert simulator.status(order_id) is Status.CANCELLED


@pytest.mark.parametrize(
    ("scan", "status"),
    [([], "AWAITING_COLLECTION"), (["collect"], "IN_TRANSIT"), (["collect", "deliver"], "DELIVERED")],
)
def test_an_order_whose_rest_is_cancelled_goes_where_its_parcels_are(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str, scan: list[str], status: str
) -> None:
    first, *rest = simulator.line_ids(ready_order)
    package = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [first])
    for step in scan:
        getattr(simulator, step)(package)
    cancel_id = simulator.request_cancel(ready_order)
    assert set(simulator.cancellation(cancel_id).line_ids) == set(rest)
    clock.pass_time(hours=24)
    assert simulator.status(ready_order).value == status


@pytest.mark.parametrize("lines", [["1"], []])
def test_lines_that_are_not_the_order_s_cannot_be_asked_for(
    simulator: TikTokShopSimulator, ready_order: str, lines: list[str]
) -> None:
    with pytest.raises(IllegalStepError, match="not lines of order"):
        simulator.request_cancel(ready_order, lines)


def test_a_shipped_line_cannot_be_asked_for(simulator: TikTokShopSimulator, ready_order: str) -> None:
    first, *_ = simulator.line_ids(ready_order)
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [first])
    with pytest.raises(IllegalStepError):
        simulator.request_cancel(ready_order, [first])


@pytest.mark.parametrize(
    ("region", "said", "name"),
    [
        ("US", "No longer needed", "ecom_order_to_ship_canceled_reason_no_longer_needed"),
        ("GB", "No longer needed", "ecom_order_to_ship_canceled_reason_no_longer_needed_uk"),
        ("GB", "buyer_cancel_late_shipment", "buyer_cancel_late_shipment"),
        ("US", "my cat said no", "ecom_order_to_ship_canceled_reason_no_longer_needed"),
    ],
)
def test_a_reason_has_a_name_for_the_region_beside_its_words(
    simulator: TikTokShopSimulator, region: str, said: str, name: str
) -> None:
    order_id = simulator.place_order(simulator.open_shop(region, "Demo"), TEE, hold=False)
    found = simulator.cancellation(simulator.request_cancel(order_id, reason=said))
    assert found.reason == name
    assert found.reason_text == ("Late shipment" if said.startswith("buyer_cancel") else said)


def test_a_reason_of_another_region_or_role_is_an_error(simulator: TikTokShopSimulator, ready_order: str) -> None:
    for reason in ("buyer_cancel_late_shipment", "package_lost", PACKED_US):
        with pytest.raises(IllegalStepError, match="no reason of the buyer"):
            simulator.request_cancel(ready_order, reason=reason)


def test_the_buyer_s_own_cancel_before_release_needs_no_answer(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE)
    cancel_id = simulator.cancel_as_buyer(order_id)
    found = shown(caller, cancel_id)
    assert (found["cancel_type"], found["role"]) == ("BUYER_CANCEL", "BUYER")
    assert (found["cancel_status"], "seller_next_action_response" in found) == ("CANCELLATION_REQUEST_SUCCESS", False)
    clock.pass_time(minutes=30)
    assert simulator.cancellation(cancel_id).status is CancelStatus.COMPLETE


def test_nothing_is_refunded_where_nothing_was_paid(simulator: TikTokShopSimulator, caller: Caller) -> None:
    for order_id in (
        simulator.place_order(caller.shop, TEE, paid=False),
        simulator.place_order(caller.shop, TEE, cod=True),
    ):
        found = shown(caller, simulator.cancel_as_buyer(order_id))
        assert found["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
        assert set(found["refund_amount"].values()) == {"USD", "0"}


def test_the_refund_time_can_be_set(simulator: TikTokShopSimulator, clock: Clock, shop: Shop) -> None:
    simulator.set_refund_time(timedelta(days=3))
    cancel_id = simulator.cancel_as_buyer(simulator.place_order(shop, TEE))
    clock.pass_time(days=3, seconds=-1)
    assert simulator.cancellation(cancel_id).status is CancelStatus.SUCCESS
    clock.pass_time(seconds=1)
    assert simulator.cancellation(cancel_id).status is CancelStatus.COMPLETE


def test_refunds_of_lines_add_up_to_what_was_paid(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    order_id = simulator.place_order(
        caller.shop,
        [LineSpec("A", "19.99", 2, seller_discount="0.33"), LineSpec("B", "7.77")],
        hold=False,
        shipping_fee="5.99",
        fees={"retail_delivery_fee": "0.29", "buyer_service_fee": "0.50", "small_order_fee": "1.50"},
    )
    one, *rest = simulator.line_ids(order_id)
    part = simulator.request_cancel(order_id, [one])
    clock.pass_time(hours=24)
    whole = simulator.request_cancel(order_id)
    first, last = shown(caller, part), shown(caller, whole)
    assert first["refund_amount"] == {
        "currency": "USD",
        "refund_total": "21.23",
        "refund_subtotal": "19.66",
        "refund_shipping_fee": "0",
        "refund_tax": "1.57",
        "retail_delivery_fee": "0",
        "buyer_service_fee": "0",
    }
    assert [line["order_line_item_id"] for line in last["cancel_line_items"]] == rest
    amounts = last["refund_amount"]
    assert (amounts["refund_shipping_fee"], amounts["retail_delivery_fee"], amounts["buyer_service_fee"]) == (
        "5.99",
        "0.29",
        "0.50",
    )
    total = sum(Decimal(each["refund_amount"]["refund_total"]) for each in (first, last))
    assert total == simulator.total_of(order_id)


def test_the_platform_cancels_with_a_reason_and_closes_an_open_request(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    asked = simulator.request_cancel(ready_order)
    done = simulator.cancel_by_platform(ready_order)
    found = simulator.cancellation(done)
    assert (found.type, found.role, found.status) == (CancelType.CANCEL, Role.SYSTEM, CancelStatus.SUCCESS)
    assert (found.reason, found.respond_by) == ("system_cancel_order_reason_shipping_timeout", None)
    closed = simulator.cancellation(asked)
    assert (closed.status, closed.outcome) == (CancelStatus.CANCELLED, Outcome.OVERTAKEN)
    assert {line["cancel_user"] for line in caller.order(ready_order)["line_items"]} == {"SYSTEM"}


def test_fraud_is_the_system_s_or_in_doubt_an_operator_s(clock: Clock) -> None:
    for doubts, role in ((Doubts(), Role.SYSTEM), (Doubts(staff_is_operator=True), Role.OPERATOR)):
        simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts)
        shop = simulator.open_shop("US", "Demo US")
        fraud = simulator.place_order(shop, TEE, hold=False)
        late = simulator.place_order(shop, TEE, hold=False)
        found = simulator.cancellation(simulator.cancel_by_platform(fraud, "Potential fraud"))
        assert (found.reason, found.role) == ("system_cancel_order_reason_potential_fraud", role)
        assert simulator.cancellation(simulator.cancel_by_platform(late)).role is Role.SYSTEM


def test_the_platform_cancels_what_is_on_its_way(simulator: TikTokShopSimulator, ready_order: str) -> None:
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS")
    simulator.collect(ready_order)
    cancel_id = simulator.cancel_by_platform(ready_order, "package_lost")
    assert simulator.cancellation(cancel_id).reason_text == "Package lost"
    assert simulator.status(ready_order) is Status.CANCELLED


def test_a_cancellation_that_is_refused_leaves_nothing_behind(simulator: TikTokShopSimulator, ready_order: str) -> None:
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS")
    simulator.collect(ready_order)
    simulator.deliver(ready_order)
    with pytest.raises(IllegalStepError):
        simulator.cancel_by_platform(ready_order)
    assert simulator.cancellations_of(ready_order) == []
    with pytest.raises(IllegalStepError, match="no cancellation"):
        simulator.cancellation("1")


def test_the_seller_answers_by_hand_in_seller_center(
    simulator: TikTokShopSimulator, shop: Shop, ready_order: str
) -> None:
    refused = simulator.request_cancel(ready_order)
    simulator.reject_in_seller_center(refused, PACKED_US)
    granted = simulator.request_cancel(simulator.place_order(shop, TEE, hold=False))
    simulator.approve_in_seller_center(granted)
    assert simulator.cancellation(refused).outcome is Outcome.REJECTED
    assert simulator.cancellation(granted).outcome is Outcome.APPROVED
    with pytest.raises(RefusalError, match="25011012"):
        simulator.approve_in_seller_center(granted)
    assert [(each.decision, each.by, each.code) for each in simulator.books.decisions] == [
        ("REJECT", "seller_center", 0),
        ("APPROVE", "seller_center", 0),
        ("APPROVE", "seller_center", 25011012),
    ]


def test_the_seller_cancels_a_line_in_seller_center_only_when_out_of_stock(
    simulator: TikTokShopSimulator, ready_order: str
) -> None:
    gone, shipped, _ = simulator.line_ids(ready_order)
    with pytest.raises(IllegalStepError, match="out of stock"):
        simulator.cancel_by_seller(ready_order, "Pricing error", lines=[gone])
    cancel_id = simulator.cancel_by_seller(ready_order, lines=[gone])
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [shipped])
    with pytest.raises(IllegalStepError, match="in part"):
        simulator.cancel_by_seller(ready_order, lines=[shipped])
    assert simulator.cancellation(cancel_id).line_ids == (gone,)
    (booked,) = simulator.books.seller_cancels
    assert (booked.by, booked.cancel_id, booked.line_ids, booked.code) == ("seller_center", cancel_id, (gone,), 0)


def test_a_line_whose_automatic_approval_is_due_is_no_longer_the_seller_s_to_cancel(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str
) -> None:
    gone, *_ = simulator.line_ids(ready_order)
    asked = simulator.request_cancel(ready_order, [gone])
    clock.pass_time(hours=24)
    with pytest.raises(IllegalStepError, match="in part"):
        simulator.cancel_by_seller(ready_order, lines=[gone])
    assert [each.id for each in simulator.cancellations_of(ready_order)] == [asked]


def test_one_jump_of_the_clock_brings_all_that_was_due_each_at_its_time(
    simulator: TikTokShopSimulator, clock: Clock, shop: Shop
) -> None:
    start = clock.now
    held = simulator.place_order(shop, TEE)
    order_id = simulator.place_order(shop, TEE, hold=False)
    cancel_id = simulator.request_cancel(order_id)
    clock.pass_time(days=3)
    found = simulator.cancellation(cancel_id)
    assert (found.status, found.updated_at) == (CancelStatus.COMPLETE, start + DAY + timedelta(minutes=30))
    assert [end.at for end in simulator.books.request_ends] == [start + DAY]
    assert simulator.status(held) is Status.AWAITING_SHIPMENT
