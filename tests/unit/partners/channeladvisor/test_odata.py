"""OData: literals, links that are safe to follow, walks that end."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import httpx
import pytest

from order_sync.domain.errors import RetriableError
from order_sync.partners.channeladvisor.odata import complete, moment, next_link, rows_of, text, walk

BASE = httpx.URL("https://api.channeladvisor.com/")


def test_a_quote_in_a_literal_is_doubled() -> None:
    assert text("O'Neil' or 1 eq 1") == "'O''Neil'' or 1 eq 1'"


def test_a_moment_is_utc_with_its_time() -> None:
    local = datetime(2025, 8, 19, 0, 0, tzinfo=timezone(timedelta(hours=2)))
    assert moment(local) == "2025-08-18T22:00:00.000000Z"
    assert moment(datetime(2025, 1, 2, tzinfo=UTC)).endswith("T00:00:00.000000Z")


def test_the_token_is_taken_out_of_a_link() -> None:
    page = {"@odata.nextLink": "https://api.channeladvisor.com/v1/Orders?access_token=SECRET&%24skip=100"}
    assert next_link(page, BASE) == "https://api.channeladvisor.com/v1/Orders?%24skip=100"


@pytest.mark.parametrize(
    "link",
    [
        "https://api.channeladvisor.com.evil.example/v1/Orders?$skip=100",
        "http://api.channeladvisor.com/v1/Orders?$skip=100",
        "https://api.channeladvisor.com:8443/v1/Orders",
    ],
)
def test_a_link_to_another_origin_is_not_followed(link: str) -> None:
    with pytest.raises(RetriableError, match="leads elsewhere"):
        next_link({"@odata.nextLink": link}, BASE)


def test_an_answer_without_a_list_is_no_empty_list() -> None:
    with pytest.raises(RetriableError, match="holds no list"):
        rows_of({"Message": "maintenance"})


def pages(*contents: tuple[list[int], str]) -> dict[str, dict[str, Any]]:
    return {
        f"https://api.channeladvisor.com/p{number}": {
            "value": [{"ID": each} for each in ids],
            "@odata.nextLink": link and f"https://api.channeladvisor.com/{link}",
        }
        for number, (ids, link) in enumerate(contents, start=1)
    }


def ids_of(stored: dict[str, dict[str, Any]]) -> list[int]:
    rows = walk(stored.__getitem__, "https://api.channeladvisor.com/p1", BASE)
    return [row["ID"] for row in rows]


def test_a_walk_follows_the_links_to_the_end() -> None:
    assert ids_of(pages(([1, 2], "p2"), ([3], "p3"), ([4], ""))) == [1, 2, 3, 4]


def test_a_walk_whose_links_turn_in_a_circle_ends() -> None:
    assert ids_of(pages(([1, 2], "p2"), ([3], "p1"))) == [1, 2, 3]


def test_a_walk_ends_when_past_the_end_the_first_page_comes_again() -> None:
    numbers = count(1)

    def get(_link: str) -> dict[str, Any]:
        link = f"https://api.channeladvisor.com/v1/Orders?$skip={next(numbers) * 2}"
        return {"value": [{"ID": 1}, {"ID": 2}], "@odata.nextLink": link}

    assert [row["ID"] for row in walk(get, "https://api.channeladvisor.com/v1/Orders", BASE)] == [1, 2]
    assert next(numbers) == 3


def test_children_beyond_the_cap_are_read_at_every_level() -> None:
    stored: dict[str, dict[str, Any]] = {
        "https://api.channeladvisor.com/rest-of-items": {"value": [{"ID": 2}, {"ID": 3}]},
        "https://api.channeladvisor.com/rest-of-parcels": {
            "value": [{"ID": 8, "Items": [], "Items@odata.nextLink": "/rest-of-parcel-8"}]
        },
        "https://api.channeladvisor.com/rest-of-parcel-8": {"value": [{"ID": 80}]},
    }
    row = {
        "ID": 1,
        "Items": [{"ID": 1}, {"ID": 2}],
        "Items@odata.nextLink": "https://api.channeladvisor.com/rest-of-items",
        "Fulfillments": [{"ID": 7, "Items": None}],
        "Fulfillments@odata.nextLink": "https://api.channeladvisor.com/rest-of-parcels",
    }
    whole = complete(stored.__getitem__, row, BASE, {"Items": {}, "Fulfillments": {"Items": {}}})
    assert [item["ID"] for item in whole["Items"]] == [1, 2, 3]
    assert [each["ID"] for each in whole["Fulfillments"]] == [7, 8]
    assert whole["Fulfillments"][1]["Items"] == [{"ID": 80}]
