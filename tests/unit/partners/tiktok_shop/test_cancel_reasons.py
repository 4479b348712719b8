import pytest

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.partners.tiktok_shop.cancel_reasons import reject_reason, tiktok_reason

US_UNPAID = (
    "seller_cancel_unpaid_reason_out_of_stock",
    "seller_cancel_unpaid_reason_wrong_price",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
    "seller_cancel_unpaid_reason_buyer_requested_cancellation",
)
US_PAID = (
    "seller_cancel_reason_out_of_stock",
    "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_address_not_deliver",
    "seller_cancel_paid_reason_buyer_requested_cancellation",
)
UK_UNPAID = tuple(f"{name}_uk" for name in US_UNPAID[:3])
UK_PAID = tuple(f"{name}_uk" for name in US_PAID[:3])
STOCK, PRICE, ADDRESS, BUYER = SellerReason


@pytest.mark.parametrize(
    ("reason", "available", "name"),
    [
        (STOCK, US_UNPAID, "seller_cancel_unpaid_reason_out_of_stock"),
        (STOCK, US_PAID, "seller_cancel_reason_out_of_stock"),
        (STOCK, UK_UNPAID, "seller_cancel_unpaid_reason_out_of_stock_uk"),
        (STOCK, UK_PAID, "seller_cancel_reason_out_of_stock_uk"),
        (PRICE, US_PAID, "seller_cancel_reason_wrong_price"),
        (PRICE, UK_UNPAID, "seller_cancel_unpaid_reason_wrong_price_uk"),
        (ADDRESS, US_PAID, "seller_cancel_paid_reason_address_not_deliver"),
        (ADDRESS, UK_PAID, "seller_cancel_paid_reason_address_not_deliver_uk"),
        (ADDRESS, US_UNPAID, None),
        (BUYER, US_UNPAID, "seller_cancel_unpaid_reason_buyer_requested_cancellation"),
        (BUYER, US_PAID, "seller_cancel_paid_reason_buyer_requested_cancellation"),
        (BUYER, UK_UNPAID, None),
        (BUYER, UK_PAID, None),
        (STOCK, (), None),
    ],
)
def test_a_seller_s_reason_has_tiktok_s_name_for_region_and_status(
    reason: SellerReason, available: tuple[str, ...], name: str | None
) -> None:
    assert tiktok_reason(reason, available) == name


def test_of_two_names_for_a_reason_the_same_one_is_always_chosen() -> None:
    both = {US_UNPAID[0], US_PAID[0]}
    assert tiktok_reason(STOCK, sorted(both)) == tiktok_reason(STOCK, sorted(both, reverse=True)) == US_PAID[0]


@pytest.mark.parametrize(
    "packed", ["ecom_reverse_reject_cancel_reason_product_packed", "seller_reject_apply_product_has_been_packed"]
)
def test_a_request_is_rejected_as_packed_where_that_is_offered(packed: str) -> None:
    assert reject_reason(["seller_reject_apply_unable_to_change_address", packed]) == packed


def test_otherwise_a_request_is_rejected_for_the_first_reason() -> None:
    assert reject_reason(["reverse_reject_request_reason_5", "another"]) == "reverse_reject_request_reason_5"
    assert reject_reason([]) is None
