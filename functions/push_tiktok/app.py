"""Lambda: tell TikTok Shop what waits for it, for one shop."""

from order_sync.bootstrap import runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.push_tiktok import push_tiktok
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.trading_run(event, context, report)
    watch = tiktok_shop.watch(run)
    return push_tiktok(run, tiktok_shop.client(run.shop), watch, tiktok_shop.return_watch(run, watch.orders))
