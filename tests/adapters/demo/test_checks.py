"""The demo's verdict is worth something only if each of its checks can fail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import httpx
import pytest

from local.demo.checks import Check, check_books, check_no_buyer_data, check_schedule_fired
from local.demo.partners import Partners
from local.demo.stories import Placed
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.tracking_numbers import royal_mail, usps
from tests.adapters.demo.days import partners_of
from tests.world import MUG, TEE, Connected, World

HOLD = timedelta(hours=1)


class Day:
    """Two orders that travelled all the way, one of each region, in the partners' books."""

    def __init__(self) -> None:
        self.world = World()
        self.shops = {region: self.world.connect(region) for region in ("US", "GB")}
        self.decoy = self.world.channeladvisor.add_order_of_another_site(12345678)
        self.orders = [
            Placed(id=self.world.order(shop, TEE, MUG), region=region) for region, shop in self.shops.items()
        ]
        self.world.cycle(6)
        self.world.oms.ship(self.orders[0].id, "USPS Ground", "Ground", usps(1))
        self.world.oms.ship(self.orders[1].id, "RM 24", "24", royal_mail(1))
        self.world.cycle(2)

    @property
    def partners(self) -> Partners:
        return partners_of(self.world)

    @property
    def us(self) -> Connected:
        return self.shops["US"]


@pytest.fixture
def day() -> Day:
    return Day()


def broken(checks: list[Check]) -> set[str]:
    return {check.promise for check in checks if not check.holds}


def test_a_good_day_breaks_no_promise(day: Day) -> None:
    checks = check_books(day.partners, day.orders, HOLD)
    assert len(checks) == 10
    assert broken(checks) == set()


def bring_it_twice(day: Day) -> None:
    day.world.channeladvisor.bring_native_tiktok_order(12345678, day.orders[0].id)


def place_one_more(day: Day) -> None:
    day.orders.append(Placed(id=day.world.order(day.us), region="US"))


def call_it_a_stray(day: Day) -> None:
    day.orders[0] = replace(day.orders[0], travels=False)


def stop_before_the_numbers_are_known(day: Day) -> None:
    order = day.world.order(day.us, MUG)
    day.orders.append(Placed(id=order, region="US"))
    day.world.cycle(5, skip=("push_tiktok",))


def touch_a_decoy(day: Day) -> None:
    day.world.channeladvisor.set_seller_order_id(day.decoy, "SO-1")


def keep_a_parcel_from_everyone(day: Day) -> None:
    order = day.world.order(day.us, MUG)
    day.orders.append(Placed(id=order, region="US"))
    day.world.cycle(6)
    day.world.oms.ship(order, "USPS Ground", "Ground", usps(9))


@pytest.mark.parametrize(
    ("sabotage", "promises"),
    [
        (bring_it_twice, {"Each order stands in ChannelAdvisor exactly once"}),
        (place_one_more, {"Each order was given to the OMS exactly once"}),
        (call_it_a_stray, {"Cancelled and third-party orders were left alone"}),
        (stop_before_the_numbers_are_known, {"Each side knows the other sides' numbers"}),
        (touch_a_decoy, {"Orders of other sites were not touched"}),
        (
            keep_a_parcel_from_everyone,
            {"Each parcel is at TikTok Shop once, as it was shipped", "Each parcel is in ChannelAdvisor once"},
        ),
        (bring_it_twice, {"The money in ChannelAdvisor adds up to TikTok's total"}),
    ],
)
def test_a_broken_promise_is_noticed(day: Day, sabotage: Callable[[Day], None], promises: set[str]) -> None:
    sabotage(day)
    assert promises <= broken(check_books(day.partners, day.orders, HOLD))


def test_an_order_that_left_early_is_noticed(day: Day) -> None:
    checks = check_books(day.partners, day.orders, HOLD + timedelta(hours=3))
    assert broken(checks) == {"Nothing left before the buyer's cool-down was over"}


def test_a_limit_that_was_passed_is_noticed(day: Day) -> None:
    small = ChannelAdvisorSimulator(day.world.clock, application_id="a", shared_secret="s", requests_per_minute=1)
    account = small.add_account(1)
    with httpx.Client(transport=httpx.WSGITransport(app=small), base_url="https://ca.example.com") as client:
        token = client.post(
            "/oauth2/token",
            auth=("a", "s"),
            data={"grant_type": "refresh_token", "refresh_token": small.refresh_token(account)},
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        statuses = [client.get("/v1/Orders", headers=headers).status_code for _ in range(2)]
    assert statuses == [HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS]
    checks = check_books(replace(day.partners, channeladvisor=small), [], HOLD)
    assert broken(checks) == {"ChannelAdvisor's limits were kept"}


def test_buyer_data_at_rest_is_noticed_and_only_its_place_is_shown(day: Day) -> None:
    secrets = sorted(day.world.tiktok.buyer_data(), key=len)
    kept = [("log of PollTikTok", f"order for {secrets[-1]}"), ("queue FailedRuns", "order 1")]
    check = check_no_buyer_data(secrets, kept)
    assert check.broken == ("log of PollTikTok",)
    assert check_no_buyer_data(secrets, kept[1:]).holds


def test_a_buyer_with_a_short_name_is_noticed_as_well() -> None:
    assert check_no_buyer_data(["Li"], [("log of PollTikTok", "order for Li")]).broken == ("log of PollTikTok",)


def test_a_day_without_a_schedule_is_noticed() -> None:
    invoked = ["START RequestId: 1", '{"message":"run ended","source":"demo"}', "END RequestId: 1"]
    by_schedule = ["START RequestId: 2", "END RequestId: 2"]
    assert not check_schedule_fired(invoked, ["poll_tiktok"]).holds
    assert check_schedule_fired(invoked + by_schedule, ["poll_tiktok"]).holds
