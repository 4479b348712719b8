"""What opens one ChannelAdvisor account to us."""

from pydantic import Field, SecretStr

from order_sync.partners.stored_secrets import StoredSecret


class AccountCredentials(StoredSecret):
    """The application's id and shared secret, and the account's refresh token (CA 1.1, 1.2)."""

    application_id: str = Field(min_length=1)
    shared_secret: SecretStr = Field(min_length=1)
    refresh_token: SecretStr = Field(min_length=1)
