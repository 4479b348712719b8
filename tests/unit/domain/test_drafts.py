from datetime import timedelta

import pytest

from order_sync.domain.drafts import Draft
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, Target, tell
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import NOON, ORDER_ID, SHOP_ID, events_of, handed_over

LATER = NOON + timedelta(hours=4)


def test_a_draft_that_changes_nothing_is_no_change() -> None:
    assert Draft(handed_over(), LATER).change() is None


def test_a_refused_transition_changes_nothing_and_stands_on_the_timeline() -> None:
    draft = Draft(handed_over(), LATER)
    assert not draft.move_to(OrderState.PENDING)
    change = draft.change()
    assert change is not None
    assert change.order == handed_over().order
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.TRANSITION_REFUSED, Source.ORDER_SYNC)
    assert fact.detail == {"current": "ACKNOWLEDGED_BY_SELLER", "wanted": "PENDING"}


def test_staying_is_no_transition() -> None:
    draft = Draft(handed_over(), LATER)
    assert not draft.move_to(OrderState.ACKNOWLEDGED_BY_SELLER)
    assert draft.change() is None


def test_the_same_decision_is_queued_once() -> None:
    draft = Draft(handed_over(), LATER)
    draft.queue(tell(Target.OMS, Action.CREATE_ORDER, SHOP_ID, ORDER_ID, now=LATER))
    assert draft.change() is None


@pytest.mark.parametrize(("detail", "kept"), [({"reason": "why", "warning": ""}, {"reason": "why"}), ({}, {})])
def test_empty_details_are_left_out_of_the_timeline(detail: dict[str, str], kept: dict[str, str]) -> None:
    draft = Draft(handed_over(), LATER)
    draft.note(Event.FAILED, Source.OMS, happened_at=None, **detail)
    change = draft.change()
    assert change is not None
    assert change.timeline[0].detail == kept
    assert events_of(change) == [Event.FAILED]
