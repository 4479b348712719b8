"""Days with parcels out of the ordinary: the demo's own warehouse and desk, over the whole product in one process."""

from collections.abc import Mapping
from typing import Any

from local.demo.checks import check_books
from local.demo.deployment import MAPPINGS
from local.demo.parcel_checks import check_parcels
from local.demo.parcel_desk import ParcelDesk
from local.demo.parcel_notes import ParcelNotes
from local.demo.parcels import is_known_everywhere
from local.demo.partners import HOLD, Partners
from local.demo.stories import Packing, Placed, Story
from local.demo.warehouse import Warehouse
from order_sync.domain.ids import OrderId
from order_sync.domain.records import OrderRecord
from order_sync.jobs.carrier_mappings import map_carriers
from tests.adapters.demo.days import partners_of
from tests.world import MUG, TEE, Connected, World

CHANNELADVISOR_CLASS = {"US": "Ground", "GB": "24"}
"""The one class that this world's account knows for each carrier."""


class ParcelDay:
    """Orders of one buyer that every side has, and a warehouse that has just begun with them."""

    def __init__(self, *stories: Story, region: str = "US", adds_mappings: bool = True) -> None:
        self.world = World()
        of_class = {"channeladvisor_class": CHANNELADVISOR_CLASS[region]}
        self.shop: Connected = self.world.connect(
            region, shipping_mappings=[row | of_class for row in MAPPINGS[region]]
        )
        buyer = self.world.tiktok.new_buyer(self.shop.simulated)
        self.orders = [
            Placed(id=self.world.order(self.shop, TEE, MUG, MUG, buyer=buyer), region=region, story=story)
            for story in stories
        ]
        self.notes = ParcelNotes()
        self.warehouse = Warehouse(self.partners, self.notes, self.world.clock)
        self.desk = ParcelDesk(
            operator=self,
            partners=self.partners,
            orders=self.orders,
            notes=self.notes,
            adds_mappings=adds_mappings,
            now=self.world.clock,
        )
        self.world.until_released()
        self.world.cycle()
        for order in self.orders:
            self.warehouse.take(self.world.oms.books.order(order.id), order.story)

    @property
    def partners(self) -> Partners:
        return partners_of(self.world)

    def cycle(self, times: int = 1) -> None:
        """So many quarters of an hour, at the end of which people look at what happened."""
        for _ in range(times):
            self.world.cycle()
            self.warehouse.work()
            self.desk.look()

    def play(self) -> None:
        """As long as any of the stories takes."""
        self.cycle(8)

    def map_carriers(self, shop: str, **command: Any) -> Mapping[str, Any]:
        return map_carriers(self.world.shop_run(self.shop), {"shop": shop, **command}).answer

    def record(self, _shop: str, order: str) -> OrderRecord | None:
        return self.world.record(self.shop, OrderId(order))

    def broken(self) -> set[str]:
        """The promises about parcels that were not kept."""
        checks = check_parcels(self.partners, self.orders, self.notes)
        assert len(checks) == 4
        return {check.promise for check in checks if not check.holds}

    def broken_in_the_books(self) -> set[str]:
        """The same of those about every order."""
        return {check.promise for check in check_books(self.partners, self.orders, HOLD) if not check.holds}

    def is_known_everywhere(self, packing: Packing) -> bool:
        """Whether the orders that were packed so are on all sides as they left."""
        found = [
            is_known_everywhere(self.partners, order.id) for order in self.orders if order.story.packing is packing
        ]
        return bool(found) and all(found)
