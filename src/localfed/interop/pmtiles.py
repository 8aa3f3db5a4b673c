"""PMTiles: what the head of such a file says of the map in it, and whom to thank for it.

Here: the fixed header and the metadata of version 3, from bytes. Not here: tiles, which browsers read themselves by
ranges. Source: the PMTiles specification, version 3.
"""

from __future__ import annotations

import struct
import zlib
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

import msgspec

from localfed.protocol.errors import BadFile

HEADER_BYTES: Final = 127
METADATA_BYTES_MAX: Final = 4_194_304
"""As it lies in the file and as it is unpacked: real ones have some ten kilobytes."""

CREDIT_CHARACTERS: Final = 300

_MAGIC: Final = b"PMTiles\x03"
_PLACES: Final = struct.Struct("<QQQQQQQQ")
_KINDS: Final = struct.Struct("<BBBBBBiiii")
_PLACES_AT: Final = 8
_KINDS_AT: Final = 96
_DEGREE: Final = 10_000_000
_NONE, _GZIP = 1, 2
_VECTOR: Final = 1
_ZOOM_MOST: Final = 30
_WIDEST: Final = 180
_HIGHEST: Final = 90


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of an attribution: text, and where it leads; an empty URL for nowhere."""

    text: str
    url: str = ""


class TileArchive(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of vector tiles says of itself."""

    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    """West, south, east, north, in degrees."""
    metadata_offset: int
    metadata_bytes: int
    is_packed: bool
    """Whether its metadata is compressed."""


def read_archive(header: bytes) -> TileArchive:
    """Read the first bytes of a file, `HEADER_BYTES` of them or more.

    Raises:
        BadFile: it is no PMTiles file of version 3, or its tiles are none that pages can draw.

    """
    if len(header) < HEADER_BYTES or not header.startswith(_MAGIC):
        message = "it is no PMTiles file of version 3"
        raise BadFile(message)
    places = _PLACES.unpack_from(header, _PLACES_AT)
    _, packed, tiles_packed, kind, low, high, *edges = _KINDS.unpack_from(header, _KINDS_AT)
    if kind != _VECTOR:
        message = (
            "its tiles are pictures; the map draws vector tiles (MVT), as Protomaps makes them"
        )
        raise BadFile(message)
    if packed not in {_NONE, _GZIP} or tiles_packed not in {_NONE, _GZIP}:
        message = "it is compressed in a way that browsers cannot read; gzip is the usual one"
        raise BadFile(message)
    west, south, east, north = (edge / _DEGREE for edge in edges)
    is_on_earth = -_WIDEST <= west <= east <= _WIDEST and -_HIGHEST <= south <= north <= _HIGHEST
    if not (low <= high <= _ZOOM_MOST and is_on_earth and places[3] <= METADATA_BYTES_MAX):
        message = "its header is damaged"
        raise BadFile(message)
    return TileArchive(
        min_zoom=low,
        max_zoom=high,
        bounds=(west, south, east, north),
        metadata_offset=places[2],
        metadata_bytes=places[3],
        is_packed=packed == _GZIP,
    )


class _Metadata(msgspec.Struct, frozen=True):
    attribution: str = ""
    name: str = ""


def read_attribution(metadata: bytes, *, is_packed: bool) -> str:
    """Read whom a file names as its authors, as it writes it (often HTML); its name where it names nobody.

    Raises:
        BadFile: the metadata cannot be read.

    """
    try:
        if is_packed:
            unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
            metadata = unpacking.decompress(metadata, METADATA_BYTES_MAX)
        said = msgspec.json.decode(metadata, type=_Metadata)
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        message = "its metadata is damaged"
        raise BadFile(message) from error
    return said.attribution or said.name


def read_credits(attribution: str) -> tuple[Credit, ...]:
    """Read an attribution, plain text or HTML with links, as pieces of text: nothing of the HTML is kept."""
    reading = _Reading()
    reading.feed(attribution[: CREDIT_CHARACTERS * 10])
    reading.close()
    pieces, left = [], CREDIT_CHARACTERS
    for text, url in reading.pieces:
        flat = " ".join(text.split())
        if not flat or left <= 0:
            continue
        pieces.append(Credit(text=flat[:left], url=url))
        left -= len(flat)
    return tuple(pieces)


class _Reading(HTMLParser):
    """Takes texts and links out of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, str]] = []
        self._url = ""
        self._is_silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._url = _link(dict(attrs).get("href") or "")
        self._is_silent = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._url = ""
        self._is_silent = False

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self.pieces.append((data, self._url))


def _link(url: str) -> str:
    """Return a link to a website as it is, anything else as none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"https", "http"} and parts.hostname else ""
