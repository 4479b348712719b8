"""The books about tracking numbers that were changed after shipping."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingUpdate:
    """A change of a package's tracking number or carrier that TikTok accepted; `by` is "api" or "seller_center".

    `order_ids`: several only where combined orders share the package.
    """

    at: datetime
    shop_id: str
    package_id: str
    order_ids: tuple[str, ...]
    tracking_number: str
    provider: str
    earlier_tracking_number: str
    earlier_provider: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTrackingUpdate:
    """One that the API refused. `named`: the package, or the order where that was named."""

    at: datetime
    shop_id: str
    named: str
    tracking_number: str
    code: int


class TrackingBooks:
    """Append-only records."""

    def __init__(self) -> None:
        self.tracking_updates: list[TrackingUpdate] = []
        self.refused_tracking_updates: list[RefusedTrackingUpdate] = []

    def tracking_updates_of(self, order_id: str) -> list[TrackingUpdate]:
        """The accepted changes of one order's packages, in the order of arrival."""
        return [update for update in self.tracking_updates if order_id in update.order_ids]
