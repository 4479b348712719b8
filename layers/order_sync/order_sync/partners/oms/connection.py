"""What every call to one shop's OMS has in common: address, token, and how an answer is judged.

Every write is a PUT that means the same twice as once, so after an OutcomeUnknownError the same call is simply
made again; there is nothing to read back.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.partners.http import Answer, Judge, PartnerHttp
from order_sync.partners.oms.problems import Conflict, judge_for, rejected


class OmsConnection:
    """One shop's OMS at its address, opened by its token."""

    def __init__(self, http: PartnerHttp, url: str, token: Callable[[], str]) -> None:
        """`url` has no slash at its end; `token` gives the bearer token."""
        self.http = http
        self._url = url
        self._token = token

    def put(
        self,
        operation: str,
        path: str,
        body: dict[str, Any],
        *,
        private: Iterable[str] = (),
        conflict: Conflict = rejected,
        unprocessable: Conflict = rejected,
    ) -> Answer:
        """Tell the OMS something. `private` are the buyer's texts in it: an error never repeats them."""
        return self.http.send(
            operation,
            lambda: self.http.client.build_request("PUT", self._url + path, json=body, headers=self._headers()),
            repeatable=False,
            judge=judge_for(self.http, operation, private=private, conflict=conflict, unprocessable=unprocessable),
            may_be_empty=True,
        )

    def get(
        self, operation: str, path: str, *, params: Mapping[str, str] | None = None, judge: Judge | None = None
    ) -> Answer:
        """Ask the OMS something; `judge` reads the answer in another way than usual."""
        return self.http.send(
            operation,
            lambda: self.http.client.build_request("GET", self._url + path, params=params, headers=self._headers()),
            repeatable=True,
            judge=judge or judge_for(self.http, operation),
        )

    def list_after(self, operation: str, path: str, shop: ShopId, cursor: str) -> object:
        """The body of the page of a shop's list after a cursor; an empty cursor asks for the oldest entries."""
        return self.get(operation, path, params={"shop_id": shop} | ({"after": cursor} if cursor else {})).body

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


def path_to(*parts: str) -> str:
    """The path of these parts. Raises RejectedError for an id that would name something else."""
    if not {"", ".", ".."}.isdisjoint(parts):
        raise RejectedError(f"OMS: an id of {'/'.join(parts)!r} can stand in no address")
    return "".join(f"/{quote(part, safe='')}" for part in parts)
