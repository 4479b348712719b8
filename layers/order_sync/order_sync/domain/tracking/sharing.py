"""One tracking number on several orders: one parcel for one recipient, or somebody's mistake (TT 3: 21034012)."""

from dataclasses import dataclass
from datetime import datetime

from order_sync.domain.orders import LineState
from order_sync.domain.outbox import ENDED, Action, EntryState, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An order's claim to a tracking number. Those that TikTok Shop has come first, then the earlier report."""

    at_tiktok: bool
    since: datetime
    order: str
    recipient: str
    """The fingerprint of the order's recipient; empty where TikTok shows none."""

    @property
    def rank(self) -> tuple[bool, datetime, str]:
        """Lower goes first."""
        return not self.at_tiktok, self.since, self.order

    def goes_before(self, other: "Claim") -> bool:
        """Whether the other one must yield to this."""
        return self.rank < other.rank


def claim_to(record: OrderRecord, tracking_number: str) -> Claim | None:
    """What an order has to do with a tracking number; None when no parcel of it goes out under the number.

    One that failed does not hold up others: it will meet them when it is sent again.
    """
    living = {line.id for line in record.order.lines if line.state is not LineState.CANCELED}
    for parcel in record.parcels:
        if parcel.refused or living.isdisjoint(parcel.line_ids):
            continue
        if parcel.at_tiktok_since and tracking_number == parcel.tracking_number:
            return _claim(record, parcel.at_tiktok_since, at_tiktok=True)
        going = (parcel.tracking_number, parcel.newest_label.tracking_number)
        if tracking_number in going and (since := _waits_since(record, parcel)):
            return _claim(record, since, at_tiktok=False)
    return None


def _claim(record: OrderRecord, since: datetime, *, at_tiktok: bool) -> Claim:
    return Claim(at_tiktok=at_tiktok, since=since, order=record.order.id, recipient=record.order.recipient)


def _waits_since(record: OrderRecord, parcel: Parcel) -> datetime | None:
    """Since when TikTok Shop is to be told of a parcel or of its new label."""
    about = (Action.SHIP, Action.CORRECT_PARCEL)
    over = ENDED | {EntryState.FAILED}
    waiting = [
        entry.queued_at
        for entry in record.outbox
        if entry.target is Target.TIKTOK_SHOP and entry.subject == parcel.id
        if entry.action in about and entry.state not in over
    ]
    return min(waiting, default=None)
