import pytest

from order_sync.partners.tiktok_shop.signing import sign

SECRET = "e59af819cc"
SEARCH = {
    "app_key": "29a39d",
    "timestamp": "1623812664",
    "shop_cipher": "GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3",
}
WEBHOOK = {
    "app_key": "68xu9ks5p4i8",
    "shop_cipher": "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK",
    "timestamp": "1696909648",
}
VECTORS = {
    "the documentation's own": (
        SECRET,
        "/authorization/202309/shops",
        {"app_key": "29a39d", "timestamp": "1623812664"},
        b"",
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    "another client's": (
        "app_secret",
        "/test-api",
        {"foo": "bar"},
        b"",
        "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f",
    ),
    "a body with spaces": (
        SECRET,
        "/event/202309/webhooks",
        WEBHOOK,
        b'{    "address":"https://partner.tiktokshop.com",    "event_type": "PACKAGE_UPDATE"}',
        "495c39774c04ee06162f20a6bef8edae5b17676229588fe76630bb5166da37d2",
    ),
    "a body without spaces": (
        SECRET,
        "/event/202309/webhooks",
        WEBHOOK,
        b'{"address":"https://partner.tiktokshop.com","event_type":"PACKAGE_UPDATE"}',
        "cd0d6268252f4ba293bf7ea4c0a2873bf9beec600d22530638564ab301435f7a",
    ),
    "a page token with signs that URLs encode": (
        SECRET,
        "/order/202309/orders/search",
        SEARCH
        | {
            "page_size": "20",
            "sort_field": "update_time",
            "sort_order": "ASC",
            "page_token": "6AsPQsUMvH3RkchNUPPh22NROHkE0D8pmq/N5M1kHYcZmtRyv9aVrNv65W7Q6tFA+7D1ud64MPNz5OaT",
        },
        b'{"update_time_ge":1623812000,"update_time_lt":1623812664}',
        "823fee3f5bf807394f94bd38c7a5844aa7a2485eaef5fc049fd0976b88df74ff",
    ),
    "a list of ids": (
        SECRET,
        "/order/202309/orders",
        SEARCH | {"ids": "576461413038785752,576461413038785753"},
        b"",
        "0e888959aae6ea5a2e5270c90de0cdaa00789074fe554bf0644af041d2af5397",
    ),
}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_known_requests_get_their_known_signature(vector: tuple[str, str, dict[str, str], bytes, str]) -> None:
    secret, path, query, body, expected = vector
    assert sign(secret, path, query, body) == expected


@pytest.mark.parametrize("name", ["sign", "access_token"])
def test_the_signature_itself_and_the_token_are_not_signed(name: str) -> None:
    assert sign(SECRET, "/path", SEARCH | {name: "anything"}) == sign(SECRET, "/path", SEARCH)


def test_the_body_is_signed() -> None:
    assert sign(SECRET, "/path", SEARCH, b"{}") != sign(SECRET, "/path", SEARCH)
