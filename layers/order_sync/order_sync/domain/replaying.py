"""Which failed outbox entries an operator means, when many are to be sent again."""

from dataclasses import dataclass
from typing import Final

from order_sync.domain.outbox import WHOLE_ORDER, Action, EntryState, OutboxEntry, Target

_SHORTEST_ID: Final = 4
"""A shorter one may well be a part of another word or number."""


def reason_in_general(entry: OutboxEntry) -> str:
    """Why an entry failed, without the ids of its own order and subject, so that the same reason reads the same."""
    text = entry.reason
    for own in (entry.order, entry.subject):
        if len(own) >= _SHORTEST_ID and own != WHOLE_ORDER:
            text = text.replace(own, "…")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresMeant:
    """What is said about them; whatever is left open holds for all."""

    reason: str = ""
    """Their reason or its beginning, in any case of letters, with or without the order's own ids."""
    target: Target | None = None
    action: Action | None = None

    def means(self, entry: OutboxEntry) -> bool:
        """Whether an entry has failed and is one of them."""
        return (
            entry.state is EntryState.FAILED
            and any(
                text.casefold().startswith(self.reason.casefold()) for text in (entry.reason, reason_in_general(entry))
            )
            and (self.target is None or entry.target is self.target)
            and (self.action is None or entry.action is self.action)
        )
