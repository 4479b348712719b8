"""The OMS's shipments as parcels that were reported to us."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId, ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.shipments import ReportedParcel
from order_sync.partners.unreadable import why_unreadable

_ID: Final = r"^[A-Za-z0-9._~-]{1,128}$"
_Id = Annotated[str, Field(pattern=_ID)]


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Line(_Payload):
    tiktok_line_id: _Id | None = None
    sku: str = ""
    quantity: int = Field(default=0, strict=True)


class _Shipment(_Payload):
    id: _Id
    tiktok_order_id: _Id
    carrier: str = Field(min_length=1)
    shipping_class: str | None = None
    tracking_number: str = Field(min_length=1)
    shipped_at: AwareDatetime
    lines: tuple[_Line, ...] = Field(min_length=1)


class _Page(_Payload):
    shipments: list[Any]
    next_cursor: str = Field(min_length=1)
    has_more: bool = Field(strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableShipment:
    """A shipment that could not be read, by the OMS's id, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentsPage:
    """One page of shipments, in the order in which the OMS recorded them."""

    reported: tuple[tuple[OrderId, ReportedParcel], ...]
    unreadable: tuple[UnreadableShipment, ...]
    next_cursor: str
    has_more: bool


def read_page(body: object, cursor: str) -> ShipmentsPage:
    """A page that was asked for after a cursor. Raises RejectedError when the page itself is unreadable."""
    try:
        page = _Page.model_validate(body)
    except ValidationError as error:
        raise RejectedError(f"OMS: list shipments: the answer is unreadable: {why_unreadable(error)}") from None
    if page.has_more and page.next_cursor == cursor:
        raise RejectedError("OMS: list shipments: more is promised, but the cursor stands still")
    reported, unreadable = [], []
    for row in page.shipments:
        try:
            shipment = _Shipment.model_validate(row)
            reported.append((OrderId(shipment.tiktok_order_id), _parcel(shipment)))
        except ValidationError as error:
            unreadable.append(UnreadableShipment(id=_id_of(row), reason=why_unreadable(error)))
        except _MixedLinesError as error:
            unreadable.append(UnreadableShipment(id=_id_of(row), reason=str(error)))
    return ShipmentsPage(
        reported=tuple(reported),
        unreadable=tuple(unreadable),
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


class _MixedLinesError(Exception):
    """Lines that are neither all ids nor all quantities of SKUs."""


def _parcel(shipment: _Shipment) -> ReportedParcel:
    ids = tuple(LineId(line.tiktok_line_id) for line in shipment.lines if line.tiktok_line_id)
    units = tuple((line.sku, line.quantity) for line in shipment.lines if not line.tiktok_line_id)
    if any(not sku.strip() or quantity < 1 for sku, quantity in units):
        raise _MixedLinesError("lines: each needs tiktok_line_id, or sku and a quantity of at least 1")
    if ids and units:
        raise _MixedLinesError("lines: some by tiktok_line_id and some by sku cannot be told apart")
    return ReportedParcel(
        id=ParcelId(f"oms-{shipment.id}"),
        source=Source.OMS,
        carrier=shipment.carrier,
        shipping_class=shipment.shipping_class or "",
        tracking_number=shipment.tracking_number,
        shipped_at=shipment.shipped_at,
        line_ids=ids,
        units=units,
    )


def _id_of(row: object) -> str:
    return str(row.get("id", "")) if isinstance(row, dict) else ""
