"""Lambda: connect a shop or change its settings. Invoked by an operator."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.connect_shop import connect_shop
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, _context: Context, _report: Report) -> Report:
    """Event: the shop's settings, as `ShopSettings` names them, and "lift": ["<name of a notice that was seen to>"].

    Notices that stay open are logged and counted as `open_notices`.
    """
    return connect_shop(event, runs.shops(), runs.now())
