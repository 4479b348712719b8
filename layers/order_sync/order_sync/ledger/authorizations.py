"""How it stands with the shops' authorisations, in the ledger."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from order_sync.domain.authorizations import Authorization, AuthorizationState, Grantor
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import ShopId
from order_sync.ledger import keys
from order_sync.ledger.attributes import milliseconds, moment, sparse, sure
from order_sync.ledger.table import Item, Put, Table, VersionConflictError

_LOST_RACES_ALLOWED: Final = 8


class Authorizations:
    """What the ledger keeps of them; two functions and two routes of the HTTP API may write at once."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, shop: ShopId) -> dict[Grantor, Authorization]:
        """All that is known of a shop's authorisations; one that was never looked at is not in it."""
        found = self._table.query(keys.shop_partition(shop), since=keys.AUTHORIZATION, before=keys.AFTER_AUTHORIZATIONS)
        return {Grantor(str(item["sk"]).removeprefix(keys.AUTHORIZATION)): _authorization(item) for item in found}

    def change(
        self, shop: ShopId, grantor: Grantor, decide: Callable[[Authorization | None], Authorization | None]
    ) -> Authorization | None:
        """Read one, decide, write what is new; None where the decision is to leave it. Raises RetriableError."""
        key = keys.authorization_key(shop, grantor)
        for _ in range(_LOST_RACES_ALLOWED):
            stored = self._table.get(key)
            known = _authorization(stored) if stored else None
            decided = decide(known)
            if decided is None or decided == known:
                return decided
            version = int(stored["version"]) if stored else 0
            item = sparse(
                {
                    "pk": key.pk,
                    "sk": key.sk,
                    "version": version + 1,
                    "state": decided.state.value,
                    "since": milliseconds(decided.since),
                    "until": _milliseconds(decided.until),
                    "announced": decided.announced,
                    "used_at": _milliseconds(decided.used_at),
                }
            )
            try:
                self._table.put(Put(item=item, expects=version))
            except VersionConflictError:
                continue
            return decided
        raise RetriableError(f"the authorisation of shop {shop} was changed by others {_LOST_RACES_ALLOWED} times")


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _authorization(item: Item) -> Authorization:
    return Authorization(
        state=AuthorizationState(str(item["state"])),
        since=sure(item["since"]),
        until=moment(item.get("until")),
        announced=bool(item.get("announced", False)),
        used_at=moment(item.get("used_at")),
    )
