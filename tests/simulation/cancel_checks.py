"""What must hold about what was cancelled of one order, on every side."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.cancelling.news import CANCELED_FIRST
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState, Target
from tests.simulation.told import Told


def canceled_everywhere(told: Told) -> Iterator[str]:
    """Nobody ships what is cancelled, and everybody ships the rest."""
    yield from _same_units_left(told)
    yield from _told_of_nothing_else(told)
    yield from _seller_knows(told)
    yield from _every_wish_is_known(told)
    yield from _starter_is_not_told(told)
    yield from _recovered(told)
    yield from _never_twice(told)


def _same_units_left(told: Told) -> Iterator[str]:
    if told.contested or told.on_its_way:
        return
    left = Counter(line.seller_sku for line in told.there.unshipped)
    for created in told.created:
        items = told.day.world.channeladvisor._state.orders[created["ID"]].items
        there = +Counter[str](sku for item in items for sku in [item["Sku"]] * max(item.unshipped, 0))
        if there != left:
            yield f"has {dict(left)} left to ship at TikTok, {dict(there)} in ChannelAdvisor"
        if told.canceled and created["ShippingStatus"] != "Canceled":
            yield f"is cancelled, but {created['ShippingStatus']} in ChannelAdvisor"
    if told.taken is not None:
        there = Counter(line.sku for line in told.taken.lines if line.state in ("open", "packed"))
        if there != left:
            yield f"has {dict(left)} left to ship at TikTok, {dict(there)} in the OMS"


def _told_of_nothing_else(told: Told) -> Iterator[str]:
    """Nothing that lives at TikTok is cancelled elsewhere by us, and nothing is held back for ever."""
    if told.taken is None:
        return
    if told.order.by_sku:
        return
    for each in told.taken.cancellations:
        if living := set(each.lines) - told.canceled_lines:
            yield f"has lines {sorted(living)} cancelled in the OMS, but not at TikTok"
    living = {line.id for line in told.there.unshipped}
    if held := sorted(line.id for line in told.taken.lines if line.withheld_for and line.id in living):
        yield f"has lines {held} that the OMS holds back for ever"


def _seller_knows(told: Told) -> Iterator[str]:
    """What became of a seller's wish is what TikTok shows, and its sender knows."""
    for wish in told.record.seller_cancellations:
        if wish.is_open:
            yield f"has the seller's cancellation {wish.id} still open"
        if wish.state is SellerCancelState.ACCEPTED and not told.canceled_lines.issuperset(wish.line_ids):
            yield f"has the seller's cancellation {wish.id} accepted, but not at TikTok"
        refused = wish.state is SellerCancelState.REFUSED
        if wish.source is Source.OMS:
            listed = told.day.world.oms.books.seller_cancellations(told.order.id)
            found = [each.told["outcome"] for each in listed if f"oms-{each.id}" == wish.id and each.told]
            if set(found) != {"refused" if refused else "accepted"}:
                yield f"has the seller's cancellation {wish.id} {wish.state}, but {found} as the OMS was told"
        elif refused and not _published(told, "TikTok Shop does not allow a cancellation", wish.id):
            yield f"has the seller's cancellation {wish.id} refused, and nobody was told"


def _every_wish_is_known(told: Told) -> Iterator[str]:
    if told.record.order.handling is not Handling.OURS:
        return
    books, wishes = told.day.world.channeladvisor.books, told.record.seller_cancellations
    known = {name for wish in wishes for name in (wish.id, *wish.parts)}
    for listed in told.day.world.oms.books.seller_cancellations(told.order.id):
        if not listed.raw and f"oms-{listed.id}" not in known:
            yield f"has the OMS's cancellation {listed.id}, of which the ledger knows nothing"
    for each in [each for created in told.created for each in books.adjustments(created["ID"])]:
        level = "item" if "OrderItemID" in each else "order"
        is_ours = each["CreatedSource"] == "Api" or each["Type"] != "Cancellation"
        if not is_ours and f"channeladvisor-{level}-{each['ID']}" not in known:
            yield f"has ChannelAdvisor's cancellation {each['ID']}, of which the ledger knows nothing"


def _starter_is_not_told(told: Told) -> Iterator[str]:
    """Who cancelled of himself knows it, unless TikTok showed it before his word came in."""
    facts = list(enumerate(told.timeline))
    reported = {fact.detail["cancellation"]: n for n, fact in facts if fact.event == "SELLER_CANCELLATION_REPORTED"}
    seen_canceled = [n for n, fact in facts if fact.event in ("CANCELED", "LINES_CANCELED")]
    for wish in told.record.seller_cancellations:
        if wish.state is not SellerCancelState.ACCEPTED or any(n < reported[wish.id] for n in seen_canceled):
            continue
        for entry in told.record.outbox:
            about_it = entry.action is Action.CANCEL_ORDER or (
                entry.action is Action.CANCEL_LINE and entry.subject in wish.line_ids
            )
            if about_it and entry.target.as_source is wish.source and entry.state is EntryState.DONE:
                yield f"has {entry.name} told to the {wish.source}, which had started {wish.id}"


def _recovered(told: Told) -> Iterator[str]:
    """What is cancelled and has left must come back: the OMS knows, or people."""
    if told.record.order.handling is not Handling.OURS:
        return
    # A parcel that was refused for another reason is in a person's hands already.
    known = {each.tracking_number for each in told.record.parcels if each.refused in ("", CANCELED_FIRST)}
    for parcel in told.crossing:
        if not parcel.lines or parcel.tracking not in known:
            continue
        recovery = (told.taken.recovery or {}) if told.taken else {}
        named = [each["tracking_number"] for each in recovery.get("parcels", ())]
        if parcel.tracking not in named and not _published(told, "A cancelled order has left", parcel.tracking):
            yield f"has parcel {parcel.tracking} to be recovered, and nobody knows"


def _published(told: Told, subject: str, what: str) -> bool:
    published = told.day.world.published
    return any(subject in title and told.order.id in title and what in text for title, text in published)


def _never_twice(told: Told) -> Iterator[str]:
    """TikTok is asked once to cancel a line, and never to ship what it showed as cancelled."""
    books = told.day.world.tiktok.books
    done = [each for each in books.seller_cancels if each.order_id == told.order.id and each.code == 0]
    lines = Counter(line for each in done for line in each.line_ids)
    yield from (f"has line {line} cancelled {times} times at TikTok" for line, times in lines.items() if times > 1)
    canceled_at = next((fact.at for fact in told.timeline if fact.event == "CANCELED"), None)
    if canceled_at is None:
        return
    for refused in books.refused_shipments:
        if refused.order_id == told.order.id and refused.at > canceled_at + timedelta(minutes=10):
            yield f"was shipped at {refused.at}, though the ledger had it cancelled at {canceled_at}"
    for each in books.seller_cancels:
        if each.order_id == told.order.id and each.by == "api" and each.at > canceled_at + timedelta(minutes=10):
            yield f"was to be cancelled at {each.at}, though the ledger had it cancelled at {canceled_at}"


def may_have_failed(told: Told, action: Action, target: Target, subject: str) -> bool:
    """What may have failed for good: what TikTok refuses, what left meanwhile, and what was corrected too late."""
    if action is Action.CANCEL_AS_SELLER and target is Target.TIKTOK_SHOP:
        wish = told.record.seller_cancellation(subject)
        return wish is not None and wish.state is SellerCancelState.REFUSED
    if action is Action.CORRECT_PARCEL and target is Target.TIKTOK_SHOP and told.there.delivered_at is not None:
        # Who corrects the number of a parcel that is delivered is told so.
        return any(parcel.corrected for parcel in told.order.parcels)
    return told.contested
