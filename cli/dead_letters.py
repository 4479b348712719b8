"""What lies in the two dead-letter queues, and which start of a job each message stands for."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

DISPATCH: Final = "DispatchFunction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a dead-letter queue."""

    id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of a function, which several messages may stand for."""

    function: str
    event: Mapping[str, Any]

    @property
    def about(self) -> str:
        """What the start is about: a shop, or the job that dispatch starts for all shops."""
        return str(self.event.get("shop") or self.event.get("job") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that was understood: what it asks to start, and why that failed."""

    message: Message
    start: Start
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A message that was not understood, which stays where it is."""

    message: Message
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """All messages that one start settles."""

    start: Start
    letters: Sequence[Letter]

    @property
    def oldest(self) -> datetime | None:
        """When the first of them came."""
        return min((each.message.sent_at for each in self.letters if each.message.sent_at), default=None)

    @property
    def errors(self) -> list[str]:
        """Why they failed, each reason once."""
        return list(dict.fromkeys(each.error for each in self.letters if each.error))


class _UnreadableError(Exception):
    """Why a message is not understood."""


def message_of(raw: Mapping[str, Any]) -> Message:
    """A message as SQS gives it."""
    sent = raw.get("Attributes", {}).get("SentTimestamp")
    attributes = {name: str(each.get("StringValue", "")) for name, each in raw.get("MessageAttributes", {}).items()}
    return Message(
        id=raw["MessageId"],
        receipt=raw["ReceiptHandle"],
        body=raw["Body"],
        attributes=attributes,
        sent_at=datetime.fromtimestamp(int(sent) / 1000, UTC) if sent else None,
    )


def read_failed_run(message: Message, functions: Iterable[str]) -> Letter | Unread:
    """What Lambda sends about an asynchronous run that failed: its event, its function, and its error.

    Understood are events of the stack's own `functions`, for one shop or, of dispatch, one job.
    """
    try:
        record = _object(message.body, "it")
        event = _event(record.get("requestPayload"), "requestPayload", ("shop", "job"))
        context = record.get("requestContext")
        context = context if isinstance(context, dict) else {}
        function = _name(context.get("functionArn"))
    except _UnreadableError as error:
        return Unread(message=message, why=str(error))
    if function not in set(functions):
        return Unread(message=message, why=f"function {function!r} is none of this stack's")
    return Letter(
        message=message,
        start=Start(function=function, event=event),
        error=_error(record.get("responsePayload")) or str(context.get("condition", "")),
    )


def read_missed_schedule(message: Message, dispatch: str) -> Letter | Unread:
    """What EventBridge Scheduler could not deliver: the schedule's own event, with the reason beside it."""
    try:
        event = _event(_object(message.body, "it"), "it", ("job",))
    except _UnreadableError as error:
        return Unread(message=message, why=str(error))
    said = [message.attributes.get(name, "") for name in ("ERROR_CODE", "ERROR_MESSAGE")]
    return Letter(message=message, start=Start(function=dispatch, event=event), error=": ".join(filter(None, said)))


def piles_of(letters: Iterable[Letter]) -> list[Pile]:
    """The messages by the start that settles them: every job reads the ledger, so the same start again does nothing."""
    piles: dict[tuple[str, str], list[Letter]] = {}
    for each in letters:
        key = each.start.function, json.dumps(each.start.event, sort_keys=True)
        piles.setdefault(key, []).append(each)
    found = [Pile(start=letters[0].start, letters=letters) for letters in piles.values()]
    return sorted(found, key=lambda pile: (pile.start.function, pile.start.about))


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise _UnreadableError(f"{name} is not JSON") from None
    if not isinstance(found, dict):
        raise _UnreadableError(f"{name} is no JSON object")
    return found


def _event(found: Any, name: str, wanted: Sequence[str]) -> dict[str, Any]:
    """The event to start a job with again; who woke it the first time is no part of it."""
    if not isinstance(found, dict):
        raise _UnreadableError(f"{name} is no JSON object")
    names = [each for each in wanted if isinstance(found.get(each), str) and found[each]]
    if len(names) != 1:
        raise _UnreadableError(f"{name} names no {' and no '.join(wanted)}")
    return {key: value for key, value in found.items() if key != "source"}


def _name(arn: Any) -> str:
    """The function's name in its ARN, which ends with a version or an alias or not."""
    parts = arn.split(":") if isinstance(arn, str) else []
    if len(parts) not in {7, 8} or parts[5] != "function":
        raise _UnreadableError("requestContext names no function")
    return str(parts[6])


def _error(response: Any) -> str:
    if not isinstance(response, dict):
        return ""
    said = [str(response.get(name, "")) for name in ("errorType", "errorMessage")]
    return ": ".join(filter(None, said))
