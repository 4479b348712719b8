"""Lambda: bring in what the OMS has shipped, cancelled, refunded and answered; answers are told at once."""

from order_sync.bootstrap import oms, runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.poll_oms import poll_oms
from order_sync.jobs.run import Report
from order_sync.jobs.telling_answers import tell_answers
from order_sync.jobs.telling_returns import tell_return_answers


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}."""
    run = runs.trading_run(event, context, report)
    if not run.shop.has_oms:
        return run.report

    # TikTok Shop is asked for only when there is an answer: what it lacks must not keep the OMS's parcels out.
    def answer() -> None:
        tiktok, watch = tiktok_shop.client(run.shop), tiktok_shop.watch(run)
        tell_answers(run, tiktok, watch)
        tell_return_answers(run, tiktok, tiktok_shop.return_watch(run, watch.orders))

    return poll_oms(run, oms.client(run.shop), answer)
