"""EventBridge Scheduler on virtual time: wakes functions at the template's minutes; late, twice or not at all."""

from datetime import datetime, timedelta
from typing import Final

from tests.simulation.cloud.deployment import Deployment, Schedule
from tests.simulation.cloud.event_loop import Loop
from tests.simulation.cloud.functions import Functions
from tests.simulation.faults import Faults, Kind
from tests.simulation.trace import Trace

LONGEST_DELAY_SECONDS: Final = 600.0
"""RetryPolicy: an older wake-up is worth nothing."""


class Schedules:
    """Every schedule wakes its function for as long as the loop turns."""

    def __init__(self, loop: Loop, deployed: Deployment, functions: Functions, faults: Faults, trace: Trace) -> None:
        self._loop = loop
        self._functions = functions
        self._faults = faults
        self._trace = trace
        self._asleep_until = loop.now
        for schedule in deployed.schedules:
            self._plan(schedule)

    def _plan(self, schedule: Schedule) -> None:
        self._loop.at(next_time(schedule, self._loop.now), lambda: self._wake(schedule))

    def _wake(self, schedule: Schedule) -> None:
        self._plan(schedule)
        faults, loop = self._faults, self._loop
        if faults.strikes(Kind.SCHEDULES_SLEEP, "all"):
            self._asleep_until = loop.now + timedelta(minutes=faults.between(Kind.SCHEDULES_SLEEP, 60, 480))
            self._trace.add(loop.now, "schedules", f"sleep until {self._asleep_until}")
        if loop.now < self._asleep_until or faults.strikes(Kind.SCHEDULE_LOST, schedule.name):
            return
        late = 0.0
        if faults.strikes(Kind.SCHEDULE_LATE, schedule.name):
            late = faults.between(Kind.SCHEDULE_LATE, 1, LONGEST_DELAY_SECONDS)
        times = 2 if faults.strikes(Kind.SCHEDULE_DOUBLED, schedule.name) else 1
        for each in range(times):
            loop.after(late + each, lambda: self._functions.start(schedule.function, dict(schedule.event)))


def next_time(schedule: Schedule, now: datetime) -> datetime:
    """The first moment after now at which a schedule wakes its function."""
    at = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while not _matches(schedule, at):
        is_other_hour = schedule.hour is not None and at.hour != schedule.hour
        at += timedelta(minutes=60 - at.minute if is_other_hour else 1)
    return at


def _matches(schedule: Schedule, at: datetime) -> bool:
    if schedule.hour is not None and at.hour != schedule.hour:
        return False
    if schedule.every is None:
        return at.minute == schedule.minute
    return at.minute >= schedule.minute and (at.minute - schedule.minute) % schedule.every == 0
