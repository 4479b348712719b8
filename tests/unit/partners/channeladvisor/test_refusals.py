"""What ChannelAdvisor says when it refuses, without what it may repeat of the buyer."""

import re

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.channeladvisor.refusals import judge_for, message_of
from order_sync.partners.http import Answer, Pace, PartnerHttp, open_client


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


def test_a_long_message_is_cut_only_after_the_buyer_was_taken_out() -> None:
    still = Pace(0, sleep=lambda _seconds: None, monotonic=lambda: 0.0)
    http = PartnerHttp(
        open_client(),
        partner="ChannelAdvisor",
        sleep=lambda _seconds: None,
        monotonic=lambda: 0.0,
        random=lambda: 0.0,
        reads=still,
        writes=still,
    )
    for length in range(280, 300):
        body = {"Message": "." * length + " Maximiliane Li " + "." * 5000}
        error = judge_for(http, "create", ["Maximiliane Li"])(Answer(status=400, headers={}, body=body))
        assert isinstance(error, RejectedError)
        assert not {"Max", "Li"} & set(re.findall(r"Max|Li", str(error)))
        assert len(str(error)) < 400


def test_credentials_hide_their_secrets() -> None:
    credentials = AccountCredentials.model_validate(
        {"application_id": "app", "shared_secret": "canary-1", "refresh_token": "canary-2"}
    )
    assert "canary" not in f"{credentials!r} {credentials}"
    with pytest.raises(RejectedError, match="AccountCredentials cannot be used: shared_secret") as caught:
        AccountCredentials.from_json('{"application_id": "app", "shared_secret": ["canary"]}')
    assert "canary" not in str(caught.value)
