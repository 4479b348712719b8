"""Lambda: settle the cancel requests and returns of one shop that are due. Woken by timers and by the clock."""

from order_sync.bootstrap import notices, oms, runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.domain.ids import OrderId
from order_sync.jobs.oms_questions import OmsQuestions
from order_sync.jobs.poll_oms import read_decisions, read_return_decisions
from order_sync.jobs.run import Report
from order_sync.jobs.settle_requests import settle_requests


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>"}; a timer also names the order of its request, and settles only that."""
    run = runs.trading_run(event, context, report)
    # The OMS is asked for only when a rule is due: what it lacks must not keep other answers back.
    questions = OmsQuestions(
        read_decisions=lambda: read_decisions(run, oms.client(run.shop)),
        read_return_decisions=lambda: read_return_decisions(run, oms.client(run.shop)),
        packed_lines=lambda order: oms.client(run.shop).packed_lines(order),
    )
    watch = tiktok_shop.watch(run)
    return settle_requests(
        run,
        tiktok_shop.client(run.shop),
        watch,
        tiktok_shop.return_watch(run, watch.orders),
        oms=questions if run.shop.has_oms else None,
        publish=notices.publish,
        only=OrderId(event["order"]) if event.get("order") else None,
    )
