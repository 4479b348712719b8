"""Which lines may leave together (TT 3)."""

from collections.abc import Sequence

from local.simulators.tiktok_shop.calls import Json, object_list, required_text, text_list
from local.simulators.tiktok_shop.errors import business
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.state import State


def named_lines(body: Json) -> list[str] | None:
    """The ids of the lines that a request names, None for all that are left. Raises RefusalError."""
    if "order_line_item_ids" in body and "order_line_list" in body:
        raise business(21001001)
    if "order_line_list" in body:
        chosen = object_list(body, "order_line_list", 100)
        return [required_text(each, "order_line_id", "order_line_list.") for each in chosen]
    if "order_line_item_ids" not in body:
        return None
    # Whether an empty list means "all" is not documented: a client that sends one is refused here.
    line_ids = text_list(body["order_line_item_ids"], "order_line_item_ids")
    if not line_ids or len(set(line_ids)) != len(line_ids):
        raise business(21001001)
    return line_ids


def chosen_lines(state: State, order: Order, line_ids: Sequence[str] | None) -> list[Line]:
    """The lines that would leave. Raises RefusalError where they may not leave by themselves."""
    if line_ids is None:
        if len(order.waiting_packages) > 1:
            raise business(21011048)
        return order.unshipped
    by_id = {line.id: line for line in order.lines}
    if not by_id.keys() >= set(line_ids):
        raise business(21011029)
    lines = [by_id[line_id] for line_id in line_ids]
    if any(line.is_cancelled for line in lines):
        raise business(state.doubts.cancelled_code)
    if any(line.package is not None for line in lines):
        raise business(state.doubts.packed_line_code)
    if order.combination is not None and len(lines) < len(order.unshipped):
        raise business(21011046)
    if _cuts_a_package(order, lines) or (not state.doubts.same_sku_may_be_split and _splits_a_sku(order, lines)):
        raise business(21011036)
    return lines


def _cuts_a_package(order: Order, lines: list[Line]) -> bool:
    """Whether some, and not all, of what is left of a package that splitting has made would leave."""
    chosen = {line.id for line in lines}
    return any(
        0 < len(chosen.intersection(line.id for line in waiting)) < len(waiting)
        for waiting in order.waiting_packages.values()
    )


def _splits_a_sku(order: Order, lines: list[Line]) -> bool:
    chosen = {line.id for line in lines}
    return any(line.sku_id in {c.sku_id for c in lines} for line in order.remaining if line.id not in chosen)
