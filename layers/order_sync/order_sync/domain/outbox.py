"""The outbox: what we still have to tell a partner (DESIGN 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.orders import Source
from order_sync.domain.parcels import Parcel


class Target(StrEnum):
    """Who is told."""

    TIKTOK_SHOP = "TIKTOK_SHOP"
    CHANNELADVISOR = "CHANNELADVISOR"
    OMS = "OMS"
    OPERATOR = "OPERATOR"
    """The people who watch over the shop."""

    @property
    def as_source(self) -> Source:
        """The same partner as the one who says something."""
        return Source(self.value)


class Action(StrEnum):
    """What is told, in the order in which one run tells it: answers and parcels first, references and notes last."""

    APPROVE_CANCEL_REQUEST = "APPROVE_CANCEL_REQUEST"
    REJECT_CANCEL_REQUEST = "REJECT_CANCEL_REQUEST"
    SHIP = "SHIP"
    CORRECT_PARCEL = "CORRECT_PARCEL"
    """Another carrier or tracking number for a parcel that was told."""
    CANCEL_AS_SELLER = "CANCEL_AS_SELLER"
    APPROVE_RETURN = "APPROVE_RETURN"
    REJECT_RETURN = "REJECT_RETURN"
    REFUND_AS_SELLER = "REFUND_AS_SELLER"
    CANCEL_ORDER = "CANCEL_ORDER"
    CANCEL_LINE = "CANCEL_LINE"
    RECOVER_PARCELS = "RECOVER_PARCELS"
    SETTLE_CANCEL_REQUEST = "SETTLE_CANCEL_REQUEST"
    SETTLE_SELLER_CANCELLATION = "SETTLE_SELLER_CANCELLATION"
    SETTLE_SELLER_REFUND = "SETTLE_SELLER_REFUND"
    CREATE_ORDER = "CREATE_ORDER"
    NOTE_CANCEL_REQUEST = "NOTE_CANCEL_REQUEST"
    REFUND_LINES = "REFUND_LINES"
    """What TikTok Shop has refunded, in ChannelAdvisor."""
    NOTE_RETURN = "NOTE_RETURN"
    """How a return stands."""
    UPDATE_ADDRESS = "UPDATE_ADDRESS"
    NOTE_PARCEL = "NOTE_PARCEL"
    CHECK_PARCEL = "CHECK_PARCEL"
    """Look again at a parcel that TikTok Shop took with a warning."""
    SET_CHANNELADVISOR_NUMBER = "SET_CHANNELADVISOR_NUMBER"
    MARK_EXPORTED = "MARK_EXPORTED"
    SET_REFERENCE = "SET_REFERENCE"
    NOTIFY = "NOTIFY"


HEARS: Final[Mapping[Target, frozenset[Action]]] = {
    Target.TIKTOK_SHOP: frozenset(
        {
            Action.APPROVE_CANCEL_REQUEST,
            Action.REJECT_CANCEL_REQUEST,
            Action.SHIP,
            Action.CORRECT_PARCEL,
            Action.CANCEL_AS_SELLER,
            Action.APPROVE_RETURN,
            Action.REJECT_RETURN,
            Action.REFUND_AS_SELLER,
            Action.CHECK_PARCEL,
            Action.SET_REFERENCE,
        }
    ),
    Target.CHANNELADVISOR: frozenset(
        {
            Action.SHIP,
            Action.CORRECT_PARCEL,
            Action.CANCEL_ORDER,
            Action.CANCEL_LINE,
            Action.SETTLE_CANCEL_REQUEST,
            Action.CREATE_ORDER,
            Action.NOTE_CANCEL_REQUEST,
            Action.REFUND_LINES,
            Action.NOTE_RETURN,
            Action.UPDATE_ADDRESS,
            Action.MARK_EXPORTED,
        }
    ),
    Target.OMS: frozenset(
        {
            Action.CANCEL_ORDER,
            Action.CANCEL_LINE,
            Action.RECOVER_PARCELS,
            Action.SETTLE_CANCEL_REQUEST,
            Action.SETTLE_SELLER_CANCELLATION,
            Action.SETTLE_SELLER_REFUND,
            Action.CREATE_ORDER,
            Action.NOTE_CANCEL_REQUEST,
            Action.NOTE_RETURN,
            Action.UPDATE_ADDRESS,
            Action.NOTE_PARCEL,
            Action.SET_CHANNELADVISOR_NUMBER,
        }
    ),
    Target.OPERATOR: frozenset({Action.NOTIFY}),
}
"""Who is told what; there is a list of each, to be told and to be watched."""


class EntryState(StrEnum):
    """Where an outbox entry stands."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    """Claimed by a run. Once the claim ran out, its outcome is unknown."""
    DONE = "DONE"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"


WHOLE_ORDER: Final = "order"
"""The subject of what is about an order as such."""
LONGEST_RETRY_WAIT: Final = timedelta(hours=1)
ENDED: Final = frozenset({EntryState.DONE, EntryState.WITHDRAWN})
UNCLAIMED: Final = frozenset({EntryState.WAITING, EntryState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One thing to tell one partner. `name` says what it means, so the same decision is queued once."""

    shop: ShopId
    order: OrderId
    target: Target
    action: Action
    subject: str = WHOLE_ORDER
    """What it is about: the order itself, a parcel id or a line id."""
    revision: str = "1"
    queued_at: datetime
    state: EntryState = EntryState.WAITING
    attempts: int = 0
    due_at: datetime | None
    """When a run should look at it; None while it waits without limit or has ended."""
    claimed_until: datetime | None = None
    in_doubt: bool = False
    """An attempt before this one may have taken effect, and nobody has looked yet."""
    waits_for: str = ""
    """What must be over first, an entry or a cancel request by its name; with a `due_at` the wait has that limit."""
    reason: str = ""
    """Why the last attempt did not succeed."""
    failed_at: datetime | None = None
    """Since when it waits for a person; None also where it failed before such moments were kept."""
    version: int = 0

    @property
    def name(self) -> str:
        """What this entry means, unique within its order."""
        return f"{self.target}#{self.action}#{self.subject}#{self.revision}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be done about it."""
        return self.state in ENDED

    @property
    def was_interrupted(self) -> bool:
        """Whether an earlier attempt may have taken effect without our knowing."""
        return self.state is EntryState.SENDING or self.in_doubt

    @property
    def may_have_been_told(self) -> bool:
        """Whether the partner knows of it, or may know."""
        return self.state is EntryState.DONE or self.was_interrupted

    @property
    def is_untold(self) -> bool:
        """Whether the partner surely knows nothing of it and no run is about to tell it."""
        return self.state in UNCLAIMED and not self.in_doubt

    def is_claimable(self, now: datetime) -> bool:
        """Whether a run may take it now: due, and not in the hands of another run."""
        if self.due_at is None or self.due_at > now:
            return False
        if self.state is EntryState.SENDING:
            return self.claimed_until is not None and self.claimed_until <= now
        return self.state is EntryState.WAITING


def retry_wait(attempts: int, base: timedelta, jitter: float) -> timedelta:
    """How long to wait after so many attempts: doubling up to an hour, plus up to half by a jitter in [0, 1)."""
    wait = min(base * float(2 ** min(attempts - 1, 20)), LONGEST_RETRY_WAIT)
    return wait * (1 + jitter / 2)


def tell(
    target: Target,
    action: Action,
    shop: ShopId,
    order: OrderId,
    *,
    now: datetime,
    subject: str = WHOLE_ORDER,
    revision: str = "1",
    waits_for: str = "",
) -> OutboxEntry:
    """Something to tell, due now unless it waits for another entry. Raises ValueError where none is heard there."""
    if action not in HEARS[target]:
        raise ValueError(f"{target} is never told {action}")
    return OutboxEntry(
        shop=shop,
        order=order,
        target=target,
        action=action,
        subject=subject,
        revision=revision,
        queued_at=now,
        due_at=None if waits_for else now,
        waits_for=waits_for,
    )


def parcel_of(entry: OutboxEntry, parcels: Iterable[Parcel]) -> Parcel:
    """The parcel that an entry is about. Raises LookupError when the ledger has none by that id."""
    for parcel in parcels:
        if parcel.id == entry.subject:
            return parcel
    raise LookupError(f"order {entry.order} has no parcel {entry.subject}")
