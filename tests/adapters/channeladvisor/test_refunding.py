"""Refunds told to ChannelAdvisor: by their RequestStatus, attempt after attempt, never twice, exact to the cent."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from order_sync.domain.errors import AlreadyDoneError, HalfDoneError, NotYetError, RejectedError
from order_sync.domain.returning.refunds_told import RefundInChannelAdvisor
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import assert_books_are_clean
from tests.adapters.channeladvisor.refunds import RETURN, TEE, item_id, made, refund, shipped, units
from tests.adapters.channeladvisor.request_statuses import DONE, FAILED, UNDER_WAY
from tests.adapters.channeladvisor.world import World


@pytest.fixture(autouse=True)
def _clean(world: World) -> Iterator[None]:
    yield
    assert_books_are_clean(world)


@pytest.fixture
def order(world: World, client: ChannelAdvisor) -> str:
    return shipped(world, client)


def settle(world: World, order: str, status: object) -> None:
    """The only refund of an order comes to this RequestStatus and stays there."""
    (adjustment,) = world.simulator._state.orders[int(order)].every_adjustment
    adjustment.steps.clear()
    adjustment["RequestStatus"] = status


@pytest.mark.parametrize(("is_return", "reason"), [(True, "CustomerReturnedItem"), (False, "GeneralAdjustment")])
def test_a_unit_is_refunded_quietly_under_our_id(
    world: World, client: ChannelAdvisor, order: str, reason: str, *, is_return: bool
) -> None:
    told = partial(client.refund, order, refund(units(TEE, 1, "17.5", "2.49", "1.58"), is_return=is_return))
    name = f"refund-{RETURN}-{item_id(world, order)}"
    with pytest.raises(NotYetError, match=rf"refund return {RETURN} of order {order}: adjustment {name} is being"):
        told()
    (there,) = world.simulator.books.refunds(int(order))
    assert (there.seller_id, there.reason, there.source, there.units) == (name, reason, "Api", {TEE: 1})
    assert (there.refund_only, there.prevents_site_processing, there.restocks) == (True, True, False)
    assert [there.goods, there.shipping, there.tax] == [Decimal("17.5"), Decimal("2.49"), Decimal("1.58")]
    assert there.other == 0
    world.clock.move(minutes=1)
    with pytest.raises(NotYetError, match="AcknowledgedPostProcessingNotComplete"):
        told()
    world.clock.move(minutes=1)
    for _ in range(2):
        with pytest.raises(AlreadyDoneError, match=f"adjustment {name} is done already"):
            told()
    assert len(made(world, order)) == 1


def test_what_is_complete_when_it_is_read_back_is_told_at_once(build: Callable[..., World]) -> None:
    world = build(adjustment_time=timedelta(0))
    client = world.client()
    order = shipped(world, client)
    client.refund(order, refund(units(TEE, 2), units("MUG", 1)))
    assert [(each, total, status) for _, each, total, status in made(world, order)] == [
        ({TEE: 2}, 35, "PostProcessingComplete"),
        ({"MUG": 1}, Decimal("17.5"), "PostProcessingComplete"),
    ]
    with pytest.raises(AlreadyDoneError):
        client.refund(order, refund(units(TEE, 2), units("MUG", 1)))


@pytest.mark.parametrize("status", UNDER_WAY)
def test_a_refund_that_is_neither_done_nor_failed_is_waited_for(
    world: World, client: ChannelAdvisor, order: str, status: object
) -> None:
    with pytest.raises(NotYetError):
        client.refund(order, refund())
    settle(world, order, status)
    with pytest.raises(NotYetError, match=rf"is being processed \({status}\)"):
        client.refund(order, refund())
    assert len(made(world, order)) == 1


@pytest.mark.parametrize("status", DONE)
def test_a_refund_that_is_done_is_done(world: World, client: ChannelAdvisor, order: str, status: object) -> None:
    with pytest.raises(NotYetError):
        client.refund(order, refund())
    settle(world, order, status)
    with pytest.raises(AlreadyDoneError, match="is done already"):
        client.refund(order, refund())
    assert len(made(world, order)) == 1


@pytest.mark.parametrize("status", FAILED)
def test_a_refund_that_failed_is_tried_again_under_another_id(
    world: World, client: ChannelAdvisor, order: str, status: object
) -> None:
    with pytest.raises(NotYetError):
        client.refund(order, refund())
    settle(world, order, status)
    name = f"refund-{RETURN}-{item_id(world, order)}"
    with pytest.raises(NotYetError, match=f"adjustment {name}-2 is being processed"):
        client.refund(order, refund())
    assert [each[0] for each in made(world, order)] == [name, f"{name}-2"]


def test_after_three_errors_a_person_must_look(world: World, client: ChannelAdvisor, order: str) -> None:
    for _ in range(3):
        world.simulator.fail_next_adjustment(int(order))
        with pytest.raises(NotYetError):
            client.refund(order, refund())
        world.clock.move(minutes=5)
    name = f"refund-{RETURN}-{item_id(world, order)}"
    for _ in range(2):
        with pytest.raises(RejectedError, match=f"adjustment {name} failed 3 times there") as caught:
            client.refund(order, refund())
        assert not isinstance(caught.value, HalfDoneError)
    assert [each[0] for each in made(world, order)] == [name, f"{name}-2", f"{name}-3"]


def test_an_error_that_shows_at_once_is_told_as_what_it_is(build: Callable[..., World]) -> None:
    world = build(adjustment_time=timedelta(0))
    client = world.client()
    order = shipped(world, client)
    for _ in range(2):
        world.simulator.fail_next_adjustment(int(order))
        with pytest.raises(NotYetError, match="failed there; another attempt follows"):
            client.refund(order, refund())
    client.refund(order, refund())
    assert [status for *_, status in made(world, order)] == ["Error", "Error", "PostProcessingComplete"]


def test_an_item_that_failed_is_tried_again_beside_one_that_is_done(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    told = partial(client.refund, order, refund(units(TEE, 1), units("MUG", 1, "9")))
    with pytest.raises(NotYetError):
        told()
    tee, mug = world.simulator._state.orders[int(order)].every_adjustment
    for each, status in ((tee, "PostProcessingComplete"), (mug, "Error")):
        each.steps.clear()
        each["RequestStatus"] = status
    with pytest.raises(NotYetError):
        told()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        told()
    assert [(each, total, status) for _, each, total, status in made(world, order)] == [
        ({TEE: 1}, Decimal("17.5"), "PostProcessingComplete"),
        ({"MUG": 1}, 9, "Error"),
        ({"MUG": 1}, 9, "PostProcessingComplete"),
    ]


def test_two_returns_refund_two_units_and_nothing_a_third_time(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    for name in ("403", "4035"):
        with pytest.raises(NotYetError):
            client.refund(order, refund(of=name))
    world.clock.move(minutes=5)
    for name in ("403", "4035"):
        with pytest.raises(AlreadyDoneError):
            client.refund(order, refund(of=name))
    assert [each for _, each, _, _ in made(world, order)] == [{TEE: 1}, {TEE: 1}]


@pytest.mark.parametrize(
    "nonsense",
    [
        RefundInChannelAdvisor(return_id=RETURN, reason_is_return=True, units=()),
        refund(units(TEE, 0)),
        refund(units("", 1)),
        refund(units(TEE, 1, "-1")),
        refund(units(TEE, 1, shipping="-0.01")),
        refund(units(TEE, 1, tax="-0.01")),
    ],
)
def test_what_is_no_refund_is_not_sent(
    world: World, client: ChannelAdvisor, order: str, nonsense: RefundInChannelAdvisor
) -> None:
    with pytest.raises(RejectedError, match=r"no units are named|is no refund"):
        client.refund(order, nonsense)
    assert made(world, order) == []


def test_an_id_that_is_none_leads_nowhere(client: ChannelAdvisor) -> None:
    with pytest.raises(RejectedError, match="is not an ID of an order"):
        client.refund("1)/Export", refund())
