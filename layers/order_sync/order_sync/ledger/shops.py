"""Shops in the ledger: settings, cursors, leases, notices, marks of polls, and orders that could not be read yet."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from pydantic import ValidationError

from order_sync.domain.authorizations import Authorization, Grantor
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.shop import LoadedListings, ShopSettings
from order_sync.ledger import keys
from order_sync.ledger.attributes import milliseconds, moment, sure
from order_sync.ledger.authorizations import Authorizations
from order_sync.ledger.table import Item, Key, Put, Table, VersionConflictError, Write

_LOST_RACES_ALLOWED: Final = 8


class Cursor(NamedTuple):
    """How far a feed was read, and how often the cursor moved; an empty position before the first read."""

    position: str
    version: int


class Lease(NamedTuple):
    """The sole right to do something; its version tells it from those before and after."""

    key: Key
    version: int


class _Replacement(NamedTuple):
    """What takes the place of a shop's settings, and what is written with them or not at all."""

    settings: ShopSettings
    listings: str
    beside: Sequence[Write] = ()


class Shops:
    """What the ledger keeps per shop."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def active(self) -> list[ShopId]:
        """The shops that trade. Their settings are not read here, so that a bad one harms only itself."""
        return [ShopId(str(item["sk"])) for item in self._table.query(keys.SHOPS) if item.get("active")]

    def connected(self) -> list[ShopId]:
        """All shops, those that are switched off as well."""
        return [ShopId(str(item["sk"])) for item in self._table.query(keys.SHOPS)]

    def settings(self, shop: ShopId) -> ShopSettings:
        """A shop's settings. Raises RejectedError that names the shop and the bad or missing setting."""
        item = self._table.get(keys.settings_key(shop))
        return _settings(shop, item)

    def starting_moment(self, shop: ShopId) -> str:
        """When a shop went live, also where the rest of its settings cannot be used; empty for an unknown shop."""
        item = self._table.get(keys.settings_key(shop))
        return str(item["starts_at"]) if item else ""

    def is_active(self, shop: ShopId) -> bool:
        """Whether a shop trades, also where the rest of its settings cannot be used; an unknown shop does not."""
        item = self._table.get(keys.settings_key(shop))
        return item is not None and bool(item.get("active"))

    def save(self, settings: ShopSettings) -> None:
        """Write a shop's settings, whatever they were. Its table of listings stays, unless nobody can say which."""

        def kept(item: Item | None) -> str:
            try:
                return _packed(_listings(settings.shop, item))
            except RejectedError:
                return ""

        self._replace(settings.shop, lambda item: _Replacement(settings, kept(item)))

    def change(self, shop: ShopId, decide: Callable[[ShopSettings], ShopSettings]) -> ShopSettings:
        """Read a shop's settings, decide, write; a lost race is read and decided again. Raises RejectedError."""

        def changed(item: Item | None) -> _Replacement:
            settings = decide(_settings(shop, item))
            return _Replacement(settings, _packed(_listings(shop, item)))

        return self._replace(shop, changed)

    def change_listings(
        self, shop: ShopId, decide: Callable[[ShopSettings], tuple[LoadedListings | None, Sequence[Write]]]
    ) -> ShopSettings:
        """Read a shop's settings, decide which table of listings it has from now on, and write both or nothing."""

        def changed(item: Item | None) -> _Replacement:
            settings = _settings(shop, item)
            listings, beside = decide(settings)
            return _Replacement(settings, _packed(listings), beside)

        return self._replace(shop, changed)

    def _replace(self, shop: ShopId, decide: Callable[[Item | None], _Replacement]) -> ShopSettings:
        """Every write is a version, so that whoever has read another one decides again."""
        pk, sk = key = keys.settings_key(shop)
        for _ in range(_LOST_RACES_ALLOWED):
            stored = self._table.get(key)
            settings, listings, beside = decide(stored)
            version = int(stored.get("version", 0)) if stored else 0
            item: Item = {
                "pk": pk,
                "sk": sk,
                "version": version + 1,
                "active": settings.active,
                "starts_at": settings.starts_at.isoformat(),
                "settings": settings.model_dump_json(),
            }
            if listings:
                item["listings"] = listings
            if observed_until := self._observed_until(stored, settings):
                item["observed_until"] = observed_until
            # Settings that were written before there were versions have none to expect.
            expects = version if version or not stored else None
            put = Put(item=item, expects=expects)
            try:
                # A transaction costs twice as much.
                self._table.write_all([put, *beside]) if beside else self._table.put(put)
            except VersionConflictError:
                continue
            return _with_listings(settings, item)
        raise RetriableError(f"settings of shop {shop} were changed by others {_LOST_RACES_ALLOWED} times in a row")

    def _observed_until(self, stored: Item | None, settings: ShopSettings) -> int | None:
        """When the shop last stopped observing: now, if this write changes its mode to create."""
        if stored is None:
            return None
        if not settings.observes and _observed(stored):
            return milliseconds(self._now())
        known = stored.get("observed_until")
        return None if known is None else int(known)

    def authorizations(self, shop: ShopId) -> dict[Grantor, Authorization]:
        """How it stands with a shop's authorisations; one that was never looked at is not in it."""
        return Authorizations(self._table).of(shop)

    def change_authorization(
        self, shop: ShopId, grantor: Grantor, decide: Callable[[Authorization | None], Authorization | None]
    ) -> Authorization | None:
        """Read one of a shop's authorisations, decide, write what is new; None where it is left as it is."""
        return Authorizations(self._table).change(shop, grantor, decide)

    def cursor(self, shop: ShopId, feed: str) -> Cursor:
        """How far a feed was read."""
        item = self._table.get(keys.cursor_key(shop, feed))
        return Cursor(str(item["position"]), int(item["version"])) if item else Cursor("", 0)

    def cursors(self, shop: ShopId) -> dict[str, str]:
        """How far each feed was read, by the feed's name; one that was never read is not in it."""
        found = self._table.query(keys.shop_partition(shop), since=keys.CURSOR, before=keys.AFTER_CURSORS)
        return {str(item["sk"]).removeprefix(keys.CURSOR): str(item["position"]) for item in found}

    def move_cursor(self, shop: ShopId, feed: str, cursor: Cursor, position: str) -> Cursor | None:
        """Move a cursor on from where it was read; None when another run has moved it meanwhile.

        The other run has read at least as far as the place both started from, so nothing is skipped.
        """
        key = keys.cursor_key(shop, feed)
        moved = Cursor(position, cursor.version + 1)
        item: Item = {"pk": key.pk, "sk": key.sk, "version": moved.version, "position": position}
        try:
            self._table.put(Put(item=item, expects=cursor.version))
        except VersionConflictError:
            return None
        return moved

    def take_lease(self, shop: ShopId, name: str, length: timedelta) -> Lease | None:
        """Take the sole right to do something for a while; None while somebody else holds it."""
        key = keys.lease_key(shop, name)
        item = self._table.get(key)
        if item and int(item["until"]) > milliseconds(self._now()):
            return None
        lease = Lease(key, int(item["version"]) + 1 if item else 1)
        return lease if self._write_lease(lease, self._now() + length) else None

    def give_back_lease(self, lease: Lease) -> None:
        """Let the next one in before the lease runs out; one that ran out and has a new holder stays the holder's."""
        self._write_lease(Lease(lease.key, lease.version + 1), self._now())

    def _write_lease(self, lease: Lease, until: datetime) -> bool:
        item: Item = {
            "pk": lease.key.pk,
            "sk": lease.key.sk,
            "version": lease.version,
            "until": milliseconds(until),
        }
        try:
            self._table.put(Put(item=item, expects=lease.version - 1))
        except VersionConflictError:
            return False
        return True

    def notice(self, shop: ShopId, name: str) -> str:
        """What a person must know about a shop; empty when nothing."""
        item = self._table.get(keys.notice_key(shop, name))
        return str(item["text"]) if item else ""

    def put_notice(self, shop: ShopId, name: str, text: str) -> None:
        """Tell a person about a shop."""
        key = keys.notice_key(shop, name)
        self._table.put(Put(item={"pk": key.pk, "sk": key.sk, "text": text}))

    def lift_notice(self, shop: ShopId, name: str) -> None:
        """What a person had to know is over; one that is not there is fine."""
        self._table.delete(keys.notice_key(shop, name))

    def notices(self, shop: ShopId) -> dict[str, str]:
        """All that a person must know about a shop, by name."""
        found = self._table.query(keys.shop_partition(shop), since=keys.NOTICE, before=keys.AFTER_NOTICES)
        return {str(item["sk"]).removeprefix(keys.NOTICE): str(item["text"]) for item in found}

    def mark_polled(self, shop: ShopId, job: str) -> None:
        """A poll has read all its feeds to the end, now."""
        key = keys.polled_key(shop, job)
        self._table.put(Put(item={"pk": key.pk, "sk": key.sk, "at": milliseconds(self._now())}))

    def last_polled(self, shop: ShopId) -> dict[str, datetime]:
        """When each poll last read all its feeds to the end, by job; one that never did is not in it."""
        found = self._table.query(keys.shop_partition(shop), since=keys.POLLED, before=keys.AFTER_POLLED)
        return {str(item["sk"]).removeprefix(keys.POLLED): sure(item["at"]) for item in found}

    def unread(self, shop: ShopId) -> dict[OrderId, str]:
        """Orders that could not be read, with the reason."""
        found = self._table.query(keys.shop_partition(shop), since=keys.UNREAD)
        return {OrderId(str(item["sk"]).removeprefix(keys.UNREAD)): str(item["reason"]) for item in found}

    def keep_unread(self, shop: ShopId, order: OrderId, reason: str) -> None:
        """Remember an order that could not be read, so that the next poll reads it again."""
        key = keys.unread_key(shop, order)
        self._table.put(Put(item={"pk": key.pk, "sk": key.sk, "reason": reason}))

    def forget_unread(self, shop: ShopId, order: OrderId) -> None:
        """The order was read after all."""
        self._table.delete(keys.unread_key(shop, order))


def _settings(shop: ShopId, item: Item | None) -> ShopSettings:
    if item is None:
        raise RejectedError(f"shop {shop} has no settings: connect it first")
    return _with_listings(read_settings(shop, str(item["settings"])), item)


def _with_listings(settings: ShopSettings, item: Item) -> ShopSettings:
    """The settings with what stands beside them."""
    observed_until = moment(item.get("observed_until"))
    return settings.model_copy(update={"listings": _listings(settings.shop, item), "observed_until": observed_until})


def _observed(item: Item) -> bool:
    """Whether a shop observes by these settings, also where the rest of them cannot be used."""
    try:
        channeladvisor = json.loads(str(item["settings"]))["channeladvisor"]
        return bool(channeladvisor["mode"] == "observe")
    except (ValueError, KeyError, TypeError):
        return False


def _listings(shop: ShopId, item: Item | None) -> LoadedListings | None:
    """Which table of listings a shop has. Raises RejectedError."""
    if item is None or "listings" not in item:
        return None
    try:
        return LoadedListings.model_validate_json(str(item["listings"]))
    except ValidationError:
        raise RejectedError(
            f"shop {shop}: which listings it has cannot be read: connect it again, and load them again"
        ) from None


def _packed(listings: LoadedListings | None) -> str:
    return listings.model_dump_json() if listings else ""


# A warm function reads the same text at every run, and settings cannot be changed.
@lru_cache(maxsize=64)
def read_settings(shop: str, text: str) -> ShopSettings:
    """Settings from JSON. Raises RejectedError that names each bad setting, never its value."""
    try:
        return ShopSettings.model_validate(json.loads(text))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg']}" for problem in error.errors()
        )
        raise RejectedError(f"settings of shop {shop}: {problems}") from None
    except ValueError as error:
        raise RejectedError(f"settings of shop {shop} are not JSON: {error}") from None
