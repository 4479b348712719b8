"""What ChannelAdvisor says when it refuses, without what it may repeat of the buyer."""

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.channeladvisor.refusals import message_of


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"code": "", "message": "Carrier and Class is invalid."}}, "Carrier and Class is invalid."),
        ({"Message": "Too Many\r\n Requests"}, "Too Many Requests"),
        ({"error": "invalid_grant"}, ""),
        ({"error": {"message": 5}}, ""),
        (["no", "object"], ""),
        (None, ""),
    ],
)
def test_both_error_bodies_are_understood(body: object, message: str) -> None:
    assert message_of(body) == message


def test_a_long_message_is_cut() -> None:
    assert len(message_of({"Message": "x" * 5000})) == 300


def test_credentials_hide_their_secrets() -> None:
    credentials = AccountCredentials.model_validate(
        {"application_id": "app", "shared_secret": "canary-1", "refresh_token": "canary-2"}
    )
    assert "canary" not in f"{credentials!r} {credentials}"
    with pytest.raises(RejectedError, match="AccountCredentials cannot be used: shared_secret") as caught:
        AccountCredentials.from_json('{"application_id": "app", "shared_secret": ["canary"]}')
    assert "canary" not in str(caught.value)
