"""What every request must show before its endpoint is reached (TT 1.3, 1.4, 6.1).

The messages of 36009004 are those of the partner site's list of common errors, where it has one.
"""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug import Request

from local.simulators.tiktok_shop.endpoints import Endpoint
from local.simulators.tiktok_shop.errors import RefusalError, invalid, malformed, unauthorised
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.signing import expected_sign
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tokens import Grant

COMMON = frozenset({"app_key", "timestamp", "sign", "shop_cipher", "access_token"})
OLDEST, NEWEST = timedelta(minutes=5), timedelta(seconds=30)
TEN_DIGITS = re.compile(r"[0-9]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The partner application that the seller has authorised; `redirect_url` is where its consent page leads back."""

    key: str
    secret: str
    service_id: str = ""
    redirect_url: str = ""


def check_signature(app: App, request: Request, query: Mapping[str, str], now: datetime) -> None:
    """Application, time window and signature. Raises RefusalError."""
    if query.get("app_key") != app.key:
        raise invalid("Invalid credentials. Invalid `app_key` query parameter.")
    _check_timestamp(query.get("timestamp", ""), now)
    if not query.get("sign"):
        raise invalid("Missing credentials. The request does not include a required signature in the query.")
    multipart = request.mimetype == "multipart/form-data"
    wanted = expected_sign(app.secret, request.path, query, request.get_data(), multipart=multipart)
    if not hmac.compare_digest(wanted.encode(), query["sign"].encode()):
        raise unauthorised(106001, "Invalid credentials. The `sign` query parameter is invalid.")


def check_token(state: State, request: Request, endpoint: Endpoint, now: datetime) -> Grant:
    """Access token and its scope. Raises RefusalError."""
    found = state.authorisations.grant_of(request.headers.get("x-tts-access-token", ""))
    if found is None:
        raise invalid("Invalid credentials. The `x-tts-access-token` header is invalid.")
    grant, expires_at = found
    if grant.revoked:
        raise unauthorised(105001, "Invalid credentials. The access token is no longer authorized by the seller.")
    if expires_at <= now:
        raise unauthorised(105002, "access token is expired, please refresh it", state.doubts.expired_token_status)
    if endpoint.scope not in grant.scopes:
        raise unauthorised(
            105005,
            "Access denied. The access token does not include the access scope required by this endpoint.",
        )
    return grant


def check_shop(state: State, endpoint: Endpoint, grant: Grant, cipher: str | None) -> Shop | None:
    """The shop that the cipher names; required, forbidden and matched with the token. Raises RefusalError."""
    if not endpoint.of_one_shop:
        if cipher is not None:
            raise invalid("Unexpected identifier. The `shop_cipher` query parameter is not required for this request.")
        return None
    if not cipher:
        raise RefusalError(106013, "Missing identifier. The `shop_cipher` query parameter is required.", 400)
    shop = next((shop for shop in state.shops.values() if shop.cipher == cipher), None)
    if shop is None:
        raise invalid("Invalid identifier. The `shop_cipher` query parameter is invalid.")
    if shop not in grant.shops:
        raise unauthorised(101000, "The access token and the `shop_cipher` do not match.")
    return shop


def check_query(endpoint: Endpoint, query: Mapping[str, str]) -> None:
    """Refuse parameters that the endpoint does not have; the real service may be more lenient."""
    unexpected = sorted(query.keys() - endpoint.query - COMMON)
    if unexpected:
        raise invalid(f"Unexpected parameter. The `{unexpected[0]}` query parameter is not part of this request")


def read_body(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON object of a POST; a GET has none, and some POSTs need none. Raises Refusal 36009021 or 36009004."""
    raw = request.get_data()
    if request.method == "GET":
        if raw:
            raise malformed("Malformed request. This request takes no body")
        return {}
    if not raw and not endpoint.takes_body:
        return {}
    if request.mimetype != "application/json":
        raise invalid("Invalid content-type. The `content-type` header must be application/json")
    try:
        body = json.loads(raw)
    except ValueError as broken:
        raise malformed("Malformed request. The body is not valid JSON") from broken
    if not isinstance(body, dict):
        raise malformed("Malformed request. The body must be a JSON object")
    return body


def read_query(request: Request) -> dict[str, str]:
    """The decoded query. Raises RefusalError when a parameter comes twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise invalid(f"Invalid parameter. The `{name}` query parameter is given more than once")
    return request.args.to_dict()


def _check_timestamp(value: str, now: datetime) -> None:
    if not TEN_DIGITS.fullmatch(value):
        raise invalid("Invalid timestamp. The value of the `timestamp` query parameter must be unix seconds.")
    given = int(value)
    if given < (now - OLDEST).timestamp():
        raise invalid(
            "Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes "
            "before the current time."
        )
    if given > (now + NEWEST).timestamp():
        raise invalid(
            "Invalid timestamp. The value of the `timestamp` query parameter must not be later than 30 seconds "
            "after the current time."
        )
