"""Orders whose goods have arrived, and what their buyers want back."""

from collections.abc import Sequence
from typing import Final

from local.simulators.tiktok_shop import LineSpec, ReturnType, Shop, TikTokShopSimulator
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.domain.returning.returns import Question

KINDS: Final = {
    Question.REFUND: ReturnType.REFUND,
    Question.RETURN: ReturnType.RETURN_AND_REFUND,
    Question.RECEIVE_PACKAGE: ReturnType.RETURN_AND_REFUND,
    Question.REPLACEMENT: ReturnType.REPLACEMENT,
}


def a_delivered_order(
    simulator: TikTokShopSimulator, shop: Shop, *, units: int = 1, lines: Sequence[LineSpec] | None = None
) -> OrderId:
    """Some tees, shipped, collected and delivered at once."""
    wanted = lines or [LineSpec("TEE-BLU-M", "20.00", units)]
    order = simulator.place_order(shop, wanted, hold=False, shipping_fee="5.00")
    carrier = "UPS" if shop.region.code == "US" else "EVRi"
    simulator.ship_in_seller_center(order, f"FIRST-{order}", carrier)
    simulator.collect(order)
    simulator.deliver(order)
    return OrderId(order)


def a_return_that_asks(simulator: TikTokShopSimulator, shop: Shop, question: Question) -> ReturnId:
    """A return of a whole order of one tee that waits for this answer of the seller's."""
    order = a_delivered_order(simulator, shop)
    asked = simulator.buyer_requests_return(order, KINDS[question], approved_by_tiktok=False)
    if question is Question.RECEIVE_PACKAGE:
        simulator.approve_return_in_seller_center(asked)
        simulator.buyer_ships_return(asked, "9400100000000000000000")
    return ReturnId(asked)
