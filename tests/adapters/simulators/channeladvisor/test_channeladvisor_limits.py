"""Five requests at a time per integration, so many a minute per account: CA 1.4."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from tests.adapters.simulators.channeladvisor.caller import Caller, Clock

TOO_MANY = {"Message": "Too Many Requests"}


def test_a_sixth_request_at_the_same_time_is_refused(build: Callable[..., Caller]) -> None:
    everybody_in, leave = Barrier(6), Event()

    def linger() -> None:
        everybody_in.wait(10)
        leave.wait(10)

    caller = build(linger=linger)
    with ThreadPoolExecutor(5) as pool:
        flying = [pool.submit(caller.get, "/v1/Orders") for _ in range(5)]
        everybody_in.wait(10)
        sixth = caller.get("/v1/Orders")
        leave.set()
        statuses = [each.result().status_code for each in flying]

    assert (sixth.status_code, sixth.json()) == (429, TOO_MANY)
    assert statuses == [200] * 5
    assert caller.simulator.books.highest_concurrency == 6
    assert caller.simulator.books.refused_for_concurrency == 1


def test_requests_one_after_the_other_are_not_concurrent(caller: Caller) -> None:
    for _ in range(10):
        caller.get("/v1/Orders")
        caller.get("/v1/Orders(1)")
    assert caller.simulator.books.highest_concurrency == 1


def test_an_account_has_so_many_requests_in_any_minute(build: Callable[..., Caller], clock: Clock) -> None:
    caller = build(requests_per_minute=3)
    assert [caller.get("/v1/Orders").status_code for _ in range(4)] == [200, 200, 200, 429]
    clock.move(seconds=59)
    refused = caller.get("/v1/Orders")
    assert (refused.status_code, refused.json()) == (429, TOO_MANY)
    clock.move(seconds=1)
    assert caller.get("/v1/Orders").status_code == 200

    assert caller.simulator.books.highest_per_minute == 4
    assert caller.simulator.books.refused_for_rate == 2


def test_the_minute_holds_two_thousand_requests(caller: Caller) -> None:
    statuses = [caller.get("/v1/Orders(1)").status_code for _ in range(2001)]
    assert statuses == [404] * 2000 + [429]
