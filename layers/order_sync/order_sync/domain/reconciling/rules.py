"""What comparing one side goes by, and when one order may be repaired without a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.orders import Handling, LineState, Order, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState

_MOVES_AN_ORDER: Final = frozenset(
    {
        Action.CREATE_ORDER,
        Action.CANCEL_ORDER,
        Action.CANCEL_LINE,
        Action.CANCEL_AS_SELLER,
        Action.APPROVE_CANCEL_REQUEST,
        Action.REJECT_CANCEL_REQUEST,
        Action.SHIP,
        Action.NOTE_PARCEL,
        Action.RECOVER_PARCELS,
        Action.SETTLE_CANCEL_REQUEST,
        Action.SETTLE_SELLER_CANCELLATION,
    }
)
"""While one of these is to be told, or failed and waits for a person, what differs is known."""
_NOT_YET_SHIPPED: Final = frozenset(
    {OrderState.RELEASED_FOR_SHIPMENT, OrderState.ACKNOWLEDGED_BY_SELLER, OrderState.PARTIALLY_SHIPPED}
)
_TARGETS: Final[Mapping[Source, Target]] = {
    Source.CHANNELADVISOR: Target.CHANNELADVISOR,
    Source.OMS: Target.OMS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What comparing one side goes by."""

    side: Source
    now: datetime
    young: timedelta
    """What changed later than so long ago is on its way: no difference."""
    read_up_to: datetime | None = None
    """Up to when the polls have surely read what this side did; None where that does not matter."""
    creates: bool = True
    """Whether we create orders on this side; else another link does, and nothing is created by a comparison."""

    def is_young(self, moment: datetime | None) -> bool:
        """Whether that was so short ago that the rest may follow."""
        return moment is not None and self.now - moment < self.young

    def has_read(self, moment: datetime | None) -> bool:
        """Whether the polls should have brought what the side did then; of an unknown moment nobody can say."""
        return moment is not None and (self.read_up_to is None or moment < self.read_up_to)


def is_under_way(record: OrderRecord, rules: Rules) -> bool:
    """Whether something is on its way that moves the order, or failed and people know of it."""
    targets = (_TARGETS[rules.side], Target.TIKTOK_SHOP)
    return (
        record.order.cancel_requested
        or record.open_request is not None
        or any(e.target in targets and e.action in _MOVES_AN_ORDER and not e.has_ended for e in record.outbox)
        or any(wish.state is not SellerCancelState.ACCEPTED for wish in record.seller_cancellations)
        or any(parcel.refused for parcel in record.parcels)
    )


def is_expected(order: Order, rules: Rules) -> bool:
    """Whether a side should show the order among its open ones, by the order's head alone."""
    given = rules.side is Source.CHANNELADVISOR or bool(order.oms_number)
    return given and order.handling is Handling.OURS and order.state in _NOT_YET_SHIPPED


def may_be_told_again(record: OrderRecord, entry: OutboxEntry, rules: Rules) -> bool:
    """Whether an entry that was done, and left no trace, may be told once more as the order stands now.

    A creation only while the order is whole and untouched, and where its number tells what to look for; else the
    cancellation of an order that is cancelled as a whole.
    """
    order = record.order
    if entry.state is not EntryState.DONE or order.handling is not Handling.OURS or is_under_way(record, rules):
        return False
    if entry.action is not Action.CREATE_ORDER:
        return stage_of(order) is OrderState.CANCELED
    whole = all(line.state is LineState.OPEN for line in order.lines)
    return rules.creates and whole and is_linked(order, rules) and _is_untouched(record, rules)


def may_be_linked_again(record: OrderRecord, rules: Rules) -> bool:
    """Whether the order may be linked with another number than the one it has, once nothing stands under that."""
    entry = entry_of(record, rules, Action.CREATE_ORDER)
    given = entry is not None and entry.state is EntryState.DONE and bool(record.order.channeladvisor_id)
    in_channeladvisor = rules.side is Source.CHANNELADVISOR
    return in_channeladvisor and given and not is_under_way(record, rules) and _is_untouched(record, rules)


def is_linked(order: Order, rules: Rules) -> bool:
    """Whether the side has given the order a number of its own."""
    return bool(order.oms_number if rules.side is Source.OMS else order.channeladvisor_id)


def _is_untouched(record: OrderRecord, rules: Rules) -> bool:
    order = record.order
    return is_expected(order, rules) and order.nothing_left_the_warehouse and not record.parcels


def stage_of(order: Order) -> OrderState:
    """How far an order is, by its lines: what is in a parcel has left the warehouse, also before TikTok knows."""
    living = [line.state for line in order.lines if line.state is not LineState.CANCELED]
    if order.state is OrderState.CANCELED or not living:
        return OrderState.CANCELED
    left = [state is not LineState.OPEN for state in living]
    if all(left) or order.state is OrderState.SHIPPED:
        return OrderState.SHIPPED
    return OrderState.PARTIALLY_SHIPPED if any(left) else OrderState.RELEASED_FOR_SHIPMENT


def entry_of(record: OrderRecord, rules: Rules, action: Action) -> OutboxEntry | None:
    """The entry that tells this side of that, if there is one."""
    target = _TARGETS[rules.side]
    return next((e for e in record.outbox if (e.target, e.action) == (target, action)), None)
