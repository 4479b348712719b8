"""A partner's error can repeat what it was sent: the buyer's texts are taken out before anybody reads it."""

import re
from collections.abc import Iterable
from typing import Final

_SHORTEST: Final = 3


def without(text: str, private: Iterable[str]) -> str:
    """The text with every private text taken out, longest first; shorter ones than three signs say nothing."""
    for secret in sorted({each.strip() for each in private}, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "[…]", text, flags=re.IGNORECASE)
    return text
