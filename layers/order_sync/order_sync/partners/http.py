"""How every partner is called: time-outs, pace, retries of reads, and errors that tell nothing secret.

A read is repeated within the call. A write is sent once: what it may have done must be read back first.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Final, NoReturn

import httpx

from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError

MOST_TRIES: Final = 5
LONGEST_DELAY: Final = 60.0

_NOTHING_WAS_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CANNOT_BE_SENT: Final = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


class TransientError(RetriableError):
    """This request had no effect, and the same one may go through soon. `retry_after` is in seconds."""

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """A partner's decoded answer. Its repr is hidden: body and headers can hold tokens and buyers."""

    status: int
    headers: Mapping[str, str]
    """Names are looked up in any case."""
    body: Any
    """Decoded JSON, fractions as Decimal; None when there was none or it could not be read."""

    @property
    def is_success(self) -> bool:
        """Whether the HTTP status is a good one; a partner can still refuse inside the body."""
        return 200 <= self.status < 300


Judge = Callable[[Answer], Exception | None]
"""A partner's own reading of an answer: the error that it stands for, None to let the HTTP status decide."""

Trace = Callable[[Answer], tuple[str, str]]
"""Where a partner keeps its error code and its request id; empty where there is none."""


def open_client(
    *,
    base_url: str = "",
    connect_seconds: float = 3.0,
    read_seconds: float = 10.0,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """The one way to open a connection pool: explicit time-outs, no redirects, no proxy found by chance."""
    for name in ("httpx", "httpcore"):  # they log URLs, and URLs hold secrets
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(
        base_url=base_url,
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": "order-sync", "accept": "application/json"},
    )


def retry_delay(
    *, tries: int, spent: float, limit: float, jitter: float, retry_after: float | None = None
) -> float | None:
    """Seconds to wait after `tries` tries, None to give up (TT 6.2: 1 s doubling to 60 s, five tries).

    `jitter` is 0 to 1 and adds up to half a second. A Retry-After is honoured, or the call is given up when
    waiting for it would pass the `limit` on the seconds `spent` in one call.
    """
    if tries >= MOST_TRIES:
        return None
    delay = min(LONGEST_DELAY, 2.0 ** (tries - 1)) + 0.5 * jitter
    delay = max(delay, retry_after or 0.0)
    return delay if spent + delay <= limit else None


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What Retry-After asks for, in seconds; a date counts from the answer's own Date."""
    asked = headers.get("retry-after", "").strip()
    try:
        if asked.isdecimal():
            return float(asked)
        waits = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, waits.total_seconds())


def sentence(
    partner: str,
    operation: str,
    problem: str,
    *,
    status: int | None = None,
    code: str = "",
    request_id: str = "",
) -> str:
    """An error's text: who, what, why, and what the partner's support asks for."""
    details = (
        f"HTTP {status}" if status is not None else "",
        f"code {code}" if code else "",
        f"request {request_id}" if request_id else "",
    )
    known = ", ".join(detail for detail in details if detail)
    return f"{partner}: {operation}: {problem}" + (f" ({known})" if known else "")


class Pace:
    """A minimum interval in seconds between the calls that share it, over all threads of one process."""

    def __init__(self, interval: float, *, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._interval = interval
        self._sleep = sleep
        self._monotonic = monotonic
        self._next = float("-inf")
        self._lock = Lock()

    def wait(self) -> None:
        """Wait until it is this call's turn."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval
        if turn > now:
            self._sleep(turn - now)


def _no_trace(_answer: Answer) -> tuple[str, str]:
    return "", ""


def _no_verdict(_answer: Answer) -> Exception | None:
    return None


class PartnerHttp:
    """Sends the requests of one partner. Threads may share it."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        partner: str,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        reads: Pace,
        writes: Pace,
        trace: Trace = _no_trace,
        seconds_per_call: float = 30.0,
    ) -> None:
        """`random` gives 0 to 1. No try of one call begins later than `seconds_per_call` after the first."""
        self.client = client
        self.partner = partner
        self._sleep = sleep
        self._monotonic = monotonic
        self._random = random
        self._reads = reads
        self._writes = writes
        self._trace = trace
        self._limit = seconds_per_call

    def send(
        self,
        operation: str,
        build: Callable[[], httpx.Request],
        *,
        repeatable: bool,
        judge: Judge = _no_verdict,
        may_be_empty: bool = False,
    ) -> Answer:
        """Send one request and give the decoded answer.

        `build` makes the request anew for every try, so that a signed timestamp is fresh. `repeatable` says
        that this is a read. `judge` sees every answer first, whatever its status and even without a readable
        body. `may_be_empty` accepts a good answer without a body.

        Raises whatever `judge` gives; OutcomeUnknownError when a write got no answer, a garbled one or HTTP
        5xx; TransientError when nothing happened (a write not reached, HTTP 429, a read that used up its
        tries); RejectedError for any other status.
        """
        pace = self._reads if repeatable else self._writes
        start = self._monotonic()
        tries = 0
        while True:
            pace.wait()
            tries += 1
            result = self._try(operation, build(), repeatable=repeatable, judge=judge, may_be_empty=may_be_empty)
            if isinstance(result, Answer):
                return result
            if not repeatable or not isinstance(result, TransientError):
                raise result
            delay = retry_delay(
                tries=tries,
                spent=self._monotonic() - start,
                limit=self._limit,
                jitter=self._random(),
                retry_after=result.retry_after,
            )
            if delay is None:
                raise result
            self._sleep(delay)

    def text(self, operation: str, problem: str, answer: Answer) -> str:
        """An error's text about an answer."""
        code, request_id = self._trace(answer)
        return sentence(self.partner, operation, problem, status=answer.status, code=code, request_id=request_id)

    def _try(
        self, operation: str, request: httpx.Request, *, repeatable: bool, judge: Judge, may_be_empty: bool
    ) -> Answer | Exception:
        """One try. Errors are built outside of `except`, since the causes can quote headers and bodies."""
        try:
            response = self.client.send(request)
        except httpx.RequestError as error:
            failure = error
        else:
            return self._read(operation, response, repeatable=repeatable, judge=judge, may_be_empty=may_be_empty)
        name = type(failure).__name__
        if isinstance(failure, _CANNOT_BE_SENT):
            return RejectedError(sentence(self.partner, operation, f"the request cannot be sent, {name}"))
        if isinstance(failure, _NOTHING_WAS_SENT):
            return TransientError(sentence(self.partner, operation, f"not reached, {name}"))
        return self._doubt(sentence(self.partner, operation, f"no answer, {name}"), repeatable=repeatable)

    def _read(
        self, operation: str, response: httpx.Response, *, repeatable: bool, judge: Judge, may_be_empty: bool
    ) -> Answer | Exception:
        body, readable = _decoded(response.content)
        answer = Answer(status=response.status_code, headers=response.headers, body=body)
        retry_after = retry_after_seconds(answer.headers)
        if verdict := judge(answer):
            return verdict
        if answer.status == 429:
            return TransientError(self.text(operation, "too many requests", answer), retry_after=retry_after)
        if answer.status >= 500 or answer.status == 408:
            text = self.text(operation, "the partner failed", answer)
            return self._doubt(text, repeatable=repeatable, retry_after=retry_after)
        if not readable:
            text = self.text(operation, "the answer is not JSON", answer)
            return self._doubt(text, repeatable=repeatable)
        if not answer.is_success:
            return RejectedError(self.text(operation, "refused", answer))
        if body is None and not may_be_empty:
            return self._doubt(self.text(operation, "the answer is empty", answer), repeatable=repeatable)
        return answer

    @staticmethod
    def _doubt(text: str, *, repeatable: bool, retry_after: float | None = None) -> RetriableError:
        """A read that may have been answered can be sent again; a write may have taken effect."""
        if repeatable:
            return TransientError(text, retry_after=retry_after)
        return OutcomeUnknownError(text + "; it may have taken effect")


def _decoded(content: bytes) -> tuple[Any, bool]:
    """The JSON value, None for no body; and whether it could be read."""
    if not content.strip():
        return None, True
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant), True
    except (ValueError, RecursionError):
        return None, False


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
