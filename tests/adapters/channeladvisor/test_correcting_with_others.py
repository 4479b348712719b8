"""Corrections in ChannelAdvisor while answers get lost and others delete, type in and take over."""

from collections.abc import Callable

import httpx
import pytest

from local.simulators.faults import Fault, FaultyTransport
from local.tracking_numbers import usps
from order_sync.domain.errors import AlreadyDoneError, OutcomeUnknownError, RejectedError
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.parcels import USPS, fulfillments, now_as, parcel, patches
from tests.adapters.channeladvisor.world import World

OTHER = usps(900)
pytestmark = pytest.mark.usefixtures("nothing_ships_by_accident")


@pytest.mark.parametrize(("fault", "is_there"), [(Fault.LOST_AFTER, True), (Fault.LOST_BEFORE, False)])
def test_a_correction_of_unknown_outcome_is_repeated_without_doing_it_twice(
    world: World, client: ChannelAdvisor, order: str, fault: Fault, *, is_there: bool
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    world.simulator.faults.add(fault, "/Fulfillments(", method="PATCH")
    with pytest.raises(OutcomeUnknownError):
        client.correct(order, now_as(parcel(), OTHER), USPS)
    assert (fulfillments(world.simulator, order)[0][1] == OTHER) is is_there
    if is_there:
        with pytest.raises(AlreadyDoneError):
            client.correct(order, now_as(parcel(), OTHER), USPS)
    else:
        client.correct(order, now_as(parcel(), OTHER), USPS)
    assert patches(world.simulator) == 1
    assert fulfillments(world.simulator, order) == [
        ("Complete", OTHER, {"MUG": 1}),
        ("NoChange", None, {"TEE-BLU-M": 2}),
    ]


@pytest.mark.parametrize("after", [0, 1])
def test_a_correction_that_stops_half_way_goes_on_where_it_stopped(
    world: World, client: ChannelAdvisor, order: str, after: int
) -> None:
    client.ship(order, parcel(), USPS, [("TEE-BLU-M", 1)])
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"MUG": 1})
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"TEE-BLU-M": 1})
    world.simulator.faults.add(Fault.LOST_BEFORE, "/Fulfillments(", method="PATCH", after=after)
    with pytest.raises(OutcomeUnknownError):
        client.correct(order, now_as(parcel(), OTHER), USPS)
    client.correct(order, now_as(parcel(), OTHER), USPS)
    assert [number for _, number, _ in fulfillments(world.simulator, order)] == [OTHER, OTHER, OTHER]


def test_a_deleted_fulfilment_is_told_with_what_to_enter_by_hand(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    world.simulator.delete_fulfillment_by_hand(world.simulator.books.shipped_fulfillments(int(order))[0]["ID"])
    with pytest.raises(
        RejectedError,
        match=rf"correct parcel oms-SHP-1 of order {order}: no shipped fulfilment stands for it there, "
        rf"it may have been deleted; enter tracking number '{OTHER}', carrier 'USPS' and class 'Priority'",
    ):
        client.correct(order, now_as(parcel(), OTHER), USPS)
    assert fulfillments(world.simulator, order) == [("NoChange", None, {"TEE-BLU-M": 2, "MUG": 1})]


class Meanwhile(httpx.BaseTransport):
    """Something happens in ChannelAdvisor right before the first change of a fulfilment arrives."""

    def __init__(self, world: World, happens: Callable[[], None]) -> None:
        self._inner = FaultyTransport(httpx.WSGITransport(app=world.simulator))
        self._happens = [happens]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH" and self._happens:
            self._happens.pop()()
        return self._inner.handle_request(request)


def test_a_fulfilment_deleted_between_the_look_and_the_change_is_told_like_one_deleted_before(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    shipped = world.simulator.books.shipped_fulfillments(int(order))[0]["ID"]
    late = world.client(transport=Meanwhile(world, lambda: world.simulator.delete_fulfillment_by_hand(shipped)))
    with pytest.raises(RejectedError, match="no shipped fulfilment stands for it there"):
        late.correct(order, now_as(parcel(), OTHER), USPS)
    assert fulfillments(world.simulator, order) == [("NoChange", None, {"TEE-BLU-M": 2, "MUG": 1})]


def test_of_several_fulfilments_one_that_is_deleted_meanwhile_stops_no_other(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    typed = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"TEE-BLU-M": 1})
    late = world.client(transport=Meanwhile(world, lambda: world.simulator.delete_fulfillment_by_hand(typed)))
    late.correct(order, now_as(parcel(), OTHER), USPS)
    assert fulfillments(world.simulator, order) == [
        ("Complete", OTHER, {"MUG": 1}),
        ("NoChange", None, {"TEE-BLU-M": 2}),
    ]


def test_an_order_that_others_fulfil_by_now_is_left_alone(world: World, client: ChannelAdvisor, order: str) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    world.simulator.set_third_party_managed(int(order))
    with pytest.raises(RejectedError, match="ThirdPartyManaged"):
        client.correct(order, now_as(parcel(), OTHER), USPS)
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "ThirdPartyManaged"
    assert fulfillments(world.simulator, order)[0][1] == usps(1)
