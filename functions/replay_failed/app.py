"""Lambda: send again what failed. Invoked by an operator, after the cause was repaired."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.replay_failed import replay_failed
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, _report: Report) -> Report:
    """Event: {"shop", "order", "entry" or absent for all of the order's}, {"shop", "all": true}, or {"shop"} with
    {"reason": "<its beginning>", "target", "action"} or some of them. {"shop", "find": true} lists what failed before
    an upgrade.
    """
    return replay_failed(event, runs.ledger(), runs.now, runs.time_left(context))
