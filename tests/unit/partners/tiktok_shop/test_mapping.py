from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.facts import OrderFacts
from order_sync.domain.purchase import OrderMoney, Recipient
from order_sync.partners.tiktok_shop.mapping import Reading, UnreadableOrder, read_order
from tests.unit.partners.tiktok_shop.payloads import a_line, a_payload, a_uk_address, an_address

KEY = b"key"


def read(**changes: Any) -> Reading:
    reading, _ = read_order(a_payload(**changes), KEY)
    assert isinstance(reading, Reading)
    return reading


def facts(**changes: Any) -> OrderFacts:
    return read(**changes).facts


def recipient(**changes: Any) -> Recipient:
    found = read(**changes).purchase().recipient
    assert found is not None
    return found


def unreadable(raw: Any) -> UnreadableOrder:
    order, _ = read_order(raw, KEY)
    assert isinstance(order, UnreadableOrder)
    return order


def without(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != name}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_facts_of_an_order_are_tiktoks_figures_in_our_words() -> None:
    found = facts(
        cancellation_initiator="BUYER",
        is_buyer_request_cancel=True,
        release_date=1780400000,
        collection_due_time=1780900000,
        collection_time=1780700000,
        delivery_time=1780800000,
        rts_time=1780600000,
        cancel_time=1780850000,
        order_type="PRE_ORDER",
    )
    assert (found.id, found.status_text) == ("576461413038785752", "AWAITING_SHIPMENT")
    assert (found.created_at, found.updated_at) == (at(1780300800), at(1780304470))
    assert (found.paid_at, found.release_at) == (at(1780300860), at(1780400000))
    assert (found.ship_by, found.collect_by) == (at(1780560060), at(1780732860))
    assert (found.cancels_unless_shipped_by, found.cancels_unless_collected_by) == (
        at(1780819260),
        at(1780900000),
    )
    assert (found.tracking_added_at, found.canceled_at) == (at(1780600000), at(1780850000))
    assert (found.collected_at, found.delivered_at) == (at(1780700000), at(1780800000))
    assert (found.order_type, found.handling_time) == ("PRE_ORDER", None)
    assert (found.canceled_by, found.cancel_requested) == ("BUYER", True)
    assert found.delivery_option_id == "7091146663229654785"
    assert [(line.id, line.sku) for line in found.lines] == [
        ("577086512123755123", "TEE-BLU-M"),
        ("577086512123755124", "TEE-BLU-M"),
    ]


@pytest.mark.parametrize("absent", [None, 0, ""])
def test_absent_times_are_none_however_tiktok_leaves_them_out(absent: object) -> None:
    found = facts(paid_time=absent, rts_sla_time=absent, collection_time=absent, rts_time=absent, cancel_time=absent)
    assert (found.paid_at, found.ship_by, found.collected_at) == (None, None, None)
    assert (found.tracking_added_at, found.canceled_at) == (None, None)


def test_absent_texts_are_empty_and_absent_types_are_the_usual_ones() -> None:
    found = facts(
        cancellation_initiator=None,
        delivery_option_id=None,
        order_type=None,
        shipping_type=None,
        fulfillment_type=None,
    )
    assert (found.canceled_by, found.delivery_option_id) == ("", "")
    assert found.third_party_reason == ""
    assert found.order_type == "NORMAL"


@pytest.mark.parametrize("status", ["AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"])
def test_a_line_is_shipped_by_its_own_status(status: str) -> None:
    line = facts(line_items=[a_line(display_status=status)]).lines[0]
    assert (line.shipped, line.canceled) == (True, False)


@pytest.mark.parametrize("status", ["UNPAID", "AWAITING_SHIPMENT", "TO_SHIP", "", "SOMETHING_NEW"])
def test_a_line_of_any_other_status_is_open(status: str) -> None:
    line = facts(line_items=[a_line(display_status=status)]).lines[0]
    assert (line.shipped, line.canceled) == (False, False)


def test_a_single_line_can_be_cancelled() -> None:
    lines = facts(line_items=[a_line(display_status="CANCELLED"), a_line(id="2")]).lines
    assert [(line.shipped, line.canceled) for line in lines] == [(False, True), (False, False)]


def test_a_shipped_line_names_its_package() -> None:
    package = {
        "package_id": "1152921504606846976",
        "tracking_number": "1Z999",
        "shipping_provider_name": "UPS",
        "rts_time": 1780600000,
    }
    line = facts(line_items=[a_line(display_status="AWAITING_COLLECTION", **package)]).lines[0]
    assert (line.package_id, line.tracking_number, line.carrier) == ("1152921504606846976", "1Z999", "UPS")
    assert line.tracking_added_at == at(1780600000)


def test_unknown_values_are_kept_and_counted_and_unknown_fields_ignored() -> None:
    raw = a_payload(
        status="SOMETHING_NEW",
        order_type="RENTED",
        fulfillment_type="BY_DRONE",
        shipping_type="DRONE",
        cancellation_initiator="ROBOT",
        brand_new_field={"a": [1]},
        line_items=[a_line(display_status="LOST"), a_line(id="2", display_status="LOST")],
    )
    reading, unknown = read_order(raw, KEY)
    assert isinstance(reading, Reading)
    assert reading.facts.status_text == "SOMETHING_NEW"
    assert reading.facts.status is None
    assert unknown == (
        "order status SOMETHING_NEW",
        "order type RENTED",
        "fulfillment type BY_DRONE",
        "shipping type DRONE",
        "cancellation initiator ROBOT",
        "line status LOST",
    )


def test_a_plain_order_has_nothing_unknown() -> None:
    assert read_order(a_payload(), KEY)[1] == ()


@pytest.mark.parametrize(
    ("raw", "order_id", "path"),
    [
        (without("id", a_payload()), "", "id"),
        (a_payload(id=576461413038785752), "", "id"),
        (a_payload(id=""), "", "id"),
        (without("status", a_payload()), "576461413038785752", "status"),
        (a_payload(update_time="yesterday"), "576461413038785752", "update_time"),
        (a_payload(update_time=0), "576461413038785752", "update_time"),
        (a_payload(create_time=1780300800000), "576461413038785752", "create_time"),
        (a_payload(paid_time=True), "576461413038785752", "paid_time"),
        (a_payload(is_buyer_request_cancel="secret"), "576461413038785752", "is_buyer_request_cancel"),
        (without("line_items", a_payload()), "576461413038785752", "line_items"),
        (a_payload(line_items=[]), "576461413038785752", "line_items"),
        (a_payload(line_items=[a_line(), without("id", a_line())]), "576461413038785752", "line_items.1.id"),
        (
            a_payload(recipient_address=an_address(name=["secret"])),
            "576461413038785752",
            "recipient_address.name",
        ),
        ("secret", "", "the whole"),
        (None, "", "the whole"),
    ],
)
def test_an_unreadable_order_is_named_with_the_field_and_without_its_content(
    raw: Any, order_id: str, path: str
) -> None:
    order = unreadable(raw)
    assert order.order_id == order_id
    assert order.problem.startswith(f"{path}: ")
    assert "secret" not in order.problem
    assert "yesterday" not in order.problem


@pytest.mark.parametrize(
    "payment",
    [
        {"sub_total": "35.00", "shipping_fee": "3.00", "tax": "3.04", "total_amount": "41.04"},
        {"sub_total": "17.50", "shipping_fee": "3.00", "tax": "1.64", "total_amount": "22.14"},
    ],
    ids=["sums still hold the cancelled line", "sums do not hold it any more"],
)
def test_a_line_that_was_cancelled_before_the_hand_over_is_not_handed_over(payment: dict[str, str]) -> None:
    lines = [a_line(), a_line(id="577086512123755124", display_status="CANCELLED")]
    purchase = read(line_items=lines, payment={"currency": "USD"} | payment).purchase()
    assert [line.id for line in purchase.lines] == ["577086512123755123"]
    money = purchase.money
    assert (money.sub_total, money.tax, money.total) == (Decimal("17.50"), Decimal("1.64"), Decimal("22.14"))


def test_a_purchase_holds_the_money_to_the_cent() -> None:
    purchase = read().purchase()
    assert purchase.money == OrderMoney(
        currency="USD",
        sub_total=Decimal("35.00"),
        shipping=Decimal("3.00"),
        tax=Decimal("3.04"),
        shipping_tax=Decimal("0.24"),
        total=Decimal("41.04"),
    )
    line = purchase.lines[0]
    assert (line.price, line.seller_discount, line.platform_discount, line.paid, line.tax) == (
        Decimal("20.00"),
        Decimal("1.00"),
        Decimal("1.50"),
        Decimal("17.50"),
        Decimal("1.40"),
    )
    assert (line.title, line.product_id, line.sku) == ("Demo tee - Blue, M", "1729582718312380123", "TEE-BLU-M")


def test_a_free_sample_has_zero_money_even_where_fields_are_left_out() -> None:
    line = a_line(original_price="0", sale_price="0", seller_discount="", platform_discount=None, item_tax=None)
    purchase = read(payment={"currency": "USD", "sub_total": "0", "total_amount": "0"}, line_items=[line]).purchase()
    assert purchase.money.total == purchase.lines[0].paid == purchase.lines[0].tax == 0


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"payment": {"currency": "USD", "sub_total": "1", "total_amount": "a lot"}}, "payment.total_amount"),
        ({"payment": {"currency": "USD", "sub_total": "1"}}, "payment.total_amount"),
        ({"payment": {"currency": "USD", "sub_total": "1", "total_amount": ""}}, "payment.total_amount"),
        ({"payment": []}, "payment"),
        ({"line_items": [a_line(sale_price=17.5)]}, "line_items.0.sale_price"),
        ({"line_items": [a_line(sale_price="NaN")]}, "line_items.0.sale_price"),
    ],
)
def test_unreadable_money_leaves_the_facts_and_refuses_the_hand_over(changes: dict[str, Any], path: str) -> None:
    reading = read(**changes)
    assert reading.facts.status_text == "AWAITING_SHIPMENT"
    with pytest.raises(RejectedError, match=rf"order 576461413038785752 .*{path}") as caught:
        reading.purchase()
    assert "a lot" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_us_recipient_has_the_states_code_and_the_city() -> None:
    found = recipient()
    assert (found.name, found.first_name, found.last_name) == ("Jane Doe", "Jane", "Doe")
    assert (found.phone, found.email) == ("(+1)2135550100", "v4bexample@scs2.tiktok.com")
    assert found.address_lines == ("1 Example Street", "Apt 2")
    assert (found.city, found.county) == ("Los Angeles", "Los Angeles County")
    assert (found.state, found.state_name) == ("CA", "California")
    assert (found.postal_code, found.country) == ("90001", "US")


@pytest.mark.parametrize(("iso_code", "state"), [("US-CA", "CA"), ("CA", "CA"), ("", "California")])
def test_a_state_is_a_code_without_its_country_or_else_a_name(iso_code: str, state: str) -> None:
    districts = [{"address_level": "L1", "address_name": "California", "iso_code": iso_code}]
    assert recipient(recipient_address=an_address(district_info=districts)).state == state


def test_the_city_is_the_best_level_that_there_is() -> None:
    districts = [{"address_level": "L2", "address_name": "Travis"}]
    assert recipient(recipient_address=an_address(district_info=districts)).city == "Travis"


def test_a_uk_recipient_has_the_post_town() -> None:
    found = recipient(recipient_address=a_uk_address())
    assert (found.city, found.county, found.state) == ("STOCKPORT", "Greater Manchester", "ENG")
    assert (found.postal_code, found.country) == ("SK1 3XE", "GB")


def test_the_whole_street_stands_in_where_there_are_no_lines() -> None:
    bare = an_address(address_line1="", address_line2="")
    assert recipient(recipient_address=bare).address_lines == ("1 Example Street Apt 2",)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "UNPAID"},
        {"status": "ON_HOLD"},
        {"recipient_address": None},
        {"recipient_address": {"region_code": "US"}},
        {"recipient_address": an_address(name="J*** D***")},
        {"recipient_address": an_address(address_line1="1 E***", address_line2="")},
        {"recipient_address": an_address(postal_code="*****")},
        {"recipient_address": an_address(postal_code="")},
    ],
)
def test_a_withheld_or_masked_address_is_no_recipient_and_has_no_fingerprint(changes: dict[str, Any]) -> None:
    reading = read(**changes)
    assert reading.facts.recipient == ""
    assert reading.purchase().recipient is None


def test_a_masked_phone_number_is_no_phone_number() -> None:
    assert recipient(recipient_address=an_address(phone_number="(+1)213-***-1234")).phone == ""


def test_a_fingerprint_is_sixteen_hexadecimal_digits_under_our_key() -> None:
    one = facts().recipient
    assert len(one) == 16
    assert int(one, 16) >= 0
    other, _ = read_order(a_payload(), b"another key")
    assert isinstance(other, Reading)
    assert other.facts.recipient != one


@pytest.mark.parametrize(
    "same",
    [
        {"name": "  jane   DOE "},
        {"phone_number": "+1 213 555 0100"},
        {"address_line1": "1 EXAMPLE STREET"},
        {"address_detail": "not looked at when there are lines"},
    ],
)
def test_a_fingerprint_looks_through_case_and_spacing(same: dict[str, Any]) -> None:
    assert facts(recipient_address=an_address(**same)).recipient == facts().recipient


@pytest.mark.parametrize(
    "other",
    [
        {"name": "John Doe"},
        {"phone_number": "(+1)2135550101"},
        {"address_line1": "2 Example Street"},
        {"address_line2": ""},
        {"postal_code": "90002"},
        {"region_code": "CA"},
        {"district_info": [{"address_level": "L3", "address_name": "Burbank"}]},
    ],
)
def test_a_fingerprint_tells_every_change_of_recipient(other: dict[str, Any]) -> None:
    assert facts(recipient_address=an_address(**other)).recipient != facts().recipient


def test_a_reading_does_not_show_the_buyer() -> None:
    reading = read()
    shown = f"{reading!r} {reading.purchase()!r}"
    assert not [part for part in ("Jane", "2135550100", "Example Street", "v4bexample") if part in shown]
