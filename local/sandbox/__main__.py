"""`make local`: simulated partners and the deployed template on this machine, with orders, until Ctrl-C."""

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Final

from rich.console import Console

from local.demo.clock import TradingClock
from local.demo.day import JOBS
from local.demo.deployment import Deployment, connect_shops, deployed
from local.demo.partners import Partners, open_partners
from local.demo.scenario import TradingDay
from local.sandbox.orders import ORDERS, TIME_TO_ANSWER
from local.sandbox.place import USUAL_PLACE, RunsAlreadyError, own_place
from local.simulators.tiktok_shop.return_records import ReturnQuestion

SECONDS_BETWEEN_JOBS: Final = 1.0
"""Slower than the demo, since this one stays: a cycle takes about ten seconds."""
STOPPED: Final = 130


def main() -> int:
    """Run until Ctrl-C; its exit status is 130 then, with everything stopped, and 1 when another one runs."""
    parser = argparse.ArgumentParser(prog="make local", description="A stack on this machine that stays.")
    parser.add_argument("--file", type=Path, default=USUAL_PLACE, help="where to say where it is")
    wanted = parser.parse_args()
    # Whoever ends it politely gets the same as with Ctrl-C, which a shell's background job ignores otherwise.
    for polite in (signal.SIGINT, signal.SIGTERM):
        signal.signal(polite, signal.default_int_handler)
    console = Console(highlight=False, soft_wrap=True)
    try:
        _serve(console, wanted.file)
    except RunsAlreadyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped; everything that was started has ended.")
        return STOPPED
    return 0


def _serve(console: Console, path: Path) -> None:
    with ExitStack() as open_things:
        place = open_things.enter_context(own_place(path))
        partners = open_things.enter_context(open_partners())
        _give_time_to_answer(partners)
        console.print("TikTok Shop, ChannelAdvisor and an OMS are open, simulated on this machine.")
        with console.status("Building the template and deploying it to an embedded AWS …"):
            deployment = open_things.enter_context(deployed(partners))
        connect_shops(deployment, partners)
        place.tell(deployment.stack)
        _trade(console, deployment, partners)


def _give_time_to_answer(partners: Partners) -> None:
    for shop in partners.shops.values():
        partners.tiktok.shorten_time_to_answer(shop, TIME_TO_ANSWER)
    for question in ReturnQuestion:
        partners.tiktok.set_time_to_answer_return(question, TIME_TO_ANSWER)


def _trade(console: Console, deployment: Deployment, partners: Partners) -> None:
    """Play the partners, and wake the jobs as schedules do, only faster."""
    day, clock, told = TradingDay(partners, ORDERS), TradingClock(), False
    for job in cycle((*JOBS, "watch_deadlines")):
        day.play(clock.elapsed)
        deployment.dispatch(job)
        if not told and clock.elapsed > timedelta(minutes=ORDERS[-1][0]):
            _tell(console, partners, day)
            told = True
        time.sleep(SECONDS_BETWEEN_JOBS)


def _tell(console: Console, partners: Partners, day: TradingDay) -> None:
    first = partners.shops["US"].id
    console.print("\nThe stack runs. In another terminal:", style="bold")
    for command in ("shops", f"orders {first}", f"orders {first} --late", f"outbox {first}", f"ldr {first} --late 3"):
        console.print(f"  ./order-sync --local {command}")
    console.print("\nOrders that buyers just placed; some take a minute to get where they wait for you:", style="bold")
    for order in day.orders:
        console.print(f"  ./order-sync --local explain {order.id}  # {order.region}: {order.note or 'as usual'}")
    console.print("\nCtrl-C stops everything.", style="bold")


if __name__ == "__main__":
    sys.exit(main())
