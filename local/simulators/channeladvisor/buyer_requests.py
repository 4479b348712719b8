"""What a buyer asks for through the channel, and the seller's answer (CA 4.6; the meaning of the calls is inferred)."""

from collections.abc import Mapping

from local.simulators.channeladvisor.adjusting import order_level_fields, refuse_third_party_managed
from local.simulators.channeladvisor.adjusting_items import item_level_fields
from local.simulators.channeladvisor.entities import Adjustment, ItemAdjustment, Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.settling import hold, start, started
from local.simulators.channeladvisor.state import State, touch

_APPROVED = {"PendingApproval": "PostProcessingComplete", "NewRma": "ReadyForReturn"}
_REJECTED = ("ProcessingRejection", "RejectionCompleted")


def ask(
    state: State,
    order: Order,
    *,
    units: Mapping[str, int] | None,
    comment: str | None,
    site_adjustment_id: str | None,
    is_return: bool,
) -> tuple[int, ...]:
    """The channel brings a buyer's request: one adjustment for the whole order, or one for each item.

    Raises ValueError when a SKU is not in the order, or fewer units of it.
    """
    kind = "Refund" if is_return else "Cancellation"
    made: list[Adjustment] = []
    if units is None:
        whole = {item["ID"]: item["Quantity"] for item in order.items}
        made.append(Adjustment(fields=order_level_fields(state, order, kind, whole), units=whole))
    for sku, quantity in (units or {}).items():
        item = next((each for each in order.items if each["Sku"] == sku and each["Quantity"] >= quantity), None)
        if item is None or quantity < 1:
            raise ValueError(f"order {order['ID']} has no item with {quantity} units of {sku}")
        fields = item_level_fields(state, item, kind, quantity)
        made.append(ItemAdjustment(fields=fields, units={item["ID"]: quantity}))
    for adjustment in made:
        adjustment.fields |= {
            "Reason": "CustomerReturnedItem" if is_return else "BuyerCancelled",
            "RequestStatus": "NewRma" if is_return else "PendingApproval",
            "RmaNumber": f"RMA-{adjustment['ID']}" if is_return else None,
            "Comment": comment,
            "SiteAdjustmentID": site_adjustment_id,
            "CreatedSource": "Channel",
            "LastUpdatedSource": "Channel",
        }
        state.enter(order, adjustment)
    touch(order, state.clock())
    return tuple(int(adjustment["ID"]) for adjustment in made)


def approve(state: State, order: Order, adjustment: Adjustment) -> None:
    """ApproveBuyerRequest. What has left meanwhile can no longer be cancelled."""
    _refuse_closed(order, adjustment)
    if adjustment["Type"] == "Cancellation":
        if any(adjustment.units.get(item["ID"], 0) > item.unshipped for item in order.items):
            raise invalid("The units of this request are shipped or cancelled already.")
        hold(order, adjustment)
    _answer(state, order, adjustment, "ProcessingApproval", (_APPROVED[adjustment["RequestStatus"]],))


def reject(state: State, order: Order, adjustment: Adjustment) -> None:
    """RejectBuyerRequest: the units stay to be shipped."""
    _refuse_closed(order, adjustment)
    _answer(state, order, adjustment, "PendingRejection", _REJECTED)


def _refuse_closed(order: Order, adjustment: Adjustment) -> None:
    refuse_third_party_managed(order)
    if adjustment["RequestStatus"] not in _APPROVED:
        raise invalid(f"A request that is {adjustment['RequestStatus']} cannot be answered.")


def _answer(state: State, order: Order, adjustment: Adjustment, status: str, course: tuple[str, ...]) -> None:
    adjustment.fields |= {"RequestStatus": status, "LastUpdatedSource": "Api"}
    start(state, order, adjustment, course)
    started(state, order)
