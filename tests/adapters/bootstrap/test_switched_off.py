"""A shop that is switched off: whoever starts its jobs, partners are told nothing, and nothing is lost by it."""

import pytest

from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import usps
from order_sync.domain.errors import RejectedError
from tests.account import FUNCTIONS, Account

TEE = LineSpec("TEE-BLU-M", "20.00")
TRADING = {
    *("poll_tiktok", "poll_channeladvisor", "poll_oms", "push_tiktok", "push_channeladvisor", "push_oms"),
    *("release_due_orders", "settle_requests", "watch_deadlines", "reconcile"),
}
OFF = {"shop_is_switched_off": 1}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between two tries takes no time."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def connected(account: Account) -> Account:
    account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    return account


def switch(account: Account, *, active: bool) -> None:
    account.run("change_settings", {"shop": account.shop_id, "change": {"active": active}})


def calls(account: Account) -> int:
    others = len(account.channeladvisor.books.requests()) + len(account.oms.books.requests())
    return len(account.tiktok.books.requests) + others


@pytest.mark.parametrize("source", ["schedule", "timer", "redrive", ""])
def test_no_job_that_trades_asks_or_tells_a_partner_anything(connected: Account, source: str) -> None:
    order = connected.tiktok.place_order(connected.shop, [TEE], hold=False)
    for job in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        connected.invoke(job)
    connected.oms.ship(order, "USPS Ground Advantage", "Ground", usps(1))
    switch(connected, active=False)
    before = calls(connected)

    assert set(FUNCTIONS) >= TRADING
    for job in sorted(TRADING):
        assert connected.run(job, {"shop": connected.shop_id, "source": source}) == OFF, job
    assert calls(connected) == before


def test_its_tokens_are_kept_alive_and_reports_answer(connected: Account) -> None:
    switch(connected, active=False)

    assert connected.invoke("refresh_tokens", at_once=True)["tokens_renewed"] == 1
    assert OFF.items().isdisjoint(connected.invoke("report_late_dispatch").items())
    assert "parcels_waiting" in connected.run("map_carriers", {"shop": connected.shop_id})


def test_an_answer_by_hand_is_refused_in_a_sentence(connected: Account) -> None:
    order = connected.tiktok.place_order(connected.shop, [TEE], hold=False)
    for job in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        connected.invoke(job)
    cancel = connected.tiktok.request_cancel(order)
    connected.invoke("poll_tiktok")
    switch(connected, active=False)
    words = f"shop {connected.shop_id} is switched off, so TikTok Shop is told nothing: switch it on"
    with pytest.raises(RejectedError, match=words):
        connected.invoke("answer_cancel_request", cancel_request=cancel, decision="reject")
    with pytest.raises(RejectedError, match=words):
        connected.run("answer_return", {"shop": connected.shop_id, "return": "1", "decision": "approve"})
    assert connected.tiktok.books.decided(cancel) == []

    switch(connected, active=True)
    connected.invoke("answer_cancel_request", cancel_request=cancel, decision="reject")
    assert [each.decision for each in connected.tiktok.books.decided(cancel)] == ["REJECT"]


def test_what_a_timer_did_not_do_then_the_sweep_does_once_the_shop_is_on_again(connected: Account) -> None:
    connected.invoke("change_settings", oms={"adapter": "none"})
    order = connected.tiktok.place_order(connected.shop, [TEE], hold=False)
    for job in ("poll_tiktok", "push_channeladvisor"):
        connected.invoke(job)
    connected.tiktok.request_cancel(order)
    connected.invoke("poll_tiktok")
    switch(connected, active=False)
    assert connected.run("settle_requests", {"shop": connected.shop_id, "order": order, "source": "timer"}) == OFF
    assert connected.notices() == []

    switch(connected, active=True)
    connected.run("settle_requests", {"shop": connected.shop_id, "source": "schedule"})
    assert [subject for subject, _ in connected.notices()] == [f"A buyer asks to cancel: order {order}"]
