"""A shop's authorisations: whether we may still call TikTok Shop and ChannelAdvisor for it (TT 1.2, CA 1.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WARNED_BEFORE_END: Final = timedelta(days=30)
"""Time for a seller to agree again. Taken for TikTok Shop's own warning too, when it names no moment (TT 5, type 7)."""

CLOCKS_APART: Final = timedelta(minutes=5)
"""As far as TikTok Shop lets clocks be apart (TT 1.3)."""


class Grantor(StrEnum):
    """Whose authorisation it is."""

    TIKTOK_SHOP = "tiktok_shop"
    CHANNELADVISOR = "channeladvisor"


class AuthorizationState(StrEnum):
    """What a person must know about it."""

    AUTHORIZED = "authorized"
    EXPIRES_SOON = "expires_soon"
    REFUSED = "refused"
    """Its tokens are not renewed any more."""
    WITHDRAWN = "withdrawn"
    """The seller has taken it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """One authorisation of a shop. `since` is when this state began, `until` when the authorisation ends, if known."""

    state: AuthorizationState
    since: datetime
    until: datetime | None = None
    announced: bool = False
    """Whether TikTok Shop has told us the end, which then stands whatever the tokens say."""
    used_at: datetime | None = None
    """When its refresh token was last used, where that keeps it alive."""

    @property
    def is_lost(self) -> bool:
        """Whether we may not call any more; only tokens that are renewed after all show otherwise."""
        return self.state in {AuthorizationState.REFUSED, AuthorizationState.WITHDRAWN}


def granted(until: datetime | None, now: datetime) -> Authorization:
    """The seller has just agreed."""
    state = AuthorizationState.EXPIRES_SOON if _is_near(until, now) else AuthorizationState.AUTHORIZED
    return Authorization(state=state, since=now, until=until)


def renewed(known: Authorization | None, until: datetime | None, now: datetime) -> Authorization:
    """The tokens were renewed, so the authorisation is good; an end that TikTok Shop has announced still comes."""
    if known and known.announced and known.until and known.until > now:
        until = min(known.until, until) if until else known.until
        announced = True
    else:
        announced = False
    state = AuthorizationState.EXPIRES_SOON if _is_near(until, now) else AuthorizationState.AUTHORIZED
    since = known.since if known and known.state is state else now
    return Authorization(state=state, since=since, until=until, announced=announced)


def still_good(known: Authorization | None, until: datetime | None, now: datetime) -> Authorization:
    """The tokens have not ended yet, which says nothing about an authorisation that was lost meanwhile."""
    return known if known and known.is_lost else renewed(known, until, now)


def used(known: Authorization | None, now: datetime) -> Authorization:
    """A refresh token that lives as long as it is used was used (CA 1.1)."""
    good = known is not None and known.state is AuthorizationState.AUTHORIZED
    return Authorization(state=AuthorizationState.AUTHORIZED, since=known.since if known and good else now, used_at=now)


def refused(known: Authorization | None, now: datetime) -> Authorization:
    """The tokens are refused. Of an authorisation that the seller took back this is no news."""
    if known and known.is_lost:
        return known
    used_at = known.used_at if known else None
    return Authorization(state=AuthorizationState.REFUSED, since=now, used_at=used_at)


def announced_end(known: Authorization | None, until: datetime | None, at: datetime) -> Authorization | None:
    """TikTok Shop said at a moment that the authorisation ends soon; None when it is lost, or given anew since."""
    if _is_overtaken(known, at) or (known and known.is_lost):
        return None
    end = until or at + WARNED_BEFORE_END
    return Authorization(state=AuthorizationState.EXPIRES_SOON, since=at, until=end, announced=True)


def withdrawn(known: Authorization | None, at: datetime) -> Authorization | None:
    """TikTok Shop said at a moment that the seller took it back; None when a newer one was given since."""
    return None if _is_overtaken(known, at) else Authorization(state=AuthorizationState.WITHDRAWN, since=at)


def is_trouble(authorization: Authorization, *, trades: bool) -> bool:
    """Whether a person must see to it. A shop that is switched off may well have left us."""
    if authorization.state is AuthorizationState.WITHDRAWN:
        return trades
    return authorization.state is not AuthorizationState.AUTHORIZED


def _is_near(until: datetime | None, now: datetime) -> bool:
    return until is not None and until - now <= WARNED_BEFORE_END


def _is_overtaken(known: Authorization | None, at: datetime) -> bool:
    """A notification may come hours late (TT 5), after what it warns of was mended."""
    return known is not None and not known.is_lost and known.since > at + CLOCKS_APART
