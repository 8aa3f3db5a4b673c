"""Discovery: where a program that was given the address of a page asks how to embed it.

Here: the two addresses of the oEmbed answer for a page, for its head and its Link header. Not here: the
answer itself (`oembed`).
Source: oEmbed 1.0, section 4 (discovery); RFC 8288 (Link).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from localfed.web.answers import LOCALFED_LINK
from localfed.web.node import NODE
from localfed.web.views import origin_of

_LINK_CHARACTERS: Final = 1_500
"""Of one address in a header: clients refuse lines of headers beyond 8 KB."""


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """Where the oEmbed answers for a page are."""

    json: str
    xml: str

    @property
    def link(self) -> str:
        """The value of the page's Link header; what is too long for one stands in its head alone."""
        if len(self.json) > _LINK_CHARACTERS:
            return LOCALFED_LINK
        return (
            f'{LOCALFED_LINK}, <{self.json}>; rel="alternate"; type="application/json+oembed", '
            f'<{self.xml}>; rel="alternate"; type="text/xml+oembed"'
        )


def discovery_of(request: web.Request, href: str) -> Discovery:
    """Name the oEmbed answers for a page of this node, by its path and query."""
    root = origin_of(request.app[NODE].url)
    answers = {
        form: f"{root}/oembed?{urlencode({'url': root + href, 'format': form})}"
        for form in ("json", "xml")
    }
    return Discovery(json=answers["json"], xml=answers["xml"])
