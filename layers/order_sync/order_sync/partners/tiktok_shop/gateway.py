"""One signed call to TikTok Shop: common parameters, signature, envelope, and the token that ran out meanwhile."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from order_sync.domain.errors import OutcomeUnknownError, RejectedError
from order_sync.partners.http import Answer, Judge, Pace, PartnerHttp, TransientError, retry_after_seconds
from order_sync.partners.tiktok_shop.codes import CODES, Refusal, TokenExpiredError, error_for, read_code
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.signing import sign
from order_sync.partners.unreadable import why_unreadable

PARTNER = "TikTok Shop"

Tokens = Callable[[bool], ShopTokens]
"""Gives the shop's tokens; True reads the secret afresh."""


def partner_http(
    client: httpx.Client,
    *,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
    random: Callable[[], float],
    reads_per_second: float = 3.0,
    writes_per_second: float = 1.0,
    seconds_per_call: float = 30.0,
) -> PartnerHttp:
    """What sends requests to TikTok Shop; the limits are per app and shop (TT 6.2), so one for each shop."""
    return PartnerHttp(
        client,
        partner=PARTNER,
        sleep=sleep,
        monotonic=monotonic,
        random=random,
        reads=Pace(1 / reads_per_second, sleep=sleep, monotonic=monotonic),
        writes=Pace(1 / writes_per_second, sleep=sleep, monotonic=monotonic),
        trace=_trace,
        seconds_per_call=seconds_per_call,
    )


def code_of(answer: Answer) -> int | None:
    """The envelope's code (TT 1.6); None when the answer is no envelope."""
    code = answer.body.get("code") if isinstance(answer.body, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def judge_envelope(
    http: PartnerHttp, operation: str, *, repeatable: bool, codes: Mapping[int, Refusal] = CODES
) -> Judge:
    """Reads the envelope of every answer: a refusal comes with HTTP 200 as well (TT 6.1)."""

    def judge(answer: Answer) -> Exception | None:
        code = code_of(answer)
        if code is None:
            if not answer.is_success or answer.body is None:
                return None
            text = http.text(operation, "the answer is not TikTok's envelope", answer)
            return TransientError(text) if repeatable else OutcomeUnknownError(text)
        if code == 0:
            return None
        message = answer.body.get("message")
        refusal = read_code(code, message if isinstance(message, str) else "", codes)
        error = error_for(
            refusal,
            http.text(operation, refusal.words, answer),
            repeatable=repeatable,
            retry_after=retry_after_seconds(answer.headers),
        )
        # An outage or a limit says more than the code beside it, except that an expired token stays one.
        outage = answer.status >= 500 or answer.status in (408, 429)
        return error if isinstance(error, TokenExpiredError) or not outage else None

    return judge


def _trace(answer: Answer) -> tuple[str, str]:
    code = code_of(answer)
    request_id = answer.body.get("request_id") if isinstance(answer.body, dict) else None
    return (
        "" if code is None else str(code),
        request_id if isinstance(request_id, str) and len(request_id) <= 64 and request_id.isalnum() else "",
    )


class Gateway:
    """Signed calls for one shop."""

    def __init__(
        self,
        http: PartnerHttp,
        *,
        app: AppCredentials,
        tokens: Tokens,
        cipher: str,
        now: Callable[[], datetime],
        ask_for_renewal: Callable[[ShopTokens], None] = lambda _refused: None,
    ) -> None:
        """`ask_for_renewal` hears of tokens that ran out although they are the ones that are stored."""
        self._ask_for_renewal = ask_for_renewal
        self.http = http
        self._app = app
        self._tokens = tokens
        self._cipher = cipher
        self._now = now

    def read(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Ask for something."""
        parameters = {**(query or {}), "shop_cipher": self._cipher}
        return self._call(operation, method, path, parameters, body, repeatable=True)

    def write(
        self,
        operation: str,
        path: str,
        body: Mapping[str, object],
        *,
        key: str = "",
        codes: Mapping[int, Refusal] = CODES,
    ) -> Answer:
        """Change something, once; the same body under the same `key` may be sent again (TT 6.3).

        `codes` are for what some of TikTok's codes mean here only.
        """
        parameters = {"shop_cipher": self._cipher} | ({"idempotency_key": key} if key else {})
        return self._call(operation, "POST", path, parameters, body, repeatable=False, codes=codes)

    def data[T: BaseModel](self, model: type[T], operation: str, answer: Answer, *, of_write: bool = False) -> T:
        """What an answer carries. Raises RejectedError, or OutcomeUnknownError for a write, when it is unreadable."""
        try:
            return model.model_validate(answer.body.get("data"))
        except ValidationError as error:
            problem = why_unreadable(error)
        text = self.http.text(operation, f"the answer cannot be read: {problem}", answer)
        raise OutcomeUnknownError(text) if of_write else RejectedError(text)

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | None,
        *,
        repeatable: bool,
        codes: Mapping[int, Refusal] = CODES,
    ) -> Answer:
        """Send; when the token ran out, look once for a newer one. Raises TokenExpiredError when there is none.

        A request that was refused for its token did nothing, so that a write may be sent again as well.
        """
        content = b"" if body is None else _as_json(body)
        judge = judge_envelope(self.http, operation, repeatable=repeatable, codes=codes)

        def send(tokens: ShopTokens) -> Answer:
            token = tokens.access_token.get_secret_value()
            return self.http.send(
                operation,
                lambda: self._signed(method, path, query, content, token),
                repeatable=repeatable,
                judge=judge,
            )

        tokens = self._tokens(False)  # noqa: FBT003 - the port is a plain callable
        try:
            return send(tokens)
        except TokenExpiredError:
            newer = self._tokens(True)  # noqa: FBT003
            if newer.access_token == tokens.access_token:
                self._ask_for_renewal(tokens)
                raise
        return send(newer)

    def _signed(self, method: str, path: str, query: Mapping[str, str], content: bytes, token: str) -> httpx.Request:
        return signed_request(
            self.http, self._app, self._now(), method, path, query=query, content=content, token=token
        )


def signed_request(
    http: PartnerHttp,
    app: AppCredentials,
    now: datetime,
    method: str,
    path: str,
    *,
    query: Mapping[str, str],
    content: bytes = b"",
    token: str,
) -> httpx.Request:
    """A request with TikTok's common parameters and its signature (TT 1.3, 1.4)."""
    parameters = {**query, "app_key": app.app_key, "timestamp": str(int(now.timestamp()))}
    parameters["sign"] = sign(app.app_secret.get_secret_value(), path, parameters, content)
    return http.client.build_request(
        method,
        path,
        params=parameters,
        content=content or None,
        headers={"x-tts-access-token": token, "content-type": "application/json"},
    )


def _as_json(body: Mapping[str, Any]) -> bytes:
    """Serialised once: the signature holds for these very bytes."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
