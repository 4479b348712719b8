"""New tokens are asked for as often as it takes, and no oftener."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from order_sync.bootstrap.tiktok_shop import ASKED_AGAIN_AFTER, RenewalRequests
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import ShopId
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.world import CYCLE, START


def tokens(end: datetime) -> ShopTokens:
    """Tokens that end then."""
    return ShopTokens.model_validate(
        {
            "access_token": SecretStr("access"),
            "access_token_expires_at": end,
            "refresh_token": SecretStr("refresh"),
            "refresh_token_expires_at": end + timedelta(days=30),
        }
    )


class Container:
    """A warm container, and the events that it sends."""

    def __init__(self) -> None:
        self.now = START
        self.sent: list[dict[str, Any]] = []
        self.is_refused = False
        self.requests = RenewalRequests(ShopId("7"), send=self._send, now=lambda: self.now)

    def _send(self, event: dict[str, Any]) -> None:
        if self.is_refused:
            raise RetriableError("Lambda: simulated")
        self.sent.append(event)


@pytest.fixture
def container() -> Container:
    return Container()


def test_many_calls_of_a_run_ask_once(container: Container) -> None:
    for _ in range(5):
        container.requests.ask(tokens(START))
        container.now += timedelta(seconds=20)
    assert [event["instead_of"] for event in container.sent] == [START.isoformat()]


def test_a_renewal_that_was_lost_is_asked_for_again_by_the_next_poll(container: Container) -> None:
    container.requests.ask(tokens(START))
    container.now += CYCLE
    container.requests.ask(tokens(START))
    assert len(container.sent) == 2
    assert ASKED_AGAIN_AFTER < CYCLE


def test_other_tokens_are_asked_for_at_once(container: Container) -> None:
    container.requests.ask(tokens(START))
    container.requests.ask(tokens(START + timedelta(days=7)))
    assert len(container.sent) == 2


def test_what_could_not_be_asked_is_asked_by_the_next_call(container: Container) -> None:
    container.is_refused = True
    container.requests.ask(tokens(START))
    container.is_refused = False
    container.requests.ask(tokens(START))
    assert len(container.sent) == 1
