"""Returns of one order: what TikTok Shop shows of them, who answers, and refunds that the seller starts."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.facts import OrderFacts
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.money import Money
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_return_answer
from order_sync.domain.returning.by_seller import decide_reported_refund
from order_sync.domain.returning.returns import (
    Question,
    Refund,
    ReportedRefund,
    Return,
    ReturnFacts,
    ReturnLine,
    SellerRefund,
)
from order_sync.domain.returning.sightings import decide_return_sighting
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.returning.unanswered import decide_due_returns
from order_sync.domain.shop import ShopSettings
from order_sync.domain.telling import decide_told
from order_sync.domain.timeline import TimelineEntry
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    ORDER_ID,
    TIMING,
    a_shop,
    applied,
    created,
    handed_over,
    minutes,
    released,
    seen,
    some_facts,
    some_lines,
    the_entry,
    with_entry,
)

PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
ANSWER_OF_BUYER = "AWAITING_BUYER_RESPONSE"
TO_SHIP = "AWAITING_BUYER_SHIP"
SHIPPED_BACK = "BUYER_SHIPPED_ITEM"
SUCCESS = "RETURN_OR_REFUND_REQUEST_SUCCESS"
COMPLETE = "RETURN_OR_REFUND_REQUEST_COMPLETE"
REJECT = "REFUND_OR_RETURN_REQUEST_REJECT"
REJECT_PACKAGE = "REJECT_RECEIVE_PACKAGE"
CANCEL = "RETURN_OR_REFUND_REQUEST_CANCEL"

WANTED = NOON + timedelta(days=5)
"""When buyers want something back: their order was delivered."""
HOUR = timedelta(hours=1)
RETURN_ID = ReturnId("4035318504086605001")
ANOTHER_ID = ReturnId("4035318504086605002")
UNIT_PAID = Decimal("18.90")
PAID = Money(amount=Decimal("37.80"), currency="USD")
"""Two units of 17.50 with 1.40 tax each."""
BOTH = (LINE_1, LINE_2)

_ASKED_BY_KIND = {
    ReturnKind.REFUND: Question.REFUND,
    ReturnKind.RETURN_AND_REFUND: Question.RETURN,
    ReturnKind.REPLACEMENT: Question.REPLACEMENT,
}
_WAITS_FOR_SELLER = frozenset({PENDING, "REPLACEMENT_REQUEST_PENDING"})


def dollars(amount: str) -> Money:
    """An amount in the order's currency."""
    return Money(amount=Decimal(amount), currency="USD")


def a_refund(units: int = 1, **changes: Any) -> Refund:
    """What was paid for so many units."""
    values: dict[str, Any] = {
        "currency": "USD",
        "total": UNIT_PAID * units,
        "goods": Decimal("17.50") * units,
        "tax": Decimal("1.40") * units,
    }
    return Refund(**(values | changes))


def the_lines(*ids: LineId) -> tuple[ReturnLine, ...]:
    """Units that come back, with all that was paid for each."""
    return tuple(ReturnLine(id=line, refund=a_refund()) for line in ids)


def return_facts(status: str = PENDING, *, seen_after: timedelta = timedelta(0), **changes: Any) -> ReturnFacts:
    """A buyer's return of the first unit, as TikTok Shop shows it `seen_after` the moment it was wanted.

    A pending one asks the seller by its kind, until two days after it was wanted.
    """
    kind = changes.get("kind", ReturnKind.RETURN_AND_REFUND)
    question = changes.get("question", _ASKED_BY_KIND.get(kind) if status in _WAITS_FOR_SELLER else None)
    values: dict[str, Any] = {
        "id": RETURN_ID,
        "order": ORDER_ID,
        "kind": kind,
        "status_text": status,
        "initiator": Initiator.BUYER,
        "reason": "ecom_order_delivered_refund_and_return_reason_wrong_product",
        "lines": the_lines(LINE_1),
        "requested_at": WANTED,
        "updated_at": WANTED + seen_after,
        "question": question,
        "respond_by": WANTED + 48 * HOUR if question else None,
    }
    values |= changes
    refunds = [line.refund for line in values["lines"] if line.refund]
    values.setdefault("refund", a_refund(len(refunds)) if refunds else None)
    return ReturnFacts(**values)


def shipped(*lines: LineId, shop: ShopSettings | None = None, paid: Money | None = PAID) -> OrderRecord:
    """An order that the seller's side has, these units of it delivered; without any, all."""
    has_oms = shop is None or shop.has_oms
    record = handed_over(shop) if has_oms else created(released(shop))
    return seen(shipped_facts(*lines, paid=paid), record, shop=shop, at=WANTED - HOUR)


def shipped_facts(*lines: LineId, paid: Money | None = PAID, **changes: Any) -> OrderFacts:
    """How TikTok Shop shows an order of which these units are delivered."""
    left = lines or BOTH
    shown = tuple(
        replace(line, shipped=True, package_id="P1", tracking_number="9400100000000000000000", carrier="USPS")
        if line.id in left
        else line
        for line in some_lines()
    )
    status = "DELIVERED" if set(left) >= set(BOTH) else "PARTIALLY_SHIPPING"
    values: dict[str, Any] = {"updated_at": WANTED - HOUR, "paid": paid, "lines": shown}
    return some_facts(status, **(values | changes))


def not_ours(record: OrderRecord, handling: Handling) -> OrderRecord:
    """The same order, not ours to push."""
    order = replace(record.order, handling=handling, handling_reason="placed before go-live")
    return replace(record, order=order, outbox=())


def return_change(
    record: OrderRecord, facts: ReturnFacts, shop: ShopSettings | None = None, at: datetime | None = None
) -> Change | None:
    """What a sighting of a return decides, five minutes after it changed."""
    return decide_return_sighting(record, facts, shop or a_shop(), TIMING, at or facts.updated_at + minutes(5))


def wanted_back(
    record: OrderRecord | None = None,
    status: str = PENDING,
    *,
    after: timedelta = timedelta(0),
    shop: ShopSettings | None = None,
    **changes: Any,
) -> OrderRecord:
    """The record after TikTok Shop showed a return like this, so long after it was wanted."""
    before = record or shipped(shop=shop)
    return applied(before, return_change(before, return_facts(status, seen_after=after, **changes), shop))


def the_return(record: OrderRecord, return_id: ReturnId = RETURN_ID) -> Return:
    """A return of a record; the test fails when there is none."""
    found = record.return_of(return_id)
    assert found is not None
    return found


def the_wish(record: OrderRecord, refund: str = "oms-31") -> SellerRefund:
    """A seller's refund of a record; the test fails when there is none."""
    found = record.seller_refund(refund)
    assert found is not None
    return found


def answered(
    record: OrderRecord,
    answer: Answer = Answer.APPROVE,
    by: Decider = Decider.OMS,
    *,
    question: Question | None = None,
    at: datetime = WANTED + HOUR,
) -> OrderRecord:
    """The record after somebody answered what is asked about the return."""
    asked = question or the_return(record).question
    assert asked is not None
    change = decide_return_answer(record, RETURN_ID, asked, answer, by, timing=TIMING, now=at)
    return applied(record, change)


def answers_told(record: OrderRecord, return_id: ReturnId = RETURN_ID) -> list[OutboxEntry]:
    """What tells TikTok Shop answers about the return."""
    actions = (Action.APPROVE_RETURN, Action.REJECT_RETURN)
    return [entry for entry in record.outbox if entry.action in actions and entry.subject == return_id]


def notes(record: OrderRecord, target: Target, return_id: ReturnId = RETURN_ID) -> list[OutboxEntry]:
    """What tells a partner how the return stands."""
    wanted = (target, Action.NOTE_RETURN, return_id)
    return [entry for entry in record.outbox if (entry.target, entry.action, entry.subject) == wanted]


def refunds_told(record: OrderRecord) -> list[OutboxEntry]:
    """What tells ChannelAdvisor of refunds."""
    return [entry for entry in record.outbox if entry.action is Action.REFUND_LINES]


def notices(record: OrderRecord) -> list[tuple[str, str]]:
    """What people are told, and of what."""
    return [(entry.subject, entry.revision) for entry in record.outbox if entry.action is Action.NOTIFY]


def facts_of(change: Change | None) -> list[TimelineEntry]:
    """What a decision puts on the timeline."""
    return list(change.timeline) if change else []


def ended(record: OrderRecord, entry: OutboxEntry, state: EntryState = EntryState.DONE, **changes: Any) -> OrderRecord:
    """The record after an entry has ended so, without anything else."""
    return with_entry(record, entry, state=state, due_at=None, **changes)


def all_notes_told(record: OrderRecord) -> OrderRecord:
    """The record after ChannelAdvisor and the OMS heard how the return stands."""
    for target in (Target.CHANNELADVISOR, Target.OMS):
        for entry in notes(record, target):
            if entry.state is EntryState.WAITING:
                record = applied(record, decide_told(record, entry, WANTED))
    return record


def due_change(record: OrderRecord, now: datetime, shop: ShopSettings | None = None) -> Change | None:
    """What the passing of time decides."""
    return decide_due_returns(record, shop or a_shop(), TIMING, now)


def a_reported_refund(**changes: Any) -> ReportedRefund:
    """The OMS refunds the first unit, all that was paid for it, an hour after the buyer could have wanted it."""
    values: dict[str, Any] = {
        "id": "oms-31",
        "source": Source.OMS,
        "requested_at": WANTED + HOUR,
        "line_ids": (LINE_1,),
    }
    return ReportedRefund(**(values | changes))


def refund_change(record: OrderRecord, report: ReportedRefund, at: datetime | None = None) -> Change | None:
    """What a refund that the seller started decides."""
    return decide_reported_refund(record, report, TIMING, at or report.requested_at + minutes(5))


def refund_reported(record: OrderRecord | None = None, at: datetime | None = None, **changes: Any) -> OrderRecord:
    """The record after the seller started a refund."""
    before = record or shipped()
    return applied(before, refund_change(before, a_reported_refund(**changes), at))


def refund_entry(record: OrderRecord, refund: str = "oms-31") -> OutboxEntry:
    """What tells TikTok Shop of a seller's refund."""
    return the_entry(record, Target.TIKTOK_SHOP, Action.REFUND_AS_SELLER, refund)
