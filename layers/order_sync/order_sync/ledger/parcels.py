"""Parcels by their scans, from the due index."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from order_sync.domain.deadlines.rates import Rate
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.parcels import Parcel
from order_sync.domain.shipping.valid_tracking import Period
from order_sync.ledger import keys
from order_sync.ledger.attributes import milliseconds
from order_sync.ledger.items import read_parcel
from order_sync.ledger.ledger import DamagedItemError, reading
from order_sync.ledger.table import Key, Table

_LAST_MOMENT: Final = timedelta(milliseconds=1)
"""The index holds milliseconds, and both ends of what is asked of it."""


class UnscannedParcel(NamedTuple):
    """A parcel that no carrier has scanned, and its order."""

    order: OrderId
    parcel: Parcel
    at_tiktok_since: datetime


class ParcelBook:
    """What is asked of many parcels at once, by when TikTok Shop got them. Its lists lag a little."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count_unscanned(self, shop: ShopId, period: Period) -> int:
        """How many parcels of that time wait for a scan."""
        return self._count(keys.unscanned_list(shop), period)

    def count_scanned(self, shop: ShopId, period: Period) -> int:
        """How many parcels of that time a carrier has scanned."""
        return self._count(keys.scanned_list(shop), period)

    def valid_tracking(self, shop: ShopId, period: Period) -> Rate:
        """Of the parcels of that time those with a scan."""
        scanned = self.count_scanned(shop, period)
        return Rate(part=scanned, orders=scanned + self.count_unscanned(shop, period))

    def unscanned(
        self, shop: ShopId, period: Period, limit: int, damaged: Callable[[DamagedItemError], None]
    ) -> list[UnscannedParcel]:
        """Those of that time that wait for a scan, the longest waiting first; a damaged one is told of and left out."""
        since, until = _ends(period)
        found = self._table.due(keys.unscanned_list(shop), until, limit, since=since)
        return list(self._read(found, damaged))

    def _read(self, wanted: Iterable[Key], damaged: Callable[[DamagedItemError], None]) -> Iterator[UnscannedParcel]:
        in_order = list(wanted)
        found = {Key(str(item["pk"]), str(item["sk"])): item for item in self._table.get_many(in_order)}
        for key in in_order:
            if key not in found:
                continue
            try:
                parcel = reading(read_parcel, found[key])
            except DamagedItemError as error:
                damaged(error)
            else:
                if parcel.at_tiktok_since and not (parcel.scanned_at or parcel.recalled):
                    yield UnscannedParcel(keys.order_of(key), parcel, parcel.at_tiktok_since)

    def _count(self, due_list: str, period: Period) -> int:
        since, until = _ends(period)
        return self._table.count_due(due_list, until, since=since)


def _ends(period: Period) -> tuple[int, int]:
    return milliseconds(period.since), milliseconds(period.before - _LAST_MOMENT)
