"""Observe mode: a cancellation of ChannelAdvisor counts units, and its own link may have told TikTok Shop others."""

from dataclasses import replace

from order_sync.domain.cancelling.by_seller import see_seller_cancellations, telling_of_seller
from order_sync.domain.cancelling.cancellations import SellerCancellation, SellerCancelState
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import LineId
from order_sync.domain.observing import link_tends, look_for_canceled
from order_sync.domain.orders import LineState, Source
from order_sync.domain.shop import ShopSettings


def see_carried_cancellations(draft: Draft, shop: ShopSettings) -> None:
    """What the link has carried from either side to the other is no news there; nothing for orders that we created.

    Also after the mode was changed to create: the link may have carried it before.
    """
    if not link_tends(draft.order, shop):
        return
    look_for_canceled(draft, shop)
    for wish in draft.seller_cancellations:
        telling = telling_of_seller(draft, wish)
        if wish.is_open and wish.source is Source.CHANNELADVISOR and telling is not None and telling.is_untold:
            _mean_what_is_canceled(draft, wish)
    see_seller_cancellations(draft)


def _mean_what_is_canceled(draft: Draft, wish: SellerCancellation) -> None:
    """One unit of a SKU is as good as another: those that TikTok Shop shows as cancelled, and nobody else meant."""
    skus = {line.id: line.sku for line in draft.order.lines}
    free = [line.id for line in draft.order.lines if line.state is LineState.CANCELED]
    free = [line for line in free if line not in _meant_by_others(draft, wish)]
    lines = [line for line in wish.line_ids if line in free]
    for line in wish.line_ids:
        if line not in free:
            others = (each for each in free if skus[each] == skus[line] and each not in (*lines, *wish.line_ids))
            lines.append(next(others, line))
    if set(lines) != set(wish.line_ids):
        draft.keep_seller_cancellation(replace(wish, line_ids=tuple(line for line in skus if line in lines)))


def _meant_by_others(draft: Draft, wish: SellerCancellation) -> set[LineId]:
    wishes = [
        each.line_ids
        for each in draft.seller_cancellations
        if each.id != wish.id and each.state is not SellerCancelState.REFUSED
    ]
    requests = [each.line_ids for each in draft.cancellations if each.is_request]
    return {line for lines in (*wishes, *requests) for line in lines}
