"""Lambda: keep the authorisations of one shop alive. Beside connect_shop nothing else writes tokens."""

from order_sync.bootstrap import channeladvisor, runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.refresh_tokens import read_wish, refresh_tokens
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>", "at_once": true to renew tokens that are still good, "instead_of": "<their end>"}.

    With `instead_of` only tokens that end then are renewed at once: others are newer than those that were refused.
    """
    run = runs.shop_run(event, context, report)
    book = tiktok_shop.token_book()
    return refresh_tokens(run, book, lambda: channeladvisor.use_refresh_token(run.shop), read_wish(event))
