"""A person answers a buyer's request to cancel, by command."""

from collections.abc import Mapping

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.answers import decide_answer
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import CancelId
from order_sync.domain.records import Change, OrderRecord
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling_answers import tell_answers
from order_sync.partners.tiktok_shop.client import TikTokShop

_WORDS = frozenset({"shop", "cancel_request", "decision"})
_ANSWERS = {"approve": Answer.APPROVE, "reject": Answer.REJECT}


def answer_cancel_request(
    run: ShopRun, command: Mapping[str, object], tiktok: TikTokShop, watch: CancellationWatch
) -> Report:
    """Keep the answer and tell TikTok Shop in the same run.

    Raises RejectedError for a decision that is neither "approve" nor "reject", for a word that means nothing here,
    and for a request that is unknown, closed, or answered otherwise; nothing is changed then.
    """
    if unknown := sorted(set(command) - _WORDS):
        raise RejectedError(f"the command knows {', '.join(sorted(_WORDS))}, not {', '.join(unknown)}")
    answer = _ANSWERS.get(str(command.get("decision", "")))
    if answer is None:
        raise RejectedError(f'decision must be "approve" or "reject", not {command.get("decision")!r}')
    cancel = CancelId(str(command.get("cancel_request", "")))
    order = run.ledger.order_of_request(run.shop.shop, cancel) if cancel else None
    if order is None:
        raise RejectedError(f"shop {run.shop.shop} has no cancel request {cancel!r}")

    def decide(record: OrderRecord | None) -> Change | None:
        if record is None:
            raise RejectedError(f"order {order} of shop {run.shop.shop} is not known")
        return decide_answer(record, cancel, answer, Decider.OPERATOR, timing=run.timing, now=run.now())

    change = run.ledger.change(run.shop.shop, order, decide)
    run.report.count("cancel_requests_answered" if change else "cancel_requests_answered_before")
    tell_answers(run, tiktok, watch)
    return run.report
