"""Connect a shop, or change its settings."""

import json
from collections.abc import Mapping
from datetime import datetime

from order_sync.domain.ids import ShopId
from order_sync.jobs.run import Report
from order_sync.ledger.shops import Shops, read_settings


def connect_shop(settings: Mapping[str, object], shops: Shops, now: datetime) -> Report:
    """Check and save a shop's settings. Orders from before `starts_at` (now, unless it is given) are only watched.

    Connecting again changes the settings, keeps the starting moment, even that of settings which cannot be
    used, and lifts the shop's notices. Raises RejectedError naming each bad setting, never its value.
    """
    shop = str(settings.get("shop", ""))
    given = dict(settings)
    if "starts_at" not in given:
        # TikTok counts in whole seconds: an order of this very second is placed after the connection.
        given["starts_at"] = shops.starting_moment(ShopId(shop)) or now.replace(microsecond=0).isoformat()
    checked = read_settings(shop or "without id", json.dumps(given))
    shops.save(checked)
    shops.lift_notices(checked.shop)
    report = Report()
    report.count("shops_connected")
    return report
