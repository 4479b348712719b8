"""Lambda: tell the OMS what waits for it, for one shop."""

from order_sync.bootstrap import oms, runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.push_oms import push_oms
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.trading_run(event, context, report)
    if not run.shop.has_oms:
        return run.report
    return push_oms(run, oms.client(run.shop), tiktok_shop.watch(run))
