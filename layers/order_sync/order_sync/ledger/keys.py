"""Every key of the table, in one place (DESIGN 7).

An order's own items sort before its timeline, so that one query reads the order without its history.
"""

from datetime import date
from typing import Final
from zlib import crc32

from order_sync.domain.authorizations import Grantor
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.domain.ids import CancelId, OrderId, ParcelId, ReturnId, ShopId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.returning.stages import ReturnStage
from order_sync.ledger.table import Key

HOLD_SHARDS: Final = 4
"""Ten thousand orders can share one slot; one partition of an index takes 1,000 writes a second."""

ORDER: Final = "ORDER"
OUTBOX: Final = "OUTBOX#"
PARCEL: Final = "PARCEL#"
CANCELLATION: Final = "CANCEL#"
SELLER_CANCELLATION: Final = "SELLER_CANCEL#"
RETURN: Final = "RETURN#"
SELLER_REFUND: Final = "SELLER_REFUND#"
TIMELINE: Final = "TIMELINE#"
TRACKING: Final = "TRACKING#"
AUTHORIZATION: Final = "AUTHORIZATION#"
AFTER_AUTHORIZATIONS: Final = "AUTHORIZATION$"
CONSENT: Final = "CONSENT"
NOTIFICATION: Final = "NOTIFICATION"
CURSOR: Final = "CURSOR#"
AFTER_CURSORS: Final = "CURSOR$"
NOTICE: Final = "NOTICE#"
AFTER_NOTICES: Final = "NOTICE$"
POLLED: Final = "POLLED#"
AFTER_POLLED: Final = "POLLED$"
PROVIDERS: Final = "PROVIDERS#"
UNMAPPED: Final = "UNMAPPED#"
AFTER_UNMAPPED: Final = "UNMAPPED$"
UNREAD: Final = "UNREAD#"
"""Nothing of a shop sorts after these."""
SHOPS: Final = "SHOPS"
LISTINGS: Final = "LISTINGS"
DEADLINES: Final = "DEADLINES"
COUNTERS: Final = "DISPATCH#"
SHARDS: Final = range(8)
"""Of orders by their number: ten thousand can share one deadline, and one day's counters."""


def order_partition(shop: ShopId, order: OrderId) -> str:
    """Where all items of one order live."""
    return f"ORDER#{shop}#{order}"


def order_key(shop: ShopId, order: OrderId) -> Key:
    """An order's head."""
    return Key(order_partition(shop, order), ORDER)


def tracking_partition(shop: ShopId, tracking_number: str) -> str:
    """Where the orders stand whose parcels carry a tracking number."""
    return f"{TRACKING}{shop}#{tracking_number}"


def deadlines_key(shop: ShopId, order: OrderId) -> Key:
    """An order's deadlines."""
    return Key(order_partition(shop, order), DEADLINES)


def shard_of(order: OrderId) -> int:
    """The shard of an order."""
    return crc32(order.encode()) % len(SHARDS)


def deadline_list(stage: Stage, shop: ShopId, order: OrderId) -> str:
    """The list of a shop's orders in which one stands that is so far on its way to dispatch."""
    return deadline_list_of(stage, shop, shard_of(order))


def deadline_list_of(stage: Stage, shop: ShopId, shard: int) -> str:
    """The list of a shop's orders in one stage, of one shard."""
    return f"{stage}#{shop}#{shard}"


def counters_of(day: date) -> str:
    """Where the counters of a day begin."""
    return f"{COUNTERS}{day.isoformat()}"


def counters_key(shop: ShopId, day: date, shard: int) -> Key:
    """The counters of orders that were to be dispatched on a day, of one shard."""
    return Key(shop_partition(shop), f"{counters_of(day)}#{shard}")


def day_of_counters(key: str) -> date:
    """The day of a counter's sort key."""
    return date.fromisoformat(key.removeprefix(COUNTERS).split("#")[0])


def order_of(key: Key) -> OrderId:
    """Whose item a key is."""
    return OrderId(key.pk.rsplit("#", 1)[1])


def entry_name(key: Key) -> str:
    """Which outbox entry a key is."""
    return key.sk.removeprefix(OUTBOX)


def shop_partition(shop: ShopId) -> str:
    """Where a shop's cursors, notices and marks of polls live."""
    return f"SHOP#{shop}"


def cursor_key(shop: ShopId, feed: str) -> Key:
    """How far a poll has read."""
    return Key(shop_partition(shop), f"{CURSOR}{feed}")


def lease_key(shop: ShopId, name: str) -> Key:
    """Who alone may do something for a shop."""
    return Key(shop_partition(shop), f"LEASE#{name}")


def notice_key(shop: ShopId, name: str) -> Key:
    """Something about a shop that a person must know."""
    return Key(shop_partition(shop), f"{NOTICE}{name}")


def authorization_key(shop: ShopId, grantor: Grantor) -> Key:
    """How it stands with one of a shop's authorisations."""
    return Key(shop_partition(shop), f"{AUTHORIZATION}{grantor}")


def consent_key(state_hash: str) -> Key:
    """A consent that a seller was asked for; of no shop yet."""
    return Key(f"{CONSENT}#{state_hash}", CONSENT)


def notification_key(notification: str) -> Key:
    """A notification of TikTok Shop that was acted on."""
    return Key(f"{NOTIFICATION}#{notification}", NOTIFICATION)


def polled_key(shop: ShopId, job: str) -> Key:
    """When a poll last read all that it reads."""
    return Key(shop_partition(shop), f"{POLLED}{job}")


def providers_key(shop: ShopId, delivery_option: str) -> Key:
    """The shipping providers of a delivery option."""
    return Key(shop_partition(shop), f"{PROVIDERS}{delivery_option}")


def unmapped_of(target: Target) -> tuple[str, str]:
    """Between which sort keys the parcels stand that one side waits for, for want of a mapping."""
    return f"{UNMAPPED}{target}#", f"{UNMAPPED}{target}$"


def unmapped_key(shop: ShopId, target: Target, order: OrderId, parcel: ParcelId) -> Key:
    """A parcel that one side was not told of, for want of a mapping of its carrier."""
    return Key(shop_partition(shop), f"{unmapped_of(target)[0]}{order}#{parcel}")


def unread_key(shop: ShopId, order: OrderId) -> Key:
    """An order that could not be read, to be read again."""
    return Key(shop_partition(shop), f"{UNREAD}{order}")


def settings_key(shop: ShopId) -> Key:
    """A shop's settings; all shops share a partition, so that one query lists them."""
    return Key(SHOPS, shop)


def reconciliation_key(shop: ShopId) -> Key:
    """What the last comparison with the partners found."""
    return Key(shop_partition(shop), "RECONCILED")


def listings_key(shop: ShopId, shelf: int) -> Key:
    """A part of a shop's table of listings, in a partition of its own: a whole table is written at once."""
    return Key(f"{LISTINGS}#{shop}#{shelf}", LISTINGS)


def shelf_of_listings(partition: str) -> int:
    """Which part of a table of listings a partition is."""
    return int(partition.rsplit("#", 1)[1])


def cancellation_key(shop: ShopId, order: OrderId, cancellation: CancelId) -> Key:
    """A cancellation of an order at TikTok Shop."""
    return Key(order_partition(shop, order), f"{CANCELLATION}{cancellation}")


def request_key(shop: ShopId, cancel_request: CancelId) -> Key:
    """Which order a cancel request is about: its sender names only the request."""
    return Key(f"REQUEST#{shop}#{cancel_request}", ORDER)


def cancellation_list(shop: ShopId) -> str:
    """The due list of a shop's cancellations, TikTok's and the seller's."""
    return f"CANCEL#{shop}"


def return_key(shop: ShopId, order: OrderId, return_id: ReturnId) -> Key:
    """A return of an order at TikTok Shop."""
    return Key(order_partition(shop, order), f"{RETURN}{return_id}")


def return_request_key(shop: ShopId, return_id: ReturnId) -> Key:
    """Which order a return is about: its sender names only the return."""
    return Key(f"{RETURN}{shop}#{return_id}", ORDER)


def return_list(stage: ReturnStage, shop: ShopId) -> str:
    """The list of a shop's returns, and of refunds that the seller started, in one stage.

    Lists without shards: returns come one by one, never thousands in a moment as orders at the end of a hold do.
    """
    return f"{RETURN}{stage}#{shop}"


def hold_lists(shop: ShopId) -> tuple[str, ...]:
    """The due lists of a shop's held orders."""
    return (*(f"HOLD#{shop}#{shard}" for shard in range(HOLD_SHARDS)), long_hold_list(shop))


def hold_list(shop: ShopId, order: OrderId, *, held_long: bool) -> str:
    """The due list of one held order."""
    return long_hold_list(shop) if held_long else f"HOLD#{shop}#{crc32(order.encode()) % HOLD_SHARDS}"


def long_hold_list(shop: ShopId) -> str:
    """The due list of a shop's orders that are held longer than expected, so that they can be counted."""
    return f"LONG_HOLD#{shop}"


def unscanned_list(shop: ShopId) -> str:
    """The list of a shop's parcels that TikTok Shop has and no carrier has scanned, by when TikTok Shop got them.

    One list without shards, and so is the next: parcels come into them one by one, as fast as TikTok Shop takes them
    or its orders are read, and never thousands in a moment as orders at the end of a hold do.
    """
    return f"PARCELS_UNSCANNED#{shop}"


def scanned_list(shop: ShopId) -> str:
    """The list of a shop's parcels that a carrier has scanned, by when TikTok Shop got them."""
    return f"PARCELS_SCANNED#{shop}"


def outbox_list(target: Target, action: Action, shop: ShopId) -> str:
    """The due list of one kind of news for one partner about one shop's orders.

    Each kind has its own, so that ten thousand references never hide a parcel.
    """
    return f"OUTBOX#{target}#{action}#{shop}"


def failed_list(shop: ShopId) -> str:
    """The list of a shop's outbox entries that wait for a person, by when they failed.

    One list without shards: entries come into it one by one, as fast as a partner answers.
    """
    return f"FAILED#{shop}"
