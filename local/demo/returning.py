"""Buyers who want something back, those who ship it and refund it, and somebody who refunds too much by hand."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count

from local.demo.aftersales import BEGINS_AFTER, Aftersale
from local.demo.clock import now, real
from local.demo.parcels import is_known_everywhere, labels_at_tiktok
from local.demo.partners import Partners
from local.demo.returned import is_settled, returns_of
from local.demo.stories import Placed
from local.simulators.tiktok_shop.orders import Status
from local.simulators.tiktok_shop.return_records import ReturnRecord, ReturnStatus, ReturnType
from local.tracking_numbers import royal_mail, usps

FIRST_NUMBER = 90_001
"""Of the parcels that come back; the warehouse's begin at 1."""


class Returning:
    """`work` does what is due for each order that somebody wants something of. `orders` grows meanwhile."""

    def __init__(self, partners: Partners, orders: Sequence[Placed], clock: Callable[[], datetime] = now) -> None:
        self._partners = partners
        self._orders = orders
        self._now = clock
        self._numbers = count(FIRST_NUMBER)
        self._seen: dict[str, datetime] = {}
        """By order: since when it may begin."""
        self._begun: set[str] = set()
        self._tried: set[str] = set()

    def work(self) -> None:
        """Ask, ship and refund whatever it is time for."""
        for order in tuple(self._orders):
            if (aftersale := order.story.aftersale) is None:
                continue
            if order.id not in self._begun:
                self._begin_when_due(order, aftersale)
                continue
            for given in returns_of(self._partners, order.id):
                if given.status is ReturnStatus.AWAITING_BUYER_SHIP:
                    self._bring_back(order, given)
            if aftersale.tried_by_hand and order.id not in self._tried and is_settled(self._partners, order):
                self._tried.add(order.id)
                self._refund_all_by_hand(order)

    def _begin_when_due(self, order: Placed, aftersale: Aftersale) -> None:
        if not self._may_begin(order, aftersale):
            return
        since = self._seen.setdefault(order.id, self._now())
        if self._now() - since < real(BEGINS_AFTER):
            return
        self._begun.add(order.id)
        lines = self._partners.tiktok.line_ids(order.id)[: aftersale.units or None]
        if aftersale.asks is None:
            self._partners.oms.refund(self._partners.shops[order.region].id, order.id, lines)
        else:
            self._partners.tiktok.buyer_requests_return(order.id, aftersale.asks, lines, approved_by_tiktok=False)

    def _may_begin(self, order: Placed, aftersale: Aftersale) -> bool:
        """Goods come back from those who have them, money is asked for when a parcel is on its way."""
        match aftersale.asks:
            case None:
                return is_known_everywhere(self._partners, order.id)
            case ReturnType.REFUND:
                return bool(labels_at_tiktok(self._partners, order.id))
            case _:
                return self._partners.tiktok.status(order.id) is Status.DELIVERED

    def _bring_back(self, order: Placed, given: ReturnRecord) -> None:
        """Each step once the OMS has heard of the one before, so that it hears of all."""
        told = {each.id: each.state for each in self._partners.oms.books.returns(order.id)}
        match told.get(given.id):
            case "waiting_for_buyer_to_ship" if not given.has_label:
                self._partners.tiktok.tiktok_makes_label(given.id)
            case "return_label_generated":
                number = next(self._numbers)
                tracking_number = royal_mail(number) if order.region == "GB" else usps(number)
                self._partners.tiktok.buyer_ships_return(given.id, tracking_number)
            case _:
                pass

    def _refund_all_by_hand(self, order: Placed) -> None:
        [there] = self._partners.channeladvisor.books.orders_of_tiktok(order.id)
        self._partners.channeladvisor.refund_by_hand(there["ID"], amount=there["TotalPrice"])
