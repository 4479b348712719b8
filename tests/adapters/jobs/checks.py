"""What must hold after a hand-over, read from the partners' own books."""

from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from tests.world import Connected, World

APPLICATION = "application"


def check_handed_over_once(world: World, shop: Connected, order: OrderId) -> None:
    """Each side has the order once, paid and complete, and knows the numbers of the others."""
    (created,) = world.created(order)
    taken = world.oms.books.order(order)
    assert (created["PaymentStatus"], created["CheckoutStatus"]) == ("Cleared", "Completed")
    assert created["SellerOrderID"] == taken.number
    assert taken.channeladvisor_order_id == str(created["ID"])
    assert created["ID"] in world.channeladvisor.books.exported(APPLICATION)
    assert world.tiktok.books.references_of(order) == {
        "CHANNEL_ADVISOR": str(created["ID"]),
        "ORDER_MANAGEMENT_SYSTEM": taken.number,
    }
    check_nothing_twice(world)
    check_nothing_left(world, shop, order)


def check_nothing_twice(world: World) -> None:
    """No order, parcel or adjustment stands twice in ChannelAdvisor, no parcel twice at TikTok; the money adds up."""
    assert world.channeladvisor.books.duplicates() == {}
    assert world.channeladvisor.books.repeated_seller_ids() == {}
    assert world.channeladvisor.books.unreconciled() == []
    assert world.tiktok.books.double_ship_attempts == []


def check_nothing_left(world: World, shop: Connected, order: OrderId) -> None:
    """Nobody has to be told anything more about the order."""
    assert [entry.name for entry in world.record(shop, order).outbox if not entry.has_ended] == []


def given_to_oms(world: World) -> list[str]:
    """The orders that the OMS has."""
    return [order.tiktok_order_id for order in world.oms.books.orders()]


def failed_entries(world: World, shop: Connected, order: OrderId) -> dict[str, str]:
    """What failed about an order, with the reason."""
    return {entry.name: entry.reason for entry in world.record(shop, order).outbox if entry.state is EntryState.FAILED}
