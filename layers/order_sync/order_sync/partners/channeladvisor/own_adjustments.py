"""Which adjustments in ChannelAdvisor are ours: their SellerAdjustmentID says so (CA 4.5)."""

import re
from typing import Final

from order_sync.domain.ids import ReturnId
from order_sync.partners.channeladvisor.models import AdjustmentPayload, ItemPayload

_OUR_CANCELLATIONS: Final = "cancel-"
_OUR_REFUNDS: Final = "refund-"


def is_our_cancellation(adjustment: AdjustmentPayload) -> bool:
    """Whether we meant it as a cancellation, whatever it became."""
    return adjustment.seller_adjustment_id.startswith(_OUR_CANCELLATIONS)


def is_our_refund(adjustment: AdjustmentPayload, item: ItemPayload) -> bool:
    """Whether it is a refund of ours. Those name their item, so that other systems' names are not taken for ours."""
    return re.fullmatch(rf"{_OUR_REFUNDS}.+-{item.id}(-\d+)?", adjustment.seller_adjustment_id) is not None


def refund_name(return_id: ReturnId, item: ItemPayload, attempt: int = 1) -> str:
    """What the refund of one item for one return is called, attempt by attempt."""
    name = f"{_OUR_REFUNDS}{return_id}-{item.id}"
    return name if attempt == 1 else f"{name}-{attempt}"


def refunds_for(return_id: ReturnId, item: ItemPayload) -> list[AdjustmentPayload]:
    """All that was ever asked for this return, of this item."""
    name = re.compile(rf"{re.escape(refund_name(return_id, item))}(-\d+)?")
    return [each for each in item.adjustments if name.fullmatch(each.seller_adjustment_id)]
