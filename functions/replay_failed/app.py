"""Lambda: send again what failed for one order. Invoked by an operator, after the cause was repaired."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.domain.ids import OrderId, ShopId
from order_sync.jobs.replay_failed import replay_failed
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, _context: Context, _report: Report) -> Report:
    """Event: {"shop": "<shop id>", "order": "<order id>", "entry": "<outbox entry>, or absent for all"}."""
    shop, order, entry = (str(event.get(name, "")) for name in ("shop", "order", "entry"))
    return replay_failed(ShopId(shop), OrderId(order), entry, runs.ledger(), runs.now())
