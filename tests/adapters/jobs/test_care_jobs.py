"""Dispatch, connecting a shop, replaying, and the daily comparison."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.memory_table import MemoryTable
from local.simulators.faults import Fault
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.orders import Handling
from order_sync.domain.outbox import Action, Target
from order_sync.domain.shop import NOT_STARTED
from order_sync.domain.statuses import OrderState
from order_sync.jobs.change_settings import change_settings
from order_sync.jobs.dispatch import dispatch
from order_sync.jobs.poll_tiktok import CANCELLATIONS_FEED, ORDERS_FEED
from order_sync.jobs.run import Report
from order_sync.ledger.shops import Shops
from order_sync.ledger.table import Put
from tests.adapters.jobs.scenes import an_order_everywhere, parcels_at_tiktok, ship_from_oms
from tests.builders import NOON, SHOP_ID, a_shop
from tests.world import Connected, World

FUNCTIONS = {"poll_tiktok": "stack-poll-tiktok", "push_oms": "stack-push-oms"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


@pytest.fixture
def shops() -> Shops:
    return Shops(MemoryTable(), lambda: NOON)


def settings(**changes: Any) -> dict[str, Any]:
    return a_shop().model_dump(mode="json", exclude={"starts_at"}) | changes


# Dispatch


def test_a_job_is_started_once_for_every_active_shop(shops: Shops) -> None:
    for shop, active in (("1", True), ("2", False), ("3", True)):
        shops.save(a_shop(shop=shop, active=active))
    started: list[tuple[str, ShopId]] = []
    report = dispatch("push_oms", FUNCTIONS, shops, lambda function, shop: started.append((function, shop)))

    assert started == [("stack-push-oms", "1"), ("stack-push-oms", "3")]
    assert report.counts == {"shops_started": 2}


def test_a_job_that_does_not_exist_is_refused_by_name(shops: Shops) -> None:
    with pytest.raises(RejectedError, match="there is no job 'poll_etsy'; jobs are poll_tiktok, push_oms"):
        dispatch("poll_etsy", FUNCTIONS, shops, lambda _function, _shop: None)


def test_a_shop_that_cannot_be_started_stops_no_other(shops: Shops) -> None:
    for shop in ("1", "2", "3"):
        shops.save(a_shop(shop=shop))
    started: list[ShopId] = []

    def invoke(_function: str, shop: ShopId) -> None:
        if shop == "2":
            raise RetriableError("Lambda did not start stack-poll-tiktok: throttled")
        started.append(shop)

    report = dispatch("poll_tiktok", FUNCTIONS, shops, invoke)

    assert started == ["1", "3"]
    assert report.problems == [
        "shops_not_started: poll_tiktok for shop 2: Lambda did not start stack-poll-tiktok: throttled"
    ]


def test_a_shop_whose_settings_went_bad_is_still_started_so_that_its_own_run_names_the_fault(shops: Shops) -> None:
    shops.save(a_shop(shop="1"))
    table = shops._table
    assert isinstance(table, MemoryTable)
    (item,) = table.items.values()
    table.put(Put(item=item | {"settings": "{"}))
    started: list[ShopId] = []
    dispatch("poll_tiktok", FUNCTIONS, shops, lambda _function, shop: started.append(shop))

    assert started == ["1"]
    with pytest.raises(RejectedError, match="settings of shop 1 are not JSON"):
        shops.settings(ShopId("1"))


# Connecting


def test_connecting_sets_the_starting_moment_to_the_second(shops: Shops) -> None:
    report = change_settings(settings(), shops, NOON + timedelta(microseconds=999_999))

    assert shops.settings(SHOP_ID).starts_at == NOON
    assert report.counts == {"settings_saved": 1}


def test_whole_settings_that_do_not_say_active_leave_it_and_a_new_shop_switched_off(shops: Shops) -> None:
    silent = {name: value for name, value in settings().items() if name != "active"}
    report = change_settings(silent, shops, NOON)
    assert report.answer == {"active": False, "starts_at": None}
    assert shops.active() == []

    for active in (True, False):
        change_settings({"shop": SHOP_ID, "change": {"active": active}}, shops, NOON)
        report = change_settings(silent, shops, NOON + timedelta(days=1))
        assert report.answer == {"active": active, "starts_at": NOON.isoformat()}
        assert shops.settings(SHOP_ID).active is active


def test_connecting_again_changes_the_settings_and_keeps_the_starting_moment(shops: Shops) -> None:
    change_settings(settings(), shops, NOON)
    change_settings(settings(name="Renamed"), shops, NOON + timedelta(days=3))

    assert shops.settings(SHOP_ID).starts_at == NOON
    assert shops.settings(SHOP_ID).name == "Renamed"


def test_connecting_again_repairs_settings_that_went_bad_and_keeps_their_starting_moment(shops: Shops) -> None:
    """With a new starting moment, orders that are only now seen would be watched and never shipped."""
    change_settings(settings(), shops, NOON)
    table = shops._table
    assert isinstance(table, MemoryTable)
    (item,) = table.items.values()
    table.put(Put(item=item | {"settings": str(item["settings"]).replace("America/Los_Angeles", "Atlantis")}))
    change_settings(settings(), shops, NOON + timedelta(days=3))

    assert shops.settings(SHOP_ID).starts_at == NOON


def test_connecting_again_lifts_the_notices_that_are_named_and_reports_the_others(shops: Shops) -> None:
    for name in ("native_link", "parcel oms-1", "parcel oms-2"):
        shops.put_notice(SHOP_ID, name, f"about {name}")
    report = change_settings(settings(lift=["native_link", "parcel oms-2"]), shops, NOON)

    assert shops.notices(SHOP_ID) == {"parcel oms-1": "about parcel oms-1"}
    assert report.counts == {"settings_saved": 1, "notices_lifted": 2, "open_notices": 1}
    assert report.problems == [f"open_notices: shop {SHOP_ID}, parcel oms-1: about parcel oms-1"]


def test_a_notice_that_does_not_stand_is_refused_by_name_and_nothing_is_changed(shops: Shops) -> None:
    change_settings(settings(), shops, NOON)
    shops.put_notice(SHOP_ID, "native_link", "about it")
    with pytest.raises(RejectedError, match=f"shop {SHOP_ID} has no notice 'nativ_link' to lift"):
        change_settings(settings(name="Renamed", lift=["native_link", "nativ_link"]), shops, NOON)

    assert shops.notice(SHOP_ID, "native_link")
    assert shops.settings(SHOP_ID).name != "Renamed"


@pytest.mark.parametrize("lift", ["native_link", [1], None, {"native_link": True}])
def test_what_is_no_list_of_names_is_refused(shops: Shops, lift: object) -> None:
    with pytest.raises(RejectedError, match="lift: must be a list of notices' names"):
        change_settings(settings(lift=lift), shops, NOON)


def test_a_starting_moment_that_is_given_counts(shops: Shops) -> None:
    change_settings(settings(starts_at="2026-05-01T00:00:00Z"), shops, NOON)

    assert shops.settings(SHOP_ID).starts_at < NOON - timedelta(days=30)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"region": "MARS-SECRET"}, "region: Input should be 'US' or 'GB'"),
        ({"time_zone": "Mars/SECRET"}, "time_zone: Value error, this time zone is not known"),
        ({"tiktok_cipher": ""}, "tiktok_cipher: String should have at least 1 character"),
        ({"oms": {"adapter": "rest", "url": "http://SECRET.example.com"}}, "oms: Value error, url must be an https"),
        ({"SECRET": 1, "extra_hold_minutes": -5}, "extra_hold_minutes: Input should be greater than or equal to 0"),
        ({"starts_at": "SECRET"}, "starts_at: "),
        ({"shipping_mappings": [{"carrier": "x", "code": "SECRET"}]}, "shipping_mappings.0.code: not an accepted"),
        ({"shop": "SECRET-shop"}, "shop: String should match pattern"),
        ({"shop": None}, "the event names no shop"),
        ({"shop": ""}, "the event names no shop"),
    ],
)
def test_bad_settings_are_named_without_their_values_and_nothing_is_saved(
    shops: Shops, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(RejectedError) as refused:
        change_settings(settings(**changes), shops, NOON)

    assert named in str(refused.value)
    if "shop" not in changes and "SECRET" not in changes:
        assert "SECRET" not in str(refused.value)
    assert shops.active() == []


# Changing some settings


def saved(shops: Shops, **changes: Any) -> None:
    change_settings(settings(**changes), shops, NOON)


def change(shops: Shops, at: datetime = NOON, /, **changes: Any) -> Report:
    return change_settings({"shop": SHOP_ID, "change": changes}, shops, at)


def test_only_what_is_named_is_changed(shops: Shops) -> None:
    saved(shops)
    before = shops.settings(SHOP_ID)
    changes: dict[str, Any] = {"channeladvisor.profile_id": 7, "oms": {"adapter": "none"}, "extra_hold_minutes": 5}
    report = change(shops, **changes)
    after = shops.settings(SHOP_ID)

    assert (after.channeladvisor.profile_id, after.oms.adapter, after.extra_hold_minutes) == (7, "none", 5)
    assert after.channeladvisor.account == before.channeladvisor.account
    assert after.starts_at == NOON
    assert report.counts == {"settings_changed": 3}


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("channeladvisor.profile_id", "SECRET", "channeladvisor.profile_id: Input should be a valid integer"),
        ("channeladvisor.nonsense", "SECRET", "channeladvisor.nonsense: Extra inputs are not permitted"),
        ("name.first", "SECRET", "name.first: there is no such setting"),
        ("nonsense.name", "SECRET", "nonsense.name: there is no such setting"),
        ("", "SECRET", ": Extra inputs are not permitted"),
        ("shop", "SECRET", "shop: cannot be changed"),
        ("listings", "SECRET", "listings: no setting; load_listings loads them"),
        ("starts_at", "SECRET", "starts_at: "),
    ],
)
def test_a_bad_name_or_value_is_refused_by_its_name_and_nothing_is_changed(
    shops: Shops, name: str, value: object, named: str
) -> None:
    saved(shops)
    before = shops.settings(SHOP_ID)
    with pytest.raises(RejectedError) as refused:
        change_settings({"shop": SHOP_ID, "change": {"name": "Renamed", name: value}}, shops, NOON)

    assert named in str(refused.value)
    assert "SECRET" not in str(refused.value)
    assert shops.settings(SHOP_ID) == before


@pytest.mark.parametrize("event", [{"change": {}}, {"change": ["name"]}, {"change": {"name": "x"}, "region": "GB"}])
def test_a_change_that_names_nothing_or_mixes_both_forms_is_refused(shops: Shops, event: dict[str, Any]) -> None:
    saved(shops)
    with pytest.raises(RejectedError, match="change"):
        change_settings({"shop": SHOP_ID} | event, shops, NOON)

    assert shops.settings(SHOP_ID).name == a_shop().name


def test_a_shop_that_is_not_connected_has_nothing_to_change(shops: Shops) -> None:
    with pytest.raises(RejectedError, match=f"shop {SHOP_ID} has no settings: connect it first"):
        change(shops, name="Renamed")


def test_a_shop_starts_when_it_is_first_switched_on_and_keeps_that_moment(shops: Shops) -> None:
    """With a new starting moment, orders of the time in between would be watched and never shipped."""
    saved(shops, active=False)
    assert shops.settings(SHOP_ID).starts_at == NOT_STARTED
    change(shops, NOON + timedelta(days=1), name="Renamed")
    assert shops.settings(SHOP_ID).starts_at == NOT_STARTED
    change(shops, NOON + timedelta(days=2, microseconds=5), active=True)
    change(shops, NOON + timedelta(days=3), active=False)
    change(shops, NOON + timedelta(days=4), active=True)

    assert shops.settings(SHOP_ID).starts_at == NOON + timedelta(days=2)
    assert shops.active() == [SHOP_ID]


def test_a_starting_moment_that_was_given_before_the_shop_is_switched_on_stays(shops: Shops) -> None:
    saved(shops, active=False, starts_at="2026-05-01T00:00:00Z")
    change(shops, active=True)

    assert shops.settings(SHOP_ID).starts_at == datetime(2026, 5, 1, tzinfo=UTC)


def test_notices_are_lifted_without_the_settings(shops: Shops) -> None:
    saved(shops)
    for name in ("native_link", "parcel oms-1"):
        shops.put_notice(SHOP_ID, name, f"about {name}")
    report = change_settings({"shop": SHOP_ID, "lift": ["native_link"]}, shops, NOON)

    assert report.counts == {"notices_lifted": 1, "open_notices": 1}
    assert set(shops.notices(SHOP_ID)) == {"parcel oms-1"}
    assert shops.settings(SHOP_ID).name == a_shop().name


# Replaying


def test_replaying_an_order_that_is_not_known_is_refused(world: World, shop: Connected) -> None:
    with pytest.raises(RejectedError, match=f"order 42 of shop {shop.id} is not known"):
        world.replay(shop, OrderId("42"))


def test_an_entry_that_did_not_fail_is_not_replayed(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    with pytest.raises(RejectedError, match="has no failed outbox entry 'OMS#CREATE_ORDER#order#1'"):
        world.replay(shop, order, "OMS#CREATE_ORDER#order#1")

    assert world.replay(shop, order).counts["entries_replayed"] == 0


def test_only_the_named_entry_is_replayed(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order, carrier="Nobody")
    world.cycle(2)
    record = world.record(shop, order)
    entry = next(e for e in record.outbox if (e.target, e.action) == (Target.TIKTOK_SHOP, Action.SHIP))
    world.reconnect(shop, shipping_mappings=[{"carrier": "Nobody", "code": "usps"}])

    assert world.replay(shop, order, entry.name).counts["entries_replayed"] == 1
    world.run("push_tiktok", shop)
    assert len(parcels_at_tiktok(world, order)) == 1
    again = world.record(shop, order)
    assert [e.action for e in again.outbox if e.state == "FAILED"] == [Action.SHIP]


# Comparing


def test_an_order_that_no_poll_brought_in_is_repaired_and_counted(world: World, shop: Connected) -> None:
    missed = world.order(shop, hold=False)
    world.time += timedelta(hours=2)
    seen = world.order(shop, hold=False)
    world.run("poll_tiktok", shop)
    for key in [key for key in world.table.items if missed in key.pk]:
        world.table.delete(key)
    world.time += timedelta(minutes=30)
    world.run("poll_tiktok", shop)
    assert world.ledger.load(shop.id, missed) is None

    world.run("reconcile", shop)
    assert world.record(shop, missed).order.handling is Handling.OURS
    assert world.problems() == [f"orders_repaired: order {missed} was AWAITING_SHIPMENT"]
    world.cycle()
    assert len(world.created(missed)) == 1
    assert world.ledger.load(shop.id, seen) is not None


def test_an_update_that_no_poll_brought_in_is_repaired_and_counted(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_seller(order)
    world.time += timedelta(hours=2)
    for feed in (ORDERS_FEED, CANCELLATIONS_FEED):
        cursor = world.shops.cursor(shop.id, feed)
        world.shops.move_cursor(shop.id, feed, cursor, str(int(world.time.timestamp())))
    world.run("poll_tiktok", shop)
    assert world.record(shop, order).order.state is OrderState.ACKNOWLEDGED_BY_SELLER

    world.run("reconcile", shop)
    assert world.record(shop, order).order.state is OrderState.CANCELED
    assert world.counted("orders_repaired") == 1
    world.cycle(2)
    assert world.oms.books.order(order).state == "cancelled"


def test_a_comparison_that_finds_nothing_writes_the_carriers_and_its_summary_alone(
    world: World, shop: Connected
) -> None:
    for _ in range(5):
        world.order(shop)
    world.until_released()
    world.cycle(2)
    units = world.table.write_units
    report = world.run("reconcile", shop)

    assert world.table.write_units == units + 2
    assert report.counts["orders_read"] == 10
    assert report.problems == []


def test_a_comparison_without_time_says_so(world: World, shop: Connected) -> None:
    for _ in range(150):
        world.time += timedelta(seconds=1)
        world.order(shop, hold=False)
    world.time += timedelta(minutes=20)
    world.has_time = lambda: False

    assert world.run("reconcile", shop).counts["reconciliations_cut_short"] == 1


def test_an_outage_of_tiktok_postpones_its_comparison_and_no_other(world: World, shop: Connected) -> None:
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    report = world.run("reconcile", shop)

    assert report.counts["feeds_not_read_again"] == report.counts["comparisons_postponed"] == 1
    assert report.answer["sides"]["tiktok_shop"]["trouble"]
    ended = {side for side, each in report.answer["sides"].items() if each["compared_at"]}
    assert ended == {"channeladvisor", "oms"}


def test_a_hold_that_is_looked_at_by_chance_is_no_repair(world: World, shop: Connected) -> None:
    world.order(shop, hold=False)
    world.order(shop, paid=False)
    world.run("poll_tiktok", shop)
    world.timers.waiting.clear()
    world.advance(timedelta(hours=2))
    world.order(shop)
    world.run("poll_tiktok", shop)
    world.run("reconcile", shop)
    assert world.counted("event_released") == 1
    assert world.counted("orders_repaired") == 0
