"""Where most tests of cancellations begin, what each side shows, and what must hold in the end."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from local.simulators.tiktok_shop.cancel_books import DecisionRecord, RequestEnd
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.ids import CancelId, OrderId
from order_sync.domain.orders import LineState
from order_sync.domain.timeline import TimelineEntry
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor
from tests.world import Connected, World

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GRANTED = (OutcomeAtTikTok.APPROVED, OutcomeAtTikTok.APPROVED_AUTOMATICALLY)
_VOID = ("Error", "RejectionCompleted")
_times_left: list[timedelta] = []


def an_open_request(
    world: World, shop: Connected, *lines: LineSpec, units: int | None = None
) -> tuple[OrderId, CancelId]:
    """An order that both sides have, and a buyer's request about it, or its first units, that they were asked about."""
    order = an_order_everywhere(world, shop, *lines)
    cancel = ask_to_cancel(world, shop, order, units=units)
    see_request(world, shop)
    return order, cancel


def ask_to_cancel(world: World, shop: Connected, order: OrderId, *, units: int | None = None) -> CancelId:
    """The buyer asks; nobody has looked yet."""
    lines = None if units is None else line_ids(world, shop, order)[:units]
    return CancelId(world.tiktok.request_cancel(order, lines))


def see_request(world: World, shop: Connected) -> None:
    """We look, and whoever decides is asked."""
    for job in ("poll_tiktok", "push_channeladvisor", "push_oms", "settle_requests"):
        world.run(job, shop)


def line_ids(world: World, shop: Connected, order: OrderId) -> list[str]:
    """The lines of an order, as the ledger has them."""
    return [line.id for line in world.record(shop, order).order.lines]


def request_of(world: World, shop: Connected, order: OrderId, cancel: CancelId) -> Cancellation:
    """The request as the ledger keeps it."""
    request = world.record(shop, order).cancellation(cancel)
    assert request is not None
    return request


def outcome_at_tiktok(world: World, cancel: CancelId) -> OutcomeAtTikTok | None:
    """How TikTok Shop ended the request; None while it is open."""
    return world.tiktok.cancellation(cancel).outcome


def decisions_at_tiktok(world: World, cancel: CancelId) -> list[tuple[str, int]]:
    """Each answer that TikTok Shop got, and the code that it met."""
    return [(each.decision, each.code) for each in world.tiktok.books.decisions_of(cancel)]


def decided_at_tiktok(world: World, cancel: CancelId) -> DecisionRecord:
    """The one answer that took effect."""
    (decision,) = world.tiktok.books.decided(cancel)
    return decision


def canceled_at_tiktok(world: World, order: OrderId) -> set[str]:
    """Lines that TikTok Shop has cancelled."""
    return {line.id for line in world.tiktok._state.order(order).lines if line.is_cancelled}


def canceled_in_channeladvisor(world: World, order: OrderId) -> Counter[str]:
    """Units by SKU that ChannelAdvisor has cancelled, none of them as a refund."""
    (created,) = world.created(order)
    skus = {item["ID"]: item["Sku"] for item in created["Items"]}
    units: Counter[str] = Counter()
    for adjustment in world.channeladvisor.books.adjustments(created["ID"]):
        assert adjustment["Type"] == "Cancellation"
        if adjustment["RequestStatus"] not in _VOID:
            for item, quantity in adjustment["Units"].items():
                units[skus[item]] += quantity
    return units


def canceled_at_oms(world: World, order: OrderId) -> set[str]:
    """Lines that the OMS has cancelled."""
    return {line.id for line in world.oms.books.order(order).lines if line.state == "cancelled"}


def outcome_at_oms(world: World, cancel: CancelId) -> tuple[str, str]:
    """What the OMS was told, and who decided."""
    told = world.oms.books.cancel_request(cancel).outcome
    assert told is not None
    return told["outcome"], told["decided_by"]


def unsettled_at_oms(world: World, order: OrderId) -> list[str]:
    """Requests and cancellations of an order whose end the OMS was not told."""
    requests = {each.id for each in world.oms.books.cancel_requests() if each.tiktok_order_id == order}
    own = {each.id for each in world.oms.books.seller_cancellations(order)}
    return [each for each in world.oms.books.unsettled() if each in requests | own]


def check_sides_agree(world: World, shop: Connected, order: OrderId) -> None:
    """The same lines are cancelled on all sides that have the order, and nobody has to be told anything more."""
    canceled = canceled_at_tiktok(world, order)
    record = world.record(shop, order)
    skus = {line.id: line.sku for line in record.order.lines}
    assert {line.id for line in record.order.lines if line.state is LineState.CANCELED} == canceled
    if world.created(order):
        assert canceled_in_channeladvisor(world, order) == Counter(skus[line] for line in skus if line in canceled)
    if order in [taken.tiktok_order_id for taken in world.oms.books.orders()]:
        assert canceled_at_oms(world, order) == canceled
    assert unsettled_at_oms(world, order) == []
    assert world.channeladvisor.books.accidental_refunds() == []
    check_nothing_twice(world)
    check_nothing_left(world, shop, order)


def ended_at_tiktok(world: World, cancel: CancelId) -> RequestEnd:
    """When and how TikTok Shop ended a request; it does so once."""
    (end,) = (each for each in world.tiktok.books.request_ends if each.cancel_id == cancel)
    return end


def check_answered_in_time(world: World, cancel: CancelId) -> None:
    """The request was ended once, by an answer or a parcel of ours, before TikTok Shop's own deadline."""
    end = ended_at_tiktok(world, cancel)
    assert end.outcome is not OutcomeAtTikTok.APPROVED_AUTOMATICALLY
    assert end.respond_by is not None
    left = end.respond_by - end.at
    assert left > timedelta(0)
    _times_left.append(left)
    least = min(_times_left)
    show(f"answered {left} before TikTok's deadline; the least so far is {least} (of {len(_times_left)})")


def check_answered(world: World, shop: Connected, order: OrderId, cancel: CancelId, outcome: OutcomeAtTikTok) -> None:
    """Answered in time with this outcome, and all sides agree."""
    assert outcome_at_tiktok(world, cancel) is outcome
    check_answered_in_time(world, cancel)
    check_sides_agree(world, shop, order)


def told_after(world: World, order: OrderId, cancel: CancelId) -> Mapping[str, timedelta]:
    """How long after TikTok Shop took the answer each side was told, on the trading clock."""
    answered = ended_at_tiktok(world, cancel).at
    request = world.oms.books.cancel_request(cancel)
    assert request.outcome_told_at is not None
    told = {"OMS, outcome": request.outcome_told_at - answered}
    for cancellation in world.oms.books.order(order).cancellations:
        told["OMS, cancelled"] = cancellation.at - answered
    for adjustment in world.channeladvisor.books.adjustments(in_channeladvisor(world, order)):
        told["ChannelAdvisor, cancelled"] = adjustment["CreatedDateUtc"] - answered
    return told


def facts_of(world: World, shop: Connected, order: OrderId, event: str) -> list[TimelineEntry]:
    """The facts of one kind on an order's timeline."""
    return [fact for fact in world.ledger.timeline(shop.id, order) if fact.event == event]


def buyer_notices(world: World, shop: Connected, order: OrderId) -> list[str]:
    """What TikTok Shop will have told the buyer, in order."""
    timeline = world.ledger.timeline(shop.id, order)
    return [fact.detail["buyer_notice"] for fact in timeline if "buyer_notice" in fact.detail]


def until(world: World, moment: datetime) -> None:
    """Turn the clock to a moment; timers fire on the way."""
    world.advance(moment - world.time)


def show(text: str) -> None:
    """Seen with `pytest -s`."""
    print(f"\n{text}")  # noqa: T201
