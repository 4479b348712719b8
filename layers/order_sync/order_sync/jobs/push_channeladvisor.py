"""Tell ChannelAdvisor what waits for it: orders, parcels, numbers, addresses, cancellations."""

from collections import Counter
from typing import Final

from order_sync.domain.errors import RetriableError, SkippableError
from order_sync.domain.hand_over import decide_created
from order_sync.domain.orders import Parcel
from order_sync.domain.outbox import Action, Target, parcel_of
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping_mappings import map_carrier
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_told
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, tell_outbox
from order_sync.partners.channeladvisor.client import ChannelAdvisor

NATIVE_LINK: Final = "native_link"


def push_channeladvisor(run: ShopRun, channeladvisor: ChannelAdvisor, watch: OrderWatch) -> Report:
    """Tell ChannelAdvisor what is due for one shop."""
    push = _Push(run, channeladvisor)
    return tell_outbox(
        run,
        Target.CHANNELADVISOR,
        {
            Action.SHIP: Telling(tell=push.ship),
            Action.CANCEL_ORDER: Telling(tell=push.cancel),
            Action.CREATE_ORDER: Telling(tell=push.create, reads_order=True, waits_for_cancel_request=True),
            Action.UPDATE_ADDRESS: Telling(tell=push.update_address, reads_order=True),
            Action.MARK_EXPORTED: Telling(tell=push.mark_exported),
        },
        watch,
    )


class _Push:
    def __init__(self, run: ShopRun, channeladvisor: ChannelAdvisor) -> None:
        self._run = run
        self._channeladvisor = channeladvisor

    def create(self, task: Task) -> Decision:
        """Look first, in every attempt: an order that is there, whoever brought it, is adopted and never created."""
        order = task.record.order
        found = self._channeladvisor.find_orders(order.id)
        for match in found:
            if not match.is_ours:
                self._note_native_link(order.id)
            elif not match.paid:
                # An earlier run died between creating the order and marking it paid.
                self._channeladvisor.mark_paid(match.id)
            return _created(match.id, adopted=True)
        if order.state is OrderState.CANCELED:
            raise SkippableError("the order was cancelled and never created")
        if self._run.shops.notice(self._run.shop.shop, NATIVE_LINK):
            raise RetriableError("this shop's orders come through ChannelAdvisor's own TikTok link: waiting for it")
        created = self._channeladvisor.create_order(purchase_of(task))
        if not created.paid:
            self._channeladvisor.mark_paid(created.id)
        return _created(created.id, adopted=False)

    def _note_native_link(self, order: str) -> None:
        text = (
            f"order {order} reached ChannelAdvisor through its own TikTok link. "
            "Switch that link off, or leave creation to it: nothing is created here while it is present"
        )
        self._run.shops.put_notice(self._run.shop.shop, NATIVE_LINK, text)
        self._run.report.problem("native_link_present", text)

    def ship(self, task: Task) -> Decision:
        """A parcel, with our id for it, so that our own echo is known when it is read back."""
        parcel = parcel_of(task.entry, task.record.parcels)
        order_id = task.record.order.channeladvisor_id
        carrier = map_carrier(self._run.shop, parcel)
        if task.was_interrupted and self._channeladvisor.find_fulfillment(order_id, parcel.id):
            return decide_told
        self._channeladvisor.ship(order_id, parcel, carrier, units_of(task.record, parcel))
        return decide_told

    def cancel(self, task: Task) -> Decision:
        """The whole order; what is shipped there is refused, since Adjust would refund it (CA 4.5)."""
        order = task.record.order
        self._channeladvisor.cancel(
            order.channeladvisor_id, f"cancel-{order.id}", by_buyer=order.canceled_by == "BUYER"
        )
        return decide_told

    def update_address(self, task: Task) -> Decision:
        """The recipient's new address."""
        self._channeladvisor.update_address(task.record.order.channeladvisor_id, recipient_of(task))
        return decide_told

    def mark_exported(self, task: Task) -> Decision:
        """The OMS's number on the order, then out of this application's export queue (OP C14)."""
        order = task.record.order
        self._channeladvisor.set_seller_order_id(order.channeladvisor_id, order.oms_number)
        self._channeladvisor.export(order.channeladvisor_id)
        return decide_told


def _created(channeladvisor_id: str, *, adopted: bool) -> Decision:
    return lambda record, entry, now: decide_created(record, entry, channeladvisor_id, adopted=adopted, now=now)


def purchase_of(task: Task) -> Purchase:
    """The order with its buyer, fresh from TikTok Shop. Raises RetriableError while TikTok does not show it."""
    if task.reading is None:
        raise RetriableError(f"TikTok Shop does not show order {task.record.order.id}")
    return task.reading.purchase()


def recipient_of(task: Task) -> Recipient:
    """The recipient, fresh from TikTok Shop. Raises RetriableError while TikTok does not show one."""
    recipient = purchase_of(task).recipient
    if recipient is None:
        raise RetriableError(f"TikTok Shop shows no recipient for order {task.record.order.id}")
    return recipient


def units_of(record: OrderRecord, parcel: Parcel) -> list[tuple[str, int]]:
    """How many units of each SKU a parcel holds."""
    skus = {line.id: line.sku for line in record.order.lines}
    return sorted(Counter(skus[line] for line in parcel.line_ids).items())
