"""The Late Dispatch Rate in words: every reading of it, the headroom, and the orders behind it (G6, OP C5-C8, E5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.pairs import cancel_deadline, dispatch_pair, explain
from order_sync.domain.deadlines.policies import PolicyProfile, newer_profile_sentence
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import DispatchRates, Rate, is_over
from order_sync.domain.deadlines.tallies import Basis, Counted, counted_as
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings

LATE_WORDS = {
    Counted.LATE: "dispatched late",
    Counted.LATE_CANCELED: "cancelled after its deadline",
    Counted.LATE_OPEN: "late and not dispatched yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a report."""

    name: str
    value: str


def figures_of(rates: DispatchRates, profile: PolicyProfile) -> list[Figure]:
    """Everything that a window says, each line with its name."""
    rule, window = profile.late_dispatch_rate, rates.window
    rows = {
        "policy profile": profile.label,
        "window, by dispatch deadline": f"{window.first} to {window.last} ({plural(len(window.days), 'day')})",
        "late dispatch rate": str(rates.late_dispatch()),
        "verdict": verdict(rates.late_dispatch(), profile),
        "headroom": headroom_words(rates, rule.limit),
        "reading: shipped orders only": str(rates.shipped_only),
        "reading: cancelled late above the line only": str(rates.canceled_above_only),
        "reading: with what TikTok Shop fulfilled": str(rates.with_fulfilled_by_tiktok),
        "reading: with open orders that are late": str(rates.with_open),
        "by TikTok Shop's own deadlines": str(rates.late_dispatch(Basis.TIKTOK)),
        "orders whose deadline TikTok Shop has otherwise": str(rates.differing),
        "dispatched late": str(rates.number(Counted.LATE)),
        "cancelled after the deadline": _canceled_words(rates),
        "open and late": str(rates.number(Counted.LATE_OPEN)),
        "seller-fault cancellation rate": str(rates.seller_fault_cancellation),
    }
    return [Figure(name=name, value=value) for name, value in rows.items()]


def verdict(rate: Rate, profile: PolicyProfile) -> str:
    """Where a rate stands: exactly the limit is fine (OP C7)."""
    rule = profile.late_dispatch_rate
    if rate.exact is None:
        return "no data"
    if is_over(rate, profile):
        enforced = rule.enforced_above
        if enforced is not None and rate.exact * 100 <= enforced:
            return f"above the recommended {rule.limit} %; TikTok Shop acts above {enforced} %"
        return f"above {enforced or rule.limit} %: TikTok Shop may act"
    return f"warning: {rule.warn_from} % or more" if rate.exact * 100 >= rule.warn_from else f"within {rule.limit} %"


def headroom_words(rates: DispatchRates, limit: Decimal) -> str:
    """How many more orders may be late."""
    headroom = rates.headroom(limit)
    if not rates.late_dispatch().orders:
        return "no data"
    if headroom < 0:
        return f"none: {-headroom} late too many for {limit} %"
    return f"{plural(headroom, 'more late order')} until {limit} % is passed"


def plural(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def side_by_side(left: list[Figure], right: list[Figure] | None = None) -> list[str]:
    """A report's lines, or two reports' beside each other."""
    names = max(len(figure.name) for figure in left)
    if right is None:
        return [f"{figure.name:{names}}  {figure.value}" for figure in left]
    values = max(len(figure.value) for figure in left)
    return [f"{one.name:{names}}  {one.value:{values}}  {other.value}" for one, other in zip(left, right, strict=True)]


def note(shop: ShopSettings) -> str:
    """What every report says while a newer profile than the shop's exists; else nothing (OP C1)."""
    return newer_profile_sentence(policy_profiles(), shop.region, shop.deadlines.profile)


def late_order_words(order: Order, deadlines: Deadlines, shop: ShopSettings) -> str:
    """One late order and why it is; empty for one that is not late."""
    deadline = deadlines.figures.dispatch_by
    counted = counted_as(deadlines, deadline)
    if counted not in LATE_WORDS or deadlines.fulfilled_by_tiktok:
        return ""
    return "".join(_late_parts(order, deadlines, shop, LATE_WORDS[counted]))


def open_order_words(order: Order, deadlines: Deadlines, shop: ShopSettings) -> str:
    """One open order with the deadline that is acted on, and when TikTok Shop cancels it."""
    words = f"order {order.id}: due {_local(deadlines.act_by, shop)}"
    canceled = cancel_deadline(order, deadlines)
    return f"{words}; TikTok Shop cancels it {_local(canceled, shop)}" if canceled else words


def _late_parts(order: Order, deadlines: Deadlines, shop: ShopSettings, words: str) -> Iterator[str]:
    deadline = deadlines.figures.dispatch_by
    yield f"order {order.id}: {words}; due {_local(deadline, shop)} under {deadlines.figures.profile}"
    ended = deadlines.dispatched_at or deadlines.canceled_at
    if ended:
        yield f"; {deadlines.figures.clock_stops if deadlines.dispatched_at else 'cancelled'} {_local(ended, shop)}"
        yield f" ({_hours(ended - deadline)} late)"
    pair = dispatch_pair(order, deadlines)
    if pair.tiktoks and (why := explain(order, deadlines, shop, pair)):
        yield f"; TikTok Shop has {_local(pair.tiktoks, shop)}: {why}"


def _canceled_words(rates: DispatchRates) -> str:
    return f"{rates.number(Counted.LATE_CANCELED)}, of which TikTok Shop cancelled {rates.canceled_by_platform}"


def _local(moment: datetime, shop: ShopSettings) -> str:
    return f"{moment.astimezone(shop.zone):%a %Y-%m-%d %H:%M}"


def _hours(time: timedelta) -> str:
    hours, minutes = divmod(int(time / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes:02d} min"
