"""How three sides are told of an order's two parcels: as the pushes do it, with answers that come late or never."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from order_sync.domain.ids import ParcelId
from order_sync.domain.outbox import EntryState, OutboxEntry
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.corrections import decide_corrected, why_not_correctable
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.telling import decide_failed, decide_not_told, decide_told
from tests.builders import TIMING, with_entry
from tests.unit.domain.shipping.labels_of_an_order import CARRIERS, LINE_OF, LabelsOfAnOrder, Shown
from tests.unit.domain.shipping.scenes import CHANNELADVISOR, CORRECT, SHIP, TIKTOK_SHOP, the_parcel

ENDS = ["told", "told", "later", "refused", "lost after the effect", "lost before the effect", "died"]
"""How a call ends: the partner says yes, has no time, says no; its answer is lost; or the run dies."""


@dataclass(frozen=True)
class Call:
    """A call that was made, and what its run will record."""

    label: Label
    end: str
    shown: str = ""
    """The carrier that TikTok Shop shows, where nothing was sent because it has the parcel so."""


def as_tiktok_has_it(label: Label) -> Shown:
    """A label in TikTok Shop's words."""
    return label.tracking_number, CARRIERS.get(label.carrier, label.carrier)


class ParcelsOfAnOrder(LabelsOfAnOrder):
    """The same, and what we tell."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, Call] = {}

    def due(self) -> list[OutboxEntry]:
        about = [entry for entry in self.record.outbox if entry.subject in LINE_OF]
        return [entry for entry in about if entry.is_claimable(self.now)]

    @precondition(lambda self: self.due())
    @rule(number=st.integers(0, 9), end=st.sampled_from(ENDS))
    def a_run_calls_a_partner(self, number: int, end: str) -> None:
        due = self.due()
        self.call(due[number % len(due)], end)

    def call(self, wanted: OutboxEntry, end: str) -> None:
        if wanted.target is TIKTOK_SHOP:
            # The push reads the order afresh first, and whoever reads it sees it.
            self.poll_tiktok()
        due = self.record.entry(wanted.name)
        if due is None or not due.is_claimable(self.now):
            return
        in_doubt = due.was_interrupted
        until = self.now + TIMING.claim
        self.record = with_entry(
            self.record, due, state=EntryState.SENDING, attempts=1, claimed_until=until, in_doubt=in_doubt
        )
        entry = self.record.entry(due.name)
        assert entry is not None
        parcel = the_parcel(self.record, ParcelId(entry.subject))
        if entry.target is not TIKTOK_SHOP:
            self.call_another(entry, parcel, end)
        elif entry.action is SHIP:
            self.ship(entry, parcel, end)
        else:
            self.correct(entry, parcel, end)

    def ship(self, entry: OutboxEntry, parcel: Parcel, end: str) -> None:
        """What TikTok Shop has is believed; else it is told the newest label."""
        if parcel.id in self.at_tiktok:
            number, _ = self.at_tiktok[parcel.id]
            assert number in parcel.numbers, f"{parcel.id} would be refused: TikTok Shop shows {number}"
            known = next(label for label in (parcel.label, *parcel.labels) if label.tracking_number == number)
            self.calls[entry.name] = Call(known, "told")
            return
        self.tell_tiktok(entry, parcel, end)

    def correct(self, entry: OutboxEntry, parcel: Parcel, end: str) -> None:
        """What TikTok Shop has already need not be changed."""
        if parcel.wanted is None:
            self.apply(lambda record: decide_not_told(record, entry, self.later(), reason="the newest is there"))
            return
        if parcel.id not in self.at_tiktok:
            self.calls[entry.name] = Call(parcel.wanted, "later")
            return
        there = self.at_tiktok[parcel.id]
        if there == as_tiktok_has_it(parcel.wanted):
            self.calls[entry.name] = Call(parcel.wanted, "told", shown=there[1])
            return
        if reason := why_not_correctable(parcel, self.now, self.shop.shipping.tracking_changes):
            self.apply(lambda record: decide_failed(record, entry, self.later(), reason=reason))
            return
        self.tell_tiktok(entry, parcel, end)

    def tell_tiktok(self, entry: OutboxEntry, parcel: Parcel, end: str) -> None:
        if end in ("told", "lost after the effect"):
            self.taken[parcel.id].append(parcel.newest_label)
            self.change_at_tiktok(parcel.id, as_tiktok_has_it(parcel.newest_label))
        self.calls[entry.name] = Call(parcel.newest_label, end)

    def call_another(self, entry: OutboxEntry, parcel: Parcel, end: str) -> None:
        """ChannelAdvisor and the OMS take the newest label as often as it is told."""
        number = parcel.newest_label.tracking_number
        if entry.target is CHANNELADVISOR and entry.action is CORRECT and parcel.id not in self.in_channeladvisor:
            reason = "no shipped fulfilment stands for it there"
            self.apply(lambda record: decide_failed(record, entry, self.later(), reason=reason))
            return
        if end in ("told", "lost after the effect"):
            if entry.target is CHANNELADVISOR:
                _, carrier = as_tiktok_has_it(parcel.newest_label)
                self.in_channeladvisor[parcel.id] = (number, carrier)
            else:
                self.at_oms[parcel.id] = number
        self.calls[entry.name] = Call(parcel.newest_label, end)

    @precondition(lambda self: self.calls)
    @rule(number=st.integers(0, 9))
    def a_run_gets_its_answer(self, number: int) -> None:
        names = sorted(self.calls)
        self.answer(names[number % len(names)])

    def answer(self, name: str) -> None:
        call = self.calls.pop(name)
        entry, now = self.record.entry(name), self.later()
        assert entry is not None
        if entry.has_ended or call.end == "died":
            return
        if call.end == "told":
            self.apply(lambda record: self.told(record, entry, call, now))
        elif call.end == "refused":
            self.apply(lambda record: decide_failed(record, entry, now, reason="refused"))
        else:
            self.record = with_entry(
                self.record,
                entry,
                state=EntryState.WAITING,
                due_at=now + timedelta(minutes=1),
                claimed_until=None,
                in_doubt=entry.in_doubt or call.end.startswith("lost"),
            )

    def told(self, record: OrderRecord, entry: OutboxEntry, call: Call, now: datetime) -> Change | None:
        if entry.target is not TIKTOK_SHOP:
            return decide_told(record, entry, now)
        if entry.action is SHIP:
            return decide_shipped_at_tiktok(record, entry, f"P-{entry.subject}", "", now, told=call.label)
        return decide_corrected(record, entry, call.label, now, carrier=call.shown, was_told=not call.shown)
