"""A parcel that was reported: new, an echo, more of the order in a known one, or another label for it (G3)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from order_sync.domain.cancelling.by_seller import yield_to_parcel
from order_sync.domain.cancelling.news import forgive_failed, recover_parcels
from order_sync.domain.cancelling.parcels import answer_by_parcel
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState, lines_in_state
from order_sync.domain.outbox import UNCLAIMED, Action, EntryState, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.corrections import correct_parcel
from order_sync.domain.shipping.label_news import newest_entry
from order_sync.domain.shipping.reported import (
    DELETED,
    CanceledFirstError,
    ReportedParcel,
    is_all_of,
    is_open,
    lines_beyond,
    lines_of,
)
from order_sync.domain.shipping.telling import keep_new_parcel, tell_parcel, telling_of
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

MOST_LABELS: Final = 20
"""More are no corrections: something makes up numbers."""


def decide_reported_parcel(
    record: OrderRecord, report: ReportedParcel, shop: ShopSettings, timing: Timing, now: datetime
) -> Change | None:
    """A parcel was reported: kept once, and told to everyone who does not know it.

    A parcel that cannot be right (its lines, its tracking number, the order's state) is kept with the reason and
    told to nobody, until it is reported again and is right by then. A known tracking number is an echo, and its
    reporter is told nothing; a known id with another label is a correction. What has left although it was
    cancelled must come back.
    """
    draft = Draft(record, now)
    report_parcel(draft, report, shop, timing)
    return draft.change()


def report_parcel(draft: Draft, report: ReportedParcel, shop: ShopSettings, timing: Timing) -> None:
    """The same, inside a larger decision."""
    standing = [known for known in draft.parcels if not known.refused]
    same = next((known for known in standing if report.id in (known.id, *known.other_ids)), None)
    holder = next((known for known in standing if report.tracking_number in known.numbers), None)
    try:
        leaving = _decide(draft, same, holder, report)
    except RejectedError as error:
        _refuse(draft, report, error, is_known=same is not None or holder is not None)
        return
    parcel = draft.record.parcel(leaving) if leaving else None
    if parcel is not None and parcel.at_tiktok_since is None:
        _meet_cancellations(draft, parcel, shop, timing)


def _decide(draft: Draft, same: Parcel | None, holder: Parcel | None, report: ReportedParcel) -> ParcelId | None:
    """What a report is by its id and its number; gives back the parcel that leaves because of it, if one does."""
    if same is not None:
        return _report_again(draft, same, holder, report)
    if holder is not None and report.tracking_number == holder.newest_label.tracking_number:
        return _report_under_another_id(draft, holder, report)
    if holder is not None and holder.source is not report.source:
        return None
    if (stopped := _stopped_before(draft, report)) is not None:
        return _correct(draft, _under_another_id(draft, stopped, report), report)
    return _report_new(draft, report)


def _report_again(draft: Draft, known: Parcel, holder: Parcel | None, report: ReportedParcel) -> ParcelId | None:
    """A parcel that we know by its id: an echo, late news, more of the order in it, or another label.

    Only its reporter can name another carrier or class, since others echo what they were told.
    """
    same_number = report.tracking_number == known.newest_label.tracking_number
    is_reporter = report.source is known.source and not (same_number and _wrote_label_there(draft, known, report))
    is_late = report.label in known.labels if is_reporter else report.tracking_number in known.numbers
    if same_number:
        if more := lines_beyond(draft.order, known, report):
            return _extend(draft, known, report, more)
        if is_reporter and report.label != known.newest_label and not is_late:
            return _correct(draft, known, report)
        _spare_reporter(draft, known, report)
        return None
    if is_late:
        return None
    if holder is not None and holder is not known:
        raise RejectedError(f"tracking number {report.tracking_number!r} is on parcel {holder.id} of this order")
    if not report.tracking_number.strip():
        raise RejectedError("the parcel has no tracking number")
    return _correct(draft, known, report)


def _wrote_label_there(draft: Draft, known: Parcel, report: ReportedParcel) -> bool:
    """Whether we changed the label where the parcel was reported: there it comes back in other words."""
    told = [entry for entry in telling_of(draft, known) if entry.action is Action.CORRECT_PARCEL]
    return any(entry.target.as_source is report.source and entry.may_have_been_told for entry in told)


def _report_under_another_id(draft: Draft, known: Parcel, report: ReportedParcel) -> ParcelId | None:
    """The tracking number of a known parcel under another id: an echo, or more of the order in the same parcel."""
    if more := lines_beyond(draft.order, known, report):
        return _extend(draft, known, report, more)
    if is_all_of(draft.order, known, report):
        _under_another_id(draft, known, report)
    _spare_reporter(draft, known, report)
    return None


def _extend(draft: Draft, known: Parcel, report: ReportedParcel, more: tuple[LineId, ...]) -> ParcelId:
    """More of the order is in a parcel. Raises RejectedError once somebody was told of it."""
    entries = [entry for entry in telling_of(draft, known) if entry.state is not EntryState.WITHDRAWN]
    if not all(entry.is_untold for entry in entries):
        raise RejectedError(
            f"tracking number {report.tracking_number!r} was told with parcel {known.id}, and a parcel that was told "
            "takes no more lines: ship these under a number of their own"
        )
    for entry in entries:
        draft.guard(entry)
    if report.id not in (known.id, *known.other_ids):
        known = _under_another_id(draft, known, report)
    draft.keep_parcel(replace(known, line_ids=(*known.line_ids, *more)))
    draft.set(lines=lines_in_state(draft.order.lines, more, LineState.IN_PARCEL))
    draft.note(
        Event.PARCEL_EXTENDED, report.source, happened_at=report.shipped_at, parcel=known.id, lines=" ".join(more)
    )
    return known.id


def _correct(draft: Draft, known: Parcel, report: ReportedParcel) -> ParcelId:
    if len(known.labels) >= MOST_LABELS:
        raise RejectedError(f"the label of parcel {known.id} has changed {MOST_LABELS} times: look at what reports it")
    correct_parcel(draft, known, report.label, report.source, happened_at=report.shipped_at)
    return known.id


def _under_another_id(draft: Draft, known: Parcel, report: ReportedParcel) -> Parcel:
    """Whoever reports a known parcel under an id of its own may correct it under that id.

    Its words for the carrier are known from now on: shown once more, they are no correction.
    """
    earlier = known.earlier
    same_number = report.tracking_number == known.newest_label.tracking_number
    if same_number and report.source is known.source and report.label not in (known.label, known.newest_label):
        earlier = tuple(dict.fromkeys((*earlier, report.label)))
    named = replace(known, other_ids=(*known.other_ids, report.id), earlier=earlier)
    draft.keep_parcel(named)
    return named


def _stopped_before(draft: Draft, report: ReportedParcel) -> Parcel | None:
    """The parcel of the same reporter with the same content that TikTok Shop never took, under another id."""
    for parcel in draft.parcels:
        ship = newest_entry(draft, Target.TIKTOK_SHOP, Action.SHIP, parcel)
        never_taken = ship is not None and ship.state is EntryState.FAILED and parcel.at_tiktok_since is None
        is_theirs = parcel.source is report.source and not parcel.refused and is_all_of(draft.order, parcel, report)
        # A report without content names all that is open, so that it is never this parcel's.
        if never_taken and is_theirs and not is_open(draft.order, report):
            return parcel
    return None


def _report_new(draft: Draft, report: ReportedParcel) -> ParcelId:
    parcel = _parcel(report, lines_of(draft.order, draft.parcels, report))
    if (deleted := _deleted_before(draft, report)) is not None:
        # Who was told of the deleted one, and cannot take that back, takes this for the same parcel.
        parcel = replace(parcel, id=deleted.id, other_ids=tuple(dict.fromkeys((*deleted.other_ids, report.id))))
    line_ids = parcel.line_ids
    keep_new_parcel(draft, parcel)
    draft.set(lines=lines_in_state(draft.order.lines, line_ids, LineState.IN_PARCEL))
    tell_parcel(draft, parcel)
    return parcel.id


def _deleted_before(draft: Draft, report: ReportedParcel) -> Parcel | None:
    """A parcel of the same reporter with the same content that was deleted there."""
    deleted = [known for known in draft.parcels if known.refused == DELETED and known.source is report.source]
    return next((known for known in deleted if is_all_of(draft.order, known, report)), None)


def _meet_cancellations(draft: Draft, parcel: Parcel, shop: ShopSettings, timing: Timing) -> None:
    """What leaves answers a buyer's request, comes before the seller's own, or must come back."""
    answer_by_parcel(draft, parcel, shop, timing)
    yield_to_parcel(draft, parcel, timing)
    forgive_failed(draft, parcel)
    recover_parcels(draft)


def _parcel(report: ReportedParcel, line_ids: tuple[LineId, ...]) -> Parcel:
    return Parcel(
        id=report.id,
        source=report.source,
        carrier=report.carrier,
        shipping_class=report.shipping_class,
        tracking_number=report.tracking_number,
        shipped_at=report.shipped_at,
        line_ids=line_ids,
        counted=bool(report.units),
        seen_at=report.seen_at,
    )


def _refuse(draft: Draft, report: ReportedParcel, error: RejectedError, *, is_known: bool) -> None:
    """Keep for a person what cannot be right, beside what is known by the same id or number."""
    left = error.line_ids if isinstance(error, CanceledFirstError) else ()
    parcel = replace(_parcel(report, left), refused=str(error))
    if is_known:
        parcel = replace(parcel, id=ParcelId(f"{report.id}@{report.tracking_number}"))
    if any((known.id, known.tracking_number) == (parcel.id, parcel.tracking_number) for known in draft.parcels):
        return
    draft.keep_parcel(parcel)
    draft.note(
        Event.FAILED,
        report.source,
        happened_at=report.shipped_at,
        parcel=parcel.id,
        tracking_number=parcel.tracking_number,
        reason=str(error),
    )
    forgive_failed(draft, parcel)
    recover_parcels(draft)


def _spare_reporter(draft: Draft, parcel: Parcel, report: ReportedParcel) -> None:
    """Who reports a whole parcel knows it, however that came about, and need not be told: twice would be refused.

    A change of the label is told all the same: an echo may be older than that.
    """
    if not is_all_of(draft.order, parcel, report):
        return
    for entry in telling_of(draft, parcel):
        is_first = entry.action is not Action.CORRECT_PARCEL
        if is_first and entry.target.as_source is report.source and entry.state in UNCLAIMED:
            draft.finish(entry)
            draft.note(
                Event.NOT_TOLD,
                report.source,
                told=entry.action,
                subject=entry.subject,
                reason="the same parcel is there already",
            )
