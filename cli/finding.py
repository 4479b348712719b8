"""Which shop an order is of, so that nobody has to know."""

from dataclasses import dataclass, field

from cli.entries import Repairs, repairs_of
from cli.errors import CommandError
from cli.stack import Stack
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import TimelineEntry
from order_sync.ledger import keys
from order_sync.ledger.ledger import DamagedItemError


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An order with its history, and what of it cannot be read."""

    record: OrderRecord
    timeline: tuple[TimelineEntry, ...]
    repairs: Repairs = field(default_factory=dict)
    damaged: tuple[str, ...] = ()


def shop_of(stack: Stack, order: str) -> ShopId:
    """The shop that has an order. Raises CommandError when none has, and when several have."""
    shops = stack.shops.connected()
    if not shops:
        raise CommandError(f"Stack {stack.name} has no shops yet: connect one first.")
    heads = {keys.order_key(shop, OrderId(order)).pk: shop for shop in shops}
    found = stack.table.get_many(keys.order_key(shop, OrderId(order)) for shop in shops)
    having = sorted(heads[str(item["pk"])] for item in found)
    if len(having) > 1:
        raise CommandError(f"Order {order} is in the shops {', '.join(having)}: name one with --shop.")
    return having[0] if having else _without(stack, shops, order)


def _without(stack: Stack, shops: list[ShopId], order: str) -> ShopId:
    for shop in shops:
        if reason := stack.shops.unread(shop).get(OrderId(order)):
            raise CommandError(
                f"Order {order} of shop {shop} is known, but could not be read from TikTok Shop yet: {reason}. "
                "Every poll tries again."
            )
    raise CommandError(
        f"No shop of stack {stack.name} has an order {order}: orders from before a shop went live, and those that "
        "the next poll will bring, are not known."
    )


def find_order(stack: Stack, shop: ShopId, order: str) -> Found:
    """All about an order; what is damaged is named and left out. Raises CommandError for an unknown one."""
    damaged: list[str] = []

    def note(error: DamagedItemError) -> None:
        damaged.append(str(error))

    record = stack.ledger.load(shop, OrderId(order), note)
    if record is None:
        raise CommandError(f"Shop {shop} has no order {order}.")
    timeline = stack.ledger.timeline(shop, OrderId(order), note)
    return Found(record=record, timeline=tuple(timeline), repairs=repairs_of(stack.table, shop), damaged=tuple(damaged))
