"""What each path and method does, for a request that is authorised and within the limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug import Request, Response
from werkzeug.routing import Map, Rule

from local.simulators.channeladvisor.adjusting import adjust_order
from local.simulators.channeladvisor.bodies import done, odata_response, read_payload
from local.simulators.channeladvisor.creating import create_order
from local.simulators.channeladvisor.editing import edit_order
from local.simulators.channeladvisor.entities import Entity, Order
from local.simulators.channeladvisor.filters import values_asked_for
from local.simulators.channeladvisor.queries import entity_body, list_body, read_query
from local.simulators.channeladvisor.refusals import invalid, no_resource
from local.simulators.channeladvisor.shipping import change_fulfillment, ship
from local.simulators.channeladvisor.state import Account, State

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
        Rule("/v1/Orders(<int:order_id>)/Adjust", methods=["POST"], endpoint="adjust"),
        Rule("/v1/Orders(<int:order_id>)/<navigation>", methods=["GET"], endpoint="list_of_order"),
        Rule("/v1/OrderItems(<int:item_id>)/<navigation>", methods=["GET"], endpoint="list_of_item"),
        Rule("/v1/Fulfillments(<int:fulfillment_id>)", methods=["GET"], endpoint="read_fulfillment"),
        Rule("/v1/Fulfillments(<int:fulfillment_id>)", methods=["PATCH", "PUT"], endpoint="edit_fulfillment"),
        Rule(
            "/v1/Fulfillments(<int:fulfillment_id>)/<navigation>",
            methods=["GET"],
            endpoint="list_of_fulfillment",
        ),
    ],
    strict_slashes=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorised request."""

    request: Request
    application: str
    account: Account
    state: State
    page_size: int

    @property
    def origin(self) -> str:
        """Scheme and host that the caller used, for links."""
        return self.request.host_url.rstrip("/")

    @property
    def arguments(self) -> dict[str, str]:
        """The query string."""
        return self.request.args.to_dict()


def list_orders(call: Call) -> Response:
    """Orders of the account, filtered; `exported` looks at this application's own marks (CA 4.1)."""
    arguments = call.arguments
    query = read_query(arguments, Order)
    condition = query.selection.condition
    wanted = None if condition is None else values_asked_for(condition, _SITE_IDS)
    if wanted is None:
        candidates = list(call.state.orders.values())
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
    return _list(call, orders, Order, short_pages=call.state.doubts.short_pages)


def _list(call: Call, entities: Sequence[Entity], entity: type[Entity], *, short_pages: bool = False) -> Response:
    body = list_body(
        entities,
        read_query(call.arguments, entity),
        entity=entity,
        arguments=call.arguments,
        origin=call.origin,
        path=call.request.path,
        page_size=call.page_size,
        short_pages=short_pages,
    )
    return odata_response(body, 200)


def _single(call: Call, entity: Entity, status: int = 200) -> Response:
    selection = read_query(call.arguments, type(entity)).selection
    return odata_response(entity_body(entity, selection, origin=call.origin), status)


def _children(call: Call, parent: Entity, navigation: str) -> Response:
    entity = parent.NAVIGATIONS.get(navigation)
    if entity is None:
        raise no_resource(call.request.path)
    return _list(call, parent.children(navigation), entity)


def read_order(call: Call, order_id: int) -> Response:
    """One order with all of its children."""
    return _single(call, call.state.order_of(call.account, order_id))


def list_of_order(call: Call, order_id: int, navigation: str) -> Response:
    """Items, Fulfillments or Adjustments of an order."""
    return _children(call, call.state.order_of(call.account, order_id), navigation)


def list_of_item(call: Call, item_id: int, navigation: str) -> Response:
    """Children of an item, beyond what an expanded list shows."""
    return _children(call, call.state.item_of(call.account, item_id), navigation)


def read_fulfillment(call: Call, fulfillment_id: int) -> Response:
    """One fulfilment."""
    return _single(call, call.state.fulfillment_of(call.account, fulfillment_id)[1])


def list_of_fulfillment(call: Call, fulfillment_id: int, navigation: str) -> Response:
    """Items of a fulfilment."""
    return _children(call, call.state.fulfillment_of(call.account, fulfillment_id)[1], navigation)


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
    response = _single(call, order, 201)
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


def adjust(call: Call, order_id: int) -> Response:
    """The Adjust action on a whole order."""
    order = call.state.order_of(call.account, order_id)
    adjust_order(call.state, order, read_payload(call.request))
    return done()


def edit_fulfillment(call: Call, fulfillment_id: int) -> Response:
    """PATCH or PUT of a fulfilment."""
    order, fulfillment = call.state.fulfillment_of(call.account, fulfillment_id)
    change_fulfillment(call.state, call.account, order, fulfillment, read_payload(call.request))
    return done()


ENDPOINTS: dict[str, Callable[..., Response]] = {
    "list_orders": list_orders,
    "create": create,
    "create_action": create_action,
    "read_order": read_order,
    "edit": edit_fields,
    "export": export,
    "unexport": unexport,
    "ship": ship_order,
    "adjust": adjust,
    "list_of_order": list_of_order,
    "list_of_item": list_of_item,
    "read_fulfillment": read_fulfillment,
    "edit_fulfillment": edit_fulfillment,
    "list_of_fulfillment": list_of_fulfillment,
}
