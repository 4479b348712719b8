"""What opens one shop's OMS to us."""

from pydantic import Field, SecretStr

from order_sync.partners.stored_secrets import StoredSecret


class OmsCredentials(StoredSecret):
    """The bearer token that the seller's OMS gave us."""

    token: SecretStr = Field(min_length=1)
