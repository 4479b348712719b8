"""Renewing a shop's tokens: ahead of their end, by one at a time, stored before they are used (TT 1.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import httpx
import pytest

from local.simulators.faults import Fault, FaultyTransport
from local.translate_template import read_template
from order_sync.domain.authorizations import Authorization, AuthorizationState, Grantor, withdrawn
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import NOT_STARTED
from order_sync.jobs.refresh_tokens import (
    AUTHORIZATION,
    CHANNELADVISOR_AUTHORIZATION,
    LEASE,
    LEASE_LENGTH,
    TokenBook,
    Wish,
    refresh_tokens,
)
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
        self.fails_until: datetime | None = None
        self.uses = 0
        self.use_fails: Exception | None = None
        self.gauge = 0.0

    def read(self, shop: ShopId) -> ShopTokens:
        self.log.append("read")
        return next(each.tokens for each in self.world.connected if each.id == shop)

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

    def store(self, shop: ShopId, tokens: ShopTokens) -> None:
        if self.store_fails and (self.fails_until is None or self.world.time < self.fails_until):
            raise self.store_fails
        self.log.append("stored")
        next(each for each in self.world.connected if each.id == shop).tokens = tokens

    @property
    def book(self) -> TokenBook:
        return TokenBook(read=self.read, renew=self.renew, store=self.store, sleep=self.world.sleep)

    def use(self) -> None:
        """ChannelAdvisor's refresh token is used."""
        self.uses += 1
        if self.use_fails:
            raise self.use_fails

    def refresh(self, *, at_once: bool = False, instead_of: datetime | None = None) -> Report:
        run = self.world.shop_run(self.shop)
        report = refresh_tokens(run, self.book, self.use, Wish(at_once=at_once, instead_of=instead_of))
        self.gauge = report.gauges["authorization_troubles"]
        # Told by tests of its own.
        del report.counts["channeladvisor_tokens_used"]
        return report


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
    book = TokenBook(read=secret.read, renew=renew_while_another_tries, store=secret.store, sleep=world.sleep)
    refresh_tokens(run, book, secret.use, Wish(at_once=True))

    assert others[0].counts == {"refresh_already_under_way": 1}
    assert run.report.counts["tokens_renewed"] == 1
    assert refreshes(world) == 1


def test_one_that_finds_newer_tokens_once_it_has_the_lease_does_not_renew(world: World, shop: Connected) -> None:
    """The other one was done between our look and our lease."""
    old = shop.tokens
    newer = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    answers = iter([old, newer])
    run = world.shop_run(shop)

    def never(_tokens: ShopTokens) -> ShopTokens:
        raise AssertionError

    book = TokenBook(
        read=lambda _shop: next(answers), renew=never, store=lambda _shop, _tokens: None, sleep=world.sleep
    )
    refresh_tokens(run, book, lambda: None, Wish(at_once=True))

    assert run.report.counts["tokens_already_renewed"] == 1
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
        refresh_tokens(run, secret.book, secret.use, Wish(at_once=True))

    words = f"the tokens were renewed but could not be stored: {error}; the seller must authorise the app again"
    assert world.shops.notice(shop.id, AUTHORIZATION) == words
    assert run.report.problems == [f"renewed_tokens_not_stored: shop {shop.id}: {words}"]
    assert lease_is_free(world, shop)


def test_renewed_tokens_are_stored_over_an_outage_of_most_of_a_minute(
    world: World, shop: Connected, secret: Secret
) -> None:
    secret.store_fails, secret.fails_until = RetriableError("Secrets Manager: down"), world.time + timedelta(seconds=50)
    old = shop.tokens

    assert secret.refresh(at_once=True).counts == {"tokens_renewed": 1}
    assert shop.tokens.refresh_token != old.refresh_token
    assert world.shops.notice(shop.id, AUTHORIZATION) == ""


def test_storing_is_given_up_after_a_minute_or_when_the_run_has_no_time(
    world: World, shop: Connected, secret: Secret
) -> None:
    start, secret.store_fails = world.time, RetriableError("Secrets Manager: down")
    with postponed(shop, world):
        secret.refresh(at_once=True)
    assert timedelta(seconds=50) < world.time - start < timedelta(seconds=65)

    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    start, run = world.time, replace(world.shop_run(shop), has_time=lambda: False)
    with postponed(shop, world):
        refresh_tokens(run, secret.book, secret.use, Wish(at_once=True))
    assert world.time - start < timedelta(seconds=5)


def test_a_fault_of_our_own_app_is_raised_and_not_blamed_on_the_seller(
    world: World, shop: Connected, secret: Secret
) -> None:
    wrong = AppCredentials.model_validate({"app_key": "app", "app_secret": "another"})
    http = partner_http(
        open_client(base_url="https://auth.example.com", transport=httpx.WSGITransport(app=world.tiktok)),
        sleep=world.sleep,
        monotonic=world.monotonic,
        random=lambda: 0.0,
    )

    def with_the_wrong_secret(tokens: ShopTokens) -> ShopTokens:
        return refresh(http, app=wrong, refresh_token=tokens.refresh_token.get_secret_value())

    def without_a_secret(_tokens: ShopTokens) -> ShopTokens:
        raise RejectedError("secret stack/tiktok-app does not exist or has no value")

    for renew in (with_the_wrong_secret, without_a_secret):
        with pytest.raises(RejectedError):
            refresh_tokens(world.shop_run(shop), replace(secret.book, renew=renew), secret.use, Wish(at_once=True))
        assert Grantor.TIKTOK_SHOP not in world.shops.authorizations(shop.id)
        assert world.shops.notices(shop.id) == {}
        assert lease_is_free(world, shop)


def test_a_secret_that_needs_a_person_is_a_refusal(world: World, shop: Connected) -> None:
    def missing(_shop: ShopId) -> ShopTokens:
        raise RejectedError("secret stack/tiktok/42 does not exist: create it")

    book = TokenBook(read=missing, renew=lambda tokens: tokens, store=lambda _shop, _tokens: None, sleep=world.sleep)
    with pytest.raises(RejectedError, match="does not exist"):
        refresh_tokens(world.shop_run(shop), book, lambda: None)


# How the authorisation stands


def standing(world: World, shop: Connected) -> Authorization:
    return world.shops.authorizations(shop.id)[Grantor.TIKTOK_SHOP]


def test_tokens_that_are_good_say_that_the_authorisation_is(world: World, shop: Connected, secret: Secret) -> None:
    secret.refresh()
    first = standing(world, shop)
    world.time += SOON
    secret.refresh()
    second = standing(world, shop)

    assert (first.state, second.state) == (AuthorizationState.AUTHORIZED, AuthorizationState.AUTHORIZED)
    assert first.since == second.since
    assert second.until == shop.tokens.refresh_token_expires_at
    assert secret.gauge == 0


def test_a_refusal_is_a_clear_state_with_its_beginning_and_trouble_until_the_tokens_are_good_again(
    world: World, shop: Connected, secret: Secret
) -> None:
    world.tiktok.revoke(shop.simulated)
    secret.refresh(at_once=True)
    first = standing(world, shop)
    world.time += timedelta(hours=1)
    assert secret.refresh().counts == {"refreshes_refused": 1}, "tried again, although the access token is still good"
    assert standing(world, shop) == first
    assert first.state is AuthorizationState.REFUSED
    assert secret.gauge == 1

    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    assert secret.refresh().counts == {"tokens_renewed": 1}
    assert standing(world, shop).state is AuthorizationState.AUTHORIZED
    assert secret.gauge == 0
    assert world.shops.notices(shop.id) == {}


def test_an_authorisation_that_ends_within_thirty_days_is_told_in_time(
    world: World, shop: Connected, secret: Secret
) -> None:
    end = shop.tokens.refresh_token_expires_at
    shop.tokens = shop.tokens.model_copy(update={"access_token_expires_at": end})
    world.time = end - timedelta(days=30, seconds=1)
    assert secret.refresh().counts == {"tokens_still_good": 1}
    assert secret.gauge == 0

    world.time = end - timedelta(days=30)
    assert secret.refresh().counts == {"tokens_still_good": 1, "authorizations_that_end_soon": 1}
    assert standing(world, shop).state is AuthorizationState.EXPIRES_SOON
    assert standing(world, shop).until == end
    assert "the seller must authorise the app again" in world.shops.notice(shop.id, AUTHORIZATION)
    assert secret.gauge == 1


def test_a_request_for_tokens_instead_of_older_ones_renews_nothing(
    world: World, shop: Connected, secret: Secret
) -> None:
    refused_end = shop.tokens.access_token_expires_at
    world.time += timedelta(hours=1)
    assert secret.refresh(at_once=True, instead_of=refused_end).counts == {"tokens_renewed": 1}
    for _ in range(3):
        assert secret.refresh(at_once=True, instead_of=refused_end).counts == {"tokens_still_good": 1}

    assert refreshes(world) == 1


def test_a_shop_that_is_switched_off_and_whose_seller_left_is_left_alone(
    world: World, shop: Connected, secret: Secret
) -> None:
    world.reconnect(shop, active=False)
    world.shops.change_authorization(shop.id, Grantor.TIKTOK_SHOP, lambda known: withdrawn(known, world.clock()))
    world.time += timedelta(days=30)

    assert secret.refresh().counts == {"shops_that_left": 1}
    assert (secret.gauge, secret.log, secret.uses) == (0, [], 0)


def test_a_shop_that_trades_and_whose_seller_left_is_trouble(world: World, shop: Connected, secret: Secret) -> None:
    world.shops.change_authorization(shop.id, Grantor.TIKTOK_SHOP, lambda known: withdrawn(known, world.clock()))
    world.tiktok.revoke(shop.simulated)
    assert secret.refresh().counts == {"refreshes_refused": 1}, "although the access token has not ended"
    assert standing(world, shop).state is AuthorizationState.WITHDRAWN
    assert secret.gauge == 1

    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    secret.refresh()
    assert standing(world, shop).state is AuthorizationState.AUTHORIZED
    assert secret.gauge == 0


# Several shops of one authorisation


@pytest.fixture
def sibling(world: World, shop: Connected) -> Connected:
    """Another shop of the same seller, with the same tokens."""
    other = world.connect("GB")
    tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated, other.simulated)))
    shop.tokens = tokens.model_copy(update={"shared_with": (other.id,)})
    other.tokens = tokens.model_copy(update={"shared_with": (shop.id,)})
    return other


def test_renewing_one_shop_s_tokens_renews_those_of_the_seller_s_other_shops(
    world: World, shop: Connected, sibling: Connected, secret: Secret
) -> None:
    """The rotation kills the refresh token that they have in common."""
    world.time += SOON
    assert secret.refresh().counts == {"tokens_renewed": 1}
    assert shop.tokens.access_token == sibling.tokens.access_token
    assert sibling.tokens.shared_with == (shop.id,)
    other = Secret(world, sibling)
    assert other.refresh().counts == {"tokens_still_good": 1}
    world.time += SOON
    assert other.refresh().counts == {"tokens_renewed": 1}

    assert refreshes(world) == 2
    assert shop.tokens.shared_with == (sibling.id,)


def test_tokens_that_a_dying_run_left_with_one_shop_are_taken_over_by_the_other(
    world: World, shop: Connected, sibling: Connected, secret: Secret
) -> None:
    world.time += SOON
    before = sibling.tokens
    secret.refresh()
    sibling.tokens = before

    assert Secret(world, sibling).refresh().counts == {"tokens_already_renewed": 1}
    assert sibling.tokens.refresh_token == shop.tokens.refresh_token
    assert refreshes(world) == 1


def test_tokens_of_a_newer_authorisation_of_the_other_shop_are_not_overwritten(
    world: World, sibling: Connected, secret: Secret
) -> None:
    own = ShopTokens.model_validate(asdict(world.tiktok.authorize(sibling.simulated)))
    sibling.tokens = own
    secret.refresh(at_once=True)

    assert sibling.tokens == own


def test_while_the_other_shop_s_tokens_are_written_nobody_renews(
    world: World, shop: Connected, sibling: Connected, secret: Secret
) -> None:
    world.shops.take_lease(sibling.id, LEASE, LEASE_LENGTH)

    assert secret.refresh(at_once=True).counts == {"refresh_already_under_way": 1}
    assert lease_is_free(world, shop)


# ChannelAdvisor's refresh token, which dies when nobody uses it (CA 1.1)


@pytest.mark.parametrize("active", [True, False])
def test_channeladvisor_s_refresh_token_is_used_every_week(
    world: World, shop: Connected, secret: Secret, *, active: bool
) -> None:
    world.reconnect(shop, active=active)
    for _ in range(15 * 24):
        secret.refresh()
        world.time += timedelta(hours=1)

    assert secret.uses == 3


def test_a_refresh_token_that_channeladvisor_refuses_is_trouble_until_it_is_replaced(
    world: World, shop: Connected, secret: Secret
) -> None:
    secret.use_fails = RejectedError("ChannelAdvisor refused the refresh token of account 1")
    report = secret.refresh()
    assert report.counts == {"tokens_still_good": 1, "channeladvisor_tokens_refused": 1}
    assert world.shops.authorizations(shop.id)[Grantor.CHANNELADVISOR].state is AuthorizationState.REFUSED
    assert "refused the refresh token" in world.shops.notice(shop.id, CHANNELADVISOR_AUTHORIZATION)
    assert secret.gauge == 1

    secret.use_fails = None
    secret.refresh()
    assert world.shops.authorizations(shop.id)[Grantor.CHANNELADVISOR].state is AuthorizationState.AUTHORIZED
    assert world.shops.notices(shop.id) == {}
    assert secret.gauge == 0


def test_a_shop_that_never_started_may_still_lack_its_channeladvisor_account(
    world: World, shop: Connected, secret: Secret
) -> None:
    world.reconnect(shop, active=False, starts_at=NOT_STARTED.isoformat())
    secret.use_fails = RejectedError("secret stack/channeladvisor/1 does not exist")

    assert secret.refresh().counts == {"tokens_still_good": 1, "channeladvisor_tokens_refused": 1}
    assert (secret.gauge, world.shops.notices(shop.id)) == (0, {})


def test_an_outage_of_channeladvisor_is_no_refusal(secret: Secret) -> None:
    secret.use_fails = RetriableError("ChannelAdvisor: not reached")

    assert secret.refresh().counts == {"tokens_still_good": 1, "channeladvisor_not_reached": 1}
    assert secret.gauge == 0


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
