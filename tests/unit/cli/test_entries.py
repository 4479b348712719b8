"""Where an outbox entry stands, and what a person must do about it."""

from datetime import timedelta
from typing import Any

import pytest

from cli.entries import ABANDONED_AFTER, view_of
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from tests.builders import NOON, ORDER_ID, SHOP_ID, minutes

NAME = "OMS#CREATE_ORDER#order#1"


def an_entry(**changes: Any) -> OutboxEntry:
    values: dict[str, Any] = {
        "shop": SHOP_ID,
        "order": ORDER_ID,
        "target": Target.OMS,
        "action": Action.CREATE_ORDER,
        "queued_at": NOON - timedelta(hours=1),
        "due_at": NOON,
    }
    return OutboxEntry(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "due now"),
        ({"due_at": NOON + minutes(5)}, "next attempt in 5 min"),
        (
            {"due_at": NOON + minutes(5), "attempts": 3, "reason": "OMS: 503"},
            "next attempt in 5 min after 3 attempts (OMS: 503)",
        ),
        (
            {"due_at": NOON + minutes(20), "waits_for": "CHANNELADVISOR#CREATE_ORDER#order#1"},
            "waits for ChannelAdvisor: create the order, in 20 min at the latest",
        ),
        ({"due_at": None, "waits_for": "CANCEL_REQUEST#17"}, "waits for the end of cancel request 17"),
        ({"state": EntryState.SENDING, "claimed_until": NOON + minutes(5)}, "being told now"),
        (
            {"state": EntryState.SENDING, "claimed_until": NOON - minutes(5)},
            "its run ended without a word 5 min ago; the next run looks what became of it",
        ),
        ({"state": EntryState.FAILED, "reason": "no such carrier"}, "failed: no such carrier"),
        ({"state": EntryState.DONE}, "done"),
        ({"state": EntryState.WITHDRAWN, "reason": "cancelled first"}, "not needed: cancelled first"),
    ],
)
def test_where_an_entry_stands_is_told_in_words(changes: dict[str, Any], words: str) -> None:
    assert view_of(an_entry(**changes), NOON, {}).words == words


def test_only_what_failed_is_sent_again_by_command() -> None:
    assert view_of(an_entry(), NOON, {}).command == ""
    failed = an_entry(state=EntryState.FAILED, due_at=None)
    assert view_of(failed, NOON, {}).command == f"order-sync replay {SHOP_ID} --order {ORDER_ID} --entry '{NAME}'"


def test_what_a_mapping_repairs_is_not_sent_again_by_command() -> None:
    failed = an_entry(state=EntryState.FAILED, due_at=None)
    assert view_of(failed, NOON, {(ORDER_ID, NAME): "add the mapping"}).command == "add the mapping"


def test_a_claim_is_abandoned_three_cycles_after_it_ran_out() -> None:
    ended = an_entry(state=EntryState.SENDING, claimed_until=NOON)
    assert not view_of(ended, NOON + ABANDONED_AFTER - minutes(1), {}).stuck
    assert view_of(ended, NOON + ABANDONED_AFTER, {}).stuck
    assert not view_of(an_entry(state=EntryState.DONE, claimed_until=NOON), NOON + 2 * ABANDONED_AFTER, {}).stuck
