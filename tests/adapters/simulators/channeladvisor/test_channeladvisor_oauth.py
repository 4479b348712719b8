"""Tokens: CA 1.1, 1.3."""

from collections.abc import Callable

import pytest

from local.simulators.faults import Fault
from tests.adapters.simulators.channeladvisor.caller import APPLICATION, SECRET, Caller, Clock, buy_token

DENIED = {"Message": "Authorization has been denied for this request."}


def test_a_refresh_token_buys_an_hour_and_stays_the_same(caller: Caller, clock: Clock) -> None:
    first = buy_token(caller)
    clock.move(minutes=59)
    second = buy_token(caller)

    assert first.status_code == second.status_code == 200
    assert first.json()["expires_in"] == 3600
    assert first.json()["token_type"] == "bearer"
    assert "refresh_token" not in first.json()
    assert first.json()["access_token"] != second.json()["access_token"]


@pytest.mark.parametrize(
    ("auth", "changes", "error"),
    [
        ((APPLICATION, "wrong"), {}, "invalid_client"),
        (("nobody", SECRET), {}, "invalid_client"),
        ((APPLICATION, SECRET), {"refresh_token": "unknown"}, "invalid_grant"),
        ((APPLICATION, SECRET), {"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
def test_bad_credentials_get_400_and_an_oauth_error(
    caller: Caller, auth: tuple[str, str], changes: dict[str, str], error: str
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": caller.simulator.refresh_token(caller.account)}
    answer = caller.http.post("/oauth2/token", data=form | changes, auth=auth)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_the_token_endpoint_takes_no_json(caller: Caller) -> None:
    body = {"grant_type": "refresh_token", "refresh_token": caller.simulator.refresh_token(caller.account)}
    answer = caller.http.post("/oauth2/token", json=body, auth=(APPLICATION, SECRET))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_credentials_in_the_form_instead_of_the_header_are_refused(caller: Caller) -> None:
    form = {"grant_type": "refresh_token", "client_id": APPLICATION, "client_secret": SECRET}
    answer = caller.http.post("/oauth2/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_a_revoked_refresh_token_buys_nothing(caller: Caller) -> None:
    caller.simulator.revoke(caller.simulator.refresh_token(caller.account))
    assert buy_token(caller).json() == {"error": "invalid_grant"}


def test_a_refresh_token_that_nobody_used_for_three_months_is_dead(caller: Caller, clock: Clock) -> None:
    clock.move(days=91)
    assert buy_token(caller).json() == {"error": "invalid_grant"}


def test_the_refresh_token_of_another_application_is_refused(caller: Caller) -> None:
    theirs = caller.simulator.add_application("other", "other-secret", account=caller.account)
    assert buy_token(caller, refresh_token=theirs).json() == {"error": "invalid_grant"}


def test_an_access_token_ends_after_an_hour(caller: Caller, clock: Clock) -> None:
    clock.move(seconds=3599)
    assert caller.get("/v1/Orders").status_code == 200
    clock.move(seconds=1)
    answer = caller.get("/v1/Orders")
    assert (answer.status_code, answer.json()) == (401, DENIED)


def test_expired_by_the_scenario_means_401_until_the_next_refresh(caller: Caller) -> None:
    caller.simulator.expire_tokens()
    assert caller.get("/v1/Orders").status_code == 401
    caller.token = buy_token(caller).json()["access_token"]
    assert caller.get("/v1/Orders").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer unknown"}, {"Authorization": "Basic eDp5"}])
def test_a_request_without_a_valid_token_is_refused(caller: Caller, headers: dict[str, str]) -> None:
    answer = caller.http.get("/v1/Orders", headers=headers)
    assert (answer.status_code, answer.json()) == (401, DENIED)


def test_the_token_may_stand_in_the_query(caller: Caller) -> None:
    assert caller.http.get("/v1/Orders", params={"access_token": caller.token}).status_code == 200


def test_the_request_log_holds_no_token(caller: Caller) -> None:
    caller.http.get("/v1/Orders", params={"access_token": caller.token, "exported": "false"})
    assert caller.simulator.books.requests(path="/v1/Orders")[-1].query == "exported=false"


def test_faults_are_worded_as_channeladvisor_words_them(caller: Caller) -> None:
    caller.simulator.faults.add(Fault.RATE_LIMITED, "/v1/Orders")
    answer = caller.get("/v1/Orders")
    assert (answer.status_code, answer.json()) == (429, {"Message": "Too Many Requests"})
    assert caller.get("/v1/Orders").status_code == 200


def test_one_token_covers_several_profiles_and_later_ones(build: Callable[..., Caller]) -> None:
    caller = build()
    caller.simulator.add_profile(caller.account, 22)
    order = caller.simulator.add_order_of_another_site(22)
    assert [each["ID"] for each in caller.values()] == [order]


def test_the_orders_of_another_account_do_not_exist_here(caller: Caller) -> None:
    caller.simulator.add_account(99)
    theirs = caller.simulator.add_order_of_another_site(99)

    assert caller.values() == []
    assert caller.get(f"/v1/Orders({theirs})").status_code == 404
    assert caller.send("POST", f"/v1/Orders({theirs})/Export").status_code == 404
