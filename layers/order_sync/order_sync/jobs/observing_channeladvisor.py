"""Observe mode: ChannelAdvisor is looked at, where create mode tells it; its own TikTok link brings what is wanted."""

from collections import Counter
from decimal import Decimal

from order_sync.domain.channeladvisor_sightings import decide_found
from order_sync.domain.errors import LeftToLinkError, NotYetError, RejectedError, SkippableError
from order_sync.domain.ids import LineId
from order_sync.domain.observing import NOT_BROUGHT, decide_carried, is_overdue
from order_sync.domain.orders import LineState, Source
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.told import refund_in_channeladvisor, return_of
from order_sync.domain.statuses import OrderState
from order_sync.jobs.run import ShopRun
from order_sync.jobs.telling import Decision, Task
from order_sync.partners.channeladvisor.client import ChannelAdvisor, FoundOrder
from order_sync.partners.channeladvisor.models import UnreadableOrderError


class Observing:
    """What one run looks for. Nothing here creates, adjusts or refunds."""

    def __init__(self, run: ShopRun, channeladvisor: ChannelAdvisor) -> None:
        self._run = run
        self._channeladvisor = channeladvisor

    def linked(self, task: Task, there: FoundOrder) -> Decision:
        """The order is there: it is ours from now on, with all that has happened to it meanwhile."""
        order, run = task.record.order.id, self._run
        try:
            facts = self._channeladvisor.read_order(there.id, order)
        except UnreadableOrderError as error:
            raise RejectedError(f"order {there.id} in ChannelAdvisor cannot be read: {error}") from None
        brought = not there.is_ours
        return lambda record, entry, now: decide_found(
            record, entry, facts=facts, shop=run.shop, timing=run.timing, now=now, brought_by_link=brought
        )

    def not_there(self, task: Task) -> Decision:
        """Nobody creates it here: it is waited for, and after the set time people are told as well."""
        entry, now = task.entry, self._run.now()
        if task.record.order.state is OrderState.CANCELED and now - entry.queued_at >= self._run.shop.link_grace:
            raise SkippableError("the order was cancelled, and ChannelAdvisor's own TikTok link never brought it")
        if is_overdue(entry, self._run.shop, now):
            raise NotYetError(NOT_BROUGHT)
        raise LeftToLinkError("ChannelAdvisor's own TikTok link is to bring the order")

    def see_cancellation(self, task: Task) -> Decision:
        """A cancelled order: is anything of it still to be shipped there?"""
        standing = self._channeladvisor.standing(task.record.order.channeladvisor_id)
        if not any(standing.open.values()):
            return decide_carried
        left = ", ".join(f"{number} of {sku}" for sku, number in standing.open.items() if number)
        raise self._missing(task, f"{left} are still to be shipped there, although the order is cancelled")

    def see_canceled_line(self, task: Task) -> Decision:
        """A cancelled unit: does ChannelAdvisor hold more units of its SKU than live?"""
        order = task.record.order
        sku = next(line.sku for line in order.lines if line.id == LineId(task.entry.subject))
        living = Counter(line.sku for line in order.lines if line.state is not LineState.CANCELED)
        standing = self._channeladvisor.standing(order.channeladvisor_id)
        if standing.living.get(sku, 0) <= living[sku] or not standing.open.get(sku, 0):
            return decide_carried
        text = f"{standing.living[sku]} of {sku} stand there, although only {living[sku]} are not cancelled"
        raise self._missing(task, text)

    def see_refund(self, task: Task) -> Decision:
        """A refund of TikTok Shop's: do the refunds there add up to all that the buyer got back?"""
        record = task.record
        expected = refund_in_channeladvisor(return_of(task.entry, record), record).total + _others(task, record)
        shown = self._channeladvisor.standing(record.order.channeladvisor_id).refunded
        if shown >= expected:
            return decide_carried
        raise self._missing(task, f"{shown} are refunded there, {expected} at TikTok Shop")

    def has_parcel(self, order: str, parcel: Parcel) -> bool:
        """Whether the link, or a person there, has a parcel already that others than the OMS reported."""
        return parcel.source is not Source.OMS and self._channeladvisor.has_tracking(order, parcel.numbers)

    def _missing(self, task: Task, text: str) -> Exception:
        """In time it is left to the link; later a person must look, since adjusting could do it twice."""
        if not is_overdue(task.entry, self._run.shop, self._run.now()):
            return LeftToLinkError(text)
        order = task.record.order
        notice = (
            f"order {order.id}, in ChannelAdvisor {order.channeladvisor_id}: {text}. ChannelAdvisor's own TikTok link "
            "has not carried it in time: settle it there by hand, then replay it"
        )
        self._run.shops.put_notice(self._run.shop.shop, f"native link {order.id}", notice)
        return RejectedError(text)


def _others(task: Task, record: OrderRecord) -> Decimal:
    """What the order's other returns brought back to the buyer before."""
    this = return_of(task.entry, record)
    earlier = [
        known
        for known in record.returns
        if known.id != this.id
        and known.money is not None
        and known.refunded_at is not None
        and (this.refunded_at is None or known.refunded_at <= this.refunded_at)
    ]
    return sum((refund_in_channeladvisor(known, record).total for known in earlier), Decimal(0))
