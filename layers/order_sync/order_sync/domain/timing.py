"""The durations that rule the hold, the outbox and the polls."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Durations; the defaults are the guide's and the design's."""

    buyer_hold: timedelta = timedelta(hours=1)
    release_slot: timedelta = timedelta(minutes=5)
    oms_wait: timedelta = timedelta(minutes=20)
    """How long the OMS waits for ChannelAdvisor's order number."""
    claim: timedelta = timedelta(minutes=10)
    """How long a claimed outbox entry belongs to one run; longer than any function may live."""
    retry_base: timedelta = timedelta(minutes=1)
    cycle: timedelta = timedelta(minutes=15)
    """From one run of a job to the next."""
    confirmation: timedelta = timedelta(minutes=30)
    """How long TikTok Shop may take to show what it was told about a cancellation: two cycles."""
    poll_overlap: timedelta = timedelta(minutes=10)
    """How much of a feed is read again: longer than any index lags. No parameter: less would lose orders."""
