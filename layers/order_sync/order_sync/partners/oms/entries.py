"""What the entries of the OMS's lists have in common: how they are read, and what is told of them."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from order_sync.domain.answering.answers import Answer, DecisionProblem
from order_sync.partners.oms.connection import OmsConnection, path_to
from order_sync.partners.oms.orders import LONGEST_TEXT
from order_sync.partners.oms.paging import WireId

_WORD: Final = re.compile(r"[A-Za-z_-]{1,40}")
_ANSWERS: Final = {"approve": Answer.APPROVE, "reject": Answer.REJECT}


def _each_once(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(lines)) < len(lines):
        raise PydanticCustomError("lines", "a line stands there twice")
    return lines


WireLines = Annotated[tuple[WireId, ...], Field(min_length=1), AfterValidator(_each_once)]
"""TikTok line ids. Give no default: what was left out by a slip must not mean the whole order."""


def answer_of(word: object) -> Answer | None:
    """What a decision says; None when it says neither approve nor reject."""
    return _ANSWERS.get(word) if isinstance(word, str) else None


def said(word: object) -> str:
    """A word that means nothing to us, to be quoted; empty when it is no word: a text might say who the buyer is."""
    return word if isinstance(word, str) and _WORD.fullmatch(word) else ""


def tell_refusal(
    connection: OmsConnection, decisions: str, decision_id: str, problem: DecisionProblem, detail: str
) -> None:
    """Tell that an entry of this list of decisions changed nothing, and why."""
    connection.put(
        f"refuse decision {decision_id}",
        path_to(decisions, decision_id, "refusal"),
        {"problem": problem, "detail": detail[:LONGEST_TEXT] or problem},
    )


def outcome_body(refused: str) -> dict[str, str]:
    """What became of the seller's wish: accepted, or refused for this reason."""
    return {"outcome": "refused", "reason": refused[:LONGEST_TEXT]} if refused else {"outcome": "accepted"}
