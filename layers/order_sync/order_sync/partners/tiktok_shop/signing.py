"""The signature that TikTok Shop asks for on every request (TT 1.4)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

_NOT_SIGNED: Final = frozenset({"sign", "access_token"})


def sign(app_secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    """The `sign` parameter for a request: query values as they are before URL encoding, the body as it is sent.

    Host and headers are not signed.
    """
    parameters = "".join(f"{name}{query[name]}" for name in sorted(query) if name not in _NOT_SIGNED)
    secret = app_secret.encode()
    text = secret + path.encode() + parameters.encode() + body + secret
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
