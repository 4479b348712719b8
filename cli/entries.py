"""Outbox entries in words: where one stands, when it goes on, and what a person must do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote
from typing import Final

from cli.words import entry_words, until, what, whom
from order_sync.domain.ids import ShopId
from order_sync.domain.outbox import EntryState, OutboxEntry
from order_sync.ledger.table import Table
from order_sync.ledger.unmapped import UnmappedParcels

ABANDONED_AFTER: Final = timedelta(minutes=45)
"""Three cycles after a claim ran out, whoever should have tried again has come by more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One thing that a partner is to be told, for people."""

    order: str
    entry: str
    """Its name, as replay takes it."""
    to: str
    what: str
    about: str
    state: str
    words: str
    """Where it stands, in a sentence."""
    queued_at: datetime
    attempts: int
    next_attempt: datetime | None
    waits_for: str
    failed_at: datetime | None
    reason: str
    stuck: bool
    """A claim ran out long ago, and nobody tried again."""
    command: str
    """What a person types: what repairs it, or what sends it again once its cause is repaired."""


type Repairs = Mapping[tuple[str, str], str]
"""What repairs a failed entry, by its order and its name, where that is more than sending it again."""


def repairs_of(table: Table, shop: ShopId) -> dict[tuple[str, str], str]:
    """What a parcel needs whose carrier nothing stands for: it goes by itself once a mapping is added."""
    return {
        (parcel.order, parcel.entry): (
            f"order-sync mappings {shop} add --carrier {quote(parcel.carrier)}"
            + (f" --class {quote(parcel.shipping_class)}" if parcel.shipping_class else "")
            + " --code CODE"
        )
        for parcel in UnmappedParcels(table).all(shop)
    }


def view_of(entry: OutboxEntry, now: datetime, repairs: Repairs) -> EntryView:
    """An entry as people see it."""
    failed = entry.state is EntryState.FAILED
    again = f"order-sync replay {entry.shop} --order {entry.order} --entry {quote(entry.name)}"
    return EntryView(
        order=entry.order,
        entry=entry.name,
        to=whom(entry.target),
        what=what(entry.action),
        about="" if entry.subject == "order" else entry.subject,
        state=entry.state.value,
        words=words_of(entry, now),
        queued_at=entry.queued_at,
        attempts=entry.attempts,
        next_attempt=None if entry.has_ended or failed else entry.due_at,
        waits_for=entry.waits_for,
        failed_at=entry.failed_at if failed else None,
        reason=entry.reason,
        stuck=is_abandoned(entry, now),
        command=repairs.get((entry.order, entry.name), again) if failed else "",
    )


def whole(view: EntryView) -> str:
    """What is to be told to whom, as one phrase."""
    return f"{view.what} {view.about}".strip() + f", to {view.to}"


def is_abandoned(entry: OutboxEntry, now: datetime) -> bool:
    """Whether its claim ran out so long ago that a run should have tried again."""
    return (
        entry.state is EntryState.SENDING
        and entry.claimed_until is not None
        and entry.claimed_until + ABANDONED_AFTER <= now
    )


def words_of(entry: OutboxEntry, now: datetime) -> str:
    """Where an entry stands."""
    match entry.state:
        case EntryState.DONE:
            return "done"
        case EntryState.WITHDRAWN:
            return f"not needed: {entry.reason}" if entry.reason else "not needed"
        case EntryState.FAILED:
            return f"failed: {entry.reason}" if entry.reason else "failed"
        case EntryState.SENDING:
            return _sending(entry, now)
        case EntryState.WAITING:
            return _waiting(entry, now)


def _sending(entry: OutboxEntry, now: datetime) -> str:
    if entry.claimed_until and entry.claimed_until <= now:
        return f"its run ended without a word {until(entry.claimed_until, now)}; the next run looks what became of it"
    return "being told now"


def _waiting(entry: OutboxEntry, now: datetime) -> str:
    if entry.waits_for:
        limit = f", {until(entry.due_at, now)} at the latest" if entry.due_at else ""
        return f"waits for {entry_words(entry.waits_for)}{limit}"
    if entry.due_at is None:
        return "waits"
    after = f" after {entry.attempts} attempts ({entry.reason})" if entry.attempts else ""
    return f"next attempt {until(entry.due_at, now)}{after}" if entry.due_at > now else f"due now{after}"
