"""What becomes of adjustments after the answer 204: their RequestStatus moves on, units go or come back (CA 4.5)."""

from collections import Counter
from datetime import datetime

from local.simulators.channeladvisor.entities import Adjustment, Fulfillment, Order
from local.simulators.channeladvisor.state import State, follow_items, touch


def start(
    state: State, order: Order, adjustment: Adjustment, course: tuple[str, ...], *, at_once: bool = False
) -> None:
    """Send an adjustment through these RequestStatus values, the last one after the simulator's `adjustment_time`.

    If the order's next adjustment is to fail, the only status to come is Error; what happens at once never fails.
    """
    now = state.clock()
    if order["ID"] in state.failing_adjustments and not at_once:
        course = ("Error",)
    whole = state.adjustment_time * (not at_once)
    adjustment.steps = [(now + whole * number / len(course), status) for number, status in enumerate(course, 1)]
    state.adjusting.append(order)


def started(state: State, order: Order) -> None:
    """All adjustments of one request are on their way."""
    state.failing_adjustments.discard(order["ID"])
    touch(order, state.clock())
    advance(state)


def advance(state: State) -> None:
    """Let the adjustments whose time has come move on."""
    now = state.clock()
    for order in list(state.adjusting):
        for adjustment in order.every_adjustment:
            while adjustment.steps and adjustment.steps[0][0] <= now:
                moment, status = adjustment.steps.pop(0)
                _enter(order, adjustment, status, moment)
        if not any(adjustment.steps for adjustment in order.every_adjustment):
            state.adjusting.remove(order)


def _enter(order: Order, adjustment: Adjustment, status: str, moment: datetime) -> None:
    adjustment["RequestStatus"] = status
    if adjustment.holds_units and status == "Error":
        _release(order, adjustment)
        follow_items(order, moment)
    if adjustment.holds_units and status == "PostProcessingComplete":
        coming = _still_to_come(order)
        _empty_open_parcels(order, coming, moment)
        if not coming.total():
            follow_items(order, moment)
    touch(order, moment)


def hold(order: Order, adjustment: Adjustment) -> None:
    """The units of this cancellation can no longer ship."""
    adjustment.holds_units = True
    for item in order.items:
        item.canceled += adjustment.units.get(item["ID"], 0)


def _release(order: Order, adjustment: Adjustment) -> None:
    adjustment.holds_units = False
    for item in order.items:
        item.canceled -= adjustment.units.get(item["ID"], 0)


def _still_to_come(order: Order) -> Counter[int]:
    """Units of cancellations that may yet end in Error, by item ID."""
    coming = Counter[int]()
    for adjustment in order.every_adjustment:
        if adjustment.holds_units and adjustment["RequestStatus"] != "PostProcessingComplete":
            coming.update(adjustment.units)
    return coming


def _empty_open_parcels(order: Order, coming: Counter[int], moment: datetime) -> None:
    """Take out of the open fulfilments what is cancelled for good; one with nothing left is Canceled as it stands."""
    left = {item["ID"]: max(item.unshipped, 0) + coming[item["ID"]] for item in order.items}
    for parcel in order.fulfillments:
        if parcel.open:
            _leave_in(parcel, left, moment)


def _leave_in(parcel: Fulfillment, left: dict[int, int], moment: datetime) -> None:
    kept = {part["ID"]: min(part["Quantity"], left[part["OrderItemID"]]) for part in parcel.items}
    if not any(kept.values()):
        parcel["DeliveryStatus"] = "Canceled"
    elif any(part["Quantity"] != kept[part["ID"]] for part in parcel.items):
        for part in parcel.items:
            part["Quantity"] = kept[part["ID"]]
            left[part["OrderItemID"]] -= part["Quantity"]
        parcel.items = [part for part in parcel.items if part["Quantity"]]
    else:
        return
    parcel["UpdatedDateUtc"] = moment
