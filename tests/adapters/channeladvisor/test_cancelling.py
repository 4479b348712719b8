"""Cancelling in ChannelAdvisor: by its RequestStatus, attempt after attempt, never twice."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from order_sync.domain.errors import AlreadyDoneError, NotYetError, RejectedError
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import Cancel, assert_books_are_clean, create, made
from tests.adapters.channeladvisor.request_statuses import DONE, FAILED, UNDER_WAY
from tests.adapters.channeladvisor.world import World

AT_ONCE = timedelta(0)


def settle(world: World, order: str, status: object) -> None:
    """The only adjustment of an order comes to this RequestStatus and stays there; if it failed, its units are free."""
    entity = world.simulator._state.orders[int(order)]
    (adjustment,) = entity.every_adjustment
    adjustment.steps.clear()
    adjustment["RequestStatus"] = status
    if status in FAILED:
        adjustment.holds_units = False
        for item in entity.items:
            item.canceled = 0


@pytest.mark.parametrize(("by_buyer", "reason"), [(True, "BuyerCancelled"), (False, "GeneralAdjustment")])
@pytest.mark.parametrize("restock", [True, False])
def test_an_unshipped_order_is_cancelled_quietly_under_our_id(
    world: World, client: ChannelAdvisor, order: str, reason: str, *, by_buyer: bool, restock: bool
) -> None:
    cancel = partial(client.cancel, order, "cancel-1", by_buyer=by_buyer, restock=restock)
    with pytest.raises(NotYetError, match=rf"cancel order {order}: adjustment cancel-1 is being processed"):
        cancel()
    (adjustment,) = world.simulator.books.adjustments(int(order))
    assert (adjustment["Type"], adjustment["Reason"]) == ("Cancellation", reason)
    assert (adjustment["SellerAdjustmentID"], adjustment["IsRestock"]) == ("cancel-1", restock)
    assert adjustment["PreventSiteProcessing"] is True
    assert sum(adjustment["Units"].values()) == 3
    world.clock.move(minutes=1)
    with pytest.raises(NotYetError, match="AcknowledgedPostProcessingNotComplete"):
        cancel()
    world.clock.move(minutes=1)
    with pytest.raises(AlreadyDoneError, match="the order is cancelled already"):
        cancel()
    assert len(made(world, order)) == 1
    assert_books_are_clean(world)


@pytest.mark.parametrize(("by_buyer", "reason"), [(True, "BuyerCancelled"), (False, "GeneralAdjustment")])
@pytest.mark.parametrize("restock", [True, False])
def test_one_unit_is_cancelled_quietly_under_our_id_and_no_second_one_by_repeats(
    world: World, client: ChannelAdvisor, order: str, reason: str, *, by_buyer: bool, restock: bool
) -> None:
    cancel = partial(client.cancel_unit, order, "TEE-BLU-M", "cancel-1", by_buyer=by_buyer, restock=restock)
    for _ in range(2):
        with pytest.raises(NotYetError, match="adjustment cancel-1 is being processed"):
            cancel()
    world.clock.move(minutes=5)
    for _ in range(2):
        with pytest.raises(AlreadyDoneError, match="adjustment cancel-1 is done already"):
            cancel()
    (adjustment,) = world.simulator.books.adjustments(int(order))
    assert (adjustment["Quantity"], adjustment["Reason"], adjustment["IsRestock"]) == (1, reason, restock)
    assert adjustment["PreventSiteProcessing"] is True
    assert_books_are_clean(world)


@pytest.mark.parametrize("units", [0, 1])
def test_what_is_complete_when_it_is_read_back_is_told_at_once(build: Callable[..., World], units: int) -> None:
    world = build(adjustment_time=AT_ONCE)
    client = world.client()
    order = create(client)
    if units:
        client.cancel_unit(order, "MUG", "cancel-1", by_buyer=False)
    else:
        client.cancel(order, "cancel-1", by_buyer=False)
    assert made(world, order) == [("cancel-1", "Cancellation", units or 3, "PostProcessingComplete")]


def test_each_unit_has_an_adjustment_of_its_own_until_the_order_is_cancelled(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    for sku, adjustment_id in (("TEE-BLU-M", "cancel-1"), ("MUG", "cancel-3"), ("TEE-BLU-M", "cancel-2")):
        with pytest.raises(NotYetError):
            client.cancel_unit(order, sku, adjustment_id, by_buyer=False)
    with pytest.raises(NotYetError, match=r"the cancellation \d+ is being processed"):
        client.cancel(order, "cancel-whole", by_buyer=False)
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError, match="the order is cancelled already"):
        client.cancel(order, "cancel-whole", by_buyer=False)
    assert sorted(name for name, *_ in made(world, order)) == ["cancel-1", "cancel-2", "cancel-3"]
    assert_books_are_clean(world)


@pytest.mark.parametrize("status", UNDER_WAY)
def test_an_adjustment_that_is_neither_done_nor_failed_is_waited_for(
    world: World, cancel: Cancel, order: str, status: object
) -> None:
    with pytest.raises(NotYetError):
        cancel()
    settle(world, order, status)
    with pytest.raises(NotYetError, match=rf"adjustment cancel-1 is being processed \({status}\)"):
        cancel()
    assert len(made(world, order)) == 1


@pytest.mark.parametrize("status", DONE)
def test_an_adjustment_that_is_done_is_done(world: World, cancel: Cancel, order: str, status: object) -> None:
    with pytest.raises(NotYetError):
        cancel()
    settle(world, order, status)
    with pytest.raises(AlreadyDoneError, match="adjustment cancel-1 is done already"):
        cancel()
    assert len(made(world, order)) == 1


@pytest.mark.parametrize("status", FAILED)
def test_an_adjustment_that_failed_is_tried_again_under_another_id(
    world: World, cancel: Cancel, order: str, status: object
) -> None:
    with pytest.raises(NotYetError):
        cancel()
    settle(world, order, status)
    with pytest.raises(NotYetError, match="adjustment cancel-1-2 is being processed"):
        cancel()
    assert [name for name, *_ in made(world, order)] == ["cancel-1", "cancel-1-2"]


def test_an_error_is_followed_by_a_second_attempt_that_succeeds(world: World, cancel: Cancel, order: str) -> None:
    world.simulator.fail_next_adjustment(int(order))
    with pytest.raises(NotYetError):
        cancel()
    world.clock.move(minutes=5)
    with pytest.raises(NotYetError, match="adjustment cancel-1-2 is being processed"):
        cancel()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        cancel()
    assert [(name, status) for name, _, _, status in made(world, order)] == [
        ("cancel-1", "Error"),
        ("cancel-1-2", "PostProcessingComplete"),
    ]
    assert_books_are_clean(world)


def test_after_three_errors_a_person_must_look(world: World, cancel: Cancel, order: str) -> None:
    for _ in range(3):
        world.simulator.fail_next_adjustment(int(order))
        with pytest.raises(NotYetError):
            cancel()
        world.clock.move(minutes=5)
    for _ in range(2):
        with pytest.raises(RejectedError, match="adjustment cancel-1 failed 3 times there"):
            cancel()
    assert [name for name, *_ in made(world, order)] == ["cancel-1", "cancel-1-2", "cancel-1-3"]
    assert_books_are_clean(world)


def test_an_error_that_shows_at_once_is_told_as_what_it_is(build: Callable[..., World]) -> None:
    world = build(adjustment_time=AT_ONCE)
    client = world.client()
    order = create(client)
    for _ in range(2):
        world.simulator.fail_next_adjustment(int(order))
        with pytest.raises(NotYetError, match=r"adjustment cancel-1(-2)? failed there; another attempt follows"):
            client.cancel(order, "cancel-1", by_buyer=True)
    world.simulator.fail_next_adjustment(int(order))
    with pytest.raises(RejectedError, match="failed 3 times"):
        client.cancel(order, "cancel-1", by_buyer=True)
    assert len(made(world, order)) == 3
