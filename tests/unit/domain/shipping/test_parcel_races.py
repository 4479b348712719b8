"""Random sequences of labels, tellings, lost answers and late pages; what must hold after each, and in the end."""

from datetime import timedelta

from hypothesis import settings
from hypothesis.stateful import invariant

from order_sync.domain.ids import ParcelId
from order_sync.domain.outbox import EntryState, OutboxEntry
from order_sync.domain.parcels import Parcel
from order_sync.domain.shipping.reports import decide_reported_parcel
from order_sync.domain.telling import decide_replay
from tests.builders import TIMING, applied
from tests.unit.domain.shipping.labels_of_an_order import LINE_OF
from tests.unit.domain.shipping.parcels_of_an_order import ParcelsOfAnOrder, as_tiktok_has_it
from tests.unit.domain.shipping.scenes import C1, CHANNELADVISOR, TIKTOK_SHOP, the_parcel


class ParcelRaces(ParcelsOfAnOrder):
    """What must hold, whatever happens in whatever order."""

    @invariant()
    def the_oms_feed_from_its_start_says_nothing_new(self) -> None:
        for known in getattr(self, "feed", ()):
            assert decide_reported_parcel(self.record, known, self.shop, TIMING, self.now) is None

    @invariant()
    def tiktok_takes_each_label_at_most_once(self) -> None:
        for labels in getattr(self, "taken", {}).values():
            assert len(set(labels)) == len(labels)

    @invariant()
    def no_change_is_counted_that_was_not_made(self) -> None:
        for parcel in self.record.parcels if hasattr(self, "record") else ():
            assert parcel.corrections <= self.changes_there.get(parcel.id, 0)

    @invariant()
    def there_are_two_parcels_and_no_third(self) -> None:
        if hasattr(self, "record"):
            assert {parcel.id for parcel in self.record.parcels if not parcel.refused} <= set(LINE_OF)

    def teardown(self) -> None:
        """However it went: once all was told, everybody has the newest label, or an entry says why not."""
        if not hasattr(self, "record"):
            return
        for name in sorted(self.calls):
            self.answer(name)
        self.record = applied(self.record, decide_replay(self.record, self.now))
        for _ in range(8):
            self.now += timedelta(minutes=15)
            self.poll_tiktok()
            self.poll_channeladvisor()
            while due := self.due():
                self.call(due[0], "told")
                for name in sorted(self.calls):
                    self.answer(name)
        for parcel in [each for each in self.record.parcels if each.id in LINE_OF]:
            are_over = [self.is_over(entry) for entry in self.record.outbox if entry.subject == parcel.id]
            if all(are_over):
                self.everybody_has_the_newest_label_of(parcel)

    def everybody_has_the_newest_label_of(self, parcel: Parcel) -> None:
        if parcel.refused:
            assert parcel.id not in self.at_tiktok
            assert parcel.id not in self.in_channeladvisor
            return
        if any(other.refused and other.source is parcel.source for other in self.record.parcels):
            # It was deleted and typed in anew after TikTok Shop was told: that is for a person.
            return
        newest = self.newest[parcel.id]
        assert (parcel.label.tracking_number, parcel.wanted) == (newest, None)
        assert self.at_tiktok[parcel.id] == as_tiktok_has_it(parcel.label)
        if parcel.id in self.in_channeladvisor:
            assert self.in_channeladvisor[parcel.id][0] == newest
        assert self.at_oms.get(parcel.id) == (newest if parcel.id == C1 else None)

    def is_over(self, entry: OutboxEntry) -> bool:
        """Whether nothing more is to be told. What failed says why, and there are few reasons to be left behind."""
        if entry.state is not EntryState.FAILED:
            assert entry.has_ended, entry
            return True
        if entry.target is CHANNELADVISOR:
            assert entry.subject == C1
            assert C1 not in self.in_channeladvisor
        else:
            assert entry.target is TIKTOK_SHOP
            assert "shipping.tracking_changes" in entry.reason
            assert the_parcel(self.record, ParcelId(entry.subject)).wanted is not None
        return False


ParcelRaces.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None, derandomize=True)
test_races_around_parcels = ParcelRaces.TestCase
