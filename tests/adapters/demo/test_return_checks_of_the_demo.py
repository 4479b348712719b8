"""What is given back in the demo keeps every promise, and each promise about returns and refunds can be broken."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.demo.aftersales import Aftersale
from local.demo.checks import check_books
from local.demo.partners import HOLD
from local.demo.returned import tried_by_hand
from local.demo.scenario import refund_again
from local.demo.stories import (
    ORDINARY,
    REFUND_REJECTED,
    REFUND_UNANSWERED,
    REFUNDED_BY_OMS,
    SENT_BACK,
    Story,
)
from local.simulators.faults import Fault
from tests.adapters.demo.return_days import ReturnDay

ANSWERED = "Each return was answered once, in time, as it was decided"
BOOKED = "ChannelAdvisor has TikTok Shop's refunds once, and no others"
NOT_EARLY = "Nothing was adjusted there while a return was open"
NOTED = "ChannelAdvisor's notes say how each return has ended"
KNOWN = "The OMS knows how each return and refund has ended"
STARTED = "A refund that the OMS started reached TikTok Shop once"
NOT_BEYOND = "Nothing was refunded beyond what was paid; who tried knows"
STORIES = [SENT_BACK, REFUND_REJECTED, REFUND_UNANSWERED, REFUNDED_BY_OMS]


def aftersale_of(story: Story) -> Aftersale:
    assert story.aftersale is not None
    return story.aftersale


def channeladvisor_number(day: ReturnDay) -> int:
    [there] = day.partners.channeladvisor.books.orders_of_tiktok(day.order.id)
    return int(there["ID"])


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize("story", [ORDINARY, *STORIES], ids=lambda story: story.note or "ordinary")
def test_what_is_given_back_breaks_no_promise(story: Story, region: str) -> None:
    day = ReturnDay(story, region=region)
    day.play()
    assert day.is_over()
    assert day.broken() == set()
    assert [check for check in check_books(day.partners, day.orders, HOLD) if not check.holds] == []


def test_several_orders_are_given_back_side_by_side() -> None:
    day = ReturnDay(*STORIES)
    day.play()
    assert day.is_over()
    assert day.broken() == set()


def test_the_oms_hears_of_each_step_of_goods_that_come_back() -> None:
    day = ReturnDay(SENT_BACK)
    day.play()
    [told] = day.partners.oms.books.returns(day.order.id)
    states = [body["state"] for body in (*told.earlier, told.body)]
    steps = ["request_pending", "waiting_for_buyer_to_ship", "return_label_generated", "buyer_shipped"]
    assert list(dict.fromkeys(states)) in ([*steps, "refunded"], [*steps, "received", "refunded"])


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.note)
@pytest.mark.parametrize("job", ["push_channeladvisor", "push_oms"])
def test_a_story_is_not_over_before_every_side_knows_its_end(story: Story, job: str) -> None:
    day = ReturnDay(story)
    day.until_asked()
    assert not day.is_over()
    day.play(skip=(job,))
    assert not day.is_over()
    day.play()
    assert day.is_over()
    assert day.broken() == set()


def test_a_story_is_not_over_before_people_know_of_the_refund_that_is_refused() -> None:
    day = ReturnDay(REFUNDED_BY_OMS)
    day.play(skip=("settle_requests",))
    assert tried_by_hand(day.partners, day.order) is not None
    assert not day.is_over()
    assert day.broken() == {NOT_BEYOND}


def test_answers_that_tiktok_shop_does_not_take_are_noticed() -> None:
    day = ReturnDay(SENT_BACK)
    day.world.tiktok.faults.add(Fault.UNAVAILABLE, "/approve", method="POST", times=None)
    day.play()
    day.play()
    assert day.broken() == {ANSWERED}


def test_a_question_that_is_left_to_tiktok_shop_is_noticed() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.world.reconnect(day.shop, returns={"without_answer": "leave_to_tiktok"})
    day.play()
    assert day.broken() == {ANSWERED}


def test_a_return_that_nobody_was_to_ask_for_is_noticed() -> None:
    day = ReturnDay(ORDINARY)
    day.cycle(2)
    return_id = day.world.tiktok.buyer_requests_return(day.order.id)
    day.cycle()
    day.world.oms.decide_return(day.shop.id, return_id, "refund", "approve")
    day.play()
    assert day.broken() == {ANSWERED}


@pytest.mark.parametrize(
    "aftersale",
    [
        aftersale_of(REFUND_UNANSWERED),
        replace(aftersale_of(REFUND_REJECTED), rejects_for={"US": "reverse_reject_request_reason_3"}),
        replace(aftersale_of(REFUND_REJECTED), answers=("REJECT_REFUND", "REJECT_REFUND")),
    ],
)
def test_a_return_that_was_answered_otherwise_than_decided_is_noticed(aftersale: Aftersale) -> None:
    day = ReturnDay(REFUND_REJECTED)
    day.play()
    day.orders[0] = replace(day.order, story=replace(REFUND_REJECTED, aftersale=aftersale))
    assert day.broken() == {ANSWERED}


@pytest.mark.parametrize("story", [SENT_BACK, REFUND_UNANSWERED, REFUNDED_BY_OMS], ids=lambda story: story.note)
def test_a_refund_that_channeladvisor_gets_a_second_time_is_noticed(story: Story) -> None:
    day = ReturnDay(story)
    day.play()
    refund_again(day.partners, day.orders)
    assert day.broken() == {BOOKED}


def test_a_refund_that_channeladvisor_never_gets_is_noticed() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.until_asked()
    day.play(skip=("push_channeladvisor",))
    assert day.broken() == {BOOKED, NOTED}


def test_a_refund_in_channeladvisor_while_a_return_is_open_is_noticed() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.until_asked()
    day.world.channeladvisor.refund_units_by_hand(channeladvisor_number(day), {"MUG-RED": 1})
    day.play()
    assert day.broken() == {NOT_EARLY, BOOKED, NOT_BEYOND}


def test_an_adjustment_while_a_return_waits_for_its_end_is_noticed() -> None:
    day = ReturnDay(SENT_BACK)
    day.until_asked()
    day.world.channeladvisor.refund_units_by_hand(channeladvisor_number(day), {"MUG-RED": 1})
    assert NOT_EARLY in day.broken()


def test_a_note_that_somebody_deletes_is_noticed() -> None:
    day = ReturnDay(REFUND_REJECTED)
    day.play()
    day.world.channeladvisor.write_private_notes(channeladvisor_number(day), "call the buyer")
    assert day.broken() == {NOTED}


def test_a_return_that_has_not_ended_is_noticed() -> None:
    day = ReturnDay(SENT_BACK)
    day.until_asked()
    assert day.broken() == {ANSWERED, NOTED, KNOWN}


def test_an_end_that_the_oms_never_hears_of_is_noticed() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.until_asked()
    day.play(skip=("push_oms",))
    assert day.broken() == {KNOWN}


def test_an_outcome_that_the_oms_never_hears_of_is_noticed() -> None:
    day = ReturnDay(replace(REFUNDED_BY_OMS, aftersale=Aftersale(units=1)))
    day.play(skip=("push_oms",))
    assert day.broken() == {KNOWN}


def never_read(day: ReturnDay) -> None:
    day.play(skip=("poll_oms",))


def made_in_seller_center(day: ReturnDay) -> None:
    day.play()
    day.world.tiktok.refund_in_seller_center(day.order.id, day.world.tiktok.line_ids(day.order.id)[-1:])
    day.play()


@pytest.mark.parametrize("went", [never_read, made_in_seller_center])
def test_a_refund_of_the_oms_that_did_not_reach_tiktok_shop_once_is_noticed(went: Callable[[ReturnDay], None]) -> None:
    day = ReturnDay(REFUNDED_BY_OMS)
    day.cycle(2)
    went(day)
    assert STARTED in day.broken()


def test_a_refund_that_only_seller_center_knows_of_is_noticed() -> None:
    day = ReturnDay(ORDINARY)
    day.cycle(2)
    day.world.tiktok.refund_in_seller_center(day.order.id)
    day.play()
    assert day.broken() == {STARTED}


def test_money_that_went_back_twice_is_noticed() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.play()
    books = day.world.tiktok.books
    books.refunds.append(books.refunds[0])
    assert day.broken() == {BOOKED, NOT_BEYOND}


def test_a_refund_of_too_much_that_nobody_tries_is_noticed() -> None:
    day = ReturnDay(replace(REFUNDED_BY_OMS, aftersale=Aftersale(units=1)))
    day.play()
    day.orders[0] = replace(day.order, story=REFUNDED_BY_OMS)
    assert day.broken() == {NOT_BEYOND}
