"""The real definition of the wait for an answer in an interpreter, with the real functions: cancel requests."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Status
from order_sync.bootstrap import runs
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Cancellation, Outcome
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import CancelId, OrderId, ShopId
from order_sync.domain.records import Change, OrderRecord
from tests.account import Account, failures

TEE = LineSpec("TEE-BLU-M", "20.00")
APPROVE, REJECT = "APPROVE", "REJECT"


@dataclass(frozen=True)
class Asked:
    """An order that both sides have, and whose buyer has asked to cancel it."""

    account: Account
    order: str
    cancel: str

    def request(self) -> Cancellation:
        """As the ledger keeps it."""
        record = runs.ledger().load(ShopId(self.account.shop_id), OrderId(self.order))
        assert record is not None
        request = record.cancellation(CancelId(self.cancel))
        assert request is not None
        return request

    def answers(self) -> list[str]:
        """The answers that TikTok Shop was given, whether it took them or not."""
        return [each.decision for each in self.account.tiktok.books.decisions_of(self.cancel)]

    def outcome(self) -> OutcomeAtTikTok | None:
        """How it ended at TikTok Shop."""
        return self.account.tiktok.cancellation(self.cancel).outcome

    def answer(self, decision: str) -> dict[str, int]:
        """A person answers."""
        return self.account.invoke("answer_cancel_request", cancel_request=self.cancel, decision=decision)

    def time_passes(self) -> datetime:
        """Until the end of the wait, which was a second ago; the clock itself cannot be turned here."""
        until = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)

        def over(record: OrderRecord | None) -> Change | None:
            assert record is not None
            draft = Draft(record, datetime.now(UTC))
            draft.keep_cancellation(replace(self.request(), answer_until=until, next_due=until))
            return draft.change()

        runs.ledger().change(ShopId(self.account.shop_id), OrderId(self.order), over)
        return until

    def wake(self, until: datetime) -> tuple[str, list[dict[str, Any]]]:
        """One execution: how it ended, and what it did."""
        ids = {"shop": self.account.shop_id, "order": self.order, "cancel_request": self.cancel}
        return self.account.execute("cancellation-approval", until, **ids)


@pytest.fixture
def asked(account: Account) -> Asked:
    account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    order = account.tiktok.place_order(account.shop, [TEE], hold=False)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        account.invoke(function)
    cancel = account.tiktok.request_cancel(order)
    for function in ("poll_tiktok", "push_oms"):
        account.invoke(function)
    return Asked(account, order, cancel)


def set_rule(account: Account, rule: str) -> None:
    account.invoke("change_settings", cancellations={"without_answer": rule})


def test_a_request_that_is_seen_starts_one_execution_with_its_ids_that_waits_for_the_end_of_the_wait(
    asked: Asked,
) -> None:
    asked.account.invoke("poll_tiktok")
    (execution,) = asked.account.executions("cancellation-approval")
    until = asked.request().answer_until

    assert until is not None
    assert execution["status"] == "RUNNING"
    assert execution["name"] == f"{asked.cancel}-{until:%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_an_answer_that_was_given_stands_and_is_not_told_again(asked: Asked, decision: str) -> None:
    asked.answer(decision)
    told = asked.answers()
    status, _ = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert asked.answers() == told == [decision.upper()]
    assert asked.request().answered_by is Decider.OPERATOR


@pytest.mark.parametrize(
    ("rule", "packed", "answer", "outcome"),
    [
        ("reject_if_packed", True, REJECT, OutcomeAtTikTok.REJECTED),
        ("reject_if_packed", False, APPROVE, OutcomeAtTikTok.APPROVED),
        ("approve", True, APPROVE, OutcomeAtTikTok.APPROVED),
    ],
)
def test_without_an_answer_the_rule_of_the_shop_decides(
    asked: Asked, rule: str, answer: str, outcome: OutcomeAtTikTok, *, packed: bool
) -> None:
    set_rule(asked.account, rule)
    if packed:
        asked.account.oms.pack(asked.order)
    status, _ = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert asked.answers() == [answer]
    assert asked.outcome() is outcome
    assert asked.request().answered_by is Decider.SHOP_RULE


def test_a_request_can_be_left_to_tiktok(asked: Asked) -> None:
    set_rule(asked.account, "leave_to_tiktok")
    status, _ = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert asked.answers() == []
    assert asked.request().left_to_tiktok


def test_a_withdrawn_request_ends_without_an_answer_that_counts(asked: Asked) -> None:
    asked.account.tiktok.withdraw_cancel_request(asked.order)
    status, _ = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert asked.account.tiktok.books.decided(asked.cancel) == []
    assert asked.account.tiktok.status(asked.order) is Status.AWAITING_SHIPMENT
    assert asked.request().outcome is Outcome.WITHDRAWN


def test_an_answer_seconds_before_the_timer_holds(asked: Asked) -> None:
    until = asked.time_passes()
    asked.account.oms.decide(asked.cancel, "reject")
    asked.account.invoke("poll_oms")
    status, _ = asked.wake(until)

    assert status == "SUCCEEDED"
    assert asked.answers() == [REJECT]
    assert asked.request().answered_by is Decider.OMS


def test_an_answer_seconds_after_the_timer_is_refused_and_changes_nothing(asked: Asked) -> None:
    status, _ = asked.wake(asked.time_passes())
    with pytest.raises(RejectedError):
        asked.answer("reject")
    asked.account.oms.decide(asked.cancel, "reject")
    asked.account.invoke("poll_oms")

    assert status == "SUCCEEDED"
    assert asked.answers() == [APPROVE]
    assert (asked.request().answer, asked.request().answered_by) == (Answer.APPROVE, Decider.SHOP_RULE)


def test_an_execution_waits_for_its_moment(asked: Asked) -> None:
    asked.time_passes()
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    status, history = asked.wake(until)
    called = next(event["timestamp"] for event in history if event["type"].startswith("LambdaFunctionScheduled"))

    assert status == "SUCCEEDED"
    assert abs(called - until) < timedelta(seconds=1), "the interpreter waits for whole seconds"
    assert asked.answers() == [APPROVE]


def test_an_outage_is_repeated_by_the_timer_until_tiktok_has_the_answer(asked: Asked) -> None:
    asked.account.environment.setenv("RETRY_BASE_SECONDS", "1")
    runs.settings.cache_clear()
    asked.account.tiktok.faults.add(Fault.RATE_LIMITED, "/approve", retry_after=3600)
    status, history = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert set(failures(history)) == {"RetriableError"}
    assert asked.outcome() is OutcomeAtTikTok.APPROVED


def test_what_needs_a_person_is_not_repeated(asked: Asked) -> None:
    asked.account.put_secret("tiktok-app", "no json")
    runs.secrets.cache_clear()
    status, history = asked.wake(asked.time_passes())

    assert status == "FAILED"
    assert failures(history) == ["RejectedError"]
    assert asked.answers() == []


def test_a_failed_execution_is_made_good_by_the_sweep(asked: Asked) -> None:
    asked.account.put_secret("tiktok-app", "no json")
    runs.secrets.cache_clear()
    status, _ = asked.wake(asked.time_passes())
    asked.account.put_secret("tiktok-app", {"app_key": "app", "app_secret": "app-secret"})
    runs.secrets.cache_clear()
    asked.account.invoke("settle_requests", order=None, cancel_request=None, source="schedule")

    assert status == "FAILED"
    assert asked.answers() == [APPROVE]
