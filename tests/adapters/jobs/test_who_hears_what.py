"""What may be queued for a partner is what the runs that tell it look for: anything else would wait for ever."""

from order_sync.domain.ids import ShopId
from order_sync.domain.outbox import HEARS, Action, Target
from order_sync.ledger.ledger import DueEntry, Ledger
from tests.world import World


class LookedAt(Ledger):
    """A ledger that remembers for which partners and actions somebody asked what is to be told."""

    asked: set[tuple[Target, Action]]

    def outbox_due(self, target: Target, action: Action, shop: ShopId, limit: int) -> list[DueEntry]:
        self.asked.add((target, action))
        return super().outbox_due(target, action, shop, limit)


def test_what_each_partner_may_be_told_is_what_the_runs_look_for() -> None:
    world = World()
    shop = world.connect()
    ledger = LookedAt(world.table, world.clock)
    ledger.asked = set()
    world.ledger = ledger
    for job in ("push_tiktok", "push_channeladvisor", "push_oms", "settle_requests"):
        world.run(job, shop)
    assert ledger.asked == {(target, action) for target, actions in HEARS.items() for action in actions}


def test_every_action_is_heard_by_somebody() -> None:
    assert frozenset().union(*HEARS.values()) == frozenset(Action)
