"""The inbox over HTTP: `POST` of JSON Lines below the BASE of an organisation hosted here.

Here: limits by address, reading the body within its bounds, the answer. Not here: what is in it
(`app.inbox`). Spec: 10-messages (LF-INBOX-1, LF-INBOX-2, LF-INBOX-5).
"""

from __future__ import annotations

import asyncio
from math import ceil
from typing import Final

from aiohttp import hdrs, web

from localfed.app import inbox
from localfed.protocol import limits
from localfed.protocol.errors import Refused, TooLarge, TooLate, TooOften, UnknownPage
from localfed.web.answers import COMMON
from localfed.web.errors import answer_problem, problem_of
from localfed.web.node import DIRECTORY, NODE
from localfed.web.throttle import Line, Throttle

NAME: Final = "inbox"
BODY_SECONDS: Final = 10.0
"""For the whole body: as long as a request of ours may take."""

AT_ONCE: Final = 2
"""Posts that are checked at one time, each on a thread: more would take the processor from who searches."""

WAITING: Final = 30
"""Posts that wait to be checked: about half a second of the longest logs. More are told to come again."""

THROTTLE: Final = web.AppKey("THROTTLE", Throttle)
LINE: Final = web.AppKey("LINE", Line)


async def take_post(request: web.Request) -> web.StreamResponse:
    """Answer a post to an inbox: 202 once it is on disk, or needs nothing.

    Raises:
        UnknownPage: there is no inbox at that address.
        TooLarge, TooLate, Refused, Rejected, TooOften: by name.

    """
    # First of all: who posts too often costs neither a look at the body nor one at the disk.
    wait = request.app[THROTTLE].wait_of(request)
    if wait:
        return _too_often(request, wait)
    path = request.rel_url.raw_path
    base = path.removesuffix(NAME)
    did = request.app[DIRECTORY].hosted_at(base, request) if base != path else None
    if did is None:
        message = "there is no inbox at this address"
        raise UnknownPage(message)
    body = await _read_body(request)
    async with request.app[LINE].passing():
        await inbox.receive(request.app[NODE].ports, body, at=did)
    return web.Response(status=202, headers=dict(COMMON))


async def _read_body(request: web.Request) -> bytes:
    """Read the body, never more of it than is allowed, never longer than it may take."""
    declared = request.content_length
    if declared is not None and declared > limits.INBOX_BYTES:
        message = f"{declared} bytes, where {limits.INBOX_BYTES} are allowed"
        raise TooLarge(message)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > limits.INBOX_BYTES:
                    message = f"more than the {limits.INBOX_BYTES} bytes that are allowed"
                    raise TooLarge(message)
    except TimeoutError as error:
        message = "the body takes too long to come"
        raise TooLate(message) from error
    except web.RequestPayloadError as error:
        message = "the body is not sent as HTTP has it"
        raise Refused(message) from error
    except ConnectionError as error:
        # Whoever leaves in the middle of a sentence is no fault of ours, and fills no log of errors.
        message = "the connection ended before the body did"
        raise TooLate(message) from error
    return bytes(body)


def _too_often(request: web.Request, seconds: float) -> web.StreamResponse:
    error = TooOften("too many posts from this address")
    answer = answer_problem(request, problem_of(error), error)
    answer.headers[hdrs.RETRY_AFTER] = str(ceil(seconds))
    return answer
