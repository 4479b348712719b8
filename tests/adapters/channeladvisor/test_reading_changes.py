"""Orders that changed are read page by page: all of them, ours only, whatever one of them looks like."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import httpx
import pytest

from local.simulators.channeladvisor import Doubts
from local.simulators.faults import Fault
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.jobs.slices import Feed, read_in_slices
from order_sync.partners.channeladvisor.changes import OrdersPage
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import PROFILE, START, World
from tests.purchases import a_line, a_purchase

LATER = START + timedelta(days=1)


def all_pages(client: ChannelAdvisor, since: datetime = START, until: datetime = LATER) -> Iterator[OrdersPage]:
    page = client.orders_updated(since, until)
    yield page
    while page.next_link:
        page = client.orders_updated(since, until, page.next_link)
        yield page


def orders_on(pages: list[OrdersPage]) -> list[str]:
    """TikTok's ids in the order read, each once."""
    return list(dict.fromkeys(facts.order for page in pages for facts in page.orders))


def create(client: ChannelAdvisor, number: int) -> str:
    return client.create_order(a_purchase(order=OrderId(f"57708651212375{number:04}"))).id


def numbers(*wanted: int) -> list[str]:
    return [f"57708651212375{number:04}" for number in wanted]


def test_orders_of_this_profile_that_may_be_tiktoks_are_read_whoever_brought_them(
    world: World, client: ChannelAdvisor
) -> None:
    create(client, 1)
    world.simulator.add_order_of_another_site(PROFILE)
    world.simulator.bring_native_tiktok_order(PROFILE, numbers(2)[0])
    world.simulator.add_profile(world.account, 999)
    world.client(profile_id=999).create_order(a_purchase())
    assert orders_on(list(all_pages(client))) == numbers(1, 2)


def test_an_order_of_another_site_costs_a_row_and_no_call(world: World, client: ChannelAdvisor) -> None:
    items = [{"Sku": f"SKU-{number:02}", "Quantity": 1} for number in range(25)]
    decoy = world.simulator.add_order_of_another_site(PROFILE, site_order_id="111-2222222-3333333", items=items)
    world.simulator.ship_by_hand(decoy, "USPS", "Priority", "94001", items={"SKU-01": 1})
    world.simulator._state.orders[decoy].fulfillments[0].items.clear()
    page = client.orders_updated(START, LATER)
    assert (page.orders, page.unreadable, page.times) == ((), (), (START,))
    assert len(world.simulator.books.requests(method="GET")) == 1


def test_a_direct_order_of_somebody_else_is_left_out(world: World, client: ChannelAdvisor) -> None:
    world.simulator.add_order_of_another_site(PROFILE, site_id=587, site_order_id="WEB-1001")
    world.simulator.add_order_of_another_site(PROFILE, site_id=587, site_order_id=None)
    page = client.orders_updated(START, LATER)
    assert (page.orders, page.unreadable) == ((), ())


@pytest.mark.parametrize("short_pages", [True, False])
@pytest.mark.parametrize("apart", [0, 1])
def test_all_pages_are_read_whether_orders_changed_at_one_time_or_apart(
    build: Callable[..., World], apart: int, *, short_pages: bool
) -> None:
    world = build(Doubts(short_pages=short_pages), page_size=4)
    client = world.client()
    for number in range(11):
        create(client, number)
        world.clock.move(seconds=apart)
    pages = list(all_pages(client))
    assert orders_on(pages) == numbers(*range(11))
    assert len(pages) == 3
    assert pages[-1].times[-1] == world.clock.now - timedelta(seconds=apart)


def test_an_order_that_changes_while_slices_are_read_makes_no_other_one_be_skipped(
    build: Callable[..., World],
) -> None:
    world = build(page_size=8)
    client = world.client()
    ids = []
    for number in range(20):
        ids.append(create(client, number))
        world.clock.move(seconds=1)
    pages = []
    for part in read_in_slices(
        Feed(
            search=client.orders_updated,
            times_of=lambda page: page.times,
            next_of=lambda page: page.next_link,
        ),
        since=START,
        until=world.clock.now,
        lag=timedelta(0),
    ):
        pages.append(part.page)
        world.clock.move(seconds=1)
        if len(pages) < 4:
            world.simulator.set_pending_shipment(int(ids[len(pages) - 1]))
    assert set(orders_on(pages)) == set(numbers(*range(20)))


def test_pages_that_repeat_the_first_one_for_ever_come_to_an_end(world: World) -> None:
    row = {"ID": 1, "SiteID": 587, "SiteOrderID": numbers(1)[0], "UpdatedDateUtc": "2025-08-19T12:00:00Z"}
    asked: list[str] = []

    def past_the_end(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        asked.append(str(request.url))
        link = f"https://api.channeladvisor.com/v1/Orders?$skip={len(asked)}"
        return httpx.Response(200, json={"value": [row], "@odata.nextLink": link})

    client = world.client(transport=httpx.MockTransport(past_the_end))
    pages = list(islice(all_pages(client), 10))
    assert len(pages) == len(asked) == 2
    assert orders_on(pages) == numbers(1)


def test_the_window_holds_its_start_and_not_its_end(world: World, client: ChannelAdvisor) -> None:
    create(client, 1)
    world.clock.move(seconds=60)
    create(client, 2)
    assert orders_on(list(all_pages(client, START, START + timedelta(seconds=60)))) == numbers(1)
    assert orders_on(list(all_pages(client, START + timedelta(seconds=60), LATER))) == numbers(2)


def test_facts_hold_the_sellers_number_the_status_and_only_real_parcels(world: World, client: ChannelAdvisor) -> None:
    order = create(client, 1)
    world.simulator.set_seller_order_id(int(order), "SO-77")
    world.simulator.set_pending_shipment(int(order))
    (facts,) = client.orders_updated(START, LATER).orders
    assert (facts.id, facts.seller_order_id, facts.shipping_status) == (order, "SO-77", "PendingShipment")
    assert facts.parcels == ()
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"TEE-BLU-M": 1})
    (facts,) = client.orders_updated(START, LATER).orders
    assert facts.shipping_status == "PartiallyShipped"
    assert [(parcel.id, parcel.units) for parcel in facts.parcels] == [(f"channeladvisor-{made}", (("TEE-BLU-M", 1),))]
    assert facts.parcels[0].shipped_at == START


@pytest.mark.parametrize("keeps", [True, False])
def test_tiktoks_id_is_read_from_the_field_that_kept_it(build: Callable[..., World], *, keeps: bool) -> None:
    client = build(Doubts(keeps_site_order_id=keeps)).client()
    create(client, 1)
    assert orders_on([client.orders_updated(START, LATER)]) == numbers(1)


def test_an_order_with_more_items_and_parcels_than_a_list_shows_is_read_whole(
    world: World, client: ChannelAdvisor
) -> None:
    skus = [f"SKU-{number:02}" for number in range(25)]
    order = client.create_order(a_purchase(*(a_line(number, sku=sku) for number, sku in enumerate(skus)))).id
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", "big", items=dict.fromkeys(skus, 1))
    single = client.create_order(a_purchase(*(a_line(number) for number in range(25)), order=OrderId("5770"))).id
    for number in range(25):
        world.simulator.ship_by_hand(int(single), "USPS", "Priority", f"T{number}", items={"TEE-BLU-M": 1})
    big, small = client.orders_updated(START, LATER).orders
    assert [len(parcel.units) for parcel in big.parcels] == [25]
    assert len({parcel.tracking_number for parcel in small.parcels}) == 25


def test_one_order_that_cannot_be_read_does_not_stop_the_others(world: World, client: ChannelAdvisor) -> None:
    create(client, 1)
    bad = create(client, 2)
    create(client, 3)
    world.simulator.ship_by_hand(int(bad), "USPS", "Priority", "94001", items={"TEE-BLU-M": 1})
    world.simulator._state.orders[int(bad)].fulfillments[0].items.clear()
    page = client.orders_updated(START, LATER)
    assert {facts.order for facts in page.orders} == set(numbers(1, 3))
    (unreadable,) = page.unreadable
    assert unreadable.id == bad
    assert "holds no items" in unreadable.reason


def test_no_buyer_data_is_asked_for(world: World, client: ChannelAdvisor) -> None:
    create(client, 1)
    client.orders_updated(START, LATER)
    (request,) = world.simulator.books.requests(method="GET")
    assert "select" in request.query
    assert not re.search("Shipping(?!Status|Adjustment|TaxAdjustment)", request.query)
    assert request.query.count("Adjustments($select=") == 2
    assert "Comment" not in request.query


@pytest.mark.parametrize("fault", [Fault.TRUNCATED_JSON, Fault.HTML, Fault.RATE_LIMITED, Fault.LOST_BEFORE])
def test_a_list_is_read_again_after_a_passing_fault(world: World, client: ChannelAdvisor, fault: Fault) -> None:
    create(client, 1)
    world.simulator.faults.add(fault, "/v1/Orders", method="GET", times=2)
    assert orders_on([client.orders_updated(START, LATER)]) == numbers(1)


def test_an_outage_is_given_up_as_retriable(world: World, client: ChannelAdvisor) -> None:
    world.simulator.faults.add(Fault.UNAVAILABLE, "/v1/Orders", times=None)
    with pytest.raises(RetriableError):
        client.orders_updated(START, LATER)


def test_a_token_that_ends_between_two_pages_is_renewed(build: Callable[..., World]) -> None:
    world = build(page_size=2)
    client = world.client()
    for number in range(5):
        create(client, number)
    pages = []
    for page in all_pages(client):
        pages.append(page)
        world.simulator.expire_tokens()
    assert orders_on(pages) == numbers(*range(5))


def test_five_clients_stay_under_two_thousand_calls_a_minute(world: World) -> None:
    client = world.client(interval=0.16)
    for _ in range(400):
        client.find_orders(OrderId("1"))
    assert world.simulator.books.highest_per_minute * 5 < 2000
    assert world.clock.now - START > timedelta(minutes=1)


def test_times_with_seven_decimals_are_read(world: World, client: ChannelAdvisor) -> None:
    world.clock.now = datetime(2025, 8, 19, 12, 0, 0, 123456, tzinfo=UTC)
    create(client, 1)
    page = client.orders_updated(world.clock.now, LATER)
    assert page.times == (world.clock.now,)
