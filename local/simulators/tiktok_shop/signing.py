"""The signature that TikTok Shop expects (TT 1.4): written from the sheet, independently of our client."""

import hashlib
import hmac
from collections.abc import Mapping

UNSIGNED = frozenset({"sign", "access_token"})


def expected_sign(
    app_secret: str, path: str, query: Mapping[str, str], body: bytes = b"", *, multipart: bool = False
) -> str:
    """Lower-case hex HMAC-SHA256 over path, sorted decoded query and raw body, wrapped in the secret."""
    secret = app_secret.encode()
    message = bytearray(secret)
    message += path.encode()
    for name in sorted(query.keys() - UNSIGNED):
        message += f"{name}{query[name]}".encode()
    if not multipart:
        message += body
    message += secret
    return hmac.new(secret, bytes(message), hashlib.sha256).hexdigest()
