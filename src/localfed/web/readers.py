"""Readers: who asks for a page, in which languages and units, and at which moment.

Here: the value that everything on a page is chosen by. Not here: what is chosen (`cards`, `particulars`).
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from aiohttp import hdrs, web

from localfed.web.languages import Said, choose, uses_miles
from localfed.web.node import NODE
from localfed.web.translating import asked_language, read_languages


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a page: languages, units, and the moment of the request."""

    languages: tuple[str, ...]
    miles: bool
    now: datetime

    def choose(self, texts: dict[str, str], original: str | None) -> Said:
        """Choose the text that this reader reads best."""
        return choose(texts, self.languages, original)


def reader_of(request: web.Request) -> Reader:
    """See who asks."""
    languages = read_languages(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    asked = asked_language(request)
    if asked is not None:
        # The browser's own tags of that language first: en-GB has miles.
        own = tuple(tag for tag in languages if tag.partition("-")[0] == asked)
        languages = (*own, asked, *(tag for tag in languages if tag not in own))
    return Reader(
        languages=languages,
        miles=uses_miles(languages),
        now=request.app[NODE].ports.clock.now(),
    )
