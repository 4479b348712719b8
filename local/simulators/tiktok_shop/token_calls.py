"""The two endpoints of the auth host: unsigned, everything in the query (TT 1.2)."""

from collections.abc import Mapping
from datetime import datetime

from local.simulators.tiktok_shop.endpoints import TOKEN_GET
from local.simulators.tiktok_shop.errors import invalid
from local.simulators.tiktok_shop.gate import App
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tokens import Grant, Tokens

type Json = dict[str, object]


def answer_token_call(state: State, app: App, path: str, query: Mapping[str, str], now: datetime) -> tuple[Grant, Json]:
    """Exchange a code or refresh. Raises RefusalError."""
    if query.get("app_key") != app.key or query.get("app_secret") != app.secret:
        raise invalid("Invalid credentials. Invalid `app_key` or `app_secret` query parameter.")
    if path == TOKEN_GET:
        _require(query, "auth_code", "authorized_code")
        grant, tokens = state.authorisations.exchange(query["auth_code"], now)
    else:
        _require(query, "refresh_token", "refresh_token")
        grant, tokens = state.authorisations.refresh(query["refresh_token"], now)
    return grant, _payload(grant, tokens)


def _require(query: Mapping[str, str], name: str, grant_type: str) -> None:
    if query.get("grant_type") != grant_type:
        raise invalid(f"Invalid grant_type. The value must be {grant_type}")
    if not query.get(name):
        raise invalid(f"{name} is a required field")


def _payload(grant: Grant, tokens: Tokens) -> Json:
    first = grant.shops[0]
    return {
        "access_token": tokens.access_token,
        "access_token_expire_in": int(tokens.access_token_expires_at.timestamp()),
        "refresh_token": tokens.refresh_token,
        "refresh_token_expire_in": int(tokens.refresh_token_expires_at.timestamp()),
        "open_id": grant.open_id,
        "seller_name": first.name,
        "seller_base_region": first.region.code,
        "user_type": 0,
        "granted_scopes": sorted(grant.scopes),
    }
