"""Lambda: start one job for every active shop. Woken by the schedules."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.dispatch import dispatch
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, _context: Context, _report: Report) -> Report:
    """Event: {"job": "<name of the job>"}."""
    return dispatch(str(event.get("job", "")), runs.job_functions(), runs.shops(), runs.invoke_for_shop)
