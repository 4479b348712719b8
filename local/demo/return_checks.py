"""The promises about returns and refunds, checked in the partners' own books and in what people were told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from local.demo.checks import Check
from local.demo.deadline_news import Message
from local.demo.partners import Partners
from local.demo.returned import (
    STATES_AT_OMS,
    asked_by_buyer,
    given_at_tiktok,
    given_in_channeladvisor,
    has_ended,
    issued_refunds,
    note_of,
    refusals,
    returns_of,
    tried_by_hand,
    word_of_end,
)
from local.demo.stories import Placed
from local.simulators.tiktok_shop.return_records import ReturnRecord, ReturnStatus

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def check_returns(partners: Partners, orders: Sequence[Placed], messages: Sequence[Message]) -> list[Check]:
    """Every promise about returns and refunds. `messages`: what people read, which is in no partner's books."""
    return [
        Check("Each return was answered once, in time, as it was decided", tuple(_answers(partners, orders))),
        Check("ChannelAdvisor has TikTok Shop's refunds once, and no others", tuple(_booked(partners, orders))),
        Check("Nothing was adjusted there while a return was open", tuple(_early(partners, orders))),
        Check("ChannelAdvisor's notes say how each return has ended", tuple(_unnoted(partners, orders))),
        Check("The OMS knows how each return and refund has ended", tuple(_untold(partners, orders))),
        Check("A refund that the OMS started reached TikTok Shop once", tuple(_started(partners, orders))),
        Check("Nothing was refunded beyond what was paid; who tried knows", tuple(_beyond(partners, orders, messages))),
    ]


def _answers(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    """TikTok's own book of answers, which takes none after a deadline: it answers by itself then."""
    for order in orders:
        aftersale, asked = order.story.aftersale, asked_by_buyer(partners, order.id) if order.travels else []
        wanted = int(aftersale is not None and aftersale.asks is not None)
        if len(asked) != wanted:
            yield f"{order.id} ({order.note}): {len(asked)} returns, and should be {wanted}"
        if aftersale is None:
            continue
        for given in asked:
            answers = partners.tiktok.books.decided_return(given.id)
            said = tuple(each.decision for each in answers if each.by == "api")
            if said != aftersale.answers or given.status is not aftersale.ends:
                heard = " and ".join(f"{each.decision} by {each.by}" for each in answers) or "nothing"
                yield f"{order.id} ({order.note}): TikTok Shop heard {heard}, and shows {given.status}"
            reasons = [each.reason for each in answers if each.decision.startswith("REJECT")]
            if any(reason != aftersale.rejects_for.get(order.region) for reason in reasons):
                yield f"{order.id} ({order.note}): rejected for {reasons}"


def _booked(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    """Units and money, with the shipping and the tax in it."""
    for order in orders:
        there, right = given_in_channeladvisor(partners, order), given_at_tiktok(partners, order.id)
        if there != right:
            yield f"{order.id} ({order.note}): {there} in ChannelAdvisor, {right} at TikTok Shop"


def _early(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    books = partners.channeladvisor.books
    for order in orders:
        made = [
            each["CreatedDateUtc"]
            for there in books.orders_of_tiktok(order.id)
            for each in books.adjustments(there["ID"])
        ]
        for given in returns_of(partners, order.id):
            closed_at = _closed_at(given)
            for moment in made:
                if given.created_at <= moment < closed_at:
                    yield f"{order.id} ({order.note}): adjusted while return {given.id} was open"


def _closed_at(given: ReturnRecord) -> datetime:
    if not has_ended(given):
        return _NEVER
    ended_at = given.refunded_at if given.status is ReturnStatus.COMPLETE else given.decided_at
    return ended_at or _NEVER


def _unnoted(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in orders:
        for given in returns_of(partners, order.id):
            lines = note_of(partners, given)
            if len(lines) != 1 or not has_ended(given) or word_of_end(given) not in lines[0]:
                yield f"{order.id} ({order.note}): {' / '.join(lines) or 'nothing'} about a return in {given.status}"


def _untold(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in orders:
        returns = returns_of(partners, order.id)
        told = {each.id: each for each in partners.oms.books.returns(order.id)}
        for given in returns:
            known = told.get(given.id)
            heard = (known.state, known.body["refund"]) if known else ("nothing", None)
            wanted = STATES_AT_OMS.get(given.status, "an end")
            refund = heard[1] if given.status is ReturnStatus.COMPLETE else None
            amount = f"{refund['total']} {refund['currency']}" if refund else ""
            right = f"{given.refund.total:.2f} {given.refund.currency}" if given.status is ReturnStatus.COMPLETE else ""
            if (heard[0], amount) != (wanted, right):
                yield f"{order.id} ({order.note}): the OMS heard {heard[0]} {amount}, and it is {wanted} {right}"
        for refund in partners.oms.books.seller_refunds(order.id):
            outcome = refund.told or {}
            if outcome.get("outcome") != "accepted" or outcome.get("return_id") not in told:
                yield f"{order.id} ({order.note}): the OMS heard {outcome or 'nothing'} about its refund"


def _started(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in orders:
        wanted = [each.body["lines"] for each in partners.oms.books.seller_refunds(order.id)]
        by_story = int(order.story.aftersale is not None and order.story.aftersale.asks is None)
        made = [
            list(each.line_ids)
            for each in partners.tiktok.books.seller_returns
            if each.order_id == order.id and each.code == 0 and not each.replayed
        ]
        refunded = [list(each.line_ids) for each in issued_refunds(partners, order.id)] if by_story else made
        if len(wanted) != by_story or made != wanted or refunded != wanted:
            yield f"{order.id} ({order.note}): {len(wanted)} refunds of the OMS's, {len(made)} at TikTok Shop"


def _beyond(partners: Partners, orders: Sequence[Placed], messages: Sequence[Message]) -> Iterator[str]:
    books = partners.tiktok.books
    beyond = Counter({**books.refunds_beyond_payment, **books.units_beyond_price})
    yield from (f"{what}: {amount} more than was paid" for what, amount in beyond.items())
    for order in orders:
        aftersale, told = order.story.aftersale, refusals(messages, order.id)
        wanted = int(aftersale is not None and aftersale.tried_by_hand)
        if wanted and tried_by_hand(partners, order) is None:
            yield f"{order.id} ({order.note}): nobody tried to refund too much"
        if len(told) != wanted:
            yield f"{order.id} ({order.note}): people were told {len(told)} times of a refund that is not allowed"
