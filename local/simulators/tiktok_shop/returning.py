"""How returns begin, go on and end (TT 4.4)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.cancel_reasons import Reason
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.lifecycle import move
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.placing import place_again
from local.simulators.tiktok_shop.refunds import line_refund
from local.simulators.tiktok_shop.return_books import ReturnDecisionRecord, issued
from local.simulators.tiktok_shop.return_records import (
    APPROVALS,
    Return,
    ReturnDecision,
    ReturnedLine,
    ReturnQuestion,
    ReturnStatus,
    ReturnType,
)
from local.simulators.tiktok_shop.return_refunds import refunds_of
from local.simulators.tiktok_shop.return_steps import (
    FIRST,
    MADE_ANEW,
    REFUNDED_INSTEAD,
    claim,
    close,
    decided,
    enter,
    release,
)
from local.simulators.tiktok_shop.state import State

S, T = ReturnStatus, ReturnType
QUESTIONS = {
    T.REFUND: ReturnQuestion.REFUND,
    T.RETURN_AND_REFUND: ReturnQuestion.RETURN,
    T.REPLACEMENT: ReturnQuestion.REPLACEMENT,
}
BEFORE_COMPLETION = frozenset({Status.AWAITING_COLLECTION, Status.IN_TRANSIT})


def new_return(
    state: State, order: Order, lines: Sequence[Line], *, type_: ReturnType, role: Role, reason: Reason, now: datetime
) -> Return:
    """A return of these units, which are its own from now on; it has no status yet that anybody could see."""
    units, refund = refunds_of(order, lines, extras=False)
    given = Return(
        id=state.ids.number("return"),
        order=order,
        type=type_,
        role=role,
        reason=reason.name,
        reason_text=reason.text,
        lines=tuple(
            ReturnedLine(id=state.ids.number("return_line"), line=line, refund=unit)
            for line, unit in zip(lines, units, strict=True)
        ),
        refund=refund,
        gives_back_extras=False,
        status=FIRST[type_],
        created_at=now,
        updated_at=now,
    )
    claim(state, given)
    return given


def ask(state: State, given: Return, now: datetime, *, approved_by_tiktok: bool = False) -> None:
    """The buyer has asked: the seller has to answer, unless TikTok does so at once."""
    if approved_by_tiktok or given.type not in QUESTIONS:
        enter(state, given, FIRST[given.type], now, by="buyer")
    else:
        _ask_seller(state, given, FIRST[given.type], QUESTIONS[given.type], now, by="buyer")
    if approved_by_tiktok:
        await_buyer(state, given, now, by="tiktok")
    if given.type is T.EXCHANGE:
        state.at(now + state.return_times.exchange, lambda at: _exchange(state, given, at))


def await_buyer(state: State, given: Return, now: datetime, *, by: str) -> None:
    """The goods may come back; the return is closed when they do not."""
    decided(given, now, by)
    given.buyer_until = until = now + state.return_times.shipping
    enter(state, given, S.AWAITING_BUYER_SHIP, now, by=by)

    def time_is_over(at: datetime) -> None:
        if given.status is S.AWAITING_BUYER_SHIP and given.buyer_until == until:
            close(state, given, at, by="tiktok")

    state.at(until, time_is_over)


def ship_back(state: State, given: Return, now: datetime) -> None:
    """The buyer has handed the goods to a carrier: the seller is to inspect them."""
    _ask_seller(state, given, S.BUYER_SHIPPED, ReturnQuestion.RECEIVE_PACKAGE, now, by="buyer")


def carry_out(state: State, given: Return, decision: ReturnDecision, now: datetime, *, by: str) -> None:
    """Do what was decided. An offer is made by `offer`."""
    match decision:
        case ReturnDecision.APPROVE_RETURN if not given.keeps_item:
            await_buyer(state, given, now, by=by)
        case ReturnDecision.APPROVE_REPLACEMENT:
            make_anew(state, given, now, by=by)
        case ReturnDecision.REJECT_RECEIVED_PACKAGE:
            reject(state, given, S.REJECT_RECEIVED, now, by=by)
        case ReturnDecision.REJECT_REPLACEMENT:
            reject(state, given, S.REPLACEMENT_REJECT, now, by=by)
        case ReturnDecision.REJECT_REFUND | ReturnDecision.REJECT_RETURN:
            reject(state, given, S.REJECT, now, by=by)
        case _:
            grant(state, given, now, by=by)


def grant(state: State, given: Return, now: datetime, *, by: str, most: Decimal | None = None) -> None:
    """The money goes back, all or at most so much: it is taken off at once, and arrives later."""
    if most is not None:
        units, given.refund = refunds_of(given.order, given.units, extras=given.gives_back_extras, most=most)
        for each, refund in zip(given.lines, units, strict=True):
            each.refund = refund
    decided(given, now, by)
    for each in given.lines:
        each.line.goods_refunded += each.refund.subtotal
        each.line.tax_refunded += each.refund.tax
        each.line.is_settled = line_refund(given.order, each.line).total == 0
    given.order.extras_refunded |= given.gives_back_extras
    if given.type in REFUNDED_INSTEAD:
        _issue(state, given, now)
        return
    enter(state, given, S.SUCCESS, now, by=by)
    state.at(now + state.refund_after, lambda at: _issue(state, given, at))


def reject(state: State, given: Return, status: ReturnStatus, now: datetime, *, by: str) -> None:
    """The buyer gets nothing, unless an arbitration says otherwise."""
    release(given)
    decided(given, now, by)
    enter(state, given, status, now, by=by)


def make_anew(state: State, given: Return, now: datetime, *, by: str) -> None:
    """The buyer gets other goods, as a new order that costs nothing; the old units are done with."""
    order = given.order
    skus = [(given.exchange_for or line.seller_sku, line.product_name) for line in given.units]
    new = place_again(state, order, skus, is_replacement=given.type is T.REPLACEMENT, now=now)
    given.new_order_id = new.id
    for line in given.units:
        line.is_settled = True
    release(given)
    decided(given, now, by)
    enter(state, given, MADE_ANEW[given.type], now, by=by)


def offer(state: State, given: Return, amount: Decimal, now: datetime, *, by: str) -> None:
    """The seller would give back some of the money; a buyer who says nothing declines."""
    given.offer, given.buyer_until = amount, now + state.return_times.offer
    enter(state, given, S.AWAITING_BUYER_RESPONSE, now, by=by)

    def time_is_over(at: datetime) -> None:
        if given.status is S.AWAITING_BUYER_RESPONSE:
            decline_offer(state, given, at, by="tiktok")

    state.at(given.buyer_until, time_is_over)


def decline_offer(state: State, given: Return, now: datetime, *, by: str) -> None:
    """The seller is asked again, and may not offer a second time."""
    given.offer_declined = True
    _ask_seller(state, given, S.PENDING, QUESTIONS[given.type], now, by=by)


def _ask_seller(
    state: State, given: Return, status: ReturnStatus, question: ReturnQuestion, now: datetime, *, by: str
) -> None:
    given.asked, given.respond_by = question, now + state.return_times.answer[question]
    due = given.respond_by
    enter(state, given, status, now, by=by)

    def time_is_over(at: datetime) -> None:
        if (given.status, given.respond_by) == (status, due):
            _approve_unanswered(state, given, question, at)

    state.at(due, time_is_over)


def _approve_unanswered(state: State, given: Return, question: ReturnQuestion, at: datetime) -> None:
    decision = APPROVALS[question]
    state.books.return_decisions.append(
        ReturnDecisionRecord(
            at=at,
            shop_id=given.order.shop.id,
            return_id=given.id,
            order_id=given.order.id,
            decision=decision.value,
            by="tiktok",
            idempotency_key=None,
            reason=None,
            code=0,
            replayed=False,
            respond_by=given.respond_by,
        )
    )
    carry_out(state, given, decision, at, by="tiktok")


def _exchange(state: State, given: Return, at: datetime) -> None:
    if given.status is S.EXCHANGE_PENDING:
        make_anew(state, given, at, by="tiktok")


def _issue(state: State, given: Return, at: datetime) -> None:
    order = given.order
    release(given)
    given.refunded_at = at
    enter(state, given, REFUNDED_INSTEAD.get(given.type, S.COMPLETE), at, by="tiktok")
    parts = [(each.line, each.refund) for each in given.lines]
    decided_by, decided_at = given.decided_by or "", given.decided_at or at
    state.books.refunds.append(
        issued(order, parts, given.refund, at, decided_by=decided_by, decided_at=decided_at, return_id=given.id)
    )
    refunded = all(line.is_settled for line in order.remaining)
    if refunded and order.status in BEFORE_COMPLETION and state.doubts.full_refund_completes_order:
        move(order, Status.COMPLETED, at)
