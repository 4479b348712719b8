"""Who wants money or goods back on a random day: buyers, sellers who answer or refund of themselves, and TikTok."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from local.simulators.tiktok_shop.orders import Line
from local.simulators.tiktok_shop.return_reasons import rejections
from local.simulators.tiktok_shop.return_records import (
    Arbitration,
    ReturnQuestion,
    ReturnRecord,
    ReturnStatus,
    ReturnType,
)
from local.tracking_numbers import royal_mail, usps
from tests.simulation.cancelling_people import DELAYS, Act
from tests.simulation.placed_orders import LABELS, PlacedOrder, at_tiktok, has_oms, in_oms
from tests.simulation.stage import Stage

KINDS: Final = (
    *[ReturnType.REFUND] * 4,
    *[ReturnType.RETURN_AND_REFUND] * 4,
    ReturnType.REPLACEMENT,
    ReturnType.EXCHANGE,
)
ANSWER_TIMES: Final = (3, 6, 12)
"""Hours until TikTok answers by itself; its own day or two would be longer than these days."""
RETURN_LABELS: Final = 50_000_000
_QUESTIONS: Final = tuple(question.value.lower() for question in ReturnQuestion)

type ReturnAct = Callable[[PlacedOrder, ReturnRecord], str]


class ReturningPeople:
    """What people do about returns, each act with its weight; `steps` are for orders that have returns."""

    def __init__(self, world: Stage, random: Random) -> None:
        self._world = world
        self._random = random
        self._raw = 0
        self._state = world.tiktok._state
        for question in ReturnQuestion:
            world.tiktok.set_time_to_answer_return(question, timedelta(hours=random.choice(ANSWER_TIMES)))
        self._state.return_times.offer = timedelta(hours=random.choice(ANSWER_TIMES))
        self._state.return_times.exchange = timedelta(hours=random.choice(ANSWER_TIMES))
        world.tiktok.set_refund_time(timedelta(minutes=random.choice([0, 0, 30, 200])))
        self.acts: dict[Act, int] = {
            self.ask: 20,
            self.refund_in_oms: 6,
            self.refund_in_channeladvisor: 6,
            self.refund_in_seller_center: 2,
            self.refund_by_tiktok: 2,
            self.list_nonsense: 1,
        }
        self._steps: dict[ReturnAct, int] = {
            self._decide_in_oms: 22,
            self.decide_again: 4,
            self._approve_in_seller_center: 3,
            self._reject_in_seller_center: 4,
            self._offer_in_seller_center: 3,
            self._command: 4,
            self.ship_back: 12,
            self._make_label: 8,
            self.withdraw: 3,
            self._escalate: 6,
            self._answer_offer: 5,
            self.arbitrate: 6,
            self._settle_exchange: 2,
            self._change: 1,
        }

    def step(self, order: PlacedOrder) -> str:
        """Something happens to one of the order's returns, the open ones first."""
        returns = self._world.tiktok.returns_of(order.id)
        (act,) = self._random.choices(list(self._steps), list(self._steps.values()))
        return act(order, self._random.choice(returns)) if returns else ""

    def ask(self, order: PlacedOrder) -> str:
        kind = self._random.choice(KINDS)
        lines = self._some(self._returnable(order))
        if not lines:
            return ""
        return_id = self._world.tiktok.buyer_requests_return(
            order.id,
            kind,
            lines,
            approved_by_tiktok=self._random.choice([None, True, False, False]),
            exchange_for="CAP-BLUE" if kind is ReturnType.EXCHANGE else "",
        )
        return f"is asked back: {kind} {return_id}, lines {lines}"

    def _change(self, order: PlacedOrder, given: ReturnRecord) -> str:
        kind = ReturnType.REFUND if given.type is not ReturnType.REFUND else ReturnType.RETURN_AND_REFUND
        new = self._world.tiktok.buyer_requests_return(order.id, kind, given.line_ids, follows=given.id)
        return f"has return {given.id} changed into {kind} {new}"

    def _decide_in_oms(self, order: PlacedOrder, given: ReturnRecord) -> str:
        if given.question is None or order.answers not in ("oms", "several"):
            return ""
        answered = self._world.oms.books.return_decisions(given.id)
        if (
            any(each.body.get("question") == given.question.lower() for each in answered)
            and self._random.random() < 0.8
        ):
            return ""
        return self._decide(order, given, given.question.lower())

    def decide_again(self, order: PlacedOrder, given: ReturnRecord) -> str:
        """Anything about any question, however late; or the list shows the same decision once more."""
        decisions = self._world.oms.books.return_decisions(given.id)
        if decisions and self._random.random() < 0.4:
            again = self._random.choice(decisions)
            self._world.oms.repeat_return_decision(again.id)
            return f"has decision {again.id} about {given.id} listed again"
        return self._decide(order, given, self._random.choice(_QUESTIONS))

    def _decide(self, order: PlacedOrder, given: ReturnRecord, question: str) -> str:
        random = self._random
        if given.id not in {each.id for each in self._world.oms.books.returns(order.id)}:
            return ""
        decision, minutes, reason = random.choice(["approve", "reject"]), random.choice(DELAYS), ""
        if decision == "reject" and random.random() < 0.4:
            offered = [
                each.name for each in rejections(at_tiktok(self._world, order), ReturnQuestion(question.upper()))
            ]
            reason = random.choice([*offered, "no_reason_of_theirs"])
        number = self._world.oms.decide_return(
            order.shop.id, given.id, question, decision, reason, after=timedelta(minutes=minutes)
        )
        return f"will have the OMS {decision} {question} of {given.id} after {minutes} min as {number}: {reason}"

    def _approve_in_seller_center(self, order: PlacedOrder, given: ReturnRecord) -> str:
        if order.answers not in ("seller center", "several"):
            return ""
        self._world.tiktok.approve_return_in_seller_center(given.id, keeps_item=self._random.random() < 0.2)
        return f"has return {given.id} approved in Seller Center: {given.question}"

    def _reject_in_seller_center(self, order: PlacedOrder, given: ReturnRecord) -> str:
        if given.question is None or order.answers not in ("seller center", "several"):
            return ""
        reason = self._random.choice(rejections(at_tiktok(self._world, order), given.question)).name
        self._world.tiktok.reject_return_in_seller_center(given.id, reason)
        return f"has return {given.id} rejected in Seller Center: {given.question}"

    def _offer_in_seller_center(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        amount = self._random.choice([Decimal("1.00"), given.refund.total / 2]).quantize(Decimal("0.01"))
        self._world.tiktok.offer_partial_refund_in_seller_center(given.id, amount)
        return f"has {amount} offered for return {given.id}"

    def _answer_offer(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        accepts = self._random.random() < 0.5
        self._world.tiktok.buyer_answers_offer(given.id, accepts=accepts)
        return f"has the offer for return {given.id} {'accepted' if accepts else 'declined'}"

    def _command(self, order: PlacedOrder, given: ReturnRecord) -> str:
        if order.answers not in ("operator", "several"):
            return ""
        decision = self._random.choice(["approve", "approve", "reject", "reject", "perhaps"])
        question = given.question.lower() if given.question else self._random.choice(_QUESTIONS)
        named = given.id if self._random.random() < 0.95 else "123"
        self._world.answer_return(order.shop, named, question, decision)
        return f"has the command to {decision} {question} of return {named}"

    def _make_label(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        self._world.tiktok.tiktok_makes_label(given.id)
        return f"has a label for return {given.id}"

    def ship_back(self, order: PlacedOrder, given: ReturnRecord) -> str:
        make = usps if order.shop.simulated.region.code == "US" else royal_mail
        order.labels += 1
        self._world.tiktok.buyer_ships_return(given.id, make(RETURN_LABELS + order.number * LABELS + order.labels))
        return f"has return {given.id} on its way back"

    def withdraw(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        self._world.tiktok.buyer_withdraws_return(given.id)
        return f"has return {given.id} withdrawn"

    def _escalate(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        self._world.tiktok.buyer_escalates(given.id)
        return f"has return {given.id} in arbitration"

    def arbitrate(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        for_buyer = self._random.random() < 0.6
        self._world.tiktok.tiktok_decides_arbitration(given.id, for_buyer=for_buyer)
        return f"has return {given.id} decided for the {'buyer' if for_buyer else 'seller'}"

    def _settle_exchange(self, _order: PlacedOrder, given: ReturnRecord) -> str:
        by_refund = self._random.random() < 0.5
        self._world.tiktok.tiktok_settles_exchange(given.id, by_refund=by_refund)
        return f"has exchange {given.id} settled, by refund: {by_refund}"

    def refund_in_oms(self, order: PlacedOrder) -> str:
        random, taken = self._random, in_oms(self._world, order)
        if taken is None:
            return ""
        here = {line.id for line in taken.lines}
        lines_there = [line for line in at_tiktok(self._world, order).lines if line.id in here]
        shipped = [line for line in lines_there if line.package or random.random() < 0.1]
        lines = None if random.random() < 0.3 else self._some(shipped)
        if lines == []:
            return ""
        amount = random.choice([None, None, "0.01", "2.50", "12.00", "500.00"])
        reason = random.choice(["", "", "", "no_reason_of_theirs"])
        minutes = random.choice(DELAYS)
        number = self._world.oms.refund(
            order.shop.id, order.id, lines, amount, reason, after=timedelta(minutes=minutes)
        )
        if minutes == 0 and random.random() < 0.15:
            self._world.oms.repeat_refund(number)
        return f"will be refunded by the OMS after {minutes} min as {number}: {amount or 'all'} of {lines or 'all'}"

    def refund_in_channeladvisor(self, order: PlacedOrder) -> str:
        random = self._random
        found = self._world.channeladvisor._state.by_site_id.get(order.id, [])
        if len(found) != 1:
            return ""
        shipped = [item["Sku"] for item in found[0].items for _ in range(item.shipped)]
        if not shipped:
            return ""
        number = int(found[0]["ID"])
        if random.random() < 0.2:
            self._world.channeladvisor.refund_by_hand(number)
            order.refunded_by_hand = True
            return "is refunded by hand in ChannelAdvisor"
        sku = random.choice(shipped)
        units = {sku: random.randint(1, shipped.count(sku))}
        amount = random.choice([None, None, None, Decimal("2.50")])
        self._world.channeladvisor.refund_units_by_hand(number, units, amount=amount)
        order.refunded_by_hand = True
        return f"has {units} refunded by hand in ChannelAdvisor: {amount or 'all'}"

    def refund_in_seller_center(self, order: PlacedOrder) -> str:
        lines = self._some(self._returnable(order))
        if not lines:
            return ""
        amount = self._random.choice([None, None, "1.50"])
        given = self._world.tiktok.refund_in_seller_center(order.id, lines, amount=amount)
        return f"has {amount or 'all'} of lines {lines} refunded in Seller Center: {given}"

    def refund_by_tiktok(self, order: PlacedOrder) -> str:
        lines = self._some(self._returnable(order))
        if not lines:
            return ""
        given = self._world.tiktok.refund_by_platform(order.id, lines)
        return f"has lines {lines} refunded by TikTok: {given}"

    def list_nonsense(self, order: PlacedOrder) -> str:
        """A broken OMS: answers and refunds that mean nothing."""
        random, world = self._random, self._world
        if not has_oms(world, order.shop):
            return ""
        self._raw += 1
        number, at = f"RAW-RETURN-{self._raw}", world.time.isoformat()
        if random.random() < 0.5:
            wrong: dict[str, Any] = random.choice(
                [{}, {"decision": "perhaps"}, {"question": "why"}, {"decision": None}]
            )
            entry = {
                "id": number,
                "return_id": "no-return",
                "question": "refund",
                "decision": "approve",
                "reject_reason": None,
                "decided_at": at,
            } | wrong
            world.oms.list_raw_return_decision(order.shop.id, entry)
            return f"has the OMS decide nonsense as {number}: {wrong}"
        wrong = random.choice(
            [
                {"tiktok_order_id": "no-order"},
                {"lines": ["1"]},
                {"lines": []},
                {"amount": {"currency": "JPY", "total": "1"}},
                {"amount": {"currency": "USD", "total": "-1"}},
            ]
        )
        entry = {"id": number, "tiktok_order_id": order.id, "lines": None, "amount": None, "refunded_at": at}
        entry |= wrong if in_oms(world, order) is not None else {"tiktok_order_id": "no-order"}
        world.oms.list_raw_refund(order.shop.id, entry)
        return f"has the OMS refund nonsense as {number}: {wrong}"

    def _returnable(self, order: PlacedOrder) -> list[Line]:
        return [
            line
            for line in at_tiktok(self._world, order).lines
            if line.package and not line.is_settled and not line.open_return_id and not line.is_cancelled
        ]

    def _some(self, lines: Iterable[Line]) -> list[str]:
        """All of them, or some."""
        ids = [line.id for line in lines]
        if len(ids) < 2 or self._random.random() < 0.5:
            return ids
        return self._random.sample(ids, self._random.randint(1, len(ids) - 1))


def still_to_come(given: ReturnRecord) -> bool:
    """Whether TikTok itself will do something about it when time passes."""
    waits = {ReturnStatus.AWAITING_BUYER_RESPONSE, ReturnStatus.SUCCESS, ReturnStatus.EXCHANGE_PENDING}
    return given.arbitration is not Arbitration.IN_PROGRESS and (given.question is not None or given.status in waits)


def is_open(given: ReturnRecord) -> bool:
    """Whether TikTok or somebody else has still to do something about it."""
    waits = {ReturnStatus.AWAITING_BUYER_SHIP, ReturnStatus.BUYER_SHIPPED}
    return given.arbitration is Arbitration.IN_PROGRESS or given.status in waits or still_to_come(given)
