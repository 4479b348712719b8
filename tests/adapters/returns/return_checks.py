"""What must hold of returns in the end, read from the partners' own books."""

from collections import Counter
from decimal import Decimal

from local.simulators.tiktok_shop.return_books import IssuedRefund
from local.simulators.tiktok_shop.return_records import Arbitration, ReturnRecord, ReturnStatus, ReturnType
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice, failed_entries
from tests.adapters.returns.return_scenes import at_oms, booked, issued, note, returns_of
from tests.world import Connected, World

_WORDS = {
    ReturnStatus.PENDING: "Request Pending",
    ReturnStatus.AWAITING_BUYER_RESPONSE: "Request Pending",
    ReturnStatus.REPLACEMENT_PENDING: "Request Pending",
    ReturnStatus.EXCHANGE_PENDING: "Request Pending",
    ReturnStatus.BUYER_SHIPPED: "Buyer Shipped",
    ReturnStatus.COMPLETE: "Refunded",
    ReturnStatus.REPLACEMENT_REFUNDED: "Refunded",
    ReturnStatus.EXCHANGE_REFUNDED: "Refunded",
    ReturnStatus.REPLACEMENT_COMPLETE: "Replaced",
    ReturnStatus.EXCHANGE_COMPLETE: "Replaced",
    ReturnStatus.REJECT: "Rejected",
    ReturnStatus.REJECT_RECEIVED: "Rejected",
    ReturnStatus.REPLACEMENT_REJECT: "Rejected",
    ReturnStatus.CANCEL: "Closed",
    ReturnStatus.REPLACEMENT_CANCEL: "Closed",
    ReturnStatus.EXCHANGE_CANCEL: "Closed",
}


def word_for(given: ReturnRecord) -> str:
    """The word that people should read about a return that stands so at TikTok Shop."""
    if given.arbitration is Arbitration.IN_PROGRESS:
        return "In Arbitration"
    if given.status is ReturnStatus.AWAITING_BUYER_SHIP:
        return "Return Label Generated" if given.has_label else "Waiting for Buyer to Ship"
    if given.status is ReturnStatus.SUCCESS:
        return "Refund Accepted" if given.type is ReturnType.REFUND else "Received"
    return _WORDS[given.status]


def check_agreed(world: World, shop: Connected, order: OrderId, *, refused: str = "") -> None:
    """All sides say the same of the order's returns and their money, and nobody has to be told anything more.

    `refused` is the seller's refund that TikTok Shop did not take, so that its entry stays failed.
    """
    for given in returns_of(world, order):
        word = word_for(given)
        assert at_oms(world, given.id).state == word.lower().replace(" ", "_")
        assert note(world, order, given.id).startswith(f"{word} (")
        asked = given.question.lower() if given.question else ""
        assert at_oms(world, given.id).question == asked
    check_money(world, shop, order)
    if refused:
        assert list(failed_entries(world, shop, order)) == [f"TIKTOK_SHOP#REFUND_AS_SELLER#{refused}#1"]
    else:
        check_nothing_left(world, shop, order)
    assert _unsettled(world, order) == [each.id for each in world.oms.books.returns(order) if each.question]


def _unsettled(world: World, order: OrderId) -> list[str]:
    """What the OMS waits for a word about, of this order."""
    books = world.oms.books
    returns = {each.id for each in books.returns(order)}
    own = {each.id for each in books.return_decisions() if each.body.get("return_id") in returns}
    own |= {each.id for each in (*books.seller_refunds(order), *books.seller_cancellations(order))}
    own |= {each.id for each in books.cancel_requests() if each.tiktok_order_id == order}
    return [each for each in books.unsettled() if each in returns | own]


def check_money(world: World, shop: Connected, order: OrderId) -> None:
    """What TikTok Shop has refunded is in ChannelAdvisor and in the OMS, to the cent, for the same units, and once.

    ChannelAdvisor's books have no place for fees that the buyer paid beside goods, shipping and tax: the note has them.
    """
    check_books(world)
    skus: dict[str, str] = {line.id: line.sku for line in world.record(shop, order).order.lines}
    standing = [each for each in booked(world, order) if each.stands]
    refunds = [each for each in issued(world, order) if each.refund.total]
    money = sum((each.refund.total - _figures(each)["other"] for each in refunds), Decimal(0))
    assert sum((each.total for each in standing), Decimal(0)) == money
    units: Counter[str] = Counter()
    for each in standing:
        units.update(each.units)
    assert units == Counter(skus[line] for each in refunds for line in each.line_ids)
    for refund in refunds:
        _check_one(world, order, refund)


def _check_one(world: World, order: OrderId, refund: IssuedRefund) -> None:
    body = at_oms(world, str(refund.return_id)).body
    money = refund.refund
    assert body["refund"] == {
        "currency": money.currency,
        **{name: f"{figure:.2f}" for name, figure in _figures(refund).items()},
    }
    ours = [each for each in booked(world, order) if f"-{refund.return_id}-" in each.seller_id and each.stands]
    if ours:
        assert sum(each.total for each in ours) == money.total - _figures(refund)["other"]
        assert sum(each.shipping for each in ours) == money.shipping_fee
        assert sum(each.tax for each in ours) == money.tax
        assert {(each.prevents_site_processing, each.refund_only, each.restocks) for each in ours} == {
            (True, True, False)
        }
        # The refund is TikTok's; before it has made it, nothing may stand anywhere else.
        assert min(each.made_at for each in ours) >= refund.at


def _figures(refund: IssuedRefund) -> dict[str, Decimal]:
    money = refund.refund
    return {
        "total": money.total,
        "goods": money.subtotal,
        "shipping": money.shipping_fee,
        "tax": money.tax,
        "other": money.retail_delivery_fee + money.buyer_service_fee,
    }


def check_books(world: World) -> None:
    """Nothing was refunded twice, beyond what was paid, or by accident; no question was answered twice."""
    tiktok = world.tiktok.books
    assert tiktok.refunds_beyond_payment == {}
    assert tiktok.units_beyond_price == {}
    assert world.channeladvisor.books.accidental_refunds() == []
    check_nothing_twice(world)
    for given in tiktok.returns():
        answered = Counter(each.decision.partition("_")[2] for each in tiktok.decided_return(given.id))
        assert all(times == 1 for decision, times in answered.items() if decision != "PARTIAL_REFUND")


def check_untouched(world: World, order: OrderId) -> None:
    """While nothing is refunded nothing is adjusted: Adjust of shipped units is a refund (CA 4.5)."""
    assert issued(world, order) == []
    assert booked(world, order) == []
