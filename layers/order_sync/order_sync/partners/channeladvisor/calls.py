"""Calls to ChannelAdvisor: with a token, one renewal when it is refused, and refusals in our words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import httpx
from pydantic import BaseModel, ValidationError

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.partners.channeladvisor.odata import Row
from order_sync.partners.channeladvisor.refusals import UnauthorisedError, judge_for
from order_sync.partners.channeladvisor.tokens import AccessTokens
from order_sync.partners.http import Answer, Pace, PartnerHttp, open_client
from order_sync.partners.unreadable import why_unreadable

BASE_URL: Final = "https://api.channeladvisor.com"
CALL_INTERVAL: Final = 0.16
"""Seconds between the calls of one client: five clients together stay under 2,000 calls a minute (CA 1.4)."""
READ_SECONDS: Final = 45.0
"""Filtered order lists are slow (CA 1.5)."""
SECONDS_PER_CALL: Final = 60.0
"""No new try starts later: three calls that hang to the end fit into one run, with room to record it."""


def open_http(
    *,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
    random: Callable[[], float],
    base_url: str = BASE_URL,
    interval: float = CALL_INTERVAL,
    transport: httpx.BaseTransport | None = None,
) -> PartnerHttp:
    """The connection to ChannelAdvisor: reads and writes share one pace. `interval` is in seconds."""
    pace = Pace(interval, sleep=sleep, monotonic=monotonic)
    return PartnerHttp(
        open_client(base_url=base_url, read_seconds=READ_SECONDS, transport=transport),
        partner="ChannelAdvisor",
        sleep=sleep,
        monotonic=monotonic,
        random=random,
        reads=pace,
        writes=pace,
        seconds_per_call=SECONDS_PER_CALL,
    )


class Calls:
    """Authorised calls to one account."""

    def __init__(self, http: PartnerHttp, tokens: AccessTokens) -> None:
        self._http = http
        self._tokens = tokens

    @property
    def base(self) -> httpx.URL:
        """Where ChannelAdvisor is."""
        return self._http.client.base_url

    def url(self, path: str, **options: str) -> str:
        """A full address; options get their `$`."""
        params = {f"${name}": value for name, value in options.items()}
        return str(self._http.client.build_request("GET", path, params=params).url)

    def get(self, operation: str, url: str) -> Row:
        """Read one page or one entity."""
        body = self._send(operation, "GET", url, None, ()).body
        if not isinstance(body, dict):
            raise RetriableError(f"ChannelAdvisor: {operation}: the answer is no object")
        return body

    def write(
        self,
        operation: str,
        method: str,
        path: str,
        payload: Mapping[str, Any] | None = None,
        *,
        private: Iterable[str] = (),
    ) -> Any:
        """Change something once; the answer's body, None where there is none.

        Raises RejectedError when refused, RetriableError when nothing was done, OutcomeUnknownError otherwise.
        """
        return self._send(operation, method, path, payload, private).body

    def _send(
        self,
        operation: str,
        method: str,
        url: str,
        payload: Mapping[str, Any] | None,
        private: Iterable[str],
    ) -> Answer:
        def send(token: str) -> Answer:
            return self._http.send(
                operation,
                lambda: self._http.client.build_request(
                    method, url, json=payload, headers={"Authorization": f"Bearer {token}"}
                ),
                repeatable=method == "GET",
                judge=judge_for(self._http, operation, private),
                may_be_empty=method != "GET",
            )

        token = self._tokens.current()
        try:
            return send(token)
        except UnauthorisedError:
            token = self._tokens.instead_of(token)
        try:
            return send(token)
        except UnauthorisedError:
            raise RetriableError(
                f"ChannelAdvisor: {operation}: a new access token was refused too; "
                "the token may lack the orders scope (HTTP 401)"
            ) from None


def order_path(channeladvisor_id: str) -> str:
    """The path of an order, from an ID that is one: it must not lead anywhere else. Raises RejectedError."""
    if not (channeladvisor_id.isascii() and channeladvisor_id.isdigit()):
        raise RejectedError(f"{channeladvisor_id!r} is not an ID of an order in ChannelAdvisor")
    return f"/v1/Orders({channeladvisor_id})"


def read_as[Entity: BaseModel](model: type[Entity], row: Any, operation: str) -> Entity:
    """An answer as an entity. Raises RejectedError when it is none."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        raise RejectedError(f"ChannelAdvisor: {operation}: the answer is unreadable: {why_unreadable(error)}") from None
