"""Scenes of parcels that are reported four hours after noon."""

from datetime import timedelta
from typing import Final

from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from tests.builders import NOON, a_report, applied, parcel_reported

LATER: Final = NOON + timedelta(hours=4)
SKU: Final = "TEE-BLU-M"


def kept(record: OrderRecord, report: ReportedParcel | None = None) -> OrderRecord:
    """The record after a report."""
    return applied(record, parcel_reported(record, report or a_report(), LATER))
