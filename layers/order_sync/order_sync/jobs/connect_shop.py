"""Connect a seller's shops by the seller's consent: ask for it, and take what the browser brings back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.authorizations import Grantor, granted
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.domain.regions import USUAL_TIME_ZONES, Region
from order_sync.domain.shop import NOT_STARTED, ShopSettings
from order_sync.jobs.refresh_tokens import AUTHORIZATION, LEASE, LEASE_LENGTH
from order_sync.jobs.run import Report
from order_sync.ledger.once import Consents
from order_sync.ledger.shops import Shops, read_settings
from order_sync.partners.tiktok_shop.consent import AuthorizedShop, Redirect, read_pasted
from order_sync.partners.tiktok_shop.credentials import ShopTokens

GOOD_FOR: Final = timedelta(hours=24)
"""A seller may sit in another time zone than whoever sends the link."""
PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0)
"""In seconds, between the rounds in which shops are taken up."""
SECONDS_TO_END: Final = 6.0
"""No shop is taken up when so little is left of the half minute in which API Gateway wants an answer."""
LONGEST_TEMPLATE: Final = 16_000
NO_TIME: Final = "there was no time left for it; let the seller agree once more"

_OF_EACH_SHOP: Final = ("shop", "name", "tiktok_cipher")
_NOT_CHOSEN: Final = (*_OF_EACH_SHOP, "active", "listings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """What connecting works with. `exchange` gives tokens for a code, `list_shops` the shops that they open.

    `seconds_left` is until the function's time-out: what is then not reported is not known.
    """

    shops: Shops
    consents: Consents
    exchange: Callable[[str], ShopTokens]
    list_shops: Callable[[ShopTokens], tuple[AuthorizedShop, ...]]
    store: Callable[[ShopId, ShopTokens], None]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    seconds_left: Callable[[], float]
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of a consent's shops so far; those that wait, with the reason."""

    waiting: dict[AuthorizedShop, str]
    connected: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    """Those that were known and keep their own settings."""


def begin(
    given: object, connecting: Connecting, new_state: Callable[[], str], link: Callable[[Region, str], str]
) -> None:
    """Answer the link under which a seller agrees, good once and for a day, for shops with these settings.

    `given` are a `region` and the settings that all shops of the consent begin with, checked at once. Raises
    RejectedError naming each bad one.
    """
    template = _as_template(given)
    try:
        region = Region(str(template.pop("region", "")))
    except ValueError:
        raise RejectedError(f"begin: region: must be one of {', '.join(Region)}") from None
    _check(template, region)
    state = new_state()
    address = link(region, state)
    until = connecting.consents.ask(state, json.dumps(template), GOOD_FOR)
    connecting.report.count("consents_begun")
    connecting.report.answer |= {"consent_link": address, "good_until": until.isoformat()}


def take_redirect(redirect: Redirect, connecting: Connecting) -> bool:
    """Connect the shops of a consent that a browser brought; gives whether all of them are.

    Raises RejectedError for a state that we have not made, that was used, or is too old, and before anything else.
    """
    template = _redeemed(redirect.state, connecting.consents)
    return _connect(redirect.code, template, connecting)


def take_pasted(event: Mapping[str, object], connecting: Connecting) -> None:
    """Connect the shops of a consent that an operator pasted: the redirect address, or its code.

    New shops begin with the settings beside it, or with those of `begin` when the address has its state. A redirect
    that failed has used that up: then only the settings beside it count. Answers which shops are connected and, by
    shop, why others are not.
    """
    pasted = event["pasted"]
    if not isinstance(pasted, str) or not pasted.strip() or len(pasted) > LONGEST_TEMPLATE:
        raise RejectedError("pasted: must be the redirect address or its code")
    redirect = read_pasted(pasted)
    if redirect.is_denied:
        raise RejectedError("pasted: the seller has not agreed")
    template = _as_template({name: value for name, value in event.items() if name != "pasted"})
    template.pop("region", None)
    if redirect.state:
        purpose = connecting.consents.redeem(redirect.state)
        if purpose is None and not template:
            raise RejectedError("its state was used or is too old: paste only the code, with --settings")
        template = (json.loads(purpose) if purpose else {}) | template
    _connect(redirect.code, template, connecting)


def _connect(code: str, template: Mapping[str, object], connecting: Connecting) -> bool:
    if not code:
        raise RejectedError("the redirect address brings no code")
    tokens = connecting.exchange(code)
    listed = connecting.list_shops(tokens)
    ours = [each.shop for each in listed if each.region in {*Region}]
    outcome = _Outcome(waiting=dict.fromkeys(listed, NO_TIME))

    def take_up(shop: AuthorizedShop) -> None:
        shared = tuple(sorted(other for other in ours if other != shop.shop))
        try:
            takes = _connect_one(shop, tokens.model_copy(update={"shared_with": shared}), template, connecting)
        except RetriableError as error:
            outcome.waiting[shop] = str(error)
            return
        except RejectedError as error:
            outcome.failed[shop.shop] = str(error)
        else:
            outcome.connected.append(shop.shop)
            if template and not takes:
                outcome.kept.append(shop.shop)
        del outcome.waiting[shop]

    _in_rounds(outcome.waiting, take_up, connecting)
    failed = outcome.failed | {shop.shop: why for shop, why in outcome.waiting.items()}
    for name, why in failed.items():
        connecting.report.problem("shops_not_connected", f"shop {name}: {why}")
    connecting.report.answer |= {"connected": outcome.connected, "not_connected": failed}
    if outcome.kept:
        connecting.report.answer["settings_kept"] = outcome.kept
    return not failed


def _in_rounds(
    waiting: Mapping[AuthorizedShop, str], take_up: Callable[[AuthorizedShop], None], connecting: Connecting
) -> None:
    """Whoever can be connected at once waits for no other, and all share the time that is left."""
    for pause in (*PAUSES, 0.0):
        for shop in [*waiting]:
            if connecting.seconds_left() < SECONDS_TO_END:
                return
            take_up(shop)
        if not waiting or connecting.seconds_left() - pause < SECONDS_TO_END:
            return
        connecting.sleep(pause)


def _connect_one(
    shop: AuthorizedShop, tokens: ShopTokens, template: Mapping[str, object], connecting: Connecting
) -> bool:
    """Tokens first, so that a shop with settings can always be read; running it again completes what is left.

    Gives whether the shop takes the settings: one that was ever switched on keeps its own.
    """
    shops, report = connecting.shops, connecting.report
    started = shops.starting_moment(shop.shop)
    takes = started in {"", NOT_STARTED.isoformat()}
    settings = None if started else _new_settings(shop, template)

    def changed(known: ShopSettings) -> ShopSettings:
        return _begun_again(known, shop, template) if takes else known.model_copy(update={"tiktok_cipher": shop.cipher})

    if started and takes:
        changed(shops.settings(shop.shop))  # What is bad is refused before anything is written.
    lease = shops.take_lease(shop.shop, LEASE, LEASE_LENGTH)
    if lease is None:
        raise RetriableError("its tokens are being renewed at this moment; let the seller agree once more")
    try:
        connecting.store(shop.shop, tokens)
        until = tokens.refresh_token_expires_at
        shops.change_authorization(shop.shop, Grantor.TIKTOK_SHOP, lambda _known: granted(until, connecting.now()))
        shops.lift_notice(shop.shop, AUTHORIZATION)
    finally:
        shops.give_back_lease(lease)
    if settings:
        shops.save(settings)
        report.count("shops_connected")
    else:
        shops.change(shop.shop, changed)
        report.count("shops_connected_again")
    return takes


def _begun_again(known: ShopSettings, shop: AuthorizedShop, template: Mapping[str, object]) -> ShopSettings:
    """A shop that was never switched on, with what is given now. Raises RejectedError."""
    own = {"shop": known.shop, "region": known.region, "tiktok_cipher": shop.cipher, "active": known.active}
    return read_settings(known.shop, json.dumps(known.model_dump(mode="json") | dict(template) | own))


def _new_settings(shop: AuthorizedShop, template: Mapping[str, object]) -> ShopSettings:
    try:
        region = Region(shop.region)
    except ValueError:
        raise RejectedError(f"its region {shop.region[:8]!r} is not supported; {', '.join(Region)} are") from None
    return read_settings(shop.shop, _settings(shop, region, template))


def _settings(shop: AuthorizedShop, region: Region, template: Mapping[str, object]) -> str:
    values = {"time_zone": USUAL_TIME_ZONES[region], "starts_at": NOT_STARTED.isoformat()} | dict(template)
    values |= {"shop": shop.shop, "name": shop.name, "region": region, "tiktok_cipher": shop.cipher, "active": False}
    return json.dumps(values)


def _check(template: Mapping[str, object], region: Region) -> None:
    """As a shop of that region would have them."""
    example = AuthorizedShop(shop=ShopId("1"), name="", region=region, cipher="-")
    read_settings("to connect", _settings(example, region, template))


def _as_template(given: object) -> dict[str, object]:
    """The settings that all shops of a consent begin with."""
    if not isinstance(given, Mapping):
        raise RejectedError('the settings for the shops must be an object, such as {"channeladvisor": {…}}')
    template = {str(name): value for name, value in given.items()}
    if bad := [name for name in _NOT_CHOSEN if name in template]:
        raise RejectedError(f"{', '.join(bad)}: not chosen here; TikTok Shop says it of each shop, or it follows")
    if len(json.dumps(template)) > LONGEST_TEMPLATE:
        raise RejectedError(f"the settings for the shops are longer than {LONGEST_TEMPLATE} signs")
    return template


def _redeemed(state: str, consents: Consents) -> dict[str, object]:
    purpose = consents.redeem(state) if state else None
    if purpose is None:
        raise RejectedError("the redirect address brings no state of ours that is still good")
    template: dict[str, object] = json.loads(purpose)
    return template
