"""Refunds told to a ChannelAdvisor that shows them otherwise than they were told, or what it should not have."""

from typing import Any

import pytest

from order_sync.domain.errors import HalfDoneError, NotYetError, OutcomeUnknownError, RejectedError
from order_sync.domain.returning.refunds_told import RefundedUnits
from tests.adapters.channeladvisor.refunds import RETURN, refund, units
from tests.adapters.channeladvisor.scripted_refunds import Scripted, adjustment, by_hand
from tests.adapters.channeladvisor.world import World

MUG = units("MUG", 1, "9")
CAP = units("CAP", 1, "5")


def test_a_refund_that_is_not_shown_yet_is_of_unknown_outcome(world: World) -> None:
    there = Scripted(world)
    with pytest.raises(OutcomeUnknownError, match=f"adjustment refund-{RETURN}-1 was accepted, but is not shown yet"):
        there.client.refund("9", refund(MUG))
    (sent,) = there.sent
    assert sent == {
        "Quantity": 1,
        "Reason": "CustomerReturnedItem",
        "RefundOnly": True,
        "Restock": False,
        "PreventSiteProcessing": True,
        "SellerAdjustmentID": f"refund-{RETURN}-1",
        "ItemAdjustment": 9,
        "TaxAdjustment": 0,
        "ShippingAdjustment": 0,
        "ShippingTaxAdjustment": 0,
        "GiftWrapAdjustment": 0,
        "GiftWrapTaxAdjustment": 0,
        "RecyclingFeeAdjustment": 0,
    }


def test_a_refund_of_another_amount_than_told_is_for_people(world: World) -> None:
    there = Scripted(world, adjustment(ItemAdjustment=8.0, TaxAdjustment=0.5, RecyclingFeeAdjustment=0.25))
    with pytest.raises(HalfDoneError, match=r"8\.75 was refunded there instead of 9"):
        there.client.refund("9", refund(MUG))
    assert there.sent == []


def test_a_refund_that_became_a_cancellation_is_for_people(world: World) -> None:
    there = Scripted(world, adjustment(Type="Cancellation"))
    with pytest.raises(HalfDoneError, match=f"adjustment refund-{RETURN}-1 became a Cancellation"):
        there.client.refund("9", refund(MUG))
    assert there.sent == []


@pytest.mark.parametrize("hidden", [{"Quantity": None}, {"Quantity": 0}, {"ItemAdjustment": None}])
def test_a_refund_that_does_not_show_what_it_is_of_is_not_repeated(world: World, hidden: dict[str, Any]) -> None:
    there = Scripted(world, adjustment(**hidden))
    with pytest.raises(HalfDoneError, match="shows no units or no amount"):
        there.client.refund("9", refund(MUG))
    assert there.sent == []


@pytest.mark.parametrize(
    ("shown", "wanted", "text"),
    [
        ({"Quantity": 2}, 1, "more than .* is refunded there"),
        ({"ItemAdjustment": 9.5}, 2, "more than .* is refunded there"),
        ({"ItemAdjustment": 4.0}, 2, "1 units of 'MUG' are to be refunded, but of 1 there 1 are shipped"),
        ({"ItemAdjustment": 9.5}, 1, r"9\.5 was refunded there instead of 9"),
        ({"ItemAdjustment": 8.5}, 1, r"8\.5 was refunded there instead of 9"),
    ],
)
def test_what_is_refunded_otherwise_than_told_is_for_people(
    world: World, shown: dict[str, Any], wanted: int, text: str
) -> None:
    there = Scripted(world, adjustment(**shown))
    with pytest.raises(HalfDoneError, match=text):
        there.client.refund("9", refund(units("MUG", wanted, "9", each=False)))
    assert there.sent == []


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (CAP, f"refused .*; adjustment refund-{RETURN}-1 was accepted before"),
        (units("CAP", 3, "1"), "3 units of 'CAP' are to be refunded, but of 2 there 2 are shipped"),
    ],
)
def test_what_is_refused_beside_a_part_that_stands_is_half_done(world: World, wanted: RefundedUnits, text: str) -> None:
    with pytest.raises(HalfDoneError, match=text):
        Scripted(world, adjustment(), answer=400).client.refund("9", refund(MUG, wanted))
    with pytest.raises(RejectedError) as alone:
        Scripted(world, answer=400).client.refund("9", refund(wanted))
    assert not isinstance(alone.value, HalfDoneError)


def test_only_failures_use_up_attempts(world: World) -> None:
    name = f"refund-{RETURN}-1"
    failed = [adjustment(RequestStatus="Error", SellerAdjustmentID=each) for each in (name, f"{name}-2")]
    standing = adjustment(SellerAdjustmentID=f"{name}-3", ItemAdjustment=4.0)
    items = [{"ID": 1, "Sku": "MUG", "Quantity": 2, "UnitPrice": 9.0, "Adjustments": [*failed, standing]}]
    left = [{"OrderItemID": 1, "Sku": "MUG", "Quantity": 2}]
    there = Scripted(world, Items=items, Fulfillments=[{"ID": 5, "DeliveryStatus": "Complete", "Items": left}])
    with pytest.raises(OutcomeUnknownError):
        there.client.refund("9", refund(units("MUG", 2, "6")))
    assert [(each["SellerAdjustmentID"], each["ItemAdjustment"]) for each in there.sent] == [(f"{name}-4", 8)]


def test_another_name_that_only_starts_like_ours_is_somebody_elses(world: World) -> None:
    there = Scripted(world, adjustment(SellerAdjustmentID=f"refund-{RETURN}-1-manual"))
    with pytest.raises(RejectedError, match="of 1 there 1 are shipped and 1 refunded by refund 7"):
        there.client.refund("9", refund(MUG))
    assert there.sent == []


def test_an_order_that_counts_as_shipped_without_its_units_waits_for_nothing(world: World) -> None:
    for status, error in (("Shipped", RejectedError), ("Canceled", RejectedError), ("Unshipped", NotYetError)):
        there = Scripted(world, ShippingStatus=status, Fulfillments=[])
        with pytest.raises(error, match=r"of 1 there 0 are shipped|are not shipped there yet"):
            there.client.refund("9", refund(MUG))
        assert there.sent == []


def test_a_unit_that_was_cancelled_after_it_left_is_not_refunded(world: World) -> None:
    there = Scripted(world, by_hand(Type="Cancellation"))
    with pytest.raises(RejectedError, match="1 units of 'MUG' are to be refunded"):
        there.client.refund("9", refund(MUG))
    assert there.sent == []


@pytest.mark.parametrize("amount", [9.0, 10.0, None])
def test_money_without_units_on_the_item_or_the_order_may_hold_ours(world: World, amount: float | None) -> None:
    theirs = by_hand(Quantity=None, ItemAdjustment=amount)
    for there in (Scripted(world, theirs), Scripted(world, Adjustments=[theirs])):
        with pytest.raises(RejectedError, match=r"refund 7 of \S+ made by UserInterface names no units, and may hold"):
            there.client.refund("9", refund(MUG))
        assert there.sent == []


def test_money_without_units_that_is_less_or_of_another_sku_does_not_hold_ours(world: World) -> None:
    for theirs, wanted in ((by_hand(Quantity=None, ItemAdjustment=8.99), MUG), (by_hand(Quantity=None), CAP)):
        there = Scripted(world, theirs)
        with pytest.raises(OutcomeUnknownError):
            there.client.refund("9", refund(wanted))
        assert len(there.sent) == 1


def test_all_that_was_paid_can_be_refunded_and_not_a_cent_more(world: World) -> None:
    everything = refund(MUG, units("CAP", 2, "5"))
    there = Scripted(world)
    with pytest.raises(OutcomeUnknownError):
        there.client.refund("9", everything)
    assert len(there.sent) == 2
    there = Scripted(world, TotalPrice=18.99)
    with pytest.raises(RejectedError, match=r"19 more would make it 19 of the 18\.99 that was paid"):
        there.client.refund("9", everything)
    assert there.sent == []
