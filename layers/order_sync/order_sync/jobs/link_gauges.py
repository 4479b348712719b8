"""What ChannelAdvisor's own TikTok link should have brought or carried by now, in shops that only observe it."""

from collections.abc import Sequence
from typing import Final

from order_sync.domain.observing import NOT_BROUGHT, is_not_carried, is_overdue
from order_sync.domain.outbox import Action, OutboxEntry, Target
from order_sync.jobs.run import ShopRun

PARCELS_MISSING: Final = "native link: parcels missing at TikTok Shop"
ORDERS_MISSING: Final = "native link: orders missing in ChannelAdvisor"


def measure_link(run: ShopRun) -> int:
    """Publish how many parcels TikTok Shop lacks, and keep one notice of each kind while there are any.

    Gives back how many orders are looked for in vain. Of each kind a hundred entries are seen at most.
    """
    if not run.shop.observes:
        return 0
    parcels = [
        entry
        for action in (Action.SHIP, Action.CORRECT_PARCEL)
        for entry in run.ledger.oldest_entries(Target.TIKTOK_SHOP, action, run.shop.shop)
        if is_not_carried(entry)
    ]
    creations = run.ledger.oldest_entries(Target.CHANNELADVISOR, Action.CREATE_ORDER, run.shop.shop)
    orders = [entry for entry in creations if is_overdue(entry, run.shop, run.now())]
    run.report.gauge("parcels_missing_at_tiktok", len(parcels))
    _keep_notice(run, PARCELS_MISSING, parcels, "TikTok Shop does not have parcels that the link should have carried")
    _keep_notice(run, ORDERS_MISSING, orders, NOT_BROUGHT)
    for entry in orders:
        run.report.problem("orders_not_brought", f"order {entry.order} is looked for since {entry.queued_at}")
    return len(orders)


def _keep_notice(run: ShopRun, name: str, entries: Sequence[OutboxEntry], text: str) -> None:
    """The notice lifts itself, since nobody has to decide anything."""
    shop = run.shop.shop
    if entries:
        oldest = min(entries, key=lambda entry: entry.queued_at)
        run.shops.put_notice(shop, name, f"{text}: {len(entries)}, the oldest of order {oldest.order}")
    elif run.shops.notice(shop, name):
        run.shops.lift_notice(shop, name)
