"""Refreshing a shop's tokens (TT 1.2). One function of the product does it, one at a time."""

import httpx
from pydantic import SecretStr, ValidationError

from order_sync.domain.errors import OutcomeUnknownError
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import judge_envelope
from order_sync.partners.tiktok_shop.models import TokenData, TokenEnvelope
from order_sync.partners.unreadable import why_unreadable

_OPERATION = "refresh tokens"


def refresh(http: PartnerHttp, *, app: AppCredentials, refresh_token: str) -> ShopTokens:
    """New tokens for a shop; `http` must reach the authorisation host. Store them before they are used.

    Raises RejectedError when the seller must authorise the app again, RetriableError when nothing was
    refreshed, OutcomeUnknownError when the answer was lost: the old refresh token may be dead then.
    """

    def build() -> httpx.Request:
        return http.client.build_request(
            "GET",
            "/api/v2/token/refresh",
            params={
                "app_key": app.app_key,
                "app_secret": app.app_secret.get_secret_value(),
                "refresh_token": refresh_token,
                "grant_type": "refresh_token",
            },
        )

    # A GET, but it rotates the refresh token: it is sent once, like a write.
    answer = http.send(_OPERATION, build, repeatable=False, judge=judge_envelope(http, _OPERATION, repeatable=False))
    try:
        data = TokenEnvelope.model_validate(answer.body).data
    except ValidationError as error:
        problem = why_unreadable(error)
    else:
        return _tokens(data)
    raise OutcomeUnknownError(http.text(_OPERATION, f"the answer cannot be read: {problem}", answer))


def _tokens(data: TokenData) -> ShopTokens:
    return ShopTokens(
        access_token=SecretStr(data.access_token),
        access_token_expires_at=data.access_token_expire_in,
        refresh_token=SecretStr(data.refresh_token),
        refresh_token_expires_at=data.refresh_token_expire_in,
    )
