"""Cancelling in ChannelAdvisor while answers get lost, others cancel too, and parcels leave: never a refund."""

from collections.abc import Callable

import httpx
import pytest

from local.simulators.channeladvisor import Doubts
from local.simulators.faults import Fault
from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
)
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import Cancel, assert_books_are_clean, create, made
from tests.adapters.channeladvisor.world import World


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_a_lost_answer_is_settled_by_looking_first(world: World, cancel: Cancel, order: str, fault: Fault) -> None:
    world.simulator.faults.add(fault, "/Adjust")
    with pytest.raises(OutcomeUnknownError):
        cancel()
    with pytest.raises(NotYetError, match="adjustment cancel-1 is being processed"):
        cancel()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        cancel()
    assert [name for name, *_ in made(world, order)] == ["cancel-1"]
    assert len(world.simulator.books.requests(method="POST", path="/Adjust")) == 1
    assert_books_are_clean(world)


def test_a_cancellation_that_cannot_be_read_back_is_of_unknown_outcome(
    world: World, cancel: Cancel, order: str
) -> None:
    world.simulator.faults.add(Fault.UNAVAILABLE, f"/v1/Orders({order})", method="GET", times=None, after=1)
    with pytest.raises(OutcomeUnknownError, match="adjustment cancel-1 was accepted"):
        cancel()
    world.simulator.faults.clear()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        cancel()
    assert len(made(world, order)) == 1


def test_a_cancellation_that_is_not_shown_yet_is_of_unknown_outcome(world: World) -> None:
    def forgetful(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        if request.method == "POST":
            return httpx.Response(204)
        items = [{"ID": 1, "Sku": "MUG", "Quantity": 1}]
        return httpx.Response(200, json={"ID": 9, "SiteID": 587, "ShippingStatus": "Unshipped", "Items": items})

    client = world.client(transport=httpx.MockTransport(forgetful))
    with pytest.raises(OutcomeUnknownError, match="adjustment cancel-1 was accepted, but is not shown yet"):
        client.cancel("9", "cancel-1", by_buyer=False)


def test_an_order_cancelled_by_a_person_is_left_as_it_is(world: World, cancel: Cancel, order: str) -> None:
    world.simulator.cancel_by_hand(int(order))
    with pytest.raises(AlreadyDoneError, match="the order is cancelled already"):
        cancel()
    assert [name for name, *_ in made(world, order)] == [None]


def test_an_order_cancelled_by_a_person_after_our_error_is_left_as_it_is(
    world: World, cancel: Cancel, order: str
) -> None:
    world.simulator.fail_next_adjustment(int(order))
    with pytest.raises(NotYetError):
        cancel()
    world.clock.move(minutes=5)
    assert [status for *_, status in made(world, order)] == ["Error"]
    world.simulator.cancel_by_hand(int(order))
    with pytest.raises(AlreadyDoneError, match="the order is cancelled already"):
        cancel()
    assert [name for name, *_ in made(world, order)] == ["cancel-1", None]


def test_a_unit_whose_whole_sku_was_cancelled_by_a_person_is_done(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.cancel_units_by_hand(int(order), {"MUG": 1})
    with pytest.raises(AlreadyDoneError, match=r"cancellation \d+ has done it already"):
        client.cancel_unit(order, "MUG", "cancel-3", by_buyer=False)
    assert len(made(world, order)) == 1


def test_a_unit_of_an_order_that_we_are_cancelling_is_waited_for(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    with pytest.raises(NotYetError):
        client.cancel(order, "cancel-whole", by_buyer=False)
    with pytest.raises(NotYetError, match=r"the cancellation \d+ is being processed"):
        client.cancel_unit(order, "MUG", "cancel-3", by_buyer=False)
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        client.cancel_unit(order, "MUG", "cancel-3", by_buyer=False)
    assert len(made(world, order)) == 1


def test_a_buyers_open_request_there_does_not_stand_in_for_the_cancellation(
    world: World, cancel: Cancel, order: str
) -> None:
    world.simulator.request_by_buyer(int(order))
    with pytest.raises(NotYetError, match="adjustment cancel-1 is being processed"):
        cancel()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        cancel()


def test_a_part_shipped_order_is_never_cancelled_as_a_whole(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"MUG": 1})
    with pytest.raises(RejectedError, match="something is shipped there") as caught:
        client.cancel(order, "cancel-1", by_buyer=True)
    assert not isinstance(caught.value, HalfDoneError)
    assert made(world, order) == []


def test_of_a_part_shipped_order_only_unshipped_units_are_cancelled(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"TEE-BLU-M": 1})
    for sku, adjustment_id in (("TEE-BLU-M", "cancel-1"), ("MUG", "cancel-3")):
        with pytest.raises(NotYetError):
            client.cancel_unit(order, sku, adjustment_id, by_buyer=False)
    world.clock.move(minutes=5)
    with pytest.raises(RejectedError, match="no unit of 'TEE-BLU-M' is unshipped there"):
        client.cancel_unit(order, "TEE-BLU-M", "cancel-2", by_buyer=False)
    assert [(kind, units) for _, kind, units, _ in made(world, order)] == [("Cancellation", 1)] * 2
    assert_books_are_clean(world)


@pytest.mark.parametrize("sku", ["MUG", "CAP"])
def test_a_unit_that_is_shipped_or_unknown_is_not_cancelled(
    world: World, client: ChannelAdvisor, order: str, sku: str
) -> None:
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"MUG": 1})
    with pytest.raises(RejectedError, match=f"no unit of '{sku}' is unshipped there"):
        client.cancel_unit(order, sku, "cancel-3", by_buyer=False)
    assert made(world, order) == []


def test_a_unit_of_an_order_that_counts_as_shipped_is_not_cancelled(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator._state.orders[int(order)]["ShippingStatus"] = "Shipped"
    with pytest.raises(RejectedError, match="no unit of 'MUG' is unshipped there"):
        client.cancel_unit(order, "MUG", "cancel-3", by_buyer=False)
    assert made(world, order) == []


def test_an_item_of_which_nothing_has_left_comes_before_one_that_is_part_shipped(
    build: Callable[..., World],
) -> None:
    world = build(Doubts(adjusts_shipped_units_first=True))
    client = world.client()
    items = [{"Sku": "TEE", "Quantity": 2, "UnitPrice": 10}, {"Sku": "TEE", "Quantity": 1, "UnitPrice": 9}]
    order = str(world.simulator.add_order_of_another_site(12345678, site_id=587, items=items))
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"TEE": 1})
    with pytest.raises(NotYetError):
        client.cancel_unit(order, "TEE", "cancel-1", by_buyer=False)
    assert [kind for _, kind, *_ in made(world, order)] == ["Cancellation"]
    assert_books_are_clean(world)


def test_a_refund_that_channeladvisor_made_of_it_is_told_and_not_repeated(build: Callable[..., World]) -> None:
    world = build(Doubts(adjusts_shipped_units_first=True))
    client = world.client()
    order = create(client)
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"TEE-BLU-M": 1})
    for _ in range(2):
        with pytest.raises(HalfDoneError, match="adjustment cancel-1 became a refund"):
            client.cancel_unit(order, "TEE-BLU-M", "cancel-1", by_buyer=False)
        world.clock.move(minutes=5)
    assert len(made(world, order)) == 1


def test_an_order_that_ships_between_the_look_and_the_call_is_told_as_refunded(world: World) -> None:
    app = httpx.WSGITransport(app=world.simulator)
    order = create(world.client())

    class Hasty(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/Adjust"):
                world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001")
            return app.handle_request(request)

    with pytest.raises(HalfDoneError, match="became a refund"):
        world.client(transport=Hasty()).cancel(order, "cancel-1", by_buyer=False)


def test_an_id_that_is_none_leads_nowhere(client: ChannelAdvisor) -> None:
    with pytest.raises(RejectedError, match="is not an ID of an order"):
        client.cancel("1)/Export", "cancel-1", by_buyer=False)
