"""The same definition of the wait for an answer in an interpreter: what TikTok Shop asks about returns."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from order_sync.bootstrap import runs
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import OrderId, ReturnId, ShopId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.returns import Return
from order_sync.domain.returning.statuses import ReturnState
from tests.account import Account, failures

TEE = LineSpec("TEE-BLU-M", "20.00")


@dataclass(frozen=True)
class Asked:
    """An order that has left, and whose buyer wants money back without goods."""

    account: Account
    order: str
    return_id: str

    def known(self) -> Return:
        """As the ledger keeps it."""
        record = runs.ledger().load(ShopId(self.account.shop_id), OrderId(self.order))
        assert record is not None
        known = record.return_of(ReturnId(self.return_id))
        assert known is not None
        return known

    def answers(self) -> list[str]:
        """The answers that TikTok Shop was given, whether it took them or not."""
        return [each.decision for each in self.account.tiktok.books.return_decisions_of(self.return_id)]

    def time_passes(self) -> datetime:
        """Until the end of the wait, which was a second ago; the clock itself cannot be turned here."""
        until = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)

        def over(record: OrderRecord | None) -> Change | None:
            assert record is not None
            draft = Draft(record, datetime.now(UTC))
            draft.keep_return(replace(self.known(), answer_until=until, next_due=until))
            return draft.change()

        runs.ledger().change(ShopId(self.account.shop_id), OrderId(self.order), over)
        return until

    def wake(self, until: datetime) -> tuple[str, list[dict[str, Any]]]:
        """One execution: how it ended, and what it did."""
        ids = {"shop": self.account.shop_id, "order": self.order, "return": self.return_id}
        return self.account.execute("cancellation-approval", until, **ids)


@pytest.fixture
def asked(account: Account) -> Asked:
    account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z", returns={"without_answer": "approve"})
    order = account.tiktok.place_order(account.shop, [TEE], hold=False)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        account.invoke(function)
    account.tiktok.ship_in_seller_center(order, usps(1), "USPS")
    account.invoke("poll_tiktok")
    return_id = account.tiktok.buyer_requests_return(order, ReturnType.REFUND)
    for function in ("poll_tiktok", "push_oms"):
        account.invoke(function)
    return Asked(account, order, return_id)


def test_a_return_that_is_seen_starts_one_execution_that_waits_for_the_end_of_the_wait(
    asked: Asked,
) -> None:
    asked.account.invoke("poll_tiktok")
    (execution,) = asked.account.executions("cancellation-approval")
    until = asked.known().answer_until

    assert until is not None
    assert execution["status"] == "RUNNING"
    assert execution["name"] == f"return-{asked.return_id}-{until:%Y%m%dT%H%M%SZ}"


def test_without_an_answer_about_a_return_the_rule_of_the_shop_approves(asked: Asked) -> None:
    until = asked.time_passes()
    status, _ = asked.wake(until)

    assert status == "SUCCEEDED"
    assert asked.answers() == ["APPROVE_REFUND"]
    assert asked.known().state is ReturnState.REFUND_ACCEPTED


def test_without_an_answer_a_return_can_be_left_to_tiktok(asked: Asked) -> None:
    asked.account.invoke("change_settings", returns={"without_answer": "leave_to_tiktok"})
    status, _ = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert asked.answers() == []
    assert asked.known().left_to_tiktok


def test_an_answer_about_a_return_seconds_before_the_timer_holds(asked: Asked) -> None:
    until = asked.time_passes()
    asked.account.oms.decide_return(asked.account.shop_id, asked.return_id, "refund", "reject")
    status, _ = asked.wake(until)

    assert status == "SUCCEEDED"
    assert asked.answers() == ["REJECT_REFUND"], "the rule asks the OMS before it speaks"


def test_an_outage_is_repeated_by_the_timer_until_tiktok_has_the_answer_about_a_return(
    asked: Asked,
) -> None:
    asked.account.environment.setenv("RETRY_BASE_SECONDS", "1")
    runs.settings.cache_clear()
    asked.account.tiktok.faults.add(Fault.RATE_LIMITED, "/approve", retry_after=3600)
    status, history = asked.wake(asked.time_passes())

    assert status == "SUCCEEDED"
    assert set(failures(history)) == {"RetriableError"}
    assert asked.account.tiktok.books.decided_return(asked.return_id)


def test_a_failed_execution_about_a_return_is_made_good_by_the_sweep(asked: Asked) -> None:
    asked.account.put_secret("tiktok-app", "no json")
    runs.secrets.cache_clear()
    status, _ = asked.wake(asked.time_passes())
    asked.account.put_secret("tiktok-app", {"app_key": "app", "app_secret": "app-secret"})
    runs.secrets.cache_clear()
    asked.account.invoke("settle_requests", order=None, source="schedule")

    assert status == "FAILED"
    assert asked.answers() == ["APPROVE_REFUND"]
