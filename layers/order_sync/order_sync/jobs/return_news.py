"""What the OMS reports about returns, entry by entry: kept, or refused with a clear word; none stops the others."""

from functools import partial

from order_sync.domain.answering.answers import Answer, Decider, DecisionProblem, UnusableDecisionError
from order_sync.domain.ids import OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_return_answer
from order_sync.domain.returning.by_seller import decide_reported_refund
from order_sync.domain.returning.returns import Question, ReportedRefund
from order_sync.jobs.oms_reports import Refusals, UnknownOrderError, change_known
from order_sync.jobs.run import ShopRun
from order_sync.ledger.returns import ReturnBook
from order_sync.partners.oms.cancellation_lists import OURS
from order_sync.partners.oms.paging import UnreadableEntry
from order_sync.partners.oms.rest import RestOms
from order_sync.partners.oms.return_lists import ReportedReturnDecision


class ReturnNews:
    """Takes in what the OMS reports about returns and refunds, for one run."""

    def __init__(self, run: ShopRun, oms: RestOms, refusals: Refusals) -> None:
        self._run = run
        self._oms = oms
        self._refusals = refusals
        self._book = ReturnBook(run.ledger.table)
        self.decided = 0
        """How much was decided that TikTok Shop has to be told."""

    def take_decision(self, decision: ReportedReturnDecision) -> None:
        """Save the OMS's answer about a return; one that cannot be used changes nothing, and the OMS is told."""
        run, question, answer = self._run, decision.question, decision.answer
        if answer is None or question is None:
            expected = "neither approve nor reject" if answer is None else "no question about a return"
            said = f"{decision.said!r} is" if decision.said else "it says"
            self._refuse(decision.id, DecisionProblem.UNKNOWN_DECISION, f"{said} {expected}")
            return
        subject = f"return decision {decision.id}"
        with run.apart("return_decisions_undecided", subject, f"{subject} about return {decision.return_id}"):
            order = self._book.order_of(run.shop.shop, decision.return_id)
            if order is None:
                text = f"no return {decision.return_id} is known"
                self._refuse(decision.id, DecisionProblem.RETURN_UNKNOWN, text)
                return
            try:
                change = change_known(run, order, partial(self._decide, decision, question, answer))
            except UnusableDecisionError as error:
                self._refuse(decision.id, error.problem, str(error))
                return
            run.report.count("return_decisions_taken" if change else "return_decisions_known")
            self.decided += change is not None

    def _decide(
        self, decision: ReportedReturnDecision, question: Question, answer: Answer, record: OrderRecord
    ) -> Change | None:
        return decide_return_answer(
            record,
            decision.return_id,
            question,
            answer,
            Decider.OMS,
            reject_reason=decision.reject_reason,
            decision=decision.id,
            decided_at=decision.decided_at,
            timing=self._run.timing,
            now=self._run.now(),
        )

    def take_unreadable_decision(self, entry: UnreadableEntry) -> None:
        """Refuse what is no decision, and keep it for a person where the OMS cannot be told."""
        if entry.can_be_told:
            self._refuse(entry.id, DecisionProblem.UNKNOWN_DECISION, entry.reason)
            return
        text = f"return decision {entry.id or 'without id'}: {entry.reason}"
        self._run.keep_for_a_person("return_decisions_unreadable", f"return decision {entry.id}", text)

    def take_refund(self, order: OrderId, refund: ReportedRefund) -> None:
        """Save a refund that the OMS started; one that cannot be right is refused."""
        run, what = self._run, f"order {order} refund {refund.id}"
        with run.apart("seller_refunds_undecided", f"refund {refund.id}", what):
            try:
                change = change_known(
                    run, order, lambda record: decide_reported_refund(record, refund, run.timing, run.now())
                )
            except UnknownOrderError:
                self._refuse_refund(refund.id.removeprefix(OURS), f"order {order} is not known")
                return
            run.report.count("seller_refunds_reported" if change else "seller_refunds_known")
            if change:
                self.decided += any(wish.is_open for wish in change.seller_refunds)
                run.count_seller_refunds(change)

    def take_unreadable_refund(self, entry: UnreadableEntry) -> None:
        """Refuse what is no refund, and keep it for a person where the OMS cannot be told."""
        if entry.can_be_told:
            self._refuse_refund(entry.id, entry.reason)
            return
        text = f"refund {entry.id or 'without id'} of order {entry.order or 'unknown'}: {entry.reason}"
        self._run.keep_for_a_person("seller_refunds_unreadable", f"refund oms-{entry.id}", text)

    def _refuse(self, decision: str, problem: DecisionProblem, text: str) -> None:
        what = f"return decision {decision}"
        self._run.report.problem("return_decisions_refused", f"{what}: {problem}: {text}")
        self._refusals.add(what, text, partial(self._oms.returns.refuse_decision, decision, problem, text))

    def _refuse_refund(self, refund: str, text: str) -> None:
        what = f"refund oms-{refund}"
        self._run.report.problem("seller_refunds_refused", f"{what}: {text}")
        self._refusals.add(what, text, partial(self._oms.returns.settle_refund, refund, refused=text))
