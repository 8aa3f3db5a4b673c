"""The pictures of a document, for the API: what each shows, and where our own copy of it is.

Here: the answer of /api/v1/pictures. Not here: the files themselves and pages (`pictures`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from localfed.protocol.did import split_id
from localfed.protocol.errors import BadDid, BadQuery, UnknownDocument
from localfed.web.api import answer_json
from localfed.web.node import NODE
from localfed.web.pictures import PictureAnswer, picture_answers
from localfed.web.views import live_document, origin_of

_ID_CHARACTERS: Final = 700


class PicturesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures of a document that are here, in its order."""

    of: str
    pictures: tuple[PictureAnswer, ...]


async def list_pictures(request: web.Request) -> web.Response:
    """Answer with the pictures of a document that are shown here.

    Raises:
        BadQuery: no `of`, or another parameter.
        UnknownDocument, Expired: by name.

    """
    asked, node = request.query, request.app[NODE]
    of = asked.get("of", "")
    if asked.keys() != {"of"} or not 0 < len(of) <= _ID_CHARACTERS:
        message = "pictures are asked for with of=ID alone: the id of a document"
        raise BadQuery(message)
    try:
        did, path = split_id(of)
    except BadDid as error:
        message = "that is not the id of a document"
        raise UnknownDocument(message, detail=error.message) from error
    document = live_document(request, did, path)
    found = picture_answers(node.ports.store, document, origin_of(node.url))
    return answer_json(request, PicturesAnswer(of=of, pictures=found))
