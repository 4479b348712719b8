"""Lambda: explain a shop's Late Dispatch Rate and its parcels' scans. Invoked by an operator."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.report_late_dispatch import report_late_dispatch
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop"}; also "days" for the window, "profile" for a what-if, "late_orders" for how many to name."""
    return report_late_dispatch(runs.shop_run(event, context, report), event)
