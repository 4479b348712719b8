"""How a shop stands, as values, and how the terminal shows them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.output import table_of
from cli.stack import Stack
from order_sync.domain.authorizations import Authorization, Grantor
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.shop import NOT_STARTED, LoadedListings, ShopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopInShort:
    """One shop in the list of all; `trouble` says why its settings cannot be used."""

    shop: ShopId
    name: str = ""
    region: str = ""
    active: bool = False
    starts_at: datetime | None = None
    authorizations: Mapping[Grantor, str]
    notices: int
    failed_entries: int
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """How far a feed was read; `up_to` where the partner counts by time."""

    feed: str
    position: str
    up_to: datetime | None
    age_minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollEnded:
    """When a poll last read all its feeds to the end."""

    poll: str
    at: datetime
    age_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopInFull:
    """One shop with all that is known of it beside its orders."""

    short: ShopInShort
    channeladvisor_mode: str
    oms: str
    listings: LoadedListings | None
    authorizations: Mapping[Grantor, Authorization]
    notices: Mapping[str, str]
    feeds: Sequence[FeedRead]
    polls: Sequence[PollEnded]
    orders_not_read: Mapping[OrderId, str]


def in_short(stack: Stack, shop: ShopId) -> ShopInShort:
    """A shop in the list. One whose settings went bad is in it, with what is bad."""
    settings, trouble = None, ""
    try:
        settings = stack.shops.settings(shop)
    except RejectedError as error:
        trouble = str(error)
    return _short(stack, shop, settings, trouble)


def _short(stack: Stack, shop: ShopId, settings: ShopSettings | None, trouble: str = "") -> ShopInShort:
    started = settings is not None and settings.starts_at != NOT_STARTED
    return ShopInShort(
        shop=shop,
        name=settings.name if settings else "",
        region=settings.region if settings else "",
        active=settings is not None and settings.active,
        starts_at=settings.starts_at if settings and started else None,
        authorizations={name: each.state.value for name, each in stack.shops.authorizations(shop).items()},
        notices=len(stack.shops.notices(shop)),
        failed_entries=sum(1 for _ in stack.ledger.failed_entries(shop)),
        trouble=trouble,
    )


def whole(stack: Stack, shop: str) -> ShopInFull:
    """A shop in full. Raises RejectedError for one that is not connected, or whose settings went bad."""
    settings = stack.shop(shop)
    oms = settings.oms.url if settings.has_oms else "inside ChannelAdvisor"
    return ShopInFull(
        short=_short(stack, settings.shop, settings),
        channeladvisor_mode=settings.channeladvisor.mode,
        oms=oms,
        listings=settings.listings,
        authorizations=stack.shops.authorizations(settings.shop),
        notices=stack.shops.notices(settings.shop),
        feeds=[_feed(stack, *each) for each in sorted(stack.shops.cursors(settings.shop).items())],
        polls=[
            PollEnded(poll=poll, at=at, age_minutes=_minutes(stack.now() - at))
            for poll, at in sorted(stack.shops.last_polled(settings.shop).items())
        ],
        orders_not_read=stack.shops.unread(settings.shop),
    )


def _feed(stack: Stack, feed: str, position: str) -> FeedRead:
    up_to = _moment(position)
    return FeedRead(
        feed=feed, position=position, up_to=up_to, age_minutes=_minutes(stack.now() - up_to) if up_to else None
    )


def _moment(position: str) -> datetime | None:
    """TikTok Shop's cursors are Unix seconds, ChannelAdvisor's are moments; an OMS counts as it likes."""
    if position.isdecimal() and len(position) == len("1700000000"):
        return datetime.fromtimestamp(int(position), UTC)
    try:
        moment = datetime.fromisoformat(position)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _minutes(length: timedelta) -> int:
    return max(0, int(length.total_seconds() // 60))


def draw_shops(console: Console, shops: Sequence[ShopInShort]) -> None:
    """The list of shops."""
    if not shops:
        console.print("No shop is connected: `order-sync connect begin` is the first step.")
        return
    rows = [
        (
            each.shop,
            each.name,
            each.region,
            "on" if each.active else "off",
            _at(each.starts_at),
            ", ".join(f"{name}: {state}" for name, state in each.authorizations.items()),
            str(each.notices),
            str(each.failed_entries),
        )
        for each in shops
    ]
    columns = ("shop", "name", "region", "switched", "since", "authorisations", "notices", "failed entries")
    console.print(table_of(columns, rows))
    for each in shops:
        if each.trouble:
            console.print(Text(each.trouble, style="red"))


def draw_shop(console: Console, shop: ShopInFull) -> None:
    """One shop."""
    draw_shops(console, [shop.short])
    console.print(Text(f"\nChannelAdvisor: {shop.channeladvisor_mode}   OMS: {shop.oms}"))
    if shop.listings:
        console.print(f"listings: {shop.listings.skus} SKUs, loaded {_at(shop.listings.loaded_at)}")
    authorizations = [
        (name, each.state.value, _at(each.since), _at(each.until), _at(each.used_at))
        for name, each in shop.authorizations.items()
    ]
    if authorizations:
        console.print()
        console.print(table_of(("authorisation", "state", "since", "until", "last used"), authorizations))
    if shop.polls:
        console.print()
        polls = [(each.poll, _at(each.at), f"{each.age_minutes} minutes ago") for each in shop.polls]
        console.print(table_of(("poll", "last read to the end", ""), polls))
    if shop.feeds:
        console.print()
        feeds = [(each.feed, _at(each.up_to) or each.position, _ago(each.age_minutes)) for each in shop.feeds]
        console.print(table_of(("feed", "read up to", ""), feeds))
    _draw_texts(console, "notice", shop.notices)
    _draw_texts(console, "order that cannot be read", shop.orders_not_read)


def _draw_texts(console: Console, what: str, texts: Mapping[Any, str]) -> None:
    if texts:
        console.print()
        console.print(table_of((what, ""), [(str(name), text) for name, text in texts.items()]))


def draw_settings(console: Console, settings: Mapping[str, Any]) -> None:
    """Settings by their dotted names, as `shops set` takes them."""
    console.print(table_of(("setting", "value"), _settings_lines("", settings)))


def _settings_lines(prefix: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _settings_lines(f"{prefix}{name}.", value)
        elif isinstance(value, list):
            yield from ((f"{prefix}{name}", str(each)) for each in value or ["none"])
        else:
            yield f"{prefix}{name}", "" if value is None else str(value)


def _at(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def _ago(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes} minutes ago"
