"""Labels that a parcel had before: whoever still names one is late, however often and in whatever order."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.reports import MOST_LABELS
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, applied, events_of, handed_over, parcel_reported, told
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    REPORTED,
    S1,
    S2,
    SHIP,
    SKU,
    A,
    B,
    C,
    D,
    at_tiktok,
    corrected,
    done,
    entry,
    everybody_told,
    heard,
    in_channeladvisor,
    labels,
    report,
    sending,
    telling,
    the_parcel,
    waiting,
)

type Life = Callable[[], OrderRecord]


def before_telling() -> OrderRecord:
    return heard(waiting(), report(B), report(C))


def in_flight() -> OrderRecord:
    record = waiting()
    return heard(sending(record, entry(record, SHIP)), report(B), report(C))


def after_telling() -> OrderRecord:
    return heard(everybody_told(), report(B), report(C))


def with_the_second_at_tiktok() -> OrderRecord:
    return heard(corrected(heard(everybody_told(), report(B))), report(C))


def with_the_third_at_tiktok() -> OrderRecord:
    return corrected(after_telling())


LIVES: list[Life] = [before_telling, in_flight, after_telling, with_the_second_at_tiktok, with_the_third_at_tiktok]
SOURCES: dict[str, Callable[[str], ReportedParcel]] = {
    "its reporter": report,
    "its reporter, by units": lambda number: report(number, units=((SKU, 2),)),
    "its reporter, by lines": lambda number: report(number, line_ids=(LINE_1, LINE_2)),
    "an echo of ChannelAdvisor's": lambda number: in_channeladvisor(number, id=S1, carrier="USPS"),
    "people in ChannelAdvisor": lambda number: in_channeladvisor(number, carrier="USPS"),
}


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("number", [A, B])
@pytest.mark.parametrize("source", SOURCES)
def test_a_number_that_the_parcel_had_before_changes_nothing_whoever_names_it(
    life: Life, number: str, source: str
) -> None:
    assert parcel_reported(life(), SOURCES[source](number), CHANGED) is None


@pytest.mark.parametrize("life", LIVES)
def test_the_newest_number_again_is_an_echo(life: Life) -> None:
    assert parcel_reported(life(), report(C), CHANGED) is None


@pytest.mark.parametrize("life", LIVES)
def test_a_feed_that_is_read_again_from_its_start_ends_in_the_same_record(life: Life) -> None:
    record = life()
    for number in (A, B, C, A, B, C):
        assert parcel_reported(record, report(number), CHANGED) is None


@pytest.mark.parametrize("life", LIVES)
def test_late_news_keep_their_place_whatever_their_order(life: Life) -> None:
    for numbers in permutations((A, B, C)):
        assert heard(life(), *(report(number) for number in numbers)) == life()


@pytest.mark.parametrize("rest", [{"carrier": "ups"}, {"shipping_class": "Priority"}])
def test_an_earlier_number_on_a_label_that_it_never_had_is_a_new_label_of_its_reporter(rest: dict[str, str]) -> None:
    record = heard(before_telling(), report(A, **rest))
    assert the_parcel(record).newest_label == report(A, **rest).label
    assert heard(record, report(B), report(C), report(A), report(A, **rest)) == record


CARRIERS = (report(A), report(A, carrier="fedex"))
CLASSES = (report(A), report(A, shipping_class="Priority"))
NUMBER_THEN_CARRIER = (report(A), report(B), report(B, carrier="fedex"))


@pytest.mark.parametrize("feed", [CARRIERS, CLASSES, NUMBER_THEN_CARRIER], ids=["carrier", "class", "number, carrier"])
@pytest.mark.parametrize("is_told", [False, True])
def test_a_feed_with_other_carriers_that_is_read_again_ends_in_the_same_record(
    feed: tuple[ReportedParcel, ...], *, is_told: bool
) -> None:
    record = everybody_told() if is_told else waiting()
    record = heard(record, *feed)
    if is_told:
        record = corrected(record)
        record = done(record, entry(record, CORRECT, CHANNELADVISOR))
    for each in (*feed, *feed):
        assert parcel_reported(record, each, CHANGED) is None


@pytest.mark.parametrize("feed", [CARRIERS, CLASSES, NUMBER_THEN_CARRIER], ids=["carrier", "class", "number, carrier"])
def test_a_feed_with_other_carriers_that_is_read_again_while_the_last_is_not_told_ends_in_the_same_record(
    feed: tuple[ReportedParcel, ...],
) -> None:
    record = heard(everybody_told(), *feed)
    for each in (*feed, *feed):
        assert parcel_reported(record, each, CHANGED) is None


def test_channeladvisor_s_echo_of_the_old_number_before_it_is_told_of_the_new_one_is_late() -> None:
    record = heard(everybody_told(), report(B))
    assert parcel_reported(record, in_channeladvisor(A, id=S1, carrier="USPS"), CHANGED) is None
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_channeladvisor_that_shows_the_new_number_is_told_all_the_same() -> None:
    """Its page may be older than a carrier that changed with the number; telling it twice is harmless."""
    record = heard(everybody_told(), report(B))
    assert parcel_reported(record, in_channeladvisor(B, id=S1, carrier="USPS"), CHANGED) is None
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_channeladvisor_s_echo_does_not_take_a_changed_carrier_for_known() -> None:
    record = heard(everybody_told(), report(A, carrier="fedex"))
    assert parcel_reported(record, in_channeladvisor(A, id=S1, carrier="USPS"), CHANGED) is None
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_two_swapped_labels_are_left_to_a_person_and_lose_nothing() -> None:
    one, other = report(A, line_ids=(LINE_1,)), report(B, id=S2, line_ids=(LINE_2,))
    before = at_tiktok(at_tiktok(heard(handed_over(), one, other, at=REPORTED)), S2, "P2")
    record = before
    for wrong in (replace(one, tracking_number=B), replace(other, tracking_number=A)):
        change = parcel_reported(record, wrong, CHANGED)
        assert change is not None
        assert (events_of(change), change.outbox, change.order) == ([Event.FAILED], (), record.order)
        record = applied(record, change)
        assert parcel_reported(record, wrong, CHANGED) is None
    assert [the_parcel(record, each.id) for each in before.parcels] == list(before.parcels)
    assert [(each.id, each.refused) for each in record.parcels if each.refused] == [
        (f"oms-S1@{B}", f"tracking number '{B}' is on parcel oms-S2 of this order"),
        (f"oms-S2@{A}", f"tracking number '{A}' is on parcel oms-S1 of this order"),
    ]


def test_two_labels_that_are_swapped_before_anybody_was_told_are_left_to_a_person_too() -> None:
    one, other = report(A, line_ids=(LINE_1,)), report(B, id=S2, line_ids=(LINE_2,))
    before = heard(handed_over(), one, other, at=REPORTED)
    record = heard(before, replace(one, tracking_number=B), replace(other, tracking_number=A))
    assert [the_parcel(record, each.id) for each in before.parcels] == list(before.parcels)
    assert record.outbox == before.outbox


def test_a_number_moves_to_another_parcel_when_its_own_has_got_another() -> None:
    """A third number in between resolves a swap; whoever reads the feed again from the start learns nothing new."""
    one, other = report(A, line_ids=(LINE_1,)), report(B, id=S2, line_ids=(LINE_2,))
    feed = [one, other, replace(one, tracking_number=D)]
    record = heard(handed_over(), *feed)
    assert (labels(record), labels(record, S2)) == ((D, D), (B, B))
    assert heard(record, *feed) == record


@pytest.mark.parametrize("ids", [(S1, S2), (S2, S1)])
def test_an_earlier_number_that_another_parcel_has_by_now_is_late_news_all_the_same(
    ids: tuple[ParcelId, ParcelId],
) -> None:
    first, second = ids
    one = report(A, id=first, line_ids=(LINE_1,))
    feed = [one, replace(one, tracking_number=B), report(A, id=second, line_ids=(LINE_2,))]
    record = heard(handed_over(), *feed)
    # As the ledger gives them back: by their ids.
    record = replace(record, parcels=tuple(sorted(record.parcels, key=lambda each: each.id)))
    assert (labels(record, first), labels(record, second)) == ((B, B), (A, A))
    assert heard(record, *feed) == record


def test_late_news_of_the_oms_do_not_undo_what_people_in_channeladvisor_changed() -> None:
    record = told(waiting(), CHANNELADVISOR, SHIP, S1, at=REPORTED)
    record = heard(record, in_channeladvisor(B, id=S1))
    assert parcel_reported(record, report(A), CHANGED) is None
    assert labels(record) == (B, B)


def test_two_sides_that_correct_in_turn_end_with_the_newest() -> None:
    record = everybody_told()
    record = heard(record, in_channeladvisor(B, id=S1), report(C))
    assert labels(record) == (A, C)
    assert entry(record, CORRECT, CHANNELADVISOR).state is EntryState.WAITING
    for late in (report(A), report(B), in_channeladvisor(A, id=S1), in_channeladvisor(B, id=S1)):
        assert parcel_reported(record, late, CHANGED) is None


def test_a_parcel_of_another_source_under_an_old_number_is_no_new_parcel() -> None:
    part = report(A, line_ids=(LINE_1,))
    record = heard(handed_over(), part, replace(part, tracking_number=B))
    assert parcel_reported(record, in_channeladvisor(A, units=((SKU, 1),)), CHANGED) is None
    assert record.parcel(C1) is None
    assert {each.source for each in record.parcels} == {Source.OMS}


def test_a_parcel_whose_label_changes_without_end_is_left_to_a_person() -> None:
    record = waiting()
    for number in range(MOST_LABELS - 1):
        record = heard(record, report(f"9400X{number:03}"))
    assert len(the_parcel(record).labels) == MOST_LABELS
    one_more = heard(record, report("9400Y"))
    assert the_parcel(one_more).labels == the_parcel(record).labels
    (refused,) = [parcel.refused for parcel in one_more.parcels if parcel.refused]
    assert refused == "the label of parcel oms-S1 has changed 20 times: look at what reports it"
    assert heard(one_more, report("9400Y")) == one_more
