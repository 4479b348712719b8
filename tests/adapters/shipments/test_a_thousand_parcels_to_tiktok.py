"""A thousand parcels through the whole product, a third of them bad in some way."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from local.tracking_numbers import ups
from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import EntryState
from order_sync.domain.regions import Region
from tests.adapters.jobs.test_figures import show
from tests.adapters.shipments.parcel_scenes import PACKAGES, SHIP, at_tiktok, check_told_once, last_entry
from tests.unit.domain.tracking import test_a_thousand_parcels as kinds
from tests.unit.domain.tracking.carrier_numbers import random_number_of
from tests.world import MUG, TEE, TWO_TEES, Connected, World

NUMBER_OF_PARCELS = 1_000
RESTRICTED = "US, which stops restricted carriers"
LINES = ((TEE,), (TWO_TEES,), (TEE, MUG))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A parcel of one shop, and a piece of the reason for which TikTok Shop must not hear of it; empty for a good one.

    `meanwhile` happens between the report and our word to TikTok Shop.
    """

    kind: str
    shop: str
    carrier: str
    number: str
    because: str = ""
    meanwhile: Callable[[World, OrderId], object] = lambda _world, _order: None


def of(kind: Callable[[Random], kinds.Case]) -> Callable[[Random], Case]:
    """A kind that the unit tests know: a carrier or a number that cannot be right, or nothing wrong."""

    def make(random: Random) -> Case:
        case = kind(random)
        name = kind.__name__.replace("_", " ")
        parcel = case.parcel
        return Case(
            kind=name,
            shop=str(case.region),
            carrier=parcel.carrier_code,
            number=parcel.tracking_number,
            because=case.because,
        )

    return make


def unknown_carrier(random: Random) -> Case:
    return Case(
        kind="unknown carrier",
        shop="US",
        carrier=random.choice(["House Courier", "Bike & Co", "Nobody's Post"]),
        number=ups(random.randrange(10**8)),
        because="is not accepted by TikTok Shop in US; nearest accepted code is",
    )


def restricted_carrier(random: Random) -> Case:
    number = random_number_of(random, Region.US, "usps")
    because = "carrier 'usps' is restricted from 2026-01-01 on"
    return Case(kind="restricted carrier", shop=RESTRICTED, carrier="usps", number=number, because=because)


def good_in_restricted_shop(random: Random) -> Case:
    code = random.choice([code for code in ACCEPTED_CARRIERS[Region.US] if code != "usps"])
    number = random_number_of(random, Region.US, code)
    return Case(kind="good", shop=RESTRICTED, carrier=code, number=number)


def shipped_by_hand(random: Random) -> Case:
    other = ups(10**8 + random.randrange(10**8))
    return Case(
        kind="lines shipped by hand meanwhile",
        shop="US",
        carrier="ups",
        number=ups(random.randrange(10**8)),
        because="its lines were shipped in another parcel",
        meanwhile=lambda world, order: world.tiktok.ship_in_seller_center(order, other, "UPS"),
    )


def cancelled(random: Random) -> Case:
    return Case(
        kind="order cancelled meanwhile",
        shop="US",
        carrier="ups",
        number=ups(random.randrange(10**8)),
        because="the order was cancelled",
        meanwhile=lambda world, order: world.tiktok.cancel_by_platform(order, "Fraud"),
    )


def partly_cancelled(random: Random) -> Case:
    """Its other lines go: TikTok Shop is told of those."""

    def cancel_first_line(world: World, order: OrderId) -> None:
        if len(lines := world.tiktok.line_ids(order)) > 1:
            world.tiktok.cancel_by_seller(order, lines=lines[:1])

    number = ups(random.randrange(10**8))
    return Case(kind="good", shop="US", carrier="ups", number=number, meanwhile=cancel_first_line)


BAD = (
    *(
        of(kind)
        for kind in kinds.BAD
        if kind
        not in (
            kinds.shipped_line,
            kinds.nothing_left,
            kinds.other_recipient,
            kinds.too_many_orders,
            kinds.restricted_carrier,
        )
    ),
    unknown_carrier,
    restricted_carrier,
    shipped_by_hand,
    cancelled,
)
GOOD = (of(kinds.good), of(kinds.good), of(kinds.good), good_in_restricted_shop, partly_cancelled)


def combined(world: World, shop: Connected, number: int, tracking: str) -> Iterator[tuple[OrderId, Case]]:
    """Orders of one recipient under one number; more than twenty are too many."""
    buyer = world.tiktok.new_buyer(shop.simulated)
    for place in range(number):
        because = "TikTok Shop takes 20" if place >= 20 else ""
        case = Case(
            kind="21st order" if because else "good", shop="US", carrier="ups", number=tracking, because=because
        )
        yield world.order(shop, buyer=buyer), case


def test_the_good_ones_arrive_and_tiktok_hears_nothing_of_the_bad_ones() -> None:
    random = Random(2026)
    world = World()
    shops = {
        "US": world.connect("US", shipping_mappings=[]),
        "GB": world.connect("GB", shipping_mappings=[]),
        RESTRICTED: world.connect("US", shipping_mappings=[], shipping={"restricted_carriers": "stop"}),
    }
    strangers_number, siblings_number = ups(3 * 10**8), ups(3 * 10**8 + 1)
    strangers = max(2, NUMBER_OF_PARCELS // 50)
    siblings = list(combined(world, shops["US"], 21, siblings_number))
    first = list(combined(world, shops["US"], 3, strangers_number))
    left = NUMBER_OF_PARCELS - len(siblings) - len(first) - strangers
    bad = NUMBER_OF_PARCELS // 3 - strangers - 1
    makers = [*(BAD[place % len(BAD)] for place in range(bad)), *(random.choice(GOOD) for _ in range(left - bad))]
    random.shuffle(makers)
    cases: dict[OrderId, Case] = dict(siblings) | dict(first)
    for case in (make(random) for make in makers):
        cases[world.order(shops[case.shop], *random.choice(LINES))] = case
    because = "on orders of other recipients too"
    other = Case(kind="another recipient's number", shop="US", carrier="ups", number=strangers_number, because=because)
    later = {world.order(shops["US"]): other for _ in range(strangers)}

    take_over(world)
    tell(world, cases)
    tell(world, later)
    cases |= later
    check(world, shops, cases)


def take_over(world: World) -> None:
    """The OMS gets the orders, late, since ChannelAdvisor is out of the way here."""
    for wait, jobs in ((65, ("poll_tiktok",)), (25, ("poll_tiktok",)), (0, ("push_oms",))):
        for job in jobs:
            for shop in world.connected:
                world.run(job, shop)
        world.sleep(timedelta(minutes=wait).total_seconds())
    world.timers.waiting.clear()


def tell(world: World, cases: dict[OrderId, Case]) -> None:
    """The warehouse ships, things happen, and TikTok Shop is told."""
    for order, case in cases.items():
        world.oms.ship(order, case.carrier, "Ground", case.number)
    for shop in world.connected:
        world.run("poll_oms", shop)
    for order, case in cases.items():
        case.meanwhile(world, order)
    for shop in world.connected:
        world.run("push_tiktok", shop)


def check(world: World, shops: dict[str, Connected], cases: dict[OrderId, Case]) -> None:
    """Every bad one was caught before, with its reason; every good one is there as it was told."""
    assert len(cases) == NUMBER_OF_PARCELS
    ours = {each.order_id: each for each in world.tiktok.books.shipments if each.by == "api"}
    assert {case.kind for order, case in cases.items() if (order in ours) == bool(case.because)} == set()
    for order, case in cases.items():
        shop = shops[case.shop]
        entry = last_entry(world, shop, order, SHIP)
        if case.because:
            assert case.because in entry.reason, (case, entry)
            assert entry.state in (EntryState.FAILED, EntryState.WITHDRAWN)
        else:
            told = ours[order]
            assert entry.state is EntryState.DONE
            assert (told.tracking_number, told.provider) == (
                case.number,
                ACCEPTED_CARRIERS[Region(shop.simulated.region.code)][case.carrier],
            )
            living = [line.id for line in world.record(shop, order).order.lines if line.state != "CANCELED"]
            assert at_tiktok(world, order) == [(case.number, tuple(living))]
    assert world.tiktok.books.refused_shipments == []
    assert sum(each.path.endswith(PACKAGES) for each in world.tiktok.books.requests) == len(ours)
    reporters = {each.source for order, case in cases.items() for each in world.record(shops[case.shop], order).parcels}
    assert reporters == {Source.OMS, Source.TIKTOK_SHOP}
    check_told_once(world)
    stopped = Counter(case.kind for case in cases.values() if case.because)
    assert stopped.total() == NUMBER_OF_PARCELS // 3
    show(
        f"of {len(cases)} parcels",
        {"arrived": len(ours), "stopped": stopped.total()} | {f"stopped: {kind}": n for kind, n in stopped.items()},
    )
