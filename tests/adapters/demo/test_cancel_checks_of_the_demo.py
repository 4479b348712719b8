"""Each of the demo's stories keeps every promise, and each promise about cancellations can be broken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import httpx
import pytest

from local.demo.cancel_checks import check_cancellations, check_outage
from local.demo.checks import Check, check_books
from local.demo.scenario import TradingDay
from local.demo.stories import (
    APPROVED,
    CANCELLED_BY_PLATFORM,
    CANCELLED_BY_SELLER,
    ORDINARY,
    REJECTED,
    REJECTED_BY_PARCEL,
    UNANSWERED,
    Story,
)
from local.simulators.faults import Fault
from tests.adapters.demo.days import TIME_TO_ANSWER, StoryDay

HOLD = timedelta(hours=1)
ANSWERED = "Each cancel request was answered once, before its deadline"
AS_DECIDED = "Each cancel request ended as it was decided"
CANCELLED = "Cancelled orders are cancelled on all three sides"
SHIPPED = "Rejected requests are shipped on all three sides"
KNOWN = "The OMS was told all that it waits for"
CALLED_BACK = "The OMS gets back what left too late to be stopped"
NO_REFUND = "Nothing was refunded by accident"


def broken(checks: list[Check]) -> set[str]:
    return {check.promise for check in checks if not check.holds}


def is_over(day: StoryDay) -> bool:
    return TradingDay(day.partners, ()).is_over(day.order)


def broken_on(day: StoryDay) -> set[str]:
    checks = check_cancellations(day.partners, day.orders)
    assert len(checks) == 7
    return broken(checks)


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize(
    "story",
    [ORDINARY, APPROVED, REJECTED, UNANSWERED, CANCELLED_BY_SELLER, CANCELLED_BY_PLATFORM],
    ids=lambda story: story.note or "ordinary",
)
def test_a_story_that_goes_well_breaks_no_promise(story: Story, region: str) -> None:
    day = StoryDay(story, region)
    day.play()
    assert is_over(day)
    assert broken_on(day) == set()
    assert broken(check_books(day.partners, day.orders, HOLD)) == set()


def test_a_parcel_that_rejects_the_request_breaks_no_promise() -> None:
    day = StoryDay(REJECTED_BY_PARCEL)
    day.play()
    assert is_over(day)
    assert broken_on(day) == set()
    assert broken(check_books(day.partners, day.orders, HOLD)) == set()


@pytest.mark.parametrize(
    "story", [ORDINARY, APPROVED, REJECTED, UNANSWERED, CANCELLED_BY_SELLER, CANCELLED_BY_PLATFORM]
)
def test_a_story_is_not_over_before_every_side_knows_its_end(story: Story) -> None:
    day = StoryDay(story)
    assert not is_over(day)
    day.play(skip=("push_channeladvisor", "push_oms"))
    assert not is_over(day)


def test_answers_that_tiktok_shop_does_not_take_are_noticed() -> None:
    day = StoryDay(APPROVED)
    for answer in ("/approve", "/reject"):
        day.world.tiktok.faults.add(Fault.UNAVAILABLE, answer, method="POST", times=None)
    day.play()
    assert ANSWERED in broken_on(day)
    day.world.advance(TIME_TO_ANSWER)
    day.world.cycle(2)
    assert broken_on(day) == {ANSWERED, AS_DECIDED}


def test_a_request_that_nobody_made_is_noticed() -> None:
    day = StoryDay(ORDINARY)
    day.play()
    day.orders = [replace(day.order, story=REJECTED)]
    assert broken_on(day) == {AS_DECIDED}


def test_a_request_that_ended_otherwise_than_decided_is_noticed() -> None:
    day = StoryDay(APPROVED)
    day.play()
    day.orders = [replace(day.order, story=REJECTED)]
    assert broken_on(day) == {AS_DECIDED, SHIPPED}


def test_an_answer_by_somebody_else_than_the_story_says_is_noticed() -> None:
    day = StoryDay(APPROVED)
    day.play()
    day.orders = [replace(day.order, story=UNANSWERED)]
    assert broken_on(day) == {AS_DECIDED}


@pytest.mark.parametrize(
    ("story", "skip", "promises"),
    [
        (CANCELLED_BY_SELLER, ("push_channeladvisor",), {CANCELLED}),
        (CANCELLED_BY_SELLER, ("poll_oms",), {CANCELLED, KNOWN}),
        (APPROVED, ("push_oms",), {CANCELLED, KNOWN, AS_DECIDED}),
        (REJECTED, ("push_channeladvisor",), {SHIPPED}),
        (REJECTED, ("push_tiktok",), {SHIPPED}),
        (CANCELLED_BY_PLATFORM, ("push_oms",), {CALLED_BACK}),
    ],
)
def test_what_one_side_never_heard_is_noticed(story: Story, skip: tuple[str, ...], promises: set[str]) -> None:
    day = StoryDay(story)
    day.play(skip=skip)
    assert broken_on(day) == promises


def test_a_parcel_that_tiktok_shop_should_have_cancelled_and_did_not_is_noticed() -> None:
    day = StoryDay(ORDINARY)
    day.play()
    day.orders = [replace(day.order, story=CANCELLED_BY_PLATFORM)]
    assert broken_on(day) == {CALLED_BACK}


def test_a_refund_that_was_meant_as_a_cancellation_is_noticed() -> None:
    day = StoryDay(ORDINARY)
    day.play()
    world = day.world
    number = world.channeladvisor.books.orders_of_tiktok(day.order.id)[0]["ID"]
    with httpx.Client(
        transport=httpx.WSGITransport(app=world.channeladvisor), base_url="https://ca.example.com"
    ) as client:
        token = client.post(
            "/oauth2/token",
            auth=("application", "shared"),
            data={"grant_type": "refresh_token", "refresh_token": world.channeladvisor.refresh_token(world.account)},
        ).json()["access_token"]
        answer = client.post(
            f"/v1/Orders({number})/Adjust",
            headers={"Authorization": f"Bearer {token}"},
            json={"Reason": "BuyerCancelled", "SellerAdjustmentID": "by-accident"},
        )
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert broken_on(day) == {NO_REFUND}


def one_refused_call(day: StoryDay) -> None:
    day.world.channeladvisor.faults.add(Fault.UNAVAILABLE)


def an_outage_that_never_ends(day: StoryDay) -> None:
    day.world.channeladvisor.faults.add(Fault.UNAVAILABLE, times=None)


def no_outage(_day: StoryDay) -> None:
    pass


@pytest.mark.parametrize("story", [ORDINARY, APPROVED], ids=["shipped", "cancelled"])
@pytest.mark.parametrize(
    ("outage", "holds"), [(one_refused_call, True), (an_outage_that_never_ends, False), (no_outage, False)]
)
def test_an_outage_is_checked_for_what_it_lost(
    story: Story, outage: Callable[[StoryDay], None], *, holds: bool
) -> None:
    day = StoryDay(story)
    outage(day)
    day.play()
    assert check_outage(day.partners, day.orders).holds is holds
