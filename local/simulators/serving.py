"""Simulators on loopback sockets, for the demo and for tests that need a real connection."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler, make_server

from local.simulators.faults import AnswerLostError

PROMISED_LENGTH = 512


class Server:
    """A running simulator: `url` is its origin, without a trailing slash."""

    def __init__(self, app: WSGIApplication) -> None:
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._server = make_server(
            "127.0.0.1", 0, _breaking_connections(app), threaded=True, request_handler=self._handler()
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and cut the connections that clients keep alive."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster

    def _handler(self) -> type[WSGIRequestHandler]:
        server = self

        class Handler(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are written apart: without this each kept-alive answer waits 40 ms for an ACK.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with server._lock:
                    server._open.add(self.connection)

            def finish(self) -> None:
                with server._lock:
                    server._open.discard(self.connection)
                super().finish()

            def log(self, *_words: Any, **_named: Any) -> None:
                """Stay quiet: request lines carry tokens."""

        return Handler


@contextmanager
def serve(app: WSGIApplication) -> Iterator[Server]:
    """Serve a simulator on 127.0.0.1 and a free port while the block runs (HTTP/1.1, threaded, keep-alive)."""
    server = Server(app)
    try:
        yield server
    finally:
        server.close()


def _breaking_connections(app: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except AnswerLostError:
            # Less than promised, then closed: every HTTP client reports a protocol error.
            start_response(
                "200 OK",
                [
                    ("Content-Type", "application/json"),
                    ("Content-Length", str(PROMISED_LENGTH)),
                    ("Connection", "close"),
                ],
            )
            return [b"{"]

    return answer
