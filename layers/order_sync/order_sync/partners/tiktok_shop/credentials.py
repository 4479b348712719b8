"""What Secrets Manager holds for TikTok Shop: the app's key and secret, and each shop's tokens."""

import json

from pydantic import AwareDatetime, Field, SecretStr

from order_sync.domain.ids import ShopId
from order_sync.partners.stored_secrets import StoredSecret


class AppCredentials(StoredSecret):
    """Our app at TikTok Shop."""

    app_key: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)
    service_id: str = Field(default="", pattern=r"^[0-9A-Za-z_-]{0,64}$")
    """The app's own id for sellers' consent, which is not its key (TT 1.1); needed to connect a shop."""


class ShopTokens(StoredSecret):
    """One shop's tokens. TikTok gives the ends of their lives as moments, not as durations (TT 1.2)."""

    access_token: SecretStr = Field(min_length=1)
    access_token_expires_at: AwareDatetime
    refresh_token: SecretStr = Field(min_length=1)
    refresh_token_expires_at: AwareDatetime
    shared_with: tuple[ShopId, ...] = ()
    """The seller's other shops of the same authorisation: they have these very tokens, and are renewed together."""

    def to_json(self) -> str:
        """The text to store in Secrets Manager: the one place where the tokens are written out."""
        fields = self.model_dump(mode="json")
        fields |= {
            "access_token": self.access_token.get_secret_value(),
            "refresh_token": self.refresh_token.get_secret_value(),
        }
        return json.dumps(fields)
