"""TikTok Shop's notifications: the signature over the raw body, and what is read of them (TT 5)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from local.simulators.tiktok_shop import Shop, TikTokShopSimulator
from order_sync.partners.tiktok_shop.credentials import AppCredentials
from order_sync.partners.tiktok_shop.notifications import is_from_tiktok, read_notification
from tests.adapters.tiktok_shop.surroundings import APP

PUBLISHED_APP = AppCredentials(app_key="abcdef", app_secret=SecretStr("123"))
PUBLISHED = (
    b'{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,'
    b'"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}'
)
SIGNATURE = "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"


def test_the_published_signature_is_right_and_no_other_is() -> None:
    assert is_from_tiktok(PUBLISHED_APP, PUBLISHED, SIGNATURE)
    for wrong in ("", "0" * 64, SIGNATURE[:-1], f"Bearer {SIGNATURE}", "ä"):
        assert not is_from_tiktok(PUBLISHED_APP, PUBLISHED, wrong)
    assert not is_from_tiktok(PUBLISHED_APP, PUBLISHED + b" ", SIGNATURE)
    assert not is_from_tiktok(APP, PUBLISHED, SIGNATURE)


def test_the_simulator_signs_as_tiktok_does(simulator: TikTokShopSimulator, shop: Shop) -> None:
    body, headers = simulator.notification(6, shop.id, {"message": "left"})

    assert is_from_tiktok(APP, body, headers["Authorization"])


def body(**changes: Any) -> bytes:
    usual = {"type": 7, "tts_notification_id": "1", "shop_id": "42", "timestamp": 1718305585, "data": {}}
    return json.dumps(usual | changes).encode()


@pytest.mark.parametrize(
    ("expiration", "until"),
    [
        ("1720897585", datetime(2024, 7, 13, 19, 6, 25, tzinfo=UTC)),
        (1720897585, datetime(2024, 7, 13, 19, 6, 25, tzinfo=UTC)),
        ("1720897585000", datetime(2024, 7, 13, 19, 6, 25, tzinfo=UTC)),
        ("2024-07-13T19:06:25Z", datetime(2024, 7, 13, 19, 6, 25, tzinfo=UTC)),
        ("2024-07-13 19:06:25", datetime(2024, 7, 13, 19, 6, 25, tzinfo=UTC)),
        ("soon", None),
        ("9" * 40, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_announced_end_is_read_in_every_likely_form(expiration: object, until: datetime | None) -> None:
    notification = read_notification(body(data={"message": "CANARY", "expiration_time": expiration}))

    assert notification is not None
    assert notification.until == until
    assert "CANARY" not in repr(notification)


@pytest.mark.parametrize(
    "changes",
    [{"shop_id": "SHOPS#1"}, {"shop_id": 42}, {"timestamp": "x"}, {"type": "seven"}, {"tts_notification_id": "a#b"}],
)
def test_what_is_no_notification_is_none(changes: dict[str, Any]) -> None:
    assert read_notification(body(**changes)) is None


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_what_is_no_json_object_is_none(raw: bytes) -> None:
    assert read_notification(raw) is None
