"""The demo is the end-to-end test: the deployed template, the partners' own books, and a verdict that can fail."""

import io

import pytest
from rich.console import Console

from local.demo.day import Sabotage, run_day
from local.demo.planned_orders import WITHOUT_COOL_DOWN

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]


def test_every_promise_is_kept_on_a_trading_day() -> None:
    said = io.StringIO()
    checks = run_day(Console(file=said))
    assert len(checks) == 36
    assert [check for check in checks if not check.holds] == [], said.getvalue()
    late = ("7.00 % (7 of 100)", "4.00 % (1 of 25)", "ALARM  LateDispatchRateOverLimit")
    parcels = ("the check digit is wrong", "carrier U.P.S. Grnd: 1 parcel waits, dispatch by", "partially shipped")
    returns = ("Return Label Generated", "everywhere (shop's rule)", "refused, people know")
    for shown in (*late, *parcels, *returns):
        assert shown in said.getvalue()


def test_a_sabotaged_day_is_noticed() -> None:
    checks = run_day(Console(file=io.StringIO()), Sabotage.HOLD, WITHOUT_COOL_DOWN)
    broken = {check.promise for check in checks if not check.holds}
    # So short a day may end before a schedule has fired.
    assert broken - {"An EventBridge schedule fired by itself"} == {
        "Nothing left before the buyer's cool-down was over"
    }
