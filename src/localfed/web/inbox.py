"""The inbox over HTTP: `POST` of JSON Lines below the BASE of an organisation hosted here.

Here: limits by address, the answer. Not here: what is in it
(`app.inbox`). Spec: 10-messages (LF-INBOX-1, LF-INBOX-2, LF-INBOX-5).
"""

from __future__ import annotations

from math import ceil
from typing import Final

from aiohttp import hdrs, web

from localfed.app import inbox
from localfed.protocol import limits
from localfed.protocol.errors import TooOften, UnknownPage
from localfed.web.answers import COMMON
from localfed.web.bodies import read_body
from localfed.web.errors import answer_problem, problem_of
from localfed.web.node import DIRECTORY, NODE
from localfed.web.throttle import Line, Throttle

NAME: Final = "inbox"
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
    body = await read_body(request, limits.INBOX_BYTES)
    async with request.app[LINE].passing():
        await inbox.receive(request.app[NODE].ports, body, at=did)
    return web.Response(status=202, headers=dict(COMMON))


def _too_often(request: web.Request, seconds: float) -> web.StreamResponse:
    error = TooOften("too many posts from this address")
    answer = answer_problem(request, problem_of(error), error)
    answer.headers[hdrs.RETRY_AFTER] = str(ceil(seconds))
    return answer
