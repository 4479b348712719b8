"""A seller's refund whose first attempt died before TikTok Shop heard of it, and that TikTok does not take any more."""

from tests.adapters.returns.return_checks import check_books
from tests.adapters.returns.return_scenes import a_shipped_order, arrive, outcome
from tests.world import Connected, Killed, World


def test_the_oms_hears_a_refusal_although_the_first_attempt_died(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    arrive(world, order)
    refund = world.oms.refund(shop.id, order)

    def die_before_telling() -> None:
        if world.tiktok.books.requests[-1].path.endswith("/aftersale_eligibility"):
            world.on_answer = lambda: None
            raise Killed

    world.on_answer = die_before_telling
    world.run("poll_oms", shop)
    assert world.tiktok.books.seller_returns == []
    world.tiktok.complete(order)
    world.cycle(12)
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "refused"
    check_books(world)
