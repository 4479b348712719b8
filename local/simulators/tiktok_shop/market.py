"""Shops, authorisations, buyers, and the oddities that a scenario can arrange (not over HTTP)."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from local.simulators.tiktok_shop.books import Books
from local.simulators.tiktok_shop.buyers import Buyer
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import ALREADY_SHIPPED, MESSAGES
from local.simulators.tiktok_shop.ids import Ids
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Damage, Order, Status
from local.simulators.tiktok_shop.placing import introduce_buyer
from local.simulators.tiktok_shop.providers import BY_REGION
from local.simulators.tiktok_shop.shops import REGIONS, DeliveryOption, Shop, Warehouse, providers_of
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tokens import ALL_SCOPES, Authorisations, Grant, Tokens


class Market:
    """One simulated market: its shops, their consents, its buyers, and what a scenario arranged."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        hold: timedelta = timedelta(hours=1),
        index_lag: timedelta = timedelta(0),
        doubts: Doubts | None = None,
        seed: int = 0,
    ) -> None:
        self.doubts = doubts or Doubts()
        self.books = Books(ALREADY_SHIPPED)
        ids = Ids(seed)
        kills = self.doubts.rotation_kills_old_refresh_token
        self._state = State(
            clock=clock,
            hold=hold,
            index_lag=index_lag,
            doubts=self.doubts,
            ids=ids,
            books=self.books,
            authorisations=Authorisations(ids, rotation_kills=kills),
        )

    def open_shop(
        self,
        region: str,
        name: str,
        *,
        lacks: Collection[str] = (),
        holidays: Iterable[date] = (),
        seller_type: str = "LOCAL",
    ) -> Shop:
        """A new shop in "US" or "GB", with a seller's and a TikTok's delivery option, and a warehouse for returns.

        `lacks` names carriers that its own delivery option does not offer; `holidays` are no business days.
        """
        with self._state.lock:
            ids, prefix = self._state.ids, REGIONS[region].token_prefix
            shop = Shop(
                id=ids.number("shop"),
                name=name,
                region=REGIONS[region],
                cipher=ids.secret("ROW_" if prefix == "ROW_" else "GCP_"),
                code=f"{region}LC{len(self._state.shops) + 1:06d}",
                seller_type=seller_type,
                warehouse_id=ids.number("warehouse"),
                holidays=frozenset(holidays),
                offers_reject=region != "US" or self.doubts.us_offers_reject,
            )
            self._state.shops[shop.id] = shop
            sales = Warehouse(id=shop.warehouse_id, name="Main warehouse")
            returns = Warehouse(id=str(int(sales.id) + 1), name="Returns", type="RETURN_WAREHOUSE")
            shop.warehouses = {sales.id: sales, returns.id: returns}
            self.add_delivery_option(shop, "Standard shipping", lacks=lacks)
            self.add_delivery_option(shop, "TikTok shipping", shipped_by_tiktok=True)
            return shop

    def add_delivery_option(
        self, shop: Shop, name: str, *, lacks: Collection[str] = (), shipped_by_tiktok: bool = False
    ) -> DeliveryOption:
        """One more way to deliver, from the main warehouse; `lacks` names carriers that it does not offer."""
        with self._state.lock:
            providers = {} if shipped_by_tiktok else providers_of(shop.region.code, frozenset(lacks))
            option = DeliveryOption(
                id=self._state.ids.number("delivery_option"),
                name=name,
                shipped_by_tiktok=shipped_by_tiktok,
                providers=providers,
            )
            shop.delivery_options[option.id] = option
            shop.warehouses[shop.warehouse_id].option_ids.append(option.id)
            return option

    def authorize(self, *shops: Shop, scopes: Collection[str] = ALL_SCOPES) -> Tokens:
        """The seller of these shops has consented and the code was exchanged: the tokens, ready to use."""
        with self._state.lock:
            return self._state.authorisations.issue(self._grant(shops, scopes), self._state.now())

    def consent(self, *shops: Shop, scopes: Collection[str] = ALL_SCOPES) -> str:
        """The seller consents: the code for /api/v2/token/get."""
        with self._state.lock:
            return self._state.authorisations.code(self._grant(shops, scopes), self._state.now())

    def expire_token(self, shop: Shop) -> None:
        """Every access token for this shop expires now."""
        with self._state.lock:
            self._state.authorisations.expire_access(shop, self._state.now())

    def expire_refresh_token(self, shop: Shop) -> None:
        """Every refresh token for this shop expires now."""
        with self._state.lock:
            self._state.authorisations.expire_refresh(shop, self._state.now())

    def revoke(self, shop: Shop) -> None:
        """The seller takes the authorisation back."""
        with self._state.lock:
            self._state.authorisations.revoke(shop)

    def new_buyer(self, shop: Shop) -> Buyer:
        """A person who may place several orders; `place_order` finds a new one for each order otherwise."""
        with self._state.lock:
            return introduce_buyer(self._state, shop)

    def buyer_data(self) -> frozenset[str]:
        """Every string that identifies a buyer: none of them may be found at rest anywhere."""
        with self._state.lock:
            return frozenset(self._state.personal_data)

    def set_unknown_status(self, order_id: str, status: str | None) -> None:
        """Serve a status that the sheets do not know; None serves the true one again."""
        with self._state.lock:
            order = self._state.order(order_id)
            order.shown_status = status
            touch(order, self._state.now())

    def corrupt(self, order_id: str, damage: Damage | None) -> None:
        """Serve the order broken; None heals it."""
        with self._state.lock:
            order = self._state.order(order_id)
            order.damage = damage
            touch(order, self._state.now())

    def warn_next_shipment(self, message: str, order_id: str | None = None) -> None:
        """The next accepted shipment (of this order) carries `warning.message`."""
        with self._state.lock:
            self._state.warnings.append((order_id, message))

    def refuse_next(self, path: str, code: int, times: int = 1) -> None:
        """The next requests whose path contains `path` meet this business error, and take no effect."""
        if code not in MESSAGES:
            raise ValueError(f"no message is known for {code}")
        with self._state.lock:
            self._state.scripted += [(path, code)] * times

    def status(self, order_id: str) -> Status:
        """The true status of an order now."""
        with self._state.lock:
            self._state.now()
            return self._state.order(order_id).status

    def orders_of(self, shop: Shop) -> list[Order]:
        """The orders of a shop as they really are, oldest first."""
        with self._state.lock:
            self._state.now()
            return [order for order in self._state.orders.values() if order.shop is shop]

    def statuses(self) -> dict[str, Status]:
        """The true status of every order now."""
        with self._state.lock:
            self._state.now()
            return {order.id: order.status for order in self._state.orders.values()}

    def hold_began_at(self, order_id: str) -> datetime:
        """When an order was paid, or placed where nobody has paid yet: the buyer's hour counts from here."""
        with self._state.lock:
            order = self._state.order(order_id)
            return order.paid_at or order.created_at

    def total_of(self, order_id: str) -> Decimal:
        """What the buyer pays for the whole order."""
        with self._state.lock:
            return Decimal(self._state.order(order_id).payment["total_amount"])

    def line_ids(self, order_id: str) -> list[str]:
        """The ids of an order's lines, one per unit."""
        with self._state.lock:
            return [line.id for line in self._state.order(order_id).lines]

    @staticmethod
    def provider_id(region: str, name: str) -> str:
        """The id of a carrier that is named as in the guide (G4)."""
        return next(provider.id for provider in BY_REGION[region].values() if provider.name == name)

    def _grant(self, shops: tuple[Shop, ...], scopes: Collection[str]) -> Grant:
        if not shops:
            raise ValueError("an authorisation is for at least one shop")
        open_id = self._state.ids.secret("")
        return Grant(shops=shops, scopes=frozenset(scopes), open_id=open_id)
