"""Authorisations: codes, access tokens and refresh tokens (TT 1.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from local.simulators.tiktok_shop.errors import RefusalError
from local.simulators.tiktok_shop.ids import Ids
from local.simulators.tiktok_shop.shops import Shop

CODE_LIFE = timedelta(minutes=30)
ACCESS_LIFE = timedelta(days=7)
REFRESH_LIFE = timedelta(days=365)
ORDERS, FULFILLMENT = "seller.order.info", "seller.fulfillment.basic"
LOGISTICS, SHOPS = "seller.logistics", "seller.authorization.info"
RETURN_REFUND = "seller.return_refund.basic"
ALL_SCOPES = frozenset({ORDERS, FULFILLMENT, LOGISTICS, SHOPS, RETURN_REFUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    access_token: str
    access_token_expires_at: datetime
    refresh_token: str
    refresh_token_expires_at: datetime


@dataclass(slots=True, kw_only=True)
class Grant:
    """One seller's consent for some shops; `revoked` when the seller took it back."""

    shops: tuple[Shop, ...]
    scopes: frozenset[str]
    open_id: str
    revoked: bool = False


@dataclass(slots=True, kw_only=True)
class _Issued:
    grant: Grant
    expires_at: datetime


class Authorisations:
    """All consents and the tokens issued for them."""

    def __init__(self, ids: Ids, *, rotation_kills: bool) -> None:
        self._ids = ids
        self._rotation_kills = rotation_kills
        self._codes: dict[str, _Issued] = {}
        self._access: dict[str, _Issued] = {}
        self._refresh: dict[str, _Issued] = {}

    def code(self, grant: Grant, now: datetime) -> str:
        """A consent code: 30 minutes, single use."""
        code = self._ids.secret(f"{grant.shops[0].region.token_prefix}auth_")
        self._codes[code] = _Issued(grant=grant, expires_at=now + CODE_LIFE)
        return code

    def issue(self, grant: Grant, now: datetime) -> Tokens:
        """A fresh pair of tokens."""
        prefix = grant.shops[0].region.token_prefix
        tokens = Tokens(
            access_token=self._ids.secret(prefix),
            access_token_expires_at=now + ACCESS_LIFE,
            refresh_token=self._ids.secret(prefix),
            refresh_token_expires_at=now + REFRESH_LIFE,
        )
        self._access[tokens.access_token] = _Issued(grant=grant, expires_at=tokens.access_token_expires_at)
        self._refresh[tokens.refresh_token] = _Issued(grant=grant, expires_at=tokens.refresh_token_expires_at)
        return tokens

    def exchange(self, code: str, now: datetime) -> tuple[Grant, Tokens]:
        """Tokens for a consent code. Raises Refusal 36004004."""
        issued = self._codes.pop(code, None)
        if issued is None or issued.expires_at <= now or issued.grant.revoked:
            raise RefusalError(36004004, "Invalid auth code. The code does not exist, was used, or has expired.")
        return issued.grant, self.issue(issued.grant, now)

    def refresh(self, refresh_token: str, now: datetime) -> tuple[Grant, Tokens]:
        """New tokens for a refresh token. Raises Refusal 36004005 (unknown) or 36004001 (expired)."""
        issued = self._refresh.get(refresh_token)
        if issued is None or issued.grant.revoked:
            raise RefusalError(36004005, "can not find related auth record")
        if issued.expires_at <= now:
            raise RefusalError(36004001, "rt has expired")
        tokens = self.issue(issued.grant, now)
        if self._rotation_kills:
            del self._refresh[refresh_token]
        return issued.grant, tokens

    def grant_of(self, access_token: str) -> tuple[Grant, datetime] | None:
        """Whose access token this is, and when it expires."""
        issued = self._access.get(access_token)
        return None if issued is None else (issued.grant, issued.expires_at)

    def expire_access(self, shop: Shop, now: datetime) -> None:
        """Let every access token of the shop's seller expire now."""
        self._expire(self._access, shop, now)

    def expire_refresh(self, shop: Shop, now: datetime) -> None:
        """Let every refresh token of the shop's seller expire now."""
        self._expire(self._refresh, shop, now)

    def revoke(self, shop: Shop) -> None:
        """The seller takes the consent back."""
        for issued in (*self._access.values(), *self._refresh.values(), *self._codes.values()):
            if shop in issued.grant.shops:
                issued.grant.revoked = True

    @staticmethod
    def _expire(issued: dict[str, _Issued], shop: Shop, now: datetime) -> None:
        for each in issued.values():
            if shop in each.grant.shops:
                each.expires_at = min(each.expires_at, now)
