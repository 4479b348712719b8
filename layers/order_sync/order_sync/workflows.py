"""Timers: Step Functions executions that only wake a job. What is decided stands in the ledger."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import CancelId, OrderId, ReturnId, ShopId

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
        name = _named(shop, slot)
        _start(self._client, self._state_machine, name, {"shop": shop, "slot": name, "until": _moment(slot)})


class ApprovalTimers:
    """Starts one execution for each question of a buyer's and moment: a cancel request, or what a return waits for."""

    def __init__(self, client: "SFNClient", state_machine: str) -> None:
        self._client = client
        self._state_machine = state_machine

    def start(self, shop: ShopId, order: OrderId, cancel: CancelId, until: datetime) -> None:
        """Wake the settling of a cancel request when the wait for an answer ends. Starting it again is harmless.

        The name is the request and the moment, so that a deadline which TikTok Shop moves gets a timer of its own.
        Raises RetriableError when Step Functions cannot be reached.
        """
        given = {"shop": shop, "order": order, "cancel_request": cancel, "until": _moment(until)}
        _start(self._client, self._state_machine, _named(cancel, until), given)

    def start_for_return(self, shop: ShopId, order: OrderId, return_id: ReturnId, until: datetime) -> None:
        """The same for what a return waits for."""
        given = {"shop": shop, "order": order, "return": return_id, "until": _moment(until)}
        _start(self._client, self._state_machine, _named(f"return-{return_id}", until), given)


def _named(subject: str, moment: datetime) -> str:
    return f"{subject}-{moment:%Y%m%dT%H%M%SZ}"


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _start(client: "SFNClient", state_machine: str, name: str, given: Mapping[str, str]) -> None:
    try:
        client.start_execution(stateMachineArn=state_machine, name=name, input=json.dumps(given))
    except client.exceptions.ExecutionAlreadyExists:
        return
    except (ClientError, BotoCoreError) as error:
        raise RetriableError(f"Step Functions: {error}") from error
