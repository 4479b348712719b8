"""What TikTok Shop's codes mean about returns, where that is something else or something of their own (TT 4.4)."""

from collections.abc import Mapping
from typing import Final

from order_sync.partners.tiktok_shop.codes import CODES, Meaning, Refusal, by_code

ANSWER_CODES: Final[Mapping[int, Refusal]] = {
    **CODES,
    **by_code(
        {
            Meaning.FAILED: {"the arrival of the goods could not be booked": (25001044,)},
            Meaning.HELD_BACK: {"the parcel that came back cannot be rejected yet": (25011035,)},
            Meaning.CLOSED: {"the parcel that came back is received already": (25020011,)},
            Meaning.NOT_POSSIBLE: {
                # A return is approved in several steps, so that this may be one that is over, or one too early.
                "the return takes no approval in its present state": (25011012, 25011013, 25011032),
                "the return takes no rejection in its present state": (25020012,),
                "the buyer has an offer to answer first": (25007007,),
                "TikTok Shop decides about it now": (25011010,),
                "the buyer got the money before the parcel came back": (25011025,),
                "such an answer does not fit this kind of return": (25020004,),
                "TikTok Shop checks or receives these goods, and answers itself": (25011023, 25011026),
            },
        }
    ),
}
"""Of the seller's answer to a return."""

REFUND_CODES: Final[Mapping[int, Refusal]] = {
    **CODES,
    **by_code(
        {
            Meaning.FAILED: {"the return could not be made": (25001042,)},
            Meaning.IN_PROCESS: {"a return is open, or the order is cancelled already": (25001011,)},
            Meaning.WISH_REFUSED: {
                "the order's status allows no refund": (25001003,),
                "the order is returned or cancelled already": (25001010,),
                "the order is completed or cancelled, and can be refunded no more": (25001051,),
                "more money than is left to refund": (25005005,),
                "lines cannot be refunded by themselves": (25005010,),
                "more lines than are left to refund": (25005011,),
            },
        }
    ),
}
"""Of a refund that the seller starts."""
