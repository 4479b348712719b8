"""What the sides say about the labels of an order's two parcels, for tests of what must hold in any sequence.

The OMS ships the first line, people in ChannelAdvisor the second one. Each side has books of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts, decide_channeladvisor_sighting
from order_sync.domain.ids import ParcelId
from order_sync.domain.outbox import EntryState
from order_sync.domain.parcels import Label
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.reports import decide_reported_parcel
from order_sync.domain.sightings import decide_sighting
from tests.builders import (
    LINE_1,
    ORDER_ID,
    TIMING,
    a_shop,
    applied,
    created,
    released,
    some_facts,
    some_lines,
    taken,
)
from tests.unit.domain.shipping.scenes import C1, CORRECT, REPORTED, S1, TIKTOK_SHOP, in_channeladvisor, report

LINES = (replace(some_lines()[0], sku="TEE-BLU-M"), replace(some_lines()[1], sku="CAP-RED"))
LINE_OF = dict(zip((S1, C1), LINES, strict=True))
PARCELS = st.sampled_from([S1, C1])
CARRIERS: Mapping[str, str] = {"usps": "USPS", "fedex": "FedEx", "ups": "UPS"}
"""How TikTok Shop names the carriers."""

type Shown = tuple[str, str]
"""A tracking number and a carrier, in the words of the side that shows them."""


class LabelsOfAnOrder(RuleBasedStateMachine):
    """One order, two parcels, and what three sides say of them."""

    @initialize(changes=st.sampled_from([1, 9]))
    def begin(self, changes: int) -> None:
        self.shop = a_shop(shipping={"tracking_changes": changes})
        self.record: OrderRecord = taken(created(released(self.shop, lines=LINES)))
        self.now: datetime = REPORTED
        self.numbers = 0
        self.newest: dict[ParcelId, str] = {}
        """The number that was said last, by whoever may say it."""
        self.feed: list[ReportedParcel] = []
        """What the OMS has reported, oldest first."""
        self.at_oms: dict[ParcelId, str] = {}
        self.in_channeladvisor: dict[ParcelId, Shown] = {}
        self.fulfilment = C1
        """By what name ChannelAdvisor shows the parcel that people typed in there."""
        self.at_tiktok: dict[ParcelId, Shown] = {}
        self.shown: dict[ParcelId, list[Shown]] = {S1: [], C1: []}
        """What TikTok Shop has shown to us, oldest first."""
        self.taken: dict[ParcelId, list[Label]] = {S1: [], C1: []}
        """The labels that TikTok Shop took from us, one after the other."""
        self.changes_there = {S1: 0, C1: 0}

    def fresh(self) -> str:
        self.numbers += 1
        return f"N{self.numbers}"

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @rule(minutes=st.integers(1, 30))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # --- the OMS

    @rule()
    def the_oms_labels_its_parcel(self) -> None:
        number = self.fresh()
        self.feed.append(report(number, line_ids=(LINE_1,)))
        self.newest[S1] = number
        self.hear(self.feed[-1])

    @precondition(lambda self: self.feed)
    @rule(carrier=st.sampled_from(["fedex", "ups"]))
    def the_oms_mends_the_carrier(self, carrier: str) -> None:
        mended = replace(self.feed[-1], carrier=carrier)
        if mended not in self.feed and self.newest[S1] == mended.tracking_number:
            self.feed.append(mended)
            self.hear(mended)

    @precondition(lambda self: self.feed)
    @rule(since=st.integers(0, 9))
    def the_oms_feed_is_read_again(self, since: int) -> None:
        for known in self.feed[since % len(self.feed) :]:
            self.hear(known)

    def hear(self, parcel: ReportedParcel) -> None:
        self.apply(lambda record: decide_reported_parcel(record, parcel, self.shop, TIMING, self.later()))

    # --- ChannelAdvisor

    @rule()
    def people_type_their_parcel_in_or_change_its_number(self) -> None:
        number = self.fresh()
        if C1 not in self.in_channeladvisor and self.record.parcel(C1) is not None:
            self.fulfilment = ParcelId(f"channeladvisor-10{number}")
        self.in_channeladvisor[C1] = (number, "usps")

    @precondition(lambda self: C1 in self.in_channeladvisor)
    @rule()
    def people_delete_their_parcel(self) -> None:
        del self.in_channeladvisor[C1]

    @precondition(lambda self: S1 in self.in_channeladvisor)
    @rule()
    def people_in_channeladvisor_change_the_oms_s_parcel(self) -> None:
        self.in_channeladvisor[S1] = (self.fresh(), self.in_channeladvisor[S1][1])

    @rule()
    def poll_channeladvisor(self) -> None:
        now = self.later()
        shown = []
        for parcel, (number, carrier) in self.in_channeladvisor.items():
            name = self.fulfilment if parcel == C1 else parcel
            units = ((LINE_OF[parcel].sku, 1),)
            shown.append(in_channeladvisor(number, id=name, carrier=carrier, units=units, seen_at=now))
            known = self.record.parcel(parcel)
            if known is None or number not in known.numbers:
                self.newest[parcel] = number
        facts = ChannelAdvisorFacts(
            id="12345", order=ORDER_ID, updated_at=now, shipping_status="Shipped", parcels=tuple(shown)
        )
        for _ in range(2):
            # An echo of what has just changed the label ends what was still to be told there.
            self.apply(lambda record: decide_channeladvisor_sighting(record, facts, self.shop, TIMING, now))
        assert decide_channeladvisor_sighting(self.record, facts, self.shop, TIMING, now) is None

    # --- TikTok Shop

    @precondition(lambda self: self.at_tiktok)
    @rule(parcel=PARCELS)
    def people_change_a_number_in_seller_center(self, parcel: ParcelId) -> None:
        """One that we know to be there: else nobody could tell whose parcel it is."""
        known = self.record.parcel(parcel)
        is_known = parcel in self.at_tiktok and known is not None and known.at_tiktok_since is not None
        if is_known and not self.is_being_changed(parcel):
            self.change_at_tiktok(parcel, (self.fresh(), self.at_tiktok[parcel][1]))

    def is_being_changed(self, parcel: ParcelId) -> bool:
        """Whether a change of ours is under way: who comes second within its seconds, nobody could tell."""
        changes = [entry for entry in self.record.outbox if entry.action is CORRECT and entry.subject == parcel]
        return any(entry.target is TIKTOK_SHOP and entry.state is EntryState.SENDING for entry in changes)

    def change_at_tiktok(self, parcel: ParcelId, shown: Shown) -> None:
        self.changes_there[parcel] += parcel in self.at_tiktok
        self.at_tiktok[parcel] = shown

    @rule()
    def poll_tiktok(self) -> None:
        for parcel, (number, _) in self.at_tiktok.items():
            known = self.record.parcel(parcel)
            if known is not None and number not in known.numbers and known.wanted is None:
                self.newest[parcel] = number
        self.see(self.at_tiktok)
        for parcel, shown in self.at_tiktok.items():
            self.shown[parcel].append(shown)

    @precondition(lambda self: any(len(pages) > 1 for pages in self.shown.values()))
    @rule(back=st.integers(0, 9))
    def a_late_page_of_tiktok_s_is_read(self, back: int) -> None:
        self.see({parcel: pages[-1 - back % len(pages)] for parcel, pages in self.shown.items() if pages})

    def see(self, there: Mapping[ParcelId, Shown]) -> None:
        now = self.later()
        lines = []
        for parcel, line in LINE_OF.items():
            number, carrier = there.get(parcel, ("", ""))
            package = f"P-{parcel}" if number else ""
            is_there = bool(number)
            lines.append(replace(line, shipped=is_there, package_id=package, tracking_number=number, carrier=carrier))
        status = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION")[len(there)]
        facts = some_facts(status, lines=tuple(lines), updated_at=now)
        self.apply(lambda record: decide_sighting(record, facts, self.shop, TIMING, now))
        assert decide_sighting(self.record, facts, self.shop, TIMING, now) is None

    def apply(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        """Save what is decided."""
        self.record = applied(self.record, decide(self.record))
