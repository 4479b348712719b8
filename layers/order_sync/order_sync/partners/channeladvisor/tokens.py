"""Access tokens: bought with the refresh token, kept until shortly before they end (CA 1.1)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.http import Answer, PartnerHttp

RENEWED_BEFORE_END: Final = timedelta(minutes=5)


class _Grant(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: SecretStr = Field(min_length=1)
    expires_in: int = Field(gt=0)


class AccessTokens:
    """The access token of one account. The refresh token is not used up by use (CA 1.1)."""

    def __init__(
        self,
        http: PartnerHttp,
        credentials: AccountCredentials,
        *,
        account: str,
        now: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._account = account
        self._now = now
        self._lock = Lock()
        self._token = ""
        self._renew_at: datetime | None = None

    def current(self) -> str:
        """A token that is good for some minutes."""
        with self._lock:
            if not self._token or self._renew_at is None or self._renew_at <= self._now():
                self._buy()
            return self._token

    def instead_of(self, refused: str) -> str:
        """Another token than one that ChannelAdvisor refused."""
        with self._lock:
            if self._token == refused:
                self._buy()
            return self._token

    def _buy(self) -> None:
        answer = self._http.send("get an access token", self._request, repeatable=True, judge=self._judge)
        try:
            grant = _Grant.model_validate(answer.body)
        except ValidationError:
            problem = f"the answer for account {self._account} holds no usable token"
            raise RetriableError(self._http.text("get an access token", problem, answer)) from None
        life = timedelta(seconds=grant.expires_in)
        self._token = grant.access_token.get_secret_value()
        self._renew_at = self._now() + max(life - RENEWED_BEFORE_END, life / 2)

    def _request(self) -> httpx.Request:
        basic = httpx.BasicAuth(self._credentials.application_id, self._credentials.shared_secret.get_secret_value())
        request = self._http.client.build_request(
            "POST",
            "/oauth2/token",
            data={
                "grant_type": "refresh_token",
                "refresh_token": self._credentials.refresh_token.get_secret_value(),
            },
        )
        return next(basic.auth_flow(request))

    def _judge(self, answer: Answer) -> Exception | None:
        if answer.status in (400, 401):  # 400 is ChannelAdvisor's answer to bad credentials (CA 1.1)
            return RejectedError(f"ChannelAdvisor refused the refresh token of account {self._account}")
        return None
