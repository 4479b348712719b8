"""How ChannelAdvisor and the OMS are asked for what they hold open."""

from collections.abc import Sequence

from order_sync.domain.ids import OrderId
from order_sync.domain.reconciling.comparing import OrderThere
from order_sync.domain.reconciling.differences import Difference
from order_sync.domain.reconciling.repairs import decide_linked_again
from order_sync.domain.reconciling.rules import Rules
from order_sync.domain.statuses import OrderState
from order_sync.jobs.comparing import Listed, LookedUp, Partner
from order_sync.jobs.poll_channeladvisor import see
from order_sync.jobs.run import ShopRun
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.channeladvisor.open_orders import ShownOrder
from order_sync.partners.oms.order_answers import UnreadableAnswerError
from order_sync.partners.oms.rest import RestOms


def in_channeladvisor(run: ShopRun, channeladvisor: ChannelAdvisor) -> Partner:
    """The profile's open orders; those of other sites that carry no id of TikTok Shop's are left out there."""

    def list_open(after: str) -> Listed:
        page = channeladvisor.open_orders.page(after)
        return Listed(
            orders=[shown.there for shown in page.orders],
            unreadable=frozenset(order for order, _ in page.unreadable),
            place=page.last_id,
            has_more=page.has_more,
        )

    def look_up(orders: Sequence[OrderId]) -> LookedUp:
        shown, unreadable = channeladvisor.open_orders.look_up(orders)
        by_order: dict[OrderId, list[ShownOrder]] = {}
        for each in shown:
            by_order.setdefault(each.facts.order, []).append(each)
        return LookedUp(
            orders={order: [each.there for each in all_of_it] for order, all_of_it in by_order.items()},
            unreadable=frozenset(order for order, _ in unreadable),
            see=lambda order: sum(see(run, each.facts) for each in by_order.get(order, ())) > 0,
        )

    def stands_in(number: str) -> str | None:
        profile = channeladvisor.open_orders.profile_of(number)
        return None if profile is None else f"{number} in profile {profile}"

    def link(difference: Difference, rules: Rules) -> bool:
        shown, _ = channeladvisor.open_orders.look_up([difference.order])
        living = [each for each in shown if each.there.state is not OrderState.CANCELED]
        if [each.facts.id for each in living] != [difference.other_number]:
            return False
        [found] = living
        change = run.ledger.change(
            run.shop.shop,
            difference.order,
            lambda record: (
                decide_linked_again(
                    record,
                    difference,
                    units=found.held,
                    brought_by_link=not found.there.is_ours,
                    rules=rules,
                    now=run.now(),
                )
                if record
                else None
            ),
        )
        if change is not None:
            see(run, found.facts)
        return change is not None

    return Partner(list_open=list_open, look_up=look_up, stands_in=stands_in, link=link)


def in_oms(run: ShopRun, oms: RestOms) -> Partner:
    """The shop's open orders in its OMS."""

    def list_open(after: str) -> Listed:
        page = oms.open_orders_after(run.shop.shop, after)
        return Listed(
            orders=page.reported,
            unreadable=frozenset(entry.order for entry in page.unreadable if entry.order),
            place=page.next_cursor,
            has_more=page.has_more,
        )

    def look_up(orders: Sequence[OrderId]) -> LookedUp:
        found: dict[OrderId, Sequence[OrderThere]] = {}
        unreadable: set[OrderId] = set()
        for order in orders:
            try:
                there = oms.look_up(order)
            except UnreadableAnswerError as error:
                run.report.problem("oms_orders_unreadable", str(error))
                unreadable.add(order)
                continue
            if there is not None:
                found[order] = [there]
        return LookedUp(orders=found, unreadable=frozenset(unreadable))

    return Partner(list_open=list_open, look_up=look_up)
