"""Lambda: answer what TikTok Shop asks about a return. Invoked by an operator of a shop whose OMS does not answer."""

from order_sync.bootstrap import runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.answer_return import answer_return
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop", "return": ids, "question", "decision": "approve" or "reject", "reject_reason"}."""
    run = runs.answering_run(event, context, report)
    watch = tiktok_shop.return_watch(run, tiktok_shop.order_watch(run))
    return answer_return(run, event, tiktok_shop.client(run.shop), watch)
