"""A refund that TikTok Shop has confirmed: recorded once, added up, and told to ChannelAdvisor (CA 4.5)."""

from decimal import ROUND_DOWN, Decimal
from functools import reduce
from typing import Final, NamedTuple

from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import tell_whoever_gets_it
from order_sync.domain.ids import LineId
from order_sync.domain.money import Money, add_up
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Refund, Return, SellerRefundState
from order_sync.domain.returning.statuses import ReturnState
from order_sync.domain.timeline import Event

REFUND_GRANTED: Final = frozenset({ReturnState.REFUNDED, ReturnState.RECEIVED, ReturnState.REFUND_ACCEPTED})
"""The buyer has the money back, or will have it."""
_CENT: Final = -2


def confirm_refund(draft: Draft, known: Return) -> None:
    """The buyer has the money back. ChannelAdvisor learns it, unless it was refunded there first, or it was nothing.

    Where TikTok Shop shows no amounts that fails, and a person books it.
    """
    money, total = known.money, refunded(draft.record)
    paid = draft.order.paid
    beyond = total is not None and paid is not None and total.amount > paid.amount
    draft.note(
        Event.REFUND_CONFIRMED,
        Source.TIKTOK_SHOP,
        happened_at=known.refunded_at,
        return_id=known.id,
        lines=" ".join(known.line_ids),
        refund=str(money or ""),
        refunded_in_all=str(total or ""),
        paid=str(paid or ""),
        beyond_paid="yes" if beyond else "",
    )
    booked = [each.total - each.fees for each in refund_by_line(known).values()]
    if draft.order.handling is not Handling.OURS or (money is not None and not any(booked)):
        return
    started_there = any(
        wish.return_id == known.id
        and wish.source is Source.CHANNELADVISOR
        and wish.state is not SellerRefundState.REFUSED
        for wish in draft.seller_refunds
    )
    if not started_there:
        tell_whoever_gets_it(draft, Action.REFUND_LINES, Target.CHANNELADVISOR, subject=known.id)
        _try_again(draft, known)


def _try_again(draft: Draft, known: Return) -> None:
    """What failed while TikTok Shop showed no amounts goes again once it shows them."""
    for entry in draft.outbox:
        is_it = entry.action is Action.REFUND_LINES and entry.subject == known.id
        if is_it and entry.state is EntryState.FAILED and entry.is_untold:
            draft.replay(entry)


def refunded(record: OrderRecord) -> Money | None:
    """What TikTok Shop has refunded of an order by returns, in all; None for nothing. Cancelled units are not in it."""
    done = (each.money for each in record.returns if each.state is ReturnState.REFUNDED)
    return add_up(money for money in done if money)


def refunded_lines(record: OrderRecord) -> frozenset[LineId]:
    """Units for which the buyer has money back, or will have it."""
    return frozenset(line for each in record.returns if each.state in REFUND_GRANTED for line in each.line_ids)


class Parts(NamedTuple):
    """What a refund is made of for those who book it."""

    goods: Decimal
    shipping: Decimal
    tax: Decimal
    fees: Decimal
    """TikTok's other fees, which no item bears."""

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum(self, Decimal(0))

    def less(self, other: "Parts") -> "Parts":
        """What is left without another's parts."""
        return Parts(*(own - others for own, others in zip(self, other, strict=True)))

    def plus(self, other: "Parts") -> "Parts":
        """Both together."""
        return Parts(*(own + others for own, others in zip(self, other, strict=True)))


def parts_of(refund: Refund) -> Parts:
    """The parts of a refund; they add up to its total, whatever TikTok Shop shows for the goods."""
    goods = refund.total - refund.shipping - refund.tax - refund.other
    return Parts(goods, refund.shipping, refund.tax, refund.other)


def refund_by_line(known: Return) -> dict[LineId, Parts]:
    """Each unit's part of a refund: as TikTok Shop gives it, with what the whole has beyond on the first unit.

    Where it gives no parts the whole is for all units alike, to the cent. Nothing while it gives no amounts.
    """
    given = {line.id: parts_of(line.refund) for line in known.lines if line.refund}
    if len(given) == len(known.lines):
        if known.refund:
            first = known.lines[0].id
            beyond = reduce(Parts.less, given.values(), parts_of(known.refund))
            given[first] = given[first].plus(beyond)
        return given
    if known.refund is None:
        return given
    columns = [_in_equal_parts(figure, len(known.lines)) for figure in parts_of(known.refund)]
    return {line.id: Parts(*parts) for line, parts in zip(known.lines, zip(*columns, strict=True), strict=True)}


def _in_equal_parts(figure: Decimal, parts: int) -> list[Decimal]:
    """To the cent, or as fine as the figure is. What is left over goes to the first ones."""
    step = Decimal(1).scaleb(min(int(figure.as_tuple().exponent), _CENT)).copy_sign(figure)
    least = (figure / parts).quantize(step, rounding=ROUND_DOWN)
    left_over = int((figure - least * parts) / step)
    return [least + (step if place < left_over else 0) for place in range(parts)]
