"""Every kind of fault: it strikes by its name and has its effect, and what is left out has none."""

from datetime import timedelta
from random import Random

import pytest

from tests.simulation.cloud.deployment import STACK
from tests.simulation.fault_scenes import (
    EVENT,
    JOB,
    SCENES,
    Seen,
    a_shop,
    in_a_run,
    lags,
    played,
    refusals_of_the_token,
    refusals_to_come,
    request,
    schedules,
)
from tests.simulation.faults import MOODS, TIMES, Faults, Kind, rates_of
from tests.simulation.mishaps import Mishaps
from tests.simulation.stack import Stack
from tests.world import START, TEE


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name)
def test_a_fault_strikes_by_its_name_and_has_its_effect_and_none_when_it_is_left_out(kind: Kind) -> None:
    scene, is_calm, is_struck = SCENES[kind]
    calm, seen_calm = played(scene, {})
    assert is_calm(seen_calm), seen_calm
    assert calm.faults.struck == []

    struck, seen = played(scene, {kind: 1.0})
    assert is_struck(seen), seen
    assert seen != seen_calm
    names = [strike.name for strike in struck.faults.struck]
    assert names
    assert names == [f"{kind.name}-{number}" for number in range(1, len(names) + 1)]

    left_out, seen_again = played(scene, {kind: 1.0}, kind.name)
    assert left_out.faults.struck == []
    assert seen_again == seen_calm
    assert left_out.trace.fingerprint == calm.trace.fingerprint


def test_every_kind_has_a_rate_and_a_scene() -> None:
    assert set(TIMES) == set(Kind) == set(SCENES)
    assert all(0 < rate < 1 for rate in TIMES.values())


def test_one_fault_is_left_out_by_its_name_and_the_others_strike_as_before() -> None:
    _, seen = played(schedules, {Kind.SCHEDULE_LOST: 1.0}, "SCHEDULE_LOST-3")
    assert seen == (1, True)


def test_only_the_faults_that_are_named_strike() -> None:
    faults = Faults(1, {Kind.OMS: 1.0}, lambda: START, only=["OMS-2"])
    assert [faults.strikes(Kind.OMS) for _ in range(4)] == [False, True, False, False]


def test_how_a_fault_looks_does_not_depend_on_whether_those_before_it_were_left_out() -> None:
    def looks(*left_out: str) -> list[float]:
        faults = Faults(1, {Kind.OUTAGE: 1.0}, lambda: START, left_out)
        return [faults.between(Kind.OUTAGE, 0, 1) for _ in range(5) if faults.strikes(Kind.OUTAGE)]

    assert looks("OUTAGE-1", "OUTAGE-3") == [look for number, look in enumerate(looks()) if number not in {0, 2}]


def test_seeds_differ_in_what_goes_wrong_and_some_are_calm() -> None:
    rates = [rates_of(Random(seed)) for seed in range(100)]
    calm = sum(not any(each.values()) for each in rates)
    assert 5 <= calm <= 30
    for kind in Kind:
        seen = sorted({round(each.get(kind, 0.0) / TIMES[kind], 6) for each in rates})
        assert seen == sorted(set(MOODS))


def test_a_run_that_hangs_to_the_end_of_its_time_is_killed_and_writes_nothing_any_more() -> None:
    def scene(stack: Stack) -> Seen:
        shop = a_shop(stack, wake=False)
        for _ in range(10):
            stack.functions.start(f"{STACK}-poll-oms", {"shop": shop.id})
            stack.loop.run_until(stack.time + timedelta(minutes=30))
        return sum(what == "its time is over" for _, _, what in stack.trace.lines), stack.functions.killed

    _, (over, killed) = played(scene, {Kind.PAUSE: 0.2})
    assert over == killed > 0


def test_a_run_that_dies_at_a_line_dies_in_the_code_of_the_product_and_calls_nobody_any_more() -> None:
    def scene(stack: Stack) -> Seen:
        a_shop(stack, wake=False)
        for _ in range(30):
            stack.functions.start(JOB, EVENT)
        stack.loop.run_until(START + timedelta(minutes=2))
        return stack.functions.killed

    stack, killed = played(scene, {Kind.CRASH_AT_LINE: 1.0})
    deaths = [who for _, who, what in stack.trace.lines if what.startswith("ends with KilledError")]
    assert killed == len(deaths) > 10
    for who in set(deaths):
        told = [what for _, name, what in stack.trace.lines if name == who]
        assert told[-1].startswith("ends with KilledError")
    calls = {sum(name == who for _, name, _ in stack.trace.lines) for who in deaths}
    assert len(calls) > 1, "all of them died at the same place"


def test_checks_that_use_the_product_in_the_middle_of_a_call_do_not_die_at_their_lines() -> None:
    died: list[BaseException] = []

    def scene(stack: Stack) -> Seen:
        shop = a_shop(stack, wake=False)

        def check(_written: object) -> None:
            try:
                stack.shops.settings(shop.id)
            except BaseException as error:
                died.append(error)
                raise

        stack.table.on_write = check
        for _ in range(20):
            stack.functions.start(f"{STACK}-poll-oms", {"shop": shop.id})
        stack.loop.run_until(START + timedelta(minutes=2))
        return stack.functions.killed

    _, killed = played(scene, {Kind.CRASH_AT_LINE: 1.0})
    assert killed
    assert died == []


def test_what_fails_in_a_spell_fails_for_all_requests_of_some_seconds() -> None:
    def spells(stack: Stack) -> Seen:
        partner = stack.internet._partners["oms.example.com"]
        lasting = []
        for _ in range(40):
            in_a_run(stack, lambda: request("oms"))
            lasting.append(partner.out_until is not None and partner.out_until > stack.time - timedelta(minutes=15))
        return sum(lasting)

    _, number = played(spells, {Kind.OMS: 1.0})
    assert 2 <= number <= 20


def test_when_all_faults_end_partners_are_put_right_and_no_mishap_follows() -> None:
    kinds = (Kind.SEARCH_LATE, Kind.SHORT_PAGES, Kind.REFUSAL, Kind.TOKEN, Kind.SETTINGS, Kind.ROTATION)

    def scene(stack: Stack) -> Seen:
        shop = a_shop(stack)
        stack.loop.run_until(START + timedelta(minutes=46))
        struck = len(stack.faults.struck)
        stack.faults.end()
        assert not lags(stack, shop)
        assert not refusals_to_come(stack, shop)
        assert stack.tiktok._state.longest_page is None
        assert stack.channeladvisor._web._page_size == 100
        stack.loop.run_until(START + timedelta(hours=2))
        assert stack.shops.settings(shop.id).active
        before = stack.time
        stack.loop.run_until(START + timedelta(hours=4))
        assert not any(who.startswith("change_settings#") for at, who, _ in stack.trace.lines if at > before)
        return struck, len(stack.faults.struck)

    stack, (struck, later) = played(scene, dict.fromkeys(kinds, 1.0))
    assert {strike.kind for strike in stack.faults.struck} == set(kinds)
    assert struck == later


def test_a_token_ends_between_two_requests_of_a_run_and_the_shop_is_served_again_soon() -> None:
    def scene(stack: Stack) -> Seen:
        shop = a_shop(stack)
        stack.loop.run_until(START + timedelta(minutes=40))
        stack.faults.end()
        order = stack.order(shop, TEE)
        stack.loop.run_until(START + timedelta(minutes=80))
        return stack.ledger.load(shop.id, order) is not None, refusals_of_the_token(stack, shop)

    _, (is_seen, refused) = played(scene, {Kind.TOKEN: 1.0})
    assert is_seen
    assert refused


def test_ten_bad_hours_of_two_shops_have_dozens_of_faults_of_many_kinds_and_most_work_gets_done() -> None:
    def scene(stack: Stack) -> Seen:
        rates = dict(stack.faults.rates)
        stack.faults.rates.clear()
        shops = [stack.connect("US"), stack.connect("GB")]
        stack.faults.rates.update(rates)
        stack.wake()
        Mishaps(stack).start()
        orders = []
        for hour in range(8):
            orders += [stack.order(shop, TEE) for shop in shops]
            stack.loop.run_until(START + timedelta(hours=hour + 1))
        stack.loop.run_until(START + timedelta(hours=10))
        done = sum(bool(stack.channeladvisor.books.orders_of_tiktok(order)) for order in orders)
        return done, len(orders)

    stack, (done, orders) = played(scene, TIMES)
    assert done >= 0.8 * orders
    assert 12 <= len(stack.faults.struck) <= 60
    assert len(stack.faults.counts()) >= 8
