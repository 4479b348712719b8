"""The client and the contract of `docs/oms_openapi.yaml`: orders go in once, parcels come out once."""

from decimal import Decimal

import pytest

from local.simulators.faults import Fault
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.errors import (
    AlreadyDoneError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
)
from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Source
from order_sync.domain.parcels import Parcel
from order_sync.partners.oms.rest import AlreadyShippedError, RestOms, TooLateError, wire_initiator
from order_sync.partners.oms.shipments import ShipmentsPage
from tests.adapters.oms.world import OURS, SHOP, START, World, refusing, take
from tests.purchases import a_line, a_purchase, a_recipient, money_for


def parcel(*lines: str, number: str = "94001") -> Parcel:
    return Parcel(
        id=ParcelId(f"tiktok-{number}"),
        source=Source.TIKTOK_SHOP,
        carrier="USPS",
        tracking_number=number,
        shipped_at=START,
        line_ids=tuple(LineId(line) for line in lines),
    )


ALL = tuple(line.id for line in a_purchase().lines)


def all_shipments(oms: RestOms, cursor: str = "") -> list[ShipmentsPage]:
    pages = [oms.shipments_after(SHOP.shop, cursor)]
    while pages[-1].has_more:
        pages.append(oms.shipments_after(SHOP.shop, pages[-1].next_cursor))
    return pages


def test_an_order_is_taken_once_and_keeps_its_number(world: World, oms: RestOms) -> None:
    bought = (a_line(1), a_line(2))
    purchase = a_purchase(*bought, money=money_for(bought, fees=Decimal("-0.50")), buyer_message="Leave at door")
    number = take(oms, purchase)
    assert take(oms, purchase, channeladvisor_id="4100123") == number
    order = world.simulator.books.order(OURS)
    assert (order.number, order.channeladvisor_order_id, order.times_sent) == (number, "4100123", 2)
    assert order.recipient["delivery_note"] == "Leave at door"
    assert order.body["totals"]["total"] == f"{purchase.money.total:f}"


def test_a_uk_order_of_a_gift_and_a_free_sample_is_taken(oms: RestOms) -> None:
    zero = Decimal(0)
    free = {"price": zero, "seller_discount": zero, "platform_discount": zero, "tax": zero}
    bought = (a_line(1, **free, is_gift=True), a_line(2, **free))
    money = money_for(bought, shipping=zero, shipping_tax=zero, currency="GBP")
    recipient = a_recipient(city="Leeds", county="West Yorkshire", state="", postal_code="LS1 4AP", country="GB")
    assert take(oms, a_purchase(*bought, money=money, recipient=recipient, paid_at=None))


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.UNAVAILABLE, Fault.TRUNCATED_JSON])
def test_after_an_unknown_outcome_the_same_call_is_made_again(world: World, oms: RestOms, fault: Fault) -> None:
    world.simulator.faults.add(fault, "/orders/")
    with pytest.raises(OutcomeUnknownError):
        take(oms)
    number = take(oms)
    assert [order.number for order in world.simulator.books.orders()] == [number]


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_call_that_did_nothing_can_be_made_later(world: World, oms: RestOms, fault: Fault) -> None:
    world.simulator.faults.add(fault, "/orders/")
    with pytest.raises(RetriableError) as caught:
        take(oms)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert world.simulator.books.orders() == []


def test_other_lines_under_a_known_id_are_refused(oms: RestOms) -> None:
    take(oms)
    with pytest.raises(RejectedError, match=rf"take order {OURS}: Lines differ.*HTTP 409"):
        take(oms, a_purchase(a_line(7)))


def test_an_unknown_sku_is_told_by_name(world: World, oms: RestOms) -> None:
    world.simulator.know_only(["MUG"])
    with pytest.raises(RejectedError, match="No such SKU here: TEE-BLU-M"):
        take(oms)


def test_a_mistake_is_told_by_its_place_without_the_buyers_words(oms: RestOms) -> None:
    with pytest.raises(RejectedError, match="/recipient/country: ") as caught:
        take(oms, a_purchase(recipient=a_recipient(country="Canaryland")))
    assert "Canaryland" not in str(caught.value)


def test_a_wrong_token_is_refused_without_being_told(world: World) -> None:
    with pytest.raises(RejectedError, match="the OMS refused our token") as caught:
        take(world.client("canary-token"))
    assert "canary" not in str(caught.value)


def test_an_oms_that_quotes_the_buyer_is_not_quoted(world: World) -> None:
    oms = refusing(world, 422, "address-unknown", "no street '1 Example St' in springfield for Sam Sample")
    with pytest.raises(RejectedError, match=r"no street '\[…\]' in \[…\] for \[…\]"):
        take(oms)
    with pytest.raises(RejectedError, match=r"no street '\[…\]' in \[…\] for \[…\]"):
        oms.update_address(OURS, a_recipient())


def test_an_order_that_is_cancelled_there_already_counts_as_cancelled(world: World) -> None:
    with pytest.raises(AlreadyDoneError):
        refusing(world, 409, "already-cancelled", "").cancel_order(OURS, initiator="buyer", reason="")


def test_channeladvisors_number_may_follow(world: World, oms: RestOms) -> None:
    take(oms)
    oms.set_channeladvisor_number(OURS, "4100123")
    assert world.simulator.books.order(OURS).channeladvisor_order_id == "4100123"


def test_an_order_that_the_oms_does_not_know_is_refused(oms: RestOms) -> None:
    with pytest.raises(RejectedError, match="Order unknown"):
        oms.set_channeladvisor_number(OURS, "4100123")


def test_an_address_is_replaced_until_the_order_is_packed(world: World, oms: RestOms) -> None:
    take(oms)
    oms.update_address(OURS, a_recipient(city="Salem"), "Ring twice")
    recipient = world.simulator.books.order(OURS).recipient
    assert (recipient["city"], recipient["delivery_note"]) == ("Salem", "Ring twice")
    world.simulator.pack(OURS)
    with pytest.raises(TooLateError, match="Already packed"):
        oms.update_address(OURS, a_recipient(city="Portland"))
    assert issubclass(TooLateError, SkippableError)


def test_an_order_is_cancelled_until_a_part_has_left(world: World, oms: RestOms) -> None:
    take(oms)
    world.simulator.pack(OURS)
    for _ in range(2):
        oms.cancel_order(OURS, initiator="buyer", reason="No longer needed")
    order = world.simulator.books.order(OURS)
    assert order.state == "cancelled"
    assert [(each.initiator, each.reason) for each in order.cancellations] == [("buyer", "No longer needed")]
    other = a_purchase(order=OrderId("577086512123755999"))
    take(oms, other)
    world.simulator.ship(other.order, "usps", None, "94002", lines=[other.lines[0].id])
    with pytest.raises(AlreadyShippedError, match="Already shipped"):
        oms.cancel_order(other.order, initiator="seller", reason="")
    assert world.simulator.books.order(other.order).cancellations == []
    oms.cancel_order(other.order, initiator="seller", reason="", lines=[other.lines[1].id])
    assert [each.lines for each in world.simulator.books.order(other.order).cancellations] == [(other.lines[1].id,)]


def test_what_has_left_is_no_reason_to_stop_and_all_else_is(world: World, oms: RestOms) -> None:
    assert issubclass(AlreadyShippedError, SkippableError)
    assert not issubclass(AlreadyShippedError, AlreadyDoneError)
    with pytest.raises(RejectedError, match="Order unknown"):
        oms.cancel_order(OURS, initiator="buyer", reason="")
    with pytest.raises(RejectedError, match="lines-differ"):
        refusing(world, 409, "lines-differ", "").cancel_order(OURS, initiator="buyer", reason="")
    take(oms)
    with pytest.raises(RejectedError, match="Line unknown"):
        oms.cancel_order(OURS, initiator="buyer", reason="", lines=[LineId("98"), LineId("99")])


def test_a_single_line_that_was_never_given_is_cancelled_already(oms: RestOms) -> None:
    take(oms)
    with pytest.raises(AlreadyDoneError, match="Line unknown"):
        oms.cancel_order(OURS, initiator="buyer", reason="", lines=[LineId("99")])


@pytest.mark.parametrize("initiator", list(Initiator))
def test_whoever_cancels_has_a_word_of_the_contract(world: World, oms: RestOms, initiator: Initiator) -> None:
    take(oms)
    oms.cancel_order(OURS, initiator=wire_initiator(initiator), reason="")
    [cancellation] = world.simulator.books.order(OURS).cancellations
    assert cancellation.initiator == initiator.lower()


def test_parcels_that_left_are_got_back_and_the_last_word_holds(world: World, oms: RestOms) -> None:
    take(oms)
    first, second = a_purchase().lines
    early, late = parcel(first.id), parcel(second.id, number="94002")
    for parcels in ([early], [early, late], [early, late]):
        oms.recover_parcels(OURS, parcels, initiator="platform", reason="late " * 200, cancelled_at=START)
    recovery = world.simulator.books.order(OURS).recovery
    assert recovery == {
        "initiator": "platform",
        "reason": "late " * 100,
        "cancelled_at": "2025-08-19T13:00:00Z",
        "parcels": [
            {
                "carrier": "USPS",
                "tracking_number": number,
                "shipped_at": "2025-08-19T13:00:00Z",
                "lines": [line.id],
            }
            for number, line in (("94001", first), ("94002", second))
        ],
    }


def test_a_recovery_of_nothing_or_of_nothing_known_is_refused(world: World, oms: RestOms) -> None:
    with pytest.raises(RejectedError, match=f"recover the parcels of order {OURS}: there is none"):
        oms.recover_parcels(OURS, [], initiator="buyer", reason="", cancelled_at=START)
    with pytest.raises(RejectedError, match="holds no lines"):
        oms.recover_parcels(OURS, [parcel()], initiator="buyer", reason="", cancelled_at=START)
    with pytest.raises(RejectedError, match="Order unknown"):
        oms.recover_parcels(OURS, [parcel("99")], initiator="buyer", reason="", cancelled_at=START)
    take(oms)
    with pytest.raises(RejectedError, match="Line unknown"):
        oms.recover_parcels(OURS, [parcel("99")], initiator="buyer", reason="", cancelled_at=START)
    assert world.simulator.books.recoveries() == {}


def test_packed_and_shipped_lines_are_known_by_the_oms_even_when_they_were_cancelled(
    world: World, oms: RestOms
) -> None:
    bought = [a_line(number) for number in range(4)]
    assert oms.packed_lines(OURS) == frozenset()
    take(oms, a_purchase(*bought))
    assert oms.packed_lines(OURS) == frozenset()
    world.simulator.pack(OURS, lines=[bought[0].id, bought[1].id])
    oms.cancel_order(OURS, initiator="buyer", reason="", lines=[bought[1].id])
    world.simulator.ship(OURS, "usps", None, "94001", lines=[bought[2].id])
    assert oms.packed_lines(OURS) == {line.id for line in bought[:3]}


def test_a_parcel_shipped_elsewhere_is_noted_and_does_not_come_back(world: World, oms: RestOms) -> None:
    take(oms)
    for _ in range(2):
        oms.note_parcel(OURS, parcel(*ALL))
    assert world.simulator.books.order(OURS).state == "shipped"
    assert all_shipments(oms)[0].reported == ()


def test_a_parcel_over_lines_that_the_oms_shipped_itself_needs_a_person(world: World, oms: RestOms) -> None:
    take(oms)
    world.simulator.ship(OURS, "usps", None, "94001")
    with pytest.raises(RejectedError, match="Already shipped"):
        oms.note_parcel(OURS, parcel(*ALL))


def test_shipments_are_read_page_by_page_and_then_only_the_new_ones(world: World, oms: RestOms) -> None:
    lines = [a_line(number) for number in range(5)]
    take(oms, a_purchase(*lines))
    ids = [
        world.simulator.ship(OURS, "usps", "Priority", f"T{line.id}", lines=[line.id], by_sku=number % 2 == 1)
        for number, line in enumerate(lines)
    ]
    pages = all_shipments(oms)
    assert [len(page.reported) for page in pages] == [2, 2, 1]
    found = [reported for page in pages for order, reported in page.reported if order == OURS]
    assert [each.id for each in found] == [f"oms-{shipment}" for shipment in ids]
    assert found[0].line_ids == (lines[0].id,)
    assert found[1].units == (("TEE-BLU-M", 1),)
    assert found[0].shipping_class == "Priority"
    cursor = pages[-1].next_cursor
    assert oms.shipments_after(SHOP.shop, cursor).reported == ()
    world.simulator.repeat_shipment(ids[0])
    assert [each.id for _, each in oms.shipments_after(SHOP.shop, cursor).reported] == [f"oms-{ids[0]}"]


def test_another_shops_shipments_are_not_read(world: World, oms: RestOms) -> None:
    take(oms)
    world.simulator.ship(OURS, "usps", None, "94001")
    assert len(oms.shipments_after(SHOP.shop, "").reported) == 1
    assert oms.shipments_after(ShopId("7000"), "").reported == ()


def test_an_order_is_looked_up_by_tiktoks_id(oms: RestOms) -> None:
    assert oms.find_order(OURS) == ""
    number = take(oms)
    assert oms.find_order(OURS) == number


def test_a_cursor_that_the_oms_does_not_know_is_refused(oms: RestOms) -> None:
    with pytest.raises(RejectedError, match="list shipments: Invalid request; The cursor is unknown"):
        oms.shipments_after(SHOP.shop, "nonsense")


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED_JSON, Fault.UNAVAILABLE, Fault.LOST_AFTER])
def test_the_list_is_read_again_after_a_passing_fault(world: World, oms: RestOms, fault: Fault) -> None:
    take(oms)
    world.simulator.ship(OURS, "usps", None, "94001")
    world.simulator.faults.add(fault, "/shipments", times=2)
    assert len(oms.shipments_after(SHOP.shop, "").reported) == 1
    assert world.slept == [1.0, 2.0]
