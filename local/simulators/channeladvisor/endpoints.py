"""What each path and method does, for a request that is authorised and within the limits."""

from collections.abc import Callable

from werkzeug import Response
from werkzeug.routing import Map, Rule

from local.simulators.channeladvisor.adjustment_endpoints import ADJUSTMENT_ENDPOINTS, ADJUSTMENT_RULES
from local.simulators.channeladvisor.bodies import done, read_payload
from local.simulators.channeladvisor.calls import Call, children_answer, list_answer, single_answer
from local.simulators.channeladvisor.creating import create_order
from local.simulators.channeladvisor.editing import edit_order
from local.simulators.channeladvisor.entities import Order
from local.simulators.channeladvisor.filters import since_asked_for, values_asked_for
from local.simulators.channeladvisor.fulfillments import change_fulfillment, delete_fulfillment
from local.simulators.channeladvisor.queries import read_query
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.shipping import ship

_SITE_IDS = ("SiteOrderID", "SecondarySiteOrderID")
ROUTES = Map(
    [
        Rule("/v1/Orders", methods=["GET"], endpoint="list_orders"),
        Rule("/v1/Orders", methods=["POST"], endpoint="create"),
        Rule("/v1/Orders/Create", methods=["POST"], endpoint="create_action"),
        Rule("/v1/Orders(<int:order_id>)", methods=["GET"], endpoint="read_order"),
        Rule("/v1/Orders(<int:order_id>)", methods=["PATCH", "PUT"], endpoint="edit"),
        Rule("/v1/Orders(<int:order_id>)/Export", methods=["POST"], endpoint="export"),
        Rule("/v1/Orders(<int:order_id>)/Export", methods=["DELETE"], endpoint="unexport"),
        Rule("/v1/Orders(<int:order_id>)/Ship", methods=["POST"], endpoint="ship"),
        *ADJUSTMENT_RULES,
        Rule("/v1/Orders(<int:order_id>)/<navigation>", methods=["GET"], endpoint="list_of_order"),
        Rule("/v1/OrderItems(<int:item_id>)", methods=["GET"], endpoint="read_item"),
        Rule("/v1/OrderItems(<int:item_id>)/<navigation>", methods=["GET"], endpoint="list_of_item"),
        Rule("/v1/Fulfillments(<int:fulfillment_id>)", methods=["GET"], endpoint="read_fulfillment"),
        Rule("/v1/Fulfillments(<int:fulfillment_id>)", methods=["PATCH", "PUT"], endpoint="edit_fulfillment"),
        Rule("/v1/Fulfillments(<int:fulfillment_id>)", methods=["DELETE"], endpoint="delete_fulfillment"),
        Rule(
            "/v1/Fulfillments(<int:fulfillment_id>)/<navigation>",
            methods=["GET"],
            endpoint="list_of_fulfillment",
        ),
    ],
    strict_slashes=False,
)


def list_orders(call: Call) -> Response:
    """Orders of the account, filtered; `exported` looks at this application's own marks (CA 4.1)."""
    arguments = call.arguments
    query = read_query(arguments, Order)
    condition = query.selection.condition
    wanted = None if condition is None else values_asked_for(condition, _SITE_IDS)
    if wanted is None:
        candidates = call.state.orders_since(since_asked_for(condition, "UpdatedDateUtc"))
    else:
        found = {order["ID"]: order for site_id in wanted for order in call.state.by_site_id.get(site_id, ())}
        candidates = list(found.values())
    orders = call.state.listed(call.account, candidates)
    exported = arguments.get("exported")
    if exported is not None:
        if exported.lower() not in ("true", "false"):
            raise invalid("The value of 'exported' must be true or false.")
        asked = exported.lower() == "true"
        marks = call.state.exports
        orders = [order for order in orders if ((call.application, order["ID"]) in marks) == asked]
    return list_answer(call, orders, Order, short_pages=call.state.doubts.short_pages)


def read_order(call: Call, order_id: int) -> Response:
    """One order with all of its children."""
    return single_answer(call, call.state.order_of(call.account, order_id))


def list_of_order(call: Call, order_id: int, navigation: str) -> Response:
    """Items, Fulfillments or Adjustments of an order."""
    return children_answer(call, call.state.order_of(call.account, order_id), navigation)


def read_item(call: Call, item_id: int) -> Response:
    """One item with all of its children."""
    return single_answer(call, call.state.item_of(call.account, item_id))


def list_of_item(call: Call, item_id: int, navigation: str) -> Response:
    """Children of an item, beyond what an expanded list shows."""
    return children_answer(call, call.state.item_of(call.account, item_id), navigation)


def read_fulfillment(call: Call, fulfillment_id: int) -> Response:
    """One fulfilment."""
    return single_answer(call, call.state.fulfillment_of(call.account, fulfillment_id)[1])


def list_of_fulfillment(call: Call, fulfillment_id: int, navigation: str) -> Response:
    """Items of a fulfilment."""
    return children_answer(call, call.state.fulfillment_of(call.account, fulfillment_id)[1], navigation)


def create(call: Call) -> Response:
    """POST of the bare order (the older form, CA 4.8)."""
    return _created(call, create_order(call.state, call.account, read_payload(call.request)))


def create_action(call: Call) -> Response:
    """The Create action: `{"Order": {...}}`."""
    payload = read_payload(call.request)
    if not isinstance(payload, dict) or payload.keys() - {"Order", "ShippingOverrides"}:
        raise invalid("The parameters of Create are Order and ShippingOverrides.")
    if payload.get("ShippingOverrides"):
        raise invalid("ShippingOverrides are not simulated.")
    return _created(call, create_order(call.state, call.account, payload.get("Order")))


def _created(call: Call, order: Order) -> Response:
    response = single_answer(call, order, 201)
    response.headers["Location"] = f"{call.origin}/v1/Orders({order['ID']})"
    return response


def edit_fields(call: Call, order_id: int) -> Response:
    """PATCH or PUT of an order."""
    order = call.state.order_of(call.account, order_id)
    edit_order(call.state, order, read_payload(call.request))
    return done()


def export(call: Call, order_id: int) -> Response:
    """Mark the order for this application."""
    order = call.state.order_of(call.account, order_id)
    call.state.exports.add((call.application, order["ID"]))
    return done()


def unexport(call: Call, order_id: int) -> Response:
    """Take the mark off."""
    order = call.state.order_of(call.account, order_id)
    call.state.exports.discard((call.application, order["ID"]))
    return done()


def ship_order(call: Call, order_id: int) -> Response:
    """The Ship action."""
    order = call.state.order_of(call.account, order_id)
    ship(call.state, call.account, order, read_payload(call.request))
    return done()


def edit_fulfillment(call: Call, fulfillment_id: int) -> Response:
    """PATCH or PUT of a fulfilment."""
    order, fulfillment = call.state.fulfillment_of(call.account, fulfillment_id)
    change_fulfillment(call.state, call.account, order, fulfillment, read_payload(call.request))
    return done()


def remove_fulfillment(call: Call, fulfillment_id: int) -> Response:
    """DELETE of a fulfilment."""
    order, fulfillment = call.state.fulfillment_of(call.account, fulfillment_id)
    delete_fulfillment(call.state, order, fulfillment)
    return done()


ENDPOINTS: dict[str, Callable[..., Response]] = {
    **ADJUSTMENT_ENDPOINTS,
    "list_orders": list_orders,
    "create": create,
    "create_action": create_action,
    "read_order": read_order,
    "edit": edit_fields,
    "export": export,
    "unexport": unexport,
    "ship": ship_order,
    "list_of_order": list_of_order,
    "read_item": read_item,
    "list_of_item": list_of_item,
    "read_fulfillment": read_fulfillment,
    "edit_fulfillment": edit_fulfillment,
    "delete_fulfillment": remove_fulfillment,
    "list_of_fulfillment": list_of_fulfillment,
}
