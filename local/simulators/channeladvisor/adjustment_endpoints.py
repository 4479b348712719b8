"""Calls that make, read and answer adjustments (CA 4.5-4.7)."""

from collections.abc import Callable

from werkzeug import Response
from werkzeug.routing import Rule

from local.simulators.channeladvisor.adjusting import adjust_order
from local.simulators.channeladvisor.adjusting_items import adjust_item
from local.simulators.channeladvisor.bodies import done, read_payload
from local.simulators.channeladvisor.buyer_requests import approve, reject
from local.simulators.channeladvisor.calls import Call, list_answer, single_answer
from local.simulators.channeladvisor.entities import Adjustment, ItemAdjustment
from local.simulators.channeladvisor.queries import read_query
from local.simulators.channeladvisor.refusals import bad_query, invalid

_SETS: dict[str, type[Adjustment]] = {"OrderAdjustments": Adjustment, "OrderItemAdjustments": ItemAdjustment}
_SET = "/v1/<any(OrderAdjustments, OrderItemAdjustments):name>"
ADJUSTMENT_RULES = (
    Rule("/v1/Orders(<int:order_id>)/Adjust", methods=["POST"], endpoint="adjust"),
    Rule("/v1/OrderItems(<int:item_id>)/Adjust", methods=["POST"], endpoint="adjust_item"),
    Rule(_SET, methods=["GET"], endpoint="list_adjustments"),
    Rule(f"{_SET}(<int:adjustment_id>)", methods=["GET"], endpoint="read_adjustment"),
    Rule(f"{_SET}(<int:adjustment_id>)/ApproveBuyerRequest", methods=["POST"], endpoint="approve_request"),
    Rule(f"{_SET}(<int:adjustment_id>)/RejectBuyerRequest", methods=["POST"], endpoint="reject_request"),
)


def adjust(call: Call, order_id: int) -> Response:
    """The Adjust action on a whole order."""
    order = call.state.order_of(call.account, order_id)
    adjust_order(call.state, order, read_payload(call.request))
    return done()


def adjust_units(call: Call, item_id: int) -> Response:
    """The Adjust action on units of an item."""
    item = call.state.item_of(call.account, item_id)
    adjust_item(call.state, item, read_payload(call.request))
    return done()


def list_adjustments(call: Call, name: str) -> Response:
    """All adjustments of one level, filtered; whether they can be is doubtful (CA 4.7)."""
    kind = _SETS[name]
    if not call.state.doubts.adjustment_sets_filterable and read_query(call.arguments, kind).selection.condition:
        raise bad_query(f"{name} cannot be filtered.")
    orders = call.state.listed(call.account, call.state.orders.values())
    found = [each for order in orders for each in order.every_adjustment if type(each) is kind]
    return list_answer(call, sorted(found, key=lambda each: int(each["ID"])), kind)


def read_adjustment(call: Call, name: str, adjustment_id: int) -> Response:
    """One adjustment."""
    return single_answer(call, call.state.adjustment_of(call.account, _SETS[name], adjustment_id)[1])


def approve_request(call: Call, name: str, adjustment_id: int) -> Response:
    """The seller agrees to what the buyer asks."""
    order, adjustment = call.state.adjustment_of(call.account, _SETS[name], adjustment_id)
    _refuse_parameters(call)
    approve(call.state, order, adjustment)
    return done()


def reject_request(call: Call, name: str, adjustment_id: int) -> Response:
    """The seller does not agree; there is no way to say why."""
    order, adjustment = call.state.adjustment_of(call.account, _SETS[name], adjustment_id)
    _refuse_parameters(call)
    reject(call.state, order, adjustment)
    return done()


def _refuse_parameters(call: Call) -> None:
    if call.request.get_data() and read_payload(call.request) != {}:
        raise invalid("This action has no parameters.")


ADJUSTMENT_ENDPOINTS: dict[str, Callable[..., Response]] = {
    "adjust": adjust,
    "adjust_item": adjust_units,
    "list_adjustments": list_adjustments,
    "read_adjustment": read_adjustment,
    "approve_request": approve_request,
    "reject_request": reject_request,
}
