"""What TikTok Shop asks the seller about a return: asked until when, kept, and put to whoever decides (G2, OP B2)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.answering.answers import Answer
from order_sync.domain.answering.times import TIME_TO_ANSWER, answer_deadline, end_of_wait, next_look
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import has_or_may_have, tell_whoever_gets_it
from order_sync.domain.orders import Handling
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Question, Return
from order_sync.domain.shop import ShopSettings

REFUND_COMES_WITHIN: Final = timedelta(days=1)
"""A refund that was granted so long ago and is not confirmed is for people."""
TELLINGS: Final = {Answer.APPROVE: Action.APPROVE_RETURN, Answer.REJECT: Action.REJECT_RETURN}


def deadline_of(question: Question, asked_at: datetime, tiktok: datetime | None, now: datetime) -> datetime:
    """Until when TikTok Shop waits. A refund without goods has 24 hours at most; for what comes back TikTok's figure
    counts, and where it shows none the same 24 hours (OP B2).

    Where the 24 hours are over and TikTok Shop still names a later moment, it waits: its word counts.
    """
    usual = answer_deadline(asked_at, tiktok)
    if question is Question.REFUND and (tiktok is None or usual > now):
        return usual
    return tiktok or asked_at + TIME_TO_ANSWER


def with_deadlines(known: Return, respond_by: datetime, shop: ShopSettings) -> Return:
    """The return with the deadline of its question and the end of our wait before it."""
    until = end_of_wait(known.asked_at, respond_by, shop.cancellations.margin)
    return replace(known, respond_by=respond_by, answer_until=until)


def keep(draft: Draft, known: Return) -> Return:
    """Keep a return with the moment at which it is looked at next; none for orders that are not ours."""
    moments = [next_look(known), known.refund_due if known.is_open and not known.refund_late else None]
    due = min((moment for moment in moments if moment), default=None)
    kept = replace(known, next_due=due if draft.order.handling is Handling.OURS else None)
    draft.keep_return(kept)
    return kept


def tell_others(draft: Draft, known: Return) -> None:
    """The OMS and ChannelAdvisor learn how a return stands. They are told what holds then, so one entry is enough."""
    if draft.order.handling is not Handling.OURS:
        return
    for target in (Target.CHANNELADVISOR, Target.OMS):
        waiting = [
            entry
            for entry in draft.outbox
            if (entry.target, entry.action, entry.subject) == (target, Action.NOTE_RETURN, known.id)
            and entry.state is EntryState.WAITING
        ]
        if waiting:
            draft.guard(waiting[0])
            continue
        tell_whoever_gets_it(draft, Action.NOTE_RETURN, target, subject=known.id, revision=str(known.changes))
        _wait_for_older(draft, target, known)


def _wait_for_older(draft: Draft, target: Target, known: Return) -> None:
    """While a run is telling an older one, the newest waits for it, so that what is told last is what holds."""
    notes = [
        entry
        for entry in draft.outbox
        if (entry.target, entry.action, entry.subject) == (target, Action.NOTE_RETURN, known.id)
    ]
    on_its_way = next((entry for entry in notes if entry.state is EntryState.SENDING), None)
    newest = next((entry for entry in notes if entry.revision == str(known.changes)), None)
    if on_its_way is not None and newest is not None and newest is not on_its_way and not newest.waits_for:
        draft.hold_back(newest, on_its_way.name, until=on_its_way.claimed_until)


def ask_people(draft: Draft, known: Return) -> None:
    """Where no OMS has the order, people answer."""
    if draft.order.handling is Handling.OURS and not has_or_may_have(draft, Target.OMS):
        notify(draft, known.id, f"asked-{named(known)}")


def named(known: Return) -> str:
    """The open question among those of its return: TikTok Shop may ask the same one again later."""
    return f"{known.question or 'none'}-{asking(known)}"


def asking(known: Return) -> str:
    """Which asking of its question is open."""
    return f"{known.asked_at:%Y%m%dT%H%M%SZ}"


def telling_of(record: OrderRecord, known: Return) -> OutboxEntry | None:
    """What tells TikTok Shop the answer to the open question."""
    if known.answer is None:
        return None
    wanted = (TELLINGS[known.answer], known.id, named(known))
    return next((e for e in record.outbox if (e.action, e.subject, e.revision) == wanted), None)
