"""Replacements and exchanges: new orders that cost nothing."""

from decimal import Decimal
from typing import Any

import pytest

from local.simulators.tiktok_shop import (
    IllegalStepError,
    ReturnStatus,
    ReturnType,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    approve,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

NEW, EXCHANGE = ReturnType.REPLACEMENT, ReturnType.EXCHANGE


def costs_nothing(order: Any) -> bool:
    amounts = {name: value for name, value in order["payment"].items() if name != "currency"}
    return set(amounts.values()) == {"0"} and {line["sale_price"] for line in order["line_items"]} == {"0"}


def test_a_replacement_is_a_new_order_that_costs_nothing(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    one, *_ = simulator.line_ids(delivered_order)
    return_id = simulator.buyer_requests_return(delivered_order, NEW, [one])
    found = shown(caller, return_id)
    assert found["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_REPLACEMENT"
    assert ("refund_amount" in found, "refund_amount" in found["return_line_items"][0]) == (False, False)
    clock.pass_time(hours=48)
    record = simulator.return_record(return_id)
    assert (record.status, record.decided_by) == (ReturnStatus.REPLACEMENT_COMPLETE, "tiktok")
    assert record.new_order_id is not None
    new, old = caller.order(record.new_order_id), caller.order(delivered_order)
    assert (new["status"], new["is_replacement_order"], new["replaced_order_id"]) == (
        "AWAITING_SHIPMENT",
        True,
        delivered_order,
    )
    assert (new["is_exchange_order"], "exchange_source_order_id" in new) == (False, False)
    assert ("replaced_order_id" in old, old["is_replacement_order"]) == (False, False)
    assert costs_nothing(new)
    assert [line["seller_sku"] for line in new["line_items"]] == ["TEE-BLU-M"]
    assert new["user_id"] == old["user_id"]
    assert simulator.refunds_issued() == []
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(delivered_order, lines=[one])


def test_a_replacement_may_be_refunded_instead(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, NEW)
    assert approve(caller, return_id, "ISSUE_REPLACEMENT_REFUND") == 0
    found = shown(caller, return_id)
    assert (found["return_status"], found["refund_amount"]["refund_total"]) == (
        "REPLACEMENT_REQUEST_REFUND_SUCCESS",
        "59.40",
    )
    assert [each.refund.total for each in simulator.refunds_issued()] == [Decimal("59.40")]


def test_a_replacement_order_can_be_returned_for_nothing(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, NEW)
    assert approve(caller, return_id, "APPROVE_REPLACEMENT") == 0
    new_id = simulator.return_record(return_id).new_order_id
    assert new_id is not None
    simulator.ship_in_seller_center(new_id, "9400110898825022579509", "USPS")
    again = simulator.buyer_requests_return(new_id)
    assert shown(caller, again)["refund_amount"]["refund_total"] == "0"
    clock.pass_time(hours=25)
    assert simulator.books.refunds_beyond_payment == {}


def test_an_exchange_is_tiktok_s_own_affair(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    one, two, three = simulator.line_ids(delivered_order)
    waiting = simulator.buyer_requests_return(delivered_order, EXCHANGE, [one], exchange_for="TEE-BLU-L")
    found = shown(caller, waiting)
    assert (found["return_status"], found["return_type"]) == ("EXCHANGE_REQUEST_PENDING", "EXCHANGE")
    assert "seller_next_action_response" not in found
    refunded = simulator.buyer_requests_return(delivered_order, EXCHANGE, [two])
    simulator.tiktok_settles_exchange(refunded, by_refund=True)
    assert shown(caller, refunded)["return_status"] == "EXCHANGE_REQUEST_REFUND_SUCCESS"
    at_once = simulator.buyer_requests_return(delivered_order, EXCHANGE, [three])
    simulator.tiktok_settles_exchange(at_once)
    assert simulator.return_record(at_once).status is ReturnStatus.EXCHANGE_COMPLETE
    clock.pass_time(hours=24)
    record = simulator.return_record(waiting)
    assert (record.status, record.decided_by) == (ReturnStatus.EXCHANGE_COMPLETE, "tiktok")
    assert record.new_order_id is not None
    new = caller.order(record.new_order_id)
    assert (new["is_exchange_order"], new["exchange_source_order_id"]) == (True, delivered_order)
    assert (new["is_replacement_order"], costs_nothing(new)) == (False, True)
    assert [line["seller_sku"] for line in new["line_items"]] == ["TEE-BLU-L"]
    assert [each.return_id for each in simulator.refunds_issued()] == [refunded]
