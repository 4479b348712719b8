"""What a seller may refund: which units, how much money, and whether the buyer has asked for the same."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from order_sync.domain.answering.answers import Answer
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId
from order_sync.domain.money import Money, add_up
from order_sync.domain.orders import Handling, Line, LineState, Source
from order_sync.domain.returning.refunds import REFUND_GRANTED, refunded_lines
from order_sync.domain.returning.returns import Question, ReportedRefund, Return, SellerRefund
from order_sync.domain.returning.statuses import ReturnState

REFUND_BY_ANSWER: Final = frozenset({Question.REFUND, Question.RECEIVE_PACKAGE})
"""Questions whose approval is a refund."""


def lines_of(draft: Draft, report: ReportedRefund) -> list[Line]:
    """The units that a seller means, those first that were never refunded. Raises RejectedError when it cannot be."""
    in_part = report.amount is not None and report.source is Source.OMS
    refunded, taken = refunded_lines(draft.record), _taken(draft, in_part=in_part)
    shipped = [line for line in draft.order.lines if line.state is LineState.SHIPPED and line.id not in taken]
    fresh = [line for line in shipped if line.id not in refunded]
    if report.line_ids:
        return _named_lines(draft.order.lines, report.line_ids, taken)
    if report.units:
        return _units(fresh + [line for line in shipped if line not in fresh], report.units)
    if not shipped:
        raise RejectedError("nothing of the order is shipped and not refunded yet")
    return fresh or shipped


def check_report(draft: Draft, report: ReportedRefund) -> None:
    """Raises RejectedError for what says nothing usable, whatever it is about."""
    if report.problem:
        raise RejectedError(report.problem)
    if draft.order.handling is not Handling.OURS:
        raise RejectedError(f"the order is not ours to refund: {draft.order.handling_reason}")
    amount, paid = report.amount, draft.order.paid
    if amount is not None and amount.amount <= 0:
        raise RejectedError(f"{amount} is nothing to refund")
    if amount is not None and paid is not None and amount.currency != paid.currency:
        raise RejectedError(f"{amount} is in another currency than the order, which was paid in {paid.currency}")


def _taken(draft: Draft, *, in_part: bool) -> frozenset[LineId]:
    """Units for which nothing more can be wanted now: the buyer has or gets money back for them.

    `in_part`: an OMS may give an amount for what was refunded in part before; how much is left is looked at then. In
    ChannelAdvisor people book twice what is meant once, so that a unit is refunded there once.
    """
    granted = REFUND_GRANTED - {ReturnState.REFUNDED} if in_part else REFUND_GRANTED
    by_returns = {line for each in draft.returns if each.state in granted for line in each.line_ids}
    return _wished(draft.seller_refunds) | by_returns


def _named_lines(lines: Iterable[Line], wanted: tuple[LineId, ...], taken: frozenset[LineId]) -> list[Line]:
    known = {line.id: line for line in lines}
    named = []
    for line_id in dict.fromkeys(wanted):
        line = known.get(line_id)
        if line is None:
            raise RejectedError(f"the order has no line {line_id}")
        if line.state is LineState.CANCELED:
            raise RejectedError(f"line {line_id} is cancelled, and its money went back with that")
        if line.state is not LineState.SHIPPED:
            raise RejectedError(f"line {line_id} is not shipped: cancel it instead")
        if line_id in taken:
            raise RejectedError(f"line {line_id} is refunded already, or is being refunded")
        named.append(line)
    return named


def _units(free: list[Line], units: tuple[tuple[str, int], ...]) -> list[Line]:
    wanted = Counter[str]()
    for sku, quantity in units:
        wanted[sku] += quantity
    chosen = []
    for sku, quantity in wanted.items():
        of_sku = [line for line in free if line.sku == sku]
        if quantity < 1 or len(of_sku) < quantity:
            raise RejectedError(
                f"{quantity} units of {sku!r} are to be refunded, but {len(of_sku)} are shipped and not refunded yet"
            )
        chosen += of_sku[:quantity]
    return chosen


def _wished(wishes: Iterable[SellerRefund]) -> frozenset[LineId]:
    return frozenset(line for wish in wishes if wish.is_open for line in wish.line_ids)


def check_amount(draft: Draft, amount: Money | None) -> None:
    """Raises RejectedError for more than was paid and not refunded yet."""
    paid = draft.order.paid
    if amount is None or paid is None:
        return
    granted = [each for each in draft.returns if each.state in REFUND_GRANTED]
    on_the_way = [
        wish.amount for wish in draft.seller_refunds if wish.is_open and wish.return_id not in {e.id for e in granted}
    ]
    gone = add_up(money for money in (*on_the_way, *(each.money for each in granted)) if money)
    left = paid.amount - (gone.amount if gone else Decimal(0))
    if amount.amount > left:
        raise RejectedError(f"{amount} is more than the {left} {paid.currency} that were paid and not refunded yet")


def _is_same_money(draft: Draft, wish: SellerRefund, known: Return) -> bool:
    """Whether a buyer's return gives what the seller wants to give. All of the order must be all that was paid."""
    money, paid = known.money, draft.order.paid
    if money is None:
        return True
    if wish.amount is not None:
        return wish.amount == money
    living = {line.id for line in draft.order.lines if line.state is not LineState.CANCELED}
    is_all = living == set(wish.line_ids) == {line.id for line in draft.order.lines}
    return not is_all or paid is None or money == paid


def refuse_refunded(known: Return, wish: SellerRefund) -> None:
    """Raises RejectedError where a return gives the buyer the money back for these units."""
    again = [line for line in wish.line_ids if line in known.line_ids]
    if known.state in REFUND_GRANTED and again:
        raise RejectedError(f"line {', '.join(again)} is refunded already, or is being refunded")


def return_about(draft: Draft, wish: SellerRefund) -> Return | None:
    """The buyer's open return about these units, where its approval is just this refund.

    Raises RejectedError for another open return about them: TikTok Shop takes no second one.
    """
    for known in draft.returns:
        if not known.is_open or not set(known.line_ids).intersection(wish.line_ids):
            continue
        same_lines = set(known.line_ids) == set(wish.line_ids)
        if (
            same_lines
            and _is_same_money(draft, wish, known)
            and known.question in REFUND_BY_ANSWER
            and known.answer is not Answer.REJECT
        ):
            return known
        raise RejectedError(f"the buyer's return {known.id} about these units is open: answer that one")
    return None
