"""Reading answers: which status and framing counts, and the body within its bounds.

Here: from aiohttp's response to our `Answer`, and the body of a stream. Not here: connections and
redirects (`fetch`), decompression itself (`reading`). Spec: 08-following (LF-FETCH).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from localfed.app.values import Answer
from localfed.net.failures import our_errors, refuse_status
from localfed.net.guard import Target
from localfed.net.reading import PIECE_BYTES, Decoder, read_date, read_etag, read_links
from localfed.protocol.errors import LocalFedError, TooSlow, UnexpectedAnswer

STREAM_BYTES: Final = 1_073_741_824
"""Decoded bytes of one bundle: 10,000 documents of the largest size are 0.6 GiB."""

SMALL_BYTES: Final = 16_384
"""The body of a 404 that is read and thrown away, so that its connection can be used again."""

CONTENT_TYPE_CHARACTERS: Final = 200
"""What is kept of a Content-Type."""

_MISSING: Final = frozenset({404, 410})
_DIGITS: Final = 18


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller of `get` asked for."""

    limit_bytes: int
    allow_loopback: bool
    etag: str | None
    fresh: bool
    redirects: int
    may_be_missing: bool
    may_be_cut: bool

    @property
    def headers(self) -> dict[str, str]:
        """The header fields that say so."""
        headers = {}
        if self.etag is not None:
            headers["If-None-Match"] = self.etag
        if self.fresh:
            headers["Cache-Control"] = "no-cache"
        return headers


class Stream:
    """The body of one answer, decoded, in pieces of about 256 KiB."""

    def __init__(
        self, response: aiohttp.ClientResponse, host: str, idle: float, deadline: float
    ) -> None:
        _check_status(response, host)
        self._content = response.content
        self._host = host
        self._idle = idle
        self._deadline = deadline
        self._decoder = Decoder(_encoding(response), limit_bytes=STREAM_BYTES)
        self._pieces: Iterator[bytes] = iter(())
        self._heard = 0.0
        """When the last content came, on the loop's clock."""
        self.has_ended = False
        self.failure: LocalFedError | None = None

    async def read(self) -> bytes:
        """Return what comes next; less, with `has_ended` or `failure` set, at the end."""
        batch = bytearray()
        self._heard = asyncio.get_running_loop().time()  # the reader's own time is not silence
        try:
            while len(batch) < PIECE_BYTES and not self.has_ended:
                piece = next(self._pieces, None)
                if piece is not None:
                    batch += piece
                    self._heard = asyncio.get_running_loop().time()
                elif self._decoder.is_over:
                    raise UnexpectedAnswer(f"{self._host} sends more than any publisher has")
                else:
                    await self._receive()
        except LocalFedError as error:
            self.failure = error
        return bytes(batch)

    async def _receive(self) -> None:
        """Wait for more; silence is measured in content, not in bytes that decode to nothing."""
        now = asyncio.get_running_loop().time()
        left = min(self._deadline - now, self._heard + self._idle - now)
        if left <= 0:
            raise TooSlow(f"{self._host} takes too long to send it all")
        with our_errors(self._host):
            async with asyncio.timeout(left):
                data = await self._content.readany()
        if data:
            self._pieces = self._decoder.pieces(data)
        else:
            self._decoder.finish()
            self.has_ended = True


async def read_answer(
    response: aiohttp.ClientResponse, target: Target, wish: Wish, hosts: list[str]
) -> Answer:
    """Read an answer whose status the caller can use.

    Raises:
        UnexpectedAnswer: another status, too large, or not encoded as it says.

    """
    status = response.status
    body = b""
    etag = read_etag(response.headers.get("ETag"))
    if status == HTTPStatus.NOT_MODIFIED and wish.etag is not None:
        etag = etag or wish.etag
    elif status in _MISSING and wish.may_be_missing:
        status, etag = HTTPStatus.NOT_FOUND.value, None
        await read_away(response)
    else:
        _check_status(response, target.shown)
        body = await _read_body(response, target.shown, wish)
    return Answer(
        url=target.url,
        status=status,
        body=body,
        etag=etag,
        links=read_links(response.headers.getall("Link", ()), target.url),
        content_type=response.headers.get("Content-Type", "")[:CONTENT_TYPE_CHARACTERS],
        hosts=tuple(hosts),
        date=read_date(response.headers.get("Date")),
    )


async def read_away(response: aiohttp.ClientResponse) -> None:
    """Read a short answer that nobody needs, so that its connection can be used again."""
    if 0 <= _declared_bytes(response) <= SMALL_BYTES:
        await response.content.read()


async def _read_body(response: aiohttp.ClientResponse, host: str, wish: Wish) -> bytes:
    encoding = _encoding(response)
    decoder = Decoder(encoding, limit_bytes=wish.limit_bytes)
    is_too_large = not wish.may_be_cut and _declared_bytes(response) > decoder.limit_wire_bytes
    body = bytearray()
    while not is_too_large:
        data = await response.content.readany()
        if not data:
            decoder.finish()
            return bytes(body)
        for piece in decoder.pieces(data):
            body += piece
        if decoder.is_over:
            if wish.may_be_cut:
                return bytes(body[: wish.limit_bytes])
            is_too_large = True
    raise UnexpectedAnswer(f"the answer of {host} is larger than {wish.limit_bytes} bytes")


def _check_status(response: aiohttp.ClientResponse, host: str) -> None:
    """Ask for a plain 200, framed in one way only.

    Two lengths, or a length beside chunks, is how answers are smuggled past the one who reads the
    other (RFC 9112, 6.3): no honest server sends it.
    """
    if response.status != HTTPStatus.OK:
        refuse_status(response, host)
    lengths = response.headers.getall("Content-Length", ())
    codings = response.headers.getall("Transfer-Encoding", ())
    if len(lengths) + len(codings) > 1 or (codings and codings[0].strip().lower() != "chunked"):
        raise UnexpectedAnswer(f"{host} does not say plainly how long its answer is")


def _encoding(response: aiohttp.ClientResponse) -> str:
    return ", ".join(response.headers.getall("Content-Encoding", ()))


def _declared_bytes(response: aiohttp.ClientResponse) -> int:
    """Return the length that the answer declares, -1 where it declares none."""
    text = response.headers.get("Content-Length", "")
    if not (text.isascii() and text.isdecimal()):
        return -1
    # Python refuses to read a number of thousands of digits; any as long as this is too large.
    return int(text[:_DIGITS])
