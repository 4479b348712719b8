"""A shop is opened and connected, set as some seller may have set it."""

from collections.abc import Callable
from random import Random

from tests.simulation.choices import shop_settings
from tests.simulation.stage import Stage
from tests.world import Connected


def open_a_shop(world: Stage, random: Random, note: Callable[[str], None]) -> Connected:
    """One more shop, in the US or in GB."""
    region = random.choice(["US", "US", "GB"])
    settings = shop_settings(region, random)
    shop = world.connect(region, **settings)
    if region == "US":
        world.tiktok.set_automatic_approval(shop.simulated, random.choice([1, 1, 1, 3, 5, None]))
        world.tiktok.set_reject_offered(shop.simulated, offered=random.random() < 0.7)
    note(f"shop {shop.id} in {region}: {settings}, {shop.simulated.automatic_approval}")
    return shop
