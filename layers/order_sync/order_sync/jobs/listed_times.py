"""The times of SKUs in the shop's table of listings, for whoever counts deadlines."""

from collections.abc import Iterable

from order_sync.domain.listings.times import NO_LISTINGS, Listings
from order_sync.jobs.run import ShopRun
from order_sync.ledger.listings import ListingTables


def listed_times(run: ShopRun, skus: Iterable[str]) -> Listings:
    """Those of the SKUs that are listed: one batch of reads, and none at all for a shop without a table.

    What somebody has damaged counts as not listed, so that no order waits for it, and is said once in a run.
    """
    wanted = set(skus) if run.shop.listings else set()
    if not wanted:
        return NO_LISTINGS
    stored = ListingTables(run.ledger.table).of(run.shop.shop, wanted)
    for error in stored.damaged.values():
        text = f"{error}; load the whole table again, with replace"
        if f"listings_damaged: {text}" not in run.report.problems:
            run.report.problem("listings_damaged", text)
    return stored.times
