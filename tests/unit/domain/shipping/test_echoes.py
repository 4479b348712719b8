"""Parcels that we know already, reported by somebody who knows them from us or from elsewhere."""

from dataclasses import replace

import pytest

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.telling import decide_told
from order_sync.domain.timeline import Event
from tests.builders import (
    a_report,
    applied,
    claimed,
    events_of,
    handed_over,
    parcel_reported,
    the_entry,
    with_entry,
)
from tests.unit.domain.shipping.reported_parcels import LATER, SKU, kept


def told_to_channeladvisor() -> OrderRecord:
    record = kept(handed_over())
    return applied(record, decide_told(record, the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1"), LATER))


@pytest.mark.parametrize(
    "echo",
    [
        a_report(),
        a_report(source=Source.CHANNELADVISOR),
        a_report(source=Source.CHANNELADVISOR, carrier="USPS", shipping_class="Ground"),
        a_report(source=Source.CHANNELADVISOR, units=((SKU, 2),)),
        a_report(source=Source.CHANNELADVISOR, units=((SKU, 1),)),
        a_report(shipped_at=LATER),
    ],
)
def test_an_echo_changes_nothing(echo: ReportedParcel) -> None:
    assert parcel_reported(told_to_channeladvisor(), echo, LATER) is None


def test_an_echo_under_an_id_of_its_own_is_remembered_by_that_id_and_told_to_nobody() -> None:
    echo = a_report(source=Source.CHANNELADVISOR, id=ParcelId("channeladvisor-5"), units=((SKU, 2),))
    before = told_to_channeladvisor()
    record = kept(before, echo)
    assert [parcel.id for parcel in record.parcels] == ["oms-S1"]
    assert (record.outbox, record.order.lines) == (before.outbox, before.order.lines)
    assert parcel_reported(record, echo, LATER) is None


def test_the_one_who_knows_a_parcel_by_an_id_of_its_own_can_correct_it_by_that() -> None:
    echo = a_report(source=Source.CHANNELADVISOR, id=ParcelId("channeladvisor-5"), units=((SKU, 2),))
    record = kept(kept(told_to_channeladvisor(), echo), replace(echo, tracking_number="T2"))
    assert [(parcel.id, parcel.newest_label.tracking_number) for parcel in record.parcels] == [("oms-S1", "T2")]


def test_who_reports_a_parcel_that_we_know_from_elsewhere_is_not_told_of_it() -> None:
    record = kept(handed_over())
    by_hand = a_report(id=ParcelId("channeladvisor-88"), source=Source.CHANNELADVISOR, units=((SKU, 2),))
    change = parcel_reported(record, by_hand, LATER)
    assert change is not None
    assert events_of(change) == [Event.NOT_TOLD]
    told = applied(record, change)
    assert the_entry(told, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.DONE
    assert the_entry(told, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING
    assert parcel_reported(told, by_hand, LATER) is None


def test_the_words_of_another_side_are_no_earlier_label_of_the_reporter_s() -> None:
    """The OMS misspelt the carrier, and then writes it as people in ChannelAdvisor did."""
    record = kept(handed_over(), a_report(carrier="uspss"))
    ship = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    record = with_entry(record, ship, state=EntryState.FAILED, due_at=None)
    by_hand = a_report(
        id=ParcelId("channeladvisor-88"), source=Source.CHANNELADVISOR, carrier="USPS", units=((SKU, 2),)
    )
    record = kept(kept(record, by_hand), a_report(carrier="USPS"))
    assert record.parcels[0].label.carrier == "USPS"
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING


def a_part(number: str = a_report().tracking_number) -> ReportedParcel:
    """One of the two units of the parcel."""
    return a_report(
        id=ParcelId("channeladvisor-88"), source=Source.CHANNELADVISOR, tracking_number=number, units=((SKU, 1),)
    )


def test_who_knows_only_a_part_of_a_parcel_is_told_of_it() -> None:
    record = kept(kept(handed_over()), a_part())
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.WAITING
    assert record.outbox == kept(handed_over()).outbox


def test_who_knows_only_a_part_of_a_parcel_does_not_rename_the_whole() -> None:
    before = kept(kept(handed_over()), a_part())
    record = kept(before, a_part("T2"))
    assert record.parcels[0].label == before.parcels[0].label
    assert record.outbox == before.outbox
    assert any(parcel.refused for parcel in record.parcels)


@pytest.mark.parametrize("state", [EntryState.WAITING, EntryState.FAILED])
def test_who_reports_the_parcel_by_itself_need_not_be_told_even_if_that_failed(state: EntryState) -> None:
    record = kept(handed_over())
    ship = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    by_hand = a_report(id=ParcelId("channeladvisor-88"), source=Source.CHANNELADVISOR, units=((SKU, 2),))
    record = kept(with_entry(record, ship, state=state), by_hand)
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.DONE


def test_what_a_run_has_in_its_hands_is_left_to_it() -> None:
    record = claimed(kept(handed_over()), Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    record = kept(record, a_report(source=Source.CHANNELADVISOR))
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.SENDING
