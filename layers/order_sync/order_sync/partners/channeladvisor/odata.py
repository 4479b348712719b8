"""OData as ChannelAdvisor speaks it: literals, lists in pages, children in pages (CA 2, 9)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from order_sync.domain.errors import RetriableError

type Row = dict[str, Any]
type GetPage = Callable[[str], Row]
"""Reads the page at an address."""


def text(value: str) -> str:
    """A string literal of a filter: quoted, quotes doubled."""
    return "'" + value.replace("'", "''") + "'"


def moment(value: datetime) -> str:
    """A time literal of a filter, never date-only, which would mean midnight."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rows_of(page: Row) -> list[Row]:
    """The rows of one page. Raises RetriableError when the answer is no list."""
    rows = page.get("value")
    if not isinstance(rows, list):
        raise RetriableError("ChannelAdvisor: the answer to a list request holds no list")
    return [row if isinstance(row, dict) else {} for row in rows]


def next_link(page: Row, base: httpx.URL, name: str = "@odata.nextLink") -> str:
    """The link to what follows, without the access token that it may echo (CA 1.3); empty at the end.

    Raises RetriableError for a link to another origin: our token is not sent there.
    """
    link = page.get(name)
    if not link:
        return ""
    try:
        url = base.join(str(link))
    except httpx.InvalidURL:
        raise RetriableError("ChannelAdvisor: the link to the next page is no address") from None
    if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        raise RetriableError(f"ChannelAdvisor: the link to the next page leads elsewhere, to {url.host}")
    return str(url.copy_remove_param("access_token") if "access_token" in url.params else url)


class Chain:
    """One walk along links: knows when it goes in circles, as past-the-end pages repeat the first (CA 9.1)."""

    def __init__(self) -> None:
        self._links: set[str] = set()
        self._ids: set[object] = set()

    def fresh(self, rows: list[Row]) -> list[Row]:
        """The rows that this walk has not met; a row without an ID is always fresh."""
        found = [row for row in rows if row.get("ID") is None or str(row["ID"]) not in self._ids]
        self._ids.update(str(row["ID"]) for row in rows if row.get("ID") is not None)
        return found

    def follow(self, link: str, *, met_something_new: bool) -> str:
        """The link to follow; empty when the walk has ended or turns in a circle."""
        if not link or link in self._links or not met_something_new:
            return ""
        self._links.add(link)
        return link


def walk(get: GetPage, start: str, base: httpx.URL, met: list[Row] | None = None) -> Iterator[Row]:
    """All rows from an address on, each once. Rows that were `met` before are left out."""
    chain = Chain()
    chain.fresh(met or [])
    link = start
    while link:
        page = get(link)
        fresh = chain.fresh(rows_of(page))
        yield from fresh
        link = chain.follow(next_link(page, base), met_something_new=bool(fresh))


def complete(get: GetPage, row: Row, base: httpx.URL, children: Mapping[str, Mapping[str, Any]]) -> Row:
    """The row with all of its expanded children: a list shows 20 of each and a link to the rest (CA 2).

    `children` names the navigations, each with those inside it.
    """
    whole = dict(row)
    for name, inner in children.items():
        shown = rows_of({"value": whole.get(name) or []})
        rest = next_link(whole, base, f"{name}@odata.nextLink")
        more = walk(get, rest, base, shown) if rest else ()
        whole[name] = [complete(get, child, base, inner) for child in (*shown, *more)]
    return whole
