"""A seller's own cancellation: which units it means, what is refused, and what it makes of the buyer's request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.cancelling.by_seller import decide_reported_cancellation
from order_sync.domain.cancelling.cancellations import (
    ReportedCancellation,
    SellerCancellation,
    SellerCancelState,
    SellerReason,
)
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Handling, LineState, Source, lines_in_state
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_wish,
    applied,
    entry_for,
    events_of,
    handed_over,
    minutes,
    released,
    seen,
    some_facts,
    some_lines,
    the_entry,
    wished,
)

SKU = "TEE-BLU-M"


NOW = ASKED + minutes(10)


LATER = ASKED + timedelta(hours=1)


def reported(record: OrderRecord, **changes: Any) -> Change:
    change = decide_reported_cancellation(record, a_wish(**changes), TIMING, NOW)
    assert change is not None
    return change


def the_wish(record: OrderRecord, wish: str = "oms-17") -> SellerCancellation:
    found = record.seller_cancellation(wish)
    assert found is not None
    return found


def telling(record: OrderRecord) -> OutboxEntry:
    return the_entry(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")


def in_states(record: OrderRecord, **states: LineState) -> OrderRecord:
    lines = record.order.lines
    for name, state in states.items():
        lines = lines_in_state(lines, [{"one": LINE_1, "two": LINE_2}[name]], state)
    return replace(record, order=replace(record.order, lines=lines))


def test_a_seller_s_cancellation_is_kept_and_put_to_tiktok() -> None:
    change = reported(handed_over())
    (wish,) = change.seller_cancellations
    assert wish == SellerCancellation(
        id="oms-17",
        source=Source.OMS,
        reason=SellerReason.OUT_OF_STOCK,
        requested_at=ASKED,
        line_ids=(LINE_1, LINE_2),
        confirm_by=NOW + TIMING.confirmation,
    )
    (entry,) = change.outbox
    assert (entry.name, entry.due_at) == ("TIKTOK_SHOP#CANCEL_AS_SELLER#oms-17#1", NOW)
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.happened_at) == (Event.SELLER_CANCELLATION_REPORTED, Source.OMS, ASKED)
    assert fact.detail == {"cancellation": "oms-17", "reason": "out_of_stock"}


def test_the_same_cancellation_reported_again_changes_nothing() -> None:
    record = wished(handed_over())
    assert decide_reported_cancellation(record, a_wish(), TIMING, LATER) is None
    refused = wished(handed_over(), a_wish(line_ids=(LineId("9"),)))
    assert decide_reported_cancellation(refused, a_wish(), TIMING, LATER) is None


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, (LINE_1, LINE_2)),
        ({"line_ids": (LINE_2,)}, (LINE_2,)),
        ({"line_ids": (LINE_2, LINE_1)}, (LINE_1, LINE_2)),
        ({"line_ids": (LINE_2, LINE_2)}, (LINE_2,)),
        ({"units": ((SKU, 1),)}, (LINE_1,)),
        ({"units": ((SKU, 2),)}, (LINE_1, LINE_2)),
        ({"units": ((SKU, 1), (SKU, 1))}, (LINE_1, LINE_2)),
    ],
)
def test_a_seller_names_lines_or_units_or_all(changes: dict[str, Any], lines: tuple[LineId, ...]) -> None:
    assert the_wish(applied(handed_over(), reported(handed_over(), **changes))).line_ids == lines


def test_units_are_taken_from_the_open_lines_of_their_own_sku() -> None:
    one, two = some_lines()
    record = released(lines=(replace(one, sku="CAP"), two))
    assert the_wish(applied(record, reported(record, units=((SKU, 1),)))).line_ids == (LINE_2,)
    record = in_states(handed_over(), one=LineState.IN_PARCEL)
    assert the_wish(applied(record, reported(record, units=((SKU, 1),)))).line_ids == (LINE_2,)


def others(handling: Handling) -> OrderRecord:
    record = released()
    return replace(record, order=replace(record.order, handling=handling, handling_reason="placed before go-live"))


@pytest.mark.parametrize(
    ("record", "changes", "reason"),
    [
        (handed_over(), {"line_ids": (LINE_1, LineId("9"))}, "lines 9 are not in order 576461413038785752"),
        (
            handed_over(),
            {"units": ((SKU, 3),)},
            f"more units than can be cancelled in order 576461413038785752: 1 of '{SKU}'",
        ),
        (
            handed_over(),
            {"units": (("CAP", 1),)},
            "more units than can be cancelled in order 576461413038785752: 1 of 'CAP'",
        ),
        (
            in_states(handed_over(), one=LineState.IN_PARCEL),
            {},
            f"lines {LINE_1} of order 576461413038785752 are in a parcel",
        ),
        (
            in_states(handed_over(), one=LineState.SHIPPED),
            {"line_ids": (LINE_1,)},
            f"lines {LINE_1} of order 576461413038785752 are in a parcel",
        ),
        (
            in_states(handed_over(), one=LineState.IN_PARCEL),
            {"units": ((SKU, 2),)},
            f"more units than can be cancelled in order 576461413038785752: 1 of '{SKU}'",
        ),
        (others(Handling.WATCHED), {}, "the order is not ours to cancel: placed before go-live"),
        (others(Handling.THIRD_PARTY), {}, "the order is not ours to cancel: placed before go-live"),
    ],
)
def test_what_cannot_be_right_is_refused_and_its_sender_told(
    record: OrderRecord, changes: dict[str, Any], reason: str
) -> None:
    change = reported(record, **changes)
    (wish,) = change.seller_cancellations
    assert (wish.state, wish.detail, wish.line_ids, wish.confirm_by) == (SellerCancelState.REFUSED, reason, (), None)
    assert [entry.name for entry in change.outbox] == ["OMS#SETTLE_SELLER_CANCELLATION#oms-17#1"]
    assert events_of(change) == [Event.SELLER_CANCELLATION_REPORTED, Event.SELLER_CANCELLATION_REFUSED]
    assert change.order == record.order


@pytest.mark.parametrize("quantity", [0, -1])
def test_no_units_are_no_cancellation(quantity: int) -> None:
    (wish,) = reported(handed_over(), units=((SKU, quantity),)).seller_cancellations
    assert wish.state is SellerCancelState.REFUSED


def test_a_shipped_order_may_be_cancelled_as_a_whole() -> None:
    record = in_states(handed_over(), one=LineState.SHIPPED, two=LineState.SHIPPED)
    assert the_wish(applied(record, reported(record))).is_open


def test_people_are_told_of_a_refusal_in_channeladvisor() -> None:
    change = reported(handed_over(), id="ca-5", source=Source.CHANNELADVISOR, line_ids=(LineId("9"),))
    assert [entry.name for entry in change.outbox] == ["OPERATOR#NOTIFY#ca-5#refused"]


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        (in_states(handed_over(), one=LineState.CANCELED), {"line_ids": (LINE_1,)}),
        (in_states(handed_over(), one=LineState.CANCELED, two=LineState.CANCELED), {}),
    ],
)
def test_what_is_cancelled_already_is_accepted_at_once(record: OrderRecord, changes: dict[str, Any]) -> None:
    after = applied(record, reported(record, **changes))
    wish = the_wish(after)
    assert (wish.state, wish.confirm_by) == (SellerCancelState.ACCEPTED, None)
    assert telling(after).state is EntryState.WITHDRAWN
    assert the_entry(after, Target.OMS, Action.SETTLE_SELLER_CANCELLATION, "oms-17").due_at == NOW


def test_an_order_some_of_which_is_cancelled_is_cancelled_as_to_the_rest() -> None:
    record = in_states(handed_over(), one=LineState.CANCELED)
    assert the_wish(applied(record, reported(record))).line_ids == (LINE_2,)


def test_a_later_sighting_of_the_cancelled_lines_accepts_it() -> None:
    record = wished(handed_over(), a_wish(line_ids=(LINE_1,)))
    one, two = some_lines()
    facts = some_facts(seen_after=timedelta(hours=5), lines=(replace(one, canceled=True), two))
    record = seen(facts, record, at=LATER)
    assert the_wish(record).state is SellerCancelState.ACCEPTED
    assert telling(record).state is EntryState.WITHDRAWN
    assert the_entry(record, Target.OMS, Action.SETTLE_SELLER_CANCELLATION, "oms-17").due_at == LATER
    # Who started it is not told of it as news.
    assert entry_for(record, Target.OMS, Action.CANCEL_LINE, LINE_1) is None
    assert entry_for(record, Target.CHANNELADVISOR, Action.CANCEL_LINE, LINE_1) is not None


def test_a_sighting_of_a_part_of_it_accepts_nothing_yet() -> None:
    one, two = some_lines()
    facts = some_facts(seen_after=timedelta(hours=5), lines=(replace(one, canceled=True), two))
    record = seen(facts, wished(handed_over()), at=LATER)
    assert the_wish(record).is_open
    assert telling(record).state is EntryState.WAITING


def test_a_cancellation_of_an_order_on_hold_is_put_to_tiktok_at_once() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    after = applied(record, reported(record))
    assert telling(after).due_at == NOW


def test_a_cancellation_in_words_lists_what_it_names() -> None:
    for words, listed in (({"line_ids": (LINE_2,)}, LINE_2), ({"units": ((SKU, 2),)}, f"2x{SKU}")):
        assert reported(handed_over(), **words).timeline[0].detail["lines"] == listed


def test_two_cancellations_of_single_lines_are_two() -> None:
    record = wished(handed_over(), a_wish(line_ids=(LINE_1,)))
    second: ReportedCancellation = a_wish(id="oms-18", line_ids=(LINE_2,))
    record = wished(record, second)
    assert [wish.id for wish in record.seller_cancellations] == ["oms-17", "oms-18"]
    assert sum(entry.action is Action.CANCEL_AS_SELLER for entry in record.outbox) == 2
