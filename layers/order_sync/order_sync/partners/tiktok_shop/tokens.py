"""Getting a shop's tokens: for a seller's consent, or for older ones (TT 1.2). Whoever does it holds the lease."""

from collections.abc import Mapping

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from order_sync.domain.errors import OutcomeUnknownError, RejectedError
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import PARTNER, judge_envelope
from order_sync.partners.tiktok_shop.models import GrantEnvelope, TokenData, TokenEnvelope
from order_sync.partners.unreadable import why_unreadable

_SELLER = 0


def refresh(http: PartnerHttp, *, app: AppCredentials, refresh_token: str) -> ShopTokens:
    """New tokens for a shop; `http` must reach the authorisation host. Store them before they are used.

    Raises AuthorizationRefusedError when the seller must authorise the app again, another RejectedError when something
    else is wrong, such as the app's own secret; RetriableError when nothing was refreshed, OutcomeUnknownError when the
    answer was lost: the old refresh token may be dead then.
    """
    query = _query(app, "refresh_token") | {"refresh_token": refresh_token}
    return _tokens(_ask(http, "refresh tokens", "/api/v2/token/refresh", query, TokenEnvelope).data)


def exchange(http: PartnerHttp, *, app: AppCredentials, code: str) -> ShopTokens:
    """The tokens for a seller's consent; its code is good once, for half an hour.

    Raises RejectedError for a code that is not good, and for a consent that no seller gave; RetriableError when
    TikTok Shop could not be asked, OutcomeUnknownError when its answer was lost: then the code may be used up.
    """
    operation = "exchange the seller's code"
    query = _query(app, "authorized_code") | {"auth_code": code}
    data = _ask(http, operation, "/api/v2/token/get", query, GrantEnvelope).data
    if data.user_type != _SELLER:
        raise RejectedError(f"{PARTNER}: {operation}: the account that agreed is no seller's (type {data.user_type})")
    return _tokens(data)


def _query(app: AppCredentials, grant_type: str) -> dict[str, str]:
    return {"app_key": app.app_key, "app_secret": app.app_secret.get_secret_value(), "grant_type": grant_type}


def _ask[Envelope: BaseModel](
    http: PartnerHttp, operation: str, path: str, query: Mapping[str, str], model: type[Envelope]
) -> Envelope:
    def build() -> httpx.Request:
        return http.client.build_request("GET", path, params=query)

    # A GET, but it uses up the code or rotates the refresh token: it is sent once, like a write.
    answer = http.send(operation, build, repeatable=False, judge=judge_envelope(http, operation, repeatable=False))
    try:
        return model.model_validate(answer.body)
    except ValidationError as error:
        problem = why_unreadable(error)
    raise OutcomeUnknownError(http.text(operation, f"the answer cannot be read: {problem}", answer))


def _tokens(data: TokenData) -> ShopTokens:
    return ShopTokens(
        access_token=SecretStr(data.access_token),
        access_token_expires_at=data.access_token_expire_in,
        refresh_token=SecretStr(data.refresh_token),
        refresh_token_expires_at=data.refresh_token_expire_in,
    )
