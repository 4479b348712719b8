"""The OMS's entries: their pages, what was told of them, and those that no contract allows."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.simulators.oms.cancel_records import Listed
from local.simulators.oms.paging import page_of
from local.simulators.oms.problems import ProblemError

_FIXED = ("outcome", "return_id")


class RawEntry(dict[str, Any]):
    """An entry that a broken OMS lists: the answer that holds it is checked without it."""


def page_of_entries(
    entries: Sequence[Listed], query: Mapping[str, str], largest_page: int, *, name: str, of: str = ""
) -> dict[str, Any]:
    """One shop's entries after the cursor, under this name; `of` tells lists of one name apart."""
    of_shop = [each for each in entries if each.shop_id == query["shop_id"]]
    shown, following = page_of(of_shop, query, largest_page, name=f"{of}{name}")
    return {name: [RawEntry(each.body) if each.raw else dict(each.body) for each in shown]} | following


def refuse(decisions: Sequence[Listed], decision_id: str, body: Mapping[str, Any]) -> None:
    """A decision could not be used. The last one said holds."""
    for each in _known(decisions, decision_id, "decision"):
        each.told = body


def tell_outcome(wishes: Sequence[Listed], wish_id: str, body: Mapping[str, Any], *, kind: str) -> bool:
    """What became of a wish of the OMS, and whether that is new. What was told once holds; more may be added."""
    found = _known(wishes, wish_id, kind)
    told = found[0].told
    if told is not None and any(told.get(name, body.get(name)) != body.get(name, told.get(name)) for name in _FIXED):
        raise ProblemError("outcome-differs", f"Another outcome of this {kind} was told before.")
    for each in found:
        each.told = {**body, **(told or {})}
    return told is None


def without_raw_entries(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The part of an answer that must be what the contract says."""
    if answer is None:
        return None
    return {
        name: [each for each in value if not isinstance(each, RawEntry)] if isinstance(value, list) else value
        for name, value in answer.items()
    }


def _known(entries: Sequence[Listed], entry_id: str, kind: str) -> list[Listed]:
    found = [each for each in entries if each.id == entry_id]
    if not found:
        raise ProblemError(f"{kind}-unknown", f"No such {kind} here.")
    return found
