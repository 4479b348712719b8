"""The endpoints of external order references (TT 2.7)."""

from local.simulators.tiktok_shop.books import ReferenceRecord
from local.simulators.tiktok_shop.calls import (
    Call,
    Json,
    check_fields,
    object_list,
    query_choice,
    query_text,
    required_text,
)
from local.simulators.tiktok_shop.errors import MESSAGES, business, invalid
from local.simulators.tiktok_shop.orders import Order
from local.simulators.tiktok_shop.references import PLATFORMS, Reference

MOST = 100
INVALID_ORDER = 36020001


def add_references(call: Call) -> Json:
    """POST /order/202406/orders/external_orders: upsert; what fails stands in `errors`, the rest is done."""
    check_fields(call.body, {"orders": list})
    read = [_read(each) for each in object_list(call.body, "orders", MOST)]
    errors = [error for order_id, reference in read if (error := _add(call, order_id, reference)) is not None]
    return {"errors": errors} if errors else {}


def references_of_order(call: Call) -> Json:
    """GET /order/202406/orders/{order_id}/external_orders."""
    platform = query_choice(call, "platform", PLATFORMS)
    order = _order(call, call.path["order_id"])
    if order is None:
        raise business(INVALID_ORDER)
    reference = call.state.references.get((order.id, platform))
    return {"external_orders": [] if reference is None else [_payload(reference)]}


def search_by_reference(call: Call) -> Json:
    """POST /order/202406/orders/external_order_search."""
    platform = query_choice(call, "platform", PLATFORMS)
    external_id = query_text(call, "external_order_id")
    check_fields(call.body, {})
    return {
        "orders": [
            {"id": order_id, "external_order": _payload(reference)}
            for (order_id, _), reference in call.state.references.items()
            if reference.platform == platform
            and reference.external_id == external_id
            and _order(call, order_id) is not None
        ]
    }


def _read(entry: Json) -> tuple[str, Reference]:
    check_fields(entry, {"id": str, "external_order": dict}, "orders.")
    order_id = required_text(entry, "id", "orders.")
    external = entry.get("external_order")
    if not isinstance(external, dict):
        raise invalid("orders.external_order is a required field")
    where = "orders.external_order."
    check_fields(external, {"id": str, "platform": str, "line_items": list}, where)
    platform = required_text(external, "platform", where)
    if platform not in PLATFORMS:
        raise invalid(f"Invalid {where}platform. The value must be one of {', '.join(PLATFORMS)}")
    lines = []
    for line in object_list(external, "line_items", MOST, where):
        check_fields(line, {"id": str, "origin_id": str}, f"{where}line_items.")
        lines.append(
            (
                required_text(line, "id", f"{where}line_items."),
                required_text(line, "origin_id", f"{where}line_items."),
            )
        )
    external_id = required_text(external, "id", where)
    return order_id, Reference(external_id=external_id, platform=platform, lines=tuple(lines))


def _add(call: Call, order_id: str, reference: Reference) -> Json | None:
    order = _order(call, order_id)
    if order is None:
        return _error(order_id, reference, MESSAGES[INVALID_ORDER])
    if not {origin for _, origin in reference.lines} <= {line.id for line in order.lines}:
        # Which code the service uses for a foreign line is not documented.
        return _error(order_id, reference, "Invalid origin_id")
    call.state.references[order.id, reference.platform] = reference
    call.state.books.references.append(
        ReferenceRecord(
            at=call.now,
            order_id=order.id,
            platform=reference.platform,
            external_id=reference.external_id,
        )
    )
    return None


def _error(order_id: str, reference: Reference, message: str) -> Json:
    return {
        "code": str(INVALID_ORDER),
        "message": message,
        "detail": {
            "order_id": order_id,
            "external_order": {"id": reference.external_id, "platform": reference.platform},
        },
    }


def _order(call: Call, order_id: str) -> Order | None:
    order = call.state.orders.get(order_id)
    return order if order is not None and order.shop is call.shop else None


def _payload(reference: Reference) -> Json:
    return {
        "id": reference.external_id,
        "platform": reference.platform,
        "line_items": [{"id": id_, "origin_id": origin_id} for id_, origin_id in reference.lines],
    }
