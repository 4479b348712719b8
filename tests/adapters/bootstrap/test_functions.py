"""Every function as Lambda runs it: its own app.py with its sample event, in an AWS account in this process."""

import json
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Damage, Status
from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from order_sync.bootstrap import runs
from order_sync.bootstrap.runs import SECONDS_TO_FINISH
from order_sync.domain.errors import RejectedError, RetriableError
from tests.account import FUNCTIONS, STACK, Account, Context, sample

TEE = LineSpec("TEE-BLU-M", "20.00")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between two tries takes no time."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def connected(account: Account) -> Account:
    account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    return account


def place(account: Account, **options: Any) -> str:
    return account.tiktok.place_order(account.shop, [TEE], hold=False, **options)


def metrics_in(printed: str) -> dict[str, float]:
    """The metrics in what was printed, by name."""
    found: dict[str, float] = {}
    for line in printed.splitlines():
        blob = json.loads(line) if line.startswith("{") else {}
        for group in blob.get("_aws", {}).get("CloudWatchMetrics", []):
            assert group["Namespace"] == "OrderSync"
            found |= {metric["Name"]: blob[metric["Name"]][0] for metric in group["Metrics"]}
    return found


def test_every_function_has_a_sample_event() -> None:
    assert all(sample(name) for name in FUNCTIONS)


FOR_NO_SHOP = {"dispatch", "change_settings", "replay_failed", "connect_shop", "receive_webhook"}
"""They name none, or find their own words for one that is not known."""


def test_the_functions_carry_an_order_from_tiktok_to_both_partners_and_its_parcel_back(connected: Account) -> None:
    order = place(connected)
    assert connected.invoke("poll_tiktok")["orders_changed"] == 1
    assert connected.invoke("push_channeladvisor")["told_create_order"] == 1
    assert connected.invoke("push_oms")["told_create_order"] == 1
    assert connected.invoke("push_channeladvisor")["told_mark_exported"] == 1
    assert connected.invoke("poll_channeladvisor")["channeladvisor_orders_changed"] == 1
    assert connected.invoke("push_tiktok")["told_set_reference"] == 1
    connected.oms.ship(order, "USPS Ground Advantage", "Ground", usps(1))
    assert connected.invoke("poll_oms")["parcels_reported"] == 1
    assert connected.invoke("push_tiktok")["told_ship"] == 1
    assert connected.invoke("push_channeladvisor")["told_ship"] == 1
    assert connected.invoke("reconcile")["orders_changed"] == 1
    assert connected.invoke("release_due_orders") == {}

    assert [shipped.tracking_number for shipped in connected.tiktok.books.shipments_of(order)] == [usps(1)]
    ((created),) = connected.channeladvisor.books.orders_of_tiktok(order)
    assert created["ShippingStatus"] == "Shipped"


def test_dispatch_starts_the_function_of_the_job_without_waiting_for_it(connected: Account) -> None:
    wanted = {
        "FunctionName": f"{STACK}-poll-tiktok",
        "InvocationType": "Event",
        "Payload": json.dumps({"shop": connected.shop_id}),
    }
    with Stubber(runs._functions()) as functions:
        functions.add_response("invoke", {"StatusCode": 202}, wanted)
        assert connected.invoke("dispatch") == {"shops_started": 1}


def test_dispatch_counts_what_it_cannot_start_and_refuses_a_job_that_does_not_exist(connected: Account) -> None:
    with Stubber(runs._functions()) as functions:
        functions.add_client_error("invoke", "TooManyRequestsException")
        assert connected.invoke("dispatch", job="push_oms") == {"shops_not_started": 1}
    with pytest.raises(RejectedError, match="there is no job 'poll_etsy'"):
        connected.invoke("dispatch", job="poll_etsy")


def test_tokens_are_renewed_and_stored(connected: Account) -> None:
    before = connected.tiktok.books.count("/api/v2/token/refresh")
    assert connected.invoke("refresh_tokens") == {"tokens_still_good": 1, "channeladvisor_tokens_used": 1}
    assert connected.invoke("refresh_tokens", at_once=True) == {"tokens_renewed": 1}
    assert connected.invoke("refresh_tokens", at_once=True) == {"tokens_renewed": 1}
    assert connected.tiktok.books.count("/api/v2/token/refresh") == before + 2

    place(connected)
    assert connected.invoke("poll_tiktok")["orders_changed"] == 1


def test_tokens_that_another_container_renewed_meanwhile_are_not_renewed_with_the_dead_refresh_token(
    connected: Account,
) -> None:
    """This container has read the secret a moment ago and keeps it for minutes."""
    connected.invoke("poll_tiktok")
    connected.put_secret(f"tiktok/{connected.shop_id}", connected.tokens())
    connected.tiktok.books.requests.clear()

    assert connected.invoke("refresh_tokens", at_once=True)["tokens_renewed"] == 1


def test_a_replay_of_what_did_not_fail_is_refused_by_name(connected: Account) -> None:
    order = place(connected)
    connected.invoke("poll_tiktok")

    with pytest.raises(RejectedError, match="has no failed outbox entry 'TIKTOK_SHOP#SHIP#oms-S1#1'"):
        connected.invoke("replay_failed", order=order)
    assert connected.invoke("replay_failed", order=order, entry="") == {"entries_replayed": 0}


def test_a_parcel_of_an_unmapped_carrier_is_listed_and_goes_by_itself_once_it_is_mapped(connected: Account) -> None:
    order = place(connected)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        connected.invoke(function)
    connected.oms.ship(order, "Postal Service", "First", usps(1))
    for function in ("poll_oms", "push_tiktok", "push_channeladvisor"):
        connected.invoke(function)
    listed: dict[str, Any] = dict(connected.invoke("map_carriers", add=[]))
    (line,) = listed["waiting"]
    assert (line["carrier"], line["waited_for_by"]) == ("Postal Service", {"TikTok Shop": 1, "ChannelAdvisor": 1})
    assert datetime.fromisoformat(line["dispatch_by"]).tzinfo is not None

    row = {"carrier": "Postal Service", "code": "usps", "channeladvisor_carrier": "USPS"}
    added: dict[str, Any] = dict(connected.invoke("map_carriers", add=[row | {"channeladvisor_class": "Ground"}]))
    assert (added["mappings_added"], added["parcels_waiting"], added["parcels_on_next_push"]) == (1, 1, 1)
    for function in ("push_tiktok", "push_channeladvisor"):
        assert connected.invoke(function)["told_ship"] == 1
    assert connected.invoke("map_carriers", add=[])["parcels_waiting"] == 0
    assert [shipped.tracking_number for shipped in connected.tiktok.books.shipments_of(order)] == [usps(1)]


def test_a_bad_row_is_refused_by_its_place(connected: Account) -> None:
    with pytest.raises(RejectedError, match=r"shipping_mappings\.0\.code: not an accepted carrier code in US"):
        connected.invoke("map_carriers", add=[{"carrier": "Postal Service", "code": "post"}])


def test_an_order_on_hold_starts_its_timer(connected: Account) -> None:
    connected.tiktok.place_order(connected.shop, [TEE])
    connected.invoke("poll_tiktok")
    (execution,) = connected.executions("cool-down")

    assert execution["name"].startswith(f"{connected.shop_id}-20")


def handed_over(account: Account) -> tuple[str, str]:
    """An order that both sides have and the request of its buyer to cancel it, which the ledger knows."""
    order = place(account)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        account.invoke(function)
    cancel = account.tiktok.request_cancel(order)
    account.invoke("poll_tiktok")
    return order, cancel


def test_a_cancel_request_starts_its_timer(connected: Account) -> None:
    _, cancel = handed_over(connected)
    (execution,) = connected.executions("cancellation-approval")

    assert execution["name"].startswith(f"{cancel}-20")


def test_the_answer_of_the_oms_is_told_to_tiktok_in_the_run_that_reads_it(connected: Account) -> None:
    order, cancel = handed_over(connected)
    connected.invoke("push_oms")
    connected.oms.decide(cancel, "approve")
    connected.invoke("poll_oms")

    assert [each.decision for each in connected.tiktok.books.decided(cancel)] == ["APPROVE"]
    assert connected.tiktok.status(order) is Status.CANCELLED


def test_what_tiktok_shop_lacks_keeps_no_parcel_of_the_oms_out(connected: Account) -> None:
    order = place(connected)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        connected.invoke(function)
    connected.oms.ship(order, "USPS Ground Advantage", "Ground", usps(1))
    connected.put_secret("tiktok-app", "no json")
    runs.secrets.cache_clear()

    assert connected.invoke("poll_oms")["parcels_reported"] == 1


def test_a_person_answers_a_cancel_request_by_command(connected: Account) -> None:
    order, cancel = handed_over(connected)
    connected.invoke("answer_cancel_request", cancel_request=cancel, decision="reject")

    assert [each.decision for each in connected.tiktok.books.decided(cancel)] == ["REJECT"]
    assert connected.tiktok.status(order) is Status.AWAITING_SHIPMENT


def test_people_are_told_of_a_request_that_no_oms_answers(connected: Account) -> None:
    connected.invoke("change_settings", oms={"adapter": "none"})
    order, cancel = handed_over(connected)
    for _ in range(2):
        connected.invoke("settle_requests", source="schedule", order=None, cancel_request=None)
    ((subject, text),) = connected.notices()

    assert subject == f"A buyer asks to cancel: order {order}"
    assert cancel in text


def shipped(account: Account) -> str:
    """An order that both sides have, as far as the shop has them, and that left by Seller Center."""
    order = place(account)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        account.invoke(function)
    account.tiktok.ship_in_seller_center(order, usps(1), "USPS")
    account.invoke("poll_tiktok")
    return order


def returned(account: Account) -> tuple[str, str]:
    """Such an order, for which its buyer wants money back without goods, and the return, which the ledger knows."""
    order = shipped(account)
    return_id = account.tiktok.buyer_requests_return(order, ReturnType.REFUND)
    account.invoke("poll_tiktok")
    return order, return_id


def answers_about(account: Account, return_id: str) -> list[str]:
    """The answers about a return that TikTok Shop took."""
    return [each.decision for each in account.tiktok.books.decided_return(return_id)]


def test_a_question_about_a_return_starts_its_timer(connected: Account) -> None:
    _, return_id = returned(connected)
    (execution,) = connected.executions("cancellation-approval")

    assert execution["name"].startswith(f"return-{return_id}-20")


def test_a_return_is_told_to_both_sides_and_answered_in_the_run_that_reads_the_answer(connected: Account) -> None:
    order, return_id = returned(connected)
    assert connected.invoke("push_oms")["told_note_return"] == 1
    assert connected.invoke("push_channeladvisor")["told_note_return"] == 1
    connected.oms.decide_return(connected.shop_id, return_id, "refund", "approve")
    connected.invoke("poll_oms")

    assert answers_about(connected, return_id) == ["APPROVE_REFUND"]
    ((created),) = connected.channeladvisor.books.orders_of_tiktok(order)
    assert return_id in created["PrivateNotes"]


def test_a_refund_of_the_oms_is_put_to_tiktok_in_the_run_that_reads_it(connected: Account) -> None:
    order = shipped(connected)
    connected.oms.refund(connected.shop_id, order)
    connected.invoke("poll_oms")

    (started,) = connected.tiktok.returns_of(order)
    assert (started.role, started.type) == (Role.SELLER, ReturnType.REFUND)


def test_a_person_answers_a_return_by_command(connected: Account) -> None:
    _, return_id = returned(connected)
    answer: dict[str, Any] = {"return": return_id, "decision": "reject"}
    with pytest.raises(RejectedError, match="it waits for an answer to REFUND, not to RETURN"):
        connected.invoke("answer_return", **answer, question="return")
    assert connected.invoke("answer_return", **answer)["returns_answered"] == 1

    assert answers_about(connected, return_id) == ["REJECT_REFUND"]


def test_people_are_told_of_a_return_that_no_oms_answers(connected: Account) -> None:
    connected.invoke("change_settings", oms={"adapter": "none"})
    order, return_id = returned(connected)
    connected.invoke("settle_requests", source="schedule", order=None)
    ((subject, text),) = connected.notices()

    assert subject == f"A return waits for an answer: order {order}"
    assert return_id in text
    assert "Asked: REFUND" in text


def test_how_returns_stand_is_published(connected: Account, capsys: pytest.CaptureFixture[str]) -> None:
    returned(connected)
    capsys.readouterr()
    connected.invoke("watch_deadlines")
    published = metrics_in(capsys.readouterr().out)

    assert {name: published[name] for name in ("returns_open", "returns_near_deadline", "refunds_late")} == {
        "returns_open": 1.0,
        "returns_near_deadline": 0.0,
        "refunds_late": 0.0,
    }


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - FOR_NO_SHOP))
def test_a_shop_that_is_not_connected_or_not_named_is_refused_by_name(account: Account, function: str) -> None:
    with pytest.raises(RejectedError, match=f"shop {account.shop_id} has no settings: connect it first"):
        account.invoke(function)
    for shop in ("", None, 7):
        with pytest.raises(RejectedError, match="the event names no shop"):
            account.invoke(function, shop=shop)


def test_a_partner_s_outage_ends_a_scheduled_run_normally_with_a_count(
    connected: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    connected.tiktok.expire_token(connected.shop)

    assert connected.invoke("poll_tiktok") == {"runs_postponed": 1}
    assert metrics_in(capsys.readouterr().out) == {"runs_postponed": 1.0}
    assert "the access token has expired" in connected.log()[-2]["message"]


def test_a_partner_s_outage_is_raised_to_a_timer_under_the_name_that_its_retry_looks_for(connected: Account) -> None:
    connected.tiktok.place_order(connected.shop, [TEE])
    connected.invoke("poll_tiktok")
    table = boto3.client("dynamodb")
    key = {"pk": {"S": f"ORDER#{connected.shop_id}#{_only_order(connected)}"}, "sk": {"S": "ORDER"}}
    table.update_item(
        TableName="ledger",
        Key=key,
        UpdateExpression="SET due_at = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    connected.tiktok.expire_token(connected.shop)

    with pytest.raises(RetriableError) as raised:
        connected.invoke("release_due_orders")
    assert type(raised.value) is RetriableError
    assert connected.invoke("release_due_orders", source="schedule") == {"runs_postponed": 1}


def _only_order(account: Account) -> str:
    (order,) = account.tiktok.statuses()
    return order


def test_what_a_run_did_before_it_broke_off_is_still_counted_and_told(connected: Account) -> None:
    bad = place(connected)
    place(connected)
    connected.tiktok.corrupt(bad, Damage.NO_LINE_ITEMS)
    connected.invoke("poll_tiktok")
    connected.tiktok.faults.add(Fault.SERVER_ERROR, "/orders/search", times=None)

    assert connected.invoke("poll_tiktok") == {"orders_read": 0, "orders_changed": 0, "orders_unreadable": 1} | {
        "runs_postponed": 1
    }


def test_what_needs_a_person_is_raised_and_counted(connected: Account, capsys: pytest.CaptureFixture[str]) -> None:
    connected.delete_secret(f"oms/{connected.shop_id}")

    with pytest.raises(RejectedError, match=f"secret stack/oms/{connected.shop_id} does not exist or has no value"):
        connected.invoke("poll_oms")
    assert metrics_in(capsys.readouterr().out) == {"runs_refused": 1.0}


@pytest.mark.parametrize(
    ("secret", "value", "function", "named"),
    [
        ("tiktok-app", "no json", "poll_tiktok", "the secret for AppCredentials cannot be used"),
        ("tiktok-app", {"app_key": "app"}, "poll_tiktok", "app_secret: Field required"),
        ("tiktok/{shop}", {"access_token": "SECRET"}, "poll_tiktok", "refresh_token: Field required"),
        ("channeladvisor/example", "[]", "poll_channeladvisor", "the secret for AccountCredentials cannot be used"),
        ("oms/{shop}", '{"token": ""}', "poll_oms", "token: Value should have at least 1 item"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named_without_its_value(
    connected: Account, secret: str, value: Any, function: str, named: str
) -> None:
    connected.put_secret(secret.format(shop=connected.shop_id), value)

    with pytest.raises(RejectedError) as refused:
        connected.invoke(function)
    assert named in str(refused.value)
    assert "SECRET" not in connected.logged.getvalue() + str(refused.value)


def test_a_secret_that_was_corrected_is_used_by_a_warm_container(connected: Account) -> None:
    connected.put_secret("tiktok-app", {"app_key": "app", "app_secret": "mistyped"})
    with pytest.raises(RejectedError, match="the signature is wrong"):
        connected.invoke("poll_tiktok")
    connected.put_secret("tiktok-app", {"app_key": "app", "app_secret": "app-secret"})
    runs.secrets()._kept.clear()  # five minutes pass

    assert connected.invoke("poll_tiktok")["orders_read"] == 0


def test_a_run_without_problems_emits_no_metric_and_one_log_line(
    connected: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    place(connected)
    capsys.readouterr()
    lines = len(connected.log())
    connected.invoke("poll_tiktok")
    (line,) = connected.log()[lines:]

    assert metrics_in(capsys.readouterr().out) == {}
    assert line["message"] == "run ended"
    assert line["counts"]["orders_changed"] == 1
    assert line["shop"] == connected.shop_id
    assert line["function"] == "stack-any"
    assert line["correlation_id"]


def test_a_function_that_is_nearly_out_of_time_takes_up_no_more_work(connected: Account) -> None:
    place(connected)
    connected.invoke("poll_tiktok")

    assert connected.invoke("push_channeladvisor", Context(seconds_left=SECONDS_TO_FINISH - 1))["pushes_cut_short"] == 1
    assert (
        connected.invoke("push_channeladvisor", Context(seconds_left=SECONDS_TO_FINISH + 15))["told_create_order"] == 1
    )


def test_nothing_that_is_written_holds_a_buyer_or_a_secret(
    connected: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    order, *_ = [place(connected, buyer_message="Please leave it with Mrs Canary") for _ in range(3)]
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        connected.invoke(function)
    connected.oms.ship(order, "Nobody's carrier", "Ground", usps(1))
    for function in ("poll_oms", "push_tiktok", "poll_channeladvisor", "reconcile"):
        connected.invoke(function)
    connected.invoke("refresh_tokens", at_once=True)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    inputs = [
        boto3.client("stepfunctions").describe_execution(executionArn=execution["executionArn"])["input"]
        for machine in ("cool-down", "cancellation-approval")
        for execution in connected.executions(machine)
    ]
    written = "\n".join([connected.logged.getvalue(), capsys.readouterr().out, json.dumps(items), *inputs])
    secrets = ["app-secret", "shared-secret", "oms-token", "a key of many signs", *connected.tokens().values()]

    assert "Nobody's carrier" in written
    for private in [*connected.tiktok.buyer_data(), "Canary", *secrets]:
        if len(private) > 3:
            assert private not in written
