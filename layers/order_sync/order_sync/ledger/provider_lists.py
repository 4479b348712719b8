"""The shipping providers of a shop's delivery options, as TikTok Shop listed them last."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from order_sync.domain.ids import ShopId
from order_sync.ledger import keys
from order_sync.ledger.attributes import milliseconds, sure
from order_sync.ledger.ledger import reading
from order_sync.ledger.table import Item, Put, Table

_COMPACT: Final = (",", ":")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderList:
    """The list of one delivery option at one moment."""

    read_at: datetime
    names: tuple[tuple[str, str], ...]
    """Id and name of each provider."""
    missing: tuple[str, ...]
    """The region's accepted carrier codes that no provider stood for."""


class ProviderLists:
    """One list for each delivery option. The newest reading replaces it whole, so that a race loses nothing."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, shop: ShopId, delivery_option: str) -> ProviderList | None:
        """The list of a delivery option; None before it was first read. Raises DamagedItemError."""
        item = self._table.get(keys.providers_key(shop, delivery_option))
        return reading(_read, item) if item else None

    def save(self, shop: ShopId, delivery_option: str, found: ProviderList) -> None:
        """Keep what was read."""
        pk, sk = keys.providers_key(shop, delivery_option)
        item: Item = {
            "pk": pk,
            "sk": sk,
            "read_at": milliseconds(found.read_at),
            "names": json.dumps(found.names, separators=_COMPACT),
            "missing": json.dumps(found.missing, separators=_COMPACT),
        }
        self._table.put(Put(item=item))


def _read(item: Item) -> ProviderList:
    return ProviderList(
        read_at=sure(item["read_at"]),
        names=tuple((_text(id_), _text(name)) for id_, name in json.loads(str(item["names"]))),
        missing=tuple(_text(code) for code in json.loads(str(item["missing"]))),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
