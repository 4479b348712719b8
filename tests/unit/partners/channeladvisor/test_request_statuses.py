"""Each RequestStatus has one meaning, whether it comes as a name or as a number."""

import pytest

from order_sync.partners.channeladvisor.models import AdjustmentPayload
from order_sync.partners.channeladvisor.request_statuses import Stage, stage_of
from tests.unit.partners.channeladvisor.orders import adjustment


@pytest.mark.parametrize(
    ("name", "number", "stage"),
    [
        ("NoChange", -999, Stage.UNDER_WAY),
        ("Error", -1, Stage.FAILED),
        ("SubmittedNotProcessed", 0, Stage.UNDER_WAY),
        ("NewRma", 1, Stage.ASKED),
        ("PendingApproval", 2, Stage.ASKED),
        ("ProcessingApproval", 3, Stage.UNDER_WAY),
        ("ReadyForReturn", 4, Stage.UNDER_WAY),
        ("PendingReturn", 5, Stage.UNDER_WAY),
        ("ProcessingReturn", 6, Stage.UNDER_WAY),
        ("PendingRejection", 7, Stage.ASKED),
        ("ProcessingRejection", 8, Stage.ASKED),
        ("ProcessedNotAcknowledged", 10, Stage.UNDER_WAY),
        ("PendingReturnRejection", 11, Stage.ASKED),
        ("ProcessingReturnRejection", 12, Stage.ASKED),
        ("AcknowledgedPostProcessingNotComplete", 20, Stage.UNDER_WAY),
        ("PostProcessingComplete", 30, Stage.DONE),
        ("RejectionCompleted", 31, Stage.FAILED),
        ("InformationOnly", 32, Stage.DONE),
        ("SomethingNew", 99, Stage.UNDER_WAY),
    ],
)
def test_a_status_is_read_as_a_name_and_as_a_number(name: str, number: int, stage: Stage) -> None:
    assert stage_of(name) is stage
    assert AdjustmentPayload.model_validate(adjustment(RequestStatus=number)).stage is stage


@pytest.mark.parametrize(
    ("changes", "cancels"),
    [
        ({}, True),
        ({"RequestStatus": "SubmittedNotProcessed"}, True),
        ({"RequestStatus": None}, True),
        ({"RequestStatus": "Error"}, False),
        ({"RequestStatus": "PendingApproval"}, False),
        ({"Type": "Refund"}, False),
    ],
)
def test_only_a_cancellation_that_stands_cancels(changes: dict[str, object], *, cancels: bool) -> None:
    assert AdjustmentPayload.model_validate(adjustment(**changes)).cancels is cancels
