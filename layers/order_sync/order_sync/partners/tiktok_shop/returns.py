"""TikTok Shop, the returns of one shop: what there is, and what the seller says to it (TT 4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.money import Money
from order_sync.domain.returning.returns import Question, ReturnFacts
from order_sync.partners.http import sentence
from order_sync.partners.tiktok_shop.aftersale_search import SortField, every_page, search_page
from order_sync.partners.tiktok_shop.decisions import answer_key, reject_reasons, seller_reasons, why_not
from order_sync.partners.tiktok_shop.gateway import PARTNER, Gateway
from order_sync.partners.tiktok_shop.return_codes import ANSWER_CODES, REFUND_CODES
from order_sync.partners.tiktok_shop.return_models import CreatedReturnData, ReturnsData
from order_sync.partners.tiktok_shop.return_reading import UnreadableReturn, read_return

_RETURNS: Final = "/return_refund/202309/returns"
_NEWEST_RETURNS: Final = "/return_refund/202602/returns"
_REFUND: Final = "REFUND"
_WORDS: Final[Mapping[Question, str]] = {
    Question.REFUND: "REFUND",
    Question.RETURN: "RETURN",
    Question.RECEIVE_PACKAGE: "RECEIVED_PACKAGE",
    Question.REPLACEMENT: "REPLACEMENT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsPage:
    """Some returns. `unknown` are values that we do not know yet, to be counted."""

    returns: tuple[ReturnFacts, ...]
    unreadable: tuple[UnreadableReturn, ...] = ()
    next_page_token: str = ""
    unknown: tuple[str, ...] = ()


class Returns:
    """The client of one shop's returns.

    Every call raises RetriableError (TokenExpiredError, HeldBackError, InProcessError and OutcomeUnknownError
    among them), RejectedError or SkippableError; the text names operation, code and request.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def search(self, since: datetime, until: datetime, page_token: str = "") -> ReturnsPage:
        """A page of the returns updated from `since` until before `until`, oldest update first (TT 4.4).

        Both are taken to the second below. A return may show a later update than the range.
        """
        updated = {"update_time_ge": int(since.timestamp()), "update_time_lt": int(until.timestamp())}
        return self._page("search returns", updated, sort_field="update_time", page_token=page_token)

    def of_orders(self, orders: Sequence[OrderId]) -> ReturnsPage:
        """All returns of any number of orders (TT 4.4)."""
        return self._all("read returns of orders", "order_ids", orders)

    def read(self, ids: Sequence[ReturnId]) -> ReturnsPage:
        """Returns by id, any number of them; an id that TikTok does not know is not there (TT 4.4)."""
        return self._all("read returns", "return_ids", ids)

    def reasons_to_reject(self, return_id: ReturnId, question: Question) -> tuple[str, ...]:
        """For which reasons TikTok would take a rejection now, in its order; none when it takes none (TT 4.3, 4.4)."""
        return reject_reasons(self._gateway, return_id, f"REJECT_{_WORDS[question]}")

    def may_approve(self, return_id: ReturnId, question: Question) -> str:
        """Why TikTok would not take an approval now: its own key, else our words; empty when it would (TT 4.4)."""
        return why_not(self._gateway, return_id, f"APPROVE_{_WORDS[question]}")

    def approve(self, return_id: ReturnId, question: Question, *, asking: str = "") -> None:
        """Grant what a return asks for (TT 4.4). When the answer is lost, it may be sent again.

        `asking` tells apart that TikTok asks the same question once more: an old key would only get the old answer.
        Raises RequestClosedError when it is over, DecisionNotPossibleError when TikTok does not take this answer,
        perhaps because it has it already: read the return.
        """
        self._answer("approve return", return_id, "approve", question, asking=asking)

    def reject(self, return_id: ReturnId, question: Question, reason: str, *, asking: str = "") -> None:
        """Refuse what a return asks for, for one of TikTok's reasons (TT 4.4). When the answer is lost, as `approve`.

        Raises RequestClosedError when it is settled, DecisionNotPossibleError when TikTok does not take this
        answer: read the return; HeldBackError while the parcel that came back cannot be rejected yet.
        """
        self._answer("reject return", return_id, "reject", question, reason, asking=asking)

    def refund_reasons(self, order: OrderId) -> Mapping[LineId, tuple[str, ...]]:
        """TikTok's reasons for which the seller may refund each line now; none where it may not (TT 4.4)."""
        return seller_reasons(self._gateway, "read refund reasons", order, _REFUND)

    def refund(
        self, order: OrderId, line_ids: Sequence[LineId], reason: str, key: str, amount: Money | None = None
    ) -> ReturnId:
        """Refund these lines as their seller, whole or up to an amount, without goods that come back (TT 4.4).

        The same refund under the same `key` may be sent again. Raises InProcessError when a return is open or the
        order is cancelled already: read its returns; WishRefusedError where TikTok takes no such refund.
        """
        operation = "refund"
        if not line_ids:  # TikTok would take no lines for all lines
            raise RejectedError(sentence(PARTNER, operation, f"the refund of order {order} has no lines"))
        money = {"refund_total": f"{amount.amount:f}", "currency": amount.currency} if amount else {}
        answer = self._gateway.write(
            operation,
            _NEWEST_RETURNS,
            {
                "order_id": order,
                "order_line_item_ids": list(line_ids),
                "return_reason": reason,
                "return_type": _REFUND,
                **money,
            },
            key=key,
            codes=REFUND_CODES,
        )
        return ReturnId(self._gateway.data(CreatedReturnData, operation, answer, of_write=True).return_id)

    def _answer(
        self, operation: str, return_id: ReturnId, verb: str, question: Question, reason: str = "", *, asking: str
    ) -> None:
        """A return asks one question after the other, so that each has keys of its own."""
        subject = "-".join(part for part in (return_id, question.lower(), asking) if part)
        decision = f"{verb.upper()}_{_WORDS[question]}"
        self._gateway.write(
            operation,
            f"{_RETURNS}/{quote(return_id, safe='')}/{verb}",
            {"decision": decision} | ({"reject_reason": reason} if reason else {}),
            key=answer_key(verb, subject, reason),
            codes=ANSWER_CODES,
        )

    def _page(
        self, operation: str, filters: Mapping[str, object], *, sort_field: SortField, page_token: str = ""
    ) -> ReturnsPage:
        path = f"{_NEWEST_RETURNS}/search"
        answer = search_page(self._gateway, operation, path, filters, sort_field=sort_field, page_token=page_token)
        data = self._gateway.data(ReturnsData, operation, answer)
        read = [read_return(raw) for raw in data.return_orders]
        return ReturnsPage(
            returns=tuple(each for each, _ in read if isinstance(each, ReturnFacts)),
            unreadable=tuple(each for each, _ in read if isinstance(each, UnreadableReturn)),
            next_page_token=data.next_page_token,
            unknown=tuple(value for _, unknown in read for value in unknown),
        )

    def _all(self, operation: str, name: str, ids: Sequence[str]) -> ReturnsPage:
        def read(some: list[str], token: str) -> ReturnsPage:
            return self._page(operation, {name: some}, sort_field="create_time", page_token=token)

        pages = every_page(operation, ids, read)
        return ReturnsPage(
            returns=tuple(each for page in pages for each in page.returns),
            unreadable=tuple(each for page in pages for each in page.unreadable),
            unknown=tuple(value for page in pages for value in page.unknown),
        )
