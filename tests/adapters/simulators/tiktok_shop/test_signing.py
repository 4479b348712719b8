import pytest

from local.simulators.tiktok_shop.signing import expected_sign

DOC_SECRET = "e59af819cc"
WEBHOOK_QUERY = {
    "app_key": "68xu9ks5p4i8",
    "shop_cipher": "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK",
    "timestamp": "1696909648",
}
SHOP_QUERY = {
    "app_key": "29a39d",
    "timestamp": "1623812664",
    "shop_cipher": "GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3",
}
SEARCH_QUERY = {
    **SHOP_QUERY,
    "page_size": "20",
    "sort_field": "update_time",
    "sort_order": "ASC",
    "page_token": "6AsPQsUMvH3RkchNUPPh22NROHkE0D8pmq/N5M1kHYcZmtRyv9aVrNv65W7Q6tFA+7D1ud64MPNz5OaT",
}
VECTORS = {
    "a": (
        DOC_SECRET,
        "/authorization/202309/shops",
        {"app_key": "29a39d", "timestamp": "1623812664"},
        "",
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    "b": (
        "app_secret",
        "/test-api",
        {"foo": "bar"},
        "",
        "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f",
    ),
    "c1": (
        DOC_SECRET,
        "/event/202309/webhooks",
        WEBHOOK_QUERY,
        '{    "address":"https://partner.tiktokshop.com",    "event_type": "PACKAGE_UPDATE"}',
        "495c39774c04ee06162f20a6bef8edae5b17676229588fe76630bb5166da37d2",
    ),
    "c2": (
        DOC_SECRET,
        "/event/202309/webhooks",
        WEBHOOK_QUERY,
        '{"address":"https://partner.tiktokshop.com","event_type":"PACKAGE_UPDATE"}',
        "cd0d6268252f4ba293bf7ea4c0a2873bf9beec600d22530638564ab301435f7a",
    ),
    "d": (
        DOC_SECRET,
        "/order/202309/orders/search",
        SEARCH_QUERY,
        '{"update_time_ge":1623812000,"update_time_lt":1623812664}',
        "823fee3f5bf807394f94bd38c7a5844aa7a2485eaef5fc049fd0976b88df74ff",
    ),
    "e": (
        DOC_SECRET,
        "/order/202309/orders",
        {**SHOP_QUERY, "ids": "576461413038785752,576461413038785753"},
        "",
        "0e888959aae6ea5a2e5270c90de0cdaa00789074fe554bf0644af041d2af5397",
    ),
}


@pytest.mark.parametrize("vector", VECTORS)
def test_the_sheet_s_known_good_signature_is_reproduced(vector: str) -> None:
    secret, path, query, body, sign = VECTORS[vector]
    assert expected_sign(secret, path, query, body.encode()) == sign


def test_sign_and_access_token_are_not_signed() -> None:
    secret, path, query, body, sign = VECTORS["d"]
    assert expected_sign(secret, path, {**query, "sign": "x", "access_token": "y"}, body.encode()) == sign


def test_the_body_of_a_multipart_request_is_not_signed() -> None:
    secret, path, query, _, sign = VECTORS["e"]
    assert expected_sign(secret, path, query, b"file", multipart=True) == sign
