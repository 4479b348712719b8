"""Look at cancel requests and returns for which a moment has come; timers wake it, and the clock as a safety net."""

from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.notices import Publish, tell_people
from order_sync.jobs.oms_questions import AskedOms, OmsQuestions
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.settling_cancellations import settle_cancellations
from order_sync.jobs.settling_returns import settle_returns
from order_sync.partners.tiktok_shop.client import TikTokShop


def settle_requests(
    run: ShopRun,
    tiktok: TikTokShop,
    cancellations: CancellationWatch,
    returns: ReturnWatch,
    *,
    oms: OmsQuestions | None,
    publish: Publish,
    only: OrderId | None = None,
) -> Report:
    """Everything that is due about what buyers ask for, or for a timer about that of `only` one order.

    Cancel requests come first: their deadlines are the nearer ones. People are told last.
    Raises RetriableError while something could not be settled: a timer then repeats the run, for the deadline is near.
    """
    asked = AskedOms(run, oms)
    undecided = settle_cancellations(run, tiktok, cancellations, asked, only=only)
    undecided += settle_returns(run, tiktok, returns, asked, only=only)
    tell_people(run, publish, only)
    if undecided:
        raise RetriableError(f"requests of orders {', '.join(dict.fromkeys(undecided))} could not be settled")
    return run.report
