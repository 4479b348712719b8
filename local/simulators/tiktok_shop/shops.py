"""Shops and what belongs to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from local.simulators.tiktok_shop.deadlines import DayCounts
from local.simulators.tiktok_shop.providers import BY_REGION, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    code: str
    country: str
    currency: str
    timezone: ZoneInfo
    tax_rate: str
    token_prefix: str


REGIONS: Mapping[str, Region] = MappingProxyType(
    {
        "US": Region(
            code="US",
            country="United States",
            currency="USD",
            timezone=ZoneInfo("America/Los_Angeles"),
            tax_rate="0.08",
            token_prefix="TTP_",
        ),
        # Prices in the UK include VAT: nothing is added to the total.
        "GB": Region(
            code="GB",
            country="United Kingdom",
            currency="GBP",
            timezone=ZoneInfo("Europe/London"),
            tax_rate="0",
            token_prefix="ROW_",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOption:
    id: str
    name: str
    shipped_by_tiktok: bool = False
    providers: dict[str, Provider] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """`option_ids` are the delivery options that it serves."""

    id: str
    name: str
    type: str = "SALES_WAREHOUSE"
    effect_status: str = "ENABLED"
    option_ids: list[str] = field(default_factory=list)


def providers_of(region: str, lacks: frozenset[str]) -> dict[str, Provider]:
    """The region's carriers without those that this delivery option lacks (by name)."""
    unknown = lacks - {provider.name for provider in BY_REGION[region].values()}
    if unknown:
        raise ValueError(f"no such carriers in {region}: {sorted(unknown)}")
    return {id_: provider for id_, provider in BY_REGION[region].items() if provider.name not in lacks}


@dataclass(slots=True, kw_only=True, eq=False)
class Shop:
    """`holidays` are dates that are no business days besides the region's public holidays.

    `day_counts`: its own figures for orders of some types, where they are not TikTok's usual ones.
    `automatic_approval`: how long after a buyer's cancel request it is approved without an answer.
    `offers_reject`: whether the API may reject such a request.
    `warehouse_id` is the warehouse that its orders come from.
    """

    id: str
    name: str
    region: Region
    cipher: str
    code: str
    seller_type: str
    warehouse_id: str
    holidays: frozenset[date]
    automatic_approval: timedelta = timedelta(hours=24)
    offers_reject: bool = True
    day_counts: dict[str, DayCounts] = field(default_factory=dict)
    delivery_options: dict[str, DeliveryOption] = field(default_factory=dict)
    warehouses: dict[str, Warehouse] = field(default_factory=dict)

    def option(self, *, shipped_by_tiktok: bool) -> DeliveryOption:
        """The first delivery option of the wanted kind."""
        return next(o for o in self.delivery_options.values() if o.shipped_by_tiktok is shipped_by_tiktok)
