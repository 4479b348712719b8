"""The order of TikTok's documentation (TT 2.6), with values that belong to nobody."""

from typing import Any


def an_address(**changes: Any) -> dict[str, Any]:
    """An address in Los Angeles."""
    return {
        "name": "Jane Doe",
        "first_name": "Jane",
        "last_name": "Doe",
        "phone_number": "(+1)2135550100",
        "region_code": "US",
        "postal_code": "90001",
        "address_line1": "1 Example Street",
        "address_line2": "Apt 2",
        "address_line3": "",
        "address_line4": "",
        "address_detail": "1 Example Street Apt 2",
        "full_address": "United States, California, Los Angeles, Los Angeles, 1 Example Street Apt 2",
        "district_info": [
            {"address_level": "L0", "address_name": "United States", "iso_code": "US"},
            {"address_level": "L1", "address_name": "California", "iso_code": "CA"},
            {"address_level": "L2", "address_name": "Los Angeles County"},
            {"address_level": "L3", "address_name": "Los Angeles"},
        ],
    } | changes


def a_uk_address(**changes: Any) -> dict[str, Any]:
    """An address in Stockport."""
    return an_address(
        **{
            "region_code": "GB",
            "postal_code": "SK1 3XE",
            "post_town": "STOCKPORT",
            "district_info": [
                {"address_level": "L0", "address_name": "United Kingdom", "iso_code": "GB"},
                {"address_level": "L1", "address_name": "England", "iso_code": "GB-ENG"},
                {"address_level": "L2", "address_name": "Greater Manchester"},
                {"address_level": "L3", "address_name": "Heaton Norris"},
            ],
        }
        | changes
    )


def a_line(**changes: Any) -> dict[str, Any]:
    """One unit of a blue tee."""
    return {
        "id": "577086512123755123",
        "product_id": "1729582718312380123",
        "product_name": "Demo tee",
        "sku_id": "1729582718312380124",
        "sku_name": "Blue, M",
        "seller_sku": "TEE-BLU-M",
        "currency": "USD",
        "original_price": "20.00",
        "sale_price": "17.50",
        "seller_discount": "1.00",
        "platform_discount": "1.50",
        "display_status": "AWAITING_SHIPMENT",
        "is_gift": False,
        "item_tax": [{"tax_type": "SALES_TAX", "tax_amount": "1.40", "tax_rate": "0.08"}],
    } | changes


def a_payload(**changes: Any) -> dict[str, Any]:
    """A paid order of two tees, ready to ship."""
    return {
        "id": "576461413038785752",
        "status": "AWAITING_SHIPMENT",
        "order_type": "NORMAL",
        "create_time": 1780300800,
        "paid_time": 1780300860,
        "update_time": 1780304470,
        "rts_sla_time": 1780560060,
        "tts_sla_time": 1780732860,
        "shipping_due_time": 1780819260,
        "is_buyer_request_cancel": False,
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "shipping_type": "SELLER",
        "delivery_option_id": "7091146663229654785",
        "delivery_option_name": "Standard shipping",
        "buyer_email": "v4bexample@scs2.tiktok.com",
        "buyer_message": "",
        "payment": {
            "currency": "USD",
            "sub_total": "35.00",
            "shipping_fee": "3.00",
            "product_tax": "2.80",
            "shipping_fee_tax": "0.24",
            "tax": "3.04",
            "retail_delivery_fee": "0",
            "total_amount": "41.04",
        },
        "recipient_address": an_address(),
        "line_items": [a_line(), a_line(id="577086512123755124")],
    } | changes
