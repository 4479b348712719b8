"""What must hold for one order at the end of a random day."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from local.simulators.channeladvisor.creating import reconciled_total
from order_sync.domain.orders import Handling, LineState
from order_sync.domain.outbox import EntryState
from order_sync.domain.statuses import TIKTOK_TO_STATE, OrderState, TikTokStatus
from tests.simulation.cancel_checks import canceled_everywhere, may_have_failed
from tests.simulation.parcel_checks import parcels_arrived
from tests.simulation.request_checks import requests_agree
from tests.simulation.return_checks import may_have_failed as return_may_have_failed
from tests.simulation.return_checks import returns_agree
from tests.simulation.told import Told

APPLICATION: Final = "application"
FRESH: Final = timedelta(minutes=10)
"""No run lives longer, so that what it pushes was read at most so long before."""
ONCE: Final = frozenset(
    {"SEEN", "HELD", "HELD_LONGER_THAN_EXPECTED", "RELEASED", "CANCELED", "COLLECTED", "DELIVERED", "COMPLETED"}
)


def check_order(told: Told) -> Iterator[str]:
    """Everything that is not as it should be."""
    checks: tuple[Callable[[Told], Iterator[str]], ...] = (
        _ledger_is_true,
        _stands_where_it_should,
        _left_in_time,
        canceled_everywhere,
        requests_agree,
        parcels_arrived,
        returns_agree,
        _numbers_known,
        _addresses_agree,
        _money_agrees,
        _nothing_is_stuck,
        _timeline_tells_it,
    )
    for check in checks:
        yield from check(told)


def _ledger_is_true(told: Told) -> Iterator[str]:
    order, there = told.record.order, told.there
    if order.tiktok_status != there.status:
        yield f"is {there.status} at TikTok, {order.tiktok_status} in the ledger"
    if order.cancel_requested != there.cancel_request_open:
        yield f"has a cancel request, says TikTok: {there.cancel_request_open}, the ledger: {order.cancel_requested}"
    packed = {line.id for line in there.lines if line.package is not None}
    for line in order.lines:
        if line.id in told.canceled_lines:
            right = {LineState.CANCELED}
        elif line.id in packed:
            right = {LineState.SHIPPED}
        elif told.contested or told.order.misspelt:
            right = {LineState.OPEN, LineState.IN_PARCEL, LineState.SHIPPED}
        else:
            right = {LineState.OPEN}
        if line.state not in right:
            yield f"line {line.id} is {line.state} in the ledger"
    expected = {TIKTOK_TO_STATE[TikTokStatus(there.status)]}
    if OrderState.RELEASED_FOR_SHIPMENT in expected:
        expected = _states_of_an_open_order(told)
    if order.state not in expected and not (order.handling is Handling.THIRD_PARTY and not packed):
        yield f"is {there.status} at TikTok, and {order.state} with us"


def _states_of_an_open_order(told: Told) -> set[OrderState]:
    if told.may_leave_at is not None and told.may_leave_at > told.day.world.time:
        return {OrderState.PENDING}
    if told.taken is not None or (told.order.seller_number and not told.settings.has_oms):
        return {OrderState.ACKNOWLEDGED_BY_SELLER}
    return {OrderState.RELEASED_FOR_SHIPMENT, OrderState.ACKNOWLEDGED_BY_SELLER}


def _stands_where_it_should(told: Told) -> Iterator[str]:
    now, leaves = told.day.world.time, told.may_leave_at
    due = leaves is not None and leaves < now - timedelta(hours=2)
    canceled_early = told.canceled and leaves is not None and (told.there.cancelled_at or now) < leaves
    must = due and not told.canceled and not told.by_hand_first
    must_not = leaves is None or leaves > now or canceled_early
    places = {"ChannelAdvisor": len(told.created)}
    if told.settings.has_oms:
        places["the OMS"] = int(told.taken is not None)
    elif told.taken is not None:
        yield "stands in an OMS that is not its shop's"
    for where, times in places.items():
        if times > 1:
            yield f"stands {times} times in {where}"
        if must and times != 1:
            yield f"is not in {where}: {told.record.order.handling} {told.record.order.handling_reason}"
        if must_not and times:
            yield f"is in {where}, where it must not be ({told.order.kind}, may leave at {leaves})"
    if told.taken is not None and told.taken.shop_id != told.order.shop.id:
        yield "was given to the OMS for another shop"
    for created in told.created:
        if created["ProfileID"] != told.settings.channeladvisor.profile_id:
            yield "stands in another shop's profile"


def _left_in_time(told: Told) -> Iterator[str]:
    leaves = told.may_leave_at
    moments = [("ChannelAdvisor", created["ImportDateUtc"]) for created in told.created]
    if told.taken is not None:
        moments.append(("the OMS", told.taken.taken_at))
    for where, at in moments:
        if leaves is not None and at < leaves:
            yield f"reached {where} at {at}, {leaves - at} before its hold was over"
        canceled_at = told.there.cancelled_at
        stops = [("cancelled", canceled_at)] if canceled_at and canceled_at <= at else []
        stops += [("asked to be cancelled", asked) for asked, until in told.asked if asked <= at < until]
        for what, since in stops:
            yield from (f"reached {where} {wrong}" for wrong in _unseen(told, at, what, since))


def _unseen(told: Told, at: datetime, what: str, since: datetime) -> Iterator[str]:
    """Whoever handed the order over had read it just before, and could not yet see that it must not go."""
    reads = [
        request.at
        for request in told.day.world.tiktok.books.requests
        if request.at <= at and request.code == 0 and told.order.id in request.query.get("ids", "").split(",")
    ]
    if not reads or at - max(reads) > FRESH:
        yield f"unread, {at - since} after it was {what}"
    elif max(reads) > since + timedelta(seconds=1):
        yield f"although TikTok had shown it as {what} {at - since} before"


def _numbers_known(told: Told) -> Iterator[str]:
    if told.canceled or not told.created or told.on_its_way:
        return
    number = told.taken.number if told.taken is not None else told.order.seller_number
    if not number:
        return
    created = told.created[0]
    references = told.day.world.tiktok.books.references_of(told.order.id)
    if references != {"CHANNEL_ADVISOR": str(created["ID"]), "ORDER_MANAGEMENT_SYSTEM": number}:
        yield f"has the references {references}, not {created['ID']} and {number}"
    if created["SellerOrderID"] != number:
        yield f"has {created['SellerOrderID']} as the seller's number in ChannelAdvisor, not {number}"
    if told.taken is not None:
        if told.taken.channeladvisor_order_id != str(created["ID"]):
            yield f"has ChannelAdvisor's number {told.taken.channeladvisor_order_id} in the OMS"
        if (APPLICATION, created["ID"]) not in told.day.world.channeladvisor._state.exports:
            yield "was not exported"
    if (created["PaymentStatus"], created["CheckoutStatus"]) != ("Cleared", "Completed"):
        yield f"is {created['PaymentStatus']} and {created['CheckoutStatus']} in ChannelAdvisor"


def _addresses_agree(told: Told) -> Iterator[str]:
    if told.canceled or told.order.moved_late or (told.order.moved_at and (told.order.parcels or told.order.packed)):
        return
    street = told.there.address.line1
    for created in told.created:
        if created["ShippingAddressLine1"] != street:
            yield "has another street in ChannelAdvisor"
    if told.taken is not None and told.taken.recipient["address_lines"][0] != street:
        yield "has another street in the OMS"


def _money_agrees(told: Told) -> Iterator[str]:
    """What was cancelled before an order was handed over is neither in it nor in its price."""
    total, everything = told.day.world.tiktok.total_of(told.order.id), len(told.there.lines)
    stored = told.day.world.channeladvisor._state.orders
    for created in told.created:
        is_whole = sum(item["Quantity"] for item in created["Items"]) == everything
        if (is_whole and created["TotalPrice"] != total) or created["TotalPrice"] != reconciled_total(
            stored[created["ID"]]
        ):
            yield f"costs {created['TotalPrice']} in ChannelAdvisor, {total} at TikTok"
    if told.taken is None or len(told.taken.lines) != everything:
        return
    if Decimal(told.taken.body["totals"]["total"]) != total:
        yield f"costs {told.taken.body['totals']['total']} in the OMS, {total} at TikTok"


def _nothing_is_stuck(told: Told) -> Iterator[str]:
    failed = {entry.name for entry in told.record.outbox if entry.state is EntryState.FAILED}
    for entry in told.open_entries():
        if entry.state is EntryState.FAILED:
            if "unexpected" in entry.reason or not entry.reason:
                yield f"{entry.name} failed by a fault of ours: {entry.reason}"
            elif not may_have_failed(told, entry.action, entry.target, entry.subject) and not return_may_have_failed(
                told, entry
            ):
                yield f"{entry.name} failed: {entry.reason}"
        elif entry.waits_for not in failed and not told.on_its_way:
            yield f"{entry.name} is {entry.state}, due {entry.due_at}, waits for {entry.waits_for!r}: {entry.reason}"
    if not told.contested:
        yield from (
            f"parcel {parcel.id} is refused: {parcel.refused}" for parcel in told.record.parcels if parcel.refused
        )


def _timeline_tells_it(told: Told) -> Iterator[str]:
    events = [fact.event.value for fact in told.timeline]
    if not events or events[0] != "SEEN":
        yield f"has a timeline that begins with {events[:1]}"
    counts = Counter(events)
    yield from (f"has {event} {counts[event]} times on its timeline" for event in ONCE if counts[event] > 1)
    if counts["CREATED_IN_CHANNELADVISOR"] + counts["ADOPTED_IN_CHANNELADVISOR"] != len(told.created):
        yield "was not created in ChannelAdvisor as often as its timeline says"
    per_parcel = Counter(
        (fact.event, fact.detail["parcel"])
        for fact in told.timeline
        if fact.event in ("PARCEL_REPORTED", "PARCEL_AT_TIKTOK")
    )
    yield from (f"has {event} of {parcel} {times} times" for (event, parcel), times in per_parcel.items() if times > 1)
    if "TRANSITION_REFUSED" in counts and not told.contested:
        yield "has a refused transition on its timeline"
    if told.canceled and "CANCELED" not in counts:
        yield "is cancelled, and its timeline does not say so"
    if counts["TAKEN_BY_OMS"] > 1:
        yield "was taken by the OMS twice"
