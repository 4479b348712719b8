"""Access tokens: kept while they are good, renewed once when refused, never shown."""

import httpx
import pytest

from local.simulators.faults import Fault
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import World
from tests.purchases import a_purchase

OURS = OrderId("577086512123755123")


def bought(world: World) -> int:
    return len(world.simulator.books.requests(path="/oauth2/token"))


def test_one_token_serves_many_calls_until_shortly_before_its_end(world: World, client: ChannelAdvisor) -> None:
    client.find_orders(OURS)
    world.clock.move(minutes=54)
    client.find_orders(OURS)
    assert bought(world) == 1
    world.clock.move(minutes=2)
    client.find_orders(OURS)
    assert bought(world) == 2


def test_a_refused_token_is_renewed_once_and_the_call_is_repeated(world: World, client: ChannelAdvisor) -> None:
    client.find_orders(OURS)
    world.simulator.expire_tokens()
    client.create_order(a_purchase())
    assert bought(world) == 2
    assert len(world.simulator.books.orders_of_tiktok(OURS)) == 1


def test_a_revoked_permission_names_the_account_and_not_the_token(world: World) -> None:
    token = world.simulator.refresh_token(world.account)
    client = world.client()
    world.simulator.revoke(token)
    with pytest.raises(RejectedError, match="refused the refresh token of account main") as caught:
        client.find_orders(OURS)
    assert token not in str(caught.value)
    assert bought(world) == 1


def test_a_token_that_is_refused_again_and_again_ends_as_retriable(world: World) -> None:
    asked: list[str] = []

    def without_the_orders_scope(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": f"t{len(asked)}", "expires_in": 3600})
        return httpx.Response(401, json={"Message": "Authorization has been denied for this request."})

    client = world.client(transport=httpx.MockTransport(without_the_orders_scope))
    with pytest.raises(RetriableError, match="a new access token was refused too"):
        client.create_order(a_purchase())
    assert asked == ["/oauth2/token", "/v1/Orders"] * 2


def test_a_short_outage_of_the_token_endpoint_is_waited_out(world: World, client: ChannelAdvisor) -> None:
    world.simulator.faults.add(Fault.UNAVAILABLE, "/oauth2/token")
    world.simulator.faults.add(Fault.HTML, "/oauth2/token")
    client.find_orders(OURS)
    assert world.clock.slept == [1.0, 2.0]
