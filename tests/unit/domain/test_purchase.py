"""What a purchase needs before it can be handed over."""

from dataclasses import replace

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId
from order_sync.domain.purchase import recipient_of_complete
from tests.purchases import a_line, a_purchase


def test_a_complete_purchase_has_a_recipient() -> None:
    purchase = a_purchase(a_line())
    assert recipient_of_complete(purchase) is purchase.recipient


def test_what_a_purchase_lacks_is_named() -> None:
    purchase = a_purchase(a_line())
    nobody = replace(purchase, recipient=None)
    with pytest.raises(RejectedError, match=f"^order {purchase.order}: TikTok Shop shows no recipient$"):
        recipient_of_complete(nobody)
    with pytest.raises(RejectedError, match=f"^order {purchase.order} has no lines$"):
        recipient_of_complete(replace(purchase, lines=()))


def test_every_line_without_a_seller_s_sku_is_named() -> None:
    good, first, second = (
        replace(a_line(), id=LineId(id_), sku=sku) for id_, sku in (("1", "TEE"), ("2", " "), ("3", ""))
    )
    purchase = replace(a_purchase(a_line()), lines=(first, good, second))
    with pytest.raises(RejectedError, match=f"^order {purchase.order}: lines 2, 3 have no seller SKU at TikTok Shop$"):
        recipient_of_complete(purchase)
