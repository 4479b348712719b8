"""Page tokens: opaque, base64-like, bound to the query they came from (TT 2.2)."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence

from local.simulators.tiktok_shop.errors import invalid

SALT = b"page tokens of the simulator"
AWKWARD = ("/", "+", "=")


def page[T](items: Sequence[T], size: int, token: str, query: Mapping[str, object]) -> tuple[list[T], str]:
    """One page and the token of the next ("" on the last). Raises Refusal 36009004 for a foreign token.

    A token is an offset, nothing more: when orders move within the result, later pages shift, as they do for real.
    """
    binding = hashlib.sha256(json.dumps(query, sort_keys=True).encode()).digest()[:8]
    offset = _offset(token, binding) if token else 0
    following = offset + size
    return list(items[offset:following]), _token(following, binding) if following < len(items) else ""


def _token(offset: int, binding: bytes) -> str:
    # Every token holds the characters that break a client which does not encode, or signs the encoded form.
    nonce = 0
    while True:
        start = nonce.to_bytes(4)
        token = base64.b64encode(start + _hide(binding + offset.to_bytes(8), start)).decode()
        if all(character in token for character in AWKWARD):
            return token
        nonce += 1


def _offset(token: str, binding: bytes) -> int:
    try:
        raw = base64.b64decode(token, validate=True)
    except ValueError as broken:
        raise invalid("Invalid page_token. The value cannot be read") from broken
    plain = _hide(raw[4:], raw[:4])
    if len(plain) != 16 or plain[:8] != binding:
        raise invalid("Invalid page_token. The value belongs to another query")
    return int.from_bytes(plain[8:])


def _hide(text: bytes, start: bytes) -> bytes:
    stream = hashlib.sha256(SALT + start).digest()
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))
