"""The status machine of TT 2.8: which step is allowed, and what each step leaves behind on the order."""

from collections.abc import Collection
from datetime import datetime

from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.orders import Initiator, Line, Order, Package, PackageStatus, Status

S = Status
ALLOWED: dict[Status, frozenset[Status]] = {
    S.UNPAID: frozenset({S.ON_HOLD, S.AWAITING_SHIPMENT, S.CANCELLED}),
    S.ON_HOLD: frozenset({S.AWAITING_SHIPMENT, S.CANCELLED}),
    S.AWAITING_SHIPMENT: frozenset({S.PARTIALLY_SHIPPING, S.AWAITING_COLLECTION, S.CANCELLED}),
    S.PARTIALLY_SHIPPING: frozenset({S.AWAITING_COLLECTION}),
    S.AWAITING_COLLECTION: frozenset({S.IN_TRANSIT, S.CANCELLED, S.COMPLETED}),
    S.IN_TRANSIT: frozenset({S.DELIVERED, S.CANCELLED, S.COMPLETED}),
    S.DELIVERED: frozenset({S.COMPLETED}),
    S.COMPLETED: frozenset(),
    S.CANCELLED: frozenset(),
}


def touch(order: Order, at: datetime) -> None:
    """Move update_time, never backwards; the search's index learns it at the same moment."""
    order.updated_at = max(order.updated_at, at)
    order.index.append((order.updated_at, int(order.updated_at.timestamp())))


def move(order: Order, to: Status, at: datetime) -> None:
    """Take one step. Raises IllegalStepError when TT 2.8 has no such step."""
    if to not in ALLOWED[order.status]:
        raise IllegalStepError(f"order {order.id} cannot go from {order.status} to {to}")
    order.status = to
    match to:
        case Status.AWAITING_COLLECTION:
            order.shipped_at = max([at, *(package.created_at for package in order.packages)])
        case Status.IN_TRANSIT:
            order.collected_at = max([at, *(package.collected_at or at for package in order.packages)])
        case Status.DELIVERED:
            order.delivered_at = max([at, *(package.delivered_at or at for package in order.packages)])
        case Status.COMPLETED:
            order.completed_at = at
        case _:
            pass
    touch(order, at)


def end_hold(order: Order, at: datetime) -> None:
    """The hold ran out: the order may be shipped. Nothing happens to an order that is no longer held."""
    if order.status is Status.ON_HOLD:
        move(order, Status.AWAITING_SHIPMENT, max(at, order.updated_at))


def leave_combination(order: Order, at: datetime) -> None:
    """A cancelled order, or one that goes elsewhere, does not travel with the others any more (TT 5, type 4)."""
    combination = order.combination
    if combination is None:
        return
    left = [each for each in combination.orders if each is not order]
    alone = left if len(left) == 1 else []
    combination.orders = [] if alone else left
    for each in (order, *alone):
        each.combination = None
        touch(each, at)


def can_be_cancelled(order: Order, lines: Collection[Line]) -> bool:
    """Whether a seller's word is enough to cancel these lines: unshipped, or in the US a whole uncollected order."""
    if any(line.is_cancelled or line.is_settled or line.open_return_id for line in lines):
        return False
    if all(line.package is None for line in lines):
        return order.status in {S.UNPAID, S.ON_HOLD, S.AWAITING_SHIPMENT, S.PARTIALLY_SHIPPING}
    whole = len(lines) == len(order.remaining)
    return whole and order.status is S.AWAITING_COLLECTION and order.shop.region.code == "US"


def cancel_lines(
    order: Order, lines: Collection[Line], *, cancel_user: str, initiator: Initiator, reason: str, at: datetime
) -> None:
    """Cancel lines at once; `reason` is the localised text that is shown.

    The order is CANCELLED when no line is left (TT 2.8). Raises IllegalStepError when it cannot be.
    """
    if len(lines) == len(order.remaining):
        move(order, Status.CANCELLED, at)
        order.cancelled_at = at
        order.cancel_initiator = initiator
        order.cancel_reason = reason
        for package in order.packages:
            package.status = PackageStatus.CANCELLED
            package.updated_at = max(package.updated_at, at)
        leave_combination(order, at)
    for line in lines:
        line.cancel_user = cancel_user
        line.cancel_reason = reason
    if order.status is Status.PARTIALLY_SHIPPING and not order.unshipped:
        _catch_up(order, at)
    elif order.status is not Status.CANCELLED:
        touch(order, at)


def follow_packages(order: Order, at: datetime) -> None:
    """Bring the order's status in line with its packages after one of them changed.

    An order that a full refund has completed stays so, whatever becomes of its packages.
    """
    to = _status_from_packages(order)
    if order.status in {to, Status.COMPLETED}:
        touch(order, at)
    else:
        move(order, to, at)


def advance_package(package: Package, to: PackageStatus, at: datetime) -> None:
    """A carrier's scan. Raises IllegalStepError when the package is not in the state before."""
    before = {
        PackageStatus.FULFILLING: PackageStatus.PROCESSING,
        PackageStatus.COMPLETED: PackageStatus.FULFILLING,
    }
    if package.status is not before[to]:
        raise IllegalStepError(f"package {package.id} cannot go from {package.status} to {to}")
    package.status = to
    package.updated_at = max(package.updated_at, at)
    if to is PackageStatus.FULFILLING:
        package.collected_at = at
    else:
        package.delivered_at = at
    follow_packages(package.order, at)


def _catch_up(order: Order, at: datetime) -> None:
    to = _status_from_packages(order)
    for step in (Status.AWAITING_COLLECTION, Status.IN_TRANSIT, Status.DELIVERED):
        move(order, step, at)
        if step is to:
            return


def _status_from_packages(order: Order) -> Status:
    if order.unshipped:
        return Status.PARTIALLY_SHIPPING
    states = {package.status for package in order.packages}
    if states == {PackageStatus.COMPLETED}:
        return Status.DELIVERED
    if PackageStatus.PROCESSING in states:
        return Status.AWAITING_COLLECTION
    return Status.IN_TRANSIT
