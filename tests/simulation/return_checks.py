"""What must hold for the returns and refunds of one order: one answer, one refund, one booking, and all know it."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from local.simulators.tiktok_shop.return_books import IssuedRefund
from local.simulators.tiktok_shop.return_records import ReturnRecord
from order_sync.domain.ids import ReturnId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.returning.refunds import refunded
from order_sync.domain.returning.returns import Return, SellerRefund, SellerRefundState
from order_sync.domain.returning.statuses import RETURN_WORDS
from tests.adapters.returns.return_checks import word_for
from tests.simulation.told import Told
from tests.world import CYCLE

ONCE_A_RETURN = ("RETURN_REQUESTED", "REFUND_CONFIRMED")
ONCE_A_REFUND = ("SELLER_REFUND_REPORTED", "SELLER_REFUND_ACCEPTED", "SELLER_REFUND_REFUSED")


def returns_agree(told: Told) -> Iterator[str]:
    """Every return at TikTok stands everywhere as it ended, and its money is where it belongs."""
    yield from _never_twice(told)
    yield from _told_once(told)
    if told.order.damaged:
        return
    for there in told.day.world.tiktok.returns_of(told.order.id):
        known = told.record.return_of(ReturnId(there.id))
        if known is None:
            yield f"has return {there.id} at TikTok ({there.status}) that the ledger lacks"
            continue
        yield from (f"return {there.id}: {wrong}" for wrong in _return(told, there, known))
    yield from _same_money(told)
    yield from _wishes(told)


def _return(told: Told, there: ReturnRecord, known: Return) -> Iterator[str]:
    word, now = word_for(there), told.day.world.time
    if RETURN_WORDS[known.state] != word:
        yield f"is {word} at TikTok, {RETURN_WORDS[known.state]} in the ledger"
    asked = known.question if known.is_asked else None
    if (there.question or "") != (asked or ""):
        yield f"asks {there.question} at TikTok, {known.question} in the ledger"
    if there.question and there.respond_by and there.respond_by < now:
        yield "is still asked at TikTok after its deadline"
    if told.record.order.handling is not Handling.OURS or told.on_its_way:
        return
    if told.taken is not None:
        found = [each for each in told.day.world.oms.books.returns(told.order.id) if each.id == there.id]
        states = [(each.state, each.question) for each in found]
        if states != [(word.lower().replace(" ", "_"), (there.question or "").lower())]:
            yield f"is {word}, asks {there.question}, but {states} in the OMS"
    for created in told.created:
        start = f"[Order Sync] Return {there.id}: "
        lines = [line for line in (created["PrivateNotes"] or "").splitlines() if line.startswith(start)]
        if len(lines) != 1 or not lines[0].startswith(f"{start}{word} ("):
            yield f"is {word}, but its notes in ChannelAdvisor are {lines}"


def _never_twice(told: Told) -> Iterator[str]:
    books = told.day.world.tiktok.books
    for there in books.returns(told.order.id):
        taken = Counter(each.decision for each in books.decided_return(there.id) if "OFFER" not in each.decision)
        yield from (f"return {there.id} was answered {each} {n} times" for each, n in taken.items() if n > 1)
    tried = [each for each in books.seller_returns if (each.order_id, each.by, each.code) == (told.order.id, "api", 0)]
    keys = Counter(each.idempotency_key for each in tried if not each.replayed)
    yield from (f"refund {key} was made {n} times at TikTok" for key, n in keys.items() if n > 1)
    issued = Counter(each.return_id for each in books.refunds_issued(told.order.id))
    yield from (f"return {each} was refunded {n} times" for each, n in issued.items() if n > 1)
    for beyond in (books.refunds_beyond_payment, books.units_beyond_price):
        found = {name: money for name, money in beyond.items() if name in _names(told)}
        if found:
            yield f"got more money back than was paid: {found}"


def _names(told: Told) -> set[str]:
    return {told.order.id, *(line.id for line in told.there.lines)}


def _told_once(told: Told) -> Iterator[str]:
    counts = Counter(
        (fact.event.value, fact.detail.get(name, ""))
        for events, name in ((ONCE_A_RETURN, "return_id"), (ONCE_A_REFUND, "refund"))
        for fact in told.timeline
        if fact.event in events
    )
    for (event, about), times in counts.items():
        if times > 1:
            yield f"has {event} of {about} {times} times on its timeline"


def _same_money(told: Told) -> Iterator[str]:
    """What TikTok has refunded is in the ledger, and in ChannelAdvisor unless people were told to settle it."""
    issued = [each for each in told.day.world.tiktok.books.refunds_issued(told.order.id) if each.refund.total]
    total = sum((each.refund.total for each in issued), Decimal(0))
    known = refunded(told.record)
    if (known.amount if known else Decimal(0)) != total:
        yield f"has {total} refunded at TikTok, {known} in the ledger"
    for created in told.created:
        if told.record.order.handling is not Handling.OURS or told.on_its_way:
            continue
        booked = [each for each in told.day.world.channeladvisor.books.refunds(int(created["ID"])) if each.stands]
        ours = Counter(each.seller_id for each in booked if each.source == "Api")
        yield from (f"is refunded as {each} {n} times in ChannelAdvisor" for each, n in ours.items() if n > 1)
        right = sum((_without_fees(each) for each in issued), Decimal(0))
        there = sum((each.total for each in booked), Decimal(0))
        if there != right and not _is_for_people(told):
            yield f"has {right} refunded at TikTok, {there} in ChannelAdvisor: {[(e.source, e.total) for e in booked]}"


def _without_fees(each: IssuedRefund) -> Decimal:
    return each.refund.total - each.refund.retail_delivery_fee - each.refund.buyer_service_fee


def _is_for_people(told: Told) -> bool:
    """A person refunded there what TikTok did not, or something stands in the way; in both cases people were told."""
    refused = any(
        wish.source is Source.CHANNELADVISOR and wish.state is SellerRefundState.REFUSED
        for wish in told.record.seller_refunds
    )
    failed = any(e.action is Action.REFUND_LINES and e.state is EntryState.FAILED for e in told.record.outbox)
    return refused or failed or told.contested


def _wishes(told: Told) -> Iterator[str]:
    """What became of a seller's refund is what TikTok shows, and its sender knows."""
    issued = {each.return_id for each in told.day.world.tiktok.books.refunds_issued(told.order.id)}
    for wish in told.record.seller_refunds:
        if wish.is_open:
            fresh = told.day.world.time - wish.requested_at <= 2 * CYCLE
            if not fresh and not _waits_for_return(told, wish.return_id):
                yield f"has the seller's refund {wish.id} still open: return {wish.return_id}"
            continue
        if wish.state is SellerRefundState.ACCEPTED and wish.return_id not in issued:
            yield f"has the seller's refund {wish.id} accepted, but return {wish.return_id} not refunded"
        yield from _sender_knows(told, wish)
    if told.record.order.handling is Handling.OURS:
        yield from _unknown_wishes(told)


def _sender_knows(told: Told, wish: SellerRefund) -> Iterator[str]:
    refused = wish.state is SellerRefundState.REFUSED
    if wish.source is Source.OMS:
        listed = told.day.world.oms.books.seller_refunds(told.order.id)
        found = {each.told["outcome"] for each in listed if f"oms-{each.id}" == wish.id and each.told}
        if found != {"refused" if refused else "accepted"}:
            yield f"has the seller's refund {wish.id} {wish.state}, but {found} as the OMS was told"
    elif refused and not _published(told, wish.id):
        yield f"has the seller's refund {wish.id} refused, and nobody was told"


def _unknown_wishes(told: Told) -> Iterator[str]:
    world = told.day.world
    known = {wish.id for wish in told.record.seller_refunds}
    for listed in world.oms.books.seller_refunds(told.order.id):
        due = listed.recorded_at < world.time - 2 * CYCLE
        if due and not listed.raw and f"oms-{listed.id}" not in known:
            yield f"has the OMS's refund {listed.id}, of which the ledger knows nothing"
    for booked in [each for made in told.created for each in world.channeladvisor.books.refunds(int(made["ID"]))]:
        if booked.source == "UserInterface" and not any(name.endswith(f"-{booked.id}") for name in known):
            yield f"has ChannelAdvisor's refund {booked.id}, of which the ledger knows nothing"


def _waits_for_return(told: Told, return_id: ReturnId | None) -> bool:
    known = told.record.return_of(return_id) if return_id else None
    return known is not None and known.is_open


def _published(told: Told, what: str) -> bool:
    title = "TikTok Shop does not allow a refund"
    return any(
        title in subject and told.order.id in subject and what in text for subject, text in told.day.world.published
    )


def may_have_failed(told: Told, entry: OutboxEntry) -> bool:
    """What may have failed for good about returns: what TikTok refuses, and what a person has to compare."""
    if entry.action is Action.REFUND_AS_SELLER:
        wish = told.record.seller_refund(entry.subject)
        return wish is not None and wish.state is SellerRefundState.REFUSED
    by_hand = told.order.refunded_by_hand or told.contested
    return entry.action is Action.REFUND_LINES and entry.target is Target.CHANNELADVISOR and by_hand
