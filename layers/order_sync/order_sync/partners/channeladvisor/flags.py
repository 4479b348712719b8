"""The flag of an order: how a seller who works inside ChannelAdvisor sees a buyer's request (CA 3.2, 3.6, 4.2)."""

from typing import Final

from order_sync.domain.errors import AlreadyDoneError, SkippableError
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.models import FlagPayload

OUR_FLAG: Final = "TikTok cancel request"
"""How the description of each flag of ours starts."""
LONGEST_DESCRIPTION: Final = 80
"""In characters. ChannelAdvisor publishes no limit; this much fits where a list shows it."""
_EXCLAMATION_POINT: Final = -1
_NO_FLAG: Final = 0
_UNFLAGGED: Final = frozenset({"", "0", "-9999", "NoFlag", "NotSpecified"})


def set_flag(calls: Calls, channeladvisor_id: str, cancel_id: str, text: str) -> None:
    """Flag the order for one request. Raises AlreadyDoneError, or SkippableError for a flag of the seller's own."""
    operation = f"flag order {channeladvisor_id} for cancel request {cancel_id}"
    flag = _flag(calls, channeladvisor_id, operation)
    description = f"{_start(cancel_id)} {text}"[:LONGEST_DESCRIPTION].rstrip()
    if flag.flag_id not in _UNFLAGGED:
        if flag.flag_description == description:
            raise AlreadyDoneError(f"ChannelAdvisor: {operation}: it is flagged already")
        if not flag.flag_description.startswith(OUR_FLAG):
            raise SkippableError(f"ChannelAdvisor: {operation}: the order carries a flag of the seller's own")
    change = {"FlagID": _EXCLAMATION_POINT, "FlagDescription": description}
    calls.write(operation, "PATCH", order_path(channeladvisor_id), change)


def clear_flag(calls: Calls, channeladvisor_id: str, cancel_id: str) -> None:
    """Take the flag for one request off. Raises AlreadyDoneError when it is off, or another one is in its place."""
    operation = f"clear the flag of order {channeladvisor_id} for cancel request {cancel_id}"
    flag = _flag(calls, channeladvisor_id, operation)
    if not flag.flag_description.startswith(_start(cancel_id)):
        raise AlreadyDoneError(f"ChannelAdvisor: {operation}: the order does not carry it")
    change = {"FlagID": _NO_FLAG, "FlagDescription": None}
    calls.write(operation, "PATCH", order_path(channeladvisor_id), change)


def _start(cancel_id: str) -> str:
    return f"{OUR_FLAG} {cancel_id}:"


def _flag(calls: Calls, channeladvisor_id: str, operation: str) -> FlagPayload:
    url = calls.url(order_path(channeladvisor_id), select="ID,FlagID,FlagDescription")
    return read_as(FlagPayload, calls.get(operation, url), operation)
