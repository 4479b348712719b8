"""What Secrets Manager holds for TikTok Shop: the app's key and secret, and each shop's tokens."""

import json
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from order_sync.domain.errors import RejectedError


class _Secret(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the secret's text. Raises RejectedError naming what is missing or wrong, never a value."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            problems = problems_of(error)
        raise RejectedError(f"TikTok Shop: the secret for {cls.__name__} cannot be used: {problems}")


class AppCredentials(_Secret):
    """Our app at TikTok Shop."""

    app_key: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)


class ShopTokens(_Secret):
    """One shop's tokens. TikTok gives the ends of their lives as moments, not as durations (TT 1.2)."""

    access_token: SecretStr = Field(min_length=1)
    access_token_expires_at: AwareDatetime
    refresh_token: SecretStr = Field(min_length=1)
    refresh_token_expires_at: AwareDatetime

    def to_json(self) -> str:
        """The text to store in Secrets Manager: the one place where the tokens are written out."""
        fields = self.model_dump(mode="json")
        fields |= {
            "access_token": self.access_token.get_secret_value(),
            "refresh_token": self.refresh_token.get_secret_value(),
        }
        return json.dumps(fields)


def problems_of(error: ValidationError) -> str:
    """What is wrong with a payload: field paths and reasons, without the values."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'the whole'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    )
