"""Vendored: files of others that browsers need for the map, from this node and from nowhere else.

Here: `/static/vendor/…`, and the map file, `/map.pmtiles`. Not here: bringing them (`hatch_build.py`, when the wheel is
made; they are in no repository), our module that uses them (`widget/map.js`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files as package_files
from typing import Final

from aiohttp import web

from localfed.protocol.errors import UnknownPage
from localfed.web.answers import A_DAY, answer_bytes, hash_tag, headers_of
from localfed.web.node import NODE
from localfed.web.ranges import answer_file

_SCRIPT: Final = "text/javascript; charset=utf-8"
_SHEET: Final = "text/css; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"

# An hour: browsers see by the ETag when the parts that they hold are of another file, and ask again.
_ARCHIVE: Final = headers_of("application/vnd.pmtiles", "public, max-age=3600")
_ARCHIVE["Access-Control-Expose-Headers"] = "ETag, Content-Length, Content-Range, Accept-Ranges"

_FILES: Final = {
    "leaflet.js": _SCRIPT,
    "leaflet.css": _SHEET,
    "leaflet.LICENSE.txt": _TEXT,
    "leaflet.markercluster.js": _SCRIPT,
    "leaflet.markercluster.css": _SHEET,
    "leaflet.markercluster.LICENSE.txt": _TEXT,
    "protomaps-leaflet.js": _SCRIPT,
    "protomaps-leaflet.LICENSE.txt": _TEXT,
}


def can_draw() -> bool:
    """Whether the files are here: a node that was built where npm could not be reached has none."""
    return all(_read(name) is not None for name in _FILES)


async def show_vendored(request: web.Request) -> web.Response:
    """Answer with a file that the map is drawn with.

    Raises:
        UnknownPage: there is no other, or this node was built without them.

    """
    name = request.match_info["name"]
    body = _read(name) if name in _FILES else None
    if body is None:
        message = "there is nothing at this address"
        raise UnknownPage(message)
    return answer_bytes(request, body, hash_tag(body), headers_of(_FILES[name], A_DAY))


async def show_map_file(request: web.Request) -> web.StreamResponse:
    """Answer with the PMTiles file, or the part of it that is asked for.

    Raises:
        UnknownPage: this node has none.

    """
    path = request.app[NODE].ground.path
    if path is None:
        message = "this node has no map file"
        raise UnknownPage(message)
    return await answer_file(request, path, _ARCHIVE)


@cache
def _read(name: str) -> bytes | None:
    try:
        return package_files("localfed.web").joinpath("vendor", "dist", name).read_bytes()
    except OSError:
        return None
