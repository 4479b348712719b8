"""httpx without a network: what its client and its WSGI transport do for the requests of our clients, much quicker.

Half of a simulation's time would go into URLs that are parsed thrice, and into cookies and redirects that nobody has.
"""

import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from wsgiref.types import WSGIApplication

import httpx
from httpx._urlparse import ParseResult


def client_of(transport: httpx.BaseTransport) -> type[httpx.Client]:
    """What stands for the class httpx.Client: each instance sends by this transport."""

    class Client(httpx.Client):
        def __init__(self, **options: Any) -> None:
            super().__init__(**{**options, "transport": transport})
            self._base = str(self.base_url).rstrip("/")

        def build_request(
            self,
            method: str,
            url: httpx.URL | str,
            *,
            params: Any = None,
            headers: Any = None,
            **body: Any,
        ) -> httpx.Request:
            text = str(url)
            return httpx.Request(
                method,
                _url(text if "://" in text else f"{self._base}/{text.removeprefix('/')}", params),
                headers={**self.headers, **(headers or {})},
                **body,
            )

        def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
            response = transport.handle_request(request)
            response.request = request
            return response

    return Client


def _url(text: str, params: Mapping[str, Any] | None) -> httpx.URL:
    parts = urlsplit(text)
    query = "&".join(each for each in (parts.query, urlencode(params or {})) if each)
    # Its own parser looks at each sign of a URL, several times.
    url = httpx.URL.__new__(httpx.URL)
    url._uri_reference = ParseResult(
        parts.scheme, "", parts.netloc, None, quote(parts.path, safe="/%:@!$&'()*+,;=~"), query or None, None
    )
    return url


class Direct(httpx.BaseTransport):
    """Calls a WSGI application; requests and answers are whole."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        status, headers = 0, list[tuple[str, str]]()

        def start_response(line: str, given: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            nonlocal status, headers
            status, headers = int(line[:3]), given
            return lambda _body: None

        content = b"".join(self._application(_environment(request), start_response))
        return httpx.Response(status, headers=headers, content=content)


def _environment(request: httpx.Request) -> dict[str, Any]:
    url = request.url
    environment: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": BytesIO(request.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": url.path,
        "QUERY_STRING": url.query.decode("ascii"),
        "SERVER_NAME": url.host,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    for name, value in request.headers.raw:
        key = name.decode("ascii").upper().replace("-", "_")
        environment[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value.decode("ascii")
    return environment
