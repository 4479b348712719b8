"""ChannelAdvisor on one machine: the WSGI application, the actions of people and channels, the books."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from local.simulators.channeladvisor.adjusting import adjust_order
from local.simulators.channeladvisor.adjusting_items import cancel_units
from local.simulators.channeladvisor.books import Books
from local.simulators.channeladvisor.buyer_requests import ask
from local.simulators.channeladvisor.by_hand import ActionsByHand
from local.simulators.channeladvisor.creating import add_order, reconciled_total
from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.channeladvisor.limits import PER_MINUTE, Limits
from local.simulators.channeladvisor.oauth import TokenIssuer
from local.simulators.channeladvisor.state import Account, State
from local.simulators.channeladvisor.web import Web
from local.simulators.faults import Faults

TIKTOK_SITE = 9999
AMAZON_SITE = 640
_ONE_ITEM = ({"Sku": "SKU-1", "Quantity": 1, "UnitPrice": Decimal("10.00")},)


class ChannelAdvisorSimulator(ActionsByHand):
    """Call it as a WSGI application. Orders, profiles and sites are named by their numbers.

    `linger` runs while a request is in flight and nothing is locked: what makes concurrency visible.
    `adjustment_time` is how long a cancellation or refund takes to reach its final RequestStatus.
    `index_delay` is how long a new order stays invisible to lists; set the attribute to change it on the way.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        application_id: str,
        shared_secret: str,
        doubts: Doubts = Doubts(),  # noqa: B008 - frozen
        page_size: int = 100,
        requests_per_minute: int = PER_MINUTE,
        adjustment_time: timedelta = timedelta(minutes=2),
        linger: Callable[[], None] = lambda: None,
    ) -> None:
        self.application_id = application_id
        self.faults = Faults()
        self._state = State(clock=clock, doubts=doubts, adjustment_time=adjustment_time)
        self._limits = Limits(per_minute=requests_per_minute)
        self._tokens = TokenIssuer(clock=clock)
        self._tokens.register(application_id, shared_secret)
        self._web = Web(self._state, self._tokens, self._limits, self.faults, page_size=page_size, linger=linger)
        self.books = Books(self._state, self._limits)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        return self._web(environ, start_response)

    @property
    def index_delay(self) -> timedelta:
        """How long a new order stays invisible to lists."""
        return self._state.index_delay

    @index_delay.setter
    def index_delay(self, delay: timedelta) -> None:
        self._state.index_delay = delay

    def add_account(self, *profiles: int, carriers: Iterable[tuple[str, str]] = ()) -> str:
        """A seller's account with its profiles and its carrier list (carrier, class): its name."""
        with self._state.lock:
            name = f"account-{len(self._state.accounts) + 1}"
            token = self._tokens.authorise(self.application_id, name)
            self._state.accounts[name] = Account(name, token, set(profiles), set(carriers))
            return name

    def refresh_token(self, account: str) -> str:
        """The refresh token that the account gave to the main application."""
        return self._state.accounts[account].refresh_token

    def add_application(self, application_id: str, shared_secret: str, *, account: str) -> str:
        """Another integration of the same account, with its own export marks: its refresh token."""
        with self._state.lock:
            self._tokens.register(application_id, shared_secret)
            return self._tokens.authorise(application_id, account)

    def add_profile(self, account: str, profile: int) -> None:
        """One more profile, covered by the tokens that are out already."""
        with self._state.lock:
            self._state.accounts[account].profiles.add(profile)

    def add_carrier(self, carrier: str, shipping_class: str, *, account: str | None = None) -> None:
        """Enter a carrier and class in the list of one account, or of all."""
        with self._state.lock:
            for each in self._state.accounts.values():
                if account in (None, each.name):
                    each.carriers.add((carrier, shipping_class))

    def add_sku(self, sku: str, title: str | None = None) -> None:
        """Enter a SKU in the catalogue."""
        with self._state.lock:
            self._state.catalogue[sku] = title or sku

    def expire_tokens(self) -> None:
        """All access tokens end now, before their time."""
        with self._state.lock:
            self._tokens.expire_access()

    def revoke(self, refresh_token: str) -> None:
        """The seller withdraws the permission; access tokens that are out live on to their end."""
        with self._state.lock:
            self._tokens.revoke(refresh_token)

    def add_order_of_another_site(
        self,
        profile: int,
        *,
        site_id: int = AMAZON_SITE,
        site_name: str = "Amazon Seller Central - US",
        site_order_id: str | None = None,
        items: Sequence[Mapping[str, Any]] = _ONE_ITEM,
    ) -> int:
        """An order that is none of TikTok's: a decoy. Items hold OrderItem fields."""
        return self._bring(profile, site_id, site_name, site_order_id, items)

    def bring_native_tiktok_order(
        self,
        profile: int,
        tiktok_order_id: str,
        *,
        site_id: int = TIKTOK_SITE,
        items: Sequence[Mapping[str, Any]] = _ONE_ITEM,
        currency: str | None = None,
    ) -> int:
        """Rithum's own TikTok link imports the order."""
        return self._bring(profile, site_id, "TikTok Shop", tiktok_order_id, items, currency=currency)

    def request_by_buyer(
        self,
        order: int,
        *,
        units: Mapping[str, int] | None = None,
        comment: str | None = None,
        site_adjustment_id: str | None = None,
        is_return: bool = False,
    ) -> tuple[int, ...]:
        """Rithum's own link brings a buyer's request: the IDs of its adjustments.

        PendingApproval for a cancellation, NewRma for a return. Without `units` (quantities by SKU) it is one
        order-level adjustment for the whole order, else one item-level adjustment per SKU.
        """
        with self._state.lock:
            return ask(
                self._state,
                self._state.orders[order],
                units=units,
                comment=comment,
                site_adjustment_id=site_adjustment_id,
                is_return=is_return,
            )

    def cancel_by_channel(self, order: int, units: Mapping[str, int]) -> None:
        """Rithum's own link brings a cancellation of the channel's, quantities by SKU: done at once.

        Raises RefusedError or ValueError where these units have left.
        """
        with self._state.lock:
            found = self._state.orders[order]
            open_units = Counter[str]()
            for item in found.items:
                open_units[item["Sku"]] += max(item.unshipped, 0)
            if +open_units == Counter(units) and not any(item.shipped for item in found.items):
                adjust_order(self._state, found, {"Reason": "BuyerCancelled"}, source="Channel")
            else:
                cancel_units(self._state, found, units, "BuyerCancelled", source="Channel")

    def refund_by_channel(self, order: int, amount: Decimal) -> None:
        """Rithum's own link brings a refund of the channel's: done at once."""
        with self._state.lock:
            payload = {"Reason": "CustomerReturnedItem", "RefundOnly": True, "AdjustmentAmount": amount}
            adjust_order(self._state, self._state.orders[order], payload, source="Channel")

    def fail_next_adjustment(self, order: int) -> None:
        """The next Adjust of this order or its items, or answer to its buyer, gets 204 and ends in Error."""
        with self._state.lock:
            self._state.failing_adjustments.add(order)

    def _bring(
        self,
        profile: int,
        site_id: int,
        site_name: str,
        site_order_id: str | None,
        items: Sequence[Mapping[str, Any]],
        *,
        currency: str | None = None,
    ) -> int:
        with self._state.lock:
            self._account_of(profile)
            fields = {
                "ProfileID": profile,
                "SiteID": site_id,
                "SiteName": site_name,
                "SiteOrderID": site_order_id,
                "CheckoutStatus": "Completed",
                "PaymentStatus": "Cleared",
            }
            if currency is not None:
                fields["Currency"] = currency
            order = add_order(self._state, fields, items)
            order["TotalPrice"] = reconciled_total(order)
            return int(order["ID"])
