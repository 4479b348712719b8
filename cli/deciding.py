"""Answers of a person: to a cancel request, and to what TikTok Shop asks about a return."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.asking import carry_out, draw_answer
from cli.output import session_of
from order_sync.domain.returning.returns import Question


class Decision(StrEnum):
    """What may be answered."""

    APPROVE = "approve"
    REJECT = "reject"


def decide(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    cancel: Annotated[str, typer.Argument(help="The cancel request's id.")],
    decision: Annotated[Decision, typer.Argument()],
) -> None:
    """Answer a buyer's cancel request. An answer is given once."""
    session = session_of(context)
    event = {"shop": shop, "cancel_request": cancel, "decision": decision.value}
    session.show(carry_out(session, "AnswerCancelRequestFunction", event), draw_answer)


def decide_return(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    return_id: Annotated[str, typer.Argument(metavar="RETURN", help="The return's id.")],
    question: Annotated[Question, typer.Argument(case_sensitive=False, help="Which question is answered.")],
    decision: Annotated[Decision, typer.Argument()],
    *,
    reason: Annotated[str, typer.Option(help="For a rejection: TikTok Shop's name of a reason.")] = "",
) -> None:
    """Answer what TikTok Shop asks about a return. An answer is given once for each question."""
    session = session_of(context)
    event = {"shop": shop, "return": return_id, "question": question.lower(), "decision": decision.value}
    if reason:
        event["reject_reason"] = reason
    session.show(carry_out(session, "AnswerReturnFunction", event), draw_answer)
