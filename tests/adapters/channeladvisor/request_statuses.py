"""Every RequestStatus of an adjustment of ours, by what it means: as a name, and as a number (CA 3.6)."""

FAILED = ["Error", -1, "RejectionCompleted", 31]
DONE = ["PostProcessingComplete", 30, "InformationOnly", 32]
UNDER_WAY = [
    *["NoChange", "SubmittedNotProcessed", "NewRma", "PendingApproval", "ProcessingApproval", "ReadyForReturn"],
    *["PendingReturn", "ProcessingReturn", "PendingRejection", "ProcessingRejection", "ProcessedNotAcknowledged"],
    *["PendingReturnRejection", "ProcessingReturnRejection", "AcknowledgedPostProcessingNotComplete", "SomethingNew"],
    *[-999, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 20, 99],
]
