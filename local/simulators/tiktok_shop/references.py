"""External order references: what ChannelAdvisor and the OMS call an order (TT 2.7)."""

from dataclasses import dataclass

PLATFORMS = (
    "SHOPIFY",
    "WOOCOMMERCE",
    "BIGCOMMERCE",
    "MAGENTO",
    "SALESFORCE_COMMERCE_CLOUD",
    "CHANNEL_ADVISOR",
    "AMAZON",
    "ORDER_MANAGEMENT_SYSTEM",
    "WAREHOUSE_MANAGEMENT_SYSTEM",
    "ERP_SYSTEM",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`lines` pairs the other system's line id with TikTok's."""

    external_id: str
    platform: str
    lines: tuple[tuple[str, str], ...]
