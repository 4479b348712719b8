"""A refund by SKU over the items of an order: every unit and every cent, once."""

from decimal import Decimal
from random import Random

import pytest

from order_sync.domain.returning.refunds_told import RefundedUnits
from order_sync.partners.channeladvisor.models import ItemPayload
from order_sync.partners.channeladvisor.refund_parts import split, spread


def item(number: int, price: Decimal | None) -> ItemPayload:
    return ItemPayload.model_validate({"ID": number, "Sku": "TEE", "Quantity": 9, "UnitPrice": price})


def wanted(units: int, goods: str, shipping: str = "0", tax: str = "0") -> RefundedUnits:
    return RefundedUnits(sku="TEE", units=units, goods=Decimal(goods), shipping=Decimal(shipping), tax=Decimal(tax))


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        ("10.00", (1, 1, 1), ("3.33", "3.34", "3.33")),
        ("10", (1, 1, 1), ("3.33", "3.34", "3.33")),
        ("0.01", (1, 1), ("0.01", "0.00")),
        ("0", (3, 4), ("0", "0")),
        ("0.005", (1, 4), ("0.001", "0.004")),
        ("29.99", (20, 10), ("19.99", "10.00")),
        ("7", (0, 5, 0), ("0", "7", "0")),
        ("1E+1", (1, 3), ("2.50", "7.50")),
    ],
)
def test_an_amount_is_split_by_weight(amount: str, weights: tuple[int, ...], parts: tuple[str, ...]) -> None:
    assert split(Decimal(amount), [Decimal(weight) for weight in weights]) == [Decimal(part) for part in parts]


def test_items_without_a_price_bear_equal_shares() -> None:
    found = spread(wanted(3, "3.00"), [(item(1, None), 1), (item(2, Decimal(0)), 2)])
    assert [(part.item.id, part.refunded.units, part.refunded.goods) for part in found] == [
        ("1", 1, Decimal(1)),
        ("2", 2, Decimal(2)),
    ]


def test_a_gift_of_the_same_sku_bears_no_money() -> None:
    found = spread(wanted(2, "17.50", "4.99", "1.40"), [(item(1, Decimal(0)), 1), (item(2, Decimal(20)), 1)])
    assert {part.item.id: part.refunded.total for part in found} == {"1": 0, "2": Decimal("23.89")}


@pytest.mark.parametrize("seed", range(200))
def test_parts_add_up_and_no_item_bears_more_than_its_price(seed: int) -> None:
    random = Random(seed)
    free = [(item(n, Decimal(random.randint(0, 3000)) / 100), random.randint(0, 3)) for n in range(1, 5)]
    free.append((item(9, Decimal(random.randint(1, 3000)) / 100), random.randint(1, 3)))
    units = random.randint(1, sum(most for _, most in free))
    cheapest = sorted(each.unit_price or Decimal(0) for each, most in free for _ in range(most))[:units]
    goods = (sum(cheapest, Decimal(0)) * random.randint(0, 100) / 100).quantize(Decimal("0.01"), "ROUND_DOWN")
    told = wanted(units, str(goods), f"{random.randint(0, 999) / 100}", f"{random.randint(0, 999) / 100}")
    found = spread(told, free)
    room = {each.id: most for each, most in free}
    assert sum(part.refunded.units for part in found) == units
    assert len({part.item.id for part in found}) == len(found)
    for name in ("goods", "shipping", "tax", "total"):
        assert sum(getattr(part.refunded, name) for part in found) == getattr(told, name)
    for part in found:
        assert 0 < part.refunded.units <= room[part.item.id]
        assert 0 <= part.refunded.goods <= (part.item.unit_price or 0) * part.refunded.units
        assert min(part.refunded.shipping, part.refunded.tax) >= 0
