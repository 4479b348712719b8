"""The OMS's shipments as parcels that were reported to us."""

from pydantic import AwareDatetime, Field, field_validator
from pydantic_core import PydanticCustomError

from order_sync.domain.ids import LineId, OrderId, ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.partners.oms import paging
from order_sync.partners.oms.paging import Page, Payload, WireId

ShipmentsPage = Page[tuple[OrderId, ReportedParcel]]


class _Line(Payload):
    tiktok_line_id: WireId | None = None
    sku: str = ""
    quantity: int = Field(default=0, strict=True)


class _Shipment(Payload):
    id: WireId
    tiktok_order_id: WireId
    carrier: str = Field(min_length=1)
    shipping_class: str | None = None
    tracking_number: str = Field(min_length=1)
    shipped_at: AwareDatetime
    lines: tuple[_Line, ...] = Field(min_length=1)

    @field_validator("lines")
    @classmethod
    def _of_one_kind(cls, lines: tuple[_Line, ...]) -> tuple[_Line, ...]:
        units = [line for line in lines if not line.tiktok_line_id]
        if any(not line.sku.strip() or line.quantity < 1 for line in units):
            raise PydanticCustomError("lines", "each needs tiktok_line_id, or sku and a quantity of at least 1")
        if 0 < len(units) < len(lines):
            raise PydanticCustomError("lines", "some by tiktok_line_id and some by sku cannot be told apart")
        return lines


def read_page(body: object, cursor: str) -> ShipmentsPage:
    """A page that was asked for after a cursor. Raises RejectedError when the page itself is unreadable."""
    return paging.read_page("list shipments", "shipments", body, cursor, _parcel)


def _parcel(row: object) -> tuple[OrderId, ReportedParcel]:
    shipment = _Shipment.model_validate(row)
    return OrderId(shipment.tiktok_order_id), ReportedParcel(
        id=ParcelId(f"oms-{shipment.id}"),
        source=Source.OMS,
        carrier=shipment.carrier,
        shipping_class=shipment.shipping_class or "",
        tracking_number=shipment.tracking_number,
        shipped_at=shipment.shipped_at,
        line_ids=tuple(LineId(line.tiktok_line_id) for line in shipment.lines if line.tiktok_line_id),
        units=tuple((line.sku, line.quantity) for line in shipment.lines if not line.tiktok_line_id),
    )
