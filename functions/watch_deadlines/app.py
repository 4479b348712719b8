"""Lambda: warn of one shop's deadlines and measure it. Woken by the clock."""

from order_sync.bootstrap import notices, runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.run import Report
from order_sync.jobs.watch_deadlines import watch_deadlines


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    return watch_deadlines(runs.trading_run(event, context, report), notices.publish)
