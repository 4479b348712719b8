"""Lambda: show the estimated delivery of a SKU, and where each part comes from. Invoked by an operator."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.run import Report
from order_sync.jobs.show_delivery_estimate import show_delivery_estimate


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop", "sku"}; also "ordered_at", a moment such as "2026-06-01T12:00:00-07:00" instead of now."""
    return show_delivery_estimate(runs.shop_run(event, context, report), event)
