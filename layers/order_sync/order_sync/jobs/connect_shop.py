"""Connect a shop, or change its settings."""

import json
from collections.abc import Mapping
from datetime import datetime

from order_sync.domain.errors import RejectedError
from order_sync.jobs.run import Report
from order_sync.ledger.shops import Shops, read_settings


def connect_shop(settings: Mapping[str, object], shops: Shops, now: datetime) -> Report:
    """Check and save a shop's settings. Orders from before `starts_at` (now, unless it is given) are only watched.

    Connecting again changes the settings and keeps the starting moment. Raises RejectedError naming
    each bad setting, never its value.
    """
    shop = str(settings.get("shop", ""))
    given = dict(settings)
    if "starts_at" not in given:
        given["starts_at"] = _starting_moment(shop, shops, now)
    checked = read_settings(shop or "without id", json.dumps(given))
    shops.save(checked)
    report = Report()
    report.count("shops_connected")
    return report


def _starting_moment(shop: str, shops: Shops, now: datetime) -> str:
    try:
        return shops.settings(shop).starts_at.isoformat()  # type: ignore[arg-type]
    except RejectedError:
        # TikTok counts in whole seconds: an order of this very second is placed after the connection.
        return now.replace(microsecond=0).isoformat()
