"""Renew a shop's TikTok tokens ahead of their end. This job is the only one that writes them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.jobs.run import Report, ShopRun
from order_sync.partners.tiktok_shop.credentials import ShopTokens

LEASE: Final = "refresh_tokens"
AUTHORIZATION: Final = "authorization"
LEASE_LENGTH: Final = timedelta(minutes=10)
"""Longer than the function may live, so that a slow holder is never overtaken."""
AHEAD: Final = timedelta(days=1)
"""Tokens live for seven days; a day leaves many hourly tries before one ends."""


def refresh_tokens(
    run: ShopRun,
    read: Callable[[], ShopTokens],
    renew: Callable[[ShopTokens], ShopTokens],
    store: Callable[[ShopTokens], None],
    *,
    at_once: bool = False,
) -> Report:
    """Renew when less than a day is left, or at once on request; store before anybody uses the new ones.

    Two refreshers could void each other's tokens (TT 1.2), so only the holder of the lease renews, and
    `read` must give the tokens as they are stored, not as somebody remembers them. Raises what `store` raises,
    after a notice: the renewal has voided the old refresh token, and the new one is lost.
    """
    shop = run.shop.shop
    tokens = read()
    if not at_once and tokens.access_token_expires_at - run.now() > AHEAD:
        run.report.count("tokens_still_good")
        return run.report
    lease = run.shops.take_lease(shop, LEASE, LEASE_LENGTH)
    if lease is None:
        run.report.count("refresh_already_under_way")
        return run.report
    try:
        # Whoever held the lease before may have renewed them meanwhile.
        current = read()
        if current != tokens:
            run.report.count("tokens_already_renewed")
            return run.report
        try:
            renewed = renew(current)
        except RejectedError as error:
            run.shops.put_notice(shop, AUTHORIZATION, f"the tokens could not be renewed: {error}")
            run.report.problem("refreshes_refused", f"shop {shop}: {error}")
            return run.report
        _store(run, store, renewed)
        run.shops.lift_notice(shop, AUTHORIZATION)
        run.report.count("tokens_renewed")
    finally:
        run.shops.give_back_lease(lease)
    return run.report


def _store(run: ShopRun, store: Callable[[ShopTokens], None], renewed: ShopTokens) -> None:
    try:
        store(renewed)
    except (RejectedError, RetriableError) as error:
        text = f"the tokens were renewed but could not be stored: {error}; the seller must authorise the app again"
        run.report.problem("renewed_tokens_not_stored", f"shop {run.shop.shop}: {text}")
        run.shops.put_notice(run.shop.shop, AUTHORIZATION, text)
        raise
