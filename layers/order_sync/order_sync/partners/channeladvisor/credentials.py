"""What opens one ChannelAdvisor account to us."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class AccountCredentials(BaseModel):
    """The application's id and shared secret, and the account's refresh token (CA 1.1, 1.2)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    application_id: str = Field(min_length=1)
    shared_secret: SecretStr = Field(min_length=1)
    refresh_token: SecretStr = Field(min_length=1)
