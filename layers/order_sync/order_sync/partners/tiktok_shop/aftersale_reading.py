"""What cancellations and returns are read by alike: who started them, until when, and nothing that people wrote."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.partners.tiktok_shop.aftersale_models import NextAction

INITIATORS: Final = {
    "BUYER": Initiator.BUYER,
    "SELLER": Initiator.SELLER,
    "SYSTEM": Initiator.PLATFORM,
    "OPERATOR": Initiator.PLATFORM,
}
_KEY: Final = re.compile(r"[\w.'-]{1,128}", re.ASCII)


def machine_key(reason: str) -> str:
    """A reason that is a machine's key, empty for any other: people's words might say who they are."""
    return reason if _KEY.fullmatch(reason) else ""


def earliest_deadline(actions: Iterable[NextAction]) -> datetime | None:
    """The first of the deadlines, whatever TikTok calls the actions."""
    return min((each.deadline for each in actions if each.deadline), default=None)
