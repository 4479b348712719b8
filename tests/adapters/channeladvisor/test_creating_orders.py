"""Orders come into ChannelAdvisor once, paid, findable by TikTok's id, and are kept up to date there."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from local.simulators.channeladvisor import Doubts
from local.simulators.faults import Fault
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import OrderId
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import PROFILE, World
from tests.purchases import a_line, a_purchase, a_recipient, money_for

OURS = OrderId("577086512123755123")


def test_a_created_order_has_tiktoks_money_units_and_line_ids(world: World, client: ChannelAdvisor) -> None:
    lines = (a_line(1), a_line(2), a_line(3, sku="MUG", price=Decimal("9.99"), tax=Decimal("0.71")))
    purchase = a_purchase(*lines, money=money_for(lines, fees=Decimal("0.28")), buyer_message="Leave at door")
    created = client.create_order(purchase)
    order = world.simulator.books.order(int(created.id))
    assert world.simulator.books.unreconciled() == []
    assert order["TotalPrice"] == purchase.money.total
    assert (order["SiteID"], order["SiteOrderID"], order["ProfileID"]) == (587, OURS, PROFILE)
    assert [(item["Sku"], item["Quantity"], item["UnitPrice"]) for item in order["Items"]] == [
        ("TEE-BLU-M", 2, Decimal("20.0")),
        ("MUG", 1, Decimal("9.99")),
    ]
    assert [each["Value"] for each in order["Items"][0]["OrderItemAttributes"]] == [lines[0].id, lines[1].id]
    assert order["Items"][1]["SiteOrderItemID"] == lines[2].id
    assert (order["ShippingCity"], order["ShippingStateOrProvince"]) == ("Springfield", "IL")
    assert order["SpecialInstructions"] == "Leave at door"


@pytest.mark.parametrize("honoured", [True, False])
def test_an_order_is_paid_on_creation_or_by_a_second_call(build: Callable[..., World], *, honoured: bool) -> None:
    world = build(Doubts(payment_status_honoured_on_create=honoured))
    client = world.client(paid_on_create=True)
    created = client.create_order(a_purchase())
    assert created.paid is honoured
    client.mark_paid(created.id)
    assert [found.paid for found in client.find_orders(OURS)] == [True]
    order = world.simulator.books.order(int(created.id))
    assert (order["PaymentStatus"], order["CheckoutStatus"]) == ("Cleared", "Completed")


def test_a_crash_between_creating_and_paying_is_seen_by_the_next_run(world: World, client: ChannelAdvisor) -> None:
    client.create_order(a_purchase())
    (found,) = world.client().find_orders(OURS)
    assert not found.paid


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("field", ["SiteOrderID", "SecondarySiteOrderID"])
def test_an_order_is_found_by_tiktoks_id_wherever_it_ended_up(
    build: Callable[..., World], field: str, *, keeps: bool
) -> None:
    client = build(Doubts(keeps_site_order_id=keeps)).client(order_id_field=field)
    created = client.create_order(a_purchase())
    assert [(found.id, found.is_ours) for found in client.find_orders(OURS)] == [(created.id, True)]


def test_an_order_from_rithums_own_link_is_found_and_is_not_ours(world: World, client: ChannelAdvisor) -> None:
    native = world.simulator.bring_native_tiktok_order(PROFILE, OURS)
    world.simulator.add_order_of_another_site(PROFILE)
    (found,) = client.find_orders(OURS)
    assert (found.id, found.is_ours, found.paid) == (str(native), False, True)


def test_another_profile_with_the_same_id_is_not_searched(world: World, client: ChannelAdvisor) -> None:
    world.simulator.add_profile(world.account, 999)
    world.simulator.bring_native_tiktok_order(999, OURS)
    assert client.find_orders(OURS) == ()


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.TRUNCATED_JSON])
def test_a_creation_without_a_readable_answer_is_sent_once_and_read_back(
    world: World, client: ChannelAdvisor, fault: Fault
) -> None:
    world.simulator.faults.add(fault, "/v1/Orders", method="POST")
    with pytest.raises(OutcomeUnknownError):
        client.create_order(a_purchase())
    assert len(client.find_orders(OURS)) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.SERVER_ERROR, Fault.HTML])
def test_a_creation_that_did_not_happen_is_not_repeated_by_the_client(
    world: World, client: ChannelAdvisor, fault: Fault
) -> None:
    world.simulator.faults.add(fault, "/v1/Orders", method="POST")
    with pytest.raises(OutcomeUnknownError):
        client.create_order(a_purchase())
    assert client.find_orders(OURS) == ()


def test_too_many_requests_means_that_nothing_was_created(world: World, client: ChannelAdvisor) -> None:
    world.simulator.faults.add(Fault.RATE_LIMITED, "/v1/Orders", method="POST")
    with pytest.raises(RetriableError) as caught:
        client.create_order(a_purchase())
    assert not isinstance(caught.value, OutcomeUnknownError)


def test_a_refused_sku_is_told_with_the_order_and_goes_through_after_the_repair(build: Callable[..., World]) -> None:
    world = build(Doubts(reject_unknown_skus=True))
    client = world.client()
    with pytest.raises(RejectedError, match=rf"create order {OURS}: refused: Sku 'TEE-BLU-M' does not exist.*HTTP 400"):
        client.create_order(a_purchase())
    world.simulator.add_sku("TEE-BLU-M")
    assert client.create_order(a_purchase()).is_ours


def test_a_refusal_that_quotes_the_buyer_is_passed_on_without_the_quote(build: Callable[..., World]) -> None:
    client = build(Doubts(reject_unknown_skus=True)).client()
    with pytest.raises(RejectedError) as caught:
        client.create_order(a_purchase(a_line(sku="Canaryville"), recipient=a_recipient(city="Canaryville")))
    assert "Sku '[…]' does not exist" in str(caught.value)


def test_an_export_is_marked_for_our_application_alone(world: World, client: ChannelAdvisor) -> None:
    created = client.create_order(a_purchase())
    client.export(created.id)
    assert world.simulator.books.exported("order-sync") == {int(created.id)}
    assert world.simulator.books.exported("another") == frozenset()


def test_the_omss_number_is_written_if_it_fits(world: World, client: ChannelAdvisor) -> None:
    created = client.create_order(a_purchase())
    client.set_seller_order_id(created.id, "SO-" + "1" * 22)
    assert world.simulator.books.order(int(created.id))["SellerOrderID"] == "SO-" + "1" * 22
    before = len(world.simulator.books.requests())
    for number in ("1" * 26, " "):
        with pytest.raises(RejectedError, match="must have 1 to 25 characters"):
            client.set_seller_order_id(created.id, number)
    assert len(world.simulator.books.requests()) == before


def test_a_new_address_leaves_nothing_of_the_old_one(world: World, client: ChannelAdvisor) -> None:
    created = client.create_order(a_purchase())
    client.update_address(
        created.id, a_recipient(address_lines=("9 New Rd",), city="Salem", state="OR", state_name="Oregon")
    )
    order = world.simulator.books.order(int(created.id))
    assert (order["ShippingAddressLine1"], order["ShippingAddressLine2"]) == ("9 New Rd", None)
    assert (order["ShippingCity"], order["ShippingStateOrProvinceName"]) == ("Salem", "Oregon")


def test_an_unknown_order_is_told_by_operation_and_id(client: ChannelAdvisor) -> None:
    with pytest.raises(RejectedError, match="export order 42: not found"):
        client.export("42")


def test_an_id_that_would_lead_elsewhere_is_not_sent(world: World, client: ChannelAdvisor) -> None:
    with pytest.raises(RejectedError, match="is not an ID"):
        client.export("1)/Adjust?x=(")
    assert world.simulator.books.requests() == []


def test_a_purchase_that_cannot_be_created_is_refused_before_anything_is_sent(
    world: World, client: ChannelAdvisor
) -> None:
    with pytest.raises(RejectedError, match="no seller SKU"):
        client.create_order(a_purchase(replace(a_line(), sku="")))
    assert world.simulator.books.requests() == []
