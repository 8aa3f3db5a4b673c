"""Behind: the other entries about an organisation, as the page of one of them names them.

Here: that list. Not here: which are the same (`app.folding`), cards of results (`results`).
"""

from __future__ import annotations

from aiohttp import web

from localfed.app.search import entries_with
from localfed.app.values import StoredDocument
from localfed.protocol.errors import IndexBroken
from localfed.web.cards import Behind, make_behind, make_origin
from localfed.web.node import NODE
from localfed.web.readers import Reader


def make_others(request: web.Request, document: StoredDocument, reader: Reader) -> list[Behind]:
    """Name the other entries about the organisation of a record, the one that stands in front first."""
    if document.type != "Organization":
        return []
    try:
        entries = entries_with(request.app[NODE].ports, document.did, document.path)
    except IndexBroken:
        return []  # the page is of the store, and can do without
    made = [
        make_behind(one, make_origin(request, one.publisher, reader), reader) for one in entries
    ]
    return [one for one in made if one is not None]
