"""What became of an order's returns and refunds, in the partners' own books."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from local.demo.deadline_news import Message
from local.demo.partners import Partners
from local.demo.stories import Placed
from local.simulators.channeladvisor.refund_books import BookedRefund
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.return_books import IssuedRefund
from local.simulators.tiktok_shop.return_records import ReturnRecord, ReturnStatus

STATES_AT_OMS: Final = {
    ReturnStatus.COMPLETE: "refunded",
    ReturnStatus.REJECT: "rejected",
    ReturnStatus.REJECT_RECEIVED: "rejected",
    ReturnStatus.CANCEL: "closed",
}
"""How a return has ended, and how the OMS must hear of it."""
REFUSED: Final = "TikTok Shop does not allow a refund"
BY_HAND: Final = "UserInterface"


class Given(NamedTuple):
    """Money that went back: for how many units of each SKU, how much, and how much of it for shipping and as tax."""

    units: Counter[str]
    total: Decimal
    shipping: Decimal
    tax: Decimal

    def __str__(self) -> str:
        units = ", ".join(f"{count} {sku}" for sku, count in sorted(self.units.items()))
        return f"{self.total:.2f} for {units}" if self.units else "nothing"


def returns_of(partners: Partners, order: str) -> list[ReturnRecord]:
    """All of an order, as TikTok Shop has them now."""
    return [partners.tiktok.return_record(each.id) for each in partners.tiktok.books.returns(order)]


def has_ended(given: ReturnRecord) -> bool:
    """Whether nothing of a return is to come."""
    return given.status in STATES_AT_OMS


def given_at_tiktok(partners: Partners, order: str) -> Given:
    """What TikTok Shop has refunded by returns."""
    returns_of(partners, order)  # What is due by now has happened then.
    refunds = [each for each in partners.tiktok.books.refunds_issued(order) if each.refund.total]
    skus = {line.id: line.sku for line in partners.oms.books.order(order).lines} if refunds else {}
    return Given(
        Counter(skus[line] for each in refunds for line in each.line_ids),
        _sum(each.refund.total for each in refunds),
        _sum(each.refund.shipping_fee for each in refunds),
        _sum(each.refund.tax for each in refunds),
    )


def given_in_channeladvisor(partners: Partners, order: Placed) -> Given:
    """What ChannelAdvisor has as refunded, without what somebody was to try there by hand."""
    booked = booked_refunds(partners, order.id)
    if (tried := tried_by_hand(partners, order)) is not None:
        booked.remove(tried)
    units = Counter[str]()
    for each in booked:
        units.update(each.units)
    return Given(
        units,
        _sum(each.total for each in booked),
        _sum(each.shipping for each in booked),
        _sum(each.tax for each in booked),
    )


def booked_refunds(partners: Partners, order: str) -> list[BookedRefund]:
    """The refunds that stand on an order in ChannelAdvisor."""
    books = partners.channeladvisor.books
    return [each for there in books.orders_of_tiktok(order) for each in books.refunds(there["ID"]) if each.stands]


def tried_by_hand(partners: Partners, order: Placed) -> BookedRefund | None:
    """The refund of the whole order that somebody was to try in ChannelAdvisor."""
    if order.story.aftersale is None or not order.story.aftersale.tried_by_hand:
        return None
    by_hand = (each for each in booked_refunds(partners, order.id) if each.source == BY_HAND and each.item_id is None)
    return next(by_hand, None)


def refusals(messages: Sequence[Message], order: str) -> list[Message]:
    """What people were told about refunds of an order that were not allowed."""
    return [each for each in messages if each.subject == f"{REFUSED}: order {order}"]


def knows_the_end(partners: Partners, given: ReturnRecord) -> bool:
    """Whether the OMS knows how a return has ended."""
    told = {each.id: each.state for each in partners.oms.books.returns(given.order_id)}
    return has_ended(given) and told.get(given.id) == STATES_AT_OMS[given.status]


def note_of(partners: Partners, given: ReturnRecord) -> list[str]:
    """The lines about a return among ChannelAdvisor's notes on its order."""
    there = partners.channeladvisor.books.orders_of_tiktok(given.order_id)
    notes = "\n".join(str(each["PrivateNotes"] or "") for each in there)
    return [line for line in notes.splitlines() if given.id in line]


def word_of_end(given: ReturnRecord) -> str:
    """How a note must name the end of a return."""
    return STATES_AT_OMS[given.status].capitalize()


def is_settled(partners: Partners, order: Placed) -> bool:
    """Whether every side knows the end of what the story has after the parcel; not what people read in the end."""
    if order.story.aftersale is None:
        return True
    returns = returns_of(partners, order.id)
    refunds = [each for each in partners.oms.books.seller_refunds(order.id) if each.told is None]
    return (
        bool(returns)
        and not refunds
        and all(knows_the_end(partners, each) for each in returns)
        and all(word_of_end(each) in line for each in returns for line in note_of(partners, each) or [""])
        and given_at_tiktok(partners, order.id) == given_in_channeladvisor(partners, order)
    )


def asked_by_buyer(partners: Partners, order: str) -> list[ReturnRecord]:
    """The returns that somebody has to answer."""
    return [each for each in returns_of(partners, order) if each.role is Role.BUYER]


def issued_refunds(partners: Partners, order: str) -> list[IssuedRefund]:
    """TikTok Shop's refunds of an order, one by one."""
    returns_of(partners, order)
    return partners.tiktok.books.refunds_issued(order)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
