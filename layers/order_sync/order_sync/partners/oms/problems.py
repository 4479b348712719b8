"""The OMS's problem documents (RFC 9457) as errors of ours, by what the contract says to do."""

from collections.abc import Callable, Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.partners.http import Answer, Judge, PartnerHttp
from order_sync.partners.private_texts import without

LONGEST_TEXT: Final = 500
_MOST_MISTAKES: Final = 5


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True)


class Mistake(_Lenient):
    """Where a request is wrong."""

    pointer: str = ""
    detail: str = ""


class Problem(_Lenient):
    """Why the OMS refused."""

    type: str = ""
    title: str = ""
    detail: str | None = None
    errors: tuple[Mistake, ...] = ()

    @property
    def kind(self) -> str:
        """The last part of the type, such as `already-shipped`."""
        return self.type.rpartition(":")[2]

    @property
    def text(self) -> str:
        """All of it in one line."""
        parts = [self.title, self.detail or ""]
        parts += [f"{mistake.pointer}: {mistake.detail}" for mistake in self.errors[:_MOST_MISTAKES]]
        return " ".join("; ".join(part for part in parts if part).split())


Conflict = Callable[[str, str], Exception]
"""What a 409 or a 422 means to one operation: from the problem's kind and the whole sentence."""


def read_problem(body: object) -> Problem:
    """The problem in a body; an empty one when there is none."""
    try:
        return Problem.model_validate(body)
    except ValidationError:
        return Problem()


def rejected(_kind: str, text: str) -> Exception:
    """A conflict that a person must look at."""
    return RejectedError(text)


def judge_for(
    http: PartnerHttp,
    operation: str,
    *,
    private: Iterable[str] = (),
    conflict: Conflict = rejected,
    unprocessable: Conflict = rejected,
) -> Judge:
    """Reads an answer to one operation. `private` are the buyer's texts that we sent: an error never repeats them."""

    def judge(answer: Answer) -> Exception | None:
        if not 400 <= answer.status < 500 or answer.status in (408, 429):
            return None
        if answer.status in (401, 403):
            return RejectedError(http.text(operation, "the OMS refused our token", answer))
        problem = read_problem(answer.body)
        text = http.text(operation, without(problem.text, private, LONGEST_TEXT) or "refused", answer)
        meaning = {409: conflict, 422: unprocessable}.get(answer.status, rejected)
        return meaning(problem.kind, text)

    return judge
