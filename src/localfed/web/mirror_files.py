"""The files of others, as this node mirrors them: `mirror/clock.json` and `mirror/SCID/…` below a BASE.

Here: answers. Not here: what lies where (`app.mirrors`). Spec: 08-following (LF-MIRROR).
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

from aiohttp import web

from localfed.app import mirrors
from localfed.app.mirrors import FileKind
from localfed.app.values import Publisher
from localfed.protocol.errors import UnknownPage
from localfed.protocol.feed import BUNDLE_PATH
from localfed.web.answers import (
    ASK_AGAIN,
    JSON,
    JSON_LINES,
    LINKED_JSON,
    answer_bytes,
    hash_tag,
    headers_of,
)
from localfed.web.node import DIRECTORY, NODE

# BASE, `mirror/`, then the clock or the folder of a publisher: never a mirror of a mirror.
_MIRROR: Final = re.compile(
    r"(?P<base>/(?:[A-Za-z0-9._-]+/)*?)mirror/"
    r"(?:clock\.json|(?P<scid>[1-9A-HJ-NP-Za-km-z]{46})/(?P<file>[A-Za-z0-9_./-]{1,200}))"
)
_HEADERS: Final = {
    FileKind.LOG: headers_of(JSON_LINES, ASK_AGAIN),
    FileKind.SIGNED: headers_of(LINKED_JSON, ASK_AGAIN),
    # Of another's page nobody here knows whether it still grows.
    FileKind.FEED: headers_of(JSON, ASK_AGAIN),
}
_CLOCK: Final = headers_of(JSON, ASK_AGAIN)
_BUNDLE: Final = headers_of(JSON_LINES, ASK_AGAIN)
_LINES: Final = 100
"""Lines of a bundle that are written at once: about 120 KB."""


def is_mirror_path(path: str) -> bool:
    """Whether a path could be one of a mirror below some BASE."""
    return "/mirror/" in path and _MIRROR.fullmatch(path) is not None


async def serve_mirror(request: web.Request) -> web.StreamResponse:
    """Answer a file of a mirror, byte for byte as it came.

    Raises:
        UnknownPage: nobody lives at that BASE, or this node does not have that file.

    """
    match = _MIRROR.fullmatch(request.rel_url.raw_path)
    directory, reads = request.app[DIRECTORY], request.app[NODE].ports.store
    if match is None or directory.hosted_at(match["base"], request) is None:
        raise _nothing_there()
    if match["scid"] is None:
        body = mirrors.clock_of(reads)
        return answer_bytes(request, body, hash_tag(body), _CLOCK)
    publisher = mirrors.mirrored_publisher(reads, directory.did_of(match["scid"]))
    if publisher is None:
        raise _nothing_there()
    if match["file"] == BUNDLE_PATH:
        return await _serve_bundle(request, publisher)
    file = mirrors.find_file(reads, publisher, match["file"])
    if file is None:
        raise _nothing_there()
    return answer_bytes(request, file.body, hash_tag(file.body), _HEADERS[file.kind])


async def _serve_bundle(request: web.Request, publisher: Publisher) -> web.StreamResponse:
    """Stream the documents of the snapshot; nothing of it is written to the disk."""
    reads = request.app[NODE].ports.store
    if not mirrors.has_bundle(reads, publisher):
        raise _nothing_there()
    answer = web.StreamResponse(headers=_BUNDLE)
    await answer.prepare(request)
    lines: list[bytes] = []
    for line in mirrors.bundle_lines(reads, publisher):
        lines.append(line)
        if len(lines) == _LINES:
            await answer.write(b"".join(lines))
            lines.clear()
            await asyncio.sleep(0)  # others are served in between
    await answer.write(b"".join(lines))
    await answer.write_eof()
    return answer


def _nothing_there() -> UnknownPage:
    return UnknownPage("there is nothing at this address")
