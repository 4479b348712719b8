"""TikTok Shop's notifications: whether one is TikTok's, and what it says about an authorisation (TT 5)."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Final

from pydantic import StringConstraints, ValidationError

from order_sync.domain.ids import ShopId
from order_sync.partners.tiktok_shop.credentials import AppCredentials
from order_sync.partners.tiktok_shop.models import Moment, Payload

_MILLISECONDS_FROM: Final = 10**11
"""As seconds that were the year 5138."""


class NotificationType(IntEnum):
    """The types that are acted on."""

    SELLER_DEAUTHORIZATION = 6
    UPCOMING_AUTHORIZATION_EXPIRATION = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notification: nothing of it but this is kept. `until` is the announced end, if it can be read."""

    type: int
    id: str
    shop: ShopId
    at: datetime
    until: datetime | None = None


class _Details(Payload):
    expiration_time: str | int = ""


class _Webhook(Payload):
    type: int
    tts_notification_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    shop_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,24}$")]
    timestamp: Moment
    data: object = None


def is_from_tiktok(app: AppCredentials, body: bytes, signature: str) -> bool:
    """Whether the signature is TikTok's over the body as it came, compared in constant time."""
    secret = app.app_secret.get_secret_value().encode()
    expected = hmac.new(secret, app.app_key.encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().encode())


def read_notification(body: bytes) -> Notification | None:
    """What a notification says; None when it cannot be read."""
    try:
        webhook = _Webhook.model_validate_json(body)
    except ValidationError:
        return None
    return Notification(
        type=webhook.type,
        id=webhook.tts_notification_id,
        shop=ShopId(webhook.shop_id),
        at=webhook.timestamp,
        until=_announced_end(webhook),
    )


def _announced_end(webhook: _Webhook) -> datetime | None:
    if webhook.type != NotificationType.UPCOMING_AUTHORIZATION_EXPIRATION:
        return None
    try:
        text = str(_Details.model_validate(webhook.data).expiration_time).strip()
        if not text.isdecimal():
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        number = int(text)
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    except (ValidationError, ValueError, OverflowError, OSError):
        return None
