"""Keep a shop's authorisations alive. Beside connecting a shop, this job is the only one that writes its tokens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.authorizations import (
    Authorization,
    AuthorizationState,
    Grantor,
    is_trouble,
    refused,
    renewed,
    still_good,
    used,
)
from order_sync.domain.errors import AuthorizationRefusedError, RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import NOT_STARTED
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.shops import Lease
from order_sync.partners.tiktok_shop.credentials import ShopTokens

type Judge = Callable[[Authorization | None, datetime | None, datetime], Authorization]

LEASE: Final = "refresh_tokens"
AUTHORIZATION: Final = "authorization"
CHANNELADVISOR_AUTHORIZATION: Final = "authorization_channeladvisor"
LEASE_LENGTH: Final = timedelta(minutes=10)
"""Longer than the function may live, so that a slow holder is never overtaken."""
AHEAD: Final = timedelta(days=1)
"""Tokens live for seven days; a day leaves many hourly tries before one ends."""
AGREE_AGAIN: Final = "the seller must authorise the app again"
USED_EVERY: Final = timedelta(days=6)
"""ChannelAdvisor's refresh token dies after three months without use (CA 1.1); once in a week leaves many tries."""
STORING_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0)
"""In seconds: an outage of Secrets Manager lasts about a minute before renewed tokens are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBook:
    """Where tokens are kept, and who renews them. `read` gives them as they are stored, not as somebody remembers."""

    read: Callable[[ShopId], ShopTokens]
    renew: Callable[[ShopTokens], ShopTokens]
    store: Callable[[ShopId, ShopTokens], None]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of one run. `instead_of`: the end of the access token that TikTok Shop refused; None for any."""

    at_once: bool = False
    instead_of: datetime | None = None


IN_TIME: Final = Wish()


def read_wish(event: Mapping[str, object]) -> Wish:
    """What an event asks for. Raises RejectedError for a moment that is none."""
    instead_of = event.get("instead_of")
    if instead_of is None:
        return Wish(at_once=event.get("at_once") is True)
    try:
        return Wish(at_once=event.get("at_once") is True, instead_of=datetime.fromisoformat(str(instead_of)))
    except ValueError:
        raise RejectedError("instead_of: must be the moment at which the refused token ends") from None


def refresh_tokens(
    run: ShopRun, book: TokenBook, use_channeladvisor: Callable[[], None], wish: Wish = IN_TIME
) -> Report:
    """Renew TikTok's tokens when less than a day is left or on request, and use ChannelAdvisor's once in a week.

    Publishes how the authorisations stand. Raises what storing raises at last, after a notice: the renewal has voided
    the old refresh token, and the new one is lost. Raises RejectedError when our own app's secret is not in order, of
    which the shop's authorisation is not to blame.
    """
    try:
        if _has_left(run):
            run.report.count("shops_that_left")
        else:
            _renew_in_time(run, book, wish)
            _use_in_time(run, use_channeladvisor)
    finally:
        known = run.shops.authorizations(run.shop.shop)
        troubles = sum(is_trouble(each, trades=run.shop.active) for each in known.values())
        run.report.gauge("authorization_troubles", troubles)
    return run.report


def _has_left(run: ShopRun) -> bool:
    """A shop that is switched off and whose seller took the authorisation back: nothing is left to keep alive."""
    known = run.shops.authorizations(run.shop.shop).get(Grantor.TIKTOK_SHOP)
    return not run.shop.active and known is not None and known.state is AuthorizationState.WITHDRAWN


def _renew_in_time(run: ShopRun, book: TokenBook, wish: Wish) -> None:
    tokens = book.read(run.shop.shop)
    if not (_is_wanted(tokens, wish, run.now()) or _was_refused(run)):
        run.report.count("tokens_still_good")
        _see_end(run, tokens)
        return
    leases = _leases(run, tokens)
    if leases is None:
        run.report.count("refresh_already_under_way")
        return
    try:
        _renew(run, book, tokens)
    finally:
        for lease in leases:
            run.shops.give_back_lease(lease)


def _is_wanted(tokens: ShopTokens, wish: Wish, now: datetime) -> bool:
    if wish.at_once and wish.instead_of in {None, tokens.access_token_expires_at}:
        return True
    return tokens.access_token_expires_at - now <= AHEAD


def _was_refused(run: ShopRun) -> bool:
    """Then only another try shows whether the seller has agreed again, or other tokens were put into the secret."""
    known = run.shops.authorizations(run.shop.shop).get(Grantor.TIKTOK_SHOP)
    return known is not None and known.is_lost


def _leases(run: ShopRun, tokens: ShopTokens) -> list[Lease] | None:
    """The sole right to write the tokens of all the seller's shops; None while somebody holds one of them.

    Two refreshers could void each other's tokens (TT 1.2). Everybody takes them in the same order.
    """
    taken: list[Lease] = []
    for shop in _sharing(run.shop.shop, tokens):
        lease = run.shops.take_lease(shop, LEASE, LEASE_LENGTH)
        if lease is None:
            for other in taken:
                run.shops.give_back_lease(other)
            return None
        taken.append(lease)
    return taken


def _sharing(shop: ShopId, tokens: ShopTokens) -> Sequence[ShopId]:
    return sorted({shop, *tokens.shared_with})


def _renew(run: ShopRun, book: TokenBook, tokens: ShopTokens) -> None:
    shop, report = run.shop.shop, run.report
    # Whoever held the lease before may have renewed them meanwhile.
    current = book.read(shop)
    if current != tokens:
        report.count("tokens_already_renewed")
        _see_end(run, current)
        return
    others = _others(run, book, tokens)
    newest = max(others.values(), key=lambda each: each.access_token_expires_at, default=current)
    if newest.access_token_expires_at > current.access_token_expires_at:
        # A run for another of the seller's shops died before it came to this one.
        _keep(run, book, shop, newest.model_copy(update={"shared_with": current.shared_with}))
        report.count("tokens_already_renewed")
        _see_end(run, newest)
        return
    try:
        fresh = book.renew(current)
    except AuthorizationRefusedError as error:
        _refuse(run, Grantor.TIKTOK_SHOP, AUTHORIZATION, f"the tokens could not be renewed: {error}")
        report.problem("refreshes_refused", f"shop {shop}: {error}")
        return
    _store(run, book, fresh.model_copy(update={"shared_with": current.shared_with}))
    for other, stored in others.items():
        _keep(run, book, other, fresh.model_copy(update={"shared_with": stored.shared_with}))
    report.count("tokens_renewed")
    _see_end(run, fresh, renewed)


def _others(run: ShopRun, book: TokenBook, tokens: ShopTokens) -> dict[ShopId, ShopTokens]:
    """The stored tokens of the seller's other shops, where they are still of the same authorisation."""
    found: dict[ShopId, ShopTokens] = {}
    for other in tokens.shared_with:
        try:
            stored = book.read(other)
        except RejectedError as error:
            run.report.problem("shared_tokens_not_found", f"shop {run.shop.shop} shares with shop {other}: {error}")
            continue
        if run.shop.shop in stored.shared_with:
            found[other] = stored
    return found


def _store(run: ShopRun, book: TokenBook, fresh: ShopTokens) -> None:
    try:
        _keep(run, book, run.shop.shop, fresh)
    except (RejectedError, RetriableError) as error:
        text = f"the tokens were renewed but could not be stored: {error}; {AGREE_AGAIN}"
        run.report.problem("renewed_tokens_not_stored", f"shop {run.shop.shop}: {text}")
        _refuse(run, Grantor.TIKTOK_SHOP, AUTHORIZATION, text)
        raise


def _keep(run: ShopRun, book: TokenBook, shop: ShopId, tokens: ShopTokens) -> None:
    """Store tokens that nobody can get again, over an outage of a minute. Raises what storing raised last."""
    for pause in STORING_PAUSES:
        try:
            return book.store(shop, tokens)
        except RetriableError:
            if not run.has_time():
                raise
        book.sleep(pause)
    return book.store(shop, tokens)


def _see_end(run: ShopRun, tokens: ShopTokens, judge: Judge = still_good) -> None:
    """Tokens that are good say that the authorisation is; a person is told of its end in time."""
    shop, until = run.shop.shop, tokens.refresh_token_expires_at
    authorization = run.shops.change_authorization(
        shop, Grantor.TIKTOK_SHOP, lambda known: judge(known, until, run.now())
    )
    if authorization is None or authorization.is_lost:
        return
    if authorization.state is AuthorizationState.EXPIRES_SOON and authorization.until:
        text = f"the seller's authorisation ends at {authorization.until:%Y-%m-%d %H:%M} UTC: {AGREE_AGAIN}"
        if run.shops.notice(shop, AUTHORIZATION) != text:
            run.shops.put_notice(shop, AUTHORIZATION, text)
        run.report.count("authorizations_that_end_soon")
    elif run.shops.notice(shop, AUTHORIZATION):
        run.shops.lift_notice(shop, AUTHORIZATION)


def _refuse(run: ShopRun, grantor: Grantor, notice: str, text: str) -> None:
    run.shops.change_authorization(run.shop.shop, grantor, lambda known: refused(known, run.now()))
    run.shops.put_notice(run.shop.shop, notice, text)


def _use_in_time(run: ShopRun, use: Callable[[], None]) -> None:
    """For every shop: one that is switched off has nothing else that uses it, and one that trades costs a call."""
    shop = run.shop.shop
    known = run.shops.authorizations(shop).get(Grantor.CHANNELADVISOR)
    is_good = known is not None and known.state is AuthorizationState.AUTHORIZED
    if known and known.used_at and is_good and run.now() - known.used_at < USED_EVERY:
        return
    try:
        use()
    except RejectedError as error:
        run.report.problem("channeladvisor_tokens_refused", f"shop {shop}: {error}")
        if run.shop.starts_at != NOT_STARTED:
            text = f"ChannelAdvisor's refresh token could not be used: {error}"
            _refuse(run, Grantor.CHANNELADVISOR, CHANNELADVISOR_AUTHORIZATION, text)
    except RetriableError as error:
        run.report.problem("channeladvisor_not_reached", f"shop {shop}: {error}")
    else:
        run.shops.change_authorization(shop, Grantor.CHANNELADVISOR, lambda was: used(was, run.now()))
        if known and known.state is not AuthorizationState.AUTHORIZED:
            run.shops.lift_notice(shop, CHANNELADVISOR_AUTHORIZATION)
        run.report.count("channeladvisor_tokens_used")
