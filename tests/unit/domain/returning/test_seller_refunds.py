"""A refund that the seller starts: kept once and put to TikTok Shop, or refused in clear words to its sender."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts, decide_channeladvisor_sighting
from order_sync.domain.ids import LineId
from order_sync.domain.money import Money
from order_sync.domain.orders import Handling, Line, LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.by_seller import decide_refund_refused, decide_refund_started
from order_sync.domain.returning.returns import SellerRefundState
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, ORDER_ID, TIMING, a_shop, applied, entry_for, events_of, handed_over, seen
from tests.unit.domain.returning.scenes import (
    BOTH,
    CANCEL,
    COMPLETE,
    HOUR,
    PENDING,
    REJECT,
    RETURN_ID,
    SUCCESS,
    WANTED,
    a_reported_refund,
    dollars,
    facts_of,
    not_ours,
    notices,
    refund_change,
    refund_entry,
    refund_reported,
    shipped,
    shipped_facts,
    the_lines,
    the_wish,
    wanted_back,
)

OPEN, ACCEPTED, REFUSED = SellerRefundState
UNITS: dict[str, Any] = {"line_ids": (), "units": (("TEE-BLU-M", 1),)}
IN_CHANNELADVISOR: dict[str, Any] = {"id": "channeladvisor-9", "source": Source.CHANNELADVISOR}


def with_lines(record: OrderRecord, *states: LineState) -> OrderRecord:
    lines = tuple(replace(line, state=state) for line, state in zip(record.order.lines, states, strict=True))
    return replace(record, order=replace(record.order, lines=lines))


def refusal(record: OrderRecord, **changes: Any) -> str:
    """Why a refund is refused; the test fails when it is not, or when TikTok Shop would be told."""
    report = a_reported_refund(**changes)
    change = refund_change(record, report)
    assert change is not None
    (wish,) = change.seller_refunds
    assert (wish.id, wish.state, wish.confirm_by, wish.return_id) == (report.id, REFUSED, None, None)
    assert [entry.action for entry in change.outbox] == [Action.SETTLE_SELLER_REFUND]
    assert change.returns == ()
    reported, refused = change.timeline
    assert (reported.event, reported.source) == (Event.SELLER_REFUND_REPORTED, report.source)
    assert (refused.event, refused.source) == (Event.SELLER_REFUND_REFUSED, Source.ORDER_SYNC)
    assert refused.detail == {"refund": report.id, "reason": wish.detail}
    assert refund_change(applied(record, change), report) is None
    return wish.detail


# --- taken


def test_a_seller_s_refund_is_kept_and_put_to_tiktok() -> None:
    change = refund_change(shipped(), a_reported_refund(amount=dollars("5.00"), reason="r1"))
    assert change is not None
    (wish,) = change.seller_refunds
    assert (wish.state, wish.line_ids, wish.amount, wish.reason) == (OPEN, (LINE_1,), dollars("5.00"), "r1")
    assert (wish.source, wish.requested_at) == (Source.OMS, WANTED + HOUR)
    now = WANTED + HOUR + timedelta(minutes=5)
    assert wish.confirm_by == now + timedelta(days=1)
    (entry,) = change.outbox
    assert entry.name == "TIKTOK_SHOP#REFUND_AS_SELLER#oms-31#1"
    assert (entry.due_at, entry.state) == (now, EntryState.WAITING)
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.happened_at) == (
        Event.SELLER_REFUND_REPORTED,
        Source.OMS,
        WANTED + HOUR,
    )
    assert fact.detail == {"refund": "oms-31", "lines": LINE_1, "amount": "5.00 USD"}


@pytest.mark.parametrize(
    ("changes", "lines", "said"),
    [
        ({"line_ids": (LINE_2,)}, (LINE_2,), LINE_2),
        ({"line_ids": (LINE_2, LINE_1)}, (LINE_2, LINE_1), f"{LINE_2} {LINE_1}"),
        ({"line_ids": (LINE_1, LINE_1)}, (LINE_1,), f"{LINE_1} {LINE_1}"),
        ({"line_ids": ()}, BOTH, ""),
        (UNITS, (LINE_1,), "1xTEE-BLU-M"),
        ({"line_ids": (), "units": (("TEE-BLU-M", 1), ("TEE-BLU-M", 1))}, BOTH, "1xTEE-BLU-M 1xTEE-BLU-M"),
    ],
)
def test_lines_units_or_neither_say_what_is_meant(
    changes: dict[str, Any], lines: tuple[LineId, ...], said: str
) -> None:
    change = refund_change(shipped(), a_reported_refund(**changes))
    assert change is not None
    assert change.seller_refunds[0].line_ids == lines
    assert facts_of(change)[0].detail.get("lines", "") == said


def test_units_of_several_skus_are_found() -> None:
    record = shipped()
    mug = Line(id=LineId("9"), sku="MUG-RED", state=LineState.SHIPPED)
    record = replace(record, order=replace(record.order, lines=(*record.order.lines, mug)))
    record = refund_reported(record, line_ids=(), units=(("MUG-RED", 1), ("TEE-BLU-M", 2)))
    assert set(the_wish(record).line_ids) == {mug.id, LINE_1, LINE_2}


def test_the_same_report_again_changes_nothing() -> None:
    record = refund_reported()
    assert refund_change(record, a_reported_refund()) is None
    assert refund_change(record, a_reported_refund(line_ids=(LINE_2,), amount=dollars("1.00"))) is None


def test_the_units_of_another_refund_are_not_meant_a_second_time() -> None:
    record = refund_reported(refund_reported(line_ids=(), units=(("TEE-BLU-M", 1),)), id="oms-32", **UNITS)
    assert [wish.line_ids for wish in record.seller_refunds] == [(LINE_1,), (LINE_2,)]


def test_what_a_refused_refund_meant_can_be_meant_again() -> None:
    record = refund_reported(amount=dollars("99.00"))
    assert the_wish(record).state is REFUSED
    record = refund_reported(record, id="oms-32")
    assert the_wish(record, "oms-32").state is OPEN


def test_money_of_a_refused_refund_is_left_to_refund() -> None:
    record = refund_reported(line_ids=(LINE_1, LineId("9")), amount=dollars("30.00"))
    assert the_wish(record).state is REFUSED
    record = refund_reported(record, id="oms-32", line_ids=BOTH, amount=dollars("37.80"))
    assert the_wish(record, "oms-32").state is OPEN


def test_all_of_the_order_is_what_is_shipped_and_not_refunded() -> None:
    record = refund_reported(wanted_back(status=COMPLETE), line_ids=())
    assert the_wish(record).line_ids == (LINE_2,)


@pytest.mark.parametrize(("amount", "state"), [("0.01", OPEN), ("37.80", OPEN), ("37.81", REFUSED)])
def test_no_more_than_was_paid_is_refunded(amount: str, state: SellerRefundState) -> None:
    assert the_wish(refund_reported(line_ids=(), amount=dollars(amount))).state is state


def test_where_nobody_knows_what_was_paid_tiktok_has_the_word() -> None:
    record = refund_reported(shipped(paid=None), amount=Money(amount=Decimal(999), currency="GBP"))
    assert the_wish(record).state is OPEN


# --- refused


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_what_is_not_ours_is_not_ours_to_refund(handling: Handling) -> None:
    change = refund_change(not_ours(shipped(), handling), a_reported_refund())
    assert change is not None
    assert change.seller_refunds[0].detail == "the order is not ours to refund: placed before go-live"


def test_a_refund_that_does_not_say_how_much_is_refused_in_its_source_s_words() -> None:
    text = "refund 5500001 shows no amount in ChannelAdvisor"
    assert refusal(shipped(), problem=text) == text


def test_a_line_of_another_order_is_refused() -> None:
    assert refusal(shipped(), line_ids=(LINE_1, LineId("9"))) == "the order has no line 9"


def test_a_cancelled_line_is_refused() -> None:
    record = with_lines(shipped(), LineState.SHIPPED, LineState.CANCELED)
    assert refusal(record, line_ids=BOTH) == f"line {LINE_2} is cancelled, and its money went back with that"


@pytest.mark.parametrize("state", [LineState.OPEN, LineState.IN_PARCEL])
def test_a_line_that_is_not_shipped_is_to_be_cancelled_instead(state: LineState) -> None:
    record = with_lines(shipped(), LineState.SHIPPED, state)
    assert refusal(record, line_ids=(LINE_2,)) == f"line {LINE_2} is not shipped: cancel it instead"


@pytest.mark.parametrize("status", [SUCCESS, COMPLETE])
@pytest.mark.parametrize("kind", [ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND])
def test_a_line_that_is_refunded_or_being_refunded_is_refused(status: str, kind: ReturnKind) -> None:
    record = wanted_back(status=status, kind=kind)
    assert refusal(record) == f"line {LINE_1} is refunded already, or is being refunded"


def test_a_line_of_another_open_refund_is_refused() -> None:
    record = refund_reported()
    assert refusal(record, id="oms-32") == f"line {LINE_1} is refunded already, or is being refunded"


@pytest.mark.parametrize(("wanted", "free"), [(3, 2), (0, 2), (-1, 2)])
def test_more_units_than_are_left_are_refused(wanted: int, free: int) -> None:
    assert refusal(shipped(), line_ids=(), units=(("TEE-BLU-M", wanted),)) == (
        f"{wanted} units of 'TEE-BLU-M' are to be refunded, but {free} are shipped and not refunded yet"
    )


def test_units_of_a_sku_that_the_order_does_not_have_are_refused() -> None:
    assert refusal(shipped(), line_ids=(), units=(("MUG-RED", 1),)) == (
        "1 units of 'MUG-RED' are to be refunded, but 0 are shipped and not refunded yet"
    )


def test_units_that_are_named_twice_are_counted_together() -> None:
    units = (("TEE-BLU-M", 2), ("TEE-BLU-M", 1))
    assert refusal(shipped(), line_ids=(), units=units).startswith("3 units of 'TEE-BLU-M'")


@pytest.mark.parametrize("state", [LineState.OPEN, LineState.IN_PARCEL, LineState.CANCELED])
def test_an_order_of_which_nothing_is_shipped_has_nothing_to_refund(state: LineState) -> None:
    record = with_lines(shipped(), state, state)
    assert refusal(record, line_ids=()) == "nothing of the order is shipped and not refunded yet"


def test_an_order_that_is_refunded_whole_has_nothing_left_to_refund() -> None:
    record = wanted_back(status=COMPLETE, lines=the_lines(*BOTH))
    assert refusal(record, line_ids=()) == "nothing of the order is shipped and not refunded yet"


@pytest.mark.parametrize("amount", ["0", "0.00", "-0.01", "-18.90"])
def test_nothing_or_less_is_no_refund(amount: str) -> None:
    assert refusal(shipped(), amount=dollars(amount)) == f"{amount} USD is nothing to refund"


def test_another_currency_is_refused() -> None:
    amount = Money(amount=Decimal("1.00"), currency="GBP")
    assert refusal(shipped(), amount=amount) == (
        "1.00 GBP is in another currency than the order, which was paid in USD"
    )


def test_more_than_was_paid_is_refused() -> None:
    assert refusal(shipped(), amount=dollars("37.81")) == (
        "37.81 USD is more than the 37.80 USD that were paid and not refunded yet"
    )


def test_more_than_is_left_after_other_refunds_is_refused() -> None:
    record = wanted_back(status=COMPLETE)
    assert refusal(record, line_ids=(LINE_2,), amount=dollars("18.91")) == (
        "18.91 USD is more than the 18.90 USD that were paid and not refunded yet"
    )


def test_more_than_is_left_beside_refunds_on_their_way_is_refused() -> None:
    record = refund_reported(amount=dollars("30.00"))
    assert refusal(record, id="oms-32", line_ids=(LINE_2,), amount=dollars("7.81")) == (
        "7.81 USD is more than the 7.80 USD that were paid and not refunded yet"
    )
    assert the_wish(refund_reported(record, id="oms-33", line_ids=(LINE_2,), amount=dollars("7.80")), "oms-33").is_open


@pytest.mark.parametrize("kind", [ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND])
def test_more_than_is_left_beside_what_returns_are_being_refunded_is_refused(kind: ReturnKind) -> None:
    record = wanted_back(status=SUCCESS, kind=kind)
    assert refusal(record, line_ids=(LINE_2,), amount=dollars("18.91")) == (
        "18.91 USD is more than the 18.90 USD that were paid and not refunded yet"
    )


def test_a_refund_of_nothing_that_was_paid_is_refused() -> None:
    assert refusal(shipped(paid=dollars("0.00")), amount=dollars("0.01")) == (
        "0.01 USD is more than the 0.00 USD that were paid and not refunded yet"
    )


def test_people_hear_of_a_refusal_that_channeladvisor_cannot_be_told() -> None:
    record = refund_reported(amount=dollars("99.00"), **IN_CHANNELADVISOR)
    assert notices(record) == [("channeladvisor-9", "refund-refused")]
    assert entry_for(record, Target.OMS, Action.SETTLE_SELLER_REFUND, "channeladvisor-9") is None


# --- what TikTok Shop makes of it


def test_a_return_that_tiktok_makes_of_it_is_linked() -> None:
    record = refund_reported()
    entry = refund_entry(record)
    change = decide_refund_started(record, entry, WANTED + 2 * HOUR, return_id=RETURN_ID)
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.TOLD, Source.TIKTOK_SHOP)
    assert fact.detail == {"told": "REFUND_AS_SELLER", "subject": "oms-31", "return_id": RETURN_ID}
    record = applied(record, change)
    assert (the_wish(record).return_id, the_wish(record).state) == (RETURN_ID, OPEN)
    assert refund_entry(record).state is EntryState.DONE


def started(record: OrderRecord, refund: str = "oms-31") -> OrderRecord:
    entry = refund_entry(record, refund)
    return applied(record, decide_refund_started(record, entry, WANTED + 2 * HOUR, return_id=RETURN_ID))


@pytest.mark.parametrize("status", [PENDING, "AWAITING_BUYER_SHIP", SUCCESS])
def test_it_stays_open_until_tiktok_has_refunded(status: str) -> None:
    record = wanted_back(started(refund_reported()), status, after=3 * HOUR, question=None)
    assert the_wish(record).state is OPEN
    assert entry_for(record, Target.OMS, Action.SETTLE_SELLER_REFUND, "oms-31") is None


def test_it_is_accepted_when_tiktok_has_refunded() -> None:
    record = started(refund_reported())
    before = wanted_back(record, SUCCESS, after=3 * HOUR, kind=ReturnKind.REFUND)
    record = wanted_back(before, COMPLETE, after=4 * HOUR, kind=ReturnKind.REFUND)
    assert the_wish(record).state is ACCEPTED
    entry = entry_for(record, Target.OMS, Action.SETTLE_SELLER_REFUND, "oms-31")
    assert entry is not None
    assert entry.state is EntryState.WAITING


def test_channeladvisor_and_people_hear_nothing_of_what_is_accepted() -> None:
    record = started(refund_reported(line_ids=(), units=(("TEE-BLU-M", 1),), **IN_CHANNELADVISOR), "channeladvisor-9")
    record = wanted_back(record, COMPLETE, after=4 * HOUR, kind=ReturnKind.REFUND)
    assert the_wish(record, "channeladvisor-9").state is ACCEPTED
    assert notices(record) == []


@pytest.mark.parametrize(("status", "state"), [(REJECT, "REJECTED"), (CANCEL, "CLOSED")])
def test_it_is_refused_when_tiktok_ends_its_return_otherwise(status: str, state: str) -> None:
    record = wanted_back(started(refund_reported()), status, after=3 * HOUR)
    assert (the_wish(record).state, the_wish(record).detail) == (
        REFUSED,
        f"TikTok Shop shows its return {RETURN_ID} as {state}",
    )
    assert entry_for(record, Target.OMS, Action.SETTLE_SELLER_REFUND, "oms-31") is not None


def test_what_is_accepted_is_not_refused_any_more_nor_told_again() -> None:
    record = wanted_back(started(refund_reported()), COMPLETE, after=3 * HOUR)
    again = wanted_back(record, COMPLETE, after=4 * HOUR)
    assert again == record


def test_a_refusal_of_tiktok_s_fails_the_entry_and_is_told_to_the_sender() -> None:
    record = refund_reported()
    change = decide_refund_refused(record, refund_entry(record), WANTED + 2 * HOUR, reason="more than refundable")
    assert events_of(change) == [Event.FAILED, Event.SELLER_REFUND_REFUSED]
    assert facts_of(change)[0].detail == {
        "told": "REFUND_AS_SELLER",
        "subject": "oms-31",
        "reason": "more than refundable",
    }
    record = applied(record, change)
    assert (the_wish(record).state, the_wish(record).detail) == (REFUSED, "more than refundable")
    assert (refund_entry(record).state, refund_entry(record).reason) == (EntryState.FAILED, "more than refundable")
    assert entry_for(record, Target.OMS, Action.SETTLE_SELLER_REFUND, "oms-31") is not None


@pytest.mark.parametrize("how", ["started", "refused"])
def test_what_is_settled_is_not_settled_again(how: str) -> None:
    record = wanted_back(started(refund_reported()), COMPLETE, after=3 * HOUR)
    entry = refund_entry(record)
    change = (
        decide_refund_started(record, entry, WANTED + 5 * HOUR, return_id=RETURN_ID)
        if how == "started"
        else decide_refund_refused(record, entry, WANTED + 5 * HOUR, reason="already refunded")
    )
    assert change is not None
    assert change.seller_refunds == ()
    assert the_wish(applied(record, change)).state is ACCEPTED


# --- from ChannelAdvisor


def channeladvisor_shows(record: OrderRecord, *refunds: Any) -> OrderRecord:
    facts = ChannelAdvisorFacts(
        id="12345",
        order=ORDER_ID,
        updated_at=WANTED + HOUR,
        shipping_status="Shipped",
        seller_order_id="OMS-1",
        refunds=refunds,
    )
    change = decide_channeladvisor_sighting(record, facts, a_shop(), TIMING, WANTED + 2 * HOUR)
    return applied(record, change)


def test_refunds_that_channeladvisor_shows_are_taken_each_once() -> None:
    shown = [
        a_reported_refund(id=f"channeladvisor-{number}", source=Source.CHANNELADVISOR, **UNITS) for number in (1, 2)
    ]
    record = channeladvisor_shows(shipped(), shown[0])
    record = channeladvisor_shows(record, *shown)
    assert [(wish.id, wish.line_ids, wish.state) for wish in record.seller_refunds] == [
        ("channeladvisor-1", (LINE_1,), OPEN),
        ("channeladvisor-2", (LINE_2,), OPEN),
    ]
    assert channeladvisor_shows(record, *shown).seller_refunds == record.seller_refunds


def test_refunds_that_channeladvisor_shows_of_orders_that_are_not_ours_are_no_wishes() -> None:
    shown = a_reported_refund(id="channeladvisor-1", source=Source.CHANNELADVISOR, **UNITS)
    assert channeladvisor_shows(not_ours(shipped(), Handling.WATCHED), shown).seller_refunds == ()


# --- with what was paid


def test_the_most_that_was_ever_paid_counts() -> None:
    record = seen(shipped_facts(paid=dollars("18.90"), updated_at=WANTED), shipped(), at=WANTED + HOUR)
    assert record.order.paid == dollars("37.80")
    assert the_wish(refund_reported(record, line_ids=(), amount=dollars("37.80"))).state is OPEN


def test_an_order_that_is_not_shipped_at_all_is_to_be_cancelled() -> None:
    assert refusal(handed_over()) == f"line {LINE_1} is not shipped: cancel it instead"
