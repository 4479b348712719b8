"""Every field of a return, and of a refund that the seller started, survives its way through the table."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.memory_table import item_size
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import (
    GivenAnswer,
    Question,
    Refund,
    Return,
    ReturnLine,
    SellerRefund,
    SellerRefundState,
)
from order_sync.domain.returning.stages import ReturnStage, stage_of
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from order_sync.ledger import keys
from order_sync.ledger import return_items as items
from order_sync.ledger.table import Item, Put, Table
from tests.adapters.ledger.test_items import AN_ORDER, IDS, LINE_IDS, MOMENTS, PERHAPS, TEXTS
from tests.builders import LINE_1, LINE_2, SHOP_ID
from tests.returned import HOUR, RETURNED_AT, a_refund, a_return

AMOUNTS = st.decimals(-(10**7), 10**7, places=2) | st.integers(0, 99).map(Decimal)
CURRENCIES = st.sampled_from(["USD", "GBP"])
REFUNDS = st.builds(
    Refund, currency=CURRENCIES, total=AMOUNTS, goods=AMOUNTS, shipping=AMOUNTS, tax=AMOUNTS, other=AMOUNTS
)
MONEY = st.builds(Money, amount=AMOUNTS, currency=CURRENCIES)
RETURN_IDS = IDS.map(ReturnId)
RETURN = st.builds(
    Return,
    id=RETURN_IDS,
    kind=st.sampled_from(ReturnKind),
    state=st.sampled_from(ReturnState),
    status_text=TEXTS,
    initiator=st.sampled_from(Initiator),
    reason=TEXTS,
    lines=st.lists(st.builds(ReturnLine, id=LINE_IDS, refund=st.none() | REFUNDS), max_size=4).map(tuple),
    refund=st.none() | REFUNDS,
    requested_at=MOMENTS,
    updated_at=MOMENTS,
    has_label=st.booleans(),
    tracking_number=TEXTS,
    arbitration=TEXTS,
    follows=st.none() | RETURN_IDS,
    changes=st.integers(0, 99),
    question=st.none() | st.sampled_from(Question),
    asked_at=MOMENTS,
    respond_by=PERHAPS,
    answer_until=PERHAPS,
    next_due=PERHAPS,
    reminders=st.integers(0, 3),
    answer=st.none() | st.sampled_from(Answer),
    answer_problem=TEXTS,
    decisions=st.lists(st.integers(1, 99).map(lambda number: f"RD-{number}"), max_size=3).map(tuple),
    given_before=st.lists(st.builds(GivenAnswer, st.sampled_from(Question), st.sampled_from(Answer)), max_size=3).map(
        tuple
    ),
    reject_reason=TEXTS,
    answered_by=st.none() | st.sampled_from(Decider),
    answered_at=PERHAPS,
    left_to_tiktok=st.booleans(),
    confirm_by=PERHAPS,
    unconfirmed=st.booleans(),
    refund_due=PERHAPS,
    refund_late=st.booleans(),
    refunded_at=PERHAPS,
)
WISH = st.builds(
    SellerRefund,
    id=IDS,
    source=st.sampled_from(Source),
    requested_at=MOMENTS,
    line_ids=st.lists(LINE_IDS, max_size=4).map(tuple),
    amount=st.none() | MONEY,
    reason=TEXTS,
    state=st.sampled_from(SellerRefundState),
    return_id=st.none() | RETURN_IDS,
    detail=TEXTS,
    confirm_by=PERHAPS,
    unconfirmed=st.booleans(),
)
EVERYTHING = a_return(
    kind=ReturnKind.EXCHANGE,
    state=ReturnState.BUYER_SHIPPED,
    initiator=Initiator.SELLER,
    lines=(ReturnLine(id=LINE_1, refund=a_refund("18.91", other=Decimal("0.01"))), ReturnLine(id=LINE_2)),
    refund=a_refund("23.90", shipping=Decimal("5.00")),
    updated_at=RETURNED_AT + timedelta(milliseconds=1),
    has_label=True,
    tracking_number="9205590164917312751089",
    arbitration="SUPPORT_BUYER",
    follows=ReturnId("7"),
    changes=3,
    asked_at=RETURNED_AT + HOUR,
    next_due=RETURNED_AT + 24 * HOUR,
    reminders=2,
    answer=Answer.REJECT,
    answer_problem="reason 7 is offline, übermorgen",
    decisions=("RD-1", "RD-2"),
    given_before=(GivenAnswer(Question.RETURN, Answer.APPROVE), GivenAnswer(Question.REFUND, Answer.REJECT)),
    reject_reason="seller_reject_reason_7",
    answered_by=Decider.SHOP_RULE,
    answered_at=RETURNED_AT + 2 * HOUR,
    left_to_tiktok=True,
    confirm_by=RETURNED_AT + 3 * HOUR,
    unconfirmed=True,
    refund_due=RETURNED_AT + 4 * HOUR,
    refund_late=True,
    refunded_at=RETURNED_AT + 5 * HOUR,
)
A_WISH = SellerRefund(
    id="oms-31",
    source=Source.OMS,
    requested_at=RETURNED_AT,
    line_ids=(LINE_1, LINE_2),
    amount=Money(amount=Decimal("5.00"), currency="GBP"),
    reason="ecom_order_delivered_refund_reason_damaged",
    state=SellerRefundState.REFUSED,
    return_id=ReturnId("7"),
    detail="more than was paid",
    confirm_by=RETURNED_AT + HOUR,
    unconfirmed=True,
)


@given(known=RETURN)
def test_a_return_survives(known: Return) -> None:
    assert items.read_return(items.return_item(AN_ORDER, known)) == known


@given(wish=WISH)
def test_a_seller_s_refund_survives(wish: SellerRefund) -> None:
    assert items.read_seller_refund(items.seller_refund_item(AN_ORDER, wish)) == wish


@given(known=RETURN, wish=WISH)
def test_nothing_empty_is_stored(known: Return, wish: SellerRefund) -> None:
    for item in (items.return_item(AN_ORDER, known), items.seller_refund_item(AN_ORDER, wish)):
        assert "" not in item.values()
        assert None not in item.values()
        assert not any(value is False for value in item.values())


@given(known=RETURN)
def test_an_open_return_is_in_the_list_of_its_stage_and_an_ended_one_in_none(known: Return) -> None:
    item = items.return_item(AN_ORDER, known)
    stage = stage_of(known)
    assert ("due_list" in item) == ("due_at" in item) == (stage is not None) == known.is_open
    assert item.get("due_list") == (keys.return_list(stage, AN_ORDER.shop) if stage else None)


@given(wish=WISH)
def test_a_seller_s_refund_is_in_a_list_while_it_waits_for_tiktok(wish: SellerRefund) -> None:
    item = items.seller_refund_item(AN_ORDER, wish)
    stage = ReturnStage.OVERDUE if wish.unconfirmed else ReturnStage.STARTED
    assert ("due_list" in item) == ("due_at" in item) == (wish.confirm_by is not None)
    assert item.get("due_list", keys.return_list(stage, AN_ORDER.shop)) == keys.return_list(stage, AN_ORDER.shop)


@given(amount=AMOUNTS)
def test_amounts_survive_to_the_last_digit(amount: Decimal) -> None:
    known = items.read_return(items.return_item(AN_ORDER, a_return(refund=a_refund(str(amount)))))
    assert str(known.money) == f"{amount} USD"


def test_every_field_of_the_example_differs_from_its_default() -> None:
    for value in (EVERYTHING, A_WISH):
        for field in fields(value):
            assert getattr(value, field.name) != field.default, field.name


@pytest.mark.parametrize("value", [EVERYTHING, A_WISH], ids=["return", "seller refund"])
def test_every_field_has_a_place_of_its_own_in_the_table(table: Table, value: Any) -> None:
    # Both tables, and each field alone: two that shared an attribute would lose one of them.
    write, read = (
        (items.return_item, items.read_return)
        if isinstance(value, Return)
        else (items.seller_refund_item, items.read_seller_refund)
    )
    for field in fields(value):
        has_default = isinstance(field.default, bool | int | str | tuple | None)
        for changed in (value, replace(value, **({field.name: field.default} if has_default else {}))):
            item = write(AN_ORDER, changed)
            table.put(Put(item=item))
            (found,) = table.query(str(item["pk"]))
            assert read(found) == changed


def test_a_return_is_found_by_its_id_alone() -> None:
    assert items.return_request_item(AN_ORDER, ReturnId("7")) == {
        "pk": f"RETURN#{AN_ORDER.shop}#7",
        "sk": "ORDER",
        "order": AN_ORDER.id,
    }
    assert (
        items.return_request_item(AN_ORDER, ReturnId("7"))["pk"]
        == keys.return_request_key(AN_ORDER.shop, ReturnId("7")).pk
    )
    assert keys.return_list(ReturnStage.ASKED, SHOP_ID) != keys.return_request_key(SHOP_ID, ReturnId("ASKED")).pk


def test_a_return_of_one_unit_is_one_write_unit() -> None:
    record = a_return(next_due=RETURNED_AT + 24 * HOUR, changes=1)
    assert item_size(items.return_item(AN_ORDER, record)) < 1024


def test_a_return_of_five_hundred_units_fits_in_one_item() -> None:
    lines = tuple(ReturnLine(id=LineId(f"57708651212375{place:04}"), refund=a_refund()) for place in range(500))
    assert item_size(items.return_item(AN_ORDER, a_return(lines=lines))) < 400 * 1024


DAMAGES: list[tuple[str, Any]] = [
    ("kind", "SALE"),
    ("state", None),
    ("state", "LOST"),
    ("initiator", "NOBODY"),
    ("lines", None),
    ("lines", "[["),
    ("lines", "[[1]]"),
    ("lines", '[["1","USD 1 2"]]'),
    ("lines", '[["1","USD one 0 0 0 0"]]'),
    ("refund", "USD 1 2 3"),
    ("refund", "USD one 0 0 0 0"),
    ("requested_at", None),
    ("updated_at", "yesterday"),
    ("asked_at", None),
    ("question", "PERHAPS"),
    ("answer", "PERHAPS"),
    ("answered_by", "SOMEBODY"),
    ("given_before", "RETURN"),
    ("given_before", "RETURN:PERHAPS"),
    ("changes", "many"),
    ("reminders", "many"),
    ("refund_due", 10**30),
]


def damaged(item: Item, attribute: str, value: Any) -> Item:
    changed = {name: kept for name, kept in item.items() if name != attribute}
    return changed if value is None else changed | {attribute: value}


@pytest.mark.parametrize(("attribute", "value"), DAMAGES)
def test_a_return_that_somebody_has_damaged_is_never_read_as_another(attribute: str, value: Any) -> None:
    item = damaged(items.return_item(AN_ORDER, EVERYTHING), attribute, value)
    with pytest.raises((KeyError, ValueError, TypeError, OverflowError)):
        items.read_return(item)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("source", "NOBODY"),
        ("state", None),
        ("state", "LOST"),
        ("requested_at", None),
        ("amount", "much USD"),
        ("due_at", "soon"),
    ],
)
def test_a_seller_s_refund_that_somebody_has_damaged_is_never_read_as_another(attribute: str, value: Any) -> None:
    item = damaged(items.seller_refund_item(AN_ORDER, A_WISH), attribute, value)
    with pytest.raises((KeyError, ValueError, TypeError, OverflowError)):
        items.read_seller_refund(item)
