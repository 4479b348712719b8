"""Lambda: bring in what changed in ChannelAdvisor, for one shop."""

from order_sync.bootstrap import channeladvisor, runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.poll_channeladvisor import poll_channeladvisor
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.trading_run(event, context, report)
    return poll_channeladvisor(run, channeladvisor.client(run.shop))
