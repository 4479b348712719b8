"""Returns of many orders at once: which is known, which is to be looked at, how many stand where."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final

from order_sync.domain.ids import OrderId, ReturnId, ShopId
from order_sync.domain.returning.returns import Return
from order_sync.domain.returning.stages import LOOKED_AT, ReturnStage
from order_sync.ledger import keys
from order_sync.ledger.attributes import FAR, milliseconds
from order_sync.ledger.ledger import DamagedItemError, reading
from order_sync.ledger.return_items import read_return
from order_sync.ledger.table import Table

_MOST_READ: Final = 1_000


class ReturnBook:
    """What is asked of many returns. Its lists lag a little: read the order before deciding."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def known(self, shop: ShopId, wanted: Iterable[tuple[OrderId, ReturnId]]) -> dict[ReturnId, Return]:
        """Those of the returns that are known; a damaged one is left out."""
        found = self._table.get_many(keys.return_key(shop, order, return_id) for order, return_id in wanted)
        known = {}
        for item in found:
            with suppress(DamagedItemError):
                each = reading(read_return, item)
                known[each.id] = each
        return known

    def order_of(self, shop: ShopId, return_id: ReturnId) -> OrderId | None:
        """The order that a return is about; None when the return is not known."""
        item = self._table.get(keys.return_request_key(shop, return_id))
        return reading(lambda known: OrderId(str(known["order"])), item) if item else None

    def due(self, shop: ShopId, until: datetime, limit: int) -> list[OrderId]:
        """Orders one of whose returns, or of the seller's refunds, is to be looked at by then."""
        found = [
            key
            for stage in LOOKED_AT
            for key in self._table.due(keys.return_list(stage, shop), milliseconds(until), limit)
        ]
        return list(dict.fromkeys(keys.order_of(key) for key in found))

    def count(self, shop: ShopId, stage: ReturnStage) -> int:
        """How many stand in a stage."""
        return self._table.count_due(keys.return_list(stage, shop), milliseconds(FAR))

    def asked(self, shop: ShopId) -> list[Return]:
        """The returns that wait for an answer of the seller's, a thousand at most."""
        found = self._table.due(keys.return_list(ReturnStage.ASKED, shop), milliseconds(FAR), _MOST_READ)
        known = []
        for item in self._table.get_many(found):
            with suppress(DamagedItemError):
                known.append(reading(read_return, item))
        return known
