"""Save a shop's settings, change some of them, or lift its notices."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import NOT_STARTED, ShopSettings
from order_sync.jobs.run import Report
from order_sync.ledger.shops import Shops, read_settings

_NO_SETTINGS: Final = {
    "shop": "cannot be changed: another shop is connected by itself",
    "listings": "no setting; load_listings loads them",
    "observed_until": "no setting; changing channeladvisor.mode sets it",
}


def change_settings(event: Mapping[str, object], shops: Shops, now: datetime) -> Report:
    """Do what an operator asks: save whole settings, or with `change` some of them by their names; `lift` notices.

    Orders from before `starts_at` are only watched. Unless it is given, it is the moment at which the shop is
    switched on for the first time, and it stays when a shop is switched off and on again. Whole settings that do not
    say `active` leave that as it is, and a new shop switched off. Answers `active` and `starts_at`. Of the notices
    those that `lift` names are lifted; the others are reported. Raises RejectedError naming each bad setting, never
    its value, and each notice to lift that does not stand; then nothing was changed.
    """
    named = event.get("shop")
    if not isinstance(named, str) or not named:
        raise RejectedError('the event names no shop: it must have "shop": "<shop id>"')
    shop = ShopId(named)
    asked = {name: value for name, value in event.items() if name not in {"shop", "lift"}}
    lifted = _to_lift(shop, event.get("lift", []), shops.notices(shop))
    report = Report()
    if "change" in asked:
        _refuse_others(shop, asked)
        changes = _changes(shop, asked["change"])
        saved = shops.change(shop, lambda settings: _changed(settings, changes, now))
        report.count("settings_changed", len(changes))
        _answer(saved, report)
    elif asked or "lift" not in event:
        whole = _whole(shop, {name: value for name, value in event.items() if name != "lift"}, shops, now)
        shops.save(whole)
        report.count("settings_saved")
        _answer(whole, report)
    _lift(shop, lifted, shops, report)
    return report


def _whole(shop: ShopId, given: dict[str, object], shops: Shops, now: datetime) -> ShopSettings:
    for name in ("listings", "observed_until"):
        if name in given:
            raise RejectedError(f"settings of shop {shop}: {name}: {_NO_SETTINGS[name]}")
    if "starts_at" not in given:
        given["starts_at"] = shops.starting_moment(shop) or NOT_STARTED.isoformat()
    if "active" not in given:
        given["active"] = shops.is_active(shop)
    return _started(read_settings(shop, json.dumps(given)), now)


def _answer(settings: ShopSettings, report: Report) -> None:
    started = settings.starts_at != NOT_STARTED
    report.answer |= {"active": settings.active, "starts_at": settings.starts_at.isoformat() if started else None}


def _refuse_others(shop: ShopId, asked: Mapping[str, object]) -> None:
    if others := sorted(asked.keys() - {"change"}):
        raise RejectedError(f"settings of shop {shop}: {', '.join(others)}: not beside change, but in it")


def _changes(shop: ShopId, changes: object) -> Mapping[str, object]:
    """What is to change, by the settings' dotted names."""
    if not isinstance(changes, dict) or not changes:
        raise RejectedError(f'settings of shop {shop}: change: must be {{"<name>": <value>}}')
    for name in changes:
        if why := _NO_SETTINGS.get(name):
            raise RejectedError(f"settings of shop {shop}: {name}: {why}")
    return changes


def _changed(settings: ShopSettings, changes: Mapping[str, object], now: datetime) -> ShopSettings:
    """The settings with these changes, checked as a whole."""
    values = settings.model_dump(mode="json")
    for name, value in changes.items():
        *path, last = name.split(".")
        place: Any = values
        for step in path:
            place = place.get(step) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            raise RejectedError(f"settings of shop {settings.shop}: {name}: there is no such setting")
        place[last] = value
    return _started(read_settings(settings.shop, json.dumps(values)), now)


def _started(settings: ShopSettings, now: datetime) -> ShopSettings:
    """A shop that trades has a starting moment."""
    if settings.active and settings.starts_at == NOT_STARTED:
        # TikTok counts in whole seconds: an order of this very second is placed after the start.
        return settings.model_copy(update={"starts_at": now.replace(microsecond=0)})
    return settings


def _to_lift(shop: ShopId, names: object, notices: Mapping[str, str]) -> set[str]:
    """The names of notices that an operator has seen to."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RejectedError(f"settings of shop {shop}: lift: must be a list of notices' names")
    if unknown := sorted(set(names) - notices.keys()):
        raise RejectedError(f"shop {shop} has no notice {', '.join(map(repr, unknown))} to lift")
    return set(names)


def _lift(shop: ShopId, lifted: set[str], shops: Shops, report: Report) -> None:
    for name, text in shops.notices(shop).items():
        if name in lifted:
            shops.lift_notice(shop, name)
            report.count("notices_lifted")
        else:
            report.problem("open_notices", f"shop {shop}, {name}: {text}")
