"""Faults on demand, the same for every simulator.

A simulator passes each request through `Faults.around`. Refusals and garbage become ordinary answers, worded by
that simulator; an answer that never comes is raised as `AnswerLostError`, which the two ways to reach a simulator
translate: `FaultyTransport` (in process) into httpx errors, `serving.serve` (sockets) into a broken connection.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

import httpx
from werkzeug import Response


class Fault(StrEnum):
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    SERVER_ERROR = "SERVER_ERROR"
    HTML = "HTML"
    TRUNCATED_JSON = "TRUNCATED_JSON"
    LOST_BEFORE = "LOST_BEFORE"
    LOST_AFTER = "LOST_AFTER"
    UNREACHABLE = "UNREACHABLE"


REFUSED_WITH = {Fault.RATE_LIMITED: 429, Fault.UNAVAILABLE: 503, Fault.SERVER_ERROR: 500}
GARBAGE_PAGE = "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Maintenance</body></html>"


class AnswerLostError(Exception):
    """The caller gets no answer; whether the request took effect depends on the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A fault that the partner words itself: `status` is the HTTP status, `retry_after` is in seconds."""

    fault: Fault
    status: int
    retry_after: int | None


@dataclass(slots=True, kw_only=True)
class _Plan:
    fault: Fault
    path: str
    method: str | None
    times: int | None
    after: int
    retry_after: int | None


class Faults:
    """The faults planned for one simulator, and the count of those that happened."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._plans: list[_Plan] = []
        self.happened: Counter[Fault] = Counter()

    def add(
        self,
        fault: Fault,
        path: str = "",
        *,
        method: str | None = None,
        times: int | None = 1,
        after: int = 0,
        retry_after: int | None = None,
    ) -> None:
        """Plan a fault for requests whose path contains `path`.

        The first `after` matching requests pass, the next `times` are hit; `times=None` hits until `clear`.
        """
        with self._lock:
            self._plans.append(
                _Plan(fault=fault, path=path, method=method, times=times, after=after, retry_after=retry_after)
            )

    def clear(self) -> None:
        """Forget what is still planned; the counts stay."""
        with self._lock:
            self._plans.clear()

    def take_back(self, fault: Fault, path: str = "", *, method: str | None = None) -> None:
        """Forget what is still planned of this fault for this path and method."""
        with self._lock:
            self._plans = [
                plan for plan in self._plans if (plan.fault, plan.path, plan.method) != (fault, path, method)
            ]

    @property
    def pending(self) -> int:
        """How many plans have hits left."""
        with self._lock:
            return len(self._plans)

    def around(
        self, method: str, path: str, answer: Callable[[], Response], refuse: Callable[[Refused], Response]
    ) -> Response:
        """Answer one request, with the fault that is due for it, if any.

        `answer` handles the request; `refuse` words a 429, 500 or 503 as this partner does (Retry-After is added
        here). Raises AnswerLostError. TRUNCATED_JSON and LOST_AFTER take effect, all others do not.
        """
        plan = self._take(method, path)
        if plan is None:
            return answer()
        match plan.fault:
            case Fault.RATE_LIMITED | Fault.UNAVAILABLE | Fault.SERVER_ERROR:
                status = REFUSED_WITH[plan.fault]
                response = refuse(Refused(fault=plan.fault, status=status, retry_after=plan.retry_after))
                if plan.retry_after is not None:
                    response.headers["Retry-After"] = str(plan.retry_after)
                return response
            case Fault.HTML:
                return Response(GARBAGE_PAGE, status=200, content_type="text/html; charset=utf-8")
            case Fault.TRUNCATED_JSON:
                response = answer()
                whole = response.get_data()
                response.set_data(whole[: len(whole) // 2] or b"{")
                return response
            case Fault.LOST_AFTER:
                answer()
                raise AnswerLostError(plan.fault)
            case Fault.LOST_BEFORE | Fault.UNREACHABLE:
                raise AnswerLostError(plan.fault)

    def _take(self, method: str, path: str) -> _Plan | None:
        with self._lock:
            for plan in self._plans:
                if plan.path not in path or plan.method not in (None, method):
                    continue
                if plan.after > 0:
                    plan.after -= 1
                    continue
                if plan.times is not None:
                    plan.times -= 1
                    if plan.times <= 0:
                        self._plans.remove(plan)
                self.happened[plan.fault] += 1
                return plan
        return None


class FaultyTransport(httpx.BaseTransport):
    """Reach a simulator in process: its lost answers become the errors that httpx raises on a real network."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._transport.handle_request(request)
        except AnswerLostError as lost:
            if lost.fault is Fault.UNREACHABLE:
                raise httpx.ConnectError("simulated: connection refused", request=request) from lost
            raise httpx.ReadTimeout(f"simulated: {lost.fault}", request=request) from lost
