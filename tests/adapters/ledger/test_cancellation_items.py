"""Every field of a cancellation survives its way through the table."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import (
    Cancellation,
    Initiator,
    Outcome,
    SellerCancellation,
    SellerCancelState,
    SellerReason,
)
from order_sync.domain.ids import CancelId
from order_sync.domain.orders import Source
from order_sync.ledger import cancellation_items as items
from order_sync.ledger.table import Put, Table
from tests.adapters.ledger.test_items import AN_ORDER, IDS, LINE_IDS, MOMENTS, PERHAPS, TEXTS
from tests.builders import (
    ASKED,
    LINE_1,
    a_cancellation,
)

LINES = st.lists(LINE_IDS, max_size=4).map(tuple)


CANCELLATION = st.builds(
    Cancellation,
    id=IDS.map(CancelId),
    initiator=st.sampled_from(Initiator),
    is_request=st.booleans(),
    reason=TEXTS,
    line_ids=LINES,
    requested_at=MOMENTS,
    updated_at=MOMENTS,
    respond_by=PERHAPS,
    answer_until=PERHAPS,
    next_due=PERHAPS,
    reminders=st.integers(0, 3),
    answer=st.none() | st.sampled_from(Answer),
    answered_by=st.none() | st.sampled_from(Decider),
    answered_at=PERHAPS,
    answer_reason=TEXTS,
    rejected_by_shipping=st.booleans(),
    left_to_tiktok=st.booleans(),
    confirm_by=PERHAPS,
    unconfirmed=st.booleans(),
    outcome=st.none() | st.sampled_from(Outcome),
    decided_by=st.none() | st.sampled_from(Decider),
    closed_at=PERHAPS,
)


WISH = st.builds(
    SellerCancellation,
    id=IDS,
    source=st.sampled_from(Source),
    reason=st.sampled_from(SellerReason),
    requested_at=MOMENTS,
    line_ids=LINES,
    parts=st.lists(IDS, max_size=2).map(tuple),
    state=st.sampled_from(SellerCancelState),
    detail=TEXTS,
    confirm_by=PERHAPS,
    unconfirmed=st.booleans(),
)


EVERYTHING = a_cancellation(
    next_due=ASKED + timedelta(hours=12, milliseconds=1),
    reminders=2,
    answer=Answer.REJECT,
    answered_by=Decider.SHOP_RULE,
    answered_at=ASKED + timedelta(hours=1),
    answer_reason="packed, übermorgen",
    rejected_by_shipping=True,
    left_to_tiktok=True,
    confirm_by=ASKED + timedelta(hours=2),
    unconfirmed=True,
    outcome=Outcome.REJECTED,
    decided_by=Decider.OMS,
    closed_at=ASKED + timedelta(hours=3),
)


A_WISH = SellerCancellation(
    id="oms-17",
    source=Source.OMS,
    reason=SellerReason.WRONG_PRICE,
    requested_at=ASKED,
    line_ids=(LINE_1,),
    parts=("oms-18", "oms-19"),
    state=SellerCancelState.REFUSED,
    detail="in a parcel",
    confirm_by=ASKED + timedelta(minutes=30),
    unconfirmed=True,
)


@given(cancellation=CANCELLATION)
def test_a_cancellation_survives(cancellation: Cancellation) -> None:
    assert items.read_cancellation(items.cancellation_item(AN_ORDER, cancellation)) == cancellation


@given(wish=WISH)
def test_a_seller_s_cancellation_survives(wish: SellerCancellation) -> None:
    assert items.read_seller_cancellation(items.seller_cancellation_item(AN_ORDER, wish)) == wish


@given(cancellation=CANCELLATION, wish=WISH)
def test_nothing_empty_is_stored(cancellation: Cancellation, wish: SellerCancellation) -> None:
    for item in (
        items.cancellation_item(AN_ORDER, cancellation),
        items.seller_cancellation_item(AN_ORDER, wish),
    ):
        assert "" not in item.values()
        assert None not in item.values()
        assert not any(value is False for value in item.values())


@given(cancellation=CANCELLATION)
def test_a_cancellation_is_in_the_due_list_while_something_is_to_come(cancellation: Cancellation) -> None:
    item = items.cancellation_item(AN_ORDER, cancellation)
    assert ("due_list" in item) == ("due_at" in item) == (cancellation.next_due is not None)


@pytest.mark.parametrize("value", [EVERYTHING, A_WISH])
def test_every_field_has_a_place_of_its_own_in_the_table(table: Table, value: Any) -> None:
    # Both tables, and each field alone: two that shared an attribute would lose one of them.
    write, read = (
        (items.cancellation_item, items.read_cancellation)
        if isinstance(value, Cancellation)
        else (items.seller_cancellation_item, items.read_seller_cancellation)
    )
    defaults = {field.name: field.default for field in fields(value)}
    for name, default in defaults.items():
        for changed in (value, replace(value, **({name: default} if isinstance(default, bool | None) else {}))):
            item = write(AN_ORDER, changed)
            table.put(Put(item=item))
            (found,) = table.query(str(item["pk"]))
            assert read(found) == changed
