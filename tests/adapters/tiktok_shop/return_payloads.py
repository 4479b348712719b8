"""Returns as TikTok Shop sends them (TT 4.4), with values that belong to nobody, and people's words in every text."""

from typing import Any, Final

ASKED, CHANGED, DUE = 1780304400, 1780304470, 1780390800
RETURN_ID, ORDER_ID = "4035318504086604111", "576461413038785752"
LINE_1, LINE_2 = "577086512123755123", "577086512123755124"
TEXTS_OF_PEOPLE: Final = ("Jane", "1 Example Street", "Demo tee", "Blue, M", "Example Logistics")


def an_amount(total: object = "19.40", **changes: Any) -> dict[str, Any]:
    """What is refunded for one tee: 17.50 and 1.40 of tax, with half a dollar of fees."""
    return {
        "currency": "USD",
        "refund_total": total,
        "refund_subtotal": "17.50",
        "refund_shipping_fee": "0",
        "refund_tax": "1.40",
        "retail_delivery_fee": "0.30",
        "buyer_service_fee": "0.20",
    } | changes


def a_line(line: str = LINE_1, **changes: Any) -> dict[str, Any]:
    """One unit of a return."""
    return {
        "return_line_item_id": "4035318504086604500",
        "order_line_item_id": line,
        "sku_id": "1729582718312380124",
        "sku_name": "Blue, M",
        "product_name": "Demo tee",
        "seller_sku": "TEE-BLU-M",
        "product_image": {"url": "https://example.com/Jane.jpg", "width": 10, "height": 10},
        "refund_amount": an_amount(),
    } | changes


def a_return(**changes: Any) -> dict[str, Any]:
    """A buyer's open request to send one tee back for its money."""
    return {
        "return_id": RETURN_ID,
        "order_id": ORDER_ID,
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "role": "BUYER",
        "return_reason": "ecom_order_delivered_refund_and_return_reason_wrong_product",
        "return_reason_text": "Jane got a green one",
        "buyer_comments": "Please be quick. Jane",
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_provider_name": "Example Logistics",
        "create_time": ASKED,
        "update_time": CHANGED,
        "seller_next_action_response": [an_action("SELLER_RESPOND_RETURN")],
        "return_line_items": [a_line()],
        "refund_amount": an_amount(),
        "return_warehouse_address": {"full_address": "1 Example Street, Los Angeles"},
        "is_combined_return": False,
    } | changes


def an_action(action: str, deadline: int = DUE) -> dict[str, Any]:
    """What TikTok waits for."""
    return {"action": action, "deadline": deadline}
