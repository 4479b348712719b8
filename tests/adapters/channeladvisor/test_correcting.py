"""A corrected parcel is written over the old one in ChannelAdvisor, and nothing else ever moves there."""

from dataclasses import replace

import pytest

from local.tracking_numbers import usps
from order_sync.domain.errors import AlreadyDoneError, CarrierRefusedError, RejectedError
from order_sync.domain.ids import ParcelId
from order_sync.domain.parcels import Label, relabeled
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.parcels import UPS, USPS, by_hand, fulfillments, now_as, parcel, patches
from tests.adapters.channeladvisor.world import World

OTHER = usps(900)
pytestmark = pytest.mark.usefixtures("nothing_ships_by_accident")


def ship_three(client: ChannelAdvisor, order: str) -> None:
    for number, sku in enumerate(("TEE-BLU-M", "TEE-BLU-M", "MUG"), 1):
        client.ship(order, parcel(number), USPS, [(sku, 1)])


def test_one_of_three_parcels_gets_its_new_number_carrier_and_class(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.add_carrier("UPS", "Ground")
    ship_three(client, order)
    world.clock.move(minutes=5)
    before = world.simulator.books.order(int(order))["Fulfillments"]
    client.correct(order, now_as(parcel(2), OTHER), UPS)

    after = world.simulator.books.order(int(order))
    changed = {
        "TrackingNumber": OTHER,
        "ShippingCarrier": "UPS",
        "ShippingClass": "Ground",
        "UpdatedDateUtc": world.clock.now,
    }
    assert after["Fulfillments"] == [before[0], before[1] | changed, before[2]]
    assert after["ShippingStatus"] == "Shipped"


def test_the_rest_of_a_part_shipped_order_stays_unshipped(world: World, client: ChannelAdvisor, order: str) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    before = world.simulator.books.order(int(order))
    client.correct(order, now_as(parcel(), OTHER), USPS)
    after = world.simulator.books.order(int(order))
    assert after["ShippingStatus"] == "PartiallyShipped"
    assert after["Fulfillments"][1] == before["Fulfillments"][1]
    assert fulfillments(world.simulator, order) == [
        ("Complete", OTHER, {"MUG": 1}),
        ("NoChange", None, {"TEE-BLU-M": 2}),
    ]


def test_a_fulfilment_keeps_the_delivery_status_that_it_has(world: World, client: ChannelAdvisor, order: str) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    shipped, _ = world.simulator._state.orders[int(order)].fulfillments
    shipped["DeliveryStatus"] = "InTransit"
    client.correct(order, now_as(parcel(), OTHER), USPS)
    assert fulfillments(world.simulator, order)[0] == ("InTransit", OTHER, {"MUG": 1})


def test_a_parcel_that_is_known_by_its_new_number_alone_is_corrected(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    client.correct(order, relabeled(parcel(), Label(carrier="usps", tracking_number=OTHER)), USPS)
    assert fulfillments(world.simulator, order)[0][1] == OTHER


def test_a_parcel_typed_in_by_a_person_is_corrected(world: World, client: ChannelAdvisor, order: str) -> None:
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(7), items={"MUG": 1})
    client.correct(order, now_as(by_hand(made, usps(7)), OTHER), USPS)
    assert fulfillments(world.simulator, order) == [
        ("Complete", OTHER, {"MUG": 1}),
        ("NoChange", None, {"TEE-BLU-M": 2}),
    ]


@pytest.mark.parametrize("accepted", [True, False])
def test_our_parcel_that_a_person_typed_in_first_is_found_by_its_number(
    world: World, client: ChannelAdvisor, order: str, *, accepted: bool
) -> None:
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"MUG": 1})
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(2), items={"TEE-BLU-M": 1})
    accepted_label = relabeled(parcel(1), Label(carrier="usps", tracking_number=OTHER))
    known = accepted_label if accepted else now_as(parcel(1), OTHER)
    client.correct(order, known, USPS)
    assert [number for _, number, _ in fulfillments(world.simulator, order)] == [OTHER, usps(2), None]


def test_a_parcel_over_several_fulfilments_is_corrected_in_all_of_them(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(1), USPS, [("TEE-BLU-M", 1)])
    client.ship(order, parcel(2), USPS, [("TEE-BLU-M", 1)])
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"MUG": 1})
    client.correct(order, now_as(parcel(1), OTHER), USPS)
    assert [number for _, number, _ in fulfillments(world.simulator, order)] == [OTHER, usps(2), OTHER]


def test_another_parcel_of_ours_under_the_same_number_keeps_it(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(1), USPS, [("TEE-BLU-M", 1)])
    client.ship(order, replace(parcel(2), tracking_number=usps(1)), USPS, [("MUG", 1)])
    client.correct(order, now_as(parcel(1), OTHER), USPS)
    assert [number for _, number, _ in fulfillments(world.simulator, order)] == [OTHER, usps(1), None]


def test_a_parcel_that_carries_the_label_already_is_left_alone(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    with pytest.raises(AlreadyDoneError, match="carries this label already"):
        client.correct(order, parcel(), USPS)
    shipped = world.simulator.books.shipped_fulfillments(int(order))[0]["ID"]
    world.simulator.change_fulfillment_by_hand(shipped, tracking_number=OTHER)
    with pytest.raises(AlreadyDoneError):
        client.correct(order, now_as(parcel(), OTHER), USPS)
    assert patches(world.simulator) == 0


def test_a_fulfilment_that_has_not_left_is_never_changed(world: World, client: ChannelAdvisor, order: str) -> None:
    first, _ = world.simulator.split_by_hand(int(order), {"MUG": 1}, {"TEE-BLU-M": 1})
    world.simulator.change_fulfillment_by_hand(first, tracking_number=usps(1))
    world.simulator._state.fulfillments[first][1]["SellerFulfillmentID"] = "oms-SHP-1"
    for known in (parcel(), by_hand(first, usps(1))):
        with pytest.raises(RejectedError, match="no shipped fulfilment"):
            client.correct(order, now_as(known, OTHER), USPS)
    assert patches(world.simulator) == 0
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "Unshipped"


def test_an_unknown_order_has_no_parcel_to_correct(client: ChannelAdvisor) -> None:
    with pytest.raises(RejectedError, match="correct parcel oms-SHP-1 of order 1: not found"):
        client.correct("1", parcel(), USPS)
    with pytest.raises(RejectedError, match="is not an ID of an order"):
        client.correct("1)/Ship", parcel(), USPS)


def test_a_carrier_that_the_account_does_not_have_is_told_with_what_helps(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    with pytest.raises(
        CarrierRefusedError,
        match=r"correct parcel oms-SHP-1 of order \d+: refused: Carrier and Class is invalid\..*; "
        r"sent were carrier 'UPS' and class 'Ground': add them to the account's carriers \(Fulfill > Carriers\), "
        r"or set channeladvisor_carrier and channeladvisor_class of the shop's shipping mapping",
    ):
        client.correct(order, now_as(parcel(), OTHER), UPS)
    assert fulfillments(world.simulator, order)[0] == ("Complete", usps(1), {"MUG": 1})
    world.simulator.add_carrier("UPS", "Ground")
    client.correct(order, now_as(parcel(), OTHER), UPS)
    assert fulfillments(world.simulator, order)[0] == ("Complete", OTHER, {"MUG": 1})


def test_a_corrected_parcel_is_found_by_its_id_as_before(client: ChannelAdvisor, order: str) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    client.correct(order, now_as(parcel(), OTHER), USPS)
    assert client.find_fulfillment(order, ParcelId("oms-SHP-1"))
