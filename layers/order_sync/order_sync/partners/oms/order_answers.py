"""What the OMS answers about an order: its number, and how its lines stand."""

from pydantic import AwareDatetime, Field

from order_sync.domain.errors import RejectedError
from order_sync.partners.oms.paging import Payload


class UnreadableAnswerError(RejectedError):
    """What the OMS answers about one order cannot be read; of the others it may tell."""


class OrderNumber(Payload):
    """The OMS's own number of an order."""

    number: str = Field(min_length=1, max_length=25, pattern=r"\S")


class KnownLine(Payload):
    """One line as the OMS has it."""

    tiktok_line_id: str
    state: str
    packed_at: AwareDatetime | None = None
    shipped_at: AwareDatetime | None = None

    @property
    def is_packed(self) -> bool:
        """Whether it was packed or has left; not every OMS keeps the times."""
        return self.state in ("packed", "shipped") or self.packed_at is not None or self.shipped_at is not None


class KnownOrder(Payload):
    """An order as the OMS has it."""

    lines: tuple[KnownLine, ...]
