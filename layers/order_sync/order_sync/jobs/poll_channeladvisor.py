"""Bring in what changed in ChannelAdvisor: the OMS's trace there, and parcels, cancellations, refunds made by hand."""

from datetime import UTC, datetime
from typing import Final

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts, decide_channeladvisor_sighting
from order_sync.domain.orders import Order
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.slices import Feed, read_in_slices
from order_sync.partners.channeladvisor.client import ChannelAdvisor

CHANNELADVISOR_FEED: Final = "channeladvisor_orders"


def poll_channeladvisor(run: ShopRun, channeladvisor: ChannelAdvisor) -> Report:
    """Read the profile's orders that changed, by whichever link; those that the ledger does not know are not ours."""
    shop = run.shop.shop
    cursor = run.shops.cursor(shop, CHANNELADVISOR_FEED)
    newest = datetime.fromisoformat(cursor.position) if cursor.position else run.shop.starts_at
    slices = read_in_slices(
        Feed(
            search=channeladvisor.orders_updated,
            times_of=lambda page: page.times,
            next_of=lambda page: page.next_link,
        ),
        since=newest - run.timing.poll_overlap,
        until=run.now(),
        lag=run.timing.poll_overlap,
    )
    for part in slices:
        named = [facts.order for facts in part.page.orders]
        named += [damaged.order for damaged in part.page.unreadable if damaged.order]
        known = run.ledger.heads(shop, named)
        for damaged in part.page.unreadable:
            if damaged.order is None or _is_ours(known.get(damaged.order), damaged.id):
                run.report.problem("channeladvisor_orders_unreadable", f"order {damaged.id}: {damaged.reason}")
            else:
                run.report.count("channeladvisor_orders_not_ours")
        for facts in part.page.orders:
            if _is_ours(known.get(facts.order), facts.id):
                see(run, facts)
            else:
                run.report.count("channeladvisor_orders_not_ours")
        if part.read_up_to > newest:
            newest = part.read_up_to
            position = newest.astimezone(UTC).isoformat(timespec="microseconds")
            moved = run.shops.move_cursor(shop, CHANNELADVISOR_FEED, cursor, position)
            if moved is None:
                run.report.count("overlapping_polls")
                break
            cursor = moved
        if not run.has_time():
            run.report.count("polls_cut_short")
            break
    run.mark_good_poll("poll_channeladvisor")
    return run.report


def _is_ours(known: Order | None, channeladvisor_id: str) -> bool:
    return known is not None and known.channeladvisor_id in ("", channeladvisor_id)


def see(run: ShopRun, facts: ChannelAdvisorFacts) -> bool:
    """Save what ChannelAdvisor shows of an order; whether that was news."""
    what = f"order {facts.order}, in ChannelAdvisor {facts.id}"
    change = None
    with run.apart("channeladvisor_orders_undecided", f"channeladvisor order {facts.id}", what):
        change = run.ledger.change(
            run.shop.shop,
            facts.order,
            lambda record: (
                decide_channeladvisor_sighting(record, facts, run.shop, run.timing, run.now()) if record else None
            ),
        )
        if change is not None:
            run.report.count("channeladvisor_orders_changed")
            run.count_parcels(change)
            run.count_seller_cancellations(change)
            run.count_seller_refunds(change)
    return change is not None
