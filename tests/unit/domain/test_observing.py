"""What is left to ChannelAdvisor's own TikTok link, for how long, and what holds after that."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.ids import ReturnId
from order_sync.domain.observing import (
    FEWEST_LOOKS,
    LEFT,
    LOOK_AGAIN,
    NOT_CARRIED,
    Leave,
    decide_carried,
    decide_left,
    is_not_carried,
    is_observed,
    is_overdue,
    left_to_link,
    link_tends,
    patience,
)
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import SellerRefund
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from tests.builders import (
    NOON,
    ORDER_ID,
    SHOP_ID,
    TIMING,
    a_report,
    a_shop,
    a_wish,
    applied,
    created,
    handed_over,
    parcel_reported,
    released,
    some_facts,
    the_entry,
    wished,
)
from tests.unit.domain.in_words import in_words

A_SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
QUEUED = NOON + 3 * HOUR


def observing(**changes: Any) -> ShopSettings:
    link: dict[str, Any] = {"account": "test", "profile_id": 12345678, "mode": "observe", "parcel_grace_minutes": 240}
    return a_shop(channeladvisor=link | {"look_up_hours": 6} | changes)


SHOP = observing()


def brought(record: OrderRecord | None = None) -> OrderRecord:
    """An order that the link has brought to ChannelAdvisor, with a parcel that TikTok Shop lacks."""
    record = record or handed_over()
    record = replace(record, order=replace(record.order, brought_by_link=True))
    return applied(record, parcel_reported(record, a_report(), QUEUED))


def parcel(record: OrderRecord, **changes: Any) -> OutboxEntry:
    return replace(the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1"), **changes)


def dispatch_at(record: OrderRecord, moment: datetime | None) -> OrderRecord:
    return replace(record, deadlines=None, order=replace(record.order, ship_by=moment, collect_by=None))


@pytest.mark.parametrize("mode", ["create", "observe"])
@pytest.mark.parametrize("by_link", [True, False])
def test_the_link_tends_what_it_brought_and_else_what_the_mode_leaves_to_it(mode: str, *, by_link: bool) -> None:
    shop = observing(mode=mode)
    inside = replace(handed_over().order, brought_by_link=by_link)
    assert link_tends(inside, shop) is by_link
    assert link_tends(released().order, shop) is (mode == "observe")
    assert is_observed(inside, shop) is (by_link and mode == "observe")


def test_a_parcel_is_left_to_the_link_until_its_time_is_over() -> None:
    record = brought()
    late_from = QUEUED + 4 * HOUR
    assert left_to_link(record, parcel(record), SHOP, QUEUED) == Leave(QUEUED + LOOK_AGAIN, LEFT)
    assert left_to_link(record, parcel(record), SHOP, late_from - A_SECOND) == Leave(late_from, LEFT)
    assert left_to_link(record, parcel(record), SHOP, late_from) == Leave(late_from + LOOK_AGAIN, NOT_CARRIED)
    assert left_to_link(record, parcel(record), observing(push_late_parcels=True), late_from) is None


@pytest.mark.parametrize(
    ("dispatch", "late_after"),
    [
        (timedelta(hours=3), timedelta(hours=2)),
        (timedelta(hours=9), timedelta(hours=4)),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(0), timedelta(hours=4)),
        (-HOUR, timedelta(hours=4)),
        (None, timedelta(hours=4)),
    ],
)
def test_a_parcel_is_late_early_enough_to_tell_it_before_its_dispatch_deadline(
    dispatch: timedelta | None, late_after: timedelta
) -> None:
    record = dispatch_at(brought(), None if dispatch is None else QUEUED + dispatch)
    late_from = QUEUED + late_after
    before, after = (left_to_link(record, parcel(record), SHOP, at) for at in (late_from - A_SECOND, late_from))
    assert (before, after) == (Leave(late_from, LEFT), Leave(late_from + LOOK_AGAIN, NOT_CARRIED))


@pytest.mark.parametrize("changes", [{"state": EntryState.SENDING}, {"in_doubt": True}, {"target": Target.OMS}])
def test_what_we_may_have_told_and_what_others_hear_is_not_left_to_the_link(changes: dict[str, Any]) -> None:
    record = brought()
    assert left_to_link(record, parcel(record, **changes), SHOP, QUEUED) is None


def test_an_order_that_we_created_and_a_shop_that_creates_leave_nothing_to_the_link() -> None:
    record = brought()
    ours = replace(record, order=replace(record.order, brought_by_link=False))
    assert left_to_link(ours, parcel(ours), SHOP, QUEUED) is None
    assert left_to_link(record, parcel(record), a_shop(), QUEUED) is None


def test_only_cancellations_that_began_in_channeladvisor_are_left_to_the_link() -> None:
    record = brought(wished(handed_over(), a_wish(id="by-hand", source=Source.CHANNELADVISOR)))
    record = wished(record, a_wish(id="by-oms"))
    by_hand = tell(Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, SHOP_ID, ORDER_ID, now=QUEUED, subject="by-hand")
    late_from = QUEUED + 4 * HOUR
    assert left_to_link(record, by_hand, SHOP, QUEUED) == Leave(QUEUED + LOOK_AGAIN, LEFT)
    assert left_to_link(record, by_hand, SHOP, late_from - A_SECOND) == Leave(late_from, LEFT)
    assert left_to_link(record, by_hand, SHOP, late_from) == Leave(None, NOT_CARRIED)
    assert left_to_link(record, replace(by_hand, subject="by-oms"), SHOP, QUEUED) is None
    assert left_to_link(record, replace(by_hand, subject="nobody's"), SHOP, QUEUED) is None


@pytest.mark.parametrize(
    ("source", "return_id", "is_left"),
    [(Source.CHANNELADVISOR, None, True), (Source.OMS, None, False), (Source.CHANNELADVISOR, "R1", False)],
)
def test_only_refunds_that_began_in_channeladvisor_are_left_to_the_link(
    source: Source, return_id: str | None, *, is_left: bool
) -> None:
    record = brought()
    refund = SellerRefund(
        id="refund-1",
        source=source,
        requested_at=NOON,
        return_id=ReturnId(return_id) if return_id else None,
    )
    record = replace(record, seller_refunds=(refund,))
    entry = tell(Target.TIKTOK_SHOP, Action.REFUND_AS_SELLER, SHOP_ID, ORDER_ID, now=QUEUED, subject=refund.id)
    assert (left_to_link(record, entry, SHOP, QUEUED) is not None) is is_left
    assert left_to_link(record, replace(entry, action=Action.SET_REFERENCE), SHOP, QUEUED) is None


def test_what_is_left_is_looked_at_again_and_told_to_people_once() -> None:
    record = brought()
    entry = parcel(record)
    late = applied(record, decide_left(record, entry, QUEUED, leave=Leave(QUEUED + HOUR, NOT_CARRIED)))
    assert in_words(decide_left(record, entry, QUEUED, leave=Leave(QUEUED + HOUR, LEFT))) == [
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 16:00:00, left to ChannelAdvisor's own TikTok link"
    ]
    not_carried = "TikTok Shop does not have it after the set time: ChannelAdvisor's own TikTok link has not carried it"
    assert in_words(decide_left(record, entry, QUEUED, leave=Leave(QUEUED + HOUR, NOT_CARRIED))) == [
        "NOT_CARRIED_BY_NATIVE_LINK by TIKTOK_SHOP: told=SHIP, subject=oms-S1",
        f"TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 16:00:00, {not_carried}",
    ]
    assert in_words(decide_left(late, parcel(late), QUEUED, leave=Leave(QUEUED + 2 * HOUR, NOT_CARRIED))) == [
        f"TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 17:00:00, {not_carried}",
    ]
    assert in_words(decide_left(record, entry, QUEUED, leave=Leave(None, NOT_CARRIED))) == [
        "NOT_CARRIED_BY_NATIVE_LINK by TIKTOK_SHOP: told=SHIP, subject=oms-S1",
        f"TIKTOK_SHOP SHIP oms-S1 1: FAILED, failed 06-01 15:00:00, {not_carried}",
    ]


@pytest.mark.parametrize("changes", [{"in_doubt": True}, {"state": EntryState.SENDING}, {"state": EntryState.DONE}])
def test_what_is_not_surely_untold_is_not_left(changes: dict[str, Any]) -> None:
    record = brought()
    assert decide_left(record, parcel(record, **changes), QUEUED, leave=Leave(QUEUED + HOUR, LEFT)) is None


def test_what_the_link_carried_is_done_and_says_so() -> None:
    record = brought()
    assert in_words(decide_carried(record, parcel(record), QUEUED)) == [
        "CARRIED_BY_NATIVE_LINK by TIKTOK_SHOP: told=SHIP, subject=oms-S1",
        "TIKTOK_SHOP SHIP oms-S1 1: DONE",
    ]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, True),
        ({"action": Action.CORRECT_PARCEL}, True),
        ({"reason": LEFT}, False),
        ({"state": EntryState.DONE}, False),
        ({"target": Target.CHANNELADVISOR}, False),
        ({"action": Action.CANCEL_AS_SELLER}, False),
    ],
)
def test_a_parcel_counts_as_not_carried_until_it_has_ended(changes: dict[str, Any], *, missing: bool) -> None:
    record = brought()
    assert is_not_carried(parcel(record, **({"reason": NOT_CARRIED} | changes))) is missing


@pytest.mark.parametrize(
    ("target", "action", "time"),
    [
        (Target.CHANNELADVISOR, Action.CREATE_ORDER, 6 * HOUR),
        (Target.CHANNELADVISOR, Action.CANCEL_ORDER, 5 * HOUR),
        (Target.CHANNELADVISOR, Action.CANCEL_LINE, 5 * HOUR),
        (Target.CHANNELADVISOR, Action.REFUND_LINES, 5 * HOUR),
        (Target.CHANNELADVISOR, Action.UPDATE_ADDRESS, timedelta(0)),
        (Target.OMS, Action.CREATE_ORDER, timedelta(0)),
    ],
)
def test_patience_is_had_with_what_the_link_brings(target: Target, action: Action, time: timedelta) -> None:
    entry = tell(target, action, SHOP_ID, ORDER_ID, now=NOON)
    assert patience(entry, SHOP) == time
    assert patience(entry, a_shop()) == timedelta(0)


@pytest.mark.parametrize(("action", "limit"), [(Action.CREATE_ORDER, 6 * HOUR), (Action.CANCEL_ORDER, 4 * HOUR)])
def test_what_the_link_should_have_brought_is_overdue_after_its_time_and_several_looks(
    action: Action, limit: timedelta
) -> None:
    entry = replace(tell(Target.CHANNELADVISOR, action, SHOP_ID, ORDER_ID, now=NOON), attempts=FEWEST_LOOKS + 1)
    assert is_overdue(entry, SHOP, NOON + limit)
    assert not is_overdue(entry, SHOP, NOON + limit - A_SECOND)
    assert not is_overdue(replace(entry, attempts=FEWEST_LOOKS), SHOP, NOON + 2 * limit)


def test_an_order_cancelled_before_the_link_brought_it_is_looked_for_all_the_same() -> None:
    canceled = some_facts("CANCELLED", seen_after=3 * HOUR, canceled_by="BUYER")
    record = released(SHOP)
    assert in_words(decide_sighting(record, canceled, SHOP, TIMING, QUEUED))[1:] == [
        "CHANNELADVISOR CREATE_ORDER order 1: WAITING, due 06-01 15:00:00",
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, after CHANNELADVISOR#CREATE_ORDER#order#1",
    ]
    assert in_words(decide_sighting(released(), canceled, a_shop(), TIMING, QUEUED))[1:] == [
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
    ]
    by_link = replace(created(record), order=replace(created(record).order, brought_by_link=True))
    assert in_words(decide_sighting(by_link, canceled, SHOP, TIMING, QUEUED))[1:] == [
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 15:00:00",
    ]
