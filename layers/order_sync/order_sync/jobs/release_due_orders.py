"""Look at the holds that should be over. Woken by the cool-down timer, and by the clock as a safety net."""

from itertools import batched
from typing import Final

from order_sync.jobs.order_watch import ORDERS_A_READ, OrderWatch
from order_sync.jobs.run import Report, ShopRun

ORDERS_A_RUN: Final = 5_000


def release_due_orders(run: ShopRun, watch: OrderWatch) -> Report:
    """Re-read every order of the shop whose hold is due: released, cancelled, or moved to a later slot (G2)."""
    due = run.ledger.held_orders_due(run.shop.shop, ORDERS_A_RUN)
    for batch in batched(due, ORDERS_A_READ, strict=False):
        readings = watch.re_read(batch)
        for order in batch:
            if order not in readings:
                run.report.problem("held_orders_not_read", f"order {order} is held, and TikTok Shop shows none to read")
        if not run.has_time():
            run.report.count("releases_cut_short")
            break
    return run.report
