"""Refunds as they are told to ChannelAdvisor, and what its books hold afterwards."""

from decimal import Decimal

from order_sync.domain.ids import ReturnId
from order_sync.domain.returning.refunds_told import RefundedUnits, RefundInChannelAdvisor
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import create
from tests.adapters.channeladvisor.world import PROFILE, World
from tests.purchases import a_line, a_purchase

TEE = "TEE-BLU-M"
RETURN = ReturnId("4035318504086604800")
ZERO = Decimal(0)


def units(
    sku: str, quantity: int, goods: str = "17.50", shipping: str = "0", tax: str = "0", *, each: bool = True
) -> RefundedUnits:
    """Units of one SKU; the goods are meant for each of them."""
    return RefundedUnits(
        sku=sku,
        units=quantity,
        goods=Decimal(goods) * (quantity if each else 1),
        shipping=Decimal(shipping),
        tax=Decimal(tax),
    )


def refund(*refunded: RefundedUnits, of: str = RETURN, is_return: bool = True) -> RefundInChannelAdvisor:
    """One return's refund; without any units of one tee."""
    return RefundInChannelAdvisor(
        return_id=ReturnId(of), reason_is_return=is_return, units=refunded or (units(TEE, 1, tax="1.40"),)
    )


def ship(world: World, order: str, **quantities: int) -> None:
    """A parcel leaves with the rest, or with tees and mugs."""
    skus = {"tees": TEE, "mugs": "MUG"}
    items = {skus[name]: quantity for name, quantity in quantities.items()} or None
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items=items)


def shipped(world: World, client: ChannelAdvisor) -> str:
    """Two tees and a mug, all of them shipped."""
    order = create(client)
    ship(world, order)
    return order


def with_items(world: World, *items: tuple[str, int, str]) -> str:
    """An order of items (SKU, quantity, price of a unit) that has left."""
    fields = [{"Sku": sku, "Quantity": quantity, "UnitPrice": Decimal(price)} for sku, quantity, price in items]
    order = str(world.simulator.add_order_of_another_site(PROFILE, site_id=587, items=fields))
    ship(world, order)
    return order


def of_two_prices(world: World, client: ChannelAdvisor) -> str:
    """A tee at 20.00 and one at 10.00, both shipped, with shipping and tax."""
    order = client.create_order(a_purchase(a_line(1), a_line(2, price=Decimal("10.00")))).id
    ship(world, order)
    return order


def item_id(world: World, order: str, sku: str = TEE, place: int = 0) -> int:
    """The number of an item, of several of one SKU the one at this place."""
    return int([each["ID"] for each in world.simulator.books.order(int(order))["Items"] if each["Sku"] == sku][place])


def made(world: World, order: str) -> list[tuple[str, dict[str, int], Decimal, str]]:
    """The refunds of an order: seller's id, units, total, status."""
    return [(each.seller_id, each.units, each.total, each.status) for each in world.simulator.books.refunds(int(order))]


def adjusts(world: World) -> int:
    """How many adjustments were asked for."""
    return len(world.simulator.books.requests(method="POST", path="/Adjust"))
