"""Returns in every state, and which code each decision meets there."""

from local.simulators.tiktok_shop import (
    ReturnType,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    NO_CHANGE_OF_MIND,
    NOT_CLEAR,
    USED,
)

GOODS, NEW = ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT


def brought_to(simulator: TikTokShopSimulator, order_id: str, kind: ReturnType, state: str) -> str:
    """A return of that kind in the state that the tables below name."""
    return_id = simulator.buyer_requests_return(order_id, kind, approved_by_tiktok=False)
    match state:
        case "granted" | "awaiting" | "shipped" | "inspected" | "received":
            simulator.approve_return_in_seller_center(return_id)
        case "rejected" | "quarrel":
            rejection = {ReturnType.REFUND: NOT_CLEAR}.get(kind, NO_CHANGE_OF_MIND)
            simulator.reject_return_in_seller_center(return_id, rejection)
        case "withdrawn":
            simulator.buyer_withdraws_return(return_id)
        case "offered":
            simulator.offer_partial_refund_in_seller_center(return_id, "1.00")
    if state in {"shipped", "inspected", "received"}:
        simulator.buyer_ships_return(return_id, "BACK-1")
    if state == "received":
        simulator.approve_return_in_seller_center(return_id)
    if state == "inspected":
        simulator.reject_return_in_seller_center(return_id, USED)
    if state == "quarrel":
        simulator.buyer_escalates(return_id)
    return return_id


TABLE = [
    (ReturnType.REFUND, "pending", {"APPROVE_REFUND": 0, "REJECT_REFUND": 0}),
    (ReturnType.REFUND, "granted", {"APPROVE_REFUND": 25011012, "REJECT_REFUND": 25020010}),
    (ReturnType.REFUND, "rejected", {"APPROVE_REFUND": 25011012, "REJECT_REFUND": 25001003}),
    (ReturnType.REFUND, "withdrawn", {"APPROVE_REFUND": 25020009, "REJECT_REFUND": 25001003}),
    (ReturnType.REFUND, "offered", {"APPROVE_REFUND": 25007007, "REJECT_REFUND": 25001003}),
    (ReturnType.REFUND, "quarrel", {"APPROVE_REFUND": 25011010, "REJECT_REFUND": 25011010}),
    (
        GOODS,
        "pending",
        {
            "APPROVE_RETURN": 0,
            "DIRECT_REFUND": 0,
            "REJECT_RETURN": 0,
            "APPROVE_RECEIVED_PACKAGE": 25011013,
            "REJECT_RECEIVED_PACKAGE": 25020012,
        },
    ),
    (
        GOODS,
        "awaiting",
        {
            "APPROVE_RETURN": 25011012,
            "DIRECT_REFUND": 0,
            "REJECT_RETURN": 25020010,
            "APPROVE_RECEIVED_PACKAGE": 25011013,
            "REJECT_RECEIVED_PACKAGE": 25020012,
        },
    ),
    (
        GOODS,
        "shipped",
        {
            "APPROVE_RETURN": 25011012,
            "DIRECT_REFUND": 0,
            "REJECT_RETURN": 25020010,
            "APPROVE_RECEIVED_PACKAGE": 0,
            "REJECT_RECEIVED_PACKAGE": 0,
        },
    ),
    (
        GOODS,
        "inspected",
        {
            "DIRECT_REFUND": 25011012,
            "REJECT_RETURN": 25001003,
            "APPROVE_RECEIVED_PACKAGE": 25011013,
            "REJECT_RECEIVED_PACKAGE": 25020012,
        },
    ),
    (
        GOODS,
        "received",
        {
            "DIRECT_REFUND": 25011012,
            "REJECT_RETURN": 25020010,
            "APPROVE_RECEIVED_PACKAGE": 25011013,
            "REJECT_RECEIVED_PACKAGE": 25020011,
        },
    ),
    (GOODS, "withdrawn", {"APPROVE_RETURN": 25020009, "APPROVE_RECEIVED_PACKAGE": 25020009}),
    (NEW, "pending", {"APPROVE_REPLACEMENT": 0, "ISSUE_REPLACEMENT_REFUND": 0, "REJECT_REPLACEMENT": 0}),
    (
        NEW,
        "granted",
        {"APPROVE_REPLACEMENT": 25011012, "ISSUE_REPLACEMENT_REFUND": 25011012, "REJECT_REPLACEMENT": 25020010},
    ),
    (
        NEW,
        "rejected",
        {"APPROVE_REPLACEMENT": 25011012, "ISSUE_REPLACEMENT_REFUND": 25011012, "REJECT_REPLACEMENT": 25001003},
    ),
    (NEW, "withdrawn", {"APPROVE_REPLACEMENT": 25020009, "REJECT_REPLACEMENT": 25001003}),
]
CASES = [(kind, state, said, code) for kind, state, codes in TABLE for said, code in codes.items()]
