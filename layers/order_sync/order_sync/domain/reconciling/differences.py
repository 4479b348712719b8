"""What may differ between a partner and the ledger, and in words what it means and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Source

NO_ORDER: Final = OrderId("")
"""Stands for a list as a whole."""
_NAMES: Final[Mapping[Source, str]] = {
    Source.TIKTOK_SHOP: "TikTok Shop",
    Source.CHANNELADVISOR: "ChannelAdvisor",
    Source.OMS: "the OMS",
}


class Kind(StrEnum):
    """In what a side and the ledger differ."""

    NOTHING_SHOWN = "NOTHING_SHOWN"
    """The side's list of open orders is empty, or lacks most of them: its own fault, or a wrong setting of ours."""
    DUPLICATE = "DUPLICATE"
    UNKNOWN_HERE = "UNKNOWN_HERE"
    MISSING_THERE = "MISSING_THERE"
    ELSEWHERE = "ELSEWHERE"
    """Not found by TikTok's id, but under its number: in another profile, or without that id."""
    OTHER_NUMBER = "OTHER_NUMBER"
    """The side has the order under another number than the one that is linked here."""
    OTHER_STATE = "OTHER_STATE"
    OTHER_UNITS = "OTHER_UNITS"


class Repair(StrEnum):
    """What the connector does about a difference by itself."""

    SEE_AGAIN = "SEE_AGAIN"
    """The order is read again and seen, as a poll would have."""
    QUEUE_AGAIN = "QUEUE_AGAIN"
    """The entry that was done, and is not to be found there, is told once more; the push looks first."""
    LINK_AGAIN = "LINK_AGAIN"
    """Nothing stands under the linked number any more, and one order bears TikTok's id: that one is linked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference between one side and the ledger. Ids and states only, no buyer data."""

    kind: Kind
    side: Source
    order: OrderId
    since: datetime | None
    """Since when nothing has changed on either side, as far as it is known."""
    detail: str = ""
    repair: Repair | None = None
    """None: a person must look."""
    entry: str = ""
    """The outbox entry that is told again."""
    number: str = ""
    """The number that is linked here; empty where there is none."""
    other_number: str = ""
    """The number that is to be linked instead."""
    unsure: bool = False
    """The side does not say when it did what the ledger does not know: a poll may be about to bring it."""

    @property
    def explanation(self) -> str:
        """What it means, and what to do, or what was done."""
        name = _NAMES[self.side]
        what = f"{_capital(_MEANINGS[self.kind].format(side=name))}{f' ({self.detail})' if self.detail else ''}"
        match self.repair:
            case Repair.SEE_AGAIN:
                return f"{what}: read again and seen now."
            case Repair.QUEUE_AGAIN:
                return f"{what}: {name} is told once more."
            case Repair.LINK_AGAIN:
                return f"{what}: nothing stands under the linked one any more, so this one is linked now."
            case None:
                return f"{what}. {_TO_DO[self.side, self.kind]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_MEANINGS: Final[Mapping[Kind, str]] = {
    Kind.NOTHING_SHOWN: "{side} shows none, or hardly any, of the orders that it was given",
    Kind.DUPLICATE: "{side} has the order more than once",
    Kind.UNKNOWN_HERE: "{side} has an order that is not in the ledger",
    Kind.MISSING_THERE: "{side} does not have the order",
    Kind.ELSEWHERE: "{side} has the order where this shop does not look for it",
    Kind.OTHER_NUMBER: "{side} has the order under another number than the one that is linked",
    Kind.OTHER_STATE: "{side} and the ledger disagree on how far the order is",
    Kind.OTHER_UNITS: "{side} and the ledger disagree on which units are to be shipped",
}
_ASK_TIKTOK: Final = (
    "Look for it in Seller Center. If it is there, the shop's authorisation or its cipher may be another shop's; "
    "if it is not, stop the warehouse and ask TikTok Shop's support."
)
_TO_DO: Final[Mapping[tuple[Source, Kind], str]] = {
    (Source.TIKTOK_SHOP, Kind.NOTHING_SHOWN): (
        "Nothing was changed. Check that the shop's authorisation and its cipher belong to this shop, and that Seller "
        "Center shows the orders."
    ),
    (Source.TIKTOK_SHOP, Kind.MISSING_THERE): _ASK_TIKTOK,
    (Source.CHANNELADVISOR, Kind.NOTHING_SHOWN): (
        "Nothing was changed. Check the shop's profile, its account and the field of TikTok's order id in the "
        "settings, and whether the account's screens show the orders."
    ),
    (Source.CHANNELADVISOR, Kind.DUPLICATE): (
        "Cancel the one that is not linked, before both are shipped, and switch off whatever else brings TikTok "
        "Shop's orders there."
    ),
    (Source.CHANNELADVISOR, Kind.MISSING_THERE): (
        "Look whether it was deleted or moved to another profile. As long as nothing of it has left, you may enter it "
        "by hand with TikTok's order id: the next comparison links it. Else ship it from elsewhere and give TikTok "
        "Shop its tracking number."
    ),
    (Source.CHANNELADVISOR, Kind.ELSEWHERE): (
        "Nothing was changed: it would be there twice. If the shop's profile or the field of TikTok's order id is "
        "wrong in the settings, correct it; else move the order back, or ship it and give TikTok Shop its tracking "
        "number."
    ),
    (Source.CHANNELADVISOR, Kind.OTHER_NUMBER): (
        "Parcels and cancellations go to the number that is linked. Work with that order there, or cancel the other."
    ),
    (Source.CHANNELADVISOR, Kind.OTHER_STATE): (
        "Bring it there to the state that TikTok Shop shows: ship it, or cancel it, by hand without telling the "
        "marketplace."
    ),
    (Source.CHANNELADVISOR, Kind.OTHER_UNITS): (
        "Compare the items with Seller Center, and cancel there what is cancelled at TikTok Shop, without telling the "
        "marketplace."
    ),
    (Source.OMS, Kind.NOTHING_SHOWN): (
        "Nothing was changed. Check what the OMS answers to GET /open-orders for this shop's id."
    ),
    (Source.OMS, Kind.UNKNOWN_HERE): (
        "TikTok Shop does not give it to this shop. If it belongs to another shop, the OMS keeps it under the wrong "
        "shop id; else look at who entered it."
    ),
    (Source.OMS, Kind.MISSING_THERE): (
        "Look whether it was deleted there. If it has to be shipped from there, enter it by hand; else ship it and "
        "give TikTok Shop its tracking number."
    ),
    (Source.OMS, Kind.OTHER_STATE): (
        "Bring it there to the state that TikTok Shop shows. If the OMS has shipped it, look for the shipment in GET "
        "/shipments: what is not listed there reaches nobody."
    ),
    (Source.OMS, Kind.OTHER_UNITS): "Compare its lines with Seller Center, and cancel there what is cancelled.",
}
