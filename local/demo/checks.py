"""The promises, checked in the partners' own books and in what AWS keeps. Our ledger is not asked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from local.demo.parcels import Label, labels_at_tiktok, labels_in_channeladvisor, labels_shipped
from local.demo.partners import Partners
from local.demo.stories import Placed


@dataclass(frozen=True, slots=True)
class Check:
    """One promise and what broke it; nothing when it was kept."""

    promise: str
    broken: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return not self.broken


def check_books(partners: Partners, orders: Sequence[Placed], hold: timedelta) -> list[Check]:
    """Every promise that the partners' books can confirm."""
    return [
        Check("Each order stands in ChannelAdvisor exactly once", tuple(_created(partners, orders))),
        Check("Each order was given to the OMS exactly once", tuple(_given(partners, orders))),
        Check("Nothing left before the buyer's cool-down was over", tuple(_early(partners, orders, hold))),
        Check("Cancelled and third-party orders were left alone", tuple(_strays(partners, orders))),
        Check("Each parcel is at TikTok Shop once, as it was shipped", tuple(_parcels(partners, orders))),
        Check("Each parcel is in ChannelAdvisor once", tuple(_fulfillments(partners, orders))),
        Check("The money in ChannelAdvisor adds up to TikTok's total", tuple(_money(partners, orders))),
        Check("Each side knows the other sides' numbers", tuple(_numbers(partners, orders))),
        Check("Orders of other sites were not touched", tuple(_decoys(partners))),
        Check("ChannelAdvisor's limits were kept", tuple(_limits(partners))),
    ]


def check_no_buyer_data(buyer_data: Iterable[str], stored: Iterable[tuple[str, str]]) -> Check:
    """No name, street, phone or e-mail of a buyer in what AWS keeps: (where, text) pairs."""
    secrets = tuple(buyer_data)
    found = {where for where, text in stored if any(secret in text for secret in secrets)}
    return Check("No buyer's name or address is at rest in AWS", tuple(sorted(found)))


def check_schedule_fired(dispatch_log: Iterable[str], dispatched: Sequence[str]) -> Check:
    """At least one EventBridge schedule started a job by itself: dispatch ran more often than it was told to here.

    Counted by the lines that AWS itself writes, since the embedded AWS loses lines of functions now and then.
    """
    runs = sum(line.startswith("START ") for line in dispatch_log)
    broken = () if runs > len(dispatched) else (f"dispatch ran {runs} times, and was invoked {len(dispatched)} times",)
    return Check("An EventBridge schedule fired by itself", broken)


def _travelling(orders: Sequence[Placed]) -> Iterator[Placed]:
    return (order for order in orders if order.travels)


def _created(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in _travelling(orders):
        there = len(partners.channeladvisor.books.orders_of_tiktok(order.id))
        if there != 1:
            yield f"{order.id} stands there {there} times"


def _given(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    taken = Counter(order.tiktok_order_id for order in partners.oms.books.orders())
    for order in _travelling(orders):
        if taken[order.id] != 1:
            yield f"{order.id} was taken {taken[order.id]} times"


def _early(partners: Partners, orders: Sequence[Placed], hold: timedelta) -> Iterator[str]:
    taken = {order.tiktok_order_id: order.taken_at for order in partners.oms.books.orders()}
    for order in orders:
        released = partners.tiktok.hold_began_at(order.id) + hold
        for where, moments in (
            ("ChannelAdvisor", [o["ImportDateUtc"] for o in partners.channeladvisor.books.orders_of_tiktok(order.id)]),
            ("the OMS", [taken[order.id]] if order.id in taken else []),
        ):
            yield from (f"{order.id} was in {where} {_seconds(released - at)} early" for at in moments if at < released)


def _strays(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    taken = {order.tiktok_order_id for order in partners.oms.books.orders()}
    for order in orders:
        if not order.travels and (order.id in taken or partners.channeladvisor.books.orders_of_tiktok(order.id)):
            yield f"{order.id} ({order.note})"


def _parcels(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in _travelling(orders):
        left, at_tiktok = labels_shipped(partners, order.id), labels_at_tiktok(partners, order.id)
        if at_tiktok != left or bool(left) != order.ships:
            yield f"{order.id}: shipped {_words(left)}, at TikTok Shop {_words(at_tiktok)}"
    for attempt in partners.tiktok.books.double_ship_attempts:
        yield f"{attempt.order_id} was shipped again"


def _fulfillments(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in _travelling(orders):
        left, there = labels_shipped(partners, order.id), labels_in_channeladvisor(partners, order.id)
        if there != left:
            yield f"{order.id}: shipped {_words(left)}, in ChannelAdvisor {_words(there)}"


def _words(labels: Sequence[Label]) -> str:
    return ", ".join(f"{number} with {carrier}" for number, carrier in labels) or "nothing"


def _money(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    unreconciled = set(partners.channeladvisor.books.unreconciled())
    for order in _travelling(orders):
        total = partners.tiktok.total_of(order.id)
        for there in partners.channeladvisor.books.orders_of_tiktok(order.id):
            if there["TotalPrice"] != total or there["ID"] in unreconciled:
                yield f"{order.id}: {there['TotalPrice']} in ChannelAdvisor, {total} at TikTok Shop"


def _numbers(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    exported = partners.channeladvisor.books.exported(partners.channeladvisor.application_id)
    at_oms = {order.tiktok_order_id: order for order in partners.oms.books.orders()}
    for order in orders:
        if not order.ships:
            continue
        there, taken = partners.channeladvisor.books.orders_of_tiktok(order.id), at_oms.get(order.id)
        if not there or taken is None:
            continue
        channeladvisor_id = str(there[0]["ID"])
        references = partners.tiktok.books.references_of(order.id)
        expected = {"CHANNEL_ADVISOR": channeladvisor_id, "ORDER_MANAGEMENT_SYSTEM": taken.number}
        if references != expected:
            yield f"{order.id}: TikTok Shop knows {references}"
        if there[0]["SellerOrderID"] != taken.number or there[0]["ID"] not in exported:
            yield f"{order.id}: ChannelAdvisor does not know the OMS's number {taken.number}"
        if taken.channeladvisor_order_id != channeladvisor_id:
            yield f"{order.id}: the OMS does not know ChannelAdvisor's number {channeladvisor_id}"


def _decoys(partners: Partners) -> Iterator[str]:
    for order in partners.channeladvisor.books.orders():
        if order["SiteID"] == 640 and (order["SellerOrderID"] or order["ShippingStatus"] != "Unshipped"):
            yield f"order {order['ID']} of {order['SiteName']}"


def _limits(partners: Partners) -> Iterator[str]:
    books = partners.channeladvisor.books
    if books.highest_concurrency > 5 or books.refused_for_concurrency:
        yield f"{books.highest_concurrency} calls at a time"
    if books.refused_for_rate:
        yield f"{books.highest_per_minute} calls a minute"


def _seconds(time: timedelta) -> str:
    return f"{time.total_seconds():.1f} s"
