"""An operator sends again what failed, after the cause was repaired."""

from datetime import datetime

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.telling import decide_replay
from order_sync.jobs.run import Report
from order_sync.ledger.ledger import Ledger


def replay_failed(shop: ShopId, order: OrderId, entry: str, ledger: Ledger, now: datetime) -> Report:
    """Make the failed entries of an order due again: the named one, or all of them when `entry` is empty."""

    def decide(record: OrderRecord | None) -> Change | None:
        if record is None:
            raise RejectedError(f"order {order} of shop {shop} is not known")
        return decide_replay(record, now, entry)

    change = ledger.change(shop, order, decide)
    report = Report()
    report.count("entries_replayed", len(change.outbox) if change else 0)
    return report
