"""A run that writes a note late, after another one has told what is newer."""

from datetime import timedelta

from tests.adapters.returns.return_scenes import a_shipped_order, ask, note
from tests.world import MUG, Connected, World


def test_a_note_that_was_written_too_late_is_written_once_more(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    return_id = ask(world, order)
    world.run("poll_tiktok", shop)

    def overtake() -> None:
        """ChannelAdvisor's answer takes longer than a claim lasts, and others go on meanwhile."""
        if not world.channeladvisor.books.requests(method="GET")[seen:]:
            return
        world.on_answer = lambda: None
        world.tiktok.approve_return_in_seller_center(return_id)
        world.run("poll_tiktok", shop)
        world.sleep(timedelta(minutes=11).total_seconds())
        world.run("push_channeladvisor", shop)
        assert note(world, order, return_id).startswith("Refund Accepted")

    seen = len(world.channeladvisor.books.requests(method="GET"))
    world.on_answer = overtake
    world.run("push_channeladvisor", shop)
    assert note(world, order, return_id).startswith("Refund Accepted")
