"""Who cancels on a random day: buyers who ask, sellers who answer or not, and everybody who cancels of himself."""

from collections.abc import Callable, Collection
from datetime import timedelta
from random import Random
from typing import Any, Final

from local.simulators.tiktok_shop.cancel_reasons import cancel_reasons, refusals
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.orders import Line
from local.simulators.tiktok_shop.orders import Order as TikTokOrder
from order_sync.domain.cancelling.cancellations import SellerReason
from tests.simulation.placed_orders import PlacedOrder, at_tiktok, has_oms, in_oms
from tests.simulation.stage import Stage

type Act = Callable[[PlacedOrder], str]
"""What somebody does about an order, in words; empty when there was nothing to do."""

BY_HAND_REASONS: Final = ("GeneralAdjustment", "GeneralAdjustment", "BuyerCancelled")
DELAYS: Final = (0, 0, 0, 5, 20, 40, 90)
"""Minutes until somebody who has decided says so."""
WRONG_DECISIONS: Final = ("perhaps", "APPROVE", "", None)


class CancellingPeople:
    """What people do about cancellations, each act with its weight; `answers` are for orders with an open request."""

    def __init__(self, world: Stage, random: Random) -> None:
        self._world = world
        self._random = random
        self._raw = 0
        self.acts: dict[Act, int] = {
            self.ask: 12,
            self.decide_again: 4,
            self.cancel_in_oms: 5,
            self.cancel_in_channeladvisor: 4,
            self.cancel_lines_in_seller_center: 2,
            self.list_nonsense: 1,
        }
        self.answers: dict[Act, int] = {
            self.decide_in_oms: 25,
            self.approve_in_seller_center: 3,
            self.reject_in_seller_center: 3,
            self._withdraw_perhaps: 3,
            self.command: 8,
        }

    def ask(self, order: PlacedOrder) -> str:
        there = at_tiktok(self._world, order)
        lines = self._some(there.unshipped)
        cancel = self._world.tiktok.request_cancel(order.id, lines, reason=self._reason(there, Role.BUYER))
        order.asked.append(cancel)
        return f"is asked to be cancelled: request {cancel}, lines {lines or 'all'}"

    def decide_in_oms(self, order: PlacedOrder) -> str:
        cancel = at_tiktok(self._world, order).open_cancel_id
        if order.answers not in ("oms", "several") or cancel not in self._told_to_oms() or cancel is None:
            return ""
        if self._world.oms.books.decisions(cancel) and self._random.random() < 0.8:
            return ""
        return self._decide(cancel)

    def decide_again(self, order: PlacedOrder) -> str:
        """The same or the contrary, however late; or the list shows the same decision once more."""
        told = [cancel for cancel in order.asked if cancel in self._told_to_oms()]
        if not told:
            return ""
        cancel = self._random.choice(told)
        decisions = self._world.oms.books.decisions(cancel)
        if decisions and self._random.random() < 0.4:
            again = self._random.choice(decisions)
            self._world.oms.repeat_decision(again.id)
            return f"has decision {again.id} listed again"
        return self._decide(cancel)

    def _decide(self, cancel: str) -> str:
        random, decision = self._random, self._random.choice(["approve", "reject"])
        minutes = random.choice(DELAYS)
        number = self._world.oms.decide(
            cancel,
            decision,
            random.choice([None, "the buyer called", "packed"]),
            after=timedelta(minutes=minutes),
            withhold=random.random() < 0.85,
        )
        return f"will have the OMS {decision} request {cancel} after {minutes} min as {number}"

    def approve_in_seller_center(self, order: PlacedOrder) -> str:
        cancel = at_tiktok(self._world, order).open_cancel_id
        if cancel is None or order.answers not in ("seller center", "several"):
            return ""
        self._world.tiktok.approve_in_seller_center(cancel)
        return f"has request {cancel} approved in Seller Center"

    def reject_in_seller_center(self, order: PlacedOrder) -> str:
        there = at_tiktok(self._world, order)
        if there.open_cancel_id is None or order.answers not in ("seller center", "several"):
            return ""
        cancel, reason = there.open_cancel_id, self._random.choice(refusals(there)).name
        self._world.tiktok.reject_in_seller_center(cancel, reason)
        return f"has request {cancel} rejected in Seller Center"

    def withdraw(self, order: PlacedOrder) -> str:
        cancel = at_tiktok(self._world, order).open_cancel_id
        self._world.tiktok.withdraw_cancel_request(order.id)
        return f"has request {cancel} withdrawn"

    def _withdraw_perhaps(self, order: PlacedOrder) -> str:
        return self.withdraw(order) if self._random.random() >= 0.5 else ""

    def command(self, order: PlacedOrder) -> str:
        cancel = at_tiktok(self._world, order).open_cancel_id
        if cancel is None or order.answers not in ("operator", "several"):
            return ""
        decision = self._random.choice(["approve", "approve", "reject", "reject", "perhaps"])
        named = cancel if self._random.random() < 0.95 else "123"
        self._world.answer(order.shop, named, decision)
        return f"has the command to {decision} request {named}"

    def cancel_in_oms(self, order: PlacedOrder) -> str:
        random, taken = self._random, in_oms(self._world, order)
        if taken is None:
            return ""
        left = [line.id for line in taken.lines if line.state in ("open", "packed") or random.random() < 0.1]
        if not left:
            return ""
        lines = None if random.random() < 0.5 else random.sample(left, random.randint(1, len(left)))
        reason, minutes = random.choice(list(SellerReason)).value, random.choice(DELAYS)
        number = self._world.oms.cancel_order(order.id, lines, reason=reason, after=timedelta(minutes=minutes))
        if random.random() < 0.1 and minutes == 0:
            self._world.oms.repeat_cancellation(number)
        return f"will be cancelled in the OMS after {minutes} min as {number}: {reason}, lines {lines or 'all'}"

    def cancel_in_channeladvisor(self, order: PlacedOrder) -> str:
        found = self._world.channeladvisor._state.by_site_id.get(order.id, [])
        if len(found) != 1:
            return ""
        number, reason = int(found[0]["ID"]), self._random.choice(BY_HAND_REASONS)
        left = [item["Sku"] for item in found[0].items for _ in range(item.unshipped)]
        if not left:
            return ""
        if self._random.random() < 0.5 and not any(parcel.shipped for parcel in found[0].fulfillments):
            self._world.channeladvisor.cancel_by_hand(number, reason=reason)
            return f"is cancelled by hand in ChannelAdvisor: {reason}"
        sku = self._random.choice(left)
        units = {sku: self._random.randint(1, left.count(sku))}
        self._world.channeladvisor.cancel_units_by_hand(number, units, reason=reason)
        return f"has {units} cancelled by hand in ChannelAdvisor: {reason}"

    def cancel_lines_in_seller_center(self, order: PlacedOrder) -> str:
        there = at_tiktok(self._world, order)
        lines = self._some(there.unshipped)
        if lines is None:
            return ""
        self._world.tiktok.cancel_by_seller(order.id, lines=lines)
        return f"has lines {lines} cancelled in Seller Center"

    def list_nonsense(self, order: PlacedOrder) -> str:
        """A broken OMS: answers and cancellations that mean nothing."""
        random, world = self._random, self._world
        if not has_oms(world, order.shop):
            return ""
        self._raw += 1
        number, at = f"RAW-{self._raw}", world.time.isoformat()
        if random.random() < 0.5:
            cancel = random.choice([*order.asked, "no-request"])
            decision = random.choice([*WRONG_DECISIONS, *(["approve"] if cancel == "no-request" else [])])
            entry: dict[str, Any] = {"id": number, "cancel_id": cancel, "decision": decision, "decided_at": at}
            world.oms.list_raw_decision(order.shop.id, entry | {"reason": None})
            return f"has the OMS say {decision!r} about {cancel} as {number}"
        known = in_oms(world, order) is not None
        wrong: dict[str, Any] = random.choice(
            [{"reason": "bored"}, {"lines": ["1"]}, {"tiktok_order_id": "no-order"}, {"lines": []}]
        )
        entry = {"id": number, "tiktok_order_id": order.id, "lines": None, "reason": "out_of_stock", "cancelled_at": at}
        entry |= wrong if known else {"tiktok_order_id": "no-order"}
        world.oms.list_raw_cancellation(order.shop.id, entry)
        return f"has the OMS cancel nonsense as {number}: {wrong}"

    def _some(self, left: list[Line]) -> list[str] | None:
        """Some of several lines, or None for all."""
        if len(left) < 2 or self._random.random() < 0.5:
            return None
        return [line.id for line in self._random.sample(left, self._random.randint(1, len(left) - 1))]

    def _reason(self, there: TikTokOrder, role: Role) -> str:
        return self._random.choice(cancel_reasons(there, role)).name

    def _told_to_oms(self) -> Collection[str]:
        return self._world.oms._state.cancel_requests.keys()
