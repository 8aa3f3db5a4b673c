"""Map files made for tests: a PMTiles file of a few vector tiles, written by PyPI's `pmtiles`.

Here: earth with a lake in every tile, in the layers of the Protomaps basemap. Not here: any test.
"""

from __future__ import annotations

import gzip
from pathlib import Path

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write as writing

CREDIT = '<a href="https://www.openstreetmap.org/copyright" onclick="x()">&copy; OpenStreetMap</a>'
_EXTENT = 4096


def write_map(
    path: Path, *, zoom: int = 5, attribution: str = CREDIT, pictures: bool = False
) -> Path:
    """Write a map of the whole Earth down to a zoom; earth everywhere, a lake in the middle of each tile."""
    with writing(str(path)) as writer:
        for z in range(zoom + 1):
            # By id, as the format wants its tiles.
            ids = sorted(zxy_to_tileid(z, x, y) for x in range(2**z) for y in range(2**z))
            for one in ids:
                # No two alike: the writer would fold them into one, and forget how deep they go.
                earth, lake = (
                    _layer("earth", 0, _EXTENT, str(one)),
                    _layer("water", 1024, 3072, "lake"),
                )
                writer.write_tile(one, gzip.compress(earth + lake, mtime=0))
        writer.finalize(
            {
                "tile_type": TileType.PNG if pictures else TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": -1_800_000_000,
                "min_lat_e7": -850_000_000,
                "max_lon_e7": 1_800_000_000,
                "max_lat_e7": 850_000_000,
                "center_zoom": 0,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
            },
            {"name": "A made-up map", "attribution": attribution},
        )
    return path


def _layer(name: str, low: int, high: int, kind: str) -> bytes:
    """A layer with one square polygon, as the Mapbox Vector Tile specification writes it."""
    side = _zigzag(high - low)
    # MoveTo the corner, LineTo three times, ClosePath.
    shape = [9, _zigzag(low), _zigzag(low), 26, side, 0, 0, side, _zigzag(low - high), 0, 15]
    tags = _bytes(2, _varint(0) + _varint(0))
    feature = tags + _number(3, 3) + _bytes(4, b"".join(map(_varint, shape)))
    layer = _bytes(1, name.encode()) + _bytes(2, feature) + _bytes(3, b"kind")
    layer += _bytes(4, _bytes(1, kind.encode())) + _number(5, _EXTENT) + _number(15, 2)
    return _bytes(3, layer)


def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 31)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value
