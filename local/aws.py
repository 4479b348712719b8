"""The embedded AWS: MiniStack in a process of its own, on loopback, with the corrections that our template needs.

python -m local.aws <folder> prints one line of JSON with its endpoint, then serves until its standard input is closed:
so it ends with whoever started it, however that one ends. Its files are in the folder. `local.stack` starts it;
docs/decisions say why it is used.
"""

import asyncio
import importlib
import json
import os
import socket
import sys
import tempfile
import threading
from importlib.metadata import version

MINISTACK_VERSION = "1.5.33"
"""The corrections reach into its internals, so any other version is refused."""

REGION = "us-east-1"
ACCOUNT = "111122223333"
LAMBDA_PYTHON_VARIABLE = "LOCAL_LAMBDA_PYTHON"


def _listen() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def _settings(endpoint: str, port: int, folder: str) -> dict[str, str]:
    """What MiniStack reads from its environment while it is imported."""
    return {
        # Every function may do what its role allows, and nothing else.
        "AUTH": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "STATE_DIR": folder,
        "TMPDIR": folder,
    }


def _serve(listener: socket.socket) -> None:
    from hypercorn.asyncio import serve  # noqa: PLC0415  (after the settings are in the environment)
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    # Hypercorn waits for this instead of signals, which only the main thread may handle.
    never = asyncio.Event()
    asyncio.run(serve(app, config, shutdown_trigger=never.wait))


def main() -> None:
    """Serve until standard input is closed, then end every function that runs; files stay in the caller's folder."""
    if version("ministack") != MINISTACK_VERSION:
        sys.exit(f"The embedded AWS needs ministack {MINISTACK_VERSION}, found {version('ministack')}.")
    listener = _listen()
    port = listener.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    folder = sys.argv[1]
    os.environ.update(_settings(endpoint, port, folder))
    tempfile.tempdir = folder

    from local.aws_corrections import (  # noqa: PLC0415
        alarms,
        emf,
        leading_keys,
        python_runtime,
        queue_batches,
        throttled_events,
        transport,
    )

    python_runtime.correct(os.environ[LAMBDA_PYTHON_VARIABLE])
    throttled_events.correct()
    leading_keys.correct()
    queue_batches.correct()
    transport.correct()
    emf.correct()
    alarms.correct()

    server = threading.Thread(target=_serve, args=(listener,), daemon=True)
    server.start()
    print(json.dumps({"endpoint": endpoint}), flush=True)
    # Two seconds of imports that the first deployment would wait for; SAM's own start takes as long.
    importlib.import_module("ministack.services.cloudformation.provisioners")
    sys.stdin.buffer.read()

    python_runtime.end_all_functions()
    os._exit(0)


if __name__ == "__main__":
    main()
