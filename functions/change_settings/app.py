"""Lambda: change a shop's settings, or lift its notices. Invoked by an operator."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.change_settings import change_settings
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, _context: Context, _report: Report) -> Report:
    """Event: a shop's whole settings, or {"shop", "change": {"<dotted.name>": <value>}}, or {"shop", "lift": […]}.

    `lift` may stand beside the others. Notices that stay open are logged and counted as `open_notices`.
    """
    return change_settings(event, runs.shops(), runs.now())
