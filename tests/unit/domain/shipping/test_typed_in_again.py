"""Parcels that people delete in ChannelAdvisor, whole or in part, and type in again."""

import pytest

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import EntryState
from tests.builders import (
    LINE_1,
    LINE_2,
    minutes,
)
from tests.unit.domain.shipping.deleted_parcels import AGAIN, DELETED, deletion, typed_in
from tests.unit.domain.shipping.scenes import (
    C1,
    NOTE,
    OMS,
    SHIP,
    SKU,
    TIKTOK_SHOP,
    A,
    B,
    at_tiktok,
    done,
    entry,
    in_channeladvisor,
    seen_in_channeladvisor,
    telling,
    the_parcel,
)

AGAIN_AS = {
    "the same id": in_channeladvisor(A),
    "another id": in_channeladvisor(A, id=ParcelId("channeladvisor-99")),
    "the same id, another number": in_channeladvisor(B),
    "another id and number": in_channeladvisor(B, id=ParcelId("channeladvisor-99")),
}


@pytest.mark.parametrize("parcel", AGAIN_AS)
@pytest.mark.parametrize("oms_knew", [False, True])
def test_a_parcel_that_is_typed_in_again_is_told_again_in_the_place_of_the_first(
    parcel: str, *, oms_knew: bool
) -> None:
    record = typed_in()
    if oms_knew:
        record = done(record, entry(record, NOTE, OMS, parcel=C1))
    again = AGAIN_AS[parcel]
    record = seen_in_channeladvisor(seen_in_channeladvisor(record, at=DELETED), again, at=AGAIN)
    assert [each.id for each in record.parcels] == [C1]
    known = the_parcel(record, C1)
    assert (known.refused, known.label, known.line_ids) == ("", again.label, (LINE_1, LINE_2))
    assert {line.state for line in record.order.lines} == {LineState.IN_PARCEL}
    ship = entry(record, SHIP, parcel=C1)
    assert (ship.state, ship.due_at, ship.attempts, ship.reason) == (EntryState.WAITING, AGAIN, 0, "")
    notes = ["NOTE_PARCEL 1 DONE", "NOTE_PARCEL 2 WAITING"] if oms_knew else ["NOTE_PARCEL 1 WAITING"]
    assert telling(record, OMS, C1) == notes
    assert seen_in_channeladvisor(record, again, at=AGAIN) == record


def test_other_content_that_is_typed_in_later_is_another_parcel() -> None:
    part = in_channeladvisor(B, id=ParcelId("channeladvisor-99"), units=((SKU, 1),))
    record = seen_in_channeladvisor(seen_in_channeladvisor(typed_in(), at=DELETED), part, at=AGAIN)
    assert the_parcel(record, C1).refused
    assert (the_parcel(record, part.id).refused, the_parcel(record, part.id).line_ids) == ("", (LINE_1,))


# --- a part of it


def test_a_unit_that_was_taken_out_before_anybody_was_told_is_open_again() -> None:
    change = deletion(typed_in(), in_channeladvisor(units=((SKU, 1),)))
    assert change is not None
    # No run may take the whole meanwhile.
    assert {each.name for each in change.outbox} == {each.name for each in typed_in().outbox if each.subject == C1}
    record = seen_in_channeladvisor(typed_in(), in_channeladvisor(units=((SKU, 1),)), at=DELETED)
    assert the_parcel(record, C1).line_ids == (LINE_1,)
    assert [line.state for line in record.order.lines] == [LineState.IN_PARCEL, LineState.OPEN]
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WAITING"]
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 WAITING"]
    back = seen_in_channeladvisor(record, in_channeladvisor(), at=AGAIN)
    assert the_parcel(back, C1).line_ids == (LINE_1, LINE_2)


def test_the_oms_that_was_told_of_the_whole_is_told_of_what_is_left() -> None:
    record = done(typed_in(), entry(typed_in(), NOTE, OMS, parcel=C1))
    record = seen_in_channeladvisor(record, in_channeladvisor(units=((SKU, 1),)), at=DELETED)
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 DONE", "NOTE_PARCEL 2 WAITING"]


def test_a_unit_that_was_taken_out_after_tiktok_was_told_is_for_a_person() -> None:
    before = at_tiktok(typed_in(), C1)
    record = seen_in_channeladvisor(before, in_channeladvisor(units=((SKU, 1),)), at=DELETED)
    assert the_parcel(record, C1).line_ids == (LINE_1, LINE_2)
    assert (record.order.lines, record.outbox) == (before.order.lines, before.outbox)


def test_a_parcel_that_is_typed_in_again_arrives_at_tiktok_like_any_other() -> None:
    record = seen_in_channeladvisor(seen_in_channeladvisor(typed_in(), at=DELETED), in_channeladvisor(), at=AGAIN)
    record = at_tiktok(record, C1)
    assert {line.state for line in record.order.lines} == {LineState.SHIPPED}
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 DONE"]


def test_a_late_page_from_before_the_deletion_does_not_bring_the_parcel_back() -> None:
    record = seen_in_channeladvisor(seen_in_channeladvisor(typed_in(), at=DELETED), in_channeladvisor(), at=AGAIN)
    late = seen_in_channeladvisor(record, at=DELETED)
    assert late.parcels == record.parcels
    assert late.outbox == record.outbox


def test_a_parcel_may_be_deleted_twice() -> None:
    record = typed_in()
    for _ in range(2):
        record = seen_in_channeladvisor(record, at=DELETED)
        record = seen_in_channeladvisor(record, in_channeladvisor(), at=AGAIN)
    record = seen_in_channeladvisor(record, at=AGAIN + minutes(1))
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WITHDRAWN"]
