from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from order_sync.domain.errors import RejectedError
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens

TOKENS = ShopTokens(
    access_token=SecretStr("TTP_access"),
    access_token_expires_at=datetime(2026, 6, 8, tzinfo=UTC),
    refresh_token=SecretStr("TTP_refresh"),
    refresh_token_expires_at=datetime(2027, 6, 1, tzinfo=UTC),
)


def test_tokens_come_back_from_the_text_that_is_stored() -> None:
    assert ShopTokens.from_json(TOKENS.to_json()) == TOKENS


def test_secrets_do_not_show_themselves() -> None:
    app = AppCredentials.from_json('{"app_key": "29a39d", "app_secret": "e59af819cc"}')
    assert "e59af819cc" not in repr(app)
    assert "TTP_" not in repr(TOKENS)


def test_a_missing_field_is_named_and_the_others_are_not_shown() -> None:
    with pytest.raises(RejectedError, match=r"ShopTokens.*access_token_expires_at: Field required") as caught:
        ShopTokens.from_json('{"access_token": "TTP_access", "refresh_token": "TTP_refresh"}')
    assert "TTP_" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("text", ["", "TTP_access", '{"app_key": "", "app_secret": "TTP_access"}', "[]"])
def test_a_secret_of_another_shape_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(RejectedError, match="AppCredentials") as caught:
        AppCredentials.from_json(text)
    assert "TTP_access" not in str(caught.value)
