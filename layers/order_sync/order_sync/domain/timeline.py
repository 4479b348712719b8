"""The timeline: every fact about an order, when, and who said so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from order_sync.domain.orders import Source


class Event(StrEnum):
    """What can happen to an order."""

    SEEN = "SEEN"
    HELD = "HELD"
    HELD_LONGER_THAN_EXPECTED = "HELD_LONGER_THAN_EXPECTED"
    RELEASED = "RELEASED"
    STATUS_CHANGED = "STATUS_CHANGED"
    UNKNOWN_STATUS = "UNKNOWN_STATUS"
    TRANSITION_REFUSED = "TRANSITION_REFUSED"
    HANDLING_CHANGED = "HANDLING_CHANGED"
    """The order turned out not to be ours to push."""
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    CANCEL_REQUEST_REMINDER = "CANCEL_REQUEST_REMINDER"
    CANCEL_REQUEST_ANSWERED = "CANCEL_REQUEST_ANSWERED"
    CANCEL_REQUEST_LEFT_TO_TIKTOK = "CANCEL_REQUEST_LEFT_TO_TIKTOK"
    TRACKING_DUE_FOR_REJECTION = "TRACKING_DUE_FOR_REJECTION"
    """TikTok takes no rejection from this shop: only a parcel rejects the request."""
    CANCEL_ANSWER_UNCONFIRMED = "CANCEL_ANSWER_UNCONFIRMED"
    CANCEL_REQUEST_CLOSED = "CANCEL_REQUEST_CLOSED"
    CANCELLATION_SEEN = "CANCELLATION_SEEN"
    """One that needed no answer, with its reason."""
    SELLER_CANCELLATION_REPORTED = "SELLER_CANCELLATION_REPORTED"
    SELLER_CANCELLATION_ACCEPTED = "SELLER_CANCELLATION_ACCEPTED"
    SELLER_CANCELLATION_REFUSED = "SELLER_CANCELLATION_REFUSED"
    SELLER_CANCELLATION_UNCONFIRMED = "SELLER_CANCELLATION_UNCONFIRMED"
    RECOVERY_NEEDED = "RECOVERY_NEEDED"
    """What was cancelled has left: the parcel must come back."""
    CANCELED = "CANCELED"
    LINES_CANCELED = "LINES_CANCELED"
    ADDRESS_CHANGED = "ADDRESS_CHANGED"
    ADDRESS_CHANGED_TOO_LATE = "ADDRESS_CHANGED_TOO_LATE"
    CREATED_IN_CHANNELADVISOR = "CREATED_IN_CHANNELADVISOR"
    ADOPTED_IN_CHANNELADVISOR = "ADOPTED_IN_CHANNELADVISOR"
    CHANNELADVISOR_STATUS_CHANGED = "CHANNELADVISOR_STATUS_CHANGED"
    TAKEN_BY_OMS = "TAKEN_BY_OMS"
    PARCEL_REPORTED = "PARCEL_REPORTED"
    PARCEL_EXTENDED = "PARCEL_EXTENDED"
    """More of the order is in a parcel that nobody was told of yet."""
    PARCEL_AT_TIKTOK = "PARCEL_AT_TIKTOK"
    PARCEL_CHECKED = "PARCEL_CHECKED"
    """TikTok Shop took it with a warning, and shows it as it was told."""
    PARCEL_CORRECTED = "PARCEL_CORRECTED"
    """Its reporter gave it another carrier or tracking number."""
    PARCEL_CORRECTED_AT_TIKTOK = "PARCEL_CORRECTED_AT_TIKTOK"
    """TikTok Shop has the new one: it was told, or somebody changed it in Seller Center."""
    PARCEL_LINES_EXCHANGED = "PARCEL_LINES_EXCHANGED"
    """Other units of the same SKUs, since TikTok Shop does not take those that were chosen."""
    PARCEL_DELETED = "PARCEL_DELETED"
    """Its reporter has it no more."""
    PARCEL_SCANNED = "PARCEL_SCANNED"
    """The carrier has it."""
    COLLECTED = "COLLECTED"
    DELIVERED = "DELIVERED"
    DEADLINES_SET = "DEADLINES_SET"
    """Others than at first sight: the shop's settings, the policy data or TikTok Shop's facts have changed."""
    DEADLINES_UNKNOWN = "DEADLINES_UNKNOWN"
    """They cannot be counted."""
    DISPATCH_COUNTED = "DISPATCH_COUNTED"
    """What the order counts for in the Late Dispatch Rate is another thing than before."""
    DEADLINES_DIFFER = "DEADLINES_DIFFER"
    """TikTok Shop's own figure is another one than the policy profile's."""
    DISPATCH_DEADLINE_NEAR = "DISPATCH_DEADLINE_NEAR"
    DISPATCH_DEADLINE_MISSED = "DISPATCH_DEADLINE_MISSED"
    AUTOMATIC_CANCEL_NEAR = "AUTOMATIC_CANCEL_NEAR"
    COMPLETED = "COMPLETED"
    TOLD = "TOLD"
    """A partner was told something and said yes."""
    NOT_TOLD = "NOT_TOLD"
    """There was no need to tell a partner any more, or it was too late to."""
    FAILED = "FAILED"
    """A partner refused something, or we did before sending: a person must look."""
    REPLAYED = "REPLAYED"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One fact. `at` is when we recorded it; `happened_at` when it happened, where the source says so."""

    at: datetime
    event: Event
    source: Source
    happened_at: datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
