"""Where tests of observe mode begin: a shop whose orders Rithum's own TikTok link brings to ChannelAdvisor."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from local.simulators.native_link import NativeLink
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, OutboxEntry, Target
from tests.world import TEE, Connected, World

PROFILES = {"US": 12345678, "GB": 87654321}
CREATES = "/v1/Orders"
MAPPINGS = {
    "US": [
        {"carrier": carrier, "code": "usps", "channeladvisor_class": "Ground"} for carrier in ("USPS", "USPS Ground")
    ],
    "GB": [
        {"carrier": carrier, "code": "Royal Mail", "channeladvisor_class": "24"} for carrier in ("Royal Mail", "RM 24")
    ],
}
GRACE = timedelta(hours=2)


def observed(
    world: World, region: str = "US", *, lag: timedelta | None = None, oms: Mapping[str, Any] | None = None, **mode: Any
) -> tuple[Connected, NativeLink]:
    """A shop in observe mode and its link."""
    settings: dict[str, Any] = {"oms": oms} if oms is not None else {}
    channeladvisor = {"account": world.account, "profile_id": PROFILES[region], "mode": "observe", **mode}
    shop = world.connect(region, channeladvisor=channeladvisor, shipping_mappings=MAPPINGS[region], **settings)
    return shop, world.link(shop) if lag is None else world.link(shop, lag=lag)


def change_mode(world: World, shop: Connected, **changes: Any) -> None:
    """An operator changes the settings of ChannelAdvisor."""
    known = world.shops.settings(shop.id).channeladvisor.model_dump(mode="json")
    world.reconnect(shop, channeladvisor=known | changes)


def brought(world: World, shop: Connected, *lines: LineSpec) -> OrderId:
    """An order that the link has brought and that everybody knows."""
    order = world.order(shop, *(lines or (TEE,)))
    world.cycle(7)
    (there,) = world.created(order)
    assert world.record(shop, order).order.channeladvisor_id == str(there["ID"])
    return order


def nothing_created(world: World) -> bool:
    """Whether no order in ChannelAdvisor is of our making, and none was even tried."""
    posts = [each for each in world.channeladvisor.books.requests(method="POST") if each.path == CREATES]
    return not world.channeladvisor.books.created_by_api() and not posts


def adjusted(world: World) -> list[str]:
    """What we asked ChannelAdvisor to cancel or refund."""
    return [each.path for each in world.channeladvisor.books.requests(method="POST", path="/Adjust")]


def told_to_tiktok(world: World, order: OrderId) -> list[str]:
    """Tracking numbers of the parcels that we told TikTok Shop."""
    return [each.tracking_number for each in world.tiktok.books.shipments_of(order) if each.by == "api"]


def carried_to_tiktok(world: World, order: OrderId) -> list[str]:
    """Tracking numbers of the parcels that the link told."""
    return [each.tracking_number for each in world.tiktok.books.shipments_of(order) if each.by != "api"]


def entry(world: World, shop: Connected, order: OrderId, target: Target, action: Action) -> OutboxEntry:
    """The one entry of its kind."""
    (found,) = [e for e in world.record(shop, order).outbox if (e.target, e.action) == (target, action)]
    return found


def last_gauges(world: World) -> dict[str, float]:
    """What the last look at a shop published."""
    return next(report.gauges for job, report in reversed(world.reports) if job == "watch_deadlines")
