"""Lambda: count a shop's daily counters of late dispatch anew. Invoked by an operator."""

import time

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.recount_late_dispatch import recount_late_dispatch
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop"}; also "days", how many days back, and "from_shard", where a run was cut short."""
    return recount_late_dispatch(runs.shop_run(event, context, report), event, time.sleep)
