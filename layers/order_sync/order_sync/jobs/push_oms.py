"""Tell the OMS what waits for it: orders, numbers, addresses, parcels from elsewhere, cancellations, returns."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Final

from order_sync.domain.cancelling.held_back import why_creation_waits
from order_sync.domain.cancelling.news import parcels_to_recover
from order_sync.domain.cancelling.origins import Origin, cancellation_of, origin_of, seller_cancellation_of
from order_sync.domain.errors import AlreadyDoneError, NotYetError, SkippableError
from order_sync.domain.hand_over import decide_taken
from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, Target, parcel_of
from order_sync.domain.returning.told import return_of, seller_refund_of
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_told
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, purchase_of, recipient_of, tell_outbox
from order_sync.partners.oms.cancellation_lists import OURS
from order_sync.partners.oms.rest import AlreadyShippedError, LinesDifferError, RestOms, wire_initiator


def push_oms(run: ShopRun, oms: RestOms, watch: CancellationWatch) -> Report:
    """Tell the OMS what is due for one shop."""
    push = _Push(run, oms)
    return tell_outbox(
        run,
        Target.OMS,
        {
            Action.CANCEL_ORDER: Telling(tell=push.cancel),
            Action.CANCEL_LINE: Telling(tell=push.cancel_line),
            Action.RECOVER_PARCELS: Telling(tell=push.recover),
            Action.SETTLE_CANCEL_REQUEST: Telling(tell=push.settle_request),
            Action.SETTLE_SELLER_CANCELLATION: Telling(tell=push.settle_seller_cancellation),
            Action.SETTLE_SELLER_REFUND: Telling(tell=push.settle_seller_refund),
            Action.CREATE_ORDER: Telling(tell=push.give, reads_order=True, why_waits=why_creation_waits),
            Action.NOTE_CANCEL_REQUEST: Telling(tell=push.note_request),
            Action.NOTE_RETURN: Telling(tell=push.note_return),
            Action.UPDATE_ADDRESS: Telling(tell=push.update_address, reads_order=True),
            Action.NOTE_PARCEL: Telling(tell=push.note_parcel),
            Action.SET_CHANNELADVISOR_NUMBER: Telling(tell=push.set_channeladvisor_number),
        },
        watch.re_read,
    )


_CANCELED: Final = "cancelled at TikTok Shop"


class _Push:
    def __init__(self, run: ShopRun, oms: RestOms) -> None:
        self._run = run
        self._oms = oms

    def give(self, task: Task) -> Decision:
        """The order; the contract makes giving it twice harmless, so an unknown outcome is simply given again.

        What must not be given any more, or not now, is only looked for: an attempt may have given it before.
        """
        order = task.record.order
        if order.state is not OrderState.CANCELED and not order.cancel_requested:
            return self._take(task)
        if number := self._oms.find_order(order.id):
            return _taken(number)
        if order.state is OrderState.CANCELED:
            raise SkippableError("the order was cancelled and never given")
        raise NotYetError("the buyer has asked to cancel")

    def _take(self, task: Task) -> Decision:
        purchase = purchase_of(task)
        try:
            number = self._oms.take_order(purchase, task.record, self._run.shop)
        except LinesDifferError:
            # An attempt whose answer was lost gave it before a line was cancelled: it has the order, with that line.
            if not task.was_interrupted or not (number := self._oms.find_order(purchase.order)):
                raise
            return _taken(number)
        return _taken(number, [line.id for line in purchase.lines])

    def set_channeladvisor_number(self, task: Task) -> Decision:
        """ChannelAdvisor's number, where the OMS had to go without it."""
        order = task.record.order
        self._oms.set_channeladvisor_number(order.id, order.channeladvisor_id)
        return decide_told

    def update_address(self, task: Task) -> Decision:
        """The recipient's new address; an OMS that has packed the order keeps the old one and says so."""
        message = purchase_of(task).buyer_message
        self._oms.update_address(task.record.order.id, recipient_of(task), message)
        return decide_told

    def note_parcel(self, task: Task) -> Decision:
        """A parcel that somebody shipped elsewhere, so that nothing ships twice; without what is cancelled in it."""
        parcel = parcel_of(task.entry, task.record.parcels)
        canceled = {line.id for line in task.record.order.lines if line.state is LineState.CANCELED}
        living = tuple(line for line in parcel.named_lines or parcel.line_ids if line not in canceled)
        if not living:
            raise SkippableError("all lines of the parcel were cancelled")
        self._oms.note_parcel(task.record.order.id, replace(parcel.under(parcel.newest_label), line_ids=living))
        return decide_told

    def cancel(self, task: Task) -> Decision:
        """The order was cancelled at TikTok Shop. What has left the OMS it will report, to be recovered."""
        order = task.record.order
        origin = origin_of(task.record, [line.id for line in order.lines])
        try:
            self._cancel(order.id, origin, ())
        except AlreadyShippedError as error:
            self._run.report.problem("canceled_after_shipping", f"order {order.id}: {error}")
            for line in order.lines:
                with suppress(AlreadyShippedError, AlreadyDoneError):
                    self._cancel(order.id, origin, (line.id,))
        return decide_told

    def cancel_line(self, task: Task) -> Decision:
        """One unit was cancelled at TikTok Shop."""
        line = LineId(task.entry.subject)
        self._cancel(task.entry.order, origin_of(task.record, [line]), (line,))
        return decide_told

    def _cancel(self, order: OrderId, origin: Origin, lines: tuple[LineId, ...]) -> None:
        self._oms.cancel_order(
            order, initiator=wire_initiator(origin.initiator), reason=origin.reason or _CANCELED, lines=lines
        )

    def recover(self, task: Task) -> Decision:
        """Parcels that left with something that is cancelled."""
        record = task.record
        parcels = parcels_to_recover(record)
        canceled = {line.id for line in record.order.lines if line.state is LineState.CANCELED}
        origin = origin_of(record, [line for parcel in parcels for line in parcel.line_ids if line in canceled])
        self._oms.recover_parcels(
            record.order.id,
            [parcel.under(parcel.newest_label) for parcel in parcels],
            initiator=wire_initiator(origin.initiator),
            reason=origin.reason or _CANCELED,
            cancelled_at=origin.at or record.order.updated_at,
        )
        return decide_told

    def note_request(self, task: Task) -> Decision:
        """The buyer's question, with the time until which an answer is waited for."""
        request = cancellation_of(task.entry, task.record)
        parcel_known = any(not parcel.refused and request.meets(parcel.line_ids) for parcel in task.record.parcels)
        order = task.record.order
        self._oms.cancellations.note_cancel_request(order.shop, order.id, request, parcel_known=parcel_known)
        return decide_told

    def settle_request(self, task: Task) -> Decision:
        """What became of the buyer's request."""
        self._oms.cancellations.settle_cancel_request(cancellation_of(task.entry, task.record))
        return decide_told

    def settle_seller_cancellation(self, task: Task) -> Decision:
        """What became of a cancellation of the OMS's own."""
        wish = seller_cancellation_of(task.entry, task.record)
        self._oms.cancellations.settle_cancellation(wish.id.removeprefix(OURS), refused=wish.detail)
        return decide_told

    def note_return(self, task: Task) -> Decision:
        """How a return stands now, with what it waits for and what it refunds."""
        order = task.record.order
        self._oms.returns.note_return(order.shop, order.id, return_of(task.entry, task.record))
        return decide_told

    def settle_seller_refund(self, task: Task) -> Decision:
        """What became of a refund of the OMS's own."""
        wish = seller_refund_of(task.entry, task.record)
        refused, return_id = wish.detail, wish.return_id or ""
        self._oms.returns.settle_refund(wish.id.removeprefix(OURS), refused=refused, return_id=return_id)
        return decide_told


def _taken(number: str, given: Collection[LineId] | None = None) -> Decision:
    return lambda record, entry, now: decide_taken(record, entry, number, now, given=given)
