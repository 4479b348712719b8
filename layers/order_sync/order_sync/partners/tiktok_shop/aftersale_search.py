"""TikTok Shop's searches for cancellations and for returns: pages of fifty, by their time or by ids (TT 4.2, 4.4)."""

from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import Final, Literal, Protocol

from order_sync.domain.errors import RejectedError
from order_sync.partners.http import Answer, sentence
from order_sync.partners.tiktok_shop.gateway import PARTNER, Gateway

IDS_PER_CALL: Final = 50
PER_PAGE: Final = 50

type SortField = Literal["create_time", "update_time"]


class Page(Protocol):
    """Some of what a search finds."""

    @property
    def next_page_token(self) -> str:
        """Empty on the last page."""


def search_page(
    gateway: Gateway,
    operation: str,
    path: str,
    filters: Mapping[str, object],
    *,
    sort_field: SortField,
    page_token: str = "",
) -> Answer:
    """One page, oldest first."""
    query = {"page_size": str(PER_PAGE), "sort_field": sort_field, "sort_order": "ASC"}
    return gateway.read(
        operation, "POST", path, query=query | ({"page_token": page_token} if page_token else {}), body=filters
    )


def every_page[P: Page](operation: str, ids: Sequence[str], read: Callable[[list[str], str], P]) -> list[P]:
    """All pages about any number of ids; `read` gives one page, for some ids and a token.

    It should sort by creation: that never changes, so that nothing moves from page to page.
    """
    pages: list[P] = []
    for some in batched(dict.fromkeys(ids), IDS_PER_CALL, strict=False):
        token, seen = "", {""}
        while True:
            page = read(list(some), token)
            pages.append(page)
            token = page.next_page_token
            if not token:
                break
            if token in seen:
                raise RejectedError(sentence(PARTNER, operation, "the pages have no end"))
            seen.add(token)
    return pages
