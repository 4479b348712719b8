"""A buyer's request is shown as a flag on the order; the seller's own flags are left alone."""

from typing import Any

import pytest

from order_sync.domain.errors import AlreadyDoneError, SkippableError
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import World
from tests.purchases import a_purchase

EXCLAMATION_POINT = -1


@pytest.fixture
def order(client: ChannelAdvisor) -> str:
    return client.create_order(a_purchase()).id


def flag(world: World, order: str) -> tuple[Any, Any]:
    fields = world.simulator.books.order(int(order))
    return fields["FlagID"], fields["FlagDescription"]


def set_by_seller(world: World, order: str, flag_id: int | None, description: str | None) -> None:
    world.simulator._state.orders[int(order)].fields |= {"FlagID": flag_id, "FlagDescription": description}


def patches(world: World) -> int:
    return len(world.simulator.books.requests(method="PATCH"))


def test_a_request_is_flagged_once_and_cleared_once(world: World, client: ChannelAdvisor, order: str) -> None:
    client.flag_cancel_request(order, "4035", "answer by 09:15 UTC")
    assert flag(world, order) == (EXCLAMATION_POINT, "TikTok cancel request 4035: answer by 09:15 UTC")
    with pytest.raises(AlreadyDoneError, match=f"flag order {order} for cancel request 4035"):
        client.flag_cancel_request(order, "4035", "answer by 09:15 UTC")
    client.clear_flag(order, "4035")
    assert flag(world, order) == (0, None)
    with pytest.raises(AlreadyDoneError, match="does not carry it"):
        client.clear_flag(order, "4035")
    assert patches(world) == 2


def test_a_new_text_and_a_new_request_replace_our_flag(world: World, client: ChannelAdvisor, order: str) -> None:
    client.flag_cancel_request(order, "4035", "12 h left")
    client.flag_cancel_request(order, "4035", "4 h left")
    assert flag(world, order) == (EXCLAMATION_POINT, "TikTok cancel request 4035: 4 h left")
    client.flag_cancel_request(order, "40351", "24 h left")
    with pytest.raises(AlreadyDoneError):
        client.clear_flag(order, "4035")
    assert flag(world, order) == (EXCLAMATION_POINT, "TikTok cancel request 40351: 24 h left")


@pytest.mark.parametrize("flag_id", [-2, -1, 1, 2, 3, 4, 5, 6, 7])
def test_a_sellers_own_flag_is_left_alone(world: World, client: ChannelAdvisor, order: str, flag_id: int) -> None:
    set_by_seller(world, order, flag_id, "call the buyer")
    with pytest.raises(SkippableError, match="carries a flag of the seller's own") as caught:
        client.flag_cancel_request(order, "4035", "answer by 09:15 UTC")
    assert not isinstance(caught.value, AlreadyDoneError)
    with pytest.raises(AlreadyDoneError):
        client.clear_flag(order, "4035")
    assert flag(world, order) == (flag_id, "call the buyer")
    assert patches(world) == 0


@pytest.mark.parametrize("flag_id", [0, -9999, None])
def test_an_order_without_a_flag_is_flagged_whatever_stands_beside(
    world: World, client: ChannelAdvisor, order: str, flag_id: int | None
) -> None:
    set_by_seller(world, order, flag_id, "old text")
    client.flag_cancel_request(order, "4035", "now")
    assert flag(world, order) == (EXCLAMATION_POINT, "TikTok cancel request 4035: now")


def test_a_long_text_is_cut(world: World, client: ChannelAdvisor, order: str) -> None:
    client.flag_cancel_request(order, "4035", "x" * 200)
    description = flag(world, order)[1]
    assert len(description) == 80
    assert description.startswith("TikTok cancel request 4035: xxx")
    client.clear_flag(order, "4035")
    assert flag(world, order) == (0, None)
