import logging
import traceback
from collections.abc import Callable, Iterable
from decimal import Decimal

import httpx
import pytest

from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.partners.http import (
    Answer,
    Judge,
    Pace,
    PartnerHttp,
    TransientError,
    open_client,
    retry_after_seconds,
    retry_delay,
)

TOKEN = "token-that-nobody-may-see"
URL = f"https://partner.example/orders?secret={TOKEN}"
OK = httpx.Response(200, json={"total": 1})


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


class Partner:
    """Gives the planned answers, one per request; the last one again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer


def send(
    partner: Partner,
    *,
    repeatable: bool,
    judge: Judge = lambda _: None,
    may_be_empty: bool = False,
    time: Time | None = None,
    seconds_per_call: float = 30.0,
) -> Answer:
    time = time or Time()
    client = open_client(transport=httpx.MockTransport(partner))
    http = PartnerHttp(
        client,
        partner="Partner",
        sleep=time.sleep,
        monotonic=time,
        random=lambda: 0.5,
        reads=Pace(0.0, sleep=time.sleep, monotonic=time),
        writes=Pace(0.0, sleep=time.sleep, monotonic=time),
        trace=lambda answer: ("4711" if isinstance(answer.body, dict) else "", ""),
        seconds_per_call=seconds_per_call,
    )

    def build() -> httpx.Request:
        return client.build_request("POST", URL, headers={"authorization": TOKEN}, json={"buyer": TOKEN})

    return http.send("list orders", build, repeatable=repeatable, judge=judge, may_be_empty=may_be_empty)


def test_delays_double_from_a_second_to_a_minute_with_half_a_second_of_jitter() -> None:
    plain = [retry_delay(tries=tries, spent=0, limit=1000, jitter=0) for tries in (1, 2, 3, 4)]
    assert plain == [1, 2, 4, 8]
    assert retry_delay(tries=1, spent=0, limit=1000, jitter=1) == 1.5


def test_five_tries_are_enough() -> None:
    assert retry_delay(tries=5, spent=0, limit=1000, jitter=0) is None


def test_a_longer_retry_after_is_waited_for_and_a_shorter_one_does_not_hurry() -> None:
    assert retry_delay(tries=1, spent=0, limit=1000, jitter=0, retry_after=90) == 90
    assert retry_delay(tries=3, spent=0, limit=1000, jitter=0, retry_after=1) == 4


def test_a_call_is_given_up_when_the_wait_would_pass_its_limit() -> None:
    assert retry_delay(tries=2, spent=8, limit=10, jitter=0) == 2
    assert retry_delay(tries=2, spent=8.1, limit=10, jitter=0) is None
    assert retry_delay(tries=1, spent=0, limit=10, jitter=0, retry_after=11) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 01 Jun 2026 12:00:30 GMT", "date": "Mon, 01 Jun 2026 12:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 01 Jun 2026 11:00:00 GMT", "date": "Mon, 01 Jun 2026 12:00:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 01 Jun 2026 12:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds


def test_calls_that_share_a_pace_keep_their_distance() -> None:
    time = Time()
    pace = Pace(0.5, sleep=time.sleep, monotonic=time)
    pace.wait()
    pace.wait()
    time.now += 0.2
    pace.wait()
    time.now += 5
    pace.wait()
    assert time.slept == pytest.approx([0.5, 0.3])


def test_reads_and_writes_have_a_pace_each() -> None:
    time = Time()
    client = open_client(transport=httpx.MockTransport(Partner(OK)))
    http = PartnerHttp(
        client,
        partner="Partner",
        sleep=time.sleep,
        monotonic=time,
        random=lambda: 0.0,
        reads=Pace(1.0, sleep=time.sleep, monotonic=time),
        writes=Pace(3.0, sleep=time.sleep, monotonic=time),
    )
    for repeatable in (True, False, True, False):
        http.send("call", lambda: client.build_request("GET", URL), repeatable=repeatable)
    assert time.slept == pytest.approx([1.0, 2.0])


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(500, json={}),
        httpx.Response(503, text="Service Unavailable"),
        httpx.Response(429, json={}),
        httpx.Response(200, html="<html>Just a moment</html>"),
        httpx.Response(200, content=b'{"orders": [{"id": "1"'),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b'{"total": NaN}'),
        httpx.Response(200, content=b"\xff\xfe{"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("cut off"),
    ],
)
def test_a_read_is_repeated_until_it_is_answered(trouble: httpx.Response | Exception) -> None:
    partner = Partner(trouble, trouble, OK)
    time = Time()
    assert send(partner, repeatable=True, time=time).body == {"total": 1}
    assert len(partner.requests) == 3
    assert time.slept == [1.25, 2.25]


def test_a_read_is_given_up_after_five_tries() -> None:
    partner = Partner(httpx.Response(503))
    with pytest.raises(TransientError, match="HTTP 503"):
        send(partner, repeatable=True)
    assert len(partner.requests) == 5


def test_a_read_is_given_up_when_its_time_is_spent() -> None:
    partner = Partner(httpx.Response(503))
    time = Time()
    with pytest.raises(TransientError):
        send(partner, repeatable=True, time=time, seconds_per_call=4)
    assert len(partner.requests) == 3
    assert time.now <= 4


def test_a_read_waits_as_long_as_the_partner_asks() -> None:
    time = Time()
    send(Partner(httpx.Response(429, headers={"retry-after": "20"}), OK), repeatable=True, time=time)
    assert time.slept == [20.0]


def test_a_wait_that_is_too_long_for_the_call_is_left_to_the_caller() -> None:
    partner = Partner(httpx.Response(429, headers={"retry-after": "600"}))
    with pytest.raises(TransientError) as caught:
        send(partner, repeatable=True)
    assert caught.value.retry_after == 600.0
    assert len(partner.requests) == 1


@pytest.mark.parametrize(
    "doubtful",
    [
        httpx.Response(500, json={}),
        httpx.Response(503, text="Service Unavailable"),
        httpx.Response(408, json={}),
        httpx.Response(200, html="<html>Just a moment</html>"),
        httpx.Response(201, content=b'{"id": '),
        httpx.Response(200, content=b""),
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("cut off"),
    ],
)
def test_a_write_without_a_clear_answer_may_have_taken_effect_and_is_not_repeated(
    doubtful: httpx.Response | Exception,
) -> None:
    partner = Partner(doubtful)
    with pytest.raises(OutcomeUnknownError, match="may have taken effect"):
        send(partner, repeatable=False)
    assert len(partner.requests) == 1


@pytest.mark.parametrize(
    "nothing",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("busy"),
        httpx.Response(429, json={}),
    ],
)
def test_a_write_that_did_nothing_can_be_sent_later_but_is_not_repeated_here(
    nothing: httpx.Response | Exception,
) -> None:
    partner = Partner(nothing)
    with pytest.raises(RetriableError) as caught:
        send(partner, repeatable=False)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert len(partner.requests) == 1


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 422])
def test_a_refusal_needs_a_person_and_is_not_repeated(status: int, repeatable: bool) -> None:  # noqa: FBT001
    partner = Partner(httpx.Response(status, json={}))
    with pytest.raises(RejectedError, match=f"HTTP {status}"):
        send(partner, repeatable=repeatable)
    assert len(partner.requests) == 1


def test_an_empty_answer_is_good_only_where_it_is_expected() -> None:
    answer = send(Partner(httpx.Response(204)), repeatable=False, may_be_empty=True)
    assert (answer.status, answer.body) == (204, None)


def test_fractions_are_read_exactly() -> None:
    answer = send(Partner(httpx.Response(200, content=b'{"price": 0.10}')), repeatable=True)
    assert answer.body == {"price": Decimal("0.10")}


def test_the_partners_own_verdict_goes_before_the_status() -> None:
    class GoneError(RejectedError):
        pass

    def judge(answer: Answer) -> Exception | None:
        return GoneError("gone") if answer.status == 404 else None

    with pytest.raises(GoneError):
        send(Partner(httpx.Response(404, html="<html></html>")), repeatable=True, judge=judge)


def test_a_transient_verdict_repeats_a_read() -> None:
    def judge(answer: Answer) -> Exception | None:
        return TransientError("busy") if answer.body == {"busy": True} else None

    partner = Partner(httpx.Response(200, json={"busy": True}), OK)
    assert send(partner, repeatable=True, judge=judge).body == {"total": 1}


def _failures() -> Iterable[httpx.Response | Exception]:
    leak = f"Illegal header value b'{TOKEN}' for {URL}"
    yield from (error(leak) for error in (httpx.LocalProtocolError, httpx.RemoteProtocolError, httpx.ReadError))
    yield from (error(leak) for error in (httpx.UnsupportedProtocol, httpx.ConnectError, httpx.ReadTimeout))
    for status in (200, 400, 429, 500):
        yield httpx.Response(status, text=f"<html>{TOKEN}</html>", headers={"x-echo": TOKEN})
        yield httpx.Response(status, json=[TOKEN], headers={"set-cookie": TOKEN})


@pytest.mark.parametrize("failure", list(_failures()))
def test_errors_say_who_and_what_and_nothing_secret(failure: httpx.Response | Exception) -> None:
    def judge(answer: Answer) -> Exception | None:
        return RejectedError("Partner: list orders: no object") if isinstance(answer.body, list) else None

    with pytest.raises((RetriableError, RejectedError)) as caught:
        send(Partner(failure), repeatable=False, judge=judge)
    assert "Partner: list orders" in str(caught.value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_an_error_carries_status_code_and_operation() -> None:
    with pytest.raises(OutcomeUnknownError, match=r"Partner: list orders: .* \(HTTP 500, code 4711\)"):
        send(Partner(httpx.Response(500, json={})), repeatable=False)


def test_an_answer_does_not_show_itself() -> None:
    assert TOKEN not in repr(Answer(status=200, headers={"x": TOKEN}, body={"token": TOKEN}))


def test_addresses_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        send(Partner(OK), repeatable=True)
    assert TOKEN not in caplog.text


def test_time_outs_are_set_and_redirects_and_proxies_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    client = open_client(connect_seconds=1.5, read_seconds=4.0)
    assert client.timeout == httpx.Timeout(4.0, connect=1.5)
    assert not client.follow_redirects
    assert not client.trust_env
    client.close()


def test_every_try_is_built_anew() -> None:
    built: list[int] = []
    partner = Partner(httpx.Response(503), OK)
    time = Time()
    client = open_client(transport=httpx.MockTransport(partner))

    def build() -> httpx.Request:
        built.append(int(time.now))
        return client.build_request("GET", URL)

    pace: Callable[[], Pace] = lambda: Pace(0.0, sleep=time.sleep, monotonic=time)  # noqa: E731
    http = PartnerHttp(
        client,
        partner="Partner",
        sleep=time.sleep,
        monotonic=time,
        random=lambda: 0.0,
        reads=pace(),
        writes=pace(),
    )
    http.send("call", build, repeatable=True)
    assert built == [0, 1]
