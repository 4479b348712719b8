"""What a sighting shows about single lines: those that were cancelled, and the parcels that TikTok Shop has (G3)."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from order_sync.domain.cancelling.lines import cancel_lines
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.hand_over import creation, is_handed_over, withdraw_hand_over
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Handling, LineState, Source, lines_in_state, state_from_lines
from order_sync.domain.outbox import UNCLAIMED, Action, OutboxEntry, Target
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.shipping.labels_at_tiktok import arrive, see_label
from order_sync.domain.shipping.splits import exchange
from order_sync.domain.shipping.telling import keep_new_parcel, tell_parcel
from order_sync.domain.statuses import TIKTOK_TO_STATE, OrderState, TikTokStatus
from order_sync.domain.timeline import Event

SHIPPED_STATUSES: Final = frozenset(status for status, state in TIKTOK_TO_STATE.items() if state is OrderState.SHIPPED)
"""Statuses that TikTok shows only when every line is in a parcel."""


def see_lines(draft: Draft, facts: OrderFacts) -> None:
    """Single cancelled lines, and parcels that TikTok has: ours, confirmed, or shipped by hand in Seller Center."""
    _see_canceled_lines(draft, facts)
    shipped = [line for line in facts.lines if not line.canceled and (line.shipped or facts.status in SHIPPED_STATUSES)]
    if not shipped:
        return
    by_hand = [lines for lines in _packages(shipped) if not _is_known(draft, lines, facts.updated_at)]
    draft.set(lines=lines_in_state(draft.order.lines, [line.id for line in shipped], LineState.SHIPPED))
    state = state_from_lines(draft.order.lines)
    if by_hand and draft.order.handling is Handling.OURS:
        _stop_hand_over(draft, state)
    for lines in by_hand:
        # Without a tracking number there is nothing to tell yet; a later sighting brings it.
        if lines[0].tracking_number:
            _keep_parcel_shipped_by_hand(draft, lines, facts)
    _withdraw_parcels_shipped_otherwise(draft, shipped)
    if state in (OrderState.SHIPPED, OrderState.PARTIALLY_SHIPPED):
        draft.move_to(state)
        draft.set(release_due=None)


def _see_canceled_lines(draft: Draft, facts: OrderFacts) -> None:
    canceled = [line.id for line in facts.lines if line.canceled]
    if facts.status is TikTokStatus.CANCELLED:
        draft.set(lines=lines_in_state(draft.order.lines, canceled, LineState.CANCELED))
    else:
        cancel_lines(draft, canceled)


def _packages(lines: list[LineFacts]) -> list[list[LineFacts]]:
    packages: dict[tuple[str, str], list[LineFacts]] = {}
    for line in lines:
        packages.setdefault((line.package_id, line.tracking_number), []).append(line)
    return list(packages.values())


def _is_known(draft: Draft, package: list[LineFacts], seen_at: datetime) -> bool:
    """Whether a package of TikTok's is one of our parcels; if so, TikTok has confirmed it."""
    package_id, tracking_number = package[0].package_id, package[0].tracking_number
    shown = Label(carrier=package[0].carrier, tracking_number=tracking_number)
    for parcel in draft.parcels:
        if parcel.refused:
            continue
        if package_id and parcel.package_id == package_id:
            see_label(draft, parcel, shown, seen_at)
            return True
        told = parcel.label_with(tracking_number)
        if not tracking_number or told is None or (parcel.package_id and parcel.tracking_number != tracking_number):
            continue
        if parcel.at_tiktok_since is None:
            arrive(draft, parcel, told, package_id, seen_at, carrier=shown.carrier)
        elif package_id:
            draft.keep_parcel(replace(parcel, package_id=package_id))
        if _wanted_lines(draft, _with_shown_units(draft, parcel, package)).issubset(line.id for line in package):
            _finish_shipping(draft, parcel)
        return True
    return not tracking_number and _lines_in_parcels(draft).issuperset(line.id for line in package)


def _with_shown_units(draft: Draft, parcel: Parcel, package: list[LineFacts]) -> Parcel:
    """The parcel with the units that TikTok Shop shows in it: who counted units may have told others of the same SKUs,
    as ChannelAdvisor's own link does. Where those are not free it stays as it is."""
    skus = {line.id: line.sku for line in draft.order.lines}
    shown = tuple(line.id for line in package)
    wanted = _wanted_lines(draft, parcel)
    if wanted.issubset(shown) or Counter(skus[line] for line in wanted) != Counter(skus[line] for line in shown):
        return parcel
    with suppress(RejectedError):
        exchange(draft, draft.record.parcel(parcel.id) or parcel, shown)
    return draft.record.parcel(parcel.id) or parcel


def _wanted_lines(draft: Draft, parcel: Parcel) -> set[LineId]:
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    return set(parcel.line_ids) - canceled


def _lines_in_parcels(draft: Draft) -> set[LineId]:
    return {line for parcel in draft.parcels if not parcel.refused for line in parcel.line_ids}


def _finish_shipping(draft: Draft, parcel: Parcel) -> None:
    """TikTok has this parcel already: what still waits to tell it so is done, whoever told it."""
    for entry in _shipping(draft, parcel):
        if entry.state in UNCLAIMED:
            draft.finish(entry)
            draft.note(Event.PARCEL_AT_TIKTOK, Source.TIKTOK_SHOP, parcel=parcel.id)


def _shipping(draft: Draft, parcel: Parcel) -> list[OutboxEntry]:
    wanted = (Target.TIKTOK_SHOP, Action.SHIP, parcel.id)
    return [entry for entry in draft.outbox if (entry.target, entry.action, entry.subject) == wanted]


def _stop_hand_over(draft: Draft, state: OrderState | None) -> None:
    """Shipped by hand: who has not got the order yet does not get it where it could ship it again."""
    if not is_handed_over(draft):
        withdraw_hand_over(draft, Handling.WATCHED, "shipped in Seller Center before the hand-over")
        return
    oms = creation(draft, Target.OMS)
    if state is OrderState.SHIPPED and oms is not None and oms.is_untold:
        draft.withdraw(oms, "shipped in Seller Center before the OMS had the order")


def _keep_parcel_shipped_by_hand(draft: Draft, lines: list[LineFacts], facts: OrderFacts) -> None:
    first = lines[0]
    parcel = Parcel(
        id=ParcelId(f"tiktok-{first.package_id or first.tracking_number}"),
        source=Source.TIKTOK_SHOP,
        carrier=first.carrier,
        tracking_number=first.tracking_number,
        in_tiktoks_words=True,
        tiktok_carrier=first.carrier,
        shipped_at=facts.updated_at,
        line_ids=tuple(line.id for line in lines),
        package_id=first.package_id,
        at_tiktok_since=facts.updated_at,
    )
    in_no_other_parcel = _lines_in_parcels(draft).isdisjoint(parcel.line_ids)
    keep_new_parcel(draft, parcel)
    if in_no_other_parcel:
        tell_parcel(draft, parcel)


def _withdraw_parcels_shipped_otherwise(draft: Draft, shipped: list[LineFacts]) -> None:
    """A reported parcel that left TikTok's way in other parcels must not be told to TikTok: nothing ships twice.

    Where only some of its lines did, TikTok's refusal will bring a person to it.
    """
    tracking = {line.id: line.tracking_number for line in shipped if line.tracking_number}
    for parcel in draft.parcels:
        if all(tracking.get(line, parcel.tracking_number) != parcel.tracking_number for line in parcel.line_ids):
            for entry in _shipping(draft, parcel):
                if entry.is_untold:
                    draft.withdraw(entry, "its lines were shipped in another parcel")
