"""Lambda: compare the open orders of TikTok Shop, ChannelAdvisor and the OMS with the ledger, for one shop."""

from order_sync.bootstrap import channeladvisor, notices, oms, runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.reconcile import reconcile
from order_sync.jobs.run import Report
from order_sync.jobs.side_comparisons import Sides


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}. The answer holds the counts and the first 100 differences."""
    run = runs.trading_run(event, context, report)
    watch = tiktok_shop.watch(run)
    returns = tiktok_shop.return_watch(run, watch.orders)
    sides = Sides(channeladvisor=lambda: channeladvisor.client(run.shop), oms=lambda: oms.client(run.shop))
    return reconcile(run, tiktok_shop.client(run.shop), watch, returns, sides=sides, publish=notices.publish)
