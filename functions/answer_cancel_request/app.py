"""Lambda: answer a buyer's cancel request. Invoked by an operator of a shop whose OMS does not answer."""

from order_sync.bootstrap import runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.answer_cancel_request import answer_cancel_request
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop", "cancel_request": ids, "decision": "approve" or "reject"}."""
    run = runs.answering_run(event, context, report)
    return answer_cancel_request(run, event, tiktok_shop.client(run.shop), tiktok_shop.watch(run))
