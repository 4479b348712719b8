"""Whom a buyer's request is put to, and what people have to hear of."""

from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import tell_holders
from order_sync.domain.outbox import Action, Target, tell
from order_sync.domain.shop import ShopSettings


def ask(draft: Draft, request: Cancellation, shop: ShopSettings, *, revision: int = 1) -> None:
    """Put the buyer's question to whoever decides: the OMS, or people, by a flag in ChannelAdvisor and a notice."""
    target = Target.OMS if shop.has_oms else Target.CHANNELADVISOR
    tell_holders(draft, Action.NOTE_CANCEL_REQUEST, target, subject=request.id, revision=str(revision))
    if not shop.has_oms and revision == 1:
        notify(draft, request.id, "asked")


def notify(draft: Draft, subject: str, what: str) -> None:
    """Tell the people who watch over the shop, once for each kind of news about a cancellation."""
    order = draft.order
    draft.queue(
        tell(Target.OPERATOR, Action.NOTIFY, order.shop, order.id, now=draft.now, subject=subject, revision=what)
    )
