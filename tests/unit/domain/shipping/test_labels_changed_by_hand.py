"""Labels that people changed in Seller Center: everybody else is told, in words that need no mapping of TikTok's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.orders import Source
from order_sync.domain.outbox import EntryState
from order_sync.domain.parcels import Label
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, applied, events_of, handed_over, minutes, some_lines, told
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    NOTE,
    OMS,
    REPORTED,
    S1,
    S2,
    SHIP,
    T1,
    TOLD,
    A,
    B,
    C,
    D,
    at_tiktok,
    corrected,
    done,
    entry,
    everybody_told,
    found,
    heard,
    in_channeladvisor,
    label,
    labels,
    lines_at_tiktok,
    look,
    looked,
    report,
    sending,
    telling,
    the_parcel,
    waiting,
)

NEXT = CHANGED + timedelta(hours=1)


def seen_there(record: OrderRecord | None = None) -> OrderRecord:
    """All sides have the parcel, and TikTok Shop was seen to show it."""
    return looked(record or everybody_told(), A, at=TOLD + minutes(15))


def test_a_number_that_was_changed_by_hand_is_told_to_channeladvisor_in_the_reporter_s_words() -> None:
    change = look(seen_there(), *lines_at_tiktok(C))
    assert change is not None
    assert Event.PARCEL_CORRECTED_AT_TIKTOK in events_of(change)
    assert [(each.target, each.action, each.revision, each.due_at, each.waits_for) for each in change.outbox] == [
        (CHANNELADVISOR, CORRECT, "1", CHANGED, "")
    ]
    parcel = change.parcels[0]
    assert (parcel.label, parcel.wanted, set(parcel.numbers)) == (label(C), None, {A, C})
    assert (parcel.corrections, parcel.source) == (1, Source.OMS)


@pytest.mark.parametrize("number", [A, C])
def test_a_carrier_that_was_changed_by_hand_is_told_in_tiktok_s_words(number: str) -> None:
    record = looked(seen_there(), number, carrier="FedEx")
    expected = Label(carrier="FedEx", tracking_number=number, in_tiktoks_words=True)
    assert (the_parcel(record).label, the_parcel(record).corrections) == (expected, 1)
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert telling(record) == ["SHIP 1 DONE"]


def test_a_late_page_with_the_carrier_of_before_is_a_late_page() -> None:
    record = looked(seen_there(), A, carrier="FedEx")
    late = looked(record, A, at=NEXT)
    assert (late.parcels, late.outbox) == (record.parcels, record.outbox)


def test_a_number_of_channeladvisor_s_parcel_that_was_changed_by_hand_is_told_to_it_and_to_the_oms() -> None:
    record = looked(everybody_told(in_channeladvisor()), C)
    assert labels(record, C1) == (C, C)
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 DONE", "NOTE_PARCEL 2 WAITING"]
    assert telling(record, CHANNELADVISOR, C1) == ["CORRECT_PARCEL 1 WAITING"]


def test_a_parcel_of_seller_center_s_that_is_changed_there_is_told_to_both() -> None:
    record = looked(handed_over(), A, at=TOLD)
    record = done(record, entry(record, SHIP, CHANNELADVISOR, parcel=T1))
    record = done(record, entry(record, NOTE, OMS, parcel=T1))
    record = looked(record, B)
    assert labels(record, T1) == (B, B)
    assert telling(record, CHANNELADVISOR, T1) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert telling(record, OMS, T1) == ["NOTE_PARCEL 1 DONE", "NOTE_PARCEL 2 WAITING"]


def test_tiktok_is_not_told_of_what_was_changed_there() -> None:
    assert telling(looked(everybody_told(), C)) == ["SHIP 1 DONE"]


def test_who_was_not_told_yet_is_told_of_the_number_that_was_set_by_hand_only() -> None:
    record = at_tiktok(waiting())
    change = look(record, *lines_at_tiktok(C))
    assert change is not None
    # No run may take the entry with the old number meanwhile, and find nothing to correct.
    assert [each.name for each in change.outbox] == ["CHANNELADVISOR#SHIP#oms-S1#1"]
    assert telling(applied(record, change), CHANNELADVISOR) == ["SHIP 1 WAITING"]


def test_who_is_being_told_is_told_of_the_number_that_was_set_by_hand_right_after() -> None:
    record = at_tiktok(waiting())
    record = looked(sending(record, entry(record, SHIP, CHANNELADVISOR)), C)
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 SENDING", "CORRECT_PARCEL 1 WAITING"]
    assert entry(record, CORRECT, CHANNELADVISOR).waits_for == "CHANNELADVISOR#SHIP#oms-S1#1"


def test_two_changes_by_hand_are_one_telling_while_nobody_was_told_of_the_first() -> None:
    record = looked(looked(everybody_told(), C), D, at=NEXT)
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert (labels(record), the_parcel(record).corrections) == ((D, D), 2)


def test_late_news_of_the_reporter_do_not_undo_a_change_by_hand() -> None:
    record = looked(everybody_told(), C)
    assert heard(record, report(A), in_channeladvisor(A, id=S1)) == record


def test_a_change_by_hand_is_used_up_like_one_of_ours() -> None:
    record = heard(looked(everybody_told(), C), report(B))
    assert (labels(record), the_parcel(record).corrections) == ((C, B), 1)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_a_change_by_hand_does_not_take_back_what_its_reporter_wants() -> None:
    record = heard(everybody_told(), report(B))
    record = looked(record, D)
    assert labels(record) == (D, B)
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    record = corrected(record)
    assert (labels(record), set(the_parcel(record).numbers)) == ((B, B), {A, B, D})


def test_who_knows_what_its_reporter_wants_is_not_told_of_it_again_after_a_change_by_hand() -> None:
    record = heard(everybody_told(), report(B))
    record = done(record, entry(record, CORRECT, CHANNELADVISOR))
    assert telling(looked(record, D), CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 DONE"]


def test_each_of_two_packages_keeps_its_own_label() -> None:
    record = heard(handed_over(), report(A, line_ids=(LINE_1,)), report(B, id=S2, line_ids=(LINE_2,)), at=REPORTED)
    record = at_tiktok(at_tiktok(record), S2, "P2")
    one, two = some_lines(carrier="USPS")
    change = look(
        record,
        replace(one, package_id="P1", tracking_number=A),
        replace(two, package_id="P2", tracking_number=C),
    )
    record = applied(record, change)
    assert (labels(record), labels(record, S2)) == ((A, A), (C, C))


def test_two_labels_that_a_person_swaps_in_seller_center_are_swapped_with_us() -> None:
    record = heard(handed_over(), report(A, line_ids=(LINE_1,)), report(B, id=S2, line_ids=(LINE_2,)), at=REPORTED)
    record = at_tiktok(at_tiktok(record), S2, "P2")
    for target_parcel in (S1, S2):
        record = told(record, CHANNELADVISOR, SHIP, target_parcel, at=TOLD)
    one, two = some_lines(carrier="USPS")
    change = look(
        record,
        replace(one, package_id="P1", tracking_number=B),
        replace(two, package_id="P2", tracking_number=A),
    )
    record = applied(record, change)
    assert (labels(record), labels(record, S2)) == ((B, B), (A, A))
    for target_parcel in (S1, S2):
        assert telling(record, CHANNELADVISOR, target_parcel) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_a_parcel_that_is_deleted_or_refused_gets_no_label() -> None:
    record = heard(handed_over(), report(A, units=(("CAP", 1),)))
    record = looked(record, A)
    assert the_parcel(record).refused
    assert the_parcel(record).at_tiktok_since is None
    assert found(record, entry(record, SHIP, CHANNELADVISOR, parcel=T1)).state is EntryState.WAITING


@pytest.mark.parametrize(("carrier", "shipping_class"), [("UPS", "Ground"), ("Brown", "Next Day"), ("UPS", "")])
def test_channeladvisor_s_echo_of_what_we_wrote_there_is_no_change(carrier: str, shipping_class: str) -> None:
    """What is told there is mapped, and comes back in the account's own words."""
    own = in_channeladvisor(A, carrier="Brown", shipping_class="Next Day")
    record = looked(seen_there(everybody_told(own)), C)
    record = done(record, entry(record, CORRECT, CHANNELADVISOR, parcel=C1))
    echo = replace(own, tracking_number=C, carrier=carrier, shipping_class=shipping_class)
    assert heard(record, echo) == record


def test_people_in_channeladvisor_can_still_give_their_parcel_another_number() -> None:
    record = looked(seen_there(everybody_told(in_channeladvisor())), C)
    record = done(record, entry(record, CORRECT, CHANNELADVISOR, parcel=C1))
    record = heard(record, in_channeladvisor(D))
    assert labels(record, C1) == (C, D)
    assert telling(record, parcel=C1)[-1] == "CORRECT_PARCEL 1 WAITING"


def test_what_people_in_channeladvisor_changed_themselves_is_a_change_also_of_the_carrier_alone() -> None:
    record = heard(everybody_told(in_channeladvisor()), in_channeladvisor(carrier="fedex"))
    assert the_parcel(record, C1).newest_label == label(A, "fedex")


def test_an_answer_that_is_older_than_a_change_by_hand_does_not_undo_it() -> None:
    record = waiting()
    record = sending(record, entry(record, SHIP))
    record = looked(looked(record, A, at=TOLD), D)
    record = applied(record, decide_shipped_at_tiktok(record, entry(record, SHIP), "P1", "", NEXT, told=label(A)))
    assert (labels(record), the_parcel(record).corrections) == ((D, D), 1)
    assert telling(record) == ["SHIP 1 DONE"]
