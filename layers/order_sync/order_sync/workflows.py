"""Timers: Step Functions executions that only wake a job. What is decided stands in the ledger."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import ShopId

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient


class CoolDownTimers:
    """Starts one execution per shop and slot."""

    def __init__(self, client: "SFNClient", state_machine: str) -> None:
        self._client = client
        self._state_machine = state_machine

    def start(self, shop: ShopId, slot: datetime) -> None:
        """Wake the release of a shop's due orders at the slot. Starting the same one again is harmless.

        The name is the shop and the slot, so that a thousand orders of one slot share one execution.
        Raises RetriableError when Step Functions cannot be reached.
        """
        name = f"{shop}-{slot:%Y%m%dT%H%M%SZ}"
        until = slot.isoformat().replace("+00:00", "Z")
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine,
                name=name,
                input=json.dumps({"shop": shop, "slot": name, "until": until}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return
        except (ClientError, BotoCoreError) as error:
            raise RetriableError(f"Step Functions: {error}") from error
