"""Whole lives of refunds whose run dies, or meets another run, at a partner's answer: once of everything."""

import pytest

from tests.adapters.returns.return_lives import LIVES, MOST_PLACES, Places, play
from tests.world import Connected, Killed, World

EVERY = 5
"""Each life is disturbed at every fifth answer, from another one on for each: all of them take minutes."""
OTHERS = {
    "both questions": "poll_oms",
    "two SKUs": "push_channeladvisor",
    "by the OMS": "push_tiktok",
    "by hand in ChannelAdvisor": "push_tiktok",
}


def at_the_answers(life: str, other: str = "") -> int:
    """Play it with a death, or another run, some partner's answers later each time; how many answers there are."""
    for place in range(1 + list(LIVES).index(life) % EVERY, MOST_PLACES, EVERY):
        places: list[Places] = []

        def disturb(world: World, shop: Connected, place: int, places: list[Places] = places) -> None:
            def happen() -> None:
                if not other:
                    raise Killed
                world.run(other, shop)

            places.append(Places(world, place, happen))

        try:
            play(life, disturb, place)
        except AssertionError as error:
            raise AssertionError(f"{life}, at answer {place}: {error}") from error
        if not places[0].happened:
            return places[0].reached
    raise AssertionError(f"more than {MOST_PLACES} answers")


@pytest.mark.parametrize("life", LIVES)
def test_a_run_that_dies_at_any_answer_of_a_whole_life_is_made_up_for(life: str) -> None:
    assert at_the_answers(life) > 30


@pytest.mark.parametrize("life", LIVES)
def test_another_run_at_any_answer_of_a_whole_life_doubles_nothing(life: str) -> None:
    assert at_the_answers(life, OTHERS[life]) > 30
