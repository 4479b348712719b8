"""What may happen once: a seller's consent that was asked for, and a notification that was acted on."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from order_sync.ledger import keys
from order_sync.ledger.table import Item, Put, Table, VersionConflictError


class Consents:
    """Consents that sellers were asked for. Only the hash of a state is kept: the ledger opens nothing to a reader."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def ask(self, state: str, purpose: str, good_for: timedelta) -> datetime:
        """Remember what a state was made for; gives until when it is good."""
        until = (self._now() + good_for).replace(microsecond=0)
        key = keys.consent_key(_hash(state))
        item: Item = {"pk": key.pk, "sk": key.sk, "version": 1, "purpose": purpose, "expires_at": _seconds(until)}
        self._table.put(Put(item=item, expects=0))
        return until

    def redeem(self, state: str) -> str | None:
        """What a state was made for, once; None when it is unknown, used or too old.

        DynamoDB removes what has expired only within days, so its time is looked at. Of two who redeem it at once
        the table lets one delete it.
        """
        key = keys.consent_key(_hash(state))
        item = self._table.get(key)
        if item is None or int(item["expires_at"]) <= _seconds(self._now()):
            return None
        try:
            self._table.delete(key, expects=1)
        except VersionConflictError:
            return None
        return str(item["purpose"])


class Notifications:
    """Notifications of TikTok Shop that were acted on: the same one may come again for hours (TT 5)."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def is_known(self, notification: str) -> bool:
        """Whether it was acted on already."""
        item = self._table.get(keys.notification_key(notification))
        return item is not None and int(item["expires_at"]) > _seconds(self._now())

    def remember(self, notification: str, kept: timedelta) -> None:
        """It was acted on."""
        key = keys.notification_key(notification)
        item: Item = {"pk": key.pk, "sk": key.sk, "expires_at": _seconds(self._now() + kept)}
        self._table.put(Put(item=item))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _seconds(at: datetime) -> int:
    """As DynamoDB wants the attribute by which it lets items go."""
    return int(at.timestamp())
