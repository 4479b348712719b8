"""A person answers what TikTok Shop asks about a return, by command."""

from collections.abc import Mapping
from typing import Final

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ReturnId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_return_answer
from order_sync.domain.returning.returns import Question
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling_returns import tell_return_answers
from order_sync.partners.tiktok_shop.client import TikTokShop

_WORDS: Final = frozenset({"shop", "return", "question", "decision", "reject_reason"})
_ANSWERS: Final = {"approve": Answer.APPROVE, "reject": Answer.REJECT}
_QUESTIONS: Final = {question.lower(): question for question in Question}


def answer_return(run: ShopRun, command: Mapping[str, object], tiktok: TikTokShop, watch: ReturnWatch) -> Report:
    """Keep the answer and tell TikTok Shop in the same run. `question` says which one is meant, since a return has
    several one after the other; `reject_reason` is TikTok's name of a reason.

    Raises RejectedError for a decision or a question that is none, for a word that means nothing here, and for a
    return that is unknown, ended, not asked about, or answered otherwise; nothing is changed then.
    """
    if unknown := sorted(set(command) - _WORDS):
        raise RejectedError(f"the command knows {', '.join(sorted(_WORDS))}, not {', '.join(unknown)}")
    answer, question = _ANSWERS.get(_text(command, "decision")), _QUESTIONS.get(_text(command, "question"))
    if answer is None:
        raise RejectedError(f'decision must be "approve" or "reject", not {command.get("decision")!r}')
    if question is None:
        known = ", ".join(f'"{each}"' for each in _QUESTIONS)
        raise RejectedError(f"question must be one of {known}, not {command.get('question')!r}")
    return_id, reason = ReturnId(_text(command, "return")), _text(command, "reject_reason")
    if reason and answer is Answer.APPROVE:
        raise RejectedError("an approval has no reject_reason")
    order = watch.book.order_of(run.shop.shop, return_id) if return_id else None
    if order is None:
        raise RejectedError(f"shop {run.shop.shop} has no return {return_id!r}")

    def decide(record: OrderRecord | None) -> Change | None:
        if record is None:
            raise RejectedError(f"order {order} of shop {run.shop.shop} is not known")
        return decide_return_answer(
            record,
            return_id,
            question,
            answer,
            Decider.OPERATOR,
            reject_reason=reason,
            timing=run.timing,
            now=run.now(),
        )

    change = run.ledger.change(run.shop.shop, order, decide)
    run.report.count("returns_answered" if change else "returns_answered_before")
    tell_return_answers(run, tiktok, watch)
    return run.report


def _text(command: Mapping[str, object], name: str) -> str:
    return str(command.get(name) or "")
