"""Parcels that wait for a mapping of their carrier, in the ledger: few, and soon gone (G4)."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.ids import OrderId, ParcelId, ShopId
from order_sync.domain.outbox import Target
from order_sync.domain.shipping.unmapped import UnmappedParcel
from order_sync.ledger import keys
from order_sync.ledger.attributes import sparse, text
from order_sync.ledger.ledger import DamagedItemError, reading
from order_sync.ledger.table import Item, Put, Table, VersionConflictError

KEPT: Final = timedelta(days=180)
"""Whatever waits longer is far beyond its deadline."""


class UnmappedParcels:
    """What each side of a shop waits for, for want of a mapping."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def keep(self, shop: ShopId, parcel: UnmappedParcel, now: datetime) -> None:
        """Remember a parcel that one side was not told of, in the place of an earlier attempt."""
        pk, sk = keys.unmapped_key(shop, parcel.target, parcel.order, parcel.parcel)
        tried_carrier, tried_class = parcel.tried or ("", "")
        item = sparse(
            {
                "pk": pk,
                "sk": sk,
                "version": parcel.attempt,
                "entry": parcel.entry,
                "carrier": parcel.carrier,
                "shipping_class": parcel.shipping_class,
                "tried_carrier": tried_carrier,
                "tried_class": tried_class,
                # DynamoDB's TTL counts in seconds.
                "expires_at": int((now + KEPT).timestamp()),
            }
        )
        self._table.put(Put(item=item))

    def of_target(self, shop: ShopId, target: Target) -> list[UnmappedParcel]:
        """What one side waits for; one query, which finds nothing as long as every carrier is known."""
        since, before = keys.unmapped_of(target)
        return self._between(shop, since, before)

    def all(self, shop: ShopId) -> list[UnmappedParcel]:
        """What all sides wait for."""
        return self._between(shop, keys.UNMAPPED, keys.AFTER_UNMAPPED)

    def forget(self, shop: ShopId, parcel: UnmappedParcel) -> None:
        """It waits no more; unless a later attempt failed again meanwhile and was kept."""
        key = keys.unmapped_key(shop, parcel.target, parcel.order, parcel.parcel)
        with suppress(VersionConflictError):
            self._table.delete(key, expects=parcel.attempt)

    def _between(self, shop: ShopId, since: str, before: str) -> list[UnmappedParcel]:
        """One that somebody has damaged is left out: its entry has failed, and a person sees to it."""
        found = []
        for item in self._table.query(keys.shop_partition(shop), since=since, before=before):
            with suppress(DamagedItemError):
                found.append(reading(_read, item))
        return found


def _read(item: Item) -> UnmappedParcel:
    target, order, parcel = str(item["sk"]).removeprefix(keys.UNMAPPED).split("#", 2)
    tried = (text(item, "tried_carrier"), text(item, "tried_class"))
    return UnmappedParcel(
        target=Target(target),
        order=OrderId(order),
        parcel=ParcelId(parcel),
        carrier=text(item, "carrier"),
        shipping_class=text(item, "shipping_class"),
        entry=text(item, "entry"),
        tried=tried if any(tried) else None,
        attempt=int(item["version"]),
    )
