"""Whether we may still call a partner for a shop, after whatever was heard of its authorisation."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.authorizations import (
    CLOCKS_APART,
    WARNED_BEFORE_END,
    Authorization,
    AuthorizationState,
    announced_end,
    granted,
    is_trouble,
    refused,
    renewed,
    still_good,
    used,
    withdrawn,
)
from tests.builders import NOON

A_SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)
LATER = NOON + A_DAY
FAR, NEAR = NOON + timedelta(days=300), NOON + timedelta(days=20)
AUTHORIZED, EXPIRES_SOON, REFUSED, WITHDRAWN = AuthorizationState
LOST = [REFUSED, WITHDRAWN]


def known(state: AuthorizationState = AUTHORIZED, **changes: Any) -> Authorization:
    return replace(Authorization(state=state, since=NOON, until=FAR), **changes)


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, AUTHORIZED),
        (NOON + WARNED_BEFORE_END + A_SECOND, AUTHORIZED),
        (NOON + WARNED_BEFORE_END, EXPIRES_SOON),
        (NEAR, EXPIRES_SOON),
    ],
)
def test_an_authorisation_is_warned_of_a_month_before_its_end(
    until: datetime | None, state: AuthorizationState
) -> None:
    assert granted(until, NOON) == Authorization(state=state, since=NOON, until=until)
    assert renewed(None, until, NOON) == Authorization(state=state, since=NOON, until=until)


def test_a_renewal_keeps_since_when_it_is_good_and_a_lost_one_is_good_anew() -> None:
    assert renewed(known(), FAR, LATER) == known()
    assert renewed(known(), NEAR, LATER) == known(EXPIRES_SOON, since=LATER, until=NEAR)
    assert renewed(known(REFUSED), FAR, LATER) == known(since=LATER)


@pytest.mark.parametrize(
    ("tokens", "until", "announced"), [(FAR, NEAR, True), (None, NEAR, True), (NEAR - A_DAY, NEAR - A_DAY, True)]
)
def test_an_end_that_was_announced_comes_whatever_the_tokens_say(
    tokens: datetime | None, until: datetime, *, announced: bool
) -> None:
    before = known(EXPIRES_SOON, until=NEAR, announced=True)
    assert renewed(before, tokens, LATER) == replace(before, until=until, announced=announced)


@pytest.mark.parametrize("changes", [{"announced": False}, {"announced": True, "until": None}])
def test_an_end_that_nobody_announced_moves_with_the_tokens(changes: dict[str, Any]) -> None:
    before = known(EXPIRES_SOON, **({"until": NEAR} | changes))
    assert renewed(before, FAR, LATER) == known(since=LATER)


def test_an_announced_end_that_is_over_is_forgotten_when_tokens_are_renewed_all_the_same() -> None:
    before = known(EXPIRES_SOON, until=LATER, announced=True)
    assert renewed(before, FAR, LATER) == known(since=LATER)
    assert renewed(before, FAR, LATER - A_SECOND) == before


@pytest.mark.parametrize("state", LOST)
def test_tokens_that_have_not_ended_say_nothing_of_an_authorisation_that_is_lost(state: AuthorizationState) -> None:
    assert still_good(known(state), FAR, LATER) == known(state)
    assert refused(known(state), LATER) == known(state)


def test_tokens_that_have_not_ended_are_good_otherwise() -> None:
    assert still_good(known(), NEAR, LATER) == known(EXPIRES_SOON, since=LATER, until=NEAR)
    assert still_good(None, FAR, NOON) == known()


def test_a_refresh_token_lives_as_long_as_it_is_used() -> None:
    assert used(None, LATER) == Authorization(state=AUTHORIZED, since=LATER, used_at=LATER)
    assert used(known(), LATER) == Authorization(state=AUTHORIZED, since=NOON, used_at=LATER)
    assert used(known(REFUSED), LATER) == Authorization(state=AUTHORIZED, since=LATER, used_at=LATER)


def test_a_refusal_keeps_when_the_token_was_last_used() -> None:
    assert refused(None, LATER) == Authorization(state=REFUSED, since=LATER)
    assert refused(known(used_at=NOON), LATER) == Authorization(state=REFUSED, since=LATER, used_at=NOON)


def test_an_announced_end_without_a_moment_is_a_month_away() -> None:
    assert announced_end(known(), NEAR, LATER) == known(EXPIRES_SOON, since=LATER, until=NEAR, announced=True)
    usual = LATER + WARNED_BEFORE_END
    assert announced_end(None, None, LATER) == known(EXPIRES_SOON, since=LATER, until=usual, announced=True)


@pytest.mark.parametrize("state", LOST)
def test_what_is_lost_does_not_end_soon_but_may_be_withdrawn(state: AuthorizationState) -> None:
    assert announced_end(known(state), NEAR, LATER) is None
    early = NOON - A_DAY
    assert withdrawn(known(state), early) == Authorization(state=WITHDRAWN, since=early)


def test_a_notification_from_before_the_newest_consent_is_late_but_clocks_may_be_apart() -> None:
    at = NOON - CLOCKS_APART
    assert announced_end(known(), NEAR, at - A_SECOND) is None
    assert withdrawn(known(), at - A_SECOND) is None
    assert announced_end(known(), NEAR, at) is not None
    assert withdrawn(known(), at) == Authorization(state=WITHDRAWN, since=at)
    assert withdrawn(None, at) == Authorization(state=WITHDRAWN, since=at)


@pytest.mark.parametrize(
    ("state", "while_it_trades", "switched_off"),
    [
        (AUTHORIZED, False, False),
        (EXPIRES_SOON, True, True),
        (REFUSED, True, True),
        (WITHDRAWN, True, False),
    ],
)
def test_a_shop_that_is_switched_off_may_have_left_us(
    state: AuthorizationState, *, while_it_trades: bool, switched_off: bool
) -> None:
    assert is_trouble(known(state), trades=True) is while_it_trades
    assert is_trouble(known(state), trades=False) is switched_off
