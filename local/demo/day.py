"""One demo: deploy, open the shops, let a day pass, check the books."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from enum import StrEnum
from itertools import cycle
from threading import Event, Thread
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live

from local.demo.cancel_checks import check_cancellations, check_outage
from local.demo.checks import Check, check_books, check_no_buyer_data, check_schedule_fired
from local.demo.clock import TradingClock, hours, real
from local.demo.deadline_checks import check_deadlines
from local.demo.deadline_screen import deadlines_view
from local.demo.deployment import TIME_ZONES, Deployment, connect_shops, deployed
from local.demo.inbox import subscribe
from local.demo.lookout import Lookout
from local.demo.parcel_checks import check_parcels
from local.demo.parcel_desk import LOOKS_EVERY, ParcelDesk
from local.demo.partners import HOLD, Partners, open_partners
from local.demo.planned_orders import A_WHOLE_DAY, PlannedOrder
from local.demo.return_checks import check_returns
from local.demo.scenario import TradingDay, bring_natively, refund_again
from local.demo.screen import DayLog, day_view, show_verdict
from local.demo.storage import stored_texts
from local.demo.stories import TIME_TO_ANSWER
from local.simulators.faults import Fault

JOBS: Final = (
    "poll_tiktok",
    "push_channeladvisor",
    "push_oms",
    "poll_oms",
    "poll_channeladvisor",
    "push_tiktok",
    "release_due_orders",
    "settle_requests",
)
CYCLE: Final = timedelta(minutes=15)
CYCLES_A_LOOK: Final = 5
"""Deadlines are real dates: they are looked at now and then only."""
LONGEST_DAY: Final = timedelta(hours=8)
SECONDS_BETWEEN_LINES: Final = 5
WIDTH_OF_A_LOG: Final = 120
WRONG_TIME_ZONES: Final[Mapping[str, str]] = {**TIME_ZONES, "US": "America/New_York"}


class Sabotage(StrEnum):
    """Ways to break one promise, so that everyone can see the check list fail."""

    NONE = ""
    HOLD = "hold"
    """The product is deployed without a hold of its own."""
    DUPLICATE = "duplicate"
    """ChannelAdvisor's own TikTok link imports an order a second time."""
    PARCEL = "parcel"
    """TikTok Shop takes no parcels."""
    SILENCE = "silence"
    """TikTok Shop takes no answers to cancel requests."""
    CALENDAR = "calendar"
    """The US shop's settings say that it is in New York."""
    MAPPING = "mapping"
    """Nobody adds the mapping that a parcel waits for."""
    REFUND = "refund"
    """Somebody refunds in ChannelAdvisor what was refunded there already."""


def run_day(
    console: Console, sabotage: Sabotage = Sabotage.NONE, planned: Sequence[PlannedOrder] = A_WHOLE_DAY
) -> list[Check]:
    """Run the demo from a clean start; everything that it started is stopped when it returns or raises.

    A whole day has two weeks before it, and lasts until a schedule has fired, which takes up to a minute; a shorter
    one does not wait for it.
    """
    hold = timedelta(0) if sabotage is Sabotage.HOLD else HOLD
    with ExitStack() as open_things:
        partners = open_things.enter_context(open_partners(with_past=planned is A_WHOLE_DAY))
        console.print("TikTok Shop, ChannelAdvisor and an OMS are open, simulated on this machine.")
        started = time.monotonic()
        with console.status("Building the template and deploying it to an embedded AWS …"):
            deployment = open_things.enter_context(deployed(partners, hold=hold))
        console.print(f"The template is deployed as it is ({time.monotonic() - started:.0f} s).")
        lookout = Lookout(deployment, partners, subscribe(deployment.stack))
        connect_shops(deployment, partners, WRONG_TIME_ZONES if sabotage is Sabotage.CALENDAR else TIME_ZONES)
        console.print("Two shops are connected, one in the US and one in the UK.")
        if partners.past:
            _look_back(console, lookout)
        answer = f"A buyer's request is to be answered within {hours(TIME_TO_ANSWER)}"
        console.print(f"{answer}: TikTok's 24 hours do not fit into this day.", soft_wrap=True)
        console.print("Here come the buyers.\n")
        checks = _trade(console, lookout, TradingDay(partners, planned), sabotage)
    show_verdict(console, checks, sabotage.value)
    return checks


def _look_back(console: Console, lookout: Lookout) -> None:
    """The orders from before the go-live, and what the product says of their deadlines."""
    past = lookout.partners.past
    with console.status(f"Reading {len(past)} orders of the last two weeks, on real dates …"):
        lookout.read_orders()
    console.print(f"{len(past)} orders are older than the go-live: they are watched, and told to nobody.")
    with console.status("Looking at their deadlines, until the alarms go off …"):
        lookout.watch()
        news = lookout.news()
    _on_paper(console).print(deadlines_view(lookout.partners, news))


def _trade(console: Console, lookout: Lookout, day: TradingDay, sabotage: Sabotage) -> list[Check]:
    deployment, partners = lookout.deployment, day.partners
    desk = ParcelDesk(
        operator=deployment,
        partners=partners,
        orders=day.orders,
        notes=day.notes,
        adds_mappings=sabotage is not Sabotage.MAPPING,
    )
    desk.get_ready()
    _break(partners, sabotage)
    clock = TradingClock()
    with (
        _meanwhile(_cycles(deployment)),
        _meanwhile(_looks(desk, lookout, day)),
        _shown(console, lambda: day_view(day, clock), DayLog(day, clock)) as show,
    ):
        closes_at = LONGEST_DAY
        while clock.elapsed < closes_at:
            day.play(clock.elapsed)
            show()
            if day.finished and closes_at == LONGEST_DAY and (not day.is_whole or _schedule_fired(deployment).holds):
                # The last order has come to its end; what follows it (numbers, notes) takes two cycles more.
                closes_at = clock.elapsed + 2 * CYCLE
            time.sleep(0.1)
    if sabotage is Sabotage.DUPLICATE:
        bring_natively(partners, day.orders[0])
    if sabotage is Sabotage.REFUND:
        refund_again(partners, day.orders)
    return [
        *check_books(partners, day.orders, real(HOLD)),
        *check_parcels(partners, day.orders, day.notes),
        *check_cancellations(partners, day.orders),
        *check_returns(partners, day.orders, lookout.inbox.messages()),
        *([check_outage(partners, day.orders), *_check_deadlines(lookout)] if day.is_whole else []),
        check_no_buyer_data(partners.tiktok.buyer_data(), _everything_at_rest(lookout)),
        _schedule_fired(deployment),
    ]


def _check_deadlines(lookout: Lookout) -> list[Check]:
    lookout.watch()
    return check_deadlines(lookout.partners, lookout.news())


def _everything_at_rest(lookout: Lookout) -> Iterator[tuple[str, str]]:
    yield from stored_texts(lookout.deployment.stack)
    yield from (("message of the topic", f"{each.subject} {each.text}") for each in lookout.inbox.messages())


def _break(partners: Partners, sabotage: Sabotage) -> None:
    match sabotage:
        case Sabotage.PARCEL:
            partners.tiktok.faults.add(Fault.UNAVAILABLE, "/packages", method="POST", times=None)
        case Sabotage.SILENCE:
            for answer in ("/approve", "/reject"):
                partners.tiktok.faults.add(Fault.UNAVAILABLE, answer, method="POST", times=None)


def _schedule_fired(deployment: Deployment) -> Check:
    # The log first: a run that begins meanwhile is then counted among ours only.
    log = tuple(deployment.stack.log_lines("Dispatch"))
    return check_schedule_fired(log, tuple(deployment.dispatched))


def _cycles(deployment: Deployment) -> Iterator[timedelta]:
    """Wake the jobs in the order of the data, cycle after cycle, as the schedules do at their own pace.

    The real schedules fire too, once a minute; runs that overlap are harmless.
    """
    for job in cycle(JOBS * CYCLES_A_LOOK + ("watch_deadlines",)):
        deployment.dispatch(job)
        yield CYCLE / len(JOBS)


def _looks(desk: ParcelDesk, lookout: Lookout, day: TradingDay) -> Iterator[timedelta]:
    while True:
        desk.look()
        day.messages = lookout.inbox.messages()
        yield LOOKS_EVERY


@contextmanager
def _meanwhile(steps: Iterator[timedelta]) -> Iterator[None]:
    """Take the steps in a thread while the block runs; each of them gives the trading time until the next one.

    What goes wrong there is raised when the block ends.
    """
    stop, failures = Event(), list[Exception]()

    def run() -> None:
        try:
            for pause in steps:
                if stop.wait(real(pause).total_seconds()):
                    return
        except Exception as error:  # noqa: BLE001  (raised below, where somebody sees it)
            failures.append(error)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def _shown(console: Console, view: Callable[[], RenderableType], log: DayLog) -> Iterator[Callable[[], None]]:
    """A live table in a terminal; elsewhere lines, and the table at the end. Gives what shows the newest state."""
    if console.is_terminal:
        with Live(view(), console=console, refresh_per_second=4) as live:
            yield lambda: live.update(view())
            live.update(view(), refresh=True)
        return
    last = time.monotonic() - SECONDS_BETWEEN_LINES

    def show() -> None:
        nonlocal last
        is_time = time.monotonic() - last >= SECONDS_BETWEEN_LINES
        last = time.monotonic() if is_time else last
        for line in log.lines(with_progress=is_time):
            console.print(line, highlight=False, soft_wrap=True)

    yield show
    show()
    _on_paper(console).print(view())


def _on_paper(console: Console) -> Console:
    """Tables need some width, which a log has and does not say."""
    return console if console.is_terminal else Console(file=console.file, width=WIDTH_OF_A_LOG)
