"""What a return, or a seller's refund, waits for: how many stand where, and which the clock has to look at."""

from enum import StrEnum
from typing import Final

from order_sync.domain.answering.times import is_waited_for
from order_sync.domain.returning.returns import Return


class ReturnStage(StrEnum):
    """Where an open return stands."""

    ASKED = "ASKED"
    """An answer of the seller's is waited for."""
    AWAITED = "AWAITED"
    """TikTok Shop is to confirm an answer or a refund."""
    QUIET = "QUIET"
    """Nothing of the seller's is waited for: the buyer, the carrier or TikTok Shop is."""
    REFUND_LATE = "REFUND_LATE"
    """A refund that was granted a day ago is not confirmed."""
    STARTED = "STARTED"
    """Of a refund that the seller started: TikTok Shop is to carry it out."""
    OVERDUE = "OVERDUE"
    """Of the same: a day ago, and TikTok Shop has not."""


OF_RETURNS: Final = (ReturnStage.ASKED, ReturnStage.AWAITED, ReturnStage.QUIET, ReturnStage.REFUND_LATE)
LATE: Final = (ReturnStage.REFUND_LATE, ReturnStage.OVERDUE)
LOOKED_AT: Final = (ReturnStage.ASKED, ReturnStage.AWAITED, ReturnStage.STARTED)
"""Something comes due in these."""


def stage_of(known: Return) -> ReturnStage | None:
    """The stage of a return; None for one that has ended."""
    if not known.is_open:
        return None
    if is_waited_for(known):
        return ReturnStage.ASKED
    if known.refund_late:
        return ReturnStage.REFUND_LATE
    return ReturnStage.AWAITED if known.next_due else ReturnStage.QUIET
