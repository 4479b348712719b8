"""A parcel that was the answer to a buyer's request, and was deleted in ChannelAdvisor before TikTok Shop was told."""

from order_sync.domain.answering.answers import Answer
from order_sync.domain.cancelling.answers import decide_reject_not_offered
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from tests.builders import (
    ASKED,
    CANCEL_ID,
    a_shop,
    answered,
    applied,
    minutes,
    requested,
    settled,
    the_entry,
    the_request,
)
from tests.unit.domain.shipping.scenes import (
    C1,
    TIKTOK_SHOP,
    in_channeladvisor,
    seen_in_channeladvisor,
    telling,
)

TYPED_IN, GONE = ASKED + minutes(20), ASKED + minutes(40)
US, GB = a_shop(), a_shop(region="GB")


def rejection(record: OrderRecord) -> OutboxEntry:
    return the_entry(record, TIKTOK_SHOP, Action.REJECT_CANCEL_REQUEST, CANCEL_ID)


def test_in_the_us_the_rejection_that_waited_for_the_parcel_goes_without_it() -> None:
    record = seen_in_channeladvisor(requested(), in_channeladvisor(), at=TYPED_IN)
    assert rejection(record).waits_for == "TIKTOK_SHOP#SHIP#channeladvisor-88#1"
    record = seen_in_channeladvisor(record, at=GONE)
    reject = rejection(record)
    assert (reject.state, reject.waits_for, reject.due_at) == (EntryState.WAITING, "", GONE)
    assert the_request(record).answer is Answer.REJECT
    assert not the_request(record).rejected_by_shipping


def test_in_gb_the_rejection_never_waited_for_the_parcel() -> None:
    record = seen_in_channeladvisor(requested(shop=GB), in_channeladvisor(), at=TYPED_IN, shop=GB)
    before = rejection(record)
    record = seen_in_channeladvisor(record, at=GONE, shop=GB)
    assert rejection(record) == before
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WITHDRAWN"]


def test_a_rejection_that_tiktok_does_not_take_needs_another_parcel() -> None:
    record = answered(requested(), Answer.REJECT, at=ASKED + minutes(10))
    record = applied(record, decide_reject_not_offered(record, rejection(record), ASKED + minutes(11)))
    record = seen_in_channeladvisor(record, in_channeladvisor(), at=TYPED_IN)
    assert not the_request(record).rejected_by_shipping
    record = seen_in_channeladvisor(record, at=GONE)
    assert the_request(record).rejected_by_shipping
    notice = the_entry(record, Target.OPERATOR, Action.NOTIFY, CANCEL_ID)
    assert notice.revision == "tracking-due-channeladvisor-88"


def test_a_parcel_that_was_held_back_by_an_approval_leaves_nothing_behind() -> None:
    record = answered(requested(), at=ASKED + minutes(10))
    record = seen_in_channeladvisor(record, in_channeladvisor(), at=TYPED_IN)
    record = seen_in_channeladvisor(record, at=GONE)
    assert the_request(record).answer is Answer.APPROVE
    assert not [each for each in record.outbox if each.subject == C1 and not each.has_ended]
    record = settled(record, "CLOSED", minutes(60))
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WITHDRAWN"]
