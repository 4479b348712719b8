"""`order-sync ldr SHOP` and `recount SHOP`: the Late Dispatch Rate, its headroom, and what if."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.output import session_of, table_of
from cli.stack import Stack
from order_sync.domain.deadlines.business_days import local_date
from order_sync.domain.deadlines.policies import PolicyProfile, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import DispatchRates, Rate, add_up, rolling_window
from order_sync.domain.deadlines.reports import figures_of, headroom_words, note, plural, verdict
from order_sync.domain.deadlines.tallies import Basis, Counted, counter
from order_sync.domain.shop import ShopSettings
from order_sync.ledger.deadlines import DeadlineBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A rate and where it stands."""

    words: str
    percent: Decimal | None
    late: int
    orders: int
    verdict: str
    headroom: int
    """How many more orders may be late; negative: so many are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDispatch:
    """The Late Dispatch Rate of a shop."""

    shop: str
    shop_name: str
    first_day: date
    last_day: date
    policy_profile: str
    limit_percent: Decimal
    now: Reading
    in_time_to_recover: int
    """How many more orders dispatched in time bring the rate back to its limit; 0 while it is not above it."""
    headroom_words: str
    what_if: Reading | None
    what_if_words: str
    lines: dict[str, str]
    """Every reading of the rate, by name."""
    late_orders: tuple[str, ...]
    overdue_now: tuple[str, ...]
    due_soon: tuple[str, ...]
    other_profile: tuple[str, ...]
    note: str


def ldr(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    *,
    late: Annotated[int, typer.Option(min=0, help="What if so many more orders are late?")] = 0,
    in_time: Annotated[int, typer.Option(min=0, help="What if so many more are dispatched in time?")] = 0,
    days: Annotated[int | None, typer.Option(min=1, max=90, help="Another window than the shop's.")] = None,
    orders: Annotated[bool, typer.Option("--orders", help="Name the orders behind it.")] = False,
    profile: Annotated[str, typer.Option(help="Compare with another policy profile, or `by_date`.")] = "",
) -> None:
    """The Late Dispatch Rate: every reading, how much room is left, and what would become of it."""
    session = session_of(context)
    settings = session.stack.shop(shop)
    value = late_dispatch(session.stack, settings, late=late, in_time=in_time, days=days)
    if orders or profile:
        question = {"shop": shop, "profile": profile, **({"days": days} if days else {})}
        answer = session.stack.invoke("ReportLateDispatchFunction", question)
        value = replace(
            value,
            late_orders=tuple(answer.get("late_orders", ())) if orders else (),
            overdue_now=tuple(answer.get("overdue_now", ())) if orders else (),
            due_soon=tuple(answer.get("due_soon", ())) if orders else (),
            other_profile=tuple(answer.get("what_if", ())),
        )
    session.show(value, draw)


def late_dispatch(stack: Stack, shop: ShopSettings, *, late: int, in_time: int, days: int | None) -> LateDispatch:
    """Read the daily counters of the window and make the figures of them."""
    if days:
        shop = shop.model_copy(update={"deadlines": shop.deadlines.model_copy(update={"rate_window_days": days})})
    today = local_date(stack.now(), shop.zone)
    profile = profile_for(policy_profiles(), shop.region, shop.deadlines.profile, today)
    window = rolling_window(today, shop, profile.late_dispatch_rate)
    rates = add_up(window, DeadlineBook(stack.table).days(shop.shop, window))
    limit = profile.late_dispatch_rate.limit
    would_be = _with(rates, late=late, in_time=in_time)
    return LateDispatch(
        shop=shop.shop,
        shop_name=shop.name,
        first_day=window.first,
        last_day=window.last,
        policy_profile=profile.label,
        limit_percent=limit,
        now=_reading(rates, profile),
        in_time_to_recover=to_recover(rates.late_dispatch(), limit),
        headroom_words=headroom_words(rates, limit),
        what_if=_reading(would_be, profile) if late or in_time else None,
        what_if_words=_what_if(would_be, profile, late=late, in_time=in_time) if late or in_time else "",
        lines={figure.name: figure.value for figure in figures_of(rates, profile)},
        late_orders=(),
        overdue_now=(),
        due_soon=(),
        other_profile=(),
        note=note(shop),
    )


def _with(rates: DispatchRates, *, late: int, in_time: int) -> DispatchRates:
    more = {counter(Basis.PROFILE, Counted.LATE): late, counter(Basis.PROFILE, Counted.ON_TIME): in_time}
    return replace(rates, counts=dict(rates.counts) | {name: rates.counts.get(name, 0) + n for name, n in more.items()})


def _reading(rates: DispatchRates, profile: PolicyProfile) -> Reading:
    rate = rates.late_dispatch()
    return Reading(
        words=str(rate),
        percent=rate.percent,
        late=rate.part,
        orders=rate.orders,
        verdict=verdict(rate, profile),
        headroom=rates.headroom(profile.late_dispatch_rate.limit),
    )


def to_recover(rate: Rate, limit: Decimal) -> int:
    """How many more orders must be dispatched in time until a rate is at its limit (in percent) again."""
    allowed = Fraction(limit) / 100
    if rate.exact is None or rate.exact <= allowed or not allowed:
        return 0
    needed = rate.part / allowed
    return -int(-needed // 1) - rate.orders


def _what_if(rates: DispatchRates, profile: PolicyProfile, *, late: int, in_time: int) -> str:
    parts = [f"{plural(late, 'more order')} late"] if late else []
    parts += [f"{plural(in_time, 'more order')} dispatched in time"] if in_time else []
    rate = rates.late_dispatch()
    left = headroom_words(rates, profile.late_dispatch_rate.limit)
    return f"With {' and '.join(parts)}: {rate}, {verdict(rate, profile)}; headroom: {left}."


def draw(console: Console, value: LateDispatch) -> None:
    """Show the rate."""
    console.print(Text(f"{value.shop_name} ({value.shop}): late dispatch rate {value.now.words}", style="bold"))
    console.print(table_of(("", ""), value.lines.items()))
    if value.in_time_to_recover:
        console.print(f"{value.in_time_to_recover} more orders dispatched in time bring it back to its limit.")
    if value.what_if_words:
        console.print(Text(value.what_if_words, style="bold"))
    for title, lines in (
        ("Late orders", value.late_orders),
        ("Overdue now", value.overdue_now),
        ("Due soon", value.due_soon),
        ("As it is, and under the other profile", value.other_profile),
    ):
        if lines:
            console.print(Text(title, style="bold"))
            console.print(Text("\n".join(f"  {line}" for line in lines)))
    if value.note:
        console.print(Text(value.note))


def recount(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back.")] = 90,
    from_shard: Annotated[int, typer.Option(min=0, help="Where an earlier recount was cut short.")] = 0,
) -> None:
    """Count the Late Dispatch Rate's counters anew from the orders, and put right what differs."""
    session = session_of(context)
    event = {"shop": shop, "days": days, "from_shard": from_shard}
    session.show(session.stack.invoke("RecountLateDispatchFunction", event), _draw_recount)


def _draw_recount(console: Console, value: Mapping[str, Any]) -> None:
    repaired = value.get("counters_repaired", 0)
    console.print(f"{repaired} counters were put right." if repaired else "Every counter was right.")
    for name, number in value.items():
        if name not in {"counters_repaired", "from_shard"}:
            console.print(f"{name.replace('_', ' ')}: {number}")
    if "from_shard" in value:
        console.print(f"It was cut short: go on with --from-shard {value['from_shard']}.")
