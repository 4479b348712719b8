"""A strict, stateful simulator of TikTok Shop (reference: tiktok_shop_api.md)."""

from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.books import Books
from local.simulators.tiktok_shop.cancellations import CancellationRecord, CancelStatus, CancelType, Outcome, Role
from local.simulators.tiktok_shop.deadlines import DayCounts, Deadlines, HandlingUnit
from local.simulators.tiktok_shop.doubts import Blank, Doubts, LabelSign
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Damage, OrderType, Status
from local.simulators.tiktok_shop.return_records import (
    Arbitration,
    ReturnDecision,
    ReturnQuestion,
    ReturnRecord,
    ReturnStatus,
    ReturnType,
)
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop, Warehouse
from local.simulators.tiktok_shop.times import OrderTimes
from local.simulators.tiktok_shop.tokens import Tokens

__all__ = [
    "Arbitration",
    "Blank",
    "Books",
    "CancelStatus",
    "CancelType",
    "CancellationRecord",
    "Damage",
    "DayCounts",
    "Deadlines",
    "DeliveryOption",
    "Doubts",
    "HandlingUnit",
    "IllegalStepError",
    "LabelSign",
    "LineSpec",
    "OrderTimes",
    "OrderType",
    "Outcome",
    "RefusalError",
    "ReturnDecision",
    "ReturnQuestion",
    "ReturnRecord",
    "ReturnStatus",
    "ReturnType",
    "Role",
    "Shop",
    "Status",
    "TikTokShopSimulator",
    "Tokens",
    "Warehouse",
]
