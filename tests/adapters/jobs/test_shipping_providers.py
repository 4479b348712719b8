"""Shipping providers: read once per option and six hours, and a carrier that went is known before a parcel meets it."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.shops import DeliveryOption
from local.tracking_numbers import royal_mail, ups, usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.jobs.shipping_providers import PROVIDERS_AGE
from order_sync.ledger import keys
from order_sync.ledger.table import Put, Scalar
from tests.adapters.jobs.scenes import (
    CANCELLATIONS,
    SEARCH,
    an_order_everywhere,
    entry_states,
    parcels_at_tiktok,
    ship_from_oms,
)
from tests.world import Connected, World

SHIP = (Target.TIKTOK_SHOP, Action.SHIP)
LIST = "/logistics/202309/delivery_options/<delivery_option_id>/shipping_providers"
SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def lists_read(world: World) -> int:
    return world.tiktok.books.count(LIST)


def standard(shop: Connected) -> DeliveryOption:
    return shop.simulated.option(shipped_by_tiktok=False)


def orders_of(world: World, shop: Connected, *options: DeliveryOption) -> list[OrderId]:
    """Released orders, one for each delivery option."""
    placed = [world.order(shop, delivery_option=option) for option in options]
    world.until_released()
    return placed


def push(world: World, shop: Connected, *orders: OrderId, number: int = 1, carrier: str = "ups") -> dict[str, int]:
    """The warehouse ships these orders with UPS, and TikTok Shop is told; what was counted."""
    for offset, order in enumerate(orders):
        ship_from_oms(world, order, ups(number + offset), carrier=carrier)
    world.run("poll_oms", shop)
    return world.run("push_tiktok", shop).counts


def reconcile(world: World, shop: Connected) -> list[str]:
    """The daily comparison, a day later; what went wrong in it."""
    world.time += timedelta(days=1)
    return world.run("reconcile", shop).problems


def notices(world: World, shop: Connected) -> dict[str, str]:
    return world.shops.notices(shop.id)


# How often a list is read


def test_the_list_of_an_option_is_read_once_in_six_hours_by_however_many_functions(
    world: World, shop: Connected
) -> None:
    first, second, third, fourth = orders_of(world, shop, *[standard(shop)] * 4)
    push(world, shop, first, second)
    (read_at,) = [request.at for request in world.tiktok.books.requests if request.endpoint == LIST]
    world.time = read_at + PROVIDERS_AGE - timedelta(minutes=1)
    push(world, shop, third, number=3)
    assert lists_read(world) == 1

    world.time = read_at + PROVIDERS_AGE
    push(world, shop, fourth, number=4)
    assert lists_read(world) == 2
    assert [len(parcels_at_tiktok(world, order)) for order in (first, second, third, fourth)] == [1] * 4
    assert world.problems() == []


@pytest.mark.parametrize(
    ("age", "read"), [(-SECOND, 1), (0 * SECOND, 0), (PROVIDERS_AGE - SECOND, 0), (PROVIDERS_AGE, 1)]
)
def test_a_kept_list_is_believed_for_six_hours_and_never_one_of_the_future(
    world: World, shop: Connected, age: timedelta, read: int
) -> None:
    (order,) = orders_of(world, shop, standard(shop))
    world.run("reconcile", shop)
    ship_from_oms(world, order, ups(1), carrier="ups")
    world.run("poll_oms", shop)
    before = lists_read(world)
    # A run begins a second later, and TikTok Shop's answers take no time.
    began = int((world.time + SECOND - age).timestamp() * 1000)
    edit(world, shop, read_at=began)
    world.run("push_tiktok", shop)
    assert lists_read(world) - before == read
    assert len(parcels_at_tiktok(world, order)) == 1


def test_every_option_has_its_own_list_in_which_the_same_carrier_may_have_another_id(
    world: World, shop: Connected
) -> None:
    express = world.tiktok.add_delivery_option(shop.simulated, "Express", lacks=["UPS"])
    express.providers["777"] = Provider(id="777", name="UPS")
    first, second, third = orders_of(world, shop, standard(shop), express, standard(shop))
    push(world, shop, first, second)
    push(world, shop, third, number=3)
    assert lists_read(world) == 2
    assert [len(parcels_at_tiktok(world, order)) for order in (first, second, third)] == [1, 1, 1]
    assert world.tiktok.books.refused_shipments == []


def test_shops_share_no_list(world: World) -> None:
    shops = [world.connect(), world.connect()]
    for number, shop in enumerate(shops):
        # TikTok Shop's own delivery options may well have one id in all shops.
        option = DeliveryOption(id="7091146663229654785", name="Standard", providers=dict(standard(shop).providers))
        shop.simulated.delivery_options[option.id] = option
        if number:
            world.tiktok.withdraw_provider(shop.simulated, option, "UPS")
            option.providers["777"] = Provider(id="777", name="UPS")
        (order,) = orders_of(world, shop, option)
        push(world, shop, order, number=number)
        assert lists_read(world) == number + 1
        assert len(parcels_at_tiktok(world, order)) == 1
    assert world.tiktok.books.refused_shipments == []


def test_a_uk_shop_has_its_own_carriers(world: World) -> None:
    shop = world.connect("GB")
    (order,) = orders_of(world, shop, standard(shop))
    ship_from_oms(world, order, royal_mail(1), carrier="RM 24")
    world.run("poll_oms", shop)
    world.run("push_tiktok", shop)
    assert world.tiktok.books.shipments_of(order)[0].provider == "Royal Mail"
    assert reconcile(world, shop) == []

    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "Royal Mail")
    told, kept = reconcile(world, shop)
    assert told.startswith("carriers_not_offered: TikTok Shop has no 'Royal Mail' ('Royal Mail') for delivery option")
    assert kept.startswith("mapped_carriers_not_offered: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("names", "{"),
        ("names", "7"),
        ("names", '[["1"]]'),
        ("names", '[["1",2]]'),
        ("missing", "[null]"),
        ("read_at", "yesterday"),
        ("read_at", None),
    ],
)
def test_a_list_that_somebody_has_damaged_is_read_afresh(
    world: World, shop: Connected, name: str, value: Scalar | None
) -> None:
    first, second, third = orders_of(world, shop, *[standard(shop)] * 3)
    push(world, shop, first)
    edit(world, shop, **{name: value})
    counts = push(world, shop, second, number=2)
    assert (lists_read(world), counts["provider_lists_damaged"]) == (2, 1)
    assert f"PROVIDERS#{standard(shop).id} is damaged" in str(world.problems())

    push(world, shop, third, number=3)
    assert lists_read(world) == 2
    assert [len(parcels_at_tiktok(world, order)) for order in (first, second, third)] == [1, 1, 1]
    assert world.counted("provider_lists_damaged") == 1


def edit(world: World, shop: Connected, **values: Scalar | None) -> None:
    """Somebody writes into the kept list of the shop's own delivery option; None removes."""
    item = dict(world.table.items[keys.providers_key(shop.id, standard(shop).id)])
    for name, value in values.items():
        item.pop(name)
        if value is not None:
            item[name] = value
    world.table.put(Put(item=item))


# A carrier that is new to a list


def test_a_carrier_that_tiktok_has_added_works_at_once(world: World, shop: Connected) -> None:
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "UPS")
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "FedEx")
    first, *others = orders_of(world, shop, *[standard(shop)] * 4)
    ship_from_oms(world, first, usps(1))
    push(world, shop)
    world.tiktok.offer_provider(shop.simulated, standard(shop), "UPS")
    counts = push(world, shop, *others)

    assert [len(parcels_at_tiktok(world, order)) for order in (first, *others)] == [1] * 4
    assert lists_read(world) == 2
    assert counts["carriers_offered_again"] == 1
    assert world.counted("entries_failed") == 0


def test_a_carrier_that_stays_missing_costs_one_more_list_in_a_run_whatever_the_number_of_parcels(
    world: World, shop: Connected
) -> None:
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "UPS")
    express = world.tiktok.add_delivery_option(shop.simulated, "Express", lacks=["UPS"])
    orders = orders_of(world, shop, *[standard(shop)] * 5, express, express)
    world.run("reconcile", shop)
    before = lists_read(world)
    counts = push(world, shop, *orders)
    assert counts["entries_failed"] == 7
    assert lists_read(world) - before == 2

    first_read_in_this_run = orders_of(world, shop, standard(shop))
    world.time += PROVIDERS_AGE
    before = lists_read(world)
    assert push(world, shop, *first_read_in_this_run, number=9)["entries_failed"] == 1
    assert lists_read(world) - before == 1


def test_a_parcel_waits_while_the_list_that_lacks_its_carrier_cannot_be_read_afresh(
    world: World, shop: Connected
) -> None:
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "UPS")
    (order,) = orders_of(world, shop, standard(shop))
    world.run("reconcile", shop)
    world.tiktok.offer_provider(shop.simulated, standard(shop), "UPS")
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/shipping_providers", times=None)
    push(world, shop, order)
    assert entry_states(world, shop, order)[SHIP] is EntryState.WAITING

    world.tiktok.faults.clear()
    world.cycle(2)
    assert len(parcels_at_tiktok(world, order)) == 1


def test_a_list_without_any_carrier_is_not_believed(world: World, shop: Connected) -> None:
    """All parcels of an option would fail for six hours, and every mapping would be told to lead nowhere."""
    (order,) = orders_of(world, shop, standard(shop))
    names = [provider.name for provider in standard(shop).providers.values()]
    for name in names:
        world.tiktok.withdraw_provider(shop.simulated, standard(shop), name)
    (told,) = reconcile(world, shop)
    assert told.startswith("providers_not_read: ")
    assert f"lists no shipping provider at all for delivery option 'Standard shipping' ({standard(shop).id})" in told
    push(world, shop, order)
    assert entry_states(world, shop, order)[SHIP] is EntryState.WAITING
    assert notices(world, shop) == {}
    for name in names:
        world.tiktok.offer_provider(shop.simulated, standard(shop), name)
    world.cycle(2)
    assert len(parcels_at_tiktok(world, order)) == 1


# A carrier that went


def test_a_carrier_that_went_is_told_by_the_next_comparison_before_a_parcel_meets_it_and_once_only(
    world: World, shop: Connected
) -> None:
    (order,) = orders_of(world, shop, standard(shop))
    assert reconcile(world, shop) == []
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "USPS")
    told, kept = reconcile(world, shop)
    where = f"delivery option 'Standard shipping' ({standard(shop).id})"
    assert told == f"carriers_not_offered: TikTok Shop has no 'USPS' ('usps') for {where}"
    assert kept.startswith(f"mapped_carriers_not_offered: TikTok Shop has no 'USPS' ('usps') for {where}, and ")
    assert reconcile(world, shop) == []
    assert reconcile(world, shop) == []

    name = f"carrier not offered {standard(shop).id} usps"
    assert "'USPS Ground'" in notices(world, shop)[name]
    assert parcels_at_tiktok(world, order) == []
    assert world.counted("entries_failed") == 0


def test_a_carrier_that_is_offered_again_lifts_its_notice_and_ships(world: World, shop: Connected) -> None:
    world.shops.put_notice(shop.id, "parcel oms-1", "about something else")
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "USPS")
    order = an_order_everywhere(world, shop)
    reconcile(world, shop)
    assert len(notices(world, shop)) == 2

    world.tiktok.offer_provider(shop.simulated, standard(shop), "USPS")
    world.time += timedelta(days=1)
    report = world.run("reconcile", shop)
    assert (report.counts["carriers_offered_again"], report.problems) == (1, [])
    assert list(notices(world, shop)) == ["parcel oms-1"]
    assert world.run("reconcile", shop).counts["carriers_offered_again"] == 0
    ship_from_oms(world, order)
    world.cycle()
    assert len(parcels_at_tiktok(world, order)) == 1


def test_a_carrier_without_a_mapping_is_told_and_not_kept_for_a_person(world: World, shop: Connected) -> None:
    reconcile(world, shop)
    for name in ("Wizmo", "TForce"):
        world.tiktok.withdraw_provider(shop.simulated, standard(shop), name)
    (told,) = reconcile(world, shop)
    assert told.startswith("carriers_not_offered: TikTok Shop has no 'TForce' ('tforce'), 'Wizmo' ('wizmo') for")
    assert notices(world, shop) == {}


def test_at_first_everything_that_an_option_lacks_is_told_in_one_line_for_each(world: World, shop: Connected) -> None:
    world.tiktok.add_delivery_option(shop.simulated, "Express", lacks=["TForce", "Wizmo", "UPS"])
    world.tiktok.add_delivery_option(shop.simulated, "Slow", lacks=["FedEx"])
    express, slow = reconcile(world, shop)
    assert "'UPS' ('ups'), 'TForce' ('tforce'), 'Wizmo' ('wizmo') for delivery option 'Express'" in express
    assert "'FedEx' ('fedex') for delivery option 'Slow'" in slow


def test_a_push_tells_of_a_carrier_that_went_as_well(world: World, shop: Connected) -> None:
    first, second = orders_of(world, shop, *[standard(shop)] * 2)
    push(world, shop, first)
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "USPS")
    world.time += PROVIDERS_AGE
    counts = push(world, shop, second, number=2)
    assert (counts["carriers_not_offered"], counts["mapped_carriers_not_offered"]) == (1, 1)
    assert reconcile(world, shop) == []


def test_the_notice_of_one_option_says_nothing_about_another(world: World, shop: Connected) -> None:
    express = world.tiktok.add_delivery_option(shop.simulated, "Express", lacks=["USPS"])
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "USPS")
    reconcile(world, shop)
    world.tiktok.offer_provider(shop.simulated, standard(shop), "USPS")
    reconcile(world, shop)
    assert list(notices(world, shop)) == [f"carrier not offered {express.id} usps"]


def test_a_notice_follows_the_mappings(world: World, shop: Connected) -> None:
    """A mapping that leads nowhere from its first day is told as well; one that was mended is no longer."""
    for name in ("UPS", "USPS"):
        world.tiktok.withdraw_provider(shop.simulated, standard(shop), name)
    reconcile(world, shop)
    assert [name.rsplit(" ", 1)[1] for name in notices(world, shop)] == ["usps"]
    world.reconnect(shop, shipping_mappings=[{"carrier": "House", "code": "ups"}])
    (kept,) = reconcile(world, shop)
    assert "mapped_carriers_not_offered: TikTok Shop has no 'UPS' ('ups')" in kept
    assert [name.rsplit(" ", 1)[1] for name in notices(world, shop)] == ["ups"]
    world.reconnect(shop, shipping_mappings=[])
    assert reconcile(world, shop) == []
    assert notices(world, shop) == {}


def test_what_was_said_of_a_delivery_option_is_over_when_the_shop_has_it_no_more(world: World, shop: Connected) -> None:
    world.shops.put_notice(shop.id, "carrier not offered 7000000000000000001 usps", "an option of last year")
    world.shops.put_notice(shop.id, "native_link", "another matter")
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "USPS")
    reconcile(world, shop)
    assert list(notices(world, shop)) == [f"carrier not offered {standard(shop).id} usps", "native_link"]


def test_a_damaged_list_leaves_no_notice_behind(world: World, shop: Connected) -> None:
    world.tiktok.withdraw_provider(shop.simulated, standard(shop), "USPS")
    reconcile(world, shop)
    world.tiktok.offer_provider(shop.simulated, standard(shop), "USPS")
    edit(world, shop, missing="?")
    reconcile(world, shop)
    assert notices(world, shop) == {}


def test_a_carrier_with_two_providers_is_none_of_ours(world: World, shop: Connected) -> None:
    standard(shop).providers["777"] = Provider(id="777", name=" usps ")
    assert len(reconcile(world, shop)) == 2
    assert list(notices(world, shop)) == [f"carrier not offered {standard(shop).id} usps"]


# The daily comparison


def test_the_comparison_reads_the_list_of_every_option_once_and_skips_those_of_tiktok(
    world: World, shop: Connected
) -> None:
    express = world.tiktok.add_delivery_option(shop.simulated, "Express")
    slow = world.tiktok.add_delivery_option(shop.simulated, "Slow")
    world.tiktok.add_warehouse(shop.simulated, "Second", [express])
    world.tiktok.refuse_next(f"{slow.id}/shipping_providers", 21008116)
    report = world.run("reconcile", shop)
    assert report.counts["delivery_options_without_providers"] == 2
    assert report.problems == []
    assert lists_read(world) == 4
    (first, second) = orders_of(world, shop, standard(shop), express)
    push(world, shop, first, second)
    assert lists_read(world) == 4


@pytest.mark.parametrize("path", ["/warehouses", "/delivery_options"])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.LOST_BEFORE])
def test_an_outage_of_the_lists_undoes_nothing_of_the_comparison(
    world: World, shop: Connected, path: str, fault: Fault
) -> None:
    missed = world.order(shop, hold=False)
    world.time += timedelta(hours=2)
    world.tiktok.faults.add(fault, f"/logistics/202309{path}", times=None)
    world.shops.move_cursor(shop.id, "orders", world.shops.cursor(shop.id, "orders"), str(int(world.time.timestamp())))
    report = world.run("reconcile", shop)
    assert report.counts["orders_repaired"] == 1
    assert report.counts["providers_not_read"] >= 1
    assert report.counts["runs_postponed"] == 0
    assert world.ledger.load(shop.id, missed) is not None


@pytest.mark.parametrize("code", [36009003, 21008111])
def test_one_list_that_cannot_be_read_leaves_the_others_fresh(world: World, shop: Connected, code: int) -> None:
    express = world.tiktok.add_delivery_option(shop.simulated, "Express", lacks=["FedEx"])
    world.tiktok.refuse_next(f"{standard(shop).id}/shipping_providers", code, times=9)
    not_read, gone = world.run("reconcile", shop).problems
    assert not_read.startswith(f"providers_not_read: delivery option 'Standard shipping' ({standard(shop).id}): ")
    assert str(code) in not_read
    assert f"({express.id})" in gone


def test_an_app_that_may_not_see_warehouses_still_compares(world: World, shop: Connected) -> None:
    world.tiktok.refuse_next("/logistics/202309/warehouses", 21008111)
    (problem,) = world.run("reconcile", shop).problems
    assert problem.startswith("providers_not_read: TikTok Shop: read warehouses: ")


def test_lists_for_which_there_is_no_time_are_left_to_the_pushes(world: World, shop: Connected) -> None:
    for name in ("Express", "Slow"):
        world.tiktok.add_delivery_option(shop.simulated, name)
    world.has_time = lambda: lists_read(world) < 2
    report = world.run("reconcile", shop)
    assert report.counts["reconciliations_cut_short"] == 1
    assert (report.problems, lists_read(world)) == ([], 2)


def test_a_comparison_without_time_left_asks_for_no_option(world: World, shop: Connected) -> None:
    world.has_time = lambda: world.tiktok.books.count(CANCELLATIONS) == 0
    assert world.run("reconcile", shop).counts["reconciliations_cut_short"] == 1
    assert {request.endpoint for request in world.tiktok.books.requests} == {SEARCH, CANCELLATIONS}
