"""Where most tests of returns begin, and what each side shows of one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from local.simulators.channeladvisor.refund_books import BookedRefund
from local.simulators.oms.return_records import ReturnRecord as ReturnAtOms
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.return_books import IssuedRefund
from local.simulators.tiktok_shop.return_records import ReturnRecord, ReturnType
from local.tracking_numbers import royal_mail, usps
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.domain.returning.returns import Return, SellerRefund
from order_sync.domain.timeline import TimelineEntry
from tests.adapters.cancellations.races import CARRIERS
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.world import MUG, TWO_TEES, Connected, World

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RETURNS = "/return_refund/202602/returns/search"
APPROVE, REJECT = (
    "/return_refund/202309/returns/{return_id}/approve",
    "/return_refund/202309/returns/{return_id}/reject",
)
CREATE = "/return_refund/202602/returns"
_PARCELS = {"US": usps, "GB": royal_mail}


def a_shipped_order(
    world: World, shop: Connected, *lines: LineSpec, units: int | None = None, **options: Any
) -> OrderId:
    """An order that everybody has and whose parcel, or that of its first units, everybody was told of."""
    order = world.order(shop, *(lines or (TWO_TEES, MUG)), **options)
    world.run("poll_tiktok", shop)
    world.advance(timedelta(minutes=65))
    for job in ("push_channeladvisor", "push_oms", "push_channeladvisor", "poll_channeladvisor", "push_tiktok"):
        world.run(job, shop)
    if units is None or units:
        ship(world, shop, order, units=units)
    return order


def ship(
    world: World, shop: Connected, order: OrderId, lines: Sequence[str] | None = None, *, units: int | None = None
) -> None:
    """The warehouse ships these lines, or the first units, and all sides are told."""
    region = shop.simulated.region.code
    chosen = line_ids(world, order)[:units] if units is not None else lines
    number = len(world.tiktok.books.shipments) + 11
    world.oms.ship(
        order,
        CARRIERS[region].warehouse,
        "Ground",
        _PARCELS[region](number),
        lines=None if chosen is None else list(chosen),
    )
    for job in ("poll_oms", "push_tiktok", "push_channeladvisor", "poll_tiktok", "poll_channeladvisor"):
        world.run(job, shop)


def arrive(world: World, order: OrderId) -> None:
    """The carrier brings all parcels of the order."""
    world.tiktok.collect(order)
    world.tiktok.deliver(order)


def line_ids(world: World, order: OrderId) -> list[str]:
    """The lines of an order at TikTok Shop."""
    return world.tiktok.line_ids(order)


def ask(
    world: World,
    order: OrderId,
    kind: ReturnType = ReturnType.REFUND,
    *,
    units: Sequence[int] | None = None,
    **more: Any,
) -> ReturnId:
    """The buyer asks for all units, or for these by their numbers; nobody has looked yet. TikTok grants none."""
    ids = line_ids(world, order)
    lines = None if units is None else [ids[number] for number in units]
    options = {"approved_by_tiktok": False} | more
    return ReturnId(world.tiktok.buyer_requests_return(order, kind, lines, **options))


def look(world: World, shop: Connected) -> None:
    """We look at TikTok Shop, and the others are told."""
    for job in ("poll_tiktok", "push_channeladvisor", "push_oms", "settle_requests"):
        world.run(job, shop)


def an_asked_return(
    world: World,
    shop: Connected,
    kind: ReturnType = ReturnType.REFUND,
    *lines: LineSpec,
    units: Sequence[int] | None = None,
    **more: Any,
) -> tuple[OrderId, ReturnId]:
    """A shipped order, and a return of it, or of these units, that the OMS was asked about."""
    order = a_shipped_order(world, shop, *lines)
    return_id = ask(world, order, kind, units=units, **more)
    look(world, shop)
    return order, return_id


def until(world: World, moment: datetime) -> None:
    """Turn the clock to a moment; timers fire on the way."""
    world.advance(moment - world.time)


def known(world: World, shop: Connected, order: OrderId, return_id: str) -> Return:
    """The return as the ledger keeps it."""
    found = world.record(shop, order).return_of(ReturnId(return_id))
    assert found is not None
    return found


def wish(world: World, shop: Connected, order: OrderId) -> SellerRefund:
    """The one refund that the seller started, as the ledger keeps it."""
    (found,) = world.record(shop, order).seller_refunds
    return found


def at_tiktok(world: World, return_id: str) -> ReturnRecord:
    """The return as it is at TikTok Shop now."""
    return world.tiktok.return_record(return_id)


def at_oms(world: World, return_id: str) -> ReturnAtOms:
    """The return as the OMS was told last."""
    return world.oms.books.return_(return_id)


def decisions(world: World, return_id: str) -> list[tuple[str, str, int]]:
    """Every answer that TikTok Shop got: its word, who gave it, and the code that it met."""
    return [(each.decision, each.by, each.code) for each in world.tiktok.books.return_decisions_of(return_id)]


def issued(world: World, order: OrderId) -> list[IssuedRefund]:
    """What TikTok Shop has refunded of an order by returns."""
    world.tiktok.status(order)
    return world.tiktok.books.refunds_issued(order)


def returns_of(world: World, order: OrderId) -> list[ReturnRecord]:
    """All returns of an order at TikTok Shop as they are now, oldest first."""
    return [at_tiktok(world, each.id) for each in world.tiktok.books.returns(order)]


def booked(world: World, order: OrderId) -> list[BookedRefund]:
    """All refunds that ChannelAdvisor has of an order."""
    return world.channeladvisor.books.refunds(in_channeladvisor(world, order))


def notes(world: World, order: OrderId) -> str:
    """What people in ChannelAdvisor read on the order."""
    (created,) = world.created(order)
    return str(created["PrivateNotes"] or "")


def note(world: World, order: OrderId, return_id: str) -> str:
    """Our line about one return there; empty when there is none."""
    start = f"[Order Sync] Return {return_id}: "
    found = [line.removeprefix(start) for line in notes(world, order).splitlines() if line.startswith(start)]
    assert len(found) <= 1
    return found[0] if found else ""


def facts(world: World, shop: Connected, order: OrderId, event: str) -> list[TimelineEntry]:
    """The facts of one kind on an order's timeline."""
    return [fact for fact in world.ledger.timeline(shop.id, order) if fact.event == event]


def details(world: World, shop: Connected, order: OrderId, event: str) -> list[Mapping[str, str]]:
    """What they say."""
    return [fact.detail for fact in facts(world, shop, order, event)]


def words(world: World, shop: Connected, order: OrderId) -> list[str]:
    """The states that the timeline has of the order's returns, in the words that people see."""
    seen: list[str] = []
    for fact in world.ledger.timeline(shop.id, order):
        word = fact.detail.get({"RETURN_REQUESTED": "state", "RETURN_CHANGED": "after"}.get(fact.event, ""), "")
        if word and (not seen or seen[-1] != word):
            seen.append(word)
    return seen


def told_about(world: World, decision: str) -> Mapping[str, Any] | None:
    """What the OMS was told about its decision: nothing, when it was used."""
    return next(each.told for each in world.oms.books.return_decisions() if each.id == decision)


def outcome(world: World, refund: str) -> Mapping[str, Any] | None:
    """What the OMS was told about its refund."""
    return next(each.told for each in world.oms.books.seller_refunds() if each.id == refund)


def gauges(world: World, shop: Connected) -> tuple[float, float, float]:
    """How many returns are open, near their deadline, and late with their refund."""
    found = world.run("watch_deadlines", shop).gauges
    return found["returns_open"], found["returns_near_deadline"], found["refunds_late"]
