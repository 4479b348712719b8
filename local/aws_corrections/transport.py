"""Calls over this machine's loopback count as encrypted: nobody listens on it, and the embedded AWS speaks no TLS.

Left alone, MiniStack takes them for what they are, and the queues' and the topic's policies, which refuse whoever comes
without TLS, refuse everybody.
"""

import ministack.app
from ministack.core import iam_evaluator


def correct() -> None:
    """Let aws:SecureTransport be true of every call."""
    stock_pin = iam_evaluator.pin_request_origin

    def pin(source_ip: str, _secure_transport: object) -> None:
        stock_pin(source_ip, secure_transport=True)

    ministack.app.pin_request_origin = pin
