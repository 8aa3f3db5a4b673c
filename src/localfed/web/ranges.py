"""Ranges: answering with a part of a large file that lies on the disk.

Here: which bytes a request asks for, and sending them. Not here: which file (`ground`).
Source: RFC 9110, 13 (conditions) and 14 (ranges).

One range is answered as asked. Several at once are answered with the whole, as the RFC allows: nothing that draws maps
asks so, and what costs no more than the plain request is no attack. aiohttp's own FileResponse knows no ETag in
If-Range, and would send parts of two different files to be put together.
"""

from __future__ import annotations

import asyncio
import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import hdrs, web
from multidict import CIMultiDict

from localfed.protocol.errors import UnknownPage

_PIECE_BYTES: Final = 262_144
_HUGE: Final = 10**18
_DIGITS: Final = 18
# Of one range: first and last, first alone, or how many at the end.
_RANGE: Final = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.ASCII | re.IGNORECASE)


class Span(NamedTuple):
    """Bytes of a file: from the first, as many."""

    start: int
    length: int


def read_range(text: str | None, size: int) -> Span | None:
    """Read a Range header for a file of this size; None where it asks for the whole, or for nothing sensible.

    A span of no bytes means that nothing of what is asked for is there (416).
    """
    match = _RANGE.fullmatch(text) if text is not None else None
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        length = min(_number(match[2]), size)
        return Span(size - length, length)
    start = _number(match[1])
    last = _number(match[2]) if match[2] else _HUGE
    if last < start:
        return None  # no range at all (RFC 9110 14.1.1), so as if it were not there
    return Span(start, min(last, size - 1) - start + 1) if start < size else Span(0, 0)


def _number(digits: str) -> int:
    """Read a number of any length: beyond every file is beyond every file."""
    plain = digits.lstrip("0")
    return int(plain or "0") if len(plain) <= _DIGITS else _HUGE


async def answer_file(
    request: web.Request, path: Path, headers: CIMultiDict[str]
) -> web.StreamResponse:
    """Answer with a file or the part of it that is asked for; `headers` is not changed.

    Raises:
        UnknownPage: it is not there any more, or cannot be read.

    """
    try:
        # Each request has a file of its own: one that is replaced meanwhile is sent as it was.
        file = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        message = "there is nothing at this address"
        raise UnknownPage(message) from error
    try:
        return await _answer_open(request, file, headers)
    finally:
        os.close(file)


async def _answer_open(
    request: web.Request, file: int, headers: CIMultiDict[str]
) -> web.StreamResponse:
    known = os.fstat(file)
    if not stat.S_ISREG(known.st_mode):
        message = "there is nothing at this address"
        raise UnknownPage(message)
    size = known.st_size
    tag = f'"{known.st_ino:x}-{size:x}-{known.st_mtime_ns:x}"'
    answer = web.StreamResponse(headers=headers)
    answer.headers[hdrs.ETAG] = tag
    answer.headers[hdrs.ACCEPT_RANGES] = "bytes"
    held = request.headers.get(hdrs.IF_NONE_MATCH)
    if held is not None and (tag in held or held.strip() == "*"):
        answer.set_status(304)
        await answer.prepare(request)
        return answer
    span = _span_of(request, tag, size)
    if span is not None and not span.length:
        answer.set_status(416)
        answer.headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
        answer.content_length = 0
        await answer.prepare(request)
        return answer
    if span is not None:
        answer.set_status(206)
        last = span.start + span.length - 1
        answer.headers[hdrs.CONTENT_RANGE] = f"bytes {span.start}-{last}/{size}"
    start, length = span or Span(0, size)
    answer.content_length = length
    await answer.prepare(request)
    if request.method != hdrs.METH_HEAD:
        await _send(answer, file, start, length)
    await answer.write_eof()
    return answer


def _span_of(request: web.Request, tag: str, size: int) -> Span | None:
    """See which part is asked for, if a part may be given at all."""
    if request.method != hdrs.METH_GET:
        return None
    condition = request.headers.get(hdrs.IF_RANGE)
    # Compared strongly, and no date of ours is strong enough: another file may have the same (13.1.5).
    if condition is not None and condition.strip() != tag:
        return None
    return read_range(request.headers.get(hdrs.RANGE), size)


async def _send(answer: web.StreamResponse, file: int, start: int, length: int) -> None:
    while length:
        piece = await asyncio.to_thread(os.pread, file, min(length, _PIECE_BYTES), start)
        if not piece:
            # Cut while it was sent: the length was promised, so the connection has to end.
            message = "the file became shorter"
            raise ConnectionError(message)
        await answer.write(piece)
        start += len(piece)
        length -= len(piece)
