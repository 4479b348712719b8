"""A dozen short stories. Each is played without a fault; from `start` on, its forks are hit at every place."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from local.simulators.tiktok_shop.return_records import ReturnQuestion, ReturnType
from local.tracking_numbers import usps
from order_sync.ledger import keys
from order_sync.ledger.table import Key
from tests.simulation.choices import MISSPELT, mappings
from tests.simulation.exhaustive.scene import Scene
from tests.simulation.placed_orders import PlacedOrder, at_tiktok, in_oms
from tests.world import MUG, TEE

MOST_OF_THE_HOLD: Final = timedelta(minutes=45)


def hand_over(scene: Scene) -> None:
    """An order is seen, held, released, and given to ChannelAdvisor and the OMS."""
    scene.open()
    order = scene.order(TEE)
    # The schedules have slept meanwhile: nothing would happen but idle cycles.
    scene.wait(MOST_OF_THE_HOLD)
    scene.stack.wake()
    scene.exploration.start("poll_tiktok", "release_due_orders", "push_channeladvisor", "push_oms", "push_tiktok")
    scene.expect("the order is handed over", lambda: scene.handed_over(order))
    scene.until_handed_over(order)


def no_hold(scene: Scene) -> None:
    """An order that is not held goes out in the cycle in which it is seen."""
    scene.open()
    scene.stack.wake()
    order = scene.order(TEE, MUG, kind="no hold", hold=False)
    scene.exploration.start("dispatch", "poll_tiktok", "push_channeladvisor", "push_oms", "poll_channeladvisor")
    scene.expect("the order is handed over", lambda: scene.handed_over(order))
    scene.until_handed_over(order)


def shipment(scene: Scene) -> None:
    """A parcel of the OMS is told to TikTok Shop and to ChannelAdvisor."""
    order = scene.handed_over_order()
    scene.exploration.start("poll_oms", "push_tiktok", "push_channeladvisor")
    scene.ship(order)
    scene.expect("TikTok Shop knows the parcel", lambda: scene.shipped_at_tiktok(order))
    scene.until("the parcel to be told", lambda: scene.shipped_at_tiktok(order) and not scene.open_entries(order))


def refused_shipment(scene: Scene) -> None:
    """TikTok Shop has no such carrier: a person maps it, and what failed goes out."""
    order = scene.handed_over_order()
    scene.exploration.start("poll_oms", "push_tiktok", "change_settings")
    order.misspelt = True
    scene.ship(order, MISSPELT["US"])
    scene.until("somebody to be asked", lambda: scene.asks_for_a_person(order))
    scene.command(
        "change-settings", {"shop": scene.shop.id, "change": {"shipping_mappings": mappings("US", repaired=True)}}
    )
    scene.expect("TikTok Shop knows the parcel", lambda: scene.shipped_at_tiktok(order))
    scene.until("the parcel to be told", lambda: scene.shipped_at_tiktok(order) and not scene.open_entries(order))


def buyer_cancels(scene: Scene) -> None:
    """A buyer asks to cancel, the OMS says yes, and everybody hears of it."""
    order = scene.handed_over_order()
    scene.exploration.start("poll_tiktok", "push_oms", "poll_oms", "push_tiktok", "push_channeladvisor")
    order.answers = "oms"
    request = scene.stack.tiktok.request_cancel(order.id)
    order.asked.append(request)
    scene.until("the OMS to be asked", lambda: request in scene.stack.oms._state.cancel_requests)
    scene.stack.oms.decide(request, "approve", None)
    scene.expect("the order is cancelled", lambda: scene.status_at_tiktok(order) == "CANCELLED")
    scene.until(
        "the cancellation", lambda: scene.status_at_tiktok(order) == "CANCELLED" and not scene.open_entries(order)
    )


def rule_answers(scene: Scene) -> None:
    """Nobody answers a buyer's request: the shop's rule does, before TikTok Shop would."""
    _rule_answers_within(scene, 3)


def rule_answers_within_an_hour(scene: Scene) -> None:
    """The same in the shortest time that TikTok Shop gives, of which only six minutes are left then."""
    _rule_answers_within(scene, 1)


def _rule_answers_within(scene: Scene, hours: int) -> None:
    order = scene.handed_over_order()
    scene.stack.tiktok.set_automatic_approval(scene.shop.simulated, hours)
    request = scene.stack.tiktok.request_cancel(order.id)
    order.asked.append(request)
    # Until after the first reminder has gone out.
    scene.wait(timedelta(hours=hours) * 2 / 3)
    scene.exploration.start("settle_requests", "push_tiktok")
    scene.expect("the request is answered by us", lambda: _is_answered(scene, request))
    scene.until("the answer", lambda: _is_answered(scene, request) and not scene.open_entries(order))


def _is_answered(scene: Scene, request: str) -> bool:
    decisions = scene.stack.tiktok.books.decisions_of(request)
    return any(each.by == "api" and each.code == 0 for each in decisions)


def oms_cancels(scene: Scene) -> None:
    """The seller cancels an order in the OMS."""
    order = scene.handed_over_order()
    scene.exploration.start("poll_oms", "push_tiktok", "push_channeladvisor", "poll_tiktok", "push_oms")
    scene.stack.oms.cancel_order(order.id, None, reason="out_of_stock")
    scene.expect("the order is cancelled", lambda: scene.status_at_tiktok(order) == "CANCELLED")
    scene.until(
        "the cancellation", lambda: scene.status_at_tiktok(order) == "CANCELLED" and not scene.open_entries(order)
    )


def oms_cancels_a_line(scene: Scene) -> None:
    """The seller cancels one of two lines in the OMS, and ships the other."""
    order = scene.handed_over_order(TEE, MUG)
    scene.exploration.start("poll_oms", "push_tiktok", "push_channeladvisor", "poll_tiktok")
    line = at_tiktok(scene.stack, order).lines[0]
    scene.stack.oms.cancel_order(order.id, [line.id], reason="out_of_stock")
    scene.until("the line's cancellation", lambda: line.is_cancelled and not scene.open_entries(order))
    scene.ship(order)
    scene.expect("the line is cancelled", lambda: line.is_cancelled)
    scene.expect("TikTok Shop knows the parcel", lambda: scene.shipped_at_tiktok(order))
    scene.until("the parcel to be told", lambda: scene.shipped_at_tiktok(order) and not scene.open_entries(order))


def address(scene: Scene) -> None:
    """The buyer moves after the hand-over."""
    order = scene.handed_over_order()
    scene.exploration.start("poll_tiktok", "push_channeladvisor", "push_oms")
    scene.stack.tiktok.change_address(order.id)
    order.moved_at = scene.stack.time
    street = at_tiktok(scene.stack, order).address.line1

    def has_moved() -> bool:
        taken = in_oms(scene.stack, order)
        created = scene.stack.channeladvisor.books.orders_of_tiktok(order.id)
        return (
            taken is not None
            and taken.recipient["address_lines"][0] == street
            and all(each["ShippingAddressLine1"] == street for each in created)
        )

    scene.expect("the new address is known", has_moved)
    scene.until("the new address", lambda: has_moved() and not scene.open_entries(order))


def returned(scene: Scene) -> None:
    """A buyer sends back what was delivered; the OMS agrees twice, and everybody hears of the refund."""
    order = scene.handed_over_order()
    scene.ship(order)
    scene.until("the parcel to be told", lambda: scene.shipped_at_tiktok(order) and not scene.open_entries(order))
    tiktok, oms = scene.stack.tiktok, scene.stack.oms
    scene.deliver(order)
    scene.wait(timedelta(minutes=30))
    scene.exploration.start("poll_tiktok", "push_oms", "poll_oms", "push_tiktok", "push_channeladvisor")
    order.answers = "oms"
    given = tiktok.buyer_requests_return(order.id, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=False)
    # Whether it may come back, then whether it has.
    for question in (ReturnQuestion.RETURN, ReturnQuestion.RECEIVE_PACKAGE):
        scene.until(f"the OMS to be asked: {question}", partial(_asks, scene, order, question))
        oms.decide_return(scene.shop.id, given, question.value.lower(), "approve")
        scene.until("TikTok Shop to hear it", partial(_has_heard, scene, given, question))
        if question is ReturnQuestion.RETURN:
            tiktok.buyer_ships_return(given, usps(777_777))
    scene.expect("the buyer is refunded", lambda: bool(tiktok.refunds_issued(order.id)))
    scene.until("the refund", lambda: bool(tiktok.refunds_issued(order.id)) and not scene.open_entries(order))


def _asks(scene: Scene, order: PlacedOrder, question: ReturnQuestion) -> bool:
    return any(each.question == question.value.lower() for each in scene.stack.oms.books.returns(order.id))


def _has_heard(scene: Scene, given: str, question: ReturnQuestion) -> bool:
    return scene.stack.tiktok.return_record(given).question is not question


def tokens_renewed(scene: Scene) -> None:
    """TikTok Shop's tokens are near their end: both are renewed and stored, and work goes on."""
    scene.open()
    secret = f"simulated/tiktok/{scene.shop.id}"
    first = scene.stack.secrets.texts[secret]
    scene.wait(timedelta(days=6))
    scene.stack.wake()
    scene.exploration.start("refresh_tokens", "poll_tiktok")
    scene.expect("tokens are new", lambda: scene.stack.secrets.texts[secret] != first)
    # Who gets no answer to a renewal has lost both tokens: people are told that the seller has to agree again.
    told = Key(f"SHOP#{scene.shop.id}", f"{keys.NOTICE}authorization")
    scene.until("new tokens", lambda: scene.stack.secrets.texts[secret] != first or told in scene.items)
    if scene.stack.secrets.texts[secret] == first and scene.exploration.is_fork:
        scene.agree_again()
    order = scene.order(TEE, kind="no hold", hold=False)
    scene.expect("the order is handed over", lambda: scene.handed_over(order))
    scene.until_handed_over(order)


def settings_changed(scene: Scene) -> None:
    """An operator connects a shop and changes its settings; orders go by the new ones."""
    scene.open()
    scene.stack.wake()
    scene.exploration.start("change_settings", "dispatch", "poll_tiktok")
    scene.command("change-settings", {"shop": scene.shop.id, "change": {"extra_hold_minutes": 10}})
    order = scene.order(TEE, kind="no hold", hold=False)
    scene.expect("the order is handed over", lambda: scene.handed_over(order))
    scene.until_handed_over(order)


def reconciled(scene: Scene) -> None:
    """The ledger has lost an order that everybody has: the nightly comparison brings it back, and creates nothing."""
    order = scene.handed_over_order()
    partition = keys.order_partition(scene.shop.id, order.id)
    scene.allowed = {"orders_repaired"}
    # What is newest is read in every cycle.
    scene.wait(timedelta(minutes=30))
    scene.until_handed_over(scene.order(MUG, kind="no hold", hold=False))
    for key in [each for each in scene.items if each.pk == partition]:
        scene.stack.memory.delete(key)
    scene.until("the night", lambda: scene.stack.time.hour == 3, timedelta(days=1))
    scene.exploration.start("reconcile", "push_channeladvisor", "push_oms")
    scene.expect("the order is known", lambda: _is_whole(scene, order))
    scene.until("the order to be found", lambda: _is_whole(scene, order))


def _is_whole(scene: Scene, order: PlacedOrder) -> bool:
    record = scene.stack.ledger.load(scene.shop.id, order.id)
    return record is not None and bool(record.outbox) and not scene.open_entries(order)


def warned(scene: Scene) -> None:
    """Nobody ships an order: people are warned of its deadline."""
    scene.open()
    scene.order(TEE, kind="no hold", hold=False)
    # The schedules have slept meanwhile: nothing would happen but idle cycles.
    scene.wait(timedelta(hours=64))
    scene.stack.wake()
    before = len(scene.stack.published)
    scene.exploration.start("watch_deadlines")
    scene.expect("people are warned", lambda: len(scene.stack.published) > before)
    scene.until("a warning", lambda: len(scene.stack.published) > before, timedelta(hours=10))


SCENARIOS: Final[dict[str, Callable[[Scene], None]]] = {
    story.__name__: story
    for story in (
        hand_over,
        no_hold,
        shipment,
        refused_shipment,
        buyer_cancels,
        rule_answers,
        rule_answers_within_an_hour,
        oms_cancels,
        oms_cancels_a_line,
        address,
        returned,
        tokens_renewed,
        settings_changed,
        reconciled,
        warned,
    )
}
