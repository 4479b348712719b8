"""After a random day the daily comparison finds nothing; after a loss that was planted it finds exactly that."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Handling
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from tests.simulation.random_day import RandomDay
from tests.world import Connected

SEEDS = (161, 176, 203)


@pytest.fixture(scope="module", params=SEEDS)
def day(request: pytest.FixtureRequest) -> RandomDay:
    """A day that is long over: nothing is young any more."""
    played = RandomDay(request.param, returns=request.param % 2 == 0).play()
    played.world.advance(timedelta(hours=2))
    return played


def differences(day: RandomDay) -> list[tuple[str, str, str]]:
    """What the comparison of every shop finds."""
    found = []
    for shop in day.shops:
        report = day.world.run("reconcile", shop)
        assert not [each for each in report.answer["sides"].values() if each["trouble"] or each["goes_on"]]
        found += [(each["side"], each["order"], each["kind"]) for each in report.answer["differences"]]
    return found


def open_orders(day: RandomDay, is_fit: Callable[[OrderRecord], bool]) -> list[tuple[Connected, OrderId]]:
    """Orders of the day that are ours and untouched, and that both partners have."""
    found = []
    for order in day.people.orders:
        record = day.world.ledger.load(order.shop.id, order.id)
        if record and record.order.handling is Handling.OURS and not record.seller_cancellations and is_fit(record):
            found.append((order.shop, order.id))
    return found


def _is_untouched(record: OrderRecord) -> bool:
    return (
        record.order.state in (OrderState.RELEASED_FOR_SHIPMENT, OrderState.ACKNOWLEDGED_BY_SELLER)
        and bool(record.order.channeladvisor_id)
        and record.order.open_lines == record.order.lines
        and not record.parcels
        and not record.order.cancel_requested
        and all(entry.has_ended for entry in record.outbox)
    )


def test_a_random_day_leaves_no_difference(day: RandomDay) -> None:
    assert differences(day) == []


def test_a_lost_order_is_found_and_nothing_else(day: RandomDay) -> None:
    world = day.world
    untouched = open_orders(day, _is_untouched)
    if not untouched:
        # Everything of this day was shipped or cancelled: one more buyer comes.
        shop = day.shops[0]
        order = world.order(shop)
        world.cycle(6)
        untouched = [(shop, order)]
        world.advance(timedelta(hours=1))
    shop, order = Random(day.seed).choice(untouched)
    [there] = world.created(order)
    world.channeladvisor.lose(there["ID"])

    assert differences(day) == [("channeladvisor", order, "missing_there")]
    world.cycle(3)
    assert len(world.created(order)) == 1
    world.advance(timedelta(hours=2))
    assert differences(day) == []
