"""The page about this node: what it is, what it does with what visitors tell it, how it is for everybody to use.

Here: `/about`, with the privacy note and the accessibility statement that every node has. Not here: HTML
(`templates/about.html`).
"""

from __future__ import annotations

from aiohttp import web

from localfed.web.cards import make_origin, reader_of
from localfed.web.node import NODE
from localfed.web.pages import answer_page


async def show_about(request: web.Request) -> web.Response:
    """Answer with what this is, and what it does with what visitors tell it."""
    ports, reader = request.app[NODE].ports, reader_of(request)
    reads = ports.store
    sources = {one.attribution: one for one in ports.gazetteer.sources()}.values()
    hosted = [
        make_origin(request, one, reader)
        for one in reads.publishers(hosted=True)
        if not one.is_closed
    ]
    return answer_page(request, "about.html", hosted=hosted, place_sources=sources)
