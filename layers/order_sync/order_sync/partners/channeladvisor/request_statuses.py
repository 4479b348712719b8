"""How far an adjustment has come, by its RequestStatus (CA 3.6): a name, or a number in older answers."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class Stage(Enum):
    """What a RequestStatus means for the units."""

    ASKED = auto()
    """Asked for by the buyer, or being turned down: nothing is cancelled."""
    UNDER_WAY = auto()
    """It will be carried out, or fail. What we do not know counts as this: neither believed nor repeated."""
    DONE = auto()
    FAILED = auto()


_NAMES: Final[Mapping[str, str]] = {
    "-999": "NoChange",
    "-1": "Error",
    "0": "SubmittedNotProcessed",
    "1": "NewRma",
    "2": "PendingApproval",
    "3": "ProcessingApproval",
    "4": "ReadyForReturn",
    "5": "PendingReturn",
    "6": "ProcessingReturn",
    "7": "PendingRejection",
    "8": "ProcessingRejection",
    "10": "ProcessedNotAcknowledged",
    "11": "PendingReturnRejection",
    "12": "ProcessingReturnRejection",
    "20": "AcknowledgedPostProcessingNotComplete",
    "30": "PostProcessingComplete",
    "31": "RejectionCompleted",
    "32": "InformationOnly",
}
_STAGES: Final[Mapping[str, Stage]] = {
    "NewRma": Stage.ASKED,
    "PendingApproval": Stage.ASKED,
    "PendingRejection": Stage.ASKED,
    "ProcessingRejection": Stage.ASKED,
    "PendingReturnRejection": Stage.ASKED,
    "ProcessingReturnRejection": Stage.ASKED,
    "PostProcessingComplete": Stage.DONE,
    "InformationOnly": Stage.DONE,
    "Error": Stage.FAILED,
    "RejectionCompleted": Stage.FAILED,
}


def stage_of(request_status: str) -> Stage:
    """The stage that a RequestStatus stands for."""
    return _STAGES.get(_NAMES.get(request_status, request_status), Stage.UNDER_WAY)
