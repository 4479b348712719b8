"""Renewing a shop's tokens: ahead of their end, by one at a time, stored before they are used (TT 1.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta

import httpx
import pytest

from local.simulators.faults import Fault, FaultyTransport
from local.translate_template import read_template
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.jobs.refresh_tokens import AUTHORIZATION, LEASE, LEASE_LENGTH, refresh_tokens
from order_sync.jobs.run import Report
from order_sync.partners.http import open_client
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http
from order_sync.partners.tiktok_shop.tokens import refresh
from tests.world import Connected, World

REFRESH = "/api/v2/token/refresh"
SOON = timedelta(days=6, hours=1)


class Secret:
    """The shop's secret in Secrets Manager, and what was done with it, in order."""

    def __init__(self, world: World, shop: Connected) -> None:
        self.world = world
        self.shop = shop
        self.log: list[str] = []
        self.store_fails: Exception | None = None

    def read(self) -> ShopTokens:
        self.log.append("read")
        return self.shop.tokens

    def renew(self, tokens: ShopTokens) -> ShopTokens:
        self.log.append("renewed")
        http = partner_http(
            open_client(
                base_url="https://auth.example.com",
                transport=FaultyTransport(httpx.WSGITransport(app=self.world.tiktok)),
            ),
            sleep=self.world.sleep,
            monotonic=self.world.monotonic,
            random=lambda: 0.0,
        )
        app = AppCredentials.model_validate({"app_key": "app", "app_secret": "secret"})
        return refresh(http, app=app, refresh_token=tokens.refresh_token.get_secret_value())

    def store(self, tokens: ShopTokens) -> None:
        if self.store_fails:
            raise self.store_fails
        self.log.append("stored")
        self.shop.tokens = tokens

    def refresh(self, *, at_once: bool = False) -> Report:
        run = self.world.shop_run(self.shop)
        return refresh_tokens(run, self.read, self.renew, self.store, at_once=at_once)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


@pytest.fixture
def secret(world: World, shop: Connected) -> Secret:
    return Secret(world, shop)


def refreshes(world: World) -> int:
    return world.tiktok.books.count(REFRESH)


def lease_is_free(world: World, shop: Connected) -> bool:
    lease = world.shops.take_lease(shop.id, LEASE, timedelta(minutes=1))
    if lease:
        world.shops.give_back_lease(lease)
    return lease is not None


def test_tokens_that_are_good_for_more_than_a_day_are_left_alone(world: World, secret: Secret) -> None:
    world.time += timedelta(days=5, hours=23)

    assert secret.refresh().counts == {"tokens_still_good": 1}
    assert refreshes(world) == 0


def test_tokens_are_renewed_a_day_before_they_end_and_work(world: World, shop: Connected, secret: Secret) -> None:
    old = shop.tokens
    world.time += SOON

    assert secret.refresh().counts == {"tokens_renewed": 1}
    assert shop.tokens.access_token != old.access_token
    assert shop.tokens.refresh_token != old.refresh_token
    world.time += timedelta(days=2)
    world.order(shop)
    world.run("poll_tiktok", shop)
    assert world.problems() == []


def test_an_operator_can_have_them_renewed_at_once(world: World, secret: Secret) -> None:
    assert secret.refresh(at_once=True).counts == {"tokens_renewed": 1}
    assert refreshes(world) == 1


def test_the_new_tokens_are_stored_before_anything_else_happens(secret: Secret) -> None:
    """The rotation kills the old refresh token: what is not stored is lost."""
    secret.refresh(at_once=True)

    assert secret.log == ["read", "read", "renewed", "stored"]


def test_a_second_renewal_uses_the_new_refresh_token(world: World, secret: Secret) -> None:
    for _ in range(3):
        world.time += SOON
        assert secret.refresh().counts == {"tokens_renewed": 1}


def test_while_one_renews_no_other_does(world: World, shop: Connected, secret: Secret) -> None:
    world.shops.take_lease(shop.id, LEASE, LEASE_LENGTH)

    assert secret.refresh(at_once=True).counts == {"refresh_already_under_way": 1}
    assert refreshes(world) == 0

    world.time += LEASE_LENGTH + timedelta(seconds=1)
    assert secret.refresh(at_once=True).counts == {"tokens_renewed": 1}


def test_two_at_once_renew_once(world: World, shop: Connected, secret: Secret) -> None:
    others: list[Report] = []
    renew = secret.renew

    def renew_while_another_tries(tokens: ShopTokens) -> ShopTokens:
        others.append(secret.refresh(at_once=True))
        return renew(tokens)

    run = world.shop_run(shop)
    refresh_tokens(run, secret.read, renew_while_another_tries, secret.store, at_once=True)

    assert others[0].counts == {"refresh_already_under_way": 1}
    assert run.report.counts == {"tokens_renewed": 1}
    assert refreshes(world) == 1


def test_one_that_finds_newer_tokens_once_it_has_the_lease_does_not_renew(world: World, shop: Connected) -> None:
    """The other one was done between our look and our lease."""
    old = shop.tokens
    newer = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    answers = iter([old, newer])
    run = world.shop_run(shop)

    def never(_tokens: ShopTokens) -> ShopTokens:
        raise AssertionError

    refresh_tokens(run, lambda: next(answers), never, lambda _tokens: None, at_once=True)

    assert run.report.counts == {"tokens_already_renewed": 1}
    assert lease_is_free(world, shop)


def test_a_refusal_leaves_a_notice_for_a_person_and_is_counted(world: World, shop: Connected, secret: Secret) -> None:
    world.tiktok.revoke(shop.simulated)
    report = secret.refresh(at_once=True)

    assert report.counts == {"refreshes_refused": 1}
    assert "the seller must authorise the app again" in report.problems[0]
    assert "the tokens could not be renewed: TikTok Shop" in world.shops.notice(shop.id, AUTHORIZATION)
    for token in (shop.tokens.access_token, shop.tokens.refresh_token):
        assert token.get_secret_value() not in report.problems[0]
    assert lease_is_free(world, shop)


def test_the_notice_goes_when_the_seller_has_authorised_again(world: World, shop: Connected, secret: Secret) -> None:
    world.tiktok.expire_refresh_token(shop.simulated)
    secret.refresh(at_once=True)
    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    secret.refresh(at_once=True)

    assert world.shops.notice(shop.id, AUTHORIZATION) == ""


@contextmanager
def postponed(shop: Connected, world: World) -> Iterator[None]:
    with pytest.raises(RetriableError):
        yield
    assert lease_is_free(world, shop)


def test_an_answer_that_is_lost_before_the_effect_is_harmless(world: World, shop: Connected, secret: Secret) -> None:
    world.tiktok.faults.add(Fault.LOST_BEFORE, REFRESH)
    with postponed(shop, world):
        secret.refresh(at_once=True)
    assert refreshes(world) == 1

    assert secret.refresh(at_once=True).counts == {"tokens_renewed": 1}


def test_an_answer_that_is_lost_after_the_effect_ends_in_a_notice_and_the_old_access_token_works_on(
    world: World, shop: Connected, secret: Secret
) -> None:
    world.tiktok.faults.add(Fault.LOST_AFTER, REFRESH)
    with postponed(shop, world):
        secret.refresh(at_once=True)

    assert secret.refresh(at_once=True).counts == {"refreshes_refused": 1}
    assert world.shops.notice(shop.id, AUTHORIZATION)
    world.order(shop)
    world.run("poll_tiktok", shop)
    assert world.problems() == []


def test_tokens_that_cannot_be_stored_are_never_used(world: World, shop: Connected, secret: Secret) -> None:
    old = shop.tokens
    secret.store_fails = RetriableError("Secrets Manager: ServiceUnavailable")
    with postponed(shop, world):
        secret.refresh(at_once=True)

    assert shop.tokens == old


@pytest.mark.parametrize(
    "error",
    [
        RejectedError("secret stack/tiktok/42 must not be used by this function"),
        RetriableError("Secrets Manager: ServiceUnavailable"),
    ],
)
def test_renewed_tokens_that_cannot_be_stored_are_told_to_a_person_and_not_blamed_on_tiktok(
    world: World, shop: Connected, secret: Secret, error: Exception
) -> None:
    """TikTok has voided the old refresh token, so the shop stands still once its access token ends."""
    secret.store_fails = error
    run = world.shop_run(shop)
    with pytest.raises(type(error), match=str(error)):
        refresh_tokens(run, secret.read, secret.renew, secret.store, at_once=True)

    words = f"the tokens were renewed but could not be stored: {error}; the seller must authorise the app again"
    assert world.shops.notice(shop.id, AUTHORIZATION) == words
    assert run.report.problems == [f"renewed_tokens_not_stored: shop {shop.id}: {words}"]
    assert lease_is_free(world, shop)


def test_a_secret_that_needs_a_person_is_a_refusal(world: World, shop: Connected) -> None:
    def missing() -> ShopTokens:
        raise RejectedError("secret stack/tiktok/42 does not exist: create it")

    with pytest.raises(RejectedError, match="does not exist"):
        refresh_tokens(world.shop_run(shop), missing, lambda tokens: tokens, lambda _tokens: None)


# A token that runs out in the middle of a run


def test_a_token_that_ran_out_is_read_once_more_and_the_run_goes_on(world: World, shop: Connected) -> None:
    order = world.order(shop)
    old = shop.tokens
    world.time += timedelta(days=7, seconds=1)
    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    asked: list[bool] = []

    def tokens(afresh: bool) -> ShopTokens:  # noqa: FBT001
        asked.append(afresh)
        return shop.tokens if afresh else old

    tiktok = world.tiktok_client(shop, world.shops.settings(shop.id))
    tiktok._gateway._tokens = tokens
    page = tiktok.read_orders([order])

    assert [reading.facts.id for reading in page.readings] == [order]
    assert asked == [False, True]


def test_a_token_that_ran_out_and_was_not_renewed_postpones_the_run_and_loses_nothing(
    world: World, shop: Connected, secret: Secret
) -> None:
    order = world.order(shop)
    world.tiktok.expire_token(shop.simulated)
    report = world.run("poll_tiktok", shop)

    assert report.counts["runs_postponed"] == 1
    assert "the access token has expired" in report.problems[0]
    assert world.ledger.load(shop.id, order) is None

    secret.refresh(at_once=True)
    world.run("poll_tiktok", shop)
    assert world.ledger.load(shop.id, order) is not None


def test_one_shop_whose_token_ended_stops_no_other(world: World, shop: Connected) -> None:
    other = world.connect("GB")
    lost, found = world.order(shop), world.order(other)
    world.tiktok.expire_token(shop.simulated)
    world.cycle()

    assert world.ledger.load(other.id, found) is not None
    assert world.ledger.load(shop.id, lost) is None


def test_the_lease_outlives_the_function() -> None:
    assert LEASE_LENGTH.total_seconds() > read_template()["Globals"]["Function"]["Timeout"]
