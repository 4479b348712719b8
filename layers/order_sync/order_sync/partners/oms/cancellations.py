"""Cancellations between us and the OMS: buyers' requests and their outcome, and what the OMS cancels itself."""

from typing import Final

from order_sync.domain.answering.answers import Decider, DecisionProblem
from order_sync.domain.cancelling.cancellations import Cancellation, Outcome
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.partners.oms.cancellation_lists import (
    CancellationsPage,
    DecisionsPage,
    read_cancellations,
    read_decisions,
)
from order_sync.partners.oms.connection import OmsConnection, path_to
from order_sync.partners.oms.entries import outcome_body, tell_refusal
from order_sync.partners.oms.orders import LONGEST_TEXT, wire_time

_DECISIONS: Final = "cancel-request-decisions"


class OmsCancellations:
    """The cancellations of one shop's OMS. Every write may be repeated, and the errors are those of `RestOms`."""

    def __init__(self, connection: OmsConnection) -> None:
        self._connection = connection

    def note_cancel_request(
        self, shop: ShopId, order: OrderId, cancellation: Cancellation, *, parcel_known: bool
    ) -> None:
        """Ask whether to cancel these lines. Told again, it brings the newest deadline, and whether a parcel is known.

        Raises RejectedError for a request without lines or deadline, and when the OMS knows it with other content.
        """
        what = f"note cancel request {cancellation.id}"
        # The OMS has time until we stop waiting, not until TikTok Shop does.
        respond_by = cancellation.answer_until or cancellation.respond_by
        if respond_by is None or not cancellation.line_ids:
            raise RejectedError(f"OMS: {what}: it has no {'lines' if respond_by else 'deadline'}")
        self._connection.put(
            what,
            path_to("cancel-requests", cancellation.id),
            {
                "shop_id": shop,
                "tiktok_order_id": order,
                "lines": list(cancellation.line_ids),
                "reason": cancellation.reason[:LONGEST_TEXT],
                "requested_at": wire_time(cancellation.requested_at),
                "respond_by": wire_time(respond_by),
                "parcel_known": parcel_known,
            },
        )

    def settle_cancel_request(self, cancellation: Cancellation) -> None:
        """Tell what became of a buyer's request.

        Raises RejectedError for one that is open or needed no answer, and when another outcome was told before.
        """
        what = f"settle cancel request {cancellation.id}"
        if cancellation.outcome is None or cancellation.closed_at is None:
            raise RejectedError(f"OMS: {what}: it is still open")
        outcome, decided_by = wire_outcome(cancellation.outcome, cancellation.decided_by)
        body = {"outcome": outcome, "decided_by": decided_by, "decided_at": wire_time(cancellation.closed_at)}
        if detail := cancellation.answer_reason.strip():
            body["detail"] = detail[:LONGEST_TEXT]
        self._connection.put(what, path_to("cancel-requests", cancellation.id, "outcome"), body)

    def decisions_after(self, shop: ShopId, cursor: str) -> DecisionsPage:
        """The page of a shop's decisions after a cursor; an empty cursor asks for the oldest."""
        return read_decisions(self._connection.list_after("list decisions", path_to(_DECISIONS), shop, cursor), cursor)

    def refuse_decision(self, decision_id: str, problem: DecisionProblem, detail: str) -> None:
        """Tell that a decision changed nothing, and why. Raises RejectedError when the OMS does not know it."""
        tell_refusal(self._connection, _DECISIONS, decision_id, problem, detail)

    def cancellations_after(self, shop: ShopId, cursor: str) -> CancellationsPage:
        """The page of what a shop's OMS cancels, after a cursor; an empty cursor asks for the oldest."""
        path = path_to("seller-cancellations")
        return read_cancellations(self._connection.list_after("list cancellations", path, shop, cursor), cursor)

    def settle_cancellation(self, cancellation_id: str, *, refused: str = "") -> None:
        """Tell what became of a cancellation by the OMS's own id: accepted, or refused for this reason.

        Raises RejectedError when the OMS does not know it, and when the other outcome was told before.
        """
        self._connection.put(
            f"settle cancellation {cancellation_id}",
            path_to("seller-cancellations", cancellation_id, "outcome"),
            outcome_body(refused),
        )


def wire_outcome(outcome: Outcome, decided_by: Decider | None) -> tuple[str, str]:
    """What became of a request, and by whom, in a pair that the contract allows: the nearest one, where ours is none.

    Whether the lines are cancelled is never changed by it. Raises RejectedError where no answer was needed.
    """
    match outcome, decided_by:
        case (Outcome.APPROVED_AUTOMATICALLY, _) | (Outcome.APPROVED, Decider.BUYER | Decider.PLATFORM):
            return "approved_automatically", "platform"
        case (Outcome.WITHDRAWN, _) | (Outcome.REJECTED, Decider.BUYER):
            return "withdrawn", "buyer"
        case ((Outcome.APPROVED | Outcome.REJECTED), (Decider.OMS | Decider.OPERATOR | Decider.SHOP_RULE)):
            return outcome.lower(), decided_by.lower()
        case ((Outcome.APPROVED | Outcome.REJECTED), _):
            return outcome.lower(), "seller"
        case Outcome.OVERTAKEN, Decider.OMS:
            return "overtaken", "oms"
        case Outcome.OVERTAKEN, (Decider.SELLER | Decider.OPERATOR | Decider.SHOP_RULE):
            return "overtaken", "seller"
        case Outcome.OVERTAKEN, _:
            return "overtaken", "platform"
        case _:
            raise RejectedError(f"OMS: a cancellation that ended {outcome} was never asked about")
