"""What sellers, buyers, carriers and TikTok itself do, for scenarios and tests (not over HTTP)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.buyers import Buyer, new_address
from local.simulators.tiktok_shop.deadlines import DayCounts, HandlingUnit
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import leave_combination, touch
from local.simulators.tiktok_shop.money import ZERO, Amount, LineSpec
from local.simulators.tiktok_shop.orders import OrderType, Status
from local.simulators.tiktok_shop.parcel_actions import ParcelActions
from local.simulators.tiktok_shop.placing import OrderSpec, introduce_buyer, pay, place
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop


class Actions(ParcelActions):
    """What happens to orders. Every method takes effect at once, at the time of the clock or at a moment of the past.

    Orders and packages are named by id. Raises IllegalStepError where TT 2.8 does not allow the step.
    """

    def place_order(
        self,
        shop: Shop,
        lines: Sequence[LineSpec],
        *,
        paid: bool = True,
        cod: bool = False,
        hold: bool = True,
        created_at: datetime | None = None,
        paid_at: datetime | None = None,
        order_type: OrderType = OrderType.NORMAL,
        release_date: datetime | None = None,
        handling_days: int = 0,
        handling_unit: HandlingUnit = HandlingUnit.BUSINESS_DAY,
        day_counts: DayCounts | None = None,
        sample: bool = False,
        replacement: bool = False,
        shipping_fee: Amount = "0",
        shipping_seller_discount: Amount = "0",
        shipping_platform_discount: Amount = "0",
        shipping_cofunded_discount: Amount = "0",
        fees: Mapping[str, Amount] | None = None,
        tax_rate: Amount | None = None,
        delivery_option: DeliveryOption | None = None,
        shipped_by_tiktok: bool = False,
        fulfilled_by_tiktok: bool = False,
        buyer: Buyer | None = None,
        buyer_message: str = "",
    ) -> str:
        """A buyer places an order and, unless `paid` is false, pays at once. Returns the order id.

        `hold` false: a category without the cool-down. `created_at` back-dates the order; it is listed from now, and
        paid when it was created unless `paid_at` says when. `day_counts`: TikTok's figures for this order alone.
        `sample`: all its money is zero. `release_date` makes a pre-order. `tax_rate` as a fraction ("0.08").
        `shipped_by_tiktok`: TikTok's carrier picks up at the seller's; `fulfilled_by_tiktok`: from TikTok's warehouse.
        """
        with self._state.lock:
            now = self._state.now()
            option = delivery_option or shop.option(shipped_by_tiktok=shipped_by_tiktok or fulfilled_by_tiktok)
            spec = OrderSpec(
                lines=lines,
                created_at=created_at or now,
                shipping_fee=shipping_fee,
                shipping_seller_discount=shipping_seller_discount,
                shipping_platform_discount=shipping_platform_discount,
                shipping_cofunded_discount=shipping_cofunded_discount,
                fees=fees or {},
                tax_rate=ZERO if sample else Decimal(shop.region.tax_rate if tax_rate is None else tax_rate),
                order_type=OrderType.PRE_ORDER if release_date is not None else order_type,
                release_date=release_date,
                handling_days=handling_days,
                handling_unit=handling_unit,
                day_counts=day_counts,
                has_hold=hold or release_date is not None,
                is_cod=cod,
                is_sample=sample,
                is_replacement=replacement,
                delivery_option=option,
                fulfillment_type="FULFILLMENT_BY_TIKTOK" if fulfilled_by_tiktok else "FULFILLMENT_BY_SELLER",
                buyer=buyer or introduce_buyer(self._state, shop),
                buyer_message=buyer_message,
            )
            order = place(self._state, shop, spec, now)
            if paid and not cod:
                pay(self._state, order, paid_at or order.created_at, now)
            return order.id

    def pay(self, order_id: str) -> None:
        """The buyer pays: the hold begins."""
        with self._state.lock:
            now = self._state.now()
            pay(self._state, self._state.order(order_id), now, now)

    def change_address(self, order_id: str) -> None:
        """The buyer moves: a new street for an order that is not on its way."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if order.status in {Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED, Status.CANCELLED}:
                raise IllegalStepError(f"order {order_id} in {order.status} keeps its address")
            self._state.addresses += 1
            order.address = new_address(50_000 + self._state.addresses, order.shop.region)
            order.address_changed = True
            self._state.personal_data |= {order.address.line1, order.address.line2}
            leave_combination(order, now)
            touch(order, now)

    def touch(self, order_id: str) -> None:
        """Something that we do not see changes the order: only its update_time moves."""
        with self._state.lock:
            touch(self._state.order(order_id), self._state.now())
