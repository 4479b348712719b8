"""Lambda: tell ChannelAdvisor what waits for it, for one shop."""

from order_sync.bootstrap import channeladvisor, runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.push_channeladvisor import push_channeladvisor
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.trading_run(event, context, report)
    return push_channeladvisor(run, channeladvisor.client(run.shop), tiktok_shop.watch(run))
