"""Which units of an order TikTok Shop lets go together (TT 3: 21011035, 21011036, 21011046)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.facts import OrderFacts
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState, Source, lines_in_state, reopened
from order_sync.domain.outbox import Action, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.label_news import entries_about
from order_sync.domain.timeline import Event


def groups_of(facts: OrderFacts) -> tuple[frozenset[LineId], ...]:
    """The units that TikTok Shop has put together in packages which did not leave yet; none where it did not split."""
    packages: dict[str, set[LineId]] = {}
    for line in facts.lines:
        if line.package_id and not (line.shipped or line.canceled):
            packages.setdefault(line.package_id, set()).add(line.id)
    return tuple(frozenset(lines) for lines in packages.values())


def lines_that_fit(record: OrderRecord, parcel: Parcel, groups: Iterable[frozenset[LineId]]) -> tuple[LineId, ...]:
    """Units of the same SKUs in the same numbers that make up whole groups; none if there are no such units.

    One unit of a SKU is as good as another: who packed the parcel counted them and did not look at TikTok's ids. The
    parcel's own come first, then open ones, then those of parcels that TikTok Shop was not told of.
    """
    skus = {line.id: line.sku for line in record.order.lines}
    own = set(parcel.line_ids)
    free = {line.id for line in record.order.open_lines} - _to_be_canceled(record)
    elsewhere = {line for other in _untold_parcels(record) for line in other.line_ids} - _to_be_canceled(record)
    whole = [group for group in groups if group <= own | free | elsewhere]
    whole.sort(key=lambda group: (-len(group & own), -len(group & free), sorted(group)))
    found = _chosen([(group, Counter(skus[line] for line in group)) for group in whole], _content(parcel, skus))
    return tuple(line for line in skus if line in found)


def _to_be_canceled(record: OrderRecord) -> set[LineId]:
    """Lines that somebody wants to cancel: those are not exchanged for others."""
    wishes = [wish.line_ids for wish in record.seller_cancellations if wish.is_open]
    if request := record.open_request:
        wishes.append(request.line_ids)
    return {line for lines in wishes for line in lines}


def _untold_parcels(record: OrderRecord) -> list[Parcel]:
    untold = {
        entry.subject
        for entry in record.outbox
        if (entry.target, entry.action) == (Target.TIKTOK_SHOP, Action.SHIP) and entry.is_untold
    }
    return [parcel for parcel in record.parcels if parcel.id in untold and not parcel.refused]


def _content(parcel: Parcel, skus: dict[LineId, str]) -> Counter[str]:
    return Counter(skus[line] for line in parcel.line_ids)


def _chosen(groups: list[tuple[frozenset[LineId], Counter[str]]], wanted: Counter[str]) -> frozenset[LineId]:
    """Groups that hold exactly what is wanted: begun with the SKU that the fewest groups can give."""
    if not wanted.total():
        return frozenset()
    fitting = [(group, content) for group, content in groups if content <= wanted]
    givers = {sku: [each for each in fitting if each[1][sku]] for sku, quantity in wanted.items() if quantity}
    for giver in _unlike(min(givers.values(), key=len)):
        others = [each for each in fitting if each is not giver]
        rest = wanted - giver[1]
        found = _chosen(others, rest)
        if found or not rest.total():
            return giver[0] | found
    return frozenset()


def _unlike[Group: tuple[frozenset[LineId], Counter[str]]](groups: list[Group]) -> list[Group]:
    """One of each content: where one leads nowhere, so does its like."""
    return list({frozenset(group[1].items()): group for group in reversed(groups)}.values())


def decide_exchange(
    record: OrderRecord, parcel_id: ParcelId, lines: tuple[LineId, ...], now: datetime
) -> Change | None:
    """A parcel holds other units of the same SKUs from now on, and gives its own for them.

    Raises RejectedError when one is not free any more.
    """
    draft = Draft(record, now)
    parcel = record.parcel(parcel_id)
    if parcel is None or parcel.refused or set(parcel.line_ids) == set(lines):
        return None
    exchange(draft, parcel, lines)
    return draft.change()


def exchange(draft: Draft, parcel: Parcel, lines: tuple[LineId, ...]) -> None:
    """The same, inside a larger decision."""
    record = draft.record
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    kept = (*lines, *(line for line in parcel.line_ids if line in canceled and line not in lines))
    others = [other for other in _untold_parcels(record) if other.id != parcel.id]
    free = {line.id for line in draft.order.open_lines} | {line for other in others for line in other.line_ids}
    free = free - canceled - _to_be_canceled(record) | set(parcel.line_ids)
    if taken := [line for line in kept if line not in free]:
        raise RejectedError(f"lines {', '.join(taken)} are in another parcel by now")
    given = [line for line in parcel.line_ids if line not in kept]
    draft.set(lines=lines_in_state(reopened(draft.order.lines, given), kept, LineState.IN_PARCEL))
    _exchange(draft, parcel, kept)
    skus = {line.id: line.sku for line in draft.order.lines}
    for other in others:
        wanted = [skus[line] for line in other.line_ids if line in kept]
        for_them = [given.pop(_place(given, sku, skus)) for sku in wanted]
        if wanted:
            for entry in entries_about(draft, Target.TIKTOK_SHOP, Action.SHIP, other):
                draft.guard(entry)
            _exchange(draft, other, (*(line for line in other.line_ids if line not in kept), *for_them))
            draft.set(lines=lines_in_state(draft.order.lines, for_them, LineState.IN_PARCEL))


def _place(lines: list[LineId], sku: str, skus: dict[LineId, str]) -> int:
    return next(place for place, line in enumerate(lines) if skus[line] == sku)


def _exchange(draft: Draft, parcel: Parcel, lines: tuple[LineId, ...]) -> None:
    draft.keep_parcel(replace(parcel, line_ids=lines, named_lines=parcel.named_lines or parcel.line_ids))
    draft.note(
        Event.PARCEL_LINES_EXCHANGED,
        Source.TIKTOK_SHOP,
        parcel=parcel.id,
        before=" ".join(parcel.line_ids),
        after=" ".join(lines),
    )
