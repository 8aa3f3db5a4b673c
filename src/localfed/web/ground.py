"""The ground of the map: what lies under the points, by the operator's choice.

Here: a PMTiles file on this node, a tile server, or nothing (a plain ground); checking what the settings say; which
hosts a page may then load pictures from. Not here: points (`mapping`), serving the file (`vendored`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from localfed.interop.pmtiles import (
    HEADER_BYTES,
    METADATA_BYTES_MAX,
    Credit,
    read_archive,
    read_attribution,
    read_credits,
)
from localfed.protocol.errors import BadFile

FILE_PATH: Final = "/map.pmtiles"

_SERVER_ZOOM: Final = 19
_SUBDOMAINS: Final = ("a", "b", "c")
_HOST: Final = r"(?:\{s\}\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::[0-9]{1,5})?"
# Nothing in it may end a source of a Content-Security-Policy or begin another.
_TEMPLATE: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?P<rest>/[A-Za-z0-9{{}}/._~:@!$&*+=?%-]{{1,500}})",
    re.ASCII,
)
_LOOPBACK: Final = re.compile(r"(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?")
_PLACEHOLDERS: Final = {"{x}", "{y}", "{z}"}
_OPTIONAL: Final = {"{s}", "{r}"}


class GroundKind(StrEnum):
    """What is under the points."""

    PLAIN = "plain"
    FILE = "file"
    SERVER = "server"


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What lies under the points of this node's maps."""

    kind: GroundKind = GroundKind.PLAIN
    url: str = ""
    """Of the file, from the root of this node; or the template of the tile server."""
    credits: tuple[Credit, ...] = ()
    images: tuple[str, ...] = ()
    """From where a page with a map loads pictures, as sources of a Content-Security-Policy."""
    path: Path | None = None
    min_zoom: int = 0
    max_zoom: int = _SERVER_ZOOM
    bounds: tuple[float, float, float, float] | None = None
    """West, south, east, north of what the file shows."""
    problem: str = ""
    """Why it is a plain one although the settings name a file."""


PLAIN: Final = Ground()


def file_ground(path: Path, attribution: str) -> Ground:
    """See a PMTiles file as the ground; a plain one that says why, where it cannot be read.

    A missing map keeps no node from starting: a disk may come later, and the list says the same.
    """
    try:
        with path.open("rb") as file:
            archive = read_archive(file.read(HEADER_BYTES))
            said = ""
            if not attribution and archive.metadata_bytes:
                file.seek(archive.metadata_offset)
                packed = file.read(min(archive.metadata_bytes, METADATA_BYTES_MAX))
                said = read_attribution(packed, is_packed=archive.is_packed)
    except OSError as error:
        return Ground(
            problem=f"map_file {path} cannot be read: {(error.strerror or 'error').lower()}"
        )
    except BadFile as error:
        return Ground(problem=f"map_file {path} cannot be used: {error.message}")
    return Ground(
        kind=GroundKind.FILE,
        url=FILE_PATH,
        credits=read_credits(attribution or said),
        path=path,
        min_zoom=archive.min_zoom,
        max_zoom=archive.max_zoom,
        bounds=archive.bounds,
    )


def server_ground(template: str, attribution: str) -> Ground:
    """See a tile server as the ground.

    Raises:
        BadFile: the template is none, or nobody is named as the map's author.

    """
    match = _TEMPLATE.fullmatch(template)
    used = set(re.findall(r"\{[^}]*\}?|\}", template))
    if match is None or not _PLACEHOLDERS <= used <= _PLACEHOLDERS | _OPTIONAL:
        message = (
            "map_tiles is the address of a tile server with {z}, {x} and {y} in it, such as "
            "https://tile.example/{z}/{x}/{y}.png"
        )
        raise BadFile(message)
    host = match["host"]
    if "{s}" in match["rest"]:
        message = "in map_tiles, {s} can only stand before the host"
        raise BadFile(message)
    if match["scheme"] == "http" and not _LOOPBACK.fullmatch(host):
        message = "map_tiles begins with https:// - what pages load is not sent in the open"
        raise BadFile(message)
    credits_ = read_credits(attribution)
    if not credits_:
        message = "map_tiles needs map_attribution: whom the map is of, as the tile server asks"
        raise BadFile(message)
    hosts = [host.replace("{s}", one) for one in _SUBDOMAINS] if "{s}" in host else [host]
    return Ground(
        kind=GroundKind.SERVER,
        url=template,
        credits=credits_,
        images=tuple(f"{match['scheme']}://{one}" for one in hosts),
    )
