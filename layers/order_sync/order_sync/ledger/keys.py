"""Every key of the table, in one place (DESIGN 7).

An order's own items sort before its timeline, so that one query reads the order without its history.
"""

from typing import Final
from zlib import crc32

from order_sync.domain.ids import CancelId, OrderId, ShopId
from order_sync.domain.outbox import Action, Target
from order_sync.ledger.table import Key

HOLD_SHARDS: Final = 4
"""Ten thousand orders can share one slot; one partition of an index takes 1,000 writes a second."""

ORDER: Final = "ORDER"
OUTBOX: Final = "OUTBOX#"
PARCEL: Final = "PARCEL#"
CANCELLATION: Final = "CANCEL#"
SELLER_CANCELLATION: Final = "SELLER_CANCEL#"
TIMELINE: Final = "TIMELINE#"
NOTICE: Final = "NOTICE#"
AFTER_NOTICES: Final = "NOTICE$"
UNREAD: Final = "UNREAD#"
SHOPS: Final = "SHOPS"


def order_partition(shop: ShopId, order: OrderId) -> str:
    """Where all items of one order live."""
    return f"ORDER#{shop}#{order}"


def order_key(shop: ShopId, order: OrderId) -> Key:
    """An order's head."""
    return Key(order_partition(shop, order), ORDER)


def order_of(key: Key) -> OrderId:
    """Whose item a key is."""
    return OrderId(key.pk.rsplit("#", 1)[1])


def entry_name(key: Key) -> str:
    """Which outbox entry a key is."""
    return key.sk.removeprefix(OUTBOX)


def shop_partition(shop: ShopId) -> str:
    """Where a shop's cursors and notices live."""
    return f"SHOP#{shop}"


def cursor_key(shop: ShopId, feed: str) -> Key:
    """How far a poll has read."""
    return Key(shop_partition(shop), f"CURSOR#{feed}")


def lease_key(shop: ShopId, name: str) -> Key:
    """Who alone may do something for a shop."""
    return Key(shop_partition(shop), f"LEASE#{name}")


def notice_key(shop: ShopId, name: str) -> Key:
    """Something about a shop that a person must know."""
    return Key(shop_partition(shop), f"{NOTICE}{name}")


def unread_key(shop: ShopId, order: OrderId) -> Key:
    """An order that could not be read, to be read again."""
    return Key(shop_partition(shop), f"{UNREAD}{order}")


def settings_key(shop: ShopId) -> Key:
    """A shop's settings; all shops share a partition, so that one query lists them."""
    return Key(SHOPS, shop)


def cancellation_key(shop: ShopId, order: OrderId, cancellation: CancelId) -> Key:
    """A cancellation of an order at TikTok Shop."""
    return Key(order_partition(shop, order), f"{CANCELLATION}{cancellation}")


def request_key(shop: ShopId, cancel_request: CancelId) -> Key:
    """Which order a cancel request is about: its sender names only the request."""
    return Key(f"REQUEST#{shop}#{cancel_request}", ORDER)


def cancellation_list(shop: ShopId) -> str:
    """The due list of a shop's cancellations, TikTok's and the seller's."""
    return f"CANCEL#{shop}"


def hold_lists(shop: ShopId) -> tuple[str, ...]:
    """The due lists of a shop's held orders."""
    return tuple(f"HOLD#{shop}#{shard}" for shard in range(HOLD_SHARDS))


def hold_list(shop: ShopId, order: OrderId) -> str:
    """The due list of one held order."""
    return hold_lists(shop)[crc32(order.encode()) % HOLD_SHARDS]


def outbox_list(target: Target, action: Action, shop: ShopId) -> str:
    """The due list of one kind of news for one partner about one shop's orders.

    Each kind has its own, so that ten thousand references never hide a parcel.
    """
    return f"OUTBOX#{target}#{action}#{shop}"
