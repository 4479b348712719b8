"""Reading a list that changes while it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.jobs.slices import Feed, Slice, read_in_slices

START = datetime(2026, 6, 1, tzinfo=UTC)
LAG = timedelta(minutes=10)
LONG_AGO = 3_600
"""Seconds after START at which the reading of these lists begins."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Page:
    items: tuple[str, ...]
    times: tuple[datetime, ...]
    token: str


@dataclass
class MovingList:
    """A partner's list: `placed` is what its index knows, `moved` what has changed since."""

    placed: dict[str, int]
    size: int
    until: int = LONG_AGO
    moved: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    before_each: Callable[["MovingList"], None] = lambda _: None

    def search(self, since: datetime, until: datetime, token: str) -> Page:
        self.before_each(self)
        self.requests += 1
        standing = sorted((time, item) for item, time in self.placed.items() if since <= at(time) < until)
        start = int(token or 0)
        shown = [item for _, item in standing[start : start + self.size]]
        following = str(start + self.size) if start + self.size < len(standing) else ""
        return Page(tuple(shown), tuple(at(self.moved.get(i, self.placed[i])) for i in shown), following)

    def touch(self, item: str, *, indexed: bool) -> None:
        """The item changes now, after the reading began; the index may learn it later."""
        self.moved[item] = self.until + self.requests
        if indexed:
            self.catch_up(item)

    def catch_up(self, item: str) -> None:
        """The index learns of the item's change."""
        self.placed[item] = self.moved[item]

    def read(self, *, since: int = 0) -> Iterator[Slice[Page]]:
        feed = Feed(search=self.search, times_of=lambda page: page.times, next_of=lambda page: page.token)
        return read_in_slices(feed, since=at(since), until=at(self.until), lag=LAG)

    def items_read(self) -> set[str]:
        return {item for part in self.read() for item in part.page.items}


def a_list(times: list[int], size: int) -> MovingList:
    return MovingList({f"{number:05d}": time for number, time in enumerate(times)}, size)


times = st.lists(st.integers(0, LONG_AGO - 601) | st.integers(0, 3), max_size=60)
"""Settled times, many of them within the same seconds."""


@given(times=times, size=st.integers(1, 8), recent=st.lists(st.integers(LONG_AGO - 600, LONG_AGO - 1), max_size=20))
def test_a_list_that_stands_still_is_read_whole(times: list[int], size: int, recent: list[int]) -> None:
    moving = a_list(times + recent, size)

    assert moving.items_read() == set(moving.placed)


@given(times=times, size=st.integers(1, 8), data=st.data())
def test_whatever_stays_is_read_although_others_leave_their_places_meanwhile(
    times: list[int], size: int, data: st.DataObject
) -> None:
    moving = a_list(times, size)

    def some_leave(moving: MovingList) -> None:
        for item in data.draw(st.sets(st.sampled_from(sorted(moving.placed)), max_size=3)) if moving.placed else ():
            moving.touch(item, indexed=data.draw(st.booleans()))
        for item in [item for item in moving.moved if data.draw(st.booleans())]:
            moving.catch_up(item)

    moving.before_each = some_leave
    read = moving.items_read()

    assert read >= set(moving.placed) - set(moving.moved)


@given(times=times, size=st.integers(1, 8), data=st.data())
def test_items_that_changed_just_before_but_still_stand_in_their_old_places_hide_nobody(
    times: list[int], size: int, data: st.DataObject
) -> None:
    moving = a_list(times, size)
    for item in data.draw(st.sets(st.sampled_from(sorted(moving.placed)))) if moving.placed else ():
        moving.moved[item] = data.draw(st.integers(LONG_AGO - 600, LONG_AGO - 1))

    assert moving.items_read() == set(moving.placed)


@given(times=times, size=st.integers(1, 8))
def test_the_time_read_up_to_never_goes_back_and_everything_before_it_was_read(times: list[int], size: int) -> None:
    moving = a_list(times, size)
    read: set[str] = set()
    reached = at(0)

    for part in moving.read():
        read |= set(part.page.items)
        assert part.read_up_to >= reached
        reached = part.read_up_to
        assert read >= {item for item, time in moving.placed.items() if at(time) < reached}


def test_a_page_of_orders_that_all_changed_a_moment_ago_does_not_hide_the_hour_behind_it() -> None:
    """A carrier collects a hundred parcels at once: the index still has them where they were shipped."""
    moving = a_list(list(range(300)), size=100)
    moving.moved = {f"{number:05d}": LONG_AGO - 30 for number in range(95, 110)}

    assert moving.items_read() == set(moving.placed)


def test_an_order_that_leaves_a_crowded_second_hides_nobody_behind_it() -> None:
    moving = a_list([7] * 5, size=2)

    def the_first_leaves(moving: MovingList) -> None:
        if moving.requests and "00000" not in moving.moved:
            moving.touch("00000", indexed=True)

    moving.before_each = the_first_leaves

    assert moving.items_read() == set(moving.placed)


def test_reading_from_the_last_time_seen_costs_hardly_more_than_paging_would() -> None:
    moving = a_list([number * LONG_AGO // 10_000 for number in range(10_000)], size=100)

    assert moving.items_read() == set(moving.placed)
    assert moving.requests <= 108


def test_orders_of_the_last_minutes_cost_no_more_either() -> None:
    """A flash sale: everything lies within the time in which the index may still be wrong."""
    moving = a_list([LONG_AGO - 600 + number * 600 // 10_000 for number in range(10_000)], size=100)

    assert moving.items_read() == set(moving.placed)
    assert moving.requests <= 140


@pytest.mark.parametrize("times", [[], [5], [LONG_AGO - 1]])
def test_a_list_of_one_page_costs_one_request(times: list[int]) -> None:
    moving = a_list(times, size=100)
    list(moving.read())

    assert moving.requests == 1


def test_an_order_that_changes_after_the_reading_began_does_not_move_the_end() -> None:
    moving = a_list([5, 6], size=100)
    moving.touch("00001", indexed=False)
    (only,) = moving.read()

    assert only.read_up_to == at(5)
