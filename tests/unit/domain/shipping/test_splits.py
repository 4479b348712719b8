"""Units that TikTok Shop wants to go together: other units of the same SKUs may take their place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import batched, combinations
from random import Random

import pytest

from order_sync.domain.cancelling.cancellations import SellerCancellation, SellerCancelState, SellerReason
from order_sync.domain.facts import LineFacts
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Line, LineState, Order, Source
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.splits import groups_of, lines_that_fit
from tests.builders import NOON, released, some_facts
from tests.unit.domain.shipping.scenes import (
    the_parcel,
    waiting,
)

TEE, CAP = "TEE-BLU-M", "CAP-RED"


def a_line(name: str, sku: str = TEE, state: LineState = LineState.OPEN) -> Line:
    return Line(id=LineId(name), sku=sku, state=state)


def an_order(*lines: Line) -> Order:
    return replace(released().order, lines=lines)


def a_parcel(*lines: str) -> Parcel:
    return replace(the_parcel(waiting()), line_ids=tuple(map(LineId, lines)))


def groups(*names: str) -> tuple[frozenset[LineId], ...]:
    return tuple(frozenset(map(LineId, name.split())) for name in names)


def fitting(order: Order, parcel: Parcel, *names: str) -> set[str]:
    return set(lines_that_fit(OrderRecord(order=order), parcel, groups(*names)))


def tees(*states: LineState) -> Order:
    return an_order(*(a_line(str(number), state=state) for number, state in enumerate(states, 1)))


HERE, OPEN, GONE = LineState.IN_PARCEL, LineState.OPEN, LineState.SHIPPED


# --- which units


def test_units_that_make_up_a_whole_group_stay() -> None:
    assert fitting(tees(HERE, HERE, OPEN), a_parcel("1", "2"), "1 2", "3") == {"1", "2"}


def test_open_units_of_the_same_sku_take_the_place_of_those_that_cannot_go_alone() -> None:
    assert fitting(tees(HERE, OPEN, OPEN), a_parcel("1"), "1 2", "3") == {"3"}


def test_as_few_units_as_possible_are_exchanged() -> None:
    order = tees(HERE, HERE, OPEN, OPEN, OPEN)
    assert fitting(order, a_parcel("1", "2"), "3 4", "1", "2 5") == {"2", "5"}
    assert fitting(order, a_parcel("1", "2"), "3", "1", "2 4 5") == {"1", "3"}
    assert fitting(order, a_parcel("1", "2"), "3 4", "1", "2", "5") == {"1", "2"}


def test_several_groups_make_up_one_parcel() -> None:
    order = tees(HERE, HERE, HERE, OPEN, OPEN)
    assert fitting(order, a_parcel("1", "2", "3"), "1 4", "2 5", "3") == {"1", "3", "4"}


def test_units_of_another_sku_are_no_substitute() -> None:
    order = an_order(a_line("1", state=HERE), a_line("2"), a_line("3", CAP))
    assert fitting(order, a_parcel("1"), "1 2", "3") == set()


def test_a_group_of_several_skus_fits_a_parcel_of_the_same() -> None:
    order = an_order(a_line("1", TEE, HERE), a_line("2", CAP, HERE), a_line("3", TEE), a_line("4", CAP))
    assert fitting(order, a_parcel("1", "2"), "1 4", "2 3") == {"1", "4"}
    assert fitting(order, a_parcel("1", "2"), "1", "2 3 4") == set()


def test_a_group_that_holds_more_than_the_parcel_does_not_fit() -> None:
    assert fitting(tees(HERE, OPEN, OPEN), a_parcel("1"), "1 2 3") == set()


def test_a_number_of_units_that_no_groups_add_up_to_does_not_fit() -> None:
    assert fitting(tees(HERE, HERE, HERE, OPEN), a_parcel("1", "2", "3"), "1 2", "3 4") == set()


@pytest.mark.parametrize("state", [LineState.IN_PARCEL, LineState.SHIPPED, LineState.CANCELED])
def test_a_group_with_a_unit_that_is_not_free_is_left_alone(state: LineState) -> None:
    assert fitting(tees(HERE, OPEN, state), a_parcel("1"), "1 2", "3") == set()
    assert fitting(tees(HERE, HERE, OPEN, state), a_parcel("1", "2"), "1", "2 4", "3") == {"1", "3"}


def test_where_tiktok_did_not_split_nothing_fits() -> None:
    assert fitting(tees(HERE, OPEN), a_parcel("1")) == set()


def test_a_group_with_a_unit_that_we_do_not_know_is_left_alone() -> None:
    assert fitting(tees(HERE, OPEN), a_parcel("1"), "1 99", "2") == {"2"}


def test_the_units_stand_in_the_order_s_own_sequence() -> None:
    assert lines_that_fit(OrderRecord(order=tees(OPEN, HERE, HERE)), a_parcel("3", "2"), groups("3 1")) == ("1", "3")


def all_answers(order: Order, parcel: Parcel, wanted: Iterable[frozenset[LineId]]) -> list[frozenset[LineId]]:
    """Every union of free groups with the parcel's content, found the slow way."""
    skus = {line.id: line.sku for line in order.lines}
    may_go = {line.id for line in order.open_lines} | set(parcel.line_ids)
    content = Counter(skus[line] for line in parcel.line_ids)
    free = [group for group in wanted if group <= may_go]
    unions = [frozenset().union(*some) for size in range(1, len(free) + 1) for some in combinations(free, size)]
    return [union for union in unions if Counter(skus[line] for line in union) == content]


@pytest.mark.parametrize("seed", range(300))
def test_whatever_fits_is_found_and_nothing_else(seed: int) -> None:
    dice = Random(seed)
    states = [dice.choice([HERE, HERE, OPEN, OPEN, GONE]) for _ in range(dice.randint(2, 9))]
    order = an_order(*(a_line(str(n), dice.choice([TEE, TEE, CAP]), state) for n, state in enumerate(states, 1)))
    here = [line.id for line in order.lines if line.state is HERE]
    parcel = a_parcel(*dice.sample(here, dice.randint(1, len(here)))) if here else a_parcel()
    shuffled = dice.sample([line.id for line in order.lines], len(order.lines))
    some = [frozenset(part) for part in batched(shuffled, dice.randint(1, 3), strict=False)]
    found, right = frozenset(lines_that_fit(OrderRecord(order=order), parcel, some)), all_answers(order, parcel, some)
    assert found in right if right else not found


def test_many_packages_of_which_none_fit_are_seen_through_at_once() -> None:
    order = an_order(*(a_line(str(number), state=HERE if number < 40 else OPEN) for number in range(80)))
    pairs = groups(*(f"{number} {number + 1}" for number in range(0, 80, 2)))
    assert lines_that_fit(OrderRecord(order=order), a_parcel(*(str(number) for number in range(39))), pairs) == ()


def test_many_packages_of_unlike_units_of_which_none_fit_are_seen_through_at_once() -> None:
    """The parcel holds one of each SKU, and the package of the last one holds another unit as well."""
    skus = [f"SKU-{number}" for number in range(40)]
    here = [a_line(str(number), sku, HERE) for number, sku in enumerate(skus)]
    order = an_order(*here, a_line("40", "ELSE", GONE))
    alone = [str(number) for number in range(39)]
    packages = groups(*alone, "39 40")
    assert lines_that_fit(OrderRecord(order=order), a_parcel(*alone, "39"), packages) == ()


def test_a_unit_that_somebody_wants_to_cancel_is_not_exchanged_for_another() -> None:
    """It may not exist: the seller is out of it."""
    order = tees(HERE, OPEN, OPEN)
    wish = SellerCancellation(
        id="W1",
        source=Source.OMS,
        reason=SellerReason.OUT_OF_STOCK,
        requested_at=NOON,
        line_ids=(LineId("2"),),
        state=SellerCancelState.OPEN,
    )
    record = OrderRecord(order=order, seller_cancellations=(wish,))
    assert lines_that_fit(record, a_parcel("1"), groups("1 3", "2")) == ()
    done = OrderRecord(order=order, seller_cancellations=(replace(wish, state=SellerCancelState.REFUSED),))
    assert lines_that_fit(done, a_parcel("1"), groups("1 3", "2")) == ("2",)


# --- what TikTok Shop shows


def test_the_groups_are_the_packages_that_did_not_leave_yet() -> None:
    def line(name: str, package: str, *, shipped: bool = False, canceled: bool = False) -> LineFacts:
        return LineFacts(id=LineId(name), sku=TEE, package_id=package, shipped=shipped, canceled=canceled)

    facts = some_facts(
        lines=(line("1", "P1"), line("2", "P2"), line("3", "P1"), line("4", "P3", shipped=True), line("5", ""))
    )
    assert set(groups_of(facts)) == set(groups("1 3", "2"))
    facts = some_facts(lines=(line("1", "P1", canceled=True), line("2", "P1")))
    assert groups_of(facts) == groups("2")


def test_an_order_that_tiktok_did_not_split_has_no_groups() -> None:
    assert groups_of(some_facts()) == ()
