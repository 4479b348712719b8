"""A seller's consent: the page that asks for it, what the browser brings back, the shops it is about (TT 1.1, 7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlencode

import httpx
from pydantic import ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.regions import Region
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import judge_envelope, signed_request
from order_sync.partners.tiktok_shop.models import AuthorizedShopsData
from order_sync.partners.unreadable import why_unreadable

_HOSTS: Final[Mapping[Region, str]] = {Region.US: "https://services.us.tiktokshop.com"}
_ELSEWHERE: Final = "https://services.tiktokshop.com"
_DENIED: Final = "null"
"""What stands in the place of the code when the seller has not agreed."""
_MOST_PARTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedShop:
    """A shop that a seller has agreed about; `region` is TikTok's word, which may be none of ours."""

    shop: ShopId
    name: str
    region: str
    cipher: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Redirect:
    """What the seller's browser brings back; a missing part is empty. The code opens a shop: no repr."""

    code: str
    state: str
    is_denied: bool


def consent_link(app: AppCredentials, region: Region, state: str) -> str:
    """Where the seller of a region agrees. Raises RejectedError when the app's secret has no `service_id`."""
    if not app.service_id:
        raise RejectedError(
            "secret tiktok-app: service_id: missing; the app's page in TikTok Shop's Partner Center shows it "
            "in the authorisation link, and it is not the app key"
        )
    query = urlencode({"service_id": app.service_id, "state": state})
    return f"{_HOSTS.get(region, _ELSEWHERE)}/open/authorize?{query}"


def read_redirect(query: str) -> Redirect:
    """What the browser brings back, from the query of the redirect address. A part that comes twice counts as none."""
    try:
        parts = parse_qs(query, max_num_fields=_MOST_PARTS)
    except ValueError:
        parts = {}

    def only(name: str) -> str:
        values = parts.get(name, [])
        return values[0] if len(values) == 1 else ""

    code, error = only("code"), only("error")
    return Redirect(code="" if code == _DENIED else code, state=only("state"), is_denied=bool(error) or code == _DENIED)


def read_pasted(text: str) -> Redirect:
    """The same from what a person copied: the whole redirect address, or only the code."""
    text = text.strip()
    if text.startswith(("https://", "http://")):
        return read_redirect(text.partition("?")[2].partition("#")[0])
    return Redirect(code="" if text == _DENIED else text, state="", is_denied=text == _DENIED)


def authorized_shops(
    http: PartnerHttp, *, app: AppCredentials, tokens: ShopTokens, now: Callable[[], datetime]
) -> tuple[AuthorizedShop, ...]:
    """The shops that these tokens open (TT 7). Raises RetriableError, or RejectedError when there are none."""
    operation = "list the seller's shops"

    def build() -> httpx.Request:
        token = tokens.access_token.get_secret_value()
        # No shop_cipher: TikTok refuses it here (TT 1.3).
        return signed_request(http, app, now(), "GET", "/authorization/202309/shops", query={}, token=token)

    answer = http.send(operation, build, repeatable=True, judge=judge_envelope(http, operation, repeatable=True))
    try:
        listed = AuthorizedShopsData.model_validate(answer.body.get("data")).shops
    except ValidationError as error:
        problem = f"the answer cannot be read: {why_unreadable(error)}"
    else:
        if listed:
            return tuple(
                AuthorizedShop(shop=ShopId(each.id), name=each.name, region=each.region, cipher=each.cipher)
                for each in listed
            )
        problem = "the seller has agreed about no shop"
    raise RejectedError(http.text(operation, problem, answer))
