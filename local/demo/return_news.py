"""Every return and refund of the day as a person sees it: who wants what, how it stands, the time left to answer."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.table import Table

from local.demo.cancellations import Seen, requests_table
from local.demo.clock import real, trading
from local.demo.deadline_news import Message
from local.demo.partners import Partners
from local.demo.returned import (
    STATES_AT_OMS,
    given_at_tiktok,
    given_in_channeladvisor,
    has_ended,
    refusals,
    returns_of,
    tried_by_hand,
)
from local.demo.stories import TIME_TO_ANSWER, Placed
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.return_records import ReturnRecord, ReturnStatus, ReturnType
from order_sync.domain.returning.statuses import RETURN_WORDS, ReturnState

_WISHES: Final = {ReturnType.REFUND: "money", ReturnType.RETURN_AND_REFUND: "goods"}
_DECIDERS: Final = {"tiktok": "TikTok Shop", "seller_center": "Seller Center", "buyer": "buyer"}


def returns_seen(
    partners: Partners, orders: Sequence[Placed], messages: Sequence[Message], now: datetime
) -> Iterator[Seen]:
    """The returns and refunds of these orders, as the partners' books have them now."""
    for order in orders:
        if order.story.aftersale is None:
            continue
        returns = returns_of(partners, order.id)
        for given in returns:
            yield _seen(partners, order, given, now)
        by_oms = partners.oms.books.seller_refunds(order.id)
        if by_oms and not returns:
            yield Seen(order=order.id[-6:], wish=_wish_of_oms(order), state="TikTok Shop is told next", style="cyan")
        if (tried := tried_by_hand(partners, order)) is not None:
            refused = bool(refusals(messages, order.id))
            yield Seen(
                order=order.id[-6:],
                wish=f"by hand: all {tried.total:.2f}",
                state="more than was paid: refused, people know" if refused else "refunded in ChannelAdvisor alone",
                style="green" if refused else "cyan",
            )


def returns_table(returns: Sequence[Seen]) -> Table:
    """All of them, with a countdown for each question that is open."""
    return requests_table("Wants something back", returns)


def _seen(partners: Partners, order: Placed, given: ReturnRecord, now: datetime) -> Seen:
    wish = _wish_of_oms(order)
    if given.role is Role.BUYER:
        wish = f"{_WISHES.get(given.type, given.type.lower())}: {given.reason_text}"
    if has_ended(given):
        style = "green" if given.status is ReturnStatus.REJECT else "red"
        return Seen(
            order=order.id[-6:],
            wish=wish,
            state=_end(partners, order, given),
            style=style,
            before=_spare(partners, given),
        )
    left = None if given.respond_by is None else max(given.respond_by - now, timedelta(0))
    return Seen(
        order=order.id[-6:],
        wish=wish,
        state=_state(partners, given),
        style="cyan",
        left=None if left is None else trading(left),
        part_left=0 if left is None else min(left / real(TIME_TO_ANSWER), 1),
    )


def _wish_of_oms(order: Placed) -> str:
    units = order.story.aftersale.units if order.story.aftersale else 0
    return f"OMS: refund of {units or 'all'} unit{'' if units == 1 else 's'}"


def _state(partners: Partners, given: ReturnRecord) -> str:
    """How it stands for the OMS, in the guide's words, and what the OMS says to an open question."""
    told = next((each for each in partners.oms.books.returns(given.order_id) if each.id == given.id), None)
    if told is None:
        return "the OMS hears of it next"
    word = RETURN_WORDS[ReturnState(told.state.upper())]
    if given.question is None or not told.question:
        return word
    said = _oms_says(partners, given, told.question)
    return f"{word}: the OMS says {said}" if said else f"{word}: the OMS is asked"


def _end(partners: Partners, order: Placed, given: ReturnRecord) -> str:
    by = _DECIDERS.get(given.decided_by or "", "somebody else")
    if given.decided_by == "api":
        by = "OMS" if _oms_says(partners, given) or given.role is Role.SELLER else "shop's rule"
    if given.status is not ReturnStatus.COMPLETE:
        return f"{STATES_AT_OMS[given.status].capitalize()} ({by})"
    agrees = given_at_tiktok(partners, order.id) == given_in_channeladvisor(partners, order)
    return f"Refunded {given.refund.total:.2f}{' everywhere' if agrees else ''} ({by})"


def _oms_says(partners: Partners, given: ReturnRecord, question: str = "") -> str:
    """Its answer to a question, or the last one to any; empty while it has given none."""
    said = [each.body for each in partners.oms.books.return_decisions(given.id)]
    fitting = [str(body["decision"]) for body in said if question in ("", body["question"])]
    return fitting[-1] if fitting else ""


def _spare(partners: Partners, given: ReturnRecord) -> timedelta | None:
    """How long before its deadline the last question was answered."""
    answers = partners.tiktok.books.decided_return(given.id)
    left = answers[-1].time_left if answers else None
    return None if left is None else trading(left)
