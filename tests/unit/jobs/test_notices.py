"""What people read about a cancellation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.answering.answers import Answer
from order_sync.domain.cancelling.answers import decide_reject_not_offered
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, OutboxEntry, Target, tell
from order_sync.domain.records import OrderRecord
from order_sync.jobs.notices import notice
from tests.builders import (
    ASKED,
    CANCEL_ID,
    NOON,
    ORDER_ID,
    SHOP_ID,
    TIMING,
    a_report,
    a_shop,
    a_shop_without_oms,
    a_wish,
    answered,
    applied,
    created,
    handed_over,
    parcel_reported,
    released,
    requested,
    seen,
    settled,
    some_facts,
    the_entry,
    wished,
)

REQUEST = (
    f"Cancel request {CANCEL_ID}: lines 577086512123755123 577086512123755124, "
    "reason ecom_order_to_ship_canceled_reason_no_longer_needed"
)
WAIT = "Answer until 2026-06-02T15:15:00+00:00; TikTok Shop waits until 2026-06-02T16:00:00+00:00"


def said(record: OrderRecord, revision: str, subject: str = CANCEL_ID) -> tuple[str, list[str]]:
    entry = tell(Target.OPERATOR, Action.NOTIFY, SHOP_ID, ORDER_ID, now=ASKED, subject=subject, revision=revision)
    headline, text = notice(record, entry)
    return headline, text.splitlines()


def queued(record: OrderRecord) -> OutboxEntry:
    (entry,) = (entry for entry in record.outbox if entry.action is Action.NOTIFY)
    return entry


def test_people_are_asked_with_the_time_that_they_have() -> None:
    shop = a_shop_without_oms()
    record = requested(created(released(shop)), shop)
    headline, text = notice(record, queued(record))
    assert headline == "A buyer asks to cancel"
    assert text.splitlines() == [f"TikTok Shop order {ORDER_ID}", "ChannelAdvisor order 12345", REQUEST, WAIT]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_reminder_says_how_long_there_is_time(number: int) -> None:
    record = requested()
    record = applied(record, decide_due(record, a_shop(), TIMING, ASKED + timedelta(hours=(12, 20, 23)[number - 1])))
    entry = queued(record)
    assert entry.revision == f"reminder-{number}"
    headline, text = notice(record, entry)
    assert headline == "A cancel request waits for an answer"
    assert WAIT in text


def test_a_rejection_that_needs_a_parcel_is_said() -> None:
    record = answered(requested(), Answer.REJECT)
    reject = the_entry(record, Target.TIKTOK_SHOP, Action.REJECT_CANCEL_REQUEST, CANCEL_ID)
    record = applied(record, decide_reject_not_offered(record, reject, ASKED + timedelta(hours=2)))
    headline, text = notice(record, queued(record))
    assert headline == "A rejected cancel request needs a tracking number"
    assert "Answered REJECT by OMS: " in text
    assert "2026-06-02T16:00:00+00:00" in text


def test_a_reminder_of_a_rejection_that_needs_a_parcel_does_not_ask_for_an_answer() -> None:
    record = answered(requested(), Answer.REJECT)
    reject = the_entry(record, Target.TIKTOK_SHOP, Action.REJECT_CANCEL_REQUEST, CANCEL_ID)
    record = applied(record, decide_reject_not_offered(record, reject, ASKED + timedelta(hours=2)))
    record = applied(record, decide_due(record, a_shop(), TIMING, ASKED + timedelta(hours=12)))
    headline, _ = said(record, "reminder-1")
    assert headline == "A rejected cancel request needs a tracking number"


def test_a_missing_confirmation_says_what_was_answered() -> None:
    record = answered(requested())
    record = applied(record, decide_due(record, a_shop(), TIMING, ASKED + timedelta(hours=2)))
    headline, text = notice(record, queued(record))
    assert headline == "TikTok Shop does not confirm an answer"
    assert "Answered APPROVE by OMS: " in text


def test_a_notice_about_a_request_that_has_ended_says_so() -> None:
    headline, text = said(settled(requested(), "CLOSED", timedelta(hours=1)), "reminder-1")
    assert headline == "A cancel request waits for an answer"
    assert text[-1] == "It is closed by now: WITHDRAWN"
    assert WAIT not in text


def test_a_refusal_says_why() -> None:
    record = wished(handed_over(), a_wish(id="ca-5", source=Source.CHANNELADVISOR, line_ids=(LineId("9"),)))
    headline, text = notice(record, queued(record))
    assert headline == "TikTok Shop does not allow a cancellation"
    assert text.splitlines()[-1] == ("Cancellation ca-5: REFUSED. lines 9 are not in order 576461413038785752")


def test_a_parcel_to_get_back_is_named() -> None:
    shop = a_shop_without_oms()
    record = created(released(shop))
    report = a_report(source=Source.CHANNELADVISOR)
    record = applied(record, parcel_reported(record, report, NOON + timedelta(hours=3), shop))
    record = seen(some_facts("CANCELLED", seen_after=timedelta(hours=5)), record, shop=shop, at=ASKED)
    headline, text = notice(record, queued(record))
    assert headline == "A cancelled order has left: get the parcel back"
    assert text.splitlines()[-1] == "Parcel 9400100000000000000000 by usps"


def test_only_the_parcels_that_must_come_back_are_named() -> None:
    record = handed_over()
    for number, lines in (("1", some_facts().lines[:1]), ("2", some_facts().lines[1:])):
        report = a_report(id=f"oms-{number}", tracking_number=f"T{number}", line_ids=(lines[0].id,))
        record = applied(record, parcel_reported(record, report, NOON + timedelta(hours=3)))
    one, two = some_facts().lines
    facts = some_facts(seen_after=timedelta(hours=5), lines=(replace(one, canceled=True), two))
    record = seen(facts, record, at=ASKED)
    _, text = said(record, "recovery-1", "order")
    assert [line for line in text if line.startswith("Parcel")] == ["Parcel T1 by usps"]


def test_a_notice_names_the_order_even_where_nothing_else_is_known() -> None:
    assert said(released(), "reminder-1", "9") == (
        "A cancel request waits for an answer",
        [f"TikTok Shop order {ORDER_ID}"],
    )


@pytest.mark.parametrize("revision", ["asked", "tracking-due", "unconfirmed", "refused", "recovery-1", "reminder-2"])
def test_a_notice_holds_no_trace_of_the_buyer(revision: str) -> None:
    record = answered(requested())
    record = replace(record, order=replace(record.order, recipient="fingerprint-of-the-buyer"))
    headline, text = said(record, revision)
    assert "fingerprint-of-the-buyer" not in f"{headline} {text}"
