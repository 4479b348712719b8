"""What every run needs: settings, the ledger, secrets, time and chance."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from order_sync.domain.errors import RejectedError, RetriableError, SwitchedOffError
from order_sync.domain.ids import ShopId
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.shops import Shops
from order_sync.secrets import Secrets
from order_sync.settings import Settings, read_environment

SECONDS_TO_FINISH: Final = 120
"""A job takes up no new work when so little time is left before the function's time-out: less than one call may
take that hangs to the end, with all its tries."""

AWS_CONFIG: Final = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
"""botocore's own time-outs are a minute each, longer than a poll may take."""


@cache
def settings() -> Settings:
    """The deployment's settings."""
    return read_environment(os.environ)


@cache
def table() -> DynamoTable:
    """The ledger's table."""
    return DynamoTable(boto3.client("dynamodb", config=AWS_CONFIG), settings().table_name, time.sleep)


@cache
def ledger() -> Ledger:
    """The ledger of orders."""
    return Ledger(table(), now)


@cache
def shops() -> Shops:
    """What the ledger keeps per shop."""
    return Shops(table(), now)


@cache
def secrets() -> Secrets:
    """The partners' secrets."""
    return Secrets(boto3.client("secretsmanager", config=AWS_CONFIG), settings().secrets_prefix)


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def shop_run(event: Mapping[str, Any], context: LambdaContext, report: Report) -> ShopRun:
    """What jobs share, for the shop that the event names. Raises RejectedError for a shop without settings."""
    shop = event.get("shop")
    if not isinstance(shop, str) or not shop:
        raise RejectedError('the event names no shop: it must be {"shop": "<shop id>"}')
    return ShopRun(
        shop=shops().settings(ShopId(shop)),
        ledger=ledger(),
        shops=shops(),
        timing=settings().timing,
        now=now,
        jitter=random.random,
        has_time=time_left(context),
        report=report,
    )


def trading_run(event: Mapping[str, Any], context: LambdaContext, report: Report) -> ShopRun:
    """The same for what writes to a partner or moves trading on. Raises SwitchedOffError for a shop that is off.

    Whoever started the job may have been told to before the shop was switched off: a timer, a queue, a person.
    """
    run = shop_run(event, context, report)
    if not run.shop.active:
        raise SwitchedOffError(f"shop {run.shop.shop} is switched off")
    return run


def answering_run(event: Mapping[str, Any], context: LambdaContext, report: Report) -> ShopRun:
    """The same for an operator's answer to TikTok Shop. Raises RejectedError for a shop that is switched off."""
    run = shop_run(event, context, report)
    if not run.shop.active:
        raise RejectedError(
            f"shop {run.shop.shop} is switched off, so TikTok Shop is told nothing: switch it on, or answer in Seller "
            "Center"
        )
    return run


def time_left(context: LambdaContext) -> Callable[[], bool]:
    """Whether a run may take up new work."""
    return lambda: context.get_remaining_time_in_millis() > SECONDS_TO_FINISH * 1000


def job_functions() -> dict[str, str]:
    """The jobs that run once per shop, and their functions' names."""
    functions: dict[str, str] = json.loads(settings().job_functions)
    return functions


@cache
def _functions() -> Any:
    return boto3.client("lambda", config=AWS_CONFIG)


def invoke_for_shop(function: str, shop: ShopId) -> None:
    """Start a job for one shop and do not wait for it. Raises RetriableError when Lambda does not take it."""
    start(function, {"shop": shop})


def start(function: str, event: Mapping[str, object]) -> None:
    """Start a function and do not wait for it. Raises RetriableError when Lambda does not take it."""
    try:
        _functions().invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))
    except (ClientError, BotoCoreError) as error:
        raise RetriableError(f"Lambda did not start {function}: {error}") from error
