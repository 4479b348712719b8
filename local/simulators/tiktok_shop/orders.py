"""What TikTok Shop remembers about an order, its lines and its packages."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from local.simulators.tiktok_shop.buyers import Address, Buyer
from local.simulators.tiktok_shop.deadlines import DayCounts, Deadlines, HandlingUnit
from local.simulators.tiktok_shop.money import ZERO, UnitPrice
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop


class Status(StrEnum):
    UNPAID = "UNPAID"
    ON_HOLD = "ON_HOLD"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    PARTIALLY_SHIPPING = "PARTIALLY_SHIPPING"
    AWAITING_COLLECTION = "AWAITING_COLLECTION"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class PackageStatus(StrEnum):
    """PROCESSING: arranged, not collected. FULFILLING: on its way. COMPLETED: delivered."""

    PROCESSING = "PROCESSING"
    FULFILLING = "FULFILLING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Initiator(StrEnum):
    BUYER = "BUYER"
    SELLER = "SELLER"
    SYSTEM = "SYSTEM"


class OrderType(StrEnum):
    NORMAL = "NORMAL"
    ZERO_LOTTERY = "ZERO_LOTTERY"
    PRE_ORDER = "PRE_ORDER"
    MADE_TO_ORDER = "MADE_TO_ORDER"
    BACK_ORDER = "BACK_ORDER"


class Damage(StrEnum):
    """Ways to serve an order broken, as a buggy partner would."""

    MISSING_ID = "MISSING_ID"
    WRONG_TYPE = "WRONG_TYPE"
    NO_LINE_ITEMS = "NO_LINE_ITEMS"
    EMPTY_LINE_ITEMS = "EMPTY_LINE_ITEMS"
    UNKNOWN_ENUMS = "UNKNOWN_ENUMS"
    BAD_MONEY = "BAD_MONEY"


@dataclass(slots=True, kw_only=True, eq=False)
class Package:
    """What of a package belongs to one order: of several combined orders each has a part under the same id.

    `changes` counts the changes of its tracking number or carrier.
    """

    id: str
    order: "Order"
    lines: list["Line"]
    tracking_number: str
    provider: Provider
    status: PackageStatus
    created_at: datetime
    updated_at: datetime
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    changes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that splitting an order has put into one package, which has its id from then on."""

    package_id: str
    line_ids: frozenset[str]


@dataclass(slots=True, kw_only=True, eq=False)
class Combination:
    """Orders that go into one package. `package_id` None: each order's package gets an id of its own."""

    package_id: str | None
    orders: list["Order"]


@dataclass(slots=True, kw_only=True, eq=False)
class Line:
    """One unit. `open_return_id` names the return that it is part of now.

    `is_settled`: no return of it may begin any more, because it was refunded whole, or replaced.
    """

    id: str
    product_id: str
    sku_id: str
    seller_sku: str
    product_name: str
    price: UnitPrice
    is_gift: bool
    package: Package | None = None
    cancel_user: str | None = None
    cancel_reason: str | None = None
    open_return_id: str | None = None
    is_settled: bool = False
    goods_refunded: Decimal = ZERO
    tax_refunded: Decimal = ZERO

    @property
    def is_cancelled(self) -> bool:
        return self.cancel_user is not None


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """`hold_ends_at` None: no hold. `day_counts`: figures of its own for its time limits.

    `index` lists (written at, update time in seconds), for the search.

    `open_cancel_id` names the buyer's cancel request that waits for an answer.

    `tracking_is_fixed`: a rule of the platform's keeps its tracking numbers as they are.
    `must_split`: (type, category id, most units) of a rule by which it needs several packages.

    `extras_refunded`: the shipping fee and what else is paid once for an order went back with a return.
    `replaced_order_id` and `exchange_source_order_id`: the order whose goods it replaces.
    """

    id: str
    shop: Shop
    buyer: Buyer
    address: Address
    lines: list[Line]
    payment: dict[str, str]
    status: Status
    order_type: OrderType
    fulfillment_type: str
    shipping_type: str
    delivery_option: DeliveryOption
    created_at: datetime
    updated_at: datetime
    is_cod: bool
    is_sample: bool
    is_replacement: bool
    has_hold: bool
    buyer_message: str
    paid_at: datetime | None = None
    hold_ends_at: datetime | None = None
    release_date: datetime | None = None
    handling_days: int = 0
    handling_unit: HandlingUnit = HandlingUnit.BUSINESS_DAY
    day_counts: DayCounts | None = None
    deadlines: Deadlines | None = None
    cancel_requested_at: datetime | None = None
    open_cancel_id: str | None = None
    cancelled_at: datetime | None = None
    cancel_initiator: Initiator | None = None
    cancel_reason: str | None = None
    shipped_at: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    completed_at: datetime | None = None
    address_changed: bool = False
    packages: list[Package] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    combination: Combination | None = None
    tracking_is_fixed: bool = False
    must_split: tuple[str, str, str] | None = None
    extras_refunded: bool = False
    replaced_order_id: str | None = None
    exchange_source_order_id: str | None = None
    shown_status: str | None = None
    damage: Damage | None = None
    index: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def is_sellers(self) -> bool:
        """Whether the seller ships it."""
        return (self.fulfillment_type, self.shipping_type) == ("FULFILLMENT_BY_SELLER", "SELLER")

    @property
    def unshipped(self) -> list[Line]:
        return [line for line in self.lines if line.package is None and not line.is_cancelled]

    @property
    def remaining(self) -> list[Line]:
        return [line for line in self.lines if not line.is_cancelled]

    @property
    def waiting_packages(self) -> dict[str, list[Line]]:
        """The packages that splitting or combining has made, by id, with the lines that are left to ship."""
        waiting = {
            group.package_id: [line for line in self.unshipped if line.id in group.line_ids] for group in self.groups
        }
        if self.combination is not None and self.combination.package_id is not None:
            waiting[self.combination.package_id] = self.unshipped
        return {package_id: lines for package_id, lines in waiting.items() if lines}

    @property
    def recipient(self) -> tuple[str, Address]:
        return self.buyer.name, self.address

    @property
    def cancel_request_open(self) -> bool:
        return self.open_cancel_id is not None
