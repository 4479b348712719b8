"""A refund that a person enters in ChannelAdvisor for what TikTok Shop has refunded is its booking, and no wish."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.ids import LineId
from order_sync.domain.orders import Line, LineState, Source
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import ReturnLine, SellerRefundState
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, applied, events_of
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    BOTH,
    COMPLETE,
    HOUR,
    PAID,
    REJECT,
    RETURN_ID,
    SUCCESS,
    WANTED,
    a_reported_refund,
    dollars,
    ended,
    notices,
    refund_change,
    refund_reported,
    refunds_told,
    shipped,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

OPEN, ACCEPTED, REFUSED = SellerRefundState
ONE_TEE: dict[str, Any] = {
    "id": "channeladvisor-9",
    "source": Source.CHANNELADVISOR,
    "line_ids": (),
    "units": (("TEE-BLU-M", 1),),
    "amount": dollars("18.90"),
}
TWO_TEES = ONE_TEE | {"units": (("TEE-BLU-M", 2),), "amount": dollars("37.80")}


def refunded_by_tiktok(state: EntryState = EntryState.FAILED, **changes: Any) -> OrderRecord:
    """TikTok Shop has refunded, and ChannelAdvisor has not been told, or did not take it."""
    record = wanted_back(status=COMPLETE, **changes)
    (entry,) = refunds_told(record)
    return ended(record, entry, state)


@pytest.mark.parametrize("state", [EntryState.WAITING, EntryState.FAILED])
@pytest.mark.parametrize("what", [ONE_TEE, ONE_TEE | {"units": ()}, ONE_TEE | {"amount": None}])
def test_a_refund_by_hand_of_what_waits_to_be_booked_is_its_booking(state: EntryState, what: dict[str, Any]) -> None:
    record = refunded_by_tiktok(state)
    change = refund_change(record, a_reported_refund(**what))
    assert events_of(change) == [Event.SELLER_REFUND_REPORTED, Event.SELLER_REFUND_ACCEPTED]
    record = applied(record, change)
    wish = the_wish(record, "channeladvisor-9")
    assert (wish.state, wish.return_id, wish.confirm_by) == (ACCEPTED, RETURN_ID, None)
    (entry,) = refunds_told(record)
    assert (entry.state, entry.reason) == (
        EntryState.WITHDRAWN,
        "a person has booked it there, at last as channeladvisor-9",
    )
    assert not any(each.action is Action.REFUND_AS_SELLER for each in record.outbox)
    assert notices(record) == []
    assert refund_change(record, a_reported_refund(**what)) is None


def test_where_nobody_knows_what_is_booked_no_money_is_sent_after_it() -> None:
    record = wanted_back(status=COMPLETE)
    record = ended(record, refunds_told(record)[0], EntryState.FAILED, in_doubt=True)
    record = refund_reported(record, **ONE_TEE)
    wish = the_wish(record, "channeladvisor-9")
    assert wish.state is SellerRefundState.REFUSED
    assert "may be what was left to book of return" in wish.detail
    assert refunds_told(record)[0].state is EntryState.FAILED


@pytest.mark.parametrize("told", [{"state": EntryState.DONE}, {"state": EntryState.SENDING}])
def test_what_is_booked_or_may_be_is_not_booked_by_hand(told: dict[str, Any]) -> None:
    record = wanted_back(status=COMPLETE)
    record = ended(record, refunds_told(record)[0], **told)
    record = refund_reported(record, **ONE_TEE)
    assert (the_wish(record, "channeladvisor-9").line_ids, the_wish(record, "channeladvisor-9").state) == (
        (LINE_2,),
        OPEN,
    )
    assert refunds_told(record)[0].state is told["state"]


def test_a_refund_by_hand_that_may_be_a_booking_in_doubt_is_refused_and_people_hear_of_it() -> None:
    record = refunded_by_tiktok()
    record = ended(record, refunds_told(record)[0], EntryState.FAILED, in_doubt=True)
    record = refund_reported(record, **ONE_TEE)
    wish = the_wish(record, "channeladvisor-9")
    assert (wish.state, wish.detail) == (
        REFUSED,
        f"it may be what was left to book of return {RETURN_ID}; a refund of its own is made in Seller Center",
    )
    assert notices(record) == [("channeladvisor-9", "refund-refused")]
    assert not any(each.action is Action.REFUND_AS_SELLER for each in record.outbox)


def test_a_refund_in_the_oms_is_no_booking_in_channeladvisor() -> None:
    record = refund_reported(refunded_by_tiktok(), **(ONE_TEE | {"id": "oms-31", "source": Source.OMS}))
    assert (the_wish(record).state, the_wish(record).line_ids) == (OPEN, (LINE_2,))


@pytest.mark.parametrize(
    "what",
    [
        TWO_TEES,
        ONE_TEE | {"units": (("MUG-RED", 1),)},
        ONE_TEE | {"amount": dollars("18.91")},
    ],
)
def test_more_than_what_waits_or_another_thing_is_no_booking(what: dict[str, Any]) -> None:
    record = refund_reported(refunded_by_tiktok(), **what)
    assert the_wish(record, "channeladvisor-9").return_id is None
    assert refunds_told(record)[0].state is EntryState.FAILED


def test_a_refund_that_is_only_granted_cannot_be_booked() -> None:
    record = refund_reported(wanted_back(status=SUCCESS), **ONE_TEE)
    assert the_wish(record, "channeladvisor-9").line_ids == (LINE_2,)


def test_a_part_of_what_waits_is_booked_without_ending_the_rest() -> None:
    record = refund_reported(refunded_by_tiktok(lines=the_lines(*BOTH)), **ONE_TEE)
    assert the_wish(record, "channeladvisor-9").state is ACCEPTED
    assert refunds_told(record)[0].state is EntryState.FAILED


def four_tees() -> OrderRecord:
    """Two of four units are refunded by TikTok Shop, and ChannelAdvisor did not take that."""
    record = shipped(paid=replace(PAID, amount=2 * PAID.amount))
    more = tuple(Line(id=LineId(each), sku="TEE-BLU-M", state=LineState.SHIPPED) for each in ("8", "9"))
    record = replace(record, order=replace(record.order, lines=(*record.order.lines, *more)))
    record = wanted_back(record, COMPLETE, lines=the_lines(LINE_1, LINE_2))
    return ended(record, refunds_told(record)[0], EntryState.FAILED)


def test_what_is_booked_piece_by_piece_is_booked_in_the_end() -> None:
    record = four_tees()
    for number in (1, 2):
        record = refund_reported(record, **(ONE_TEE | {"id": f"channeladvisor-{number}"}))
    assert refunds_told(record)[0].state is EntryState.WITHDRAWN


def test_what_is_refunded_beyond_the_booking_is_a_wish_of_its_own() -> None:
    record = four_tees()
    for number in (1, 2, 3):
        record = refund_reported(record, **(ONE_TEE | {"id": f"channeladvisor-{number}"}))
    assert [wish.state for wish in record.seller_refunds] == [ACCEPTED, ACCEPTED, OPEN]


def test_what_is_booked_by_money_alone_is_booked_when_nothing_of_it_is_left() -> None:
    record = refunded_by_tiktok()
    for number, amount, left in ((1, "5.00", "FAILED"), (2, "13.89", "FAILED"), (3, "0.01", "WITHDRAWN")):
        what = ONE_TEE | {"id": f"channeladvisor-{number}", "units": (), "amount": dollars(amount)}
        record = refund_reported(record, **what)
        assert the_wish(record, f"channeladvisor-{number}").state is ACCEPTED
        assert refunds_told(record)[0].state == left


def test_more_money_than_is_left_of_a_booking_is_a_wish_of_its_own() -> None:
    record = refund_reported(refunded_by_tiktok(), **(ONE_TEE | {"units": (), "amount": dollars("18.00")}))
    what = ONE_TEE | {"id": "channeladvisor-10", "units": (), "amount": dollars("0.91")}
    record = refund_reported(record, **what)
    assert (the_wish(record, "channeladvisor-10").state, the_wish(record, "channeladvisor-10").line_ids) == (
        OPEN,
        (LINE_2,),
    )


def test_where_tiktok_shows_no_amounts_units_end_a_booking() -> None:
    nothing_shown: dict[str, Any] = {"lines": tuple(ReturnLine(id=line) for line in BOTH), "refund": None}
    record = refunded_by_tiktok(**nothing_shown)
    for number, state in ((1, EntryState.FAILED), (2, EntryState.WITHDRAWN)):
        record = refund_reported(record, **(ONE_TEE | {"id": f"channeladvisor-{number}"}))
        assert refunds_told(record)[0].state is state


def test_units_that_are_booked_are_known_with_their_booking() -> None:
    record = four_tees()
    for number, lines in ((1, (LINE_1,)), (2, (LINE_2,))):
        record = refund_reported(record, **(ONE_TEE | {"id": f"channeladvisor-{number}"}))
        assert the_wish(record, f"channeladvisor-{number}").line_ids == lines


@pytest.mark.parametrize("units", [(), (("TEE-BLU-M", 1),)])
def test_less_money_than_was_refunded_does_not_end_the_booking(units: tuple[tuple[str, int], ...]) -> None:
    record = refund_reported(refunded_by_tiktok(), **(ONE_TEE | {"units": units, "amount": dollars("5.00")}))
    assert the_wish(record, "channeladvisor-9").state is ACCEPTED
    assert refunds_told(record)[0].state is EntryState.FAILED


def test_what_was_refunded_there_at_the_moment_of_tiktok_s_refund_is_its_booking() -> None:
    record = refund_reported(refunded_by_tiktok(), at=WANTED + HOUR, **(ONE_TEE | {"requested_at": WANTED}))
    assert the_wish(record, "channeladvisor-9").state is ACCEPTED


def test_what_was_booked_of_another_return_leaves_this_one_to_book() -> None:
    record = refunded_by_tiktok()
    record = wanted_back(record, COMPLETE, id=ANOTHER_ID, lines=the_lines(LINE_2))
    record = ended(record, refunds_told(record)[1], EntryState.FAILED)
    for number, states in ((1, ["WITHDRAWN", "FAILED"]), (2, ["WITHDRAWN", "WITHDRAWN"])):
        record = refund_reported(record, **(ONE_TEE | {"id": f"channeladvisor-{number}"}))
        assert [entry.state for entry in refunds_told(record)] == states


def test_a_refund_that_was_refused_with_its_return_is_no_part_of_a_later_booking() -> None:
    record = refund_reported(wanted_back(kind=ReturnKind.REFUND), **(ONE_TEE | {"id": "channeladvisor-1"}))
    record = wanted_back(record, REJECT, after=3 * HOUR, kind=ReturnKind.REFUND)
    record = wanted_back(record, COMPLETE, after=4 * HOUR, kind=ReturnKind.REFUND)
    assert the_wish(record, "channeladvisor-1").state is REFUSED
    record = ended(record, refunds_told(record)[0], EntryState.FAILED)
    record = refund_reported(record, **(ONE_TEE | {"requested_at": WANTED + 5 * HOUR}))
    assert the_wish(record, "channeladvisor-9").state is ACCEPTED
    assert refunds_told(record)[0].state is EntryState.WITHDRAWN


def test_what_was_refunded_there_before_tiktok_refunded_is_a_wish_of_its_own() -> None:
    record = refunded_by_tiktok(EntryState.WAITING, after=5 * HOUR)
    assert the_return(record).refunded_at == WANTED + timedelta(hours=5)
    record = refund_reported(record, at=WANTED + 6 * HOUR, **(ONE_TEE | {"requested_at": WANTED}))
    assert (the_wish(record, "channeladvisor-9").state, the_wish(record, "channeladvisor-9").line_ids) == (
        OPEN,
        (LINE_2,),
    )
