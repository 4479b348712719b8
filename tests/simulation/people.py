"""What buyers, sellers, warehouses and carriers do on a random day, and what of it the checks must know."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from local.simulators.channeladvisor.refusals import RefusedError
from local.simulators.oms.records import Line as OmsLine
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Damage, Status
from local.tracking_numbers import royal_mail, usps
from order_sync.domain.ids import OrderId
from tests.simulation.cancelling_people import Act, CancellingPeople
from tests.simulation.choices import CARRIERS, MISSPELT
from tests.simulation.placed_orders import LABELS, PlacedOrder, TrueParcel, at_tiktok, has_oms, in_oms
from tests.simulation.returning_people import ReturningPeople
from tests.simulation.stage import Stage
from tests.world import MUG, START, TEE, TWO_TEES, Connected

GIFT: Final = LineSpec("GIFT-PEN", "3.00", is_gift=True)
DISCOUNTED: Final = LineSpec("CAP-RED", "10.01", 3, seller_discount="0.67", platform_discount="1.11")
BASKETS: Final = ([TEE], [TEE], [TWO_TEES], [TWO_TEES, MUG], [MUG, GIFT], [DISCOUNTED], [TEE, TEE, MUG])
KINDS: Final = (*["normal"] * 8, "no hold", "cod", "sample", "pre-order", "unpaid", "third party", "old")
WAYS: Final = (*["oms"] * 6, "mixed", "mixed", "channeladvisor", "channeladvisor", "seller center", "brawl", "nobody")
ANSWERS: Final = (*["oms"] * 5, "operator", "operator", "seller center", "several", "silent", "silent")
DAMAGES: Final = (Damage.MISSING_ID, Damage.WRONG_TYPE, Damage.NO_LINE_ITEMS, Damage.BAD_MONEY)


class People:
    """Everybody but us, deciding by the day's one generator."""

    def __init__(self, world: Stage, random: Random, shops: list[Connected], note: Callable[[str], None]) -> None:
        self.orders: list[PlacedOrder] = []
        self.to_place = random.randint(10, 40)
        self._world = world
        self._random = random
        self._shops = shops
        self._note = note
        self.misspelt = 0.07
        """How often a warehouse writes a carrier's name as nobody else does."""
        self.began = START
        """Before this moment no shop was connected."""
        self.cancelling = cancelling = CancellingPeople(world, random)
        self._answers = frozenset(cancelling.answers)
        self._acts: dict[Act, int] = {
            self.pay: 8,
            self.cancel_as_buyer: 2,
            self.cancel_by_seller: 2,
            self.cancel_by_platform: 1,
            self.change_address: 5,
            self.ship_from_oms: 20,
            self.repeat_shipment: 2,
            self.pack: 1,
            self.ship_in_channeladvisor: 12,
            self.enter_in_channeladvisor_too: 2,
            self.ship_in_seller_center: 10,
            self.ship_by_tiktok: 3,
            self.scan: 12,
            self.touch: 3,
            self.write_seller_number: 12,
            self.damage: 1,
            self.heal: 6,
            **cancelling.acts,
            **cancelling.answers,
        }
        self._returning: ReturningPeople | None = None

    def want_returns(self, random: Random) -> None:
        """From now on people want things and money back too, as another generator decides."""
        self._returning = returning = ReturningPeople(self._world, random)
        self._acts |= returning.acts | {returning.step: 60}
        # What is completed cannot be returned any more.
        self._acts |= {self.scan: 4, self.ship_from_oms: 30}

    def act(self) -> None:
        """Somebody does something, or tries to."""
        if len(self.orders) < self.to_place and self._random.random() < 0.3:
            self.place()
            return
        if not self.orders:
            return
        (act,) = self._random.choices(list(self._acts), list(self._acts.values()))
        orders = self._orders_for(act)
        if not orders:
            return
        order = self._random.choice(orders)
        try:
            done = act(order)
        except (IllegalStepError, RefusalError, RefusedError):
            return
        if done:
            self._note(f"order {order.id} {done}")

    def place(self) -> None:
        """A buyer places an order."""
        random = self._random
        shop, kind = random.choice(self._shops), random.choice(KINDS)
        order = self.buy(shop, kind)
        way = random.choice(WAYS)
        if way == "oms" and not has_oms(self._world, shop):
            way = "channeladvisor"
        placed = PlacedOrder(
            shop=shop,
            id=order,
            kind=kind,
            way=way,
            by_sku=random.random() < 0.3,
            number=len(self.orders),
            answers=random.choice(ANSWERS),
        )
        self.orders.append(placed)
        self._note(f"order {order} {kind} of shop {shop.id}, to be shipped by {way}")

    def buy_too(self, order: PlacedOrder) -> OrderId:
        """The buyer of an order buys something else."""
        buyer = at_tiktok(self._world, order).buyer
        return self._world.order(order.shop, *self._random.choice(BASKETS), buyer=buyer)

    def buy(self, shop: Connected, kind: str) -> OrderId:
        """A basket of an order of this kind, with or without fees and a message."""
        random, world = self._random, self._world
        options: dict[str, dict[str, object]] = {
            "no hold": {"hold": False},
            "cod": {"cod": True},
            "sample": {"sample": True},
            "pre-order": {"release_date": world.time + timedelta(hours=random.randint(2, 60))},
            "pre-order for now": {"release_date": world.time + timedelta(minutes=random.randint(1, 59))},
            "unpaid": {"paid": False},
            "third party": {random.choice(["shipped_by_tiktok", "fulfilled_by_tiktok"]): True},
            "old": {"created_at": self.began - timedelta(hours=random.randint(1, 50))},
        }
        fees: dict[str, object] = {}
        if random.random() < 0.3 and kind != "sample":
            fees = {"shipping_fee": "4.99", "shipping_platform_discount": "1.50"}
        if random.random() < 0.1:
            fees["buyer_message"] = "Please leave it with the neighbour"
        return world.order(shop, *random.choice(BASKETS), **options.get(kind, {}), **fees)

    def heal_all(self) -> None:
        """Whatever TikTok showed broken is whole again."""
        for order in self.orders:
            self.heal(order)

    def _orders_for(self, act: Act) -> list[PlacedOrder]:
        if act in self._answers:
            return self._with_open_request()
        if self._returning is not None and act == self._returning.step:
            returned = {each.order_id for each in self._world.tiktok.returns()}
            return [order for order in self.orders if order.id in returned]
        return self.orders

    def _with_open_request(self) -> list[PlacedOrder]:
        return [order for order in self.orders if at_tiktok(self._world, order).open_cancel_id is not None]

    def _region(self, order: PlacedOrder) -> str:
        return order.shop.simulated.region.code

    def pay(self, order: PlacedOrder) -> str:
        if self._world.tiktok.status(order.id) is not Status.UNPAID or order.kind != "unpaid":
            return ""
        self._world.tiktok.pay(order.id)
        return "is paid"

    def cancel_as_buyer(self, order: PlacedOrder) -> str:
        self._world.tiktok.cancel_as_buyer(order.id)
        return self._canceled(order, "the buyer")

    def cancel_by_seller(self, order: PlacedOrder) -> str:
        self._world.tiktok.cancel_by_seller(order.id)
        return self._canceled(order, "the seller")

    def cancel_by_platform(self, order: PlacedOrder) -> str:
        self._world.tiktok.cancel_by_platform(order.id)
        return self._canceled(order, "TikTok")

    def _canceled(self, order: PlacedOrder, who: str) -> str:
        order.canceled_at = self._world.time
        return f"is cancelled by {who}"

    def change_address(self, order: PlacedOrder) -> str:
        self._world.tiktok.change_address(order.id)
        order.moved_at = self._world.time
        order.moved_late = order.moved_late or bool(order.parcels) or order.packed
        return "gets another address"

    def ship_from_oms(self, order: PlacedOrder) -> str:
        random, taken = self._random, in_oms(self._world, order)
        open_lines = self.open_in_oms(order)
        if taken is None or not open_lines:
            return ""
        some = random.random() < 0.5 and not order.joined
        count = random.randint(1, len(open_lines)) if some else len(open_lines)
        region = self._region(order)
        misspelt = random.random() < self.misspelt
        order.misspelt = order.misspelt or misspelt
        carrier = MISSPELT[region] if misspelt else CARRIERS[region][0]
        whole = count == len(taken.lines) and random.random() < 0.5
        return self.leave_warehouse(order, open_lines[:count], carrier, named=not whole)

    def open_in_oms(self, order: PlacedOrder) -> list[OmsLine]:
        """What the warehouse may ship of it now."""
        taken = in_oms(self._world, order)
        if taken is None or not self._may_ship(order, "oms"):
            return []
        return [line for line in taken.lines if line.state in ("open", "packed") and not line.withheld_for]

    def leave_warehouse(self, order: PlacedOrder, lines: list[OmsLine], carrier: str, *, named: bool = True) -> str:
        """A parcel of these lines leaves; they are not `named` where it is simply all."""
        ids = [line.id for line in lines]
        tracking = self._label(order)
        self._world.oms.ship(order.id, carrier, "Ground", tracking, lines=ids if named else None, by_sku=order.by_sku)
        units = Counter(line.sku for line in lines)
        known = frozenset() if order.by_sku else frozenset(ids)
        self._left(order, TrueParcel(tracking=tracking, source="oms", units=units, lines=known, at=self._world.time))
        return f"leaves the warehouse: {len(lines)} lines as {tracking} by {carrier}"

    def repeat_shipment(self, order: PlacedOrder) -> str:
        shipped = self._world.oms.books.shipments(order.id)
        if not shipped:
            return ""
        self._world.oms.repeat_shipment(self._random.choice(shipped).id)
        return "has a shipment that the OMS lists again"

    def correct_tracking(self, order: PlacedOrder) -> str:
        """The warehouse finds out that a parcel's number is another one."""
        for position, parcel in enumerate(order.parcels):
            shipped = [
                each for each in self._world.oms.books.shipments(order.id) if each.tracking_number == parcel.tracking
            ]
            if shipped and not parcel.corrected:
                right = self.next_tracking(order)
                self._world.oms.correct_shipment(shipped[0].id, right)
                order.parcels[position] = replace(parcel, corrected=right)
                return f"has another tracking number: {right} for {parcel.tracking}"
        return ""

    def correct_carrier(self, order: PlacedOrder) -> str:
        """The warehouse finds out that it has misspelt a carrier's name."""
        region = self._region(order)
        wrong = [each for each in self._world.oms.books.shipments(order.id) if each.carrier == MISSPELT[region]]
        latest = {each.id: each.carrier for each in self._world.oms.books.shipments(order.id)}
        for shipment in wrong:
            if latest[shipment.id] == MISSPELT[region]:
                self._world.oms.correct_shipment(shipment.id, shipment.tracking_number, CARRIERS[region][0])
                return f"has another carrier of {shipment.tracking_number}"
        return ""

    def correct_tracking_in_seller_center(self, order: PlacedOrder) -> str:
        """The seller finds out that a parcel's number is another one."""
        for position, parcel in enumerate(order.parcels):
            package = next(
                (each for each in at_tiktok(self._world, order).packages if each.tracking_number == parcel.tracking),
                None,
            )
            if package is not None and parcel.source == "seller center" and not parcel.corrected:
                right = self.next_tracking(order)
                self._world.tiktok.change_tracking_in_seller_center(package.id, right, CARRIERS[self._region(order)][3])
                order.parcels[position] = replace(parcel, corrected=right)
                return f"has another tracking number in Seller Center: {right} for {parcel.tracking}"
        return ""

    def correct_tracking_in_channeladvisor(self, order: PlacedOrder) -> str:
        """Who has typed a number into ChannelAdvisor finds out that it is another one."""
        found = self._world.channeladvisor._state.by_site_id.get(order.id, [])
        for position, parcel in enumerate(order.parcels):
            there = [
                each for created in found for each in created.fulfillments if each["TrackingNumber"] == parcel.tracking
            ]
            if there and parcel.source == "channeladvisor" and not parcel.corrected:
                right = self.next_tracking(order)
                self._world.channeladvisor.change_fulfillment_by_hand(there[0]["ID"], tracking_number=right)
                order.parcels[position] = replace(parcel, corrected=right)
                return f"has another tracking number in ChannelAdvisor: {right} for {parcel.tracking}"
        return ""

    def combine(self, order: PlacedOrder) -> str:
        """The seller, or TikTok Shop, puts the buyer's orders into one package."""
        orders = [order, *order.joined]
        if len(orders) < 2 or any(each.parcels for each in orders):
            return ""
        self._world.tiktok.combine_in_seller_center([each.id for each in orders])
        return f"is combined with {[each.id for each in order.joined]}"

    def pack(self, order: PlacedOrder) -> str:
        if order.way != "oms" or in_oms(self._world, order) is None or order.packed:
            return ""
        self._world.oms.pack(order.id)
        order.packed = True
        return "is packed"

    def ship_in_channeladvisor(self, order: PlacedOrder) -> str:
        found = self._world.channeladvisor._state.by_site_id.get(order.id, [])
        if len(found) != 1 or not self._may_ship(order, "channeladvisor"):
            return ""
        open_units = [item["Sku"] for item in found[0].items for _ in range(item.unshipped)]
        if not open_units:
            return ""
        some = self._random.random() < 0.4 and not order.joined
        count = self._random.randint(1, len(open_units)) if some else len(open_units)
        units = Counter(open_units[:count])
        _, carrier, shipping_class, _ = CARRIERS[self._region(order)]
        tracking = self._label(order)
        self._world.channeladvisor.ship_by_hand(found[0]["ID"], carrier, shipping_class, tracking, items=dict(units))
        self._left(order, TrueParcel(tracking=tracking, source="channeladvisor", units=units, at=self._world.time))
        return f"has a parcel entered in ChannelAdvisor: {dict(units)} as {tracking}"

    def enter_in_channeladvisor_too(self, order: PlacedOrder) -> str:
        """Somebody types what the warehouse has shipped into ChannelAdvisor as well, under the same number."""
        found = self._world.channeladvisor._state.by_site_id.get(order.id, [])
        if order.way != "oms" or len(found) != 1 or order.contested or order.misspelt:
            return ""
        there = {parcel["TrackingNumber"] for parcel in found[0].fulfillments}
        if len(order.parcels) != 1 or order.parcels[0].tracking in there:
            return ""
        (parcel,) = order.parcels
        if parcel.units.total() != len(at_tiktok(self._world, order).lines):
            return ""
        _, carrier, shipping_class, _ = CARRIERS[self._region(order)]
        self._world.channeladvisor.ship_by_hand(
            found[0]["ID"], carrier, shipping_class, parcel.tracking, items=dict(parcel.units)
        )
        return f"has {parcel.tracking} entered in ChannelAdvisor too"

    def ship_in_seller_center(self, order: PlacedOrder) -> str:
        there = at_tiktok(self._world, order)
        if not there.unshipped or not self._may_ship(order, "seller center"):
            return ""
        left = there.unshipped
        some = self._random.random() < 0.5 and not order.joined
        chosen = self._random.sample(left, self._random.randint(1, len(left))) if some else left
        tracking, provider = self._label(order), CARRIERS[self._region(order)][3]
        lines = [line.id for line in chosen]
        self._world.tiktok.ship_in_seller_center(order.id, tracking, provider, lines)
        units = Counter(line.seller_sku for line in chosen)
        self._left(
            order,
            TrueParcel(
                tracking=tracking, source="seller center", units=units, lines=frozenset(lines), at=self._world.time
            ),
        )
        return f"is shipped in Seller Center: {len(lines)} of {len(there.lines)} lines as {tracking}"

    def _may_ship(self, order: PlacedOrder, source: str) -> bool:
        if order.way == "mixed":
            return not order.canceled_at and self._all_agree(order)
        return order.way in (source, "brawl")

    def _all_agree(self, order: PlacedOrder) -> bool:
        """Whether everybody knows of all that has left so far, so that nobody ships the same again."""
        record = self._world.ledger.load(order.shop.id, order.id)
        if record is None:
            return not order.parcels
        known = {parcel.tracking_number for parcel in record.parcels}
        if record.open_request is not None or any(wish.is_open for wish in record.seller_cancellations):
            return False
        return all(parcel.tracking in known for parcel in order.parcels) and all(e.has_ended for e in record.outbox)

    def _left(self, order: PlacedOrder, parcel: TrueParcel) -> None:
        if order.way == "brawl" and order.parcels:
            order.contested = "shipped by several who did not ask"
        order.parcels.append(parcel)

    def _label(self, order: PlacedOrder) -> str:
        """One of its own, unless it travels with another order."""
        labels = [parcel.tracking for each in order.joined for parcel in each.parcels]
        return labels[0] if labels else self.next_tracking(order)

    def next_tracking(self, order: PlacedOrder) -> str:
        """A label that nobody has used, whatever happens to other orders."""
        order.labels += 1
        number = order.number * LABELS + order.labels
        return usps(number) if self._region(order) == "US" else royal_mail(number)

    def ship_by_tiktok(self, order: PlacedOrder) -> str:
        if order.kind != "third party":
            return ""
        self._world.tiktok.ship_by_tiktok(order.id, self.next_tracking(order))
        return "is shipped by TikTok"

    def scan(self, order: PlacedOrder) -> str:
        scan = {
            Status.AWAITING_COLLECTION: self._world.tiktok.collect,
            Status.IN_TRANSIT: self._world.tiktok.deliver,
            Status.DELIVERED: self._world.tiktok.complete,
        }.get(self._world.tiktok.status(order.id))
        if scan is None:
            return ""
        scan(order.id)
        return f"is {self._world.tiktok.status(order.id)}"

    def touch(self, order: PlacedOrder) -> str:
        self._world.tiktok.touch(order.id)
        return "is touched"

    def write_seller_number(self, order: PlacedOrder) -> str:
        found = self._world.channeladvisor._state.by_site_id.get(order.id, [])
        if has_oms(self._world, order.shop) or len(found) != 1 or order.seller_number or order.canceled_at:
            return ""
        if self._random.random() < 0.3:
            self._world.channeladvisor.set_pending_shipment(found[0]["ID"])
            return "is begun inside ChannelAdvisor"
        order.seller_number = f"SELLER-{len(self.orders)}-{order.id[-6:]}"
        self._world.channeladvisor.set_seller_order_id(found[0]["ID"], order.seller_number)
        return f"gets the seller's number {order.seller_number}"

    def damage(self, order: PlacedOrder) -> str:
        damage = self._random.choice(DAMAGES)
        self._world.tiktok.corrupt(order.id, damage)
        order.damaged = True
        return f"is shown broken: {damage}"

    def heal(self, order: PlacedOrder) -> str:
        if at_tiktok(self._world, order).damage is None:
            return ""
        self._world.tiktok.corrupt(order.id, None)
        return "is shown whole again"
