"""Files that pages load, as they lie in the package: style sheets, the icon, scripts.

Here: `/static/...`, `/embed.js`, which stands on pages of others, and `/favicon.ico`. Not here: the widget (`widget`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files as package_files
from typing import Final

from aiohttp import web

from localfed.protocol.errors import UnknownPage
from localfed.web.answers import A_DAY, answer_bytes, hash_tag, headers_of

_STATIC: Final = {
    "style.css": "text/css; charset=utf-8",
    "directory.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "ties.js": "text/javascript; charset=utf-8",
    "embed.css": "text/css; charset=utf-8",
    "embed.js": "text/javascript; charset=utf-8",
    "frame.js": "text/javascript; charset=utf-8",
    "map.js": "text/javascript; charset=utf-8",
    "map.css": "text/css; charset=utf-8",
    "search.js": "text/javascript; charset=utf-8",
    "make.js": "text/javascript; charset=utf-8",
    "favicon.ico": "image/svg+xml",
}
# What browsers ask for that see no page of ours, such as of an answer in JSON: the type says what it is.
_AS: Final = {"favicon.ico": "icon.svg"}


async def show_static(request: web.Request) -> web.Response:
    """Answer with a file that pages load.

    Raises:
        UnknownPage: there is no such file.

    """
    # /embed.js is on pages of others: its address is short and stays; /favicon.ico is asked for by itself.
    name = request.match_info.get("name", request.path[1:])
    if name not in _STATIC:
        message = "there is nothing at this address"
        raise UnknownPage(message)
    body = _static(name)
    return answer_bytes(request, body, hash_tag(body), headers_of(_STATIC[name], A_DAY))


@cache
def _static(name: str) -> bytes:
    return package_files("localfed.web").joinpath("static", _AS.get(name, name)).read_bytes()
