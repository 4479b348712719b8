"""Pages of the OMS's entries, and the entries in them that no contract allows."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.simulators.oms.cancel_records import Listed
from local.simulators.oms.paging import page_of


class RawEntry(dict[str, Any]):
    """An entry that a broken OMS lists: the answer that holds it is checked without it."""


def page_of_entries(
    entries: Sequence[Listed], query: Mapping[str, str], largest_page: int, *, name: str
) -> dict[str, Any]:
    """One shop's entries after the cursor, under this name."""
    of_shop = [each for each in entries if each.shop_id == query["shop_id"]]
    shown, following = page_of(of_shop, query, largest_page, name=name)
    return {name: [RawEntry(each.body) if each.raw else dict(each.body) for each in shown]} | following


def without_raw_entries(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The part of an answer that must be what the contract says."""
    if answer is None:
        return None
    return {
        name: [each for each in value if not isinstance(each, RawEntry)] if isinstance(value, list) else value
        for name, value in answer.items()
    }
