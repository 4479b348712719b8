"""What comes in from outside, as API Gateway hands it to the functions: little is read, and less is answered."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import httpx
import pytest

from local.simulators.faults import Fault
from order_sync.bootstrap import runs
from order_sync.domain.authorizations import AuthorizationState, Grantor
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from tests.account import STACK, Account

LARGEST_BODY = 16 * 1024
BEGIN = {"begin": {"region": "US", "channeladvisor": {"account": "example", "profile_id": 12345678}}}
SETTINGS = {"channeladvisor": {"account": "example", "profile_id": 12345678}}


def request(method: str, path: str, *, query: str = "", body: bytes = b"", **headers: str) -> dict[str, Any]:
    """A request as API Gateway hands it over (payload 2.0); what is no text comes as base64."""
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "203.0.113.7"}},
        "isBase64Encoded": encoded,
    }
    return event | ({"body": text} if body else {})


class Outside:
    """A browser and TikTok Shop, on the other side of the HTTP API."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.account.tiktok.register("https://api.example.com/connect")
        app = {"app_key": "app", "app_secret": "app-secret", "service_id": account.tiktok.service_id}
        account.put_secret("tiktok-app", app)
        account.delete_secret(f"tiktok/{account.shop_id}")

    def agree(self, *, agrees: bool = True) -> str:
        """An operator begins, the seller agrees: the query that the browser comes back with."""
        begun: dict[str, Any] = dict(self.account.run("connect_shop", BEGIN))
        self.account.tiktok.sign_in(self.account.shop, agrees=agrees)
        page = urlsplit(begun["consent_link"])
        with httpx.Client(transport=httpx.WSGITransport(app=self.account.tiktok)) as browser:
            location = browser.get(f"https://tiktok.invalid{page.path}?{page.query}").headers["location"]
        return urlsplit(location).query

    def come_back(self, query: str) -> dict[str, Any]:
        return dict(self.account.run("connect_shop", request("GET", "/connect", query=query)))

    def notify(self, body: bytes, signature: str) -> dict[str, Any]:
        event = request("POST", "/webhook", body=body, authorization=signature)
        return dict(self.account.run("receive_webhook", event))


@pytest.fixture
def outside(account: Account) -> Outside:
    return Outside(account)


def test_a_seller_s_browser_connects_the_shop_and_is_told_so_in_fixed_words(outside: Outside) -> None:
    answer = outside.come_back(outside.agree())
    shop = ShopId(outside.account.shop_id)

    assert answer["statusCode"] == 200
    assert set(answer) == {"statusCode", "headers", "body"}
    assert "Connected" in answer["body"]
    assert answer["headers"]["cache-control"] == "no-store"
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    assert answer["headers"]["content-security-policy"].startswith("default-src 'none'")
    assert answer["headers"]["x-content-type-options"] == "nosniff"
    assert not runs.shops().settings(shop).active
    secret = boto3.client("secretsmanager").describe_secret(SecretId=f"{STACK}/tiktok/{shop}")
    assert secret["KmsKeyId"] == "data-key"


def test_the_tokens_that_were_stored_open_the_shop(outside: Outside) -> None:
    outside.come_back(outside.agree())
    outside.account.run("change_settings", {"shop": outside.account.shop_id, "change": {"active": True}})

    assert "runs_postponed" not in outside.account.invoke("poll_tiktok")
    assert outside.account.invoke("refresh_tokens", at_once=True)["tokens_renewed"] == 1


def test_connecting_again_gives_the_secret_another_value(outside: Outside) -> None:
    outside.come_back(outside.agree())
    client = boto3.client("secretsmanager")
    before = client.get_secret_value(SecretId=f"{STACK}/tiktok/{outside.account.shop_id}")["SecretString"]
    outside.come_back(outside.agree())

    assert client.get_secret_value(SecretId=f"{STACK}/tiktok/{outside.account.shop_id}")["SecretString"] != before


def test_a_state_that_is_not_good_is_answered_in_the_same_words_as_any_other_refusal(outside: Outside) -> None:
    query = outside.agree()
    outside.come_back(query)
    code = parse_qs(query)["code"][0]
    answers = [
        outside.come_back(query),
        outside.come_back(urlencode({"code": code, "state": "<script>CANARY</script>"})),
        outside.come_back(urlencode({"code": code})),
        outside.come_back(""),
    ]

    assert {answer["statusCode"] for answer in answers} == {400}
    assert len({answer["body"] for answer in answers}) == 1
    assert "CANARY" not in answers[1]["body"]


def test_a_page_that_is_loaded_again_does_not_say_that_nothing_was_connected(outside: Outside) -> None:
    query = outside.agree()
    outside.come_back(query)
    body = outside.come_back(query)["body"]

    assert "If you have just agreed, your shops may be connected already" in body
    assert "Not connected" not in body


def test_a_seller_who_does_not_agree_is_told_so_and_may_still_agree(outside: Outside) -> None:
    query = outside.agree(agrees=False)
    answer = outside.come_back(query)

    assert (answer["statusCode"], "not agreed" in answer["body"]) == (200, True)
    assert outside.account.log()[-1]["counts"] == {"consents_denied": 1}
    state = parse_qs(query)["state"][0]
    code = outside.account.tiktok.consent(outside.account.shop)
    assert outside.come_back(urlencode({"code": code, "state": state}))["statusCode"] == 200


def test_an_outage_asks_the_seller_for_patience(outside: Outside) -> None:
    query = outside.agree()
    outside.account.tiktok.faults.add(Fault.UNAVAILABLE, "/api/v2/token/get")

    assert outside.come_back(query)["statusCode"] == 503


def test_a_code_that_tiktok_refuses_is_no_fault_of_ours(outside: Outside) -> None:
    query = outside.agree()
    state = parse_qs(query)["state"][0]

    assert outside.come_back(urlencode({"code": "CANARY", "state": state}))["statusCode"] == 400


@pytest.mark.parametrize(
    "event",
    [
        request("GET", "/connect", query="code=" + "x" * LARGEST_BODY),
        request("POST", "/webhook", body=b"x" * (LARGEST_BODY + 1)),
        request("POST", "/webhook", body=b"\xff" * (LARGEST_BODY + 1)),
        request("POST", "/webhook", body=b"x") | {"isBase64Encoded": True, "body": "no base64!"},
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read(outside: Outside, event: dict[str, Any]) -> None:
    function = "connect_shop" if event["rawPath"] == "/connect" else "receive_webhook"
    answer: dict[str, Any] = dict(outside.account.run(function, event))

    assert (answer["statusCode"], answer["body"]) == (413, "")
    assert outside.account.log()[-1]["counts"] == {"requests_too_large": 1}


def test_a_body_of_just_the_size_is_read(outside: Outside) -> None:
    for body in (b"x" * LARGEST_BODY, b"\xff" * LARGEST_BODY):
        assert outside.notify(body, "0" * 64)["statusCode"] == 401


def test_a_notification_with_tiktok_s_signature_is_acknowledged_with_nothing(outside: Outside) -> None:
    outside.come_back(outside.agree())
    shop = ShopId(outside.account.shop_id)
    for type_ in (1, 6):
        body, headers = outside.account.tiktok.notification(type_, shop, {})
        answer = outside.notify(body, headers["Authorization"])
        assert (answer["statusCode"], answer["body"]) == (200, "")

    known = runs.shops().authorizations(shop)[Grantor.TIKTOK_SHOP]
    # It is older than the consent by less than clocks may be apart.
    assert known.state is AuthorizationState.WITHDRAWN


def test_a_notification_with_another_signature_is_refused_and_changes_nothing(outside: Outside) -> None:
    outside.come_back(outside.agree())
    body, _ = outside.account.tiktok.notification(6, outside.account.shop_id, {})

    for signature in ("", "0" * 64):
        assert outside.notify(body, signature)["statusCode"] == 401
    known = runs.shops().authorizations(ShopId(outside.account.shop_id))[Grantor.TIKTOK_SHOP]
    assert known.state is AuthorizationState.AUTHORIZED


def test_a_command_that_asks_for_nothing_is_refused(outside: Outside) -> None:
    with pytest.raises(RejectedError, match='the event must have "begin" or "pasted"'):
        outside.account.run("connect_shop", {})


def test_an_operator_connects_with_a_pasted_code(outside: Outside) -> None:
    code = outside.account.tiktok.consent(outside.account.shop)
    said: dict[str, Any] = dict(outside.account.run("connect_shop", {"pasted": code} | SETTINGS))

    assert said == {"shops_connected": 1, "connected": [outside.account.shop_id], "not_connected": {}}


def test_a_run_that_meets_an_expired_token_asks_for_new_ones_once(outside: Outside) -> None:
    account = outside.account
    outside.come_back(outside.agree())
    account.run("change_settings", {"shop": account.shop_id, "change": {"active": True}})
    tokens = json.loads(
        boto3.client("secretsmanager").get_secret_value(SecretId=f"{STACK}/tiktok/{account.shop_id}")["SecretString"]
    )
    account.tiktok.expire_token(account.shop)
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(params)

    session = boto3.DEFAULT_SESSION
    assert session
    session.events.register("provide-client-params.lambda.Invoke", note)
    for _ in range(3):
        assert account.invoke("poll_tiktok") == {"runs_postponed": 1}

    # Nobody took the first one: in this account there are no functions.
    assert {each["FunctionName"] for each in asked} == {f"{STACK}-refresh-tokens"}
    event = json.loads(asked[0]["Payload"])
    assert event["instead_of"].removesuffix("+00:00") == tokens["access_token_expires_at"].removesuffix("Z")
    assert asked[0]["InvocationType"] == "Event"
    assert account.run("refresh_tokens", event)["tokens_renewed"] == 1
    assert "runs_postponed" not in account.invoke("poll_tiktok")


def test_nothing_that_comes_in_or_is_made_is_written_anywhere_but_into_the_secret(
    outside: Outside, capsys: pytest.CaptureFixture[str]
) -> None:
    account = outside.account
    query = outside.agree()
    found = parse_qs(query)
    account.tiktok.faults.add(Fault.LOST_AFTER, "/authorization/202309/shops")
    answers = [outside.come_back(query), outside.come_back(f"{query}&state=CANARY"), outside.come_back("code=CANARY")]
    body, headers = account.tiktok.notification(6, account.shop_id, {"message": "CANARY"})
    answers += [outside.notify(body, headers["Authorization"]), outside.notify(body, "CANARY")]
    text = boto3.client("secretsmanager").get_secret_value(SecretId=f"{STACK}/tiktok/{account.shop_id}")["SecretString"]
    tokens = json.loads(text)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    printed = capsys.readouterr()
    written = "\n".join([account.logged.getvalue(), printed.out, printed.err, json.dumps(items), json.dumps(answers)])

    assert "shops_connected" in written
    secrets = [tokens["access_token"], tokens["refresh_token"], "app-secret", *found["code"], *found["state"]]
    for private in [*secrets, "CANARY", "203.0.113.7"]:
        assert private not in written
