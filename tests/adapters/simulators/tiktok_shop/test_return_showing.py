"""How returns are shown: otherwise than they are, by doubts, and without naming anybody."""

from collections.abc import Callable

import pytest

from local.simulators.tiktok_shop import Doubts, LineSpec, ReturnType, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.return_caller import (
    RETURNS,
    approve,
    returned,
    ship_and_deliver,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]


def test_a_return_can_be_shown_otherwise_than_it_is(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    return_id = returned(simulator, caller.shop)
    truth = shown(caller, return_id)
    clock.pass_time(minutes=1)
    simulator.show_return_as(return_id, return_status="SOMETHING_NEW", return_type="LOAN", role=None)
    found = shown(caller, return_id)
    assert (found["return_status"], found["return_type"], "role" in found) == ("SOMETHING_NEW", "LOAN", False)
    assert found["update_time"] == clock.seconds
    assert approve(caller, return_id, "APPROVE_REFUND") == 0
    simulator.show_return_as(return_id)
    assert shown(caller, return_id)["return_type"] == truth["return_type"]


def test_that_the_next_action_is_named_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
) -> None:
    simulator, caller = doubtful(Doubts(returns_name_next_action=False))
    return_id = returned(simulator, caller.shop)
    assert "seller_next_action_response" not in shown(caller, return_id)
    assert approve(caller, return_id, "APPROVE_REFUND") == 0


@pytest.mark.parametrize("touches", [True, False])
def test_that_orders_stay_as_they_are_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]], clock: Clock, *, touches: bool
) -> None:
    simulator, caller = doubtful(Doubts(returns_touch_orders=touches))
    order_id = simulator.place_order(caller.shop, TEE, hold=False)
    ship_and_deliver(simulator, order_id)
    before = caller.order(order_id)
    clock.pass_time(minutes=1)
    simulator.buyer_requests_return(order_id)
    after = caller.order(order_id)
    assert after["update_time"] - before["update_time"] == (60 if touches else 0)
    assert {**after, "update_time": 0} == {**before, "update_time": 0}


def test_no_buyer_is_named_in_a_return(simulator: TikTokShopSimulator, caller: Caller, delivered_order: str) -> None:
    simulator.buyer_requests_return(delivered_order, ReturnType.RETURN_AND_REFUND)
    text = caller.send("POST", f"{RETURNS}/search", body={}).text
    assert [secret for secret in simulator.buyer_data() if secret in text] == []
