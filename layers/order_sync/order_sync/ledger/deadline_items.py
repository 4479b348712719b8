"""Between an order's deadlines and the table's item, with its place in the due index and the counters it moves."""

import json
from collections.abc import Mapping
from datetime import date

from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.deadlines.deadlines import Clock, DeadlineKind, Deadlines, Figures, GivenWarning, Stage
from order_sync.domain.deadlines.policies import ClockStop, OrderKind
from order_sync.domain.deadlines.tallies import Tally
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.listings.times import LongestTime
from order_sync.domain.orders import Order
from order_sync.ledger import keys
from order_sync.ledger.attributes import FAR, milliseconds, moment, one_of, sparse, sure, text
from order_sync.ledger.table import Add, Item


def deadlines_item(order: Order, deadlines: Deadlines) -> Item:
    """An order's deadlines.

    Open orders stand in the due index by their next look, in the far future where there is nothing more to warn of,
    so that they are counted; closed ones by their dispatch deadline, so that those of some days can be listed.
    """
    clock, figures, stage = deadlines.clock, deadlines.figures, deadlines.stage
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": keys.DEADLINES,
            "due_list": keys.deadline_list(stage, order.shop, order.id),
            "due_at": figures.dispatch_by if stage is Stage.CLOSED else deadlines.look_at or FAR,
            "kind": clock.kind,
            "handling_days": clock.handling_time.days if clock.handling_time else None,
            "handling_unit": clock.handling_time.unit if clock.handling_time else "",
            "listed_handling": _longest_text(clock.listed_handling),
            "listed_shipping": _longest_text(clock.listed_shipping),
            "release_at": clock.release_at,
            "profile": figures.profile,
            "clock_stops": figures.clock_stops,
            "cancel_stops": figures.cancel_stops,
            "dispatch_by": figures.dispatch_by,
            "act_by": deadlines.act_by,
            "dispatch_on": figures.dispatch_on.isoformat(),
            "cancels_by": figures.cancels_by,
            "delivery_by": figures.delivery_by,
            "tiktok_on": deadlines.tiktok_on.isoformat() if deadlines.tiktok_on else "",
            "fulfilled_by_tiktok": deadlines.fulfilled_by_tiktok,
            "collected_at": deadlines.collected_at,
            "canceled_at": deadlines.canceled_at,
            "given": _given_text(deadlines.given),
            "found_open_at": deadlines.found_open_at,
        }
    )


def milestones(deadlines: Deadlines) -> Item:
    """What stands on the order's head, which every change writes: most orders pass these without any other news."""
    return sparse({"awaiting_since": deadlines.clock.awaiting_since, "tracking_added_at": deadlines.tracking_added_at})


def read_deadlines(item: Item, head: Item) -> Deadlines:
    """The way back. A missing attribute is a KeyError that names it."""
    closed = str(item["due_list"]).startswith(Stage.CLOSED)
    look_at = sure(item["due_at"])
    return Deadlines(
        clock=Clock(
            kind=OrderKind(text(item, "kind")),
            handling_time=_handling_time(item),
            listed_handling=_longest(text(item, "listed_handling")),
            listed_shipping=_longest(text(item, "listed_shipping")),
            release_at=moment(item.get("release_at")),
            awaiting_since=moment(head.get("awaiting_since")),
        ),
        figures=Figures(
            profile=text(item, "profile"),
            clock_stops=ClockStop(text(item, "clock_stops")),
            cancel_stops=ClockStop(text(item, "cancel_stops")),
            dispatch_by=sure(item["dispatch_by"]),
            dispatch_on=date.fromisoformat(str(item["dispatch_on"])),
            cancels_by=sure(item["cancels_by"]),
            delivery_by=sure(item["delivery_by"]),
        ),
        act_by=sure(item["act_by"]),
        tiktok_on=date.fromisoformat(text(item, "tiktok_on")) if "tiktok_on" in item else None,
        fulfilled_by_tiktok=bool(item.get("fulfilled_by_tiktok")),
        tracking_added_at=moment(head.get("tracking_added_at")),
        collected_at=moment(item.get("collected_at")),
        canceled_at=moment(item.get("canceled_at")),
        given=tuple(
            GivenWarning(kind=DeadlineKind(kind), deadline=sure(deadline), level=level)
            for kind, deadline, level in json.loads(text(item, "given") or "[]")
        ),
        found_open_at=moment(item.get("found_open_at")),
        look_at=None if closed or look_at == FAR else look_at,
    )


def counter_moves(shop: ShopId, order: OrderId, moves: Mapping[date, Tally]) -> list[Add]:
    """The writes that move the counters with a change of an order."""
    shard = keys.shard_of(order)
    return [
        Add(key=keys.counters_key(shop, day, shard), amounts={**tally, "version": 1}) for day, tally in moves.items()
    ]


def _given_text(given: tuple[GivenWarning, ...]) -> str:
    if not given:
        return ""
    return json.dumps([[each.kind, milliseconds(each.deadline), each.level] for each in given], separators=(",", ":"))


def _handling_time(item: Item) -> Span | None:
    unit = one_of(DayUnit, item, "handling_unit")
    return Span(days=int(item["handling_days"]), unit=unit) if unit else None


def _longest_text(longest: LongestTime | None) -> str:
    """Such as "3", or "3+" where not all lines have a time in the table."""
    return f"{longest.days}{'' if longest.of_all else '+'}" if longest else ""


def _longest(packed: str) -> LongestTime | None:
    return LongestTime(days=int(packed.removesuffix("+")), of_all=not packed.endswith("+")) if packed else None
