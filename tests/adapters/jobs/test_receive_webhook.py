"""TikTok Shop's notifications about authorisations: acted on once, in any order, and nothing else is touched."""

import json
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.authorizations import Authorization, AuthorizationState, Grantor, granted, refused
from order_sync.domain.ids import ShopId
from order_sync.jobs.receive_webhook import KEPT, Inbox, receive_webhook
from order_sync.jobs.refresh_tokens import AUTHORIZATION
from order_sync.jobs.run import Report
from order_sync.ledger.once import Notifications
from order_sync.ledger.table import Put
from tests.world import Connected, Killed, World

ENDS, LEFT = 7, 6


class Sender:
    """TikTok Shop sends; we take."""

    def __init__(self, world: World, shop: Connected) -> None:
        self.world = world
        self.shop = shop
        self.report = Report()

    def notify(self, type_: int, shop: str = "", **data: Any) -> bytes:
        """One notification arrives; its body, to send it again."""
        body, _ = self.world.tiktok.notification(type_, shop or self.shop.id, {"message": "CANARY"} | data)
        self.deliver(body)
        return body

    def deliver(self, body: bytes) -> None:
        notifications = Notifications(self.world.table, self.world.clock)
        self.report = Report()
        receive_webhook(body, Inbox(shops=self.world.shops, notifications=notifications, report=self.report))

    @property
    def authorization(self) -> Authorization:
        return self.world.shops.authorizations(self.shop.id)[Grantor.TIKTOK_SHOP]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def sender(world: World) -> Sender:
    return Sender(world, world.connect())


def test_a_seller_who_leaves_is_a_state_and_a_notice(world: World, sender: Sender) -> None:
    sender.notify(LEFT)

    assert sender.authorization.state is AuthorizationState.WITHDRAWN
    assert sender.authorization.since == world.time.replace(microsecond=0)
    assert "taken the authorisation back" in world.shops.notice(sender.shop.id, AUTHORIZATION)
    assert sender.report.counts == {"authorizations_withdrawn": 1}


def test_an_end_that_is_announced_is_a_state_with_its_moment(world: World, sender: Sender) -> None:
    end = (world.time + timedelta(days=20)).replace(microsecond=0)
    sender.notify(ENDS, expiration_time=str(int(end.timestamp())))

    assert sender.authorization.state is AuthorizationState.EXPIRES_SOON
    assert sender.authorization.until == end
    assert f"{end:%Y-%m-%d %H:%M} UTC" in world.shops.notice(sender.shop.id, AUTHORIZATION)
    assert sender.report.counts == {"authorizations_announced_to_end": 1}


def test_an_end_without_a_moment_is_taken_for_thirty_days_ahead(world: World, sender: Sender) -> None:
    sender.notify(ENDS)

    assert sender.authorization.until == world.time.replace(microsecond=0) + timedelta(days=30)
    assert "ends soon" in world.shops.notice(sender.shop.id, AUTHORIZATION)


def test_the_same_notification_is_acted_on_once(world: World, sender: Sender) -> None:
    body = sender.notify(LEFT)
    world.shops.lift_notice(sender.shop.id, AUTHORIZATION)
    world.time += timedelta(hours=16)
    sender.deliver(body)

    assert sender.report.counts == {"webhooks_repeated": 1}
    assert world.shops.notice(sender.shop.id, AUTHORIZATION) == ""
    assert timedelta(hours=16) < KEPT


def test_one_that_died_half_way_is_acted_on_when_it_comes_again(world: World, sender: Sender) -> None:
    body, _ = world.tiktok.notification(LEFT, sender.shop.id, {})
    put = world.table.put

    def die(_put: Put) -> None:
        raise Killed

    world.table.put = die  # type: ignore[method-assign, assignment]
    with pytest.raises(Killed):
        sender.deliver(body)
    world.table.put = put  # type: ignore[method-assign]
    sender.deliver(body)

    assert sender.authorization.state is AuthorizationState.WITHDRAWN


def test_one_that_comes_after_the_seller_has_agreed_again_changes_nothing(world: World, sender: Sender) -> None:
    late = [world.tiktok.notification(type_, sender.shop.id, {})[0] for type_ in (LEFT, ENDS)]
    world.time += timedelta(hours=3)
    world.shops.change_authorization(sender.shop.id, Grantor.TIKTOK_SHOP, lambda _: granted(None, world.time))
    for body in late:
        sender.deliver(body)
        assert sender.report.counts == {"webhooks_overtaken": 1}

    assert sender.authorization.state is AuthorizationState.AUTHORIZED
    assert world.shops.notices(sender.shop.id) == {}


def test_an_end_that_is_announced_of_what_is_lost_already_changes_nothing(sender: Sender) -> None:
    sender.notify(LEFT)
    sender.notify(ENDS)

    assert sender.authorization.state is AuthorizationState.WITHDRAWN


def test_an_end_that_is_announced_of_what_is_refused_already_changes_nothing(world: World, sender: Sender) -> None:
    world.shops.change_authorization(sender.shop.id, Grantor.TIKTOK_SHOP, lambda known: refused(known, world.time))
    sender.notify(ENDS)

    assert sender.authorization.state is AuthorizationState.REFUSED
    assert sender.report.counts == {"webhooks_overtaken": 1}


@pytest.mark.parametrize(("active", "gauges"), [(True, {"authorization_troubles": 1}), (False, {})])
def test_a_seller_who_leaves_a_shop_that_trades_is_trouble_at_once(
    world: World, sender: Sender, *, active: bool, gauges: dict[str, float]
) -> None:
    world.reconnect(sender.shop, active=active)
    sender.notify(LEFT)

    assert sender.report.gauges == gauges


@pytest.mark.parametrize("type_", [1, 2, 3, 4, 5, 11, 12, 64, 9999])
def test_every_other_type_is_left_to_the_polls_and_touches_nothing(world: World, sender: Sender, type_: int) -> None:
    calls = world.table.calls.copy()
    sender.notify(type_, order_id="1", update_time=1)

    assert sender.report.counts == {"webhooks_left_to_polls": 1}
    assert world.table.calls == calls


def test_a_shop_that_is_not_known_is_acknowledged_and_nothing_is_written(world: World, sender: Sender) -> None:
    before = dict(world.table.items)
    sender.notify(LEFT, shop="999")

    assert sender.report.counts == {"webhooks_of_unknown_shops": 1}
    assert world.table.items == before
    assert world.shops.authorizations(ShopId("999")) == {}


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"type": 7}', b"\xff"])
def test_what_cannot_be_read_is_acknowledged_and_counted(sender: Sender, body: bytes) -> None:
    sender.deliver(body)

    assert sender.report.counts == {"webhooks_unreadable": 1}


def test_nothing_of_a_notification_is_kept_but_what_it_says_of_the_authorisation(world: World, sender: Sender) -> None:
    for type_ in (LEFT, ENDS, 1):
        sender.notify(type_, buyer_name="CANARY")
    kept = json.dumps([[*key, item] for key, item in world.table.items.items()])

    assert "CANARY" not in kept + json.dumps(sender.report.problems)
