"""Identifiers in the partner's shapes, the same for the same seed."""

import base64
from datetime import datetime
from random import Random

STARTS = {
    "notification": 7_380_066_284_000_000_000,
    "order": 576_461_413_000_000_000,
    "line": 577_086_512_000_000_000,
    "cancellation": 4_035_217_600_000_000_000,
    "cancel_line": 4_035_318_900_000_000_000,
    "return": 4_040_217_600_000_000_000,
    "return_line": 4_040_318_900_000_000_000,
    "package": 1_152_921_504_600_000_000,
    "product": 1_729_582_718_000_000_000,
    "shop": 7_495_540_735_000_000_000,
    "warehouse": 7_000_714_532_000_000_000,
    "delivery_option": 7_091_146_663_000_000_000,
    "provider": 7_300_000_000_000_000_000,
    "tracking": 1_000_000_000_000_000,
    "buyer": 7_021_436_810_000_000_000,
}
STRIDE = 1_000_003


class Ids:
    """Numbers that look random, never repeat, and pass 2^53, as the real ones do."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._given = dict.fromkeys(STARTS, 0)

    def number(self, kind: str) -> str:
        """The next decimal id of one kind (16 to 19 digits)."""
        self._given[kind] += 1
        return str(STARTS[kind] + self._given[kind] * STRIDE + self._random.randrange(STRIDE))

    def secret(self, prefix: str) -> str:
        """A token or cipher: the prefix and 32 random bytes, base64url."""
        return prefix + base64.urlsafe_b64encode(self._random.randbytes(32)).decode().rstrip("=")

    def request(self, now: datetime) -> str:
        """A request id: the time and hex digits (TT 1.6)."""
        return f"{now:%Y%m%d%H%M%S}{self._random.getrandbits(72):018X}"
