"""Carriers that no mapping stands for: their parcels are kept, listed, and sent again once a mapping is there (G4)."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from order_sync.domain.errors import CarrierRefusedError, RejectedError, RetriableError, UnmappedCarrierError
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Target, parcel_of
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.unmapped import (
    Standing,
    UnmappedParcel,
    Waiting,
    WaitingWords,
    by_words,
    count_parcels,
    is_mapped_by_now,
    standing_of,
)
from order_sync.domain.shipping_mappings import find_mapping, map_carrier, suggest
from order_sync.domain.shop import ShippingMapping, ShopSettings
from order_sync.domain.telling import decide_replay
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task
from order_sync.ledger.ledger import DamagedItemError
from order_sync.ledger.shops import read_settings
from order_sync.ledger.unmapped import UnmappedParcels

_SIDES: Final = {Target.TIKTOK_SHOP: "TikTok Shop", Target.CHANNELADVISOR: "ChannelAdvisor"}


class _Words(BaseModel):
    """What names a row."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    carrier: str
    shipping_class: str = ""


class _Command(BaseModel):
    """What an operator may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    shop: str
    add: tuple[ShippingMapping, ...] = ()
    remove: tuple[_Words, ...] = ()


def keeping_unmapped(run: ShopRun, tell: Callable[[Task], Decision]) -> Callable[[Task], Decision]:
    """The same telling, which also keeps a parcel that fails for want of a mapping, so that one can release it."""

    def told(task: Task) -> Decision:
        try:
            return tell(task)
        except (UnmappedCarrierError, CarrierRefusedError) as error:
            parcel = _unmapped(run.shop, task, was_refused=isinstance(error, CarrierRefusedError))
            UnmappedParcels(run.ledger.table).keep(run.shop.shop, parcel, run.now())
            raise

    return told


def send_mapped(run: ShopRun, target: Target) -> None:
    """Make due again what one side waits for and what is mapped by now, so that this very run tells it.

    What is not reached, for want of time or because of an outage, waits for the next run.
    """
    unmapped = UnmappedParcels(run.ledger.table)
    try:
        for parcel in unmapped.of_target(run.shop.shop, target):
            if not is_mapped_by_now(run.shop, parcel):
                continue
            if not run.has_time():
                break
            if _send_again(run, parcel) is not Standing.BEING_TOLD:
                # After the replay: a run that dies in between leaves a parcel that waits in vain, and no lost one.
                unmapped.forget(run.shop.shop, parcel)
    except RetriableError as error:
        run.report.problem("mapped_parcels_postponed", str(error))


def map_carriers(run: ShopRun, command: Mapping[str, Any]) -> Report:
    """Change the shop's rows, all that are named or none; then fill the run's answer with the rows and what waits.

    An added row replaces the one for the same words. Raises RejectedError that names each bad row by its place,
    and each row to remove that does not exist.
    """
    wanted, shop = _read(command), run.shop
    if wanted.add or wanted.remove:
        shop = run.shops.change(shop.shop, lambda stored: _changed(stored, wanted))
        run.report.count("mappings_added", len(wanted.add))
        run.report.count("mappings_removed", len(wanted.remove))
    waiting = list(_waiting(run))
    run.report.answer |= {
        "mappings": [row.model_dump(exclude_defaults=True) for row in shop.shipping_mappings],
        "waiting": [_described(shop, words) for words in by_words(shop, waiting)],
        "parcels_waiting": count_parcels(each.parcel for each in waiting),
        "parcels_on_next_push": count_parcels(each.parcel for each in waiting if is_mapped_by_now(shop, each.parcel)),
    }
    return run.report


def _unmapped(shop: ShopSettings, task: Task, *, was_refused: bool) -> UnmappedParcel:
    entry = task.entry
    parcel = parcel_of(entry, task.record.parcels)
    label = parcel.newest_label
    mapped = map_carrier(shop, parcel.under(label)) if was_refused else None
    return UnmappedParcel(
        target=entry.target,
        order=entry.order,
        parcel=parcel.id,
        carrier=label.carrier,
        shipping_class=label.shipping_class,
        entry=entry.name,
        tried=(mapped.channeladvisor_carrier, mapped.channeladvisor_class) if mapped else None,
        attempt=entry.version,
    )


def _send_again(run: ShopRun, parcel: UnmappedParcel) -> Standing:
    """Replay the entry of a parcel that waits; what became of the parcel otherwise, a damaged order being over."""
    standing = Standing.OVER

    def decide(record: OrderRecord | None) -> Change | None:
        nonlocal standing
        standing = standing_of(record, parcel)
        return decide_replay(record, run.now(), parcel.entry) if record and standing is Standing.WAITS else None

    try:
        if run.ledger.change(run.shop.shop, parcel.order, decide):
            run.report.count("entries_replayed")
    except DamagedItemError as error:
        run.count_damaged(error)
    return standing


def _waiting(run: ShopRun) -> Iterator[Waiting]:
    """What waits, by its order as it is now; what waits no more is forgotten."""
    unmapped, shop = UnmappedParcels(run.ledger.table), run.shop.shop
    orders: dict[OrderId, list[UnmappedParcel]] = {}
    for parcel in unmapped.all(shop):
        orders.setdefault(parcel.order, []).append(parcel)
    for order, parcels in orders.items():
        if not run.has_time():
            run.report.problem("lists_cut_short", "there are more parcels than one run can read: ask again")
            break
        try:
            record = run.ledger.load(shop, order)
        except DamagedItemError as error:
            run.count_damaged(error)
            continue
        for parcel in parcels:
            match standing_of(record, parcel):
                case Standing.WAITS:
                    yield Waiting(parcel, record.dispatch_by if record else None)
                case Standing.OVER:
                    unmapped.forget(shop, parcel)


def _read(command: Mapping[str, Any]) -> _Command:
    try:
        return _Command.model_validate(dict(command))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RejectedError(f"map_carriers: {problems}") from None


def _changed(shop: ShopSettings, wanted: _Command) -> ShopSettings:
    """The shop with the rows as they are wanted, checked as when it was connected."""
    # On their own first, so that a bad row is named by its place in the command.
    _with_rows(shop, wanted.add)
    rows: dict[tuple[str, str], ShippingMapping] = {}
    for row in shop.shipping_mappings:
        rows.setdefault((row.carrier, row.shipping_class), row)
    for words in wanted.remove:
        if rows.pop((words.carrier, words.shipping_class), None) is None:
            of_class = f" with class {words.shipping_class!r}" if words.shipping_class else ""
            raise RejectedError(f"shop {shop.shop} has no mapping for carrier {words.carrier!r}{of_class} to remove")
    rows |= {(row.carrier, row.shipping_class): row for row in wanted.add}
    return _with_rows(shop, tuple(rows.values()))


def _with_rows(shop: ShopSettings, rows: tuple[ShippingMapping, ...]) -> ShopSettings:
    values = shop.model_dump(mode="json") | {"shipping_mappings": [row.model_dump() for row in rows]}
    return read_settings(shop.shop, json.dumps(values))


def _described(shop: ShopSettings, words: WaitingWords) -> dict[str, Any]:
    """One line of the list; what is empty is left out."""
    mapped = find_mapping(shop, words.carrier, words.shipping_class)
    nearest = None if mapped else suggest(shop, words.carrier, words.shipping_class)
    line = {
        "shipping_class": words.shipping_class,
        "dispatch_by": words.dispatch_by and words.dispatch_by.astimezone(shop.zone).isoformat(timespec="minutes"),
        "mapped_to": mapped and mapped.code,
        "refused_by_channeladvisor": [", ".join(filter(None, refused)) for refused in words.refused],
        "nearest_code": nearest and nearest.code,
        "did_you_mean": nearest and nearest.meant,
    }
    return {
        "carrier": words.carrier,
        **{name: value for name, value in line.items() if value},
        "parcels": words.parcels,
        "waited_for_by": {name: words.sides[side] for side, name in _SIDES.items() if words.sides.get(side)},
        "on_next_push": words.mapped,
    }
