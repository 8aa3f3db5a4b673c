"""Bodies: reading what is posted, never more of it than is allowed and never longer than it may take.

Here: the bytes. Not here: what is in them (`inbox`, `enquiring`).
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from localfed.protocol.errors import Refused, TooLarge, TooLate
from localfed.protocol.worded import Worded

BODY_SECONDS: Final = 10.0
"""For the whole body: as long as a request of ours may take."""


async def read_body(request: web.Request, limit_bytes: int) -> bytes:
    """Read the body of a request.

    Raises:
        TooLarge: more bytes than the limit, said or sent.
        TooLate, Refused: it does not come in time, or not as HTTP has it.

    """
    declared = request.content_length
    if declared is not None and declared > limit_bytes:
        raise TooLarge(
            Worded("{count} bytes, where {most} are allowed", count=declared, most=limit_bytes)
        )
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > limit_bytes:
                    said = Worded("more than the {most} bytes that are allowed", most=limit_bytes)
                    raise TooLarge(said)
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
