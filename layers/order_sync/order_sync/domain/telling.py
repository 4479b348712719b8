"""How a told entry ends: done, failed for a person, withdrawn, or replayed."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from order_sync.domain.cancelling.news import tell_lines_of_parcel
from order_sync.domain.cancelling.parcels import give_up_parcel
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.corrections import try_newest_label
from order_sync.domain.timeline import Event

_ANSWERS: Final = frozenset(
    {Action.APPROVE_CANCEL_REQUEST, Action.REJECT_CANCEL_REQUEST, Action.APPROVE_RETURN, Action.REJECT_RETURN}
)


def decide_told(record: OrderRecord, entry: OutboxEntry, now: datetime) -> Change | None:
    """A partner was told and said yes."""
    draft = Draft(record, now)
    draft.finish(entry)
    draft.note(Event.TOLD, entry.target.as_source, told=entry.action, subject=entry.subject)
    return draft.change()


def decide_failed(
    record: OrderRecord, entry: OutboxEntry, now: datetime, *, reason: str, in_doubt: bool = False
) -> Change | None:
    """A partner refused, or we did before sending: a person must look; only what waits for it is held up.

    `in_doubt` says that the partner may have it all the same, so that a cancellation must follow.
    """
    draft = Draft(record, now)
    draft.fail(entry, reason, in_doubt=in_doubt)
    draft.note(
        Event.FAILED,
        entry.target.as_source,
        target=entry.target,
        told=entry.action,
        subject=entry.subject,
        reason=reason,
    )
    if not in_doubt and try_newest_label(draft, entry):
        return draft.change()
    if not in_doubt and not entry.was_interrupted:
        tell_lines_of_parcel(draft, entry)
    if entry.action is Action.SHIP:
        give_up_parcel(draft, entry)
    elif entry.action in _ANSWERS:
        # The same question may be asked again, and so the revision of the entry stands for it.
        notify(draft, entry.subject, "failed" if entry.revision == "1" else f"failed-{entry.revision}")
    return draft.change()


def decide_not_told(record: OrderRecord, entry: OutboxEntry, now: datetime, *, reason: str) -> Change | None:
    """There is no need to tell this any more, or it is too late to."""
    draft = Draft(record, now)
    draft.withdraw(entry, reason)
    draft.note(Event.NOT_TOLD, entry.target.as_source, told=entry.action, subject=entry.subject, reason=reason)
    tell_lines_of_parcel(draft, entry)
    return draft.change()


def decide_dropped(record: OrderRecord, entry: OutboxEntry, now: datetime, *, reason: str) -> Change | None:
    """There is no need to tell this any more; what waited for it goes on."""
    draft = Draft(record, now)
    draft.drop(entry, reason)
    draft.note(Event.NOT_TOLD, entry.target.as_source, told=entry.action, subject=entry.subject, reason=reason)
    return draft.change()


def decide_replay(record: OrderRecord, now: datetime, name: str = "") -> Change | None:
    """An operator sends failed entries of an order again: the named one, or all of them.

    Raises RejectedError when the name is unknown or did not fail.
    """
    change = decide_replay_of(record, now, lambda entry: not name or entry.name == name)
    if name and change is None:
        raise RejectedError(f"order {record.order.id} has no failed outbox entry {name!r}")
    return change


def decide_replay_of(
    record: OrderRecord, now: datetime, wanted: Callable[[OutboxEntry], bool], most: int = 0
) -> Change | None:
    """An operator sends those failed entries of an order again that are wanted, `most` at a time; 0 for all."""
    draft = Draft(record, now)
    failed = [entry for entry in record.outbox if entry.state is EntryState.FAILED and wanted(entry)]
    for entry in failed[: most or None]:
        draft.replay(entry)
        draft.note(Event.REPLAYED, Source.OPERATOR, target=entry.target, told=entry.action, subject=entry.subject)
    return draft.change()
