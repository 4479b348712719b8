"""Tell TikTok Shop what waits for it: answers, refunds, parcels and their labels, the order's numbers elsewhere."""

from collections.abc import Sequence
from functools import partial

from order_sync.domain.cancelling.held_back import why_parcel_waits
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.telling import decide_told
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.carrier_mappings import keeping_unmapped, send_mapped
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, tell_outbox
from order_sync.jobs.telling_answers import tell_answers
from order_sync.jobs.telling_parcels import ParcelTelling
from order_sync.jobs.telling_returns import tell_return_answers
from order_sync.partners.tiktok_shop.client import Platform, TikTokShop


def push_tiktok(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, returns: ReturnWatch) -> Report:
    """Tell TikTok Shop what is due for one shop."""
    # First: answers have a deadline, and a rejection that TikTok Shop confirms at once frees its parcel.
    tell_answers(run, tiktok, watch)
    tell_return_answers(run, tiktok, returns)
    send_mapped(run, Target.TIKTOK_SHOP)
    parcels = ParcelTelling(run, tiktok, watch)
    tell_outbox(
        run,
        Target.TIKTOK_SHOP,
        {
            Action.SHIP: Telling(
                tell=keeping_unmapped(run, parcels.ship), reads_order=True, why_waits=why_parcel_waits
            ),
            Action.CORRECT_PARCEL: Telling(tell=keeping_unmapped(run, parcels.correct), reads_order=True),
            Action.SET_REFERENCE: Telling(tell=partial(_set_references, tiktok)),
            Action.CHECK_PARCEL: Telling(tell=parcels.check, reads_order=True),
        },
        watch.re_read,
    )
    _look_at_rejected(run, watch, parcels.met_requests)
    return run.report


def _look_at_rejected(run: ShopRun, watch: CancellationWatch, met: Sequence[CancelId]) -> None:
    """What became of the requests that a parcel met: in the US it rejects them (TT 4.3)."""
    try:
        watch.look_again(met)
    except (RetriableError, RejectedError) as error:
        run.report.problem("answers_not_looked_at", str(error))


def _set_references(tiktok: TikTokShop, task: Task) -> Decision:
    """Both other numbers of the order; the call replaces what was there, so repeating it is harmless (TT 2.7)."""
    order = task.record.order
    tiktok.set_references(
        order.id,
        {Platform.CHANNEL_ADVISOR: order.channeladvisor_id, Platform.ORDER_MANAGEMENT_SYSTEM: order.oms_number},
        [line.id for line in order.lines],
    )
    return decide_told
