"""A shop's table of listings: its SKUs' times on some shelves, each shelf one item.

A shelf holds many SKUs, so that one transaction writes a table of any size that is allowed, whole or not at all.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from zlib import crc32

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.listings.times import ListedTimes, Listings
from order_sync.ledger import keys
from order_sync.ledger.ledger import MOST_WRITES, DamagedItemError, reading
from order_sync.ledger.table import Item, Put, Table, Write

SHELVES: Final = MOST_WRITES - 1
"""With the shop's settings, which say that there is a table, they fill one transaction."""
MOST_SKUS: Final = 20_000
"""Some two thousand write units at once, when every SKU is long: what a table takes that nobody else is writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredListings:
    """A table as it was read."""

    times: Listings
    damaged: Mapping[int, DamagedItemError]
    """By shelf: what it holds is not known."""


class ListingTables:
    """Where shops' tables are kept. Whether a shop has one, its settings say."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, shop: ShopId, skus: Iterable[str]) -> StoredListings:
        """The times of some SKUs, as far as they are listed: one batch, a shelf at most once."""
        wanted = {sku.strip() for sku in skus}
        stored = self._read(shop, {_shelf_of(sku) for sku in wanted})
        times = {sku: times for sku, times in stored.times.items() if sku in wanted}
        return StoredListings(times=times, damaged=stored.damaged)

    def whole(self, shop: ShopId) -> StoredListings:
        """All of a table."""
        return self._read(shop, range(SHELVES))

    def _read(self, shop: ShopId, shelves: Iterable[int]) -> StoredListings:
        times: dict[str, ListedTimes] = {}
        damaged: dict[int, DamagedItemError] = {}
        for item in self._table.get_many(keys.listings_key(shop, shelf) for shelf in shelves):
            try:
                times |= reading(_times, item)
            except DamagedItemError as error:
                damaged[keys.shelf_of_listings(str(item["pk"]))] = error
        return StoredListings(times=times, damaged=damaged)


def listing_writes(shop: ShopId, before: StoredListings, after: Listings) -> list[Write]:
    """The shelves that change, and those that are damaged. Raises RejectedError for more SKUs than a table takes."""
    if len(after) > MOST_SKUS:
        raise RejectedError(f"the table would have {len(after)} SKUs, and takes {MOST_SKUS}")
    old, new = _on_shelves(before.times), _on_shelves(after)
    changed = [shelf for shelf in range(SHELVES) if shelf in before.damaged or old[shelf] != new[shelf]]
    return [Put(item=_item(shop, shelf, new[shelf])) for shelf in changed]


def digest_of(listings: Listings) -> str:
    """A short digest of a table, to tell whether another one holds by now."""
    return blake2b(_text(listings).encode(), digest_size=6).hexdigest()


def _shelf_of(sku: str) -> int:
    return crc32(sku.encode()) % SHELVES


def _on_shelves(listings: Listings) -> list[dict[str, ListedTimes]]:
    shelves: list[dict[str, ListedTimes]] = [{} for _ in range(SHELVES)]
    for sku, times in listings.items():
        shelves[_shelf_of(sku)][sku] = times
    return shelves


def _item(shop: ShopId, shelf: int, listings: Listings) -> Item:
    pk, sk = keys.listings_key(shop, shelf)
    return {"pk": pk, "sk": sk, "times": _text(listings)}


def _text(listings: Listings) -> str:
    days = {sku: [times.handling_days, times.shipping_days] for sku, times in sorted(listings.items())}
    return json.dumps(days, separators=(",", ":"), ensure_ascii=False)


def _times(item: Item) -> dict[str, ListedTimes]:
    """The way back. Raises ValueError or TypeError for what is no shelf."""
    days = json.loads(str(item["times"]))
    if not isinstance(days, dict):
        raise TypeError("no times by SKU")
    return {
        str(sku): ListedTimes(handling_days=_days(handling), shipping_days=_days(shipping))
        for sku, (handling, shipping) in days.items()
    }


def _days(value: object) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError("no number of days")
    return value
