"""What ChannelAdvisor says when it refuses, as errors of ours (CA 1.5)."""

from collections.abc import Iterable
from typing import Any, Final

from order_sync.domain.errors import CarrierRefusedError, RejectedError
from order_sync.partners.http import Answer, Judge, PartnerHttp
from order_sync.partners.private_texts import without

LONGEST_MESSAGE: Final = 300
_CARRIER_REFUSED: Final = "carrier and class is invalid"
"""Of Ship and of fulfilments that are changed; the one message that is known word for word (CA 1.5)."""


class UnauthorisedError(Exception):
    """HTTP 401: the access token was not accepted, so nothing was done."""


class MissingError(RejectedError):
    """HTTP 404: nothing stands under this ID, or no more."""


def message_of(body: Any) -> str:
    """The message of either error body, `{"error": {"message"}}` or `{"Message"}`; empty when there is none."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    found = error.get("message") if isinstance(error, dict) else body.get("Message")
    return " ".join(found.split()) if isinstance(found, str) else ""


def judge_for(http: PartnerHttp, operation: str, private: Iterable[str] = ()) -> Judge:
    """Reads an answer to one operation. `private` are the buyer's texts that we sent: an error never repeats them."""

    def judge(answer: Answer) -> Exception | None:
        if answer.status == 401:
            return UnauthorisedError()
        if not 400 <= answer.status < 500 or answer.status in (408, 429):
            return None
        message = without(message_of(answer.body), private, LONGEST_MESSAGE)
        problem = "not found" if answer.status == 404 else "refused"
        text = http.text(operation, f"{problem}: {message}" if message else problem, answer)
        if answer.status == 404:
            return MissingError(text)
        return CarrierRefusedError(text) if _CARRIER_REFUSED in message.casefold() else RejectedError(text)

    return judge
