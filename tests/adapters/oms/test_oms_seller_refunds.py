"""Refunds that the OMS starts, over the contract: they come in, and what became of them goes out."""

from decimal import Decimal

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import ReportedRefund
from order_sync.partners.oms.returns import OmsReturns
from tests.adapters.oms.world import OURS, SHOP, START, World, all_pages
from tests.purchases import a_line
from tests.returned import RETURN


def test_refunds_are_read_page_by_page_and_then_only_the_new_ones(world: World, returns: OmsReturns) -> None:
    oms, line = world.simulator, a_line(2).id
    made = [oms.refund(SHOP.shop, OURS), oms.refund(SHOP.shop, OURS, [line], "12.50", "damaged")]
    made.append(oms.refund(SHOP.shop, OURS, [line], Decimal("3.00"), currency="GBP"))
    pages = all_pages(returns.refunds_after)
    assert [len(page.reported) for page in pages] == [2, 1]
    found = [each for page in pages for each in page.reported]
    assert found[0] == (OURS, ReportedRefund(id=f"oms-{made[0]}", source=Source.OMS, requested_at=START))
    assert [(each.id, each.line_ids, each.amount, each.reason) for _, each in found[1:]] == [
        (f"oms-{made[1]}", (line,), Money(amount=Decimal("12.50"), currency="USD"), "damaged"),
        (f"oms-{made[2]}", (line,), Money(amount=Decimal("3.00"), currency="GBP"), ""),
    ]
    cursor = pages[-1].next_cursor
    assert returns.refunds_after(SHOP.shop, cursor).reported == ()
    oms.repeat_refund(made[0])
    assert returns.refunds_after(SHOP.shop, cursor).reported == (found[0],)


def test_a_refund_that_cannot_be_read_is_told_with_its_order_and_can_be_refused(
    world: World, returns: OmsReturns
) -> None:
    entry = {"id": "R-1", "tiktok_order_id": OURS, "lines": None, "refunded_at": START.isoformat()}
    world.simulator.list_raw_refund(SHOP.shop, entry)
    made = world.simulator.refund(SHOP.shop, OURS)
    page = returns.refunds_after(SHOP.shop, "")
    assert [each.id for _, each in page.reported] == [f"oms-{made}"]
    [bad] = page.unreadable
    assert (bad.id, bad.order, bad.can_be_told, bad.reason) == ("R-1", OURS, True, "amount: Field required")
    returns.settle_refund(bad.id, refused=bad.reason)
    assert world.simulator.books.seller_refunds()[0].told == {"outcome": "refused", "reason": bad.reason}


def test_an_accepted_refund_stays_so_and_may_be_named_later(world: World, returns: OmsReturns) -> None:
    made = world.simulator.refund(SHOP.shop, OURS)
    for _ in range(2):
        returns.settle_refund(made)
    returns.settle_refund(made, return_id=RETURN)
    assert world.simulator.books.seller_refunds()[0].told == {"outcome": "accepted", "return_id": RETURN}
    for other in ({"refused": "TikTok Shop does not allow it"}, {"return_id": "4035"}):
        with pytest.raises(RejectedError, match=f"settle refund {made}: Outcome differs.*HTTP 409"):
            returns.settle_refund(made, **other)


def test_a_refused_refund_is_told_with_the_reason(world: World, returns: OmsReturns) -> None:
    made = world.simulator.refund(SHOP.shop, OURS)
    for _ in range(2):
        returns.settle_refund(made, refused="x" * 501, return_id=RETURN)
    told = {"outcome": "refused", "reason": "x" * 500, "return_id": RETURN}
    assert world.simulator.books.seller_refunds()[0].told == told
