from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import (
    LONGEST_RETRY_WAIT,
    Action,
    EntryState,
    OutboxEntry,
    Target,
    parcel_of,
    retry_wait,
    tell,
)
from order_sync.domain.parcels import Parcel
from tests.builders import NOON, ORDER_ID, SHOP_ID

PAST, FUTURE = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def an_entry(**changes: object) -> OutboxEntry:
    entry = tell(Target.TIKTOK_SHOP, Action.SHIP, SHOP_ID, ORDER_ID, now=NOON, subject="oms-S1")
    return replace(entry, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "due_at", "claimed_until", "claimable"),
    [
        (EntryState.WAITING, PAST, None, True),
        (EntryState.WAITING, NOON, None, True),
        (EntryState.WAITING, FUTURE, None, False),
        (EntryState.WAITING, None, None, False),
        (EntryState.SENDING, PAST, PAST, True),
        (EntryState.SENDING, PAST, NOON, True),
        (EntryState.SENDING, PAST, FUTURE, False),
        (EntryState.SENDING, FUTURE, PAST, False),
        (EntryState.SENDING, PAST, None, False),
        (EntryState.DONE, None, None, False),
        (EntryState.DONE, PAST, None, False),
        (EntryState.FAILED, None, None, False),
        (EntryState.FAILED, PAST, None, False),
        (EntryState.WITHDRAWN, None, None, False),
        (EntryState.WITHDRAWN, PAST, None, False),
    ],
)
def test_a_run_may_take_what_is_due_and_in_nobody_s_hands(
    state: EntryState, due_at: datetime | None, claimed_until: datetime | None, *, claimable: bool
) -> None:
    entry = an_entry(state=state, due_at=due_at, claimed_until=claimed_until)
    assert entry.is_claimable(NOON) is claimable


@pytest.mark.parametrize(
    ("state", "in_doubt", "interrupted", "may_have_been_told", "untold"),
    [
        (EntryState.WAITING, False, False, False, True),
        (EntryState.WAITING, True, True, True, False),
        (EntryState.SENDING, False, True, True, False),
        (EntryState.DONE, False, False, True, False),
        (EntryState.FAILED, False, False, False, True),
        (EntryState.FAILED, True, True, True, False),
        (EntryState.WITHDRAWN, False, False, False, False),
    ],
)
def test_an_entry_knows_what_the_partner_may_know(
    state: EntryState, *, in_doubt: bool, interrupted: bool, may_have_been_told: bool, untold: bool
) -> None:
    entry = an_entry(state=state, in_doubt=in_doubt)
    assert entry.was_interrupted is interrupted
    assert entry.may_have_been_told is may_have_been_told
    assert entry.is_untold is untold


@pytest.mark.parametrize("state", list(EntryState))
def test_an_entry_has_ended_when_it_is_done_or_withdrawn(state: EntryState) -> None:
    assert an_entry(state=state).has_ended is (state in ("DONE", "WITHDRAWN"))


def test_a_name_says_what_the_entry_means() -> None:
    assert an_entry(revision="2").name == "TIKTOK_SHOP#SHIP#oms-S1#2"


def test_what_waits_for_another_entry_has_no_moment_of_its_own() -> None:
    waiting = tell(Target.OMS, Action.CANCEL_ORDER, SHOP_ID, ORDER_ID, now=NOON, waits_for="OMS#CREATE_ORDER#order#1")
    assert (waiting.due_at, waiting.is_claimable(FUTURE)) == (None, False)


ATTEMPTS = st.integers(min_value=1, max_value=10_000)
BASES = st.integers(min_value=1, max_value=600).map(lambda seconds: timedelta(seconds=seconds))
JITTERS = st.floats(min_value=0, max_value=1, exclude_max=True)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (999, 60)])
def test_the_wait_doubles_up_to_an_hour(attempts: int, minutes: int) -> None:
    assert retry_wait(attempts, MINUTE, 0) == minutes * MINUTE


@given(attempts=ATTEMPTS, base=BASES, jitter=JITTERS)
def test_a_wait_is_never_shorter_than_its_base_and_never_longer_than_an_hour_and_a_half(
    attempts: int, base: timedelta, jitter: float
) -> None:
    assert base <= retry_wait(attempts, base, jitter) <= LONGEST_RETRY_WAIT * 1.5


@given(attempts=ATTEMPTS, base=BASES)
def test_a_wait_never_grows_shorter(attempts: int, base: timedelta) -> None:
    assert retry_wait(attempts, base, 0) <= retry_wait(attempts + 1, base, 0)


@given(attempts=ATTEMPTS, base=BASES, jitter=JITTERS)
def test_chance_adds_at_most_half(attempts: int, base: timedelta, jitter: float) -> None:
    plain = retry_wait(attempts, base, 0)
    assert plain <= retry_wait(attempts, base, jitter) <= 1.5 * plain


def test_answers_and_parcels_are_told_first_and_references_last() -> None:
    told = list(Action)
    assert told[:3] == [Action.APPROVE_CANCEL_REQUEST, Action.REJECT_CANCEL_REQUEST, Action.SHIP]
    assert told[-2:] == [Action.SET_REFERENCE, Action.NOTIFY]
    assert told.index(Action.CANCEL_ORDER) < told.index(Action.CREATE_ORDER)


def test_a_parcel_is_found_by_its_entry() -> None:
    parcel = Parcel(
        id=ParcelId("oms-S1"), source=Source.OMS, carrier="usps", tracking_number="T", shipped_at=NOON, line_ids=()
    )
    assert parcel_of(an_entry(), [parcel]) is parcel
    with pytest.raises(LookupError, match=f"order {ORDER_ID} has no parcel oms-S1"):
        parcel_of(an_entry(), [])
