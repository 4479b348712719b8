"""Where a return stands, in the words that people see: on the timeline, in ChannelAdvisor and in the OMS (G2)."""

from collections.abc import Callable

import pytest

from local.simulators.tiktok_shop.doubts import Doubts, LabelSign
from local.simulators.tiktok_shop.return_records import ReturnDecision, ReturnStatus, ReturnType
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId, ReturnId
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed, check_untouched
from tests.adapters.returns.return_scenes import (
    HOUR,
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    at_tiktok,
    details,
    known,
    look,
    note,
    returns_of,
    words,
)
from tests.world import TEE, Connected, World

WAITING, LABEL = "Waiting for Buyer to Ship", "Return Label Generated"
REASON = "reverse_reject_request_reason_1"


def reason(world: World, return_id: str) -> str:
    """A reason to reject a request to return goods that holds in the order's region."""
    order = at_tiktok(world, return_id).order_id
    return REASON if world.tiktok._state.order(order).shop.region.code == "US" else f"{REASON}_uk"


def _return(world: World, order: OrderId) -> ReturnId:
    return ask(world, order, ReturnType.RETURN_AND_REFUND)


def _pending(world: World, order: OrderId) -> None:
    _return(world, order)


def _rejected(world: World, order: OrderId) -> ReturnId:
    asked = _return(world, order)
    world.tiktok.reject_return_in_seller_center(asked, reason(world, asked))
    return asked


def _awaiting_buyer(world: World, order: OrderId) -> ReturnId:
    asked = _return(world, order)
    world.tiktok.approve_return_in_seller_center(asked)
    return asked


def _shipped(world: World, order: OrderId) -> ReturnId:
    asked = _awaiting_buyer(world, order)
    world.tiktok.buyer_ships_return(asked, usps(77))
    return asked


def _package_rejected(world: World, order: OrderId) -> None:
    asked = _shipped(world, order)
    suffix = "" if reason(world, asked) == REASON else "_uk"
    world.tiktok.reject_return_in_seller_center(asked, f"reverse_reject_return_parcel_reason_1{suffix}")


def _refund_coming(world: World, order: OrderId) -> None:
    world.tiktok.approve_return_in_seller_center(_shipped(world, order))


def _withdrawn(world: World, order: OrderId) -> None:
    world.tiktok.buyer_withdraws_return(_return(world, order))


def _offered(world: World, order: OrderId) -> None:
    world.tiktok.offer_partial_refund_in_seller_center(_return(world, order), "5")


def _replacement(world: World, order: OrderId) -> ReturnId:
    return ask(world, order, ReturnType.REPLACEMENT)


def _replacement_rejected(world: World, order: OrderId) -> None:
    asked = _replacement(world, order)
    world.tiktok.reject_return_in_seller_center(asked, reason(world, asked))


def _replacement_refunded(world: World, order: OrderId) -> None:
    world.tiktok.approve_return_in_seller_center(_replacement(world, order), ReturnDecision.ISSUE_REPLACEMENT_REFUND)


def _exchange(world: World, order: OrderId) -> ReturnId:
    return ask(world, order, ReturnType.EXCHANGE, exchange_for="TEE-BLU-L")


S = ReturnStatus
PLAYS: dict[ReturnStatus, Callable[[World, OrderId], object]] = {
    S.PENDING: _pending,
    S.REJECT: _rejected,
    S.AWAITING_BUYER_SHIP: _awaiting_buyer,
    S.BUYER_SHIPPED: _shipped,
    S.REJECT_RECEIVED: _package_rejected,
    S.SUCCESS: _refund_coming,
    S.CANCEL: _withdrawn,
    S.AWAITING_BUYER_RESPONSE: _offered,
    S.REPLACEMENT_PENDING: _replacement,
    S.REPLACEMENT_REJECT: _replacement_rejected,
    S.REPLACEMENT_REFUNDED: _replacement_refunded,
    S.REPLACEMENT_CANCEL: lambda world, order: world.tiktok.buyer_withdraws_return(_replacement(world, order)),
    S.REPLACEMENT_COMPLETE: lambda world, order: world.tiktok.approve_return_in_seller_center(
        _replacement(world, order)
    ),
    S.EXCHANGE_PENDING: _exchange,
    S.EXCHANGE_REFUNDED: lambda world, order: world.tiktok.tiktok_settles_exchange(
        _exchange(world, order), by_refund=True
    ),
    S.EXCHANGE_CANCEL: lambda world, order: world.tiktok.buyer_withdraws_return(_exchange(world, order)),
    S.EXCHANGE_COMPLETE: lambda world, order: world.tiktok.tiktok_settles_exchange(_exchange(world, order)),
}


def test_every_status_is_seen_in_the_words_that_people_know(world: World, shop: Connected) -> None:
    orders = {status: a_shipped_order(world, shop, TEE) for status in PLAYS}
    for status, play in PLAYS.items():
        play(world, orders[status])
    given = {status: returns_of(world, order)[0] for status, order in orders.items()}
    assert {status: each.status for status, each in given.items()} == {status: status for status in PLAYS}
    look(world, shop)
    for job in ("push_channeladvisor", "poll_channeladvisor"):
        world.run(job, shop)
    # Those whose refund comes later agree when it has come: the 18th status.
    world.cycle(6)
    last = returns_of(world, orders[S.SUCCESS])[0]
    assert last.status is S.COMPLETE
    for order in orders.values():
        check_agreed(world, shop, order)
    assert {*PLAYS, S.COMPLETE} == {*ReturnStatus}
    assert world.counted("unknown_values") == 0


@pytest.mark.parametrize("sign", LabelSign)
def test_a_return_waits_for_the_buyer_to_ship_until_a_label_is_generated(region: str, sign: LabelSign) -> None:
    world = World(tiktok_doubts=Doubts(label_shows_as=sign))
    shop = connected(world, region)
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    world.oms.decide_return(shop.id, return_id, "return", "approve")
    world.cycle(2)
    for _ in range(3):
        world.cycle(2)
        assert words(world, shop, order)[-1] == WAITING
        assert at_oms(world, return_id).state == "waiting_for_buyer_to_ship"
        assert note(world, order, return_id).startswith(WAITING)
    world.tiktok.tiktok_makes_label(return_id)
    world.cycle(2)
    assert words(world, shop, order)[-2:] == [WAITING, LABEL]
    assert at_oms(world, return_id).state == "return_label_generated"
    assert note(world, order, return_id).startswith(LABEL)
    assert details(world, shop, order, "RETURN_CHANGED")[-1]["label"] == "generated"
    check_untouched(world, order)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("document", ["SHIPPING_LABEL", "QR_CODE", "QR_CODE_NBNL"])
def test_a_code_in_the_place_of_a_label_is_a_label(world: World, shop: Connected, document: str) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    assert words(world, shop, order) == [WAITING]
    world.tiktok.tiktok_makes_label(return_id, document_type=document)
    look(world, shop)
    assert words(world, shop, order) == [WAITING, LABEL]


def test_a_label_that_is_not_shown_any_more_was_generated_all_the_same(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.tiktok.tiktok_makes_label(return_id)
    look(world, shop)
    world.tiktok.show_return_as(return_id, return_shipping_document_type=None)
    world.cycle(2)
    assert words(world, shop, order) == [WAITING, LABEL]
    assert world.counted("returns_impossible") == 0


def test_a_buyer_who_ships_without_a_label_of_tiktok_s_is_shown_as_shipped(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(return_id, "9400 1000 0000 0000 0000 77")
    look(world, shop)
    assert words(world, shop, order) == [WAITING, "Buyer Shipped"]
    assert known(world, shop, order, return_id).tracking_number == "9400100000000000000077"
    assert at_oms(world, return_id).body["return_tracking_number"] == "9400100000000000000077"
    assert "comes back as 9400100000000000000077" in note(world, order, return_id)
    assert at_oms(world, return_id).question == "receive_package"
    check_untouched(world, order)


def test_a_whole_return_goes_through_the_guide_s_words_and_is_refunded(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    world.oms.decide_return(shop.id, return_id, "return", "approve")
    world.cycle(2)
    world.tiktok.tiktok_makes_label(return_id)
    world.cycle()
    world.tiktok.buyer_ships_return(return_id, usps(77))
    world.cycle()
    check_untouched(world, order)
    world.oms.decide_return(shop.id, return_id, "receive_package", "approve")
    world.cycle(6)
    assert words(world, shop, order) == [
        "Request Pending",
        WAITING,
        LABEL,
        "Buyer Shipped",
        "Received",
        "Refunded",
    ]
    told = [*at_oms(world, return_id).earlier, at_oms(world, return_id).body]
    states = [body["state"] for body in told]
    assert list(dict.fromkeys(states)) == [
        "request_pending",
        "waiting_for_buyer_to_ship",
        "return_label_generated",
        "buyer_shipped",
        "received",
        "refunded",
    ]
    check_agreed(world, shop, order)


def test_a_poll_that_missed_the_steps_between_sees_only_where_a_return_stands(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    world.tiktok.approve_return_in_seller_center(return_id)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    world.tiktok.approve_return_in_seller_center(return_id)
    world.cycle(6)
    assert words(world, shop, order) == ["Request Pending", "Received", "Refunded"]
    check_agreed(world, shop, order)


def test_a_return_whose_buyer_never_ships_is_closed_in_the_end(world: World, shop: Connected) -> None:
    world.tiktok._state.return_times.shipping = 72 * HOUR
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.advance(73 * HOUR)
    world.cycle(3)
    assert words(world, shop, order) == [WAITING, "Closed"]
    assert at_oms(world, return_id).state == "closed"
    check_untouched(world, order)
    check_agreed(world, shop, order)


def test_tiktok_s_touch_of_a_return_tells_nobody_anything(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    events = world.events(shop, order)
    world.tiktok.show_return_as(return_id)
    world.cycle(2)
    assert world.events(shop, order) == events
    assert at_oms(world, return_id).times_told == 1
