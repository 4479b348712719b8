"""Our app at TikTok Shop."""

from order_sync.bootstrap.runs import secrets
from order_sync.partners.tiktok_shop.credentials import AppCredentials


def app() -> AppCredentials:
    """Our app's key and secret."""
    return AppCredentials.from_json(secrets().read("tiktok-app"))
