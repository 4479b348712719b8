"""What a refund is made of, unit by unit: exact, and always adding up to what TikTok Shop refunded."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId, ReturnId, ShopId
from order_sync.domain.money import Money, add_up
from order_sync.domain.orders import Line, LineState
from order_sync.domain.outbox import Action, Target, tell
from order_sync.domain.returning.refunds import Parts, parts_of, refund_by_line, refunded, refunded_lines
from order_sync.domain.returning.returns import Refund, Return, ReturnLine
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from order_sync.domain.returning.told import note_for_people, refund_in_channeladvisor, return_of, seller_refund_of
from tests.builders import LINE_1, LINE_2, NOON
from tests.unit.domain.returning.scenes import (
    COMPLETE,
    RETURN_ID,
    SUCCESS,
    TO_SHIP,
    a_refund,
    answered,
    refund_reported,
    shipped,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

CENT = Decimal("0.01")
ZERO = Decimal(0)
CENTS = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)
# As TikTok may write them: 10, 18.9 and 18.90 are all amounts.
WRITTEN = CENTS.flatmap(lambda each: st.sampled_from([each.quantize(CENT), each.normalize(), Decimal(f"{each:f}")]))


def parts(goods: str, shipping: str = "0", tax: str = "0", fees: str = "0") -> Parts:
    return Parts(Decimal(goods), Decimal(shipping), Decimal(tax), Decimal(fees))


def refund(total: str | Decimal, **changes: Any) -> Refund:
    values: dict[str, Any] = {"currency": "USD", "total": Decimal(total), "goods": Decimal(total)}
    return Refund(**(values | {name: Decimal(figure) for name, figure in changes.items()}))


def returned(whole: Refund | None, *lines: Refund | None) -> Return:
    units = tuple(ReturnLine(id=LineId(str(place)), refund=each) for place, each in enumerate(lines))
    return replace(the_return(wanted_back(status=COMPLETE)), refund=whole, lines=units)


def total_of(by_line: dict[LineId, Parts]) -> Decimal:
    return sum((each.total for each in by_line.values()), ZERO)


def test_the_parts_of_a_refund_are_its_goods_its_shipping_its_tax_and_its_fees() -> None:
    whole = refund("24.84", goods="17.50", shipping="4.99", tax="1.85", other="0.50")
    assert parts_of(whole) == parts("17.50", "4.99", "1.85", "0.50")
    assert parts_of(whole).total == Decimal("24.84")


def test_what_tiktok_shows_for_the_goods_does_not_count_against_its_total() -> None:
    whole = refund("10.00", goods="99.00", shipping="1.00", tax="0.50", other="0.25")
    assert parts_of(whole) == parts("8.25", "1.00", "0.50", "0.25")


def test_each_unit_has_the_parts_that_tiktok_gives_it() -> None:
    first, second = refund("18.90", tax="1.40"), refund("7.25", shipping="1.00", tax="0.25")
    by_line = refund_by_line(returned(refund("26.15", shipping="1.00", tax="1.65"), first, second))
    assert by_line == {"0": parts("17.50", "0", "1.40"), "1": parts("6.00", "1.00", "0.25")}


def test_what_the_whole_has_beyond_its_units_is_with_the_first_unit() -> None:
    units = (refund("18.90", tax="1.40"), refund("18.90", tax="1.40"))
    by_line = refund_by_line(returned(refund("43.14", shipping="4.99", tax="3.15"), *units))
    assert by_line == {"0": parts("17.50", "4.99", "1.75"), "1": parts("17.50", "0", "1.40")}
    assert total_of(by_line) == Decimal("43.14")


def test_fees_of_the_whole_are_with_the_first_unit_as_fees() -> None:
    units = (refund("18.90", tax="1.40"), refund("18.90", tax="1.40"))
    by_line = refund_by_line(returned(refund("38.30", tax="2.80", other="0.50"), *units))
    assert by_line == {"0": parts("17.50", "0", "1.40", "0.50"), "1": parts("17.50", "0", "1.40")}


def test_a_whole_that_is_less_than_its_units_is_what_was_refunded() -> None:
    by_line = refund_by_line(returned(refund("30.00"), refund("18.90"), refund("18.90")))
    assert by_line == {"0": parts("11.10"), "1": parts("18.90")}


def test_units_alone_are_enough() -> None:
    assert refund_by_line(returned(None, refund("5.00"), refund("6.00"))) == {"0": parts("5.00"), "1": parts("6.00")}


@pytest.mark.parametrize(
    ("total", "units", "expected"),
    [
        ("10.00", 1, ["10.00"]),
        ("10.00", 3, ["3.34", "3.33", "3.33"]),
        ("0.02", 3, ["0.01", "0.01", "0.00"]),
        ("18.90", 2, ["9.45", "9.45"]),
        ("0.00", 2, ["0.00", "0.00"]),
        ("10", 3, ["3.34", "3.33", "3.33"]),
        ("18.9", 2, ["9.45", "9.45"]),
        ("1.001", 2, ["0.501", "0.500"]),
    ],
)
def test_a_whole_without_parts_is_for_all_units_alike_to_the_cent(total: str, units: int, expected: list[str]) -> None:
    by_line = refund_by_line(returned(refund(total), *[None] * units))
    assert [each.goods for each in by_line.values()] == [Decimal(each) for each in expected]
    assert total_of(by_line) == Decimal(total)


def test_each_part_of_a_whole_is_spread_by_itself() -> None:
    by_line = refund_by_line(returned(refund("20.00", shipping="5.00", tax="1.01"), None, None, None))
    assert list(by_line.values()) == [
        parts("4.67", "1.67", "0.34"),
        parts("4.66", "1.67", "0.34"),
        parts("4.66", "1.66", "0.33"),
    ]


@given(figures=st.lists(CENTS, min_size=4, max_size=4), units=st.integers(1, 40))
def test_every_cent_of_a_whole_is_with_a_unit(figures: list[Decimal], units: int) -> None:
    goods, shipping, tax, fees = (each.quantize(CENT) for each in figures)
    whole = refund(goods + shipping + tax + fees, goods=goods, shipping=shipping, tax=tax, other=fees)
    by_line = refund_by_line(returned(whole, *[None] * units))
    assert [sum(column, ZERO) for column in zip(*by_line.values(), strict=True)] == [
        goods,
        shipping,
        tax,
        fees,
    ]
    for column in zip(*by_line.values(), strict=True):
        assert max(column) - min(column) <= CENT


@given(total=WRITTEN, shipping=WRITTEN, tax=WRITTEN, units=st.integers(1, 9))
@example(total=Decimal("1.00"), shipping=Decimal("2.00"), tax=ZERO, units=3)
def test_a_whole_that_does_not_add_up_or_is_written_short_is_spread_to_the_cent_as_well(
    total: Decimal, shipping: Decimal, tax: Decimal, units: int
) -> None:
    by_line = refund_by_line(returned(refund(total, shipping=shipping, tax=tax), *[None] * units))
    assert total_of(by_line) == total
    for column in zip(*by_line.values(), strict=True):
        assert max(column) - min(column) <= CENT


@given(whole=WRITTEN, units=st.lists(st.tuples(WRITTEN, WRITTEN, WRITTEN), min_size=1, max_size=6))
def test_parts_that_are_given_add_up_to_the_whole_whatever_they_are(
    whole: Decimal, units: list[tuple[Decimal, Decimal, Decimal]]
) -> None:
    lines = [refund(total, shipping=shipping, tax=tax) for total, shipping, tax in units]
    by_line = refund_by_line(returned(refund(whole), *lines))
    assert total_of(by_line) == whole
    assert list(by_line.values())[1:] == [parts_of(line) for line in lines[1:]]


def test_nothing_is_spread_while_tiktok_gives_no_amounts() -> None:
    assert refund_by_line(returned(None, None, None)) == {}


def test_the_money_of_a_return_is_that_of_the_whole_or_the_sum_of_its_units() -> None:
    assert returned(refund("5.00"), refund("1.00")).money == Money(amount=Decimal("5.00"), currency="USD")
    assert returned(None, refund("1.10"), refund("2.20")).money == Money(amount=Decimal("3.30"), currency="USD")
    assert returned(None, refund("1.10"), None).money == Money(amount=Decimal("1.10"), currency="USD")
    assert returned(None, None).money is None


def test_money_of_two_currencies_is_never_added() -> None:
    with pytest.raises(RejectedError, match=r"1\.00 USD and 2\.00 GBP are not in one currency"):
        add_up([Money(amount=Decimal("1.00"), currency="USD"), Money(amount=Decimal("2.00"), currency="GBP")])
    assert add_up([]) is None


@given(st.lists(WRITTEN, min_size=1, max_size=20))
def test_money_adds_up_exactly(amounts: list[Decimal]) -> None:
    total = add_up(Money(amount=each, currency="USD") for each in amounts)
    assert total == Money(amount=sum(amounts, ZERO), currency="USD")


def test_what_was_refunded_in_all_counts_refunded_returns_alone() -> None:
    record = wanted_back(status=COMPLETE)
    record = wanted_back(record, SUCCESS, id=ReturnId("2"), lines=the_lines(LINE_2))
    assert refunded(record) == Money(amount=Decimal("18.90"), currency="USD")
    assert refunded(wanted_back(status=SUCCESS)) is None
    assert refunded_lines(record) == {LINE_1, LINE_2}
    assert refunded_lines(wanted_back(status=TO_SHIP)) == frozenset()


# --- as ChannelAdvisor's books are to hold it


def test_channeladvisor_s_books_hold_a_refund_by_sku_with_its_parts() -> None:
    record = shipped()
    mug = Line(id=LineId("9"), sku="MUG-RED", state=LineState.SHIPPED)
    record = replace(record, order=replace(record.order, lines=(*record.order.lines, mug)))
    lines = (*the_lines(LINE_1, LINE_2), ReturnLine(id=mug.id, refund=refund("12.50", tax="1.00")))
    whole = refund("55.29", shipping="4.99", tax="3.80")
    record = wanted_back(record, SUCCESS, lines=lines, refund=whole)
    told = refund_in_channeladvisor(the_return(record), record)
    assert (told.return_id, told.total) == (RETURN_ID, Decimal("55.29"))
    assert [(each.sku, each.units, each.goods, each.shipping, each.tax) for each in told.units] == [
        ("TEE-BLU-M", 2, Decimal("35.00"), Decimal("4.99"), Decimal("2.80")),
        ("MUG-RED", 1, Decimal("11.50"), ZERO, Decimal("1.00")),
    ]
    assert [each.total for each in told.units] == [Decimal("42.79"), Decimal("12.50")]


def test_fees_that_no_item_bears_stay_out_of_the_books_and_stand_in_the_note() -> None:
    whole = refund("19.40", tax="1.40", other="0.50")
    record = wanted_back(status=COMPLETE, lines=(ReturnLine(id=LINE_1, refund=whole),), refund=whole)
    (unit,) = refund_in_channeladvisor(the_return(record), record).units
    assert (unit.goods, unit.shipping, unit.tax, unit.total) == (
        Decimal("17.50"),
        ZERO,
        Decimal("1.40"),
        Decimal("18.90"),
    )
    assert note_for_people(the_return(record), record) == (
        "Refunded (return and refund), 1 of TEE-BLU-M, refund 19.40 USD with 0.50 of fees that no item bears"
    )


@pytest.mark.parametrize("kind", ReturnKind)
def test_the_books_hold_whether_goods_came_back(kind: ReturnKind) -> None:
    record = wanted_back(status=COMPLETE, kind=kind)
    assert refund_in_channeladvisor(the_return(record), record).reason_is_return is (kind is not ReturnKind.REFUND)


def test_the_books_get_nothing_without_amounts() -> None:
    record = wanted_back(status=COMPLETE, lines=(ReturnLine(id=LINE_1),), refund=None)
    with pytest.raises(RejectedError, match=f"TikTok Shop shows no amounts for return {RETURN_ID}"):
        refund_in_channeladvisor(the_return(record), record)


# --- in words for people


def test_a_note_says_how_a_return_stands_and_what_it_waits_for() -> None:
    record = wanted_back(lines=the_lines(LINE_1, LINE_2))
    assert note_for_people(the_return(record), record) == (
        "Request Pending (return and refund), 2 of TEE-BLU-M, refund 37.80 USD, "
        "waits for an answer (return) until 2026-06-08 11:15 UTC"
    )


def test_a_note_of_what_is_answered_or_on_its_way_asks_nobody() -> None:
    record = answered(wanted_back())
    assert note_for_people(the_return(record), record) == (
        "Request Pending (return and refund), 1 of TEE-BLU-M, refund 18.90 USD"
    )
    record = wanted_back(record, TO_SHIP, tracking_number="T1", has_label=True)
    assert note_for_people(the_return(record), record) == (
        "Return Label Generated (return and refund), 1 of TEE-BLU-M, refund 18.90 USD, comes back as T1"
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ReturnKind.REFUND, "refund only"),
        (ReturnKind.RETURN_AND_REFUND, "return and refund"),
        (ReturnKind.REPLACEMENT, "replacement"),
        (ReturnKind.EXCHANGE, "exchange"),
        (ReturnKind.OTHER, "of an unknown kind"),
    ],
)
def test_a_note_names_the_kind(kind: ReturnKind, words: str) -> None:
    record = wanted_back(status=TO_SHIP, kind=kind, refund=None, lines=(ReturnLine(id=LINE_1),))
    assert note_for_people(the_return(record), record) == f"Waiting for Buyer to Ship ({words}), 1 of TEE-BLU-M"


def test_a_note_names_each_sku_once() -> None:
    record = shipped()
    lines = tuple(replace(line, sku=f"SKU-{2 - place}") for place, line in enumerate(record.order.lines))
    record = wanted_back(replace(record, order=replace(record.order, lines=lines)), lines=the_lines(LINE_1, LINE_2))
    assert "2 of SKU-1, SKU-2," in note_for_people(the_return(record), record)


def test_an_entry_is_about_a_return_or_a_refund_that_the_ledger_has() -> None:
    record = refund_reported(wanted_back(status=TO_SHIP), line_ids=(LINE_2,))
    shop, order = record.order.shop, record.order.id

    def entry(subject: str) -> Any:
        return tell(Target.OMS, Action.NOTE_RETURN, ShopId(shop), OrderId(order), now=NOON, subject=subject)

    assert return_of(entry(RETURN_ID), record) == the_return(record)
    assert seller_refund_of(entry("oms-31"), record) == the_wish(record)
    with pytest.raises(LookupError, match="has no return 7"):
        return_of(entry("7"), record)
    with pytest.raises(LookupError, match="has no seller's refund 7"):
        seller_refund_of(entry("7"), record)


@pytest.mark.parametrize("state", ReturnState)
def test_a_refund_counts_as_refunded_in_one_state_alone(state: ReturnState) -> None:
    record = wanted_back()
    record = replace(record, returns=(replace(record.returns[0], state=state),))
    assert (refunded(record) is not None) is (state is ReturnState.REFUNDED)
    granted = (ReturnState.REFUNDED, ReturnState.RECEIVED, ReturnState.REFUND_ACCEPTED)
    assert (refunded_lines(record) == {LINE_1}) is (state in granted)
    assert a_refund().money == record.returns[0].money
