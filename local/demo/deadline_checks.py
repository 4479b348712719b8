"""The promises about deadlines: the product's figures and warnings against TikTok Shop's own books."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from local.demo.checks import Check
from local.demo.deadline_news import ALARMS, DeadlineNews, order_in, raised, warnings_in
from local.demo.dispatch_count import BY_TIKTOK, Judged, judged, late_orders, readings
from local.demo.fortnight import Fortnight
from local.demo.partners import Partners
from local.demo.past_orders import LIVE_FOR

MISSED: Final = "missed the dispatch deadline"
NEAR: Final = "must be dispatched within"
CANCELED_SOON: Final = "will be cancelled by TikTok Shop"


def check_deadlines(partners: Partners, news: DeadlineNews) -> list[Check]:
    """Every promise about deadlines. The books are read as of the moment of the news."""
    days = {region: Fortnight(region, news.asked_at, partners.campaigns.get(region)) for region in partners.shops}
    orders = {
        region: judged(partners.tiktok.times_of_orders(shop), days[region]) for region, shop in partners.shops.items()
    }
    return [
        Check("The Late Dispatch Rate is that of TikTok Shop's books", tuple(_rates(news, orders, days))),
        Check("The report names the late orders, and no others", tuple(_late(news, orders, days))),
        Check("Each deadline that came near or was missed was warned of once", tuple(_warnings(news, orders, days))),
        Check("The alarms for late orders are on, and people were told", tuple(_alarms(news))),
        Check("Orders from before the go-live were told to nobody", tuple(_told(partners))),
    ]


def _rates(news: DeadlineNews, orders: Mapping[str, Sequence[Judged]], days: Mapping[str, Fortnight]) -> Iterator[str]:
    for region, report in news.reports.items():
        for name, right in readings(orders[region], days[region]).items():
            said = report.figures.get(name, "nothing")
            if said != right:
                yield f"{region}, {name}: {said}, and is {right}"
        if report.counters:
            yield f"{region}: {report.counters}"


def _late(news: DeadlineNews, orders: Mapping[str, Sequence[Judged]], days: Mapping[str, Fortnight]) -> Iterator[str]:
    for region, report in news.reports.items():
        named = Counter(order_in(line) for line in report.late_orders)
        late = late_orders(orders[region], days[region])
        yield from (f"{order} is late and not named" for order in sorted(late - named.keys()))
        yield from (f"{order} is named and not late" for order in sorted(named.keys() - late))
        yield from (f"{order} is named {times} times" for order, times in named.items() if times > 1)


def _warnings(
    news: DeadlineNews, orders: Mapping[str, Sequence[Judged]], days: Mapping[str, Fortnight]
) -> Iterator[str]:
    given = Counter(warnings_in(news.messages))
    yield from (
        f"{order} was warned of {times} times: it {what}" for (order, what), times in given.items() if times > 1
    )
    due = {each for region in orders for each in _due(orders[region], days[region], news.asked_at)}
    told = {(order, _kind(what)) for order, what in given}
    yield from (f"{order} was not warned of: it {what}" for order, what in sorted(due - told))
    # What has left meanwhile was warned of with good reason, and what is missed by now may have been near before.
    reasons = {each for region in orders for each in _due(orders[region], days[region], news.asked_at - LIVE_FOR)}
    reasons |= {(order, NEAR) for order, what in reasons if what == MISSED}
    yield from (f"{order} was warned of and should not: it {what}" for order, what in sorted(told - reasons))


def _kind(what: str) -> str:
    """What a warning is about, without the business hours that are left."""
    return next((kind for kind in (MISSED, NEAR, CANCELED_SOON) if what.startswith(kind)), what)


def _due(orders: Sequence[Judged], days: Fortnight, open_at: datetime) -> Iterator[tuple[str, str]]:
    """What has to be warned of by now, of the orders that were open at a moment.

    24 business hours before the end of a business day is the end of the one before.
    """
    soon = days.end_of(days.next_business_day)
    for each in orders:
        times = each.times
        left_at = times.collected_at or times.cancelled_at
        if times.deadlines is None or times.fulfillment_type == BY_TIKTOK or (left_at and left_at <= open_at):
            continue
        deadline = min(days.end_of(each.due), times.deadlines.tts_sla_time)
        if deadline < days.now:
            yield times.order_id, MISSED
        elif deadline <= soon:
            yield times.order_id, NEAR
        if times.tracking_added_at is None and times.deadlines.shipping_due_time <= soon:
            yield times.order_id, CANCELED_SOON


def _alarms(news: DeadlineNews) -> Iterator[str]:
    told = raised(news.messages)
    for name in ALARMS:
        state = news.alarms.get(name, "missing")
        if state != "ALARM":
            yield f"{name} is in {state}"
        elif news.alarm_names[name] not in told:
            yield f"{name}: nobody was told"


def _told(partners: Partners) -> Iterator[str]:
    at_oms = {order.tiktok_order_id for order in partners.oms.books.orders()}
    for order in partners.past:
        if partners.channeladvisor.books.orders_of_tiktok(order):
            yield f"{order} is in ChannelAdvisor"
        if order in at_oms:
            yield f"{order} is at the OMS"
        by_us = [each for each in partners.tiktok.books.shipments_of(order) if each.by == "api"]
        if by_us or partners.tiktok.books.references_of(order):
            yield f"{order}: TikTok Shop was told of it"
