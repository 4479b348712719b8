"""Tell the OMS what waits for it: orders, ChannelAdvisor's number, addresses, parcels from elsewhere, cancellations."""

from typing import Final

from order_sync.domain.errors import NotYetError, SkippableError
from order_sync.domain.hand_over import decide_taken
from order_sync.domain.ids import LineId
from order_sync.domain.outbox import Action, Target, parcel_of
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_told
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, purchase_of, recipient_of, tell_outbox
from order_sync.partners.oms.rest import Initiator, RestOms


def push_oms(run: ShopRun, oms: RestOms, watch: OrderWatch) -> Report:
    """Tell the OMS what is due for one shop."""
    push = _Push(run, oms)
    return tell_outbox(
        run,
        Target.OMS,
        {
            Action.CANCEL_ORDER: Telling(tell=push.cancel),
            Action.CANCEL_LINE: Telling(tell=push.cancel_line),
            Action.CREATE_ORDER: Telling(tell=push.give, reads_order=True, waits_for_cancel_request=True),
            Action.UPDATE_ADDRESS: Telling(tell=push.update_address, reads_order=True),
            Action.NOTE_PARCEL: Telling(tell=push.note_parcel),
            Action.SET_CHANNELADVISOR_NUMBER: Telling(tell=push.set_channeladvisor_number),
        },
        watch,
    )


_CANCELED: Final = "cancelled at TikTok Shop"
_INITIATORS: Final[dict[str, Initiator]] = {"BUYER": "buyer", "SELLER": "seller"}
"""Whom TikTok names as the one who cancelled; anybody else is the platform."""


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
            return _taken(self._oms.take_order(purchase_of(task), order, self._run.shop))
        if number := self._oms.find_order(order.id):
            return _taken(number)
        if order.state is OrderState.CANCELED:
            raise SkippableError("the order was cancelled and never given")
        raise NotYetError("the buyer has asked to cancel")

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
        """A parcel that somebody shipped elsewhere, so that nothing ships twice."""
        self._oms.note_parcel(task.record.order.id, parcel_of(task.entry, task.record.parcels))
        return decide_told

    def cancel(self, task: Task) -> Decision:
        """The order was cancelled at TikTok Shop."""
        order = task.record.order
        self._oms.cancel_order(order.id, initiator=_INITIATORS.get(order.canceled_by, "platform"), reason=_CANCELED)
        return decide_told

    def cancel_line(self, task: Task) -> Decision:
        """One unit was cancelled at TikTok Shop; who cancelled it, the order does not say."""
        line = LineId(task.entry.subject)
        self._oms.cancel_order(task.entry.order, initiator="platform", reason=_CANCELED, lines=(line,))
        return decide_told


def _taken(number: str) -> Decision:
    return lambda record, entry, now: decide_taken(record, entry, number, now)
