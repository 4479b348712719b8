"""What a comparison repairs by itself, how much of it, and what it tells people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.hand_over import decide_created
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.reconciling.differences import Difference, Kind, Repair
from order_sync.domain.reconciling.repairs import (
    FEWEST_MISSING,
    MOST_REPAIRS,
    decide_linked_again,
    decide_queued_again,
    is_fault_of_the_list,
    queued_again,
    with_care,
)
from order_sync.domain.reconciling.rules import Rules, is_linked
from order_sync.domain.reconciling.summaries import (
    MOST_KEPT,
    Comparison,
    confirmed,
    from_the_start,
    with_found,
    with_trouble,
)
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    NOON,
    a_report,
    applied,
    created,
    events_of,
    handed_over,
    parcel_reported,
    requested,
    the_entry,
)
from tests.unit.domain.in_words import in_words

SIDE = Source.CHANNELADVISOR
CREATED = "CHANNELADVISOR#CREATE_ORDER#order#1"
LATER = NOON + timedelta(days=1)


def settled() -> OrderRecord:
    """An order that both partners have, and of which nothing is to be told."""
    record = handed_over()
    ended = tuple(replace(each, state=EntryState.DONE, due_at=None) for each in record.outbox)
    return replace(record, outbox=ended)


def told_once_more(record: OrderRecord, entry: str = CREATED, number: str = "12345") -> Change | None:
    [difference] = some(1)
    rules = Rules(side=SIDE, now=LATER, young=timedelta(minutes=30))
    return decide_queued_again(record, replace(difference, entry=entry, number=number), rules, LATER)


def some(number: int, kind: Kind = Kind.MISSING_THERE, repair: Repair | None = Repair.QUEUE_AGAIN) -> list[Difference]:
    return [
        Difference(kind=kind, side=SIDE, order=OrderId(str(each)), since=NOON, repair=repair, entry=CREATED)
        for each in range(number)
    ]


def test_a_side_that_lacks_more_than_half_of_its_orders_is_in_trouble_itself() -> None:
    other = some(1, Kind.OTHER_UNITS, None)
    [whole, kept] = with_care([*some(6), *other], side=SIDE, looked_at=11)

    assert (whole.kind, whole.order, whole.repair) == (Kind.NOTHING_SHOWN, "", None)
    assert "6 of 11" in whole.explanation
    assert kept == other[0]


@pytest.mark.parametrize("number", [2, 4])
def test_a_side_that_lacks_all_of_its_orders_is_in_trouble_itself(number: int) -> None:
    [whole] = with_care(some(number), side=SIDE, looked_at=number)

    assert (whole.kind, whole.repair) == (Kind.NOTHING_SHOWN, None)


@pytest.mark.parametrize(("missing", "looked_at"), [(1, 1), (4, 5), (6, 12)])
def test_a_few_or_half_of_them_are_repaired(missing: int, looked_at: int) -> None:
    assert with_care(some(missing), side=SIDE, looked_at=looked_at) == some(missing)


def test_no_more_than_some_are_repaired_at_a_time() -> None:
    after = with_care(some(MOST_REPAIRS + 3), side=SIDE, looked_at=1_000)

    assert [each.repair for each in after].count(Repair.QUEUE_AGAIN) == MOST_REPAIRS
    assert all("left to the next comparison" in each.explanation for each in after[MOST_REPAIRS:])


def test_what_is_told_once_more_is_in_doubt_until_then_and_on_the_timeline() -> None:
    change = told_once_more(settled())

    assert change is not None
    assert events_of(change) == [Event.REPLAYED]
    [entry] = change.outbox
    assert (entry.name, entry.state, entry.in_doubt) == (CREATED, EntryState.WAITING, True)
    assert entry.is_claimable(LATER)
    assert queued_again(change.timeline) == {CREATED}


def test_what_is_not_done_any_more_is_left_alone() -> None:
    record = settled()
    again = applied(record, told_once_more(record))

    assert told_once_more(again) is None
    assert told_once_more(record, "CHANNELADVISOR#CANCEL_ORDER#order#1") is None
    assert told_once_more(record, number="777") is None, "it was linked anew meanwhile"


def test_what_has_moved_on_since_it_was_compared_is_not_told_once_more() -> None:
    record = settled()
    for moved in (
        applied(record, parcel_reported(record, a_report(), at=LATER)),
        requested(record),
        replace(record, order=replace(record.order, state=OrderState.SHIPPED)),
        replace(record, order=replace(record.order, handling=Handling.WATCHED)),
    ):
        assert told_once_more(moved) is None


def test_an_order_that_was_created_anew_makes_its_new_number_known() -> None:
    record = applied(settled(), told_once_more(settled()))
    after = created(record)
    fresh = {(e.target, e.action) for e in after.outbox if e.state is EntryState.WAITING and e.revision != "1"}

    assert after.order.channeladvisor_id == "12345"
    assert fresh == set(), "it is the same number"

    entry = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    renumbered = applied(record, decide_created(record, entry, "777", adopted=False, now=NOON))
    fresh = {(e.target, e.action) for e in renumbered.outbox if e.state is EntryState.WAITING and e.revision != "1"}
    assert fresh == {
        (Target.OMS, Action.SET_CHANNELADVISOR_NUMBER),
        (Target.TIKTOK_SHOP, Action.SET_REFERENCE),
        (Target.CHANNELADVISOR, Action.MARK_EXPORTED),
    }


def test_what_one_run_found_stays_while_the_next_goes_on() -> None:
    first = with_found(Comparison(), some(2, repair=None), "known:5", NOON)
    second = with_found(first, some(1), "", NOON + timedelta(days=1))

    assert (first.for_people, first.place, first.ended_at) == (2, "known:5", None)
    assert (second.for_people, second.repaired, second.place) == (2, 1, "")
    assert second.ended_at == NOON + timedelta(days=1)


def test_a_new_comparison_forgets_what_the_last_one_found() -> None:
    ended = with_found(Comparison(), some(2, repair=None), "", NOON)

    assert with_found(ended, [], "", NOON).for_people == 0


def test_what_could_not_be_compared_keeps_what_was_known_until_it_can() -> None:
    known = with_found(Comparison(), some(2, repair=None), "", NOON)
    troubled = with_trouble(known, "an outage")

    assert (troubled.for_people, troubled.trouble) == (2, "an outage")
    assert with_found(troubled, [], "", NOON).trouble == ""


def test_what_is_unsure_counts_when_the_next_comparison_finds_it_too() -> None:
    [fresh] = [replace(each, unsure=True) for each in some(1, Kind.OTHER_STATE, None)]
    sure, unsure = confirmed(Comparison(), [fresh])
    first = with_found(Comparison(), sure, "", NOON, unsure)

    assert (first.for_people, first.unsure) == (0, ("0",))
    assert confirmed(first, [fresh]) == ([fresh], ("0",))
    assert with_found(first, [], "", NOON).unsure == ()


def test_what_is_unsure_in_any_part_of_a_comparison_counts_in_the_same_part_of_the_next() -> None:
    first, second = (replace(each, unsure=True) for each in some(2, Kind.OTHER_STATE, None))
    comparison, counted = Comparison(), []
    for part, place in ((first, "known:0"), (second, ""), (first, "known:0"), (second, "")):
        sure, unsure = confirmed(comparison, [part])
        comparison = with_found(comparison, sure, place, NOON, unsure)
        counted.append(len(sure))

    assert counted == [0, 0, 1, 1]


def test_a_comparison_that_begins_anew_keeps_what_was_unsure() -> None:
    stopped = Comparison(place="listed:x", unsure=(OrderId("2"),), unsure_before=(OrderId("1"),), for_people=1)
    anew = from_the_start(stopped)

    assert (anew.place, anew.unsure, anew.for_people) == ("", ("1", "2"), 1)


def test_a_summary_is_bounded_and_keeps_those_for_people_first() -> None:
    kept = with_found(Comparison(), [*some(MOST_KEPT), *some(5, repair=None)], "", NOON)

    assert len(kept.differences) == MOST_KEPT
    assert [each.repair for each in kept.differences[:5]] == [None] * 5
    assert (kept.for_people, kept.repaired) == (5, MOST_KEPT)


@pytest.mark.parametrize("repair", list(Repair))
@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_is_repaired_says_what_was_done(kind: Kind, repair: Repair) -> None:
    [difference] = some(1, kind, repair)

    assert difference.explanation.startswith("ChannelAdvisor ")
    assert difference.explanation.endswith(("seen now.", "told once more.", "linked now."))


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        (side, kind)
        for side in (Source.TIKTOK_SHOP, Source.CHANNELADVISOR, Source.OMS)
        for kind in Kind
        if kind in (Kind.NOTHING_SHOWN, Kind.MISSING_THERE)
        or (kind in (Kind.OTHER_STATE, Kind.OTHER_UNITS) and side is not Source.TIKTOK_SHOP)
        or (kind in (Kind.DUPLICATE, Kind.OTHER_NUMBER, Kind.ELSEWHERE) and side is Source.CHANNELADVISOR)
        or (kind is Kind.UNKNOWN_HERE and side is Source.OMS)
    ],
)
def test_whatever_a_person_must_look_at_says_what_to_do(side: Source, kind: Kind) -> None:
    difference = Difference(kind=kind, side=side, order=OrderId("1"), since=None, detail="some detail")

    assert "(some detail). " in difference.explanation
    assert len(difference.explanation.partition("(some detail). ")[2]) > 40


def test_what_is_told_once_more_is_named_on_the_timeline() -> None:
    assert in_words(told_once_more(settled())) == [
        f"REPLAYED by ORDER_SYNC: target=CHANNELADVISOR, told=CREATE_ORDER, subject=order, entry={CREATED}",
        "CHANNELADVISOR CREATE_ORDER order 1: WAITING, due 06-02 12:00:00, in doubt",
    ]


def linked_again(record: OrderRecord, *, number: str = "12345", by_link: bool = False) -> Change | None:
    [difference] = some(1)
    rules = Rules(side=SIDE, now=LATER, young=timedelta(minutes=30))
    other = replace(difference, number=number, other_number="999")
    return decide_linked_again(record, other, units={"TEE-BLU-M": 2}, brought_by_link=by_link, rules=rules, now=LATER)


@pytest.mark.parametrize("by_link", [True, False])
def test_an_order_that_stands_under_another_number_is_linked_with_that(*, by_link: bool) -> None:
    brought = ", brought_by=the native link" if by_link else ""
    said = in_words(linked_again(settled(), by_link=by_link), settled())
    assert said == [
        f"ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=999{brought}",
        "OMS SET_CHANNELADVISOR_NUMBER order 999: WAITING, due 06-02 12:00:00",
        "TIKTOK_SHOP SET_REFERENCE order 2: WAITING, due 06-02 12:00:00",
        "CHANNELADVISOR MARK_EXPORTED order 999: WAITING, due 06-02 12:00:00",
        f"order: channeladvisor_id 999{', brought_by_link True' if by_link else ''}",
    ]


def test_an_order_that_has_moved_on_is_not_linked_again() -> None:
    assert linked_again(settled(), number="777") is None
    assert linked_again(requested(settled())) is None


def test_each_side_has_a_number_of_its_own() -> None:
    order = replace(settled().order, channeladvisor_id="12345", oms_number="")
    there, here = (Rules(side=side, now=LATER, young=timedelta(minutes=30)) for side in (SIDE, Source.OMS))
    assert (is_linked(order, there), is_linked(order, here)) == (True, False)
    order = replace(order, channeladvisor_id="", oms_number="OMS-1")
    assert (is_linked(order, there), is_linked(order, here)) == (False, True)


def test_what_people_had_replayed_counts_not_as_told_by_a_comparison() -> None:
    change = told_once_more(settled())
    assert change is not None
    (fact,) = change.timeline
    by_people = replace(fact, source=Source.OPERATOR)
    other = replace(fact, event=Event.TOLD)
    assert queued_again([by_people, other]) == frozenset()


def test_a_list_is_doubted_from_the_fewest_on() -> None:
    assert is_fault_of_the_list(missing=FEWEST_MISSING, looked_at=2 * FEWEST_MISSING - 1)
    assert not is_fault_of_the_list(missing=FEWEST_MISSING - 1, looked_at=FEWEST_MISSING)


def test_what_is_left_for_later_names_nothing_to_repair() -> None:
    last = with_care(some(MOST_REPAIRS + 1), side=SIDE, looked_at=1_000)[-1]
    assert (last.repair, last.entry, last.other_number) == (None, "", "")
