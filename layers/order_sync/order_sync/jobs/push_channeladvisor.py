"""Tell ChannelAdvisor what waits for it: orders, parcels, numbers, addresses, cancellations, returns and refunds."""

from collections import Counter
from dataclasses import replace
from typing import Final

from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.cancelling.held_back import why_creation_waits
from order_sync.domain.cancelling.origins import Origin, cancellation_of, origin_of
from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
)
from order_sync.domain.hand_over import decide_created
from order_sync.domain.ids import CancelId, LineId
from order_sync.domain.observing import decide_carried, is_observed
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, Target, parcel_of
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Return
from order_sync.domain.returning.told import note_for_people, refund_in_channeladvisor, return_of
from order_sync.domain.shipping_mappings import MappedCarrier, map_carrier
from order_sync.domain.statuses import OrderState, ShippingStatus
from order_sync.domain.telling import decide_told
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.carrier_mappings import keeping_unmapped, send_mapped
from order_sync.jobs.observing_channeladvisor import Observing
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, purchase_of, recipient_of, tell_outbox
from order_sync.partners.channeladvisor.client import ChannelAdvisor, FoundOrder

NATIVE_LINK: Final = "native_link"
MOST_NOTES: Final = 3
"""So often a note is written in one go, when what it tells changes meanwhile."""


def push_channeladvisor(run: ShopRun, channeladvisor: ChannelAdvisor, watch: CancellationWatch) -> Report:
    """Tell ChannelAdvisor what is due for one shop."""
    send_mapped(run, Target.CHANNELADVISOR)
    push = _Push(run, channeladvisor)
    observes = run.shop.observes
    create = Telling(tell=push.create, reads_order=not observes)
    return tell_outbox(
        run,
        Target.CHANNELADVISOR,
        {
            Action.SHIP: Telling(tell=keeping_unmapped(run, push.ship)),
            Action.CORRECT_PARCEL: Telling(tell=keeping_unmapped(run, push.correct), repeatable=True),
            Action.CANCEL_ORDER: Telling(tell=push.cancel),
            Action.CANCEL_LINE: Telling(tell=push.cancel_line),
            Action.SETTLE_CANCEL_REQUEST: Telling(tell=push.clear_flag),
            # Where nothing is created, no buyer is needed, and nothing speaks against looking.
            Action.CREATE_ORDER: create if observes else replace(create, why_waits=why_creation_waits),
            Action.NOTE_CANCEL_REQUEST: Telling(tell=push.flag_cancel_request),
            Action.REFUND_LINES: Telling(tell=push.refund),
            Action.NOTE_RETURN: Telling(tell=push.note_return),
            Action.UPDATE_ADDRESS: Telling(tell=push.update_address, reads_order=True),
            Action.MARK_EXPORTED: Telling(tell=push.mark_exported),
        },
        watch.re_read,
    )


class _Push:
    def __init__(self, run: ShopRun, channeladvisor: ChannelAdvisor) -> None:
        self._run = run
        self._channeladvisor = channeladvisor
        self.observing = Observing(run, channeladvisor)

    def create(self, task: Task) -> Decision:
        """Look first, in every attempt: an order that is there, whoever brought it, is adopted and never created.

        Where the shop only observes, nothing is created in any case.
        """
        observes = self._run.shop.observes
        order = task.record.order
        found = self._channeladvisor.find_orders(order.id)
        ours = [match for match in found if match.is_ours]
        if len(ours) < len(found) and not observes and not self._run.shop.was_observed_at(order.created_at):
            self._note_native_link(order.id)
        if found:
            there = (ours or found)[0]
            self._see_to_payment(there)
            return self.observing.linked(task, there) if observes else _created(there, adopted=True)
        if observes:
            return self.observing.not_there(task)
        if order.state is OrderState.CANCELED:
            raise SkippableError("the order was cancelled and never created")
        if order.cancel_requested:
            raise NotYetError("the buyer has asked to cancel")
        if self._run.shops.notice(self._run.shop.shop, NATIVE_LINK):
            raise NotYetError("this shop's orders come through ChannelAdvisor's own TikTok link: waiting for it")
        if self._run.shops.settings(self._run.shop.shop).observes:
            # Somebody has changed the setting while this run went on.
            raise NotYetError("this shop only observes by now: nothing is created")
        created = self._channeladvisor.create_order(purchase_of(task))
        self._see_to_payment(created)
        return _created(created, adopted=False)

    def _is_observed(self, task: Task) -> bool:
        return is_observed(task.record.order, self._run.shop)

    def _see_to_payment(self, there: FoundOrder) -> None:
        """An order of ours is marked paid where creating it did not (CA 4.8), also after a run that died between.

        The order is there, whatever goes wrong now: the errors say so, that a cancellation may still follow.
        """
        if there.paid or not there.is_ours:
            return
        try:
            self._channeladvisor.mark_paid(there.id)
        except RetriableError as error:
            raise OutcomeUnknownError(f"{error}; order {there.id} is there, but may not be paid") from error
        except RejectedError as error:
            raise HalfDoneError(f"{error}; order {there.id} is there, but not paid") from error

    def _note_native_link(self, order: str) -> None:
        text = (
            f"order {order} reached ChannelAdvisor through its own TikTok link. "
            "Nothing is created here while this notice stands: leave creation to that link, "
            'for good by the setting channeladvisor.mode "observe", '
            f'or switch it off and connect the shop again with "lift": ["{NATIVE_LINK}"]'
        )
        self._run.shops.put_notice(self._run.shop.shop, NATIVE_LINK, text)
        self._run.report.problem("native_link_present", text)

    def ship(self, task: Task) -> Decision:
        """A parcel, with our id for it, so that our own echo is known when it is read back."""
        _leave_third_party_alone(task)
        parcel = parcel_of(task.entry, task.record.parcels)
        order_id = task.record.order.channeladvisor_id
        observes = self._is_observed(task)
        if observes and self.observing.has_parcel(order_id, parcel):
            return decide_carried
        if task.was_interrupted and self._channeladvisor.find_fulfillment(order_id, parcel.id):
            return decide_told
        carrier = self._carrier_now(parcel)
        units = units_of(task.record, parcel)
        if not units:
            raise SkippableError("all lines of the parcel were cancelled")
        relay = observes and parcel.at_tiktok_since is None
        self._channeladvisor.ship(order_id, parcel, carrier, units, relay=relay)
        return decide_told

    def correct(self, task: Task) -> Decision:
        """What stands on a parcel by now; the fulfilment that was shipped is changed, and nothing else."""
        _leave_third_party_alone(task)
        parcel = parcel_of(task.entry, task.record.parcels)
        self._channeladvisor.correct(task.record.order.channeladvisor_id, parcel, self._carrier_now(parcel))
        return decide_told

    def _carrier_now(self, parcel: Parcel) -> MappedCarrier:
        """By the newest label, also before TikTok Shop has accepted that."""
        return map_carrier(self._run.shop, parcel.under(parcel.newest_label))

    def cancel(self, task: Task) -> Decision:
        """The whole order; what is shipped there is refused, since Adjust would refund it (CA 4.5)."""
        if self._is_observed(task):
            return self.observing.see_cancellation(task)
        order = task.record.order
        origin = origin_of(task.record, [line.id for line in order.lines])
        self._channeladvisor.cancel(
            order.channeladvisor_id,
            f"cancel-{order.id}",
            by_buyer=origin.initiator is Initiator.BUYER,
            restock=self._restocks(origin),
        )
        return decide_told

    def cancel_line(self, task: Task) -> Decision:
        """One unit of the order; ChannelAdvisor counts by SKU, our adjustment's id names the line."""
        if self._is_observed(task):
            return self.observing.see_canceled_line(task)
        order, line = task.record.order, LineId(task.entry.subject)
        sku = next(each.sku for each in order.lines if each.id == line)
        origin = origin_of(task.record, [line])
        self._channeladvisor.cancel_unit(
            order.channeladvisor_id,
            sku,
            f"cancel-{line}",
            by_buyer=origin.initiator is Initiator.BUYER,
            restock=self._restocks(origin),
        )
        return decide_told

    def _restocks(self, origin: Origin) -> bool:
        """What the shop's rule says about putting cancelled units back into ChannelAdvisor's stock."""
        match self._run.shop.cancellations.restock:
            case "never":
                return False
            case "always":
                return True
            case "unless_out_of_stock":
                return "out_of_stock" not in origin.reason

    def flag_cancel_request(self, task: Task) -> Decision:
        """The buyer's question as a flag, for sellers who have no OMS to be asked."""
        request = cancellation_of(task.entry, task.record)
        until = f"answer by {request.answer_until:%Y-%m-%d %H:%M} UTC" if request.answer_until else "answer"
        self._channeladvisor.flag_cancel_request(task.record.order.channeladvisor_id, request.id, until)
        return decide_told

    def clear_flag(self, task: Task) -> Decision:
        """The request is closed, so that the flag goes."""
        self._channeladvisor.clear_flag(task.record.order.channeladvisor_id, CancelId(task.entry.subject))
        return decide_told

    def refund(self, task: Task) -> Decision:
        """What TikTok Shop has refunded, in the order's books; never the cause of a refund (CA 4.5)."""
        if self._is_observed(task):
            return self.observing.see_refund(task)
        _leave_third_party_alone(task)
        refund = refund_in_channeladvisor(return_of(task.entry, task.record), task.record)
        self._channeladvisor.refund(task.record.order.channeladvisor_id, refund)
        return decide_told

    def note_return(self, task: Task) -> Decision:
        """How a return stands, as a note: while it is pending nothing is adjusted, since Adjust would refund.

        Another run may have told what is newer while this one wrote: then what holds is written once more.
        """
        record: OrderRecord | None = task.record
        told = -1
        for _ in range(MOST_NOTES):
            known = return_of(task.entry, record) if record else None
            if record is None or known is None or known.changes == told:
                break
            self._write_note(record, known, again=told >= 0)
            told, record = known.changes, self._run.load(record.order.id)
        return decide_told

    def _write_note(self, record: OrderRecord, known: Return, *, again: bool) -> None:
        try:
            text = note_for_people(known, record)
            self._channeladvisor.note_return(record.order.channeladvisor_id, known.id, text)
        except AlreadyDoneError:
            if not again:
                raise

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


def _created(there: FoundOrder, *, adopted: bool) -> Decision:
    return lambda record, entry, now: decide_created(
        record,
        entry,
        there.id,
        adopted=adopted,
        brought_by_link=not there.is_ours,
        units=there.units,
        now=now,
    )


def _leave_third_party_alone(task: Task) -> None:
    """Raises SkippableError for an order that others ship for this account (OP C11)."""
    if task.record.order.channeladvisor_status == ShippingStatus.THIRD_PARTY_MANAGED:
        raise SkippableError("third parties ship this order there")


def units_of(record: OrderRecord, parcel: Parcel) -> list[tuple[str, int]]:
    """How many units of each SKU a parcel holds, without those that were cancelled meanwhile."""
    living = {line.id: line.sku for line in record.order.lines if line.state is not LineState.CANCELED}
    return sorted(Counter(living[line] for line in parcel.line_ids if line in living).items())
