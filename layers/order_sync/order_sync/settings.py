"""The deployment's settings, from the environment that the template gives to every function."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.shop import is_safe_address
from order_sync.domain.timing import Timing


def _safe_address(url: str) -> str:
    if not is_safe_address(url):
        raise ValueError("must be https, or http on 127.0.0.1, without a user, a query or a fragment")
    return url


_Address = Annotated[str, AfterValidator(_safe_address)]


class Settings(BaseModel):
    """Environment variables by their names. A function that lacks one that it needs does not start."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, alias_generator=str.upper)

    table_name: str = Field(min_length=1)
    secrets_prefix: str = Field(min_length=1)
    tiktok_api_url: _Address
    tiktok_auth_url: _Address
    channeladvisor_url: _Address
    buyer_hold_seconds: int = Field(ge=0)
    release_slot_seconds: int = Field(gt=0)
    oms_wait_seconds: int = Field(ge=0)
    poll_minutes: int = Field(gt=0)
    confirmation_seconds: int = Field(gt=0)
    claim_seconds: int = Field(gt=0)
    retry_base_seconds: int = Field(gt=0)
    tiktok_reads_per_second: float = Field(gt=0)
    tiktok_writes_per_second: float = Field(gt=0)
    cool_down_state_machine_arn: str = ""
    cancellation_approval_state_machine_arn: str = ""
    attention_topic_arn: str = ""
    job_functions: str = "{}"
    refresh_tokens_function: str = ""
    data_key_id: str = ""

    @property
    def timing(self) -> Timing:
        """The durations that rule holds, confirmations, claims and retries."""
        return Timing(
            buyer_hold=timedelta(seconds=self.buyer_hold_seconds),
            release_slot=timedelta(seconds=self.release_slot_seconds),
            oms_wait=timedelta(seconds=self.oms_wait_seconds),
            cycle=timedelta(minutes=self.poll_minutes),
            confirmation=timedelta(seconds=self.confirmation_seconds),
            claim=timedelta(seconds=self.claim_seconds),
            retry_base=timedelta(seconds=self.retry_base_seconds),
        )


def read_environment(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises RejectedError that names each bad or missing one."""
    try:
        return Settings.model_validate(dict(environment))
    except ValidationError as error:
        problems = "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
        raise RejectedError(f"environment of this function: {problems}") from None
