"""Between a value and an attribute of the table: empty values are not stored, times are epoch milliseconds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from order_sync.domain.money import Money
from order_sync.ledger.table import Item, Scalar

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Later than anything that waits."""

type _Value = Scalar | datetime | None


def milliseconds(moment: datetime) -> int:
    """A moment as the table keeps it; exact, so that nothing moves by a rounding."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(value: Scalar | None) -> datetime | None:
    """The way back; None for an attribute that is not there."""
    return None if value is None else _EPOCH + int(value) * _MILLISECOND


def sure(value: Scalar) -> datetime:
    """The way back for an attribute that is always there."""
    return _EPOCH + int(value) * _MILLISECOND


def sparse(values: dict[str, _Value]) -> Item:
    """An item of those values that are not empty."""
    return {
        name: milliseconds(value) if isinstance(value, datetime) else value
        for name, value in values.items()
        if value not in (None, "", False)
    }


def text(item: Item, name: str) -> str:
    """A text; empty when it is not there."""
    return str(item.get(name, ""))


def one_of[Kind: StrEnum](kind: type[Kind], item: Item, name: str) -> Kind | None:
    """A member of an enum; None when it is not there."""
    return kind(text(item, name)) if name in item else None


def packed_money(value: Money | None) -> str:
    """An amount as text, such as "12.50 USD"; empty for none."""
    return str(value) if value else ""


def money(item: Item, name: str) -> Money | None:
    """The way back. Raises ValueError when it is no amount."""
    packed = text(item, name)
    if not packed:
        return None
    amount, _, currency = packed.partition(" ")
    return Money(amount=decimal(amount), currency=currency)


def decimal(packed: str) -> Decimal:
    """A number as it was kept. Raises ValueError when it is none."""
    try:
        return Decimal(packed)
    except InvalidOperation as error:
        raise ValueError("an amount is no number") from error
