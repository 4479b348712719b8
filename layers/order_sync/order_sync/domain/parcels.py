"""A parcel as the ledger keeps it: what it holds, what stands on it and stood on it, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime

from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on a parcel, in the words of whoever reported it."""

    carrier: str
    shipping_class: str = ""
    tracking_number: str
    in_tiktoks_words: bool = False
    """The carrier is named as TikTok Shop names it, and needs no mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One tracking number over some lines of an order, in the words of whoever reported it."""

    id: ParcelId
    source: Source
    carrier: str
    shipping_class: str = ""
    tracking_number: str
    """The last one that TikTok accepted, once TikTok has the parcel."""
    in_tiktoks_words: bool = False
    shipped_at: datetime
    line_ids: tuple[LineId, ...]
    named_lines: tuple[LineId, ...] = ()
    """The lines as its reporter names them, where TikTok Shop wanted other units of the same SKUs."""
    counted: bool = False
    """Its reporter counted units by SKU, so that which lines they are was our choice."""
    package_id: str = ""
    """TikTok's id of the package, once TikTok has it."""
    at_tiktok_since: datetime | None = None
    """When TikTok was seen to have it."""
    tiktok_carrier: str = ""
    """How TikTok names its carrier, once TikTok has shown it."""
    warning: str = ""
    """TikTok took the tracking but doubts it."""
    refused: str = ""
    """Why nobody is told of this parcel."""
    wanted: Label | None = None
    """The label that it got meanwhile; TikTok has not accepted it yet."""
    earlier: tuple[Label, ...] = ()
    """Labels that it had, or should have had, before: who still names one of them is late."""
    shown_before: tuple[Label, ...] = ()
    """Labels that TikTok has shown and shows no more, in TikTok's words: one of them stands on a late page."""
    other_ids: tuple[ParcelId, ...] = ()
    """Other ids under which it was reported as well."""
    corrections: int = 0
    """How often its label was changed at TikTok."""
    seen_at: datetime | None = None
    """The version of the partner's order that showed it first, where there is one."""
    scanned_at: datetime | None = None
    """When the carrier was first seen to have it."""
    recalled: bool = False
    """All that it holds was cancelled: no scan is waited for."""

    @property
    def label(self) -> Label:
        """What stands on it, as TikTok has it or will be told."""
        return Label(
            carrier=self.carrier,
            shipping_class=self.shipping_class,
            tracking_number=self.tracking_number,
            in_tiktoks_words=self.in_tiktoks_words,
        )

    @property
    def newest_label(self) -> Label:
        """What stands on it now, whether TikTok has accepted it or not."""
        return self.wanted or self.label

    @property
    def labels(self) -> tuple[Label, ...]:
        """All that it has or had, the newest first."""
        return tuple(dict.fromkeys((self.newest_label, self.label, *reversed(self.earlier))))

    def label_with(self, tracking_number: str) -> Label | None:
        """The label with a tracking number; where several have it, the one that was to be told first."""
        told_first = (self.label, *reversed(self.earlier), self.newest_label)
        return next((label for label in told_first if label.tracking_number == tracking_number), None)

    @property
    def numbers(self) -> frozenset[str]:
        """All tracking numbers that it has or had."""
        return frozenset(label.tracking_number for label in self.labels)

    def under(self, label: Label) -> "Parcel":
        """The same parcel with this on it."""
        return replace(
            self,
            carrier=label.carrier,
            shipping_class=label.shipping_class,
            tracking_number=label.tracking_number,
            in_tiktoks_words=label.in_tiktoks_words,
        )


def relabeled(parcel: Parcel, label: Label) -> Parcel:
    """The parcel under another label; the old one is remembered."""
    earlier = [known for known in dict.fromkeys((*parcel.earlier, parcel.label)) if known != label]
    return replace(
        parcel.under(label), earlier=tuple(earlier), wanted=None if parcel.wanted == label else parcel.wanted
    )
