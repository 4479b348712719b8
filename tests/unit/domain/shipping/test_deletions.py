"""Parcels that people delete in ChannelAdvisor: what nobody outside was told of does not leave."""

from dataclasses import replace
from datetime import datetime

import pytest

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import (
    applied,
    events_of,
    handed_over,
    minutes,
    seen,
    some_facts,
    some_lines,
)
from tests.unit.domain.shipping.deleted_parcels import AGAIN, DELETED, FIRST, deletion, typed_in
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANNELADVISOR,
    NOTE,
    OMS,
    SHIP,
    SKU,
    TIKTOK_SHOP,
    A,
    B,
    at_tiktok,
    done,
    entries,
    entry,
    failed,
    heard,
    in_channeladvisor,
    in_doubt,
    labels,
    lines_at_tiktok,
    look,
    looked,
    report,
    seen_in_channeladvisor,
    sending,
    telling,
    the_parcel,
)


def test_a_parcel_that_was_deleted_before_anybody_was_told_does_not_leave() -> None:
    record = seen_in_channeladvisor(typed_in(), at=DELETED)
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WITHDRAWN"]
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 WITHDRAWN"]
    assert the_parcel(record, C1).refused == "deleted where it was reported, before TikTok Shop was told"
    assert {line.state for line in record.order.lines} == {LineState.OPEN}


def test_the_timeline_says_that_it_was_deleted_and_who_had_been_told() -> None:
    change = deletion(done(typed_in(), entry(typed_in(), NOTE, OMS, parcel=C1)))
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.happened_at) == (Event.PARCEL_DELETED, "CHANNELADVISOR", DELETED)
    assert fact.detail == {"parcel": C1, "tracking_number": A, "told": "OMS"}


def test_a_deletion_holds_only_while_no_run_takes_the_parcel() -> None:
    change = deletion(typed_in())
    assert change is not None
    assert {each.name for each in change.outbox} == {each.name for each in typed_in().outbox if each.subject == C1}


def test_a_parcel_that_was_stopped_before_telling_is_withdrawn_too() -> None:
    record = typed_in()
    record = failed(record, entry(record, SHIP, parcel=C1))
    record = seen_in_channeladvisor(record, at=DELETED)
    assert not [each for each in record.outbox if each.subject == C1 and not each.has_ended]


# --- TikTok Shop was told, or may have been


def taken(record: OrderRecord) -> OrderRecord:
    return at_tiktok(record, C1)


def being_told(record: OrderRecord) -> OrderRecord:
    return sending(record, entry(record, SHIP, parcel=C1))


def perhaps_told(record: OrderRecord) -> OrderRecord:
    return in_doubt(record, entry(record, SHIP, parcel=C1))


def seen_at_tiktok(record: OrderRecord) -> OrderRecord:
    return looked(record, A, at=FIRST + minutes(30))


def seen_at_tiktok_with_a_part(record: OrderRecord) -> OrderRecord:
    one, two = lines_at_tiktok(A)
    there = replace(one, shipped=True)
    change = look(
        record,
        there,
        replace(two, package_id="", tracking_number=""),
        at=FIRST + minutes(30),
        status="PARTIALLY_SHIPPING",
    )
    return applied(record, change)


TOLD_TO = {
    "taken": taken,
    "being told": being_told,
    "in doubt": perhaps_told,
    "seen there": seen_at_tiktok,
    "seen there with a part of it": seen_at_tiktok_with_a_part,
}


@pytest.mark.parametrize("told_to", TOLD_TO)
def test_a_parcel_that_tiktok_was_told_of_stays_and_a_person_hears_of_the_deletion_once(told_to: str) -> None:
    before = TOLD_TO[told_to](typed_in())
    change = deletion(before)
    assert change is not None
    assert events_of(change) == [Event.PARCEL_DELETED]
    assert "TIKTOK_SHOP" in change.timeline[0].detail["told"].split()
    assert (change.order.lines, change.outbox) == (before.order.lines, ())
    record = seen_in_channeladvisor(before, at=DELETED)
    assert not the_parcel(record, C1).refused
    assert entries(record, OMS, C1) == entries(before, OMS, C1)
    again = seen_in_channeladvisor(record, at=AGAIN)
    assert (again.parcels, again.outbox) == (record.parcels, record.outbox)
    assert deletion(record) is None


def test_a_parcel_that_only_the_oms_was_told_of_is_open_again_and_says_so() -> None:
    record = done(typed_in(), entry(typed_in(), NOTE, OMS, parcel=C1))
    record = seen_in_channeladvisor(record, at=DELETED)
    assert {line.state for line in record.order.lines} == {LineState.OPEN}
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WITHDRAWN"]
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 DONE"]


# --- what shows no deletion


@pytest.mark.parametrize("at", [FIRST - minutes(1), FIRST])
def test_an_older_or_the_same_version_of_the_order_shows_no_deletion(at: datetime) -> None:
    record = typed_in()
    assert seen_in_channeladvisor(record, at=at).parcels == record.parcels


def test_a_parcel_of_the_oms_s_is_not_deleted_because_channeladvisor_does_not_show_it() -> None:
    record = heard(handed_over(), report())
    record = done(record, entry(record, SHIP, CHANNELADVISOR))
    assert seen_in_channeladvisor(record, at=DELETED + minutes(90)).parcels == record.parcels
    record = heard(handed_over(), report(seen_at=FIRST))
    assert deletion(record) is None


def test_a_parcel_that_was_shown_under_another_id_with_its_number_is_there() -> None:
    """Of two fulfilments with one number the first names the parcel; now only the second is left."""
    record = typed_in()
    other = in_channeladvisor(id=ParcelId("channeladvisor-99"))
    after = seen_in_channeladvisor(record, other, at=DELETED)
    assert after.outbox == record.outbox
    assert not the_parcel(after, C1).refused


def test_a_parcel_that_was_shown_with_another_number_is_corrected_and_not_deleted() -> None:
    record = seen_in_channeladvisor(typed_in(), in_channeladvisor(B), at=DELETED)
    assert labels(record, C1) == (B, B)
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WAITING"]


def test_one_of_two_parcels_is_deleted_and_the_other_stays() -> None:
    one = in_channeladvisor(A, units=((SKU, 1),))
    two = in_channeladvisor(B, id=ParcelId("channeladvisor-99"), units=((SKU, 1),))
    record = seen_in_channeladvisor(handed_over(), one, two, at=FIRST)
    record = seen_in_channeladvisor(record, two, at=DELETED)
    assert [line.state for line in record.order.lines] == [LineState.OPEN, LineState.IN_PARCEL]
    assert telling(record, TIKTOK_SHOP, two.id) == ["SHIP 1 WAITING"]
    assert telling(record, TIKTOK_SHOP, C1) == ["SHIP 1 WITHDRAWN"]


def test_a_unit_that_was_cancelled_meanwhile_is_not_open_again() -> None:
    one, two = some_lines()
    facts = some_facts(updated_at=FIRST + minutes(30), lines=(one, replace(two, canceled=True)))
    record = seen_in_channeladvisor(seen(facts, typed_in(), at=FIRST + minutes(30)), at=DELETED)
    assert [line.state for line in record.order.lines] == [LineState.OPEN, LineState.CANCELED]


def test_a_refused_parcel_that_is_gone_needs_no_word() -> None:
    record = seen_in_channeladvisor(handed_over(), in_channeladvisor(units=((SKU, 3),)), at=FIRST)
    assert deletion(record) is None
