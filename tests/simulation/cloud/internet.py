"""The way to the partners: takes time, breaks, and says so as httpx does."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from local.simulators.faults import Fault, FaultyTransport
from local.simulators.faults import Faults as PartnerFaults
from tests.simulation.cloud.event_loop import Loop
from tests.simulation.cloud.in_process import Direct
from tests.simulation.cloud.runs import Calls
from tests.simulation.faults import Faults, Kind

AN_ANSWER: Final = (0.04, 0.5)
"""Seconds until a partner answers."""
OUTAGES: Final = (Fault.UNREACHABLE, Fault.UNAVAILABLE, Fault.LOST_BEFORE, Fault.HTML)
NEVER_CONNECTED_SECONDS: Final = 3.0
NO_ANSWER_SECONDS: Final = 10.0
"""The time-outs of our clients."""


@dataclass(slots=True, kw_only=True)
class Partner:
    """A simulator, and what may happen on the way there."""

    name: str
    kind: Kind
    transport: httpx.BaseTransport
    faults: PartnerFaults
    out_until: datetime | None = None
    out: Fault = Fault.UNREACHABLE


class Internet(httpx.BaseTransport):
    """Every client's transport."""

    def __init__(self, loop: Loop, calls: Calls, faults: Faults, partners: Mapping[str, Partner]) -> None:
        """Partners by the hosts of their addresses."""
        self._loop = loop
        self._calls = calls
        self._faults = faults
        self._partners = partners
        self.requests = 0
        self.on_answer: Callable[[str], None] = lambda _partner: None
        """Told of a partner right after it has done what a request asked, before anybody else acts."""
        self.under_way: Callable[[str], AbstractContextManager[None]] = lambda _partner: nullcontext()
        """Entered with the partner's name while a request is under way, until its answer or its time-out."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request. Raises httpx's errors where a time-out or a broken line is simulated."""
        partner = self._partners[request.url.host]
        self.requests += 1
        name = f"{partner.name} {request.method} {request.url.path}"

        def answer() -> httpx.Response:
            self._break(partner, name)
            try:
                return partner.transport.handle_request(request)
            finally:
                self.on_answer(partner.name)

        with self.under_way(partner.name):
            try:
                return self._calls.make(name, answer, seconds=AN_ANSWER)
            except httpx.ConnectError:
                self._calls.wait(NEVER_CONNECTED_SECONDS)
                raise
            except httpx.ReadTimeout:
                self._calls.wait(NO_ANSWER_SECONDS)
                raise

    def recover(self) -> None:
        """All partners answer again."""
        for partner in self._partners.values():
            partner.out_until = None

    def _break(self, partner: Partner, name: str) -> None:
        """Let the partner fail at this very request."""
        faults, now = self._faults, self._loop.now
        if self._calls.run is None:
            return
        if partner.out_until is not None and now < partner.out_until:
            partner.faults.add(partner.out)
        elif faults.strikes(Kind.OUTAGE, name):
            partner.out = faults.choose(Kind.OUTAGE, OUTAGES)
            partner.out_until = now + timedelta(minutes=faults.between(Kind.OUTAGE, 20, 300))
            partner.faults.add(partner.out)
        elif faults.strikes(partner.kind, name):
            partner.faults.add(
                faults.choose(partner.kind, list(Fault)), retry_after=faults.choose(partner.kind, [None, None, 5, 90])
            )


def partner_of(name: str, kind: Kind, simulator: Any) -> Partner:
    """A partner as its simulator answers, in this process."""
    return Partner(name=name, kind=kind, transport=FaultyTransport(Direct(simulator)), faults=simulator.faults)
