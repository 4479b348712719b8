"""Plays a history: every step is decided by the product, and the counters move as its changes say."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from order_sync.domain.cancelling.cancellations import CancellationFacts, CancellationStatus, Initiator
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.deadlines.looks import decide_look
from order_sync.domain.deadlines.tallies import Tally
from order_sync.domain.ids import CancelId, OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from tests.builders import TIMING, applied
from tests.unit.domain.deadlines.order_lives import Choice, History, Life, Step, line_ids, shown
from tests.unit.domain.deadlines.orders_and_moments import a_shop_by

LEAD = timedelta(minutes=18)
INITIATORS = {"BUYER": Initiator.BUYER, "SELLER": Initiator.SELLER, "SYSTEM": Initiator.PLATFORM}


@cache
def a_shop_that_chose(choice: Choice, region: str) -> ShopSettings:
    """A shop with these settings."""
    extra = [{"first_order_date": "2020-01-01", "days": choice.extra_days}] if choice.extra_days else []
    return a_shop_by(choice.profile, region, handling=choice.handling, extra_handling=extra)


def cancellation_of(life: Life) -> CancellationFacts:
    """An order's cancellation as TikTok Shop shows it by itself."""
    assert life.canceled_at is not None
    return CancellationFacts(
        id=CancelId(f"C{life.number}"),
        order=OrderId(f"{life.number}"),
        initiator=INITIATORS[life.canceled_by],
        is_request=False,
        status=CancellationStatus.GRANTED,
        reason="ecom_order_to_ship_canceled_reason_no_longer_needed",
        line_ids=line_ids(life),
        requested_at=life.canceled_at,
        updated_at=life.canceled_at,
        respond_by=None,
    )


def decided(record: OrderRecord | None, life: Life, step: Step, shop: ShopSettings) -> Change | None:
    """What the product decides in one step of a history."""
    if step.shows is not None:
        return decide_sighting(record, shown(life, step.shows), shop, TIMING, step.at)
    if record is None:
        return None
    if step.kind == "cancellation":
        return decide_cancellation_sighting(record, cancellation_of(life), shop, TIMING, step.at)
    return decide_look(record, shop, step.at, LEAD)[0]


def played(history: History) -> tuple[Counter[tuple[date, str]], dict[int, OrderRecord]]:
    """The counters as the moves of all changes make them, never below zero, and the records in the end."""
    lives = {life.number: life for life in history.lives}
    records: dict[int, OrderRecord] = {}
    counters = Counter[tuple[date, str]]()
    for step in history.steps:
        shop = a_shop_that_chose(history.choice_at(step.at), history.region)
        change = decided(records.get(step.number), lives[step.number], step, shop)
        if change is None:
            continue
        records[step.number] = applied(records.get(step.number), change)
        for day, tally in change.moves.items():
            for name, number in tally.items():
                counters[day, name] += number
                assert counters[day, name] >= 0, f"{name} of {day} fell to {counters[day, name]}"
    return counters, records


def by_day(counters: Mapping[tuple[date, str], int]) -> dict[date, Tally]:
    """Counters as the ledger keeps them: one item for each day."""
    days: dict[date, dict[str, int]] = {}
    for (day, name), number in counters.items():
        if number:
            days.setdefault(day, {})[name] = number
    return dict(days)
