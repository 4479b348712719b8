"""Lambda: renew the TikTok tokens of one shop ahead of their end. Nothing else writes tokens."""

from order_sync.bootstrap import runs, tiktok_shop
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.refresh_tokens import refresh_tokens
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop": "<shop id>", "at_once": true to renew tokens that are still good}."""
    run = runs.shop_run(event, context, report)
    tokens = tiktok_shop.TokenStore(run.shop.shop)
    return refresh_tokens(run, tokens.read_stored, tokens.renew, tokens.store, at_once=event.get("at_once") is True)
