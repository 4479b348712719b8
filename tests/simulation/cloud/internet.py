"""The way to the partners: takes time, breaks, and says so as httpx does."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
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
SPELL_SECONDS: Final = (5.0, 120.0)
"""What fails once in a while fails for so long: longer than a client tries, shorter than a cycle."""
ONE_IN: Final = (False, False, False, False, True)
"""Whether it does."""
LATE_SECONDS: Final = (1.0, 50.0)
"""How long after its client has given up a request may still take effect."""


@dataclass(slots=True, kw_only=True)
class Partner:
    """A simulator, and what may happen on the way there."""

    name: str
    kind: Kind
    transport: httpx.BaseTransport
    faults: PartnerFaults
    out_until: datetime | None = None
    out: Fault = Fault.UNREACHABLE
    planned: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    """What happens before a later request: how many come first, and what."""


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
            self._do_what_is_planned(partner)
            self._break(partner, name)
            if self._comes_late(partner, request, name):
                raise httpx.ReadTimeout("simulated: LATE", request=request)
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

    def plan(self, partner: str, after: int, action: Callable[[], None]) -> None:
        """Let something happen between two requests of our runs to a partner, when so many have come first."""
        found = next(each for each in self._partners.values() if each.name == partner)
        found.planned.append((after, action))

    def recover(self) -> None:
        """All partners answer again."""
        for partner in self._partners.values():
            partner.out_until = None

    def _do_what_is_planned(self, partner: Partner) -> None:
        if self._calls.run is None or not partner.planned:
            return
        planned, partner.planned = partner.planned, []
        partner.planned = [(left - 1, action) for left, action in planned if left]
        for left, action in planned:
            if not left:
                action()

    def _comes_late(self, partner: Partner, request: httpx.Request, name: str) -> bool:
        """Whether a request that asks for a change is only on its way when its client gives up."""
        asks_for_change = request.method != "GET" and not request.url.path.endswith(("/search", "/token"))
        if self._calls.run is None or not asks_for_change or partner.faults.pending:
            return False
        if not self._faults.strikes(Kind.EFFECT_LATE, name):
            return False

        late = NO_ANSWER_SECONDS + self._faults.between(Kind.EFFECT_LATE, *LATE_SECONDS)

        def arrive() -> None:
            self._loop.sleep(late)
            with suppress(httpx.TransportError):
                partner.transport.handle_request(request)
            self.on_answer(partner.name)

        task = self._loop.spawn(f"{name} arrives late", arrive)
        # It is still this run's: whoever judges what it did has to know who did it.
        task.owner = self._calls.run
        return True

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
            fault = faults.choose(partner.kind, list(Fault))
            if faults.choose(partner.kind, ONE_IN):
                partner.out, partner.out_until = (
                    fault,
                    now + timedelta(seconds=faults.between(partner.kind, *SPELL_SECONDS)),
                )
            partner.faults.add(fault, retry_after=faults.choose(partner.kind, [None, None, 5, 90]))


def partner_of(name: str, kind: Kind, simulator: Any) -> Partner:
    """A partner as its simulator answers, in this process."""
    return Partner(name=name, kind=kind, transport=FaultyTransport(Direct(simulator)), faults=simulator.faults)
