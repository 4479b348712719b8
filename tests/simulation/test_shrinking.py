"""What is left when faults are left out is the fewest that show it."""

from collections.abc import Collection

from tests.simulation.faults import Kind, Strike
from tests.simulation.shrinking import Shrinking
from tests.world import START

STRUCK = [
    Strike(f"{kind.name}-{number}", START, kind, "somewhere")
    for number in range(1, 9)
    for kind in (Kind.OMS, Kind.TIKTOK, Kind.PAUSE)
]


def test_the_two_faults_that_it_takes_are_left() -> None:
    played: list[set[str]] = []

    def shows(only: Collection[str]) -> bool:
        played.append(set(only))
        return {"OMS-3", "PAUSE-7"} <= set(only)

    shrinking = Shrinking(STRUCK, shows)
    assert sorted(shrinking.run()) == ["OMS-3", "PAUSE-7"]
    assert shrinking.tries == len(played) < len(STRUCK)


def test_nothing_is_left_of_what_shows_without_any_fault() -> None:
    shrinking = Shrinking(STRUCK, lambda _only: True)
    assert shrinking.run() == []
    assert shrinking.tries == 1


def test_everything_is_left_of_what_no_other_time_shows_and_it_gives_up_in_time() -> None:
    shrinking = Shrinking(STRUCK, lambda _only: False, most_tries=5)
    assert len(shrinking.run()) == len(STRUCK)
    assert shrinking.tries == 5
