"""Running the application: limits on what connections may cost, and clean answers to bad HTTP.

Here: what the roof starts. Not here: sites, ports and signals (`server`).
aiohttp by itself has no deadline for slow requests, keeps connections alive for an hour and answers
bad HTTP before any of our code; each is closed here.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Final

from aiohttp import HttpVersion10, HttpVersion11, web
from yarl import URL

from localfed.web.errors import bad_request, plain_problem

KEEPALIVE_SECONDS: Final = 75.0
"""Longer than the idle time of the usual reverse proxies (60 s): they close first, so no race."""

LINE_BYTES: Final = 16_384
"""A request line: 1,000 characters of search in three-byte letters are 9,000 when percent-encoded."""

FIELD_BYTES: Final = 8_190
HEADERS: Final = 64
LINGERING_SECONDS: Final = 2.0
"""How long an unread body is read away; nothing here takes a body."""

REQUEST_SECONDS: Final = 30.0
"""From the connection, or from the last request, to the next whole request."""

ANSWER_SECONDS: Final = 900.0
"""The longest answer: a bundle to a slow reader (as long as a reader may take, LF-READ)."""

CONNECTIONS: Final = 2_000
"""At one time; each costs about 30 KB. More are closed at once."""

RUNNER_OPTIONS: Final[dict[str, Any]] = {
    "keepalive_timeout": KEEPALIVE_SECONDS,
    "lingering_time": LINGERING_SECONDS,
    "max_line_size": LINE_BYTES,
    "max_field_size": FIELD_BYTES,
    "max_headers": HEADERS,
    "shutdown_timeout": 5.0,
    # Nobody compresses what is posted here (LF-INBOX-1): it is read as it came, and refused for what it is.
    "auto_decompress": False,
    # No access log: what people search for is written nowhere.
    "access_log": None,
}

_NOWHERE: Final = URL("*")
_SERVER_FAULT: Final = 500
_log = logging.getLogger("localfed.web")


class Runner(web.AppRunner):
    """Runs the application with these limits: `Runner(make_app(node))`."""

    def __init__(self, app: web.Application, *, request_seconds: float = REQUEST_SECONDS) -> None:
        super().__init__(app, **RUNNER_OPTIONS)
        self._request_seconds = request_seconds

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        handler = plain.request_handler

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            # `*`, and the host and port of CONNECT, are no paths: no route sees them, and aiohttp would
            # answer by itself, saying what it is.
            # Nor does anybody speak HTTP/0.9 any more but who wants a proxy to misunderstand.
            if not request.rel_url.raw_path.startswith("/") or request.version < HttpVersion10:
                return plain_problem(bad_request(HTTPStatus.BAD_REQUEST))
            return await handler(request)

        def make_request(message: Any, *rest: Any) -> web.BaseRequest:
            # CONNECT to nobody: aiohttp gives it no URL, and then fails to make a request of it.
            if message.url is None:
                message = message._replace(url=_NOWHERE, version=HttpVersion11)
            return plain.request_factory(message, *rest)

        return _Server(
            handle,
            request_factory=make_request,
            request_seconds=self._request_seconds,
            options=self._kwargs,
        )


class _Server(web.Server):
    """Makes the connections; aiohttp's own would make its own kind."""

    def __init__(
        self,
        handler: Any,
        *,
        request_factory: Any,
        request_seconds: float,
        options: dict[str, Any],
    ) -> None:
        super().__init__(handler, request_factory=request_factory, **options)
        self.request_seconds = request_seconds

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """One connection that is looked at from time to time, and closed when it is only held."""

    __slots__ = ("_changed_at", "_every", "_last_count", "_watch")

    def __init__(self, manager: _Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self._every = manager.request_seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: unless there are too many already."""
        super().connection_made(transport)
        self._changed_at = self._loop.time()
        self._last_count = 0
        self._watch = self._loop.call_later(self._every, self._look)
        manager = self._manager
        if manager is not None and len(manager.connections) > CONNECTIONS:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Close the connection if no request began since the last look and none is answered.

        aiohttp's keep-alive timer is stopped by the first byte of a request: one byte a minute would
        hold a connection for ever.
        """
        now = self._loop.time()
        if self._request_count != self._last_count:
            self._last_count, self._changed_at = self._request_count, now
        allowed = ANSWER_SECONDS if self._request_in_progress else KEEPALIVE_SECONDS
        if self._request_count == 0:
            allowed = 0.0
        if now - self._changed_at >= allowed and self.transport is not None:
            self.transport.abort()
            return
        self._watch = self._loop.call_later(self._every, self._look)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes what the stranger sent
    ) -> web.StreamResponse:
        """Answer what could not be read as HTTP, or what failed below the middleware.

        Raises:
            ConnectionError: a part of an answer was sent already, or nobody is there; aiohttp closes the connection.

        """
        if request.writer.output_size > 0 or isinstance(exc, ConnectionError):
            raise ConnectionError("the answer has begun, or the client is gone")
        if status >= _SERVER_FAULT:
            _log.error("an answer failed", exc_info=exc)
        answer = plain_problem(bad_request(status))
        answer.force_close()
        return answer
