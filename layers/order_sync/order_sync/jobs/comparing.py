"""Comparing one side of a shop with the ledger: what it lists, then what the ledger holds open and it did not list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Final

from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Order
from order_sync.domain.reconciling.comparing import OrderHere, OrderThere, compare
from order_sync.domain.reconciling.differences import Difference, Kind, Repair
from order_sync.domain.reconciling.repairs import FEWEST_MISSING, nothing_shown, queued_again
from order_sync.domain.reconciling.rules import Rules, is_expected, is_linked
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.jobs.run import ShopRun
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.ledger import DamagedItemError

ORDERS_A_LOOK: Final = 10
ORDERS_A_BATCH: Final = 100
LISTED: Final = "listed:"
KNOWN: Final = "known:"
"""What a place is about: the partner's list, or the ledger's open orders by their ids."""
_OPEN_STATES: Final = frozenset(
    {OrderState.RELEASED_FOR_SHIPMENT, OrderState.ACKNOWLEDGED_BY_SELLER, OrderState.PARTIALLY_SHIPPED}
)
_MAY_BE_OLD_NEWS: Final = frozenset({Kind.OTHER_STATE, Kind.OTHER_UNITS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of what a partner lists as open."""

    orders: Sequence[OrderThere]
    unreadable: frozenset[OrderId] = frozenset()
    place: str
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """All that a partner has for some orders, in any state."""

    orders: Mapping[OrderId, Sequence[OrderThere]]
    unreadable: frozenset[OrderId] = frozenset()
    see: Callable[[OrderId], bool] = lambda _order: False
    """Sees again what a poll should have brought; whether that was news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """How one side is asked."""

    list_open: Callable[[str], Listed]
    """The page after a place; an empty place asks for the first."""
    look_up: Callable[[Sequence[OrderId]], LookedUp]
    stands_in: Callable[[str], str | None] = lambda _number: None
    """Where the order of a linked number stands, though it is not found by TikTok's id; None when it is gone."""
    link: Callable[[Difference, Rules], bool] = lambda _difference, _rules: False
    """Links the other number of a difference, and sees its order; whether that could be done."""


@dataclass(slots=True, kw_only=True)
class Comparing:
    """One side in one run."""

    run: ShopRun
    rules: Rules
    place: str
    """Where an earlier run has stopped; in the end, where this one has. Empty: all is compared."""
    found: list[Difference] = field(default_factory=list)
    looked_at: int = 0
    """How many orders were given and should be there, of those that this run came by."""

    def stops_at(self, place: str) -> bool:
        """Whether there is no time left; then the next run goes on from there."""
        if self.run.has_time():
            return False
        self.place = place
        return True

    def open_orders(self) -> list[OrderId]:
        """What the ledger holds open, by id."""
        return sorted(set(DeadlineBook(self.run.ledger.table).open_orders(self.run.shop.shop)))

    def heads(self, orders: Iterable[OrderId]) -> dict[OrderId, Order]:
        """The heads of those orders."""
        found: dict[OrderId, Order] = {}
        for batch in batched(orders, ORDERS_A_BATCH, strict=False):
            found |= self.run.ledger.heads(self.run.shop.shop, batch)
        return found


def compare_side(comparing: Comparing, partner: Partner) -> None:
    """Compare what the partner lists with the ledger, and then the other way round."""
    begun, met = not comparing.place, set[OrderId]()
    if not comparing.place.startswith(KNOWN):
        after = comparing.place.removeprefix(LISTED)
        if not _compare_listed(comparing, partner, after, met):
            return
    expected = _expected(comparing)
    given = {order: head for order, head in expected.items() if is_linked(head, comparing.rules)}
    comparing.looked_at += len(met & given.keys())
    if begun and not met and len(given) >= FEWEST_MISSING and _hides_orders(comparing, partner, list(given)):
        comparing.found.append(nothing_shown(comparing.rules.side, f"none of {len(given)}"))
        comparing.place = ""
        return
    last = comparing.place.removeprefix(KNOWN) if comparing.place.startswith(KNOWN) else ""
    left = sorted(order for order in expected if order not in met and order > last)
    for batch in batched(left, ORDERS_A_LOOK, strict=False):
        _look_at(comparing, partner, batch)
        comparing.looked_at += sum(order in given for order in batch)
        if batch[-1] != left[-1] and comparing.stops_at(f"{KNOWN}{batch[-1]}"):
            return
    comparing.place = ""


def _compare_listed(comparing: Comparing, partner: Partner, after: str, met: set[OrderId]) -> bool:
    """What the partner lists; False when there was no time for all."""
    while True:
        page = partner.list_open(after)
        heads = comparing.heads(shown.order for shown in page.orders)
        odd = [shown for shown in page.orders if _is_odd(heads.get(shown.order), [shown], comparing.rules)]
        known = dict.fromkeys(shown.order for shown in odd if shown.order in heads)
        for batch in batched(known, ORDERS_A_LOOK, strict=False):
            _look_at(comparing, partner, batch)
        for shown in odd:
            if shown.order not in heads:
                look = _look(comparing, shown.order, [shown])
                comparing.found += [look.difference] if look else []
        met |= {shown.order for shown in page.orders} | page.unreadable
        after = page.place
        if not page.has_more:
            return True
        if comparing.stops_at(f"{LISTED}{after}"):
            return False


def _expected(comparing: Comparing) -> dict[OrderId, Order]:
    """The ledger's open orders that the side should show."""
    heads = comparing.heads(comparing.open_orders())
    return {order: head for order, head in heads.items() if is_expected(head, comparing.rules)}


def _hides_orders(comparing: Comparing, partner: Partner, given: Sequence[OrderId]) -> bool:
    """Whether a side that lists nothing has open orders all the same, or lacks orders that it should have."""
    sample = given[:ORDERS_A_LOOK]
    looked_up = partner.look_up(sample)
    hidden = 0
    for order in sample:
        there = looked_up.orders.get(order, ())
        is_open = any(shown.state in _OPEN_STATES and not comparing.rules.is_young(shown.changed_at) for shown in there)
        is_missing = not there and order not in looked_up.unreadable and _look(comparing, order, there) is not None
        hidden += is_open or is_missing
    return hidden >= FEWEST_MISSING


def _is_odd(head: Order | None, there: Sequence[OrderThere], rules: Rules) -> bool:
    """Whether a closer look is worth its reads: by the head alone nothing excuses a difference."""
    here = OrderHere(record=OrderRecord(order=head)) if head else None
    return compare(here, there, rules) is not None


def _look_at(comparing: Comparing, partner: Partner, orders: Sequence[OrderId]) -> None:
    looked_up = partner.look_up(orders)
    for order in orders:
        if order in looked_up.unreadable:
            comparing.run.report.count("orders_not_compared")
            continue
        there = looked_up.orders.get(order, ())
        look = _look(comparing, order, there)
        if look is None:
            continue
        is_old_news = look.difference.repair is None and look.difference.kind in _MAY_BE_OLD_NEWS
        seen = look.here is not None and is_old_news and looked_up.see(order)
        comparing.found.append(_after_seeing(comparing, look, there) if seen else look.difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A difference, and what the ledger knew of its order."""

    here: OrderHere | None
    difference: Difference


def _after_seeing(comparing: Comparing, look: _Look, there: Sequence[OrderThere]) -> Difference:
    """What was missed is seen now: a repair, unless it does not account for all of the difference."""
    run, difference = comparing.run, look.difference
    record = run.load(difference.order)
    # What was told again before stays so: it must not be told a third time.
    left = compare(replace(look.here, record=record), there, comparing.rules) if record and look.here else None
    return left or replace(difference, repair=Repair.SEE_AGAIN, unsure=False)


def _look(comparing: Comparing, order: OrderId, there: Sequence[OrderThere]) -> _Look | None:
    """The difference by all that the ledger knows, if there is one; a damaged order is counted and left out."""
    run = comparing.run
    try:
        record = run.ledger.load(run.shop.shop, order)
    except DamagedItemError as error:
        run.count_damaged(error)
        return None
    here = None
    if record is not None:
        timeline = run.ledger.timeline(run.shop.shop, order)
        changed_at = max((fact.at for fact in timeline), default=record.order.updated_at)
        here = OrderHere(record=record, changed_at=changed_at, queued_again=queued_again(timeline))
    difference = compare(here, there, comparing.rules)
    return _Look(here=here, difference=difference) if difference else None
