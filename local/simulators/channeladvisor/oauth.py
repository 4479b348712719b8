"""Tokens: application credentials and a refresh token buy an hour's access (CA 1.1)."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

LIFE = timedelta(seconds=3600)
REFRESH_TOKEN_DIES_UNUSED = timedelta(days=90)


class GrantRefusedError(Exception):
    """The token endpoint answers 400 with this OAuth error."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Access:
    """Who an access token speaks for, and until when."""

    application: str
    account: str
    expires_at: datetime


@dataclass(slots=True)
class _RefreshToken:
    application: str
    account: str
    used_at: datetime


@dataclass(slots=True)
class TokenIssuer:
    """Applications, refresh tokens (not rotated) and access tokens; not locked by itself."""

    clock: Callable[[], datetime]
    _secrets: dict[str, str] = field(default_factory=dict)
    _refresh_tokens: dict[str, _RefreshToken] = field(default_factory=dict)
    _access: dict[str, Access] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def register(self, application: str, secret: str) -> None:
        """Make an application known."""
        self._secrets[application] = secret

    def authorise(self, application: str, account: str) -> str:
        """A seller lets an application in: the new refresh token, for all profiles of the account."""
        if application not in self._secrets:
            raise ValueError(f"unknown application {application}")
        token = f"refresh-{account}-{next(self._numbers)}"
        self._refresh_tokens[token] = _RefreshToken(application, account, self.clock())
        return token

    def revoke(self, refresh_token: str) -> None:
        """The seller takes the permission back."""
        del self._refresh_tokens[refresh_token]

    def expire_access(self) -> None:
        """Every access token that is out there stops working now."""
        self._access.clear()

    def application_of(self, authorization: str) -> str:
        """The application that a Basic header proves. Raises GrantRefusedError `invalid_client`."""
        scheme, _, credentials = authorization.partition(" ")
        try:
            name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise GrantRefusedError("invalid_client") from None
        if scheme.lower() != "basic" or self._secrets.get(name) != secret:
            raise GrantRefusedError("invalid_client")
        return name

    def grant(self, application: str, refresh_token: str) -> str:
        """A new access token. Raises GrantRefusedError `invalid_grant`."""
        known = self._refresh_tokens.get(refresh_token)
        now = self.clock()
        if known is None or known.application != application or now - known.used_at > REFRESH_TOKEN_DIES_UNUSED:
            raise GrantRefusedError("invalid_grant")
        known.used_at = now
        token = f"access-{next(self._numbers)}"
        self._access[token] = Access(application, known.account, now + LIFE)
        return token

    def answer(self, authorization: str, media_type: str, form: Mapping[str, str]) -> tuple[str, str]:
        """Answer a token request: the application and its new access token. Raises GrantRefusedError."""
        application = self.application_of(authorization)
        if media_type != "application/x-www-form-urlencoded":
            raise GrantRefusedError("invalid_request")
        if form.get("grant_type") != "refresh_token":
            raise GrantRefusedError("unsupported_grant_type")
        return application, self.grant(application, form.get("refresh_token", ""))

    def access(self, token: str) -> Access | None:
        """Who speaks with this token; None when it is unknown or over."""
        access = self._access.get(token)
        return access if access is not None and self.clock() < access.expires_at else None
