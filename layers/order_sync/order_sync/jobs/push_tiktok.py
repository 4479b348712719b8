"""Tell TikTok Shop what waits for it: parcels, and the numbers that the order has elsewhere."""

from dataclasses import replace

from order_sync.domain.cancelling.held_back import why_parcel_waits
from order_sync.domain.errors import AlreadyDoneError, NotYetError, RejectedError, RetriableError, SkippableError
from order_sync.domain.facts import OrderFacts
from order_sync.domain.ids import CancelId
from order_sync.domain.orders import Parcel
from order_sync.domain.outbox import Action, Target, parcel_of
from order_sync.domain.shipments import decide_shipped_at_tiktok
from order_sync.domain.shipping_mappings import map_carrier
from order_sync.domain.telling import decide_told
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, tell_outbox
from order_sync.jobs.telling_answers import tell_answers
from order_sync.partners.tiktok_shop.client import Platform, TikTokShop
from order_sync.partners.tiktok_shop.providers import provider_for


def push_tiktok(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch) -> Report:
    """Tell TikTok Shop what is due for one shop."""
    # First: a rejection that TikTok Shop confirms at once frees the parcel that waits for it.
    tell_answers(run, tiktok, watch)
    push = _Push(run, tiktok, watch)
    tell_outbox(
        run,
        Target.TIKTOK_SHOP,
        {
            Action.SHIP: Telling(tell=push.ship, reads_order=True, why_waits=why_parcel_waits),
            Action.SET_REFERENCE: Telling(tell=push.set_references),
        },
        watch.re_read,
    )
    push.look_at_rejected()
    return run.report


class _Push:
    def __init__(self, run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch) -> None:
        self._run = run
        self._tiktok = tiktok
        self._watch = watch
        self._met: list[CancelId] = []

    def look_at_rejected(self) -> None:
        """What became of the requests that a parcel met: in the US it rejects them (TT 4.3)."""
        try:
            self._watch.look_again(self._met)
        except (RetriableError, RejectedError) as error:
            self._run.report.problem("answers_not_looked_at", str(error))

    def ship(self, task: Task) -> Decision:
        """A parcel. The call has no idempotency key, so what TikTok shows is believed before it is made again."""
        parcel = parcel_of(task.entry, task.record.parcels)
        if task.reading is None:
            raise NotYetError(f"TikTok Shop does not show order {task.record.order.id}")
        parcel = without_canceled_lines(task.reading.facts, parcel)
        package = package_at_tiktok(task.reading.facts, parcel)
        if package is not None:
            return _shipped(package, "")
        mapped = map_carrier(self._run.shop, parcel)
        option = task.reading.facts.delivery_option_id
        provider = provider_for(mapped, self._tiktok.shipping_providers(option), delivery_option=option)
        try:
            shipped = self._tiktok.ship(
                task.record.order.id,
                tracking_number=parcel.tracking_number,
                provider_id=provider.id,
                line_ids=parcel.line_ids,
            )
        except AlreadyDoneError:
            return self._shipped_before(task, parcel)
        if request := task.record.open_request:
            self._met.append(request.id)
        if shipped.warning:
            self._run.report.problem(
                "doubtful_acceptances", f"order {task.record.order.id} parcel {parcel.id}: {shipped.warning}"
            )
        return _shipped(shipped.package_id, shipped.warning)

    def _shipped_before(self, task: Task, parcel: Parcel) -> Decision:
        reading = self._watch.re_read([task.record.order.id]).get(task.record.order.id)
        package = package_at_tiktok(reading.facts, parcel) if reading else None
        if package is None:
            raise RejectedError("TikTok Shop says that these lines are shipped, but not with this tracking number")
        return _shipped(package, "")

    def set_references(self, task: Task) -> Decision:
        """Both other numbers of the order; the call replaces what was there, so repeating it is harmless (TT 2.7)."""
        order = task.record.order
        self._tiktok.set_references(
            order.id,
            {Platform.CHANNEL_ADVISOR: order.channeladvisor_id, Platform.ORDER_MANAGEMENT_SYSTEM: order.oms_number},
            [line.id for line in order.lines],
        )
        return decide_told


def without_canceled_lines(facts: OrderFacts, parcel: Parcel) -> Parcel:
    """The parcel as TikTok can take it. Raises SkippableError when all of its lines were cancelled meanwhile."""
    canceled = {line.id for line in facts.lines if line.canceled}
    living = tuple(line for line in parcel.line_ids if line not in canceled)
    if not living:
        raise SkippableError("all lines of the parcel were cancelled")
    return replace(parcel, line_ids=living)


def package_at_tiktok(facts: OrderFacts, parcel: Parcel) -> str | None:
    """The id of the package that TikTok has for this parcel; None when it has none with this tracking number.

    Raises RejectedError when lines of the parcel left under another tracking number.
    """
    shipped = [line for line in facts.lines if line.id in parcel.line_ids and line.tracking_number]
    other = [line for line in shipped if line.tracking_number != parcel.tracking_number]
    if other:
        lines = ", ".join(line.id for line in other)
        raise RejectedError(f"lines {lines} are shipped at TikTok Shop with {other[0].tracking_number!r}")
    if 0 < len(shipped) < len(parcel.line_ids):
        lines = ", ".join(line.id for line in shipped)
        raise RejectedError(f"only lines {lines} of the parcel are shipped at TikTok Shop: ship the rest by hand")
    return shipped[0].package_id if shipped else None


def _shipped(package_id: str, warning: str) -> Decision:
    return lambda record, entry, now: decide_shipped_at_tiktok(record, entry, package_id, warning, now)
