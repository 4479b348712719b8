"""Lambda: look at the holds of one shop that should be over. Woken by the cool-down timer and by the clock."""

from order_sync.bootstrap import runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.release_due_orders import release_due_orders
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.trading_run(event, context, report)
    return release_due_orders(run, tiktok_shop.order_watch(run))
