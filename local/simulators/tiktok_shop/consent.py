"""TikTok's consent page and the notifications that it sends: what comes to us from outside (TT 1.1, 5)."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from werkzeug import Request, Response

from local.simulators.tiktok_shop.gate import App
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tokens import ALL_SCOPES, Grant

CONSENT_PAGE = "/open/authorize"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The seller whose browser comes to the page: the shops that the seller has, and whether the seller agrees."""

    shops: tuple[Shop, ...]
    agrees: bool = True


def answer_consent_page(state: State, app: App, request: Request, seller: SignedIn | None) -> Response:
    """The browser's way back: to the app's redirect address with a code, or with a denial."""
    given = request.args
    if not app.service_id or given.get("service_id") != app.service_id:
        return Response("This service does not exist", status=HTTPStatus.NOT_FOUND, content_type="text/plain")
    if seller is None:
        return Response("Sign in to continue", status=HTTPStatus.OK, content_type="text/plain")
    if seller.agrees:
        grant = Grant(shops=seller.shops, scopes=ALL_SCOPES, open_id=state.ids.secret("open_"))
        back = {"app_key": app.key, "code": state.authorisations.code(grant, state.now()), "locale": "en"}
    else:
        back = {"code": "null", "error": "auth_denied"}
    # A consent that the seller begins in Seller Center has no state.
    if "state" in given:
        back["state"] = given["state"]
    location = f"{app.redirect_url}?{urlencode(back)}"
    return Response(status=HTTPStatus.FOUND, headers={"Location": location})


def signed_notification(app: App, notification: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
    """A notification's body and headers, as TikTok posts them: no timestamp is signed, so a replay is possible."""
    body = json.dumps(notification, separators=(",", ":")).encode()
    signature = hmac.new(app.secret.encode(), app.key.encode() + body, hashlib.sha256).hexdigest()
    return body, {"Authorization": signature, "Content-Type": "application/json"}
