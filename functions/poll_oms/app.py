"""Lambda: bring in the parcels that the OMS has shipped, for one shop."""

from order_sync.bootstrap import oms, runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.poll_oms import poll_oms
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.shop_run(event, context, report)
    return poll_oms(run, oms.client(run.shop)) if run.shop.has_oms else run.report
