"""Connecting a shop: secrets that are made, a state nobody can guess, and what a seller's browser shows."""

import random
import secrets as chance
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Final

from order_sync.bootstrap.http_api import HttpAnswer, HttpRequest, Refusals
from order_sync.bootstrap.runs import now, secrets, settings, shops, table
from order_sync.bootstrap.tiktok_app import app
from order_sync.domain.errors import RejectedError
from order_sync.jobs.connect_shop import Connecting, begin, take_pasted, take_redirect
from order_sync.jobs.run import Report
from order_sync.ledger.once import Consents
from order_sync.partners.http import PartnerHttp, open_client
from order_sync.partners.tiktok_shop.consent import authorized_shops, consent_link, read_redirect
from order_sync.partners.tiktok_shop.gateway import partner_http
from order_sync.partners.tiktok_shop.tokens import exchange

_STATE_BYTES: Final = 32
_SECONDS_PER_CALL: Final = 5.0
"""API Gateway waits half a minute in all."""


def _page(status: int, title: str, text: str) -> HttpAnswer:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    return HttpAnswer(status=status, text=f"{head}<h1>{title}</h1><p>{text}</p>")


_DONE: Final = _page(200, "Connected", "Thank you. You can close this page.")
_DENIED: Final = _page(200, "Not connected", "You have not agreed, so nothing was connected.")
_IN_PART: Final = _page(
    200, "Connected in part", "Not all of your shops could be connected. Please tell whoever sent you the link."
)
REFUSALS: Final = Refusals(
    rejected=_page(
        400,
        "This link is not good any more",
        "If you have just agreed, your shops may be connected already: please ask whoever sent you the link. "
        "Otherwise ask for a new one.",
    ),
    later=_page(503, "Not connected", "That did not work just now. Please ask for a new link."),
)


def take_request(request: HttpRequest, report: Report) -> HttpAnswer:
    """A seller's browser comes back from TikTok Shop."""
    redirect = read_redirect(request.query)
    if redirect.is_denied:
        report.count("consents_denied")
        return _DENIED
    return _DONE if take_redirect(redirect, _connecting(report, request.seconds_left)) else _IN_PART


def take_command(event: dict[str, object], report: Report, seconds_left: Callable[[], float]) -> Report:
    """An operator asks for a consent, or pastes one."""
    match event:
        case {"begin": given}:
            state = partial(chance.token_urlsafe, _STATE_BYTES)
            begin(given, _connecting(report, seconds_left), state, partial(consent_link, app()))
        case {"pasted": _}:
            take_pasted(event, _connecting(report, seconds_left))
        case _:
            raise RejectedError('the event must have "begin" or "pasted"')
    return report


def _connecting(report: Report, seconds_left: Callable[[], float]) -> Connecting:
    ours = app()
    return Connecting(
        shops=shops(),
        consents=Consents(table(), now),
        exchange=lambda code: exchange(_http(settings().tiktok_auth_url), app=ours, code=code),
        list_shops=lambda tokens: authorized_shops(_http(settings().tiktok_api_url), app=ours, tokens=tokens, now=now),
        store=lambda shop, tokens: secrets().put(f"tiktok/{shop}", tokens.to_json(), settings().data_key_id),
        now=now,
        sleep=time.sleep,
        seconds_left=seconds_left,
        report=report,
    )


@cache
def _http(url: str) -> PartnerHttp:
    return partner_http(
        open_client(base_url=url, read_seconds=_SECONDS_PER_CALL),
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=random.random,
        seconds_per_call=_SECONDS_PER_CALL,
    )
