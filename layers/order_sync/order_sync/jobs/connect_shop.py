"""Connect a shop, or change its settings."""

import json
from collections.abc import Mapping
from datetime import datetime

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.jobs.run import Report
from order_sync.ledger.shops import Shops, read_settings


def connect_shop(settings: Mapping[str, object], shops: Shops, now: datetime) -> Report:
    """Check and save a shop's settings. Orders from before `starts_at` (now, unless it is given) are only watched.

    Connecting again changes the settings and keeps the starting moment, even that of settings which cannot be
    used. Of the shop's notices it lifts those that `lift` names; the others are reported. Raises RejectedError
    naming each bad setting, never its value, and each notice to lift that does not stand.
    """
    shop = str(settings.get("shop", ""))
    given = {name: value for name, value in settings.items() if name != "lift"}
    if "listings" in given:
        raise RejectedError(f"settings of shop {shop}: listings: no setting; load_listings loads them")
    if "starts_at" not in given:
        # TikTok counts in whole seconds: an order of this very second is placed after the connection.
        given["starts_at"] = shops.starting_moment(ShopId(shop)) or now.replace(microsecond=0).isoformat()
    checked = read_settings(shop or "without id", json.dumps(given))
    notices = shops.notices(checked.shop)
    lifted = _to_lift(checked.shop, settings.get("lift", []), notices)
    shops.save(checked)
    report = Report()
    report.count("shops_connected")
    for name, text in notices.items():
        if name in lifted:
            shops.lift_notice(checked.shop, name)
            report.count("notices_lifted")
        else:
            report.problem("open_notices", f"shop {checked.shop}, {name}: {text}")
    return report


def _to_lift(shop: ShopId, names: object, notices: Mapping[str, str]) -> set[str]:
    """The names of notices that an operator has seen to."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RejectedError(f"settings of shop {shop}: lift: must be a list of notices' names")
    if unknown := sorted(set(names) - notices.keys()):
        raise RejectedError(f"shop {shop} has no notice {', '.join(map(repr, unknown))} to lift")
    return set(names)
