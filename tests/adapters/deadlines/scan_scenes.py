"""Where tests of scans begin: parcels that TikTok Shop has, and carriers that come or do not."""

from datetime import datetime

from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.deadlines.deadline_scenes import pass_time
from tests.world import TEE, Connected, World


class Parcels:
    """Parcels of one shop, each with a tracking number of its own. Somebody ships, and the ledger knows at once."""

    def __init__(self, world: World, shop: Connected) -> None:
        self.world, self.shop = world, shop
        self.numbers: dict[OrderId, str] = {}

    def ship(self, number: int = 1, *, at: datetime | None = None) -> list[OrderId]:
        """So many orders leave by hand, in a parcel each, at a moment to come or now."""
        if at is not None:
            pass_time(self.world, at)
        orders = [self.world.order(self.shop, TEE, hold=False) for _ in range(number)]
        for order in orders:
            self.numbers[order] = usps(len(self.numbers))
            self.world.tiktok.ship_in_seller_center(order, self.numbers[order], "USPS")
        self.see()
        return orders

    def scan(self, *orders: OrderId) -> None:
        """Their carrier comes."""
        for order in orders:
            self.world.tiktok.collect(order)
        self.see()

    def see(self) -> None:
        """The next poll, which takes a second."""
        self.world.run("poll_tiktok", self.shop)
