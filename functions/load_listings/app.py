"""Lambda: load the handling and shipping times of a shop's SKUs. Invoked by an operator."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.load_listings import load_listings
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop", "csv"}, the text of a file; with "replace": true SKUs that it does not name are dropped."""
    return load_listings(runs.shop_run(event, context, report), event)
