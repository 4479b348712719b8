"""What the OMS reports, entry by entry: kept, or refused with a clear word to the OMS; none stops the others."""

from functools import partial

from order_sync.domain.answering.answers import Decider, DecisionProblem, UnusableDecisionError
from order_sync.domain.cancelling.answers import decide_answer
from order_sync.domain.cancelling.by_seller import decide_reported_cancellation
from order_sync.domain.cancelling.cancellations import ReportedCancellation
from order_sync.domain.ids import OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.reports import decide_reported_parcel
from order_sync.jobs.oms_reports import Refusals, UnknownOrderError, change_known
from order_sync.jobs.run import ShopRun
from order_sync.partners.oms.cancellation_lists import OURS, ReportedDecision
from order_sync.partners.oms.paging import UnreadableEntry
from order_sync.partners.oms.rest import RestOms


class OmsNews:
    """Takes in what the OMS reports about parcels and cancellations, for one run."""

    def __init__(self, run: ShopRun, oms: RestOms, refusals: Refusals) -> None:
        self._run = run
        self._oms = oms
        self._refusals = refusals
        self.decided = 0
        """How much was decided that TikTok Shop has to be told."""

    def take_parcel(self, order: OrderId, parcel: ReportedParcel) -> None:
        """Save one reported parcel; one that names an unknown order is kept for a person."""
        run = self._run
        what = f"order {order} parcel {parcel.id}"
        with run.apart("parcels_undecided", f"parcel {parcel.id}", what):
            try:
                change = change_known(
                    run, order, lambda record: decide_reported_parcel(record, parcel, run.shop, run.timing, run.now())
                )
            except UnknownOrderError:
                text = f"{what}: the order is not known"
                run.keep_for_a_person("parcels_for_unknown_orders", f"parcel {parcel.id}", text)
                return
            run.report.count("parcels_reported" if change else "parcels_known")
            if change:
                self.decided += bool(change.cancellations)
                run.count_parcels(change)

    def take_unreadable_shipment(self, entry: UnreadableEntry) -> None:
        """Keep for a person what is no shipment: the feed will not bring it again."""
        text = f"shipment {entry.id}: {entry.reason}"
        self._run.keep_for_a_person("shipments_unreadable", f"parcel oms-{entry.id}", text)

    def take_decision(self, decision: ReportedDecision) -> None:
        """Save the OMS's answer to a buyer's request; one that cannot be used changes nothing, and the OMS is told."""
        run, answer = self._run, decision.answer
        if answer is None:
            said = f"{decision.said!r} is" if decision.said else "it says"
            self._refuse(decision.id, DecisionProblem.UNKNOWN_DECISION, f"{said} neither approve nor reject")
            return

        def decide(record: OrderRecord) -> Change | None:
            return decide_answer(
                record,
                decision.cancel_id,
                answer,
                Decider.OMS,
                decided_at=decision.decided_at,
                timing=run.timing,
                now=run.now(),
            )

        subject = f"decision {decision.id}"
        with run.apart("decisions_undecided", subject, f"{subject} about cancel request {decision.cancel_id}"):
            order = run.ledger.order_of_request(run.shop.shop, decision.cancel_id)
            if order is None:
                text = f"no cancel request {decision.cancel_id} is known"
                self._refuse(decision.id, DecisionProblem.CANCEL_REQUEST_UNKNOWN, text)
                return
            try:
                change = change_known(run, order, decide)
            except UnusableDecisionError as error:
                self._refuse(decision.id, error.problem, str(error))
                return
            run.report.count("decisions_taken" if change else "decisions_known")
            self.decided += change is not None

    def take_unreadable_decision(self, entry: UnreadableEntry) -> None:
        """Refuse what is no decision, and keep it for a person where the OMS cannot be told."""
        if entry.can_be_told:
            self._refuse(entry.id, DecisionProblem.UNKNOWN_DECISION, entry.reason)
            return
        text = f"decision {entry.id or 'without id'}: {entry.reason}"
        self._run.keep_for_a_person("decisions_unreadable", f"decision {entry.id}", text)

    def take_cancellation(self, order: OrderId, cancellation: ReportedCancellation) -> None:
        """Save a cancellation of the OMS's; one that cannot be right is refused."""
        run = self._run
        what = f"order {order} cancellation {cancellation.id}"
        with run.apart("seller_cancellations_undecided", f"cancellation {cancellation.id}", what):
            try:
                change = change_known(
                    run, order, lambda record: decide_reported_cancellation(record, cancellation, run.timing, run.now())
                )
            except UnknownOrderError:
                self._refuse_cancellation(cancellation.id.removeprefix(OURS), f"order {order} is not known")
                return
            run.report.count("seller_cancellations_reported" if change else "seller_cancellations_known")
            if change:
                self.decided += any(wish.is_open for wish in change.seller_cancellations)
                run.count_seller_cancellations(change)

    def take_unreadable_cancellation(self, entry: UnreadableEntry) -> None:
        """Refuse what is no cancellation, and keep it for a person where the OMS cannot be told."""
        if entry.can_be_told:
            self._refuse_cancellation(entry.id, entry.reason)
            return
        text = f"cancellation {entry.id or 'without id'} of order {entry.order or 'unknown'}: {entry.reason}"
        self._run.keep_for_a_person("seller_cancellations_unreadable", f"cancellation oms-{entry.id}", text)

    def _refuse(self, decision: str, problem: DecisionProblem, text: str) -> None:
        self._run.report.problem("decisions_refused", f"decision {decision}: {problem}: {text}")
        tell = partial(self._oms.cancellations.refuse_decision, decision, problem, text)
        self._refusals.add(f"decision {decision}", text, tell)

    def _refuse_cancellation(self, cancellation: str, text: str) -> None:
        what = f"cancellation oms-{cancellation}"
        self._run.report.problem("seller_cancellations_refused", f"{what}: {text}")
        self._refusals.add(what, text, partial(self._oms.cancellations.settle_cancellation, cancellation, refused=text))
