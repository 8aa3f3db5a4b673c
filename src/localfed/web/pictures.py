"""Pictures: our own copies as files, and what pages and API say of them.

Here: `/media/…`, the pictures of organisations hosted here below their BASE, figures for pages. Not here: making
copies (`app.picture_fetching`). Spec: 05-documents (LF-IMG-5, LF-IMG-8).
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict

from localfed.app.pictures import shown_of
from localfed.app.ports import Reads
from localfed.app.values import StoredDocument
from localfed.protocol.errors import UnknownPage
from localfed.web.answers import FOR_EVER, answer_bytes, headers_of
from localfed.web.languages import Said
from localfed.web.node import NODE
from localfed.web.readers import Reader

_NAME: Final = re.compile(r"(?P<digest>zQm[1-9A-HJ-NP-Za-km-z]{44})\.(?P<ending>jpg|png|webp)")
_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}

# Should a browser be talked into taking it for a page after all, that page could load, run and send nothing.
_INERT: Final = (
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    (hdrs.CONTENT_DISPOSITION, "inline"),
)


def _headers(kind: str) -> CIMultiDict[str]:
    headers = headers_of(kind, FOR_EVER)
    headers.extend(_INERT)
    return headers


_HEADERS: Final = {ending: _headers(kind) for ending, kind in _TYPES.items()}


class PictureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a document, as this node shows it."""

    path: str
    """What the document calls it."""
    url: str
    """Our own copy: the publisher's file is never for browsers."""
    width: int
    height: int
    alt: dict[str, str]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A picture on a page."""

    src: str
    width: int
    height: int
    alt: Said


async def serve_copy(request: web.Request) -> web.Response:
    """Answer with the copy of a picture that is shown here.

    Raises:
        UnknownPage: there is none of that name, or nobody is shown who has it.

    """
    name = request.match_info["name"]
    match = _NAME.fullmatch(name)
    body = request.app[NODE].ports.store.shown_picture(name) if match is not None else None
    if match is None or body is None:
        raise _nothing_there()
    return answer_bytes(request, body, match["digest"], _HEADERS[match["ending"]])


def answer_published(request: web.Request, did: str, path: str) -> web.Response:
    """Answer with a picture that an organisation hosted here publishes (LF-IMG-5).

    Raises:
        UnknownPage: no live document of it names one of that name.

    """
    match = _NAME.fullmatch(path.removeprefix("m/"))
    body = request.app[NODE].ports.store.picture_body(did, path) if match is not None else None
    if match is None or body is None:
        raise _nothing_there()
    return answer_bytes(request, body, match["digest"], _HEADERS[match["ending"]])


def figures_of(
    reads: Reads, document: StoredDocument, reader: Reader, original: str | None
) -> tuple[Figure, ...]:
    """Return the pictures of a document for a page, in its order; what is not here is left out.

    `original` is the language that the document was written in.
    """
    return tuple(
        Figure(
            src=f"/media/{one.stored.copy}",
            width=one.stored.copy_width,
            height=one.stored.copy_height,
            alt=reader.choose(one.image.alt, original),
        )
        for one in shown_of(reads, document)
        if one.stored is not None and one.stored.copy is not None
    )


def picture_answers(reads: Reads, document: StoredDocument, root: str) -> tuple[PictureAnswer, ...]:
    """Return the pictures of a document for the API, in its order; what is not here is left out."""
    return tuple(
        PictureAnswer(
            path=one.image.path,
            url=f"{root}/media/{one.stored.copy}",
            width=one.stored.copy_width,
            height=one.stored.copy_height,
            alt=one.image.alt,
        )
        for one in shown_of(reads, document)
        if one.stored is not None and one.stored.copy is not None
    )


def _nothing_there() -> UnknownPage:
    return UnknownPage("there is nothing at this address")
