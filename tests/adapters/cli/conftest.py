"""An operator, and a shop that is connected."""

import pytest

from tests.account import Account, account, aws, cold, environment
from tests.adapters.cli.operator import Operator

__all__ = ["account", "aws", "cold", "environment"]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between two tries takes no time."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def operator(account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """An operator of a stack without shops."""
    return Operator(account, monkeypatch, capsys)


@pytest.fixture
def shop(operator: Operator) -> str:
    """A shop that trades; its id."""
    operator.account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    return operator.account.shop_id
