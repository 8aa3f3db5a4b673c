"""Place files: codes and names of places of one country, packed so that they are found without being read.

A file is a line `LFPLACES1`, a header in JSON on one line, and its body. Of kind `codes`: groups in the order of their
keys, then rows. A group is a key (so many bytes as the header says, filled up with spaces), its middle (latitude
and longitude, three bytes each) and how far its codes lie from there (one byte, in tenths of a kilometre). Where the
header counts rows, each group also says which are its own: the first (4 bytes), how many (2), and the length
of their steps (1); a row is the rest of a code (2 bytes) and its distance from the middle in steps (2 and 2, signed).
Of kind `names`: lines of a name, other names, region, latitude, longitude and population, compressed.

Here: writing and reading. Not here: files (`gazetteer`). All numbers are big-endian.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from math import cos, hypot, radians
from typing import Final

import msgspec

from localfed.protocol.errors import BadFile

MAGIC: Final = b"LFPLACES1\n"

NAMES_BYTES: Final = 64_000_000
"""Of a file of names, unpacked: more is no table of names."""

_HEADER_BYTES: Final = 10_000
_STEPS: Final = 2**24 - 1
_ROW: Final = struct.Struct(">Hhh")
_MORE: Final = struct.Struct(">IHB")
_PLACE_BYTES: Final = 7
_SUFFIX_LETTERS: Final = 26
_LONGEST: Final = 32_767
_RADIUS_MOST: Final = 255
_DEGREE_KM: Final = 111.2
_DAMAGED: Final = "the file of places {} is damaged: install it again (`localfed places`)"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Whence a file of places comes, as people must be told."""

    country: str
    """Two letters (ISO 3166)."""
    title: str
    licence: str
    attribution: str
    """The sentence that the licence asks to be shown; empty where it asks for none."""
    edition: str = ""


class Header(Origin, frozen=True, kw_only=True):
    """The first line of a file."""

    kind: str
    key_bytes: int = 0
    groups: int = 0
    rows: int = 0


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Codes that begin alike, to be packed: the rest of each with its point."""

    key: str
    codes: Sequence[tuple[str, float, float]]
    """Rest of the code (two letters, or empty for the group alone), latitude, longitude."""


class Packed(msgspec.Struct, frozen=True):
    """What a file says of a code."""

    key: str
    latitude: float
    longitude: float
    radius_km: float
    """How far off the point may be."""


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """A place that has a name."""

    name: str
    also: tuple[str, ...] = ()
    region: str = ""
    latitude: float
    longitude: float
    population: int = 0


def write_codes(origin: Origin, groups: Iterable[Group], *, with_rows: bool) -> bytes:
    """Pack codes. Groups are put in order; with `with_rows` each code keeps its own point."""
    ordered = sorted(groups, key=lambda one: one.key)
    width = max((len(one.key) for one in ordered), default=1)
    table, rows = bytearray(), bytearray()
    for one in ordered:
        latitude = sum(code[1] for code in one.codes) / len(one.codes)
        longitude = sum(code[2] for code in one.codes) / len(one.codes)
        table += one.key.ljust(width).encode()
        table += _pack_point(latitude, longitude)
        table.append(_radius(one.codes, latitude, longitude))
        if with_rows:
            first = len(rows) // _ROW.size
            steps, packed = _pack_rows(one.codes, *_unpack_point(_pack_point(latitude, longitude)))
            table += _MORE.pack(first, len(one.codes), steps)
            rows += packed
    header = Header(
        **msgspec.structs.asdict(origin),
        kind="codes",
        key_bytes=width,
        groups=len(ordered),
        rows=len(rows) // _ROW.size,
    )
    return MAGIC + _line(header) + bytes(table + rows)


def write_names(origin: Origin, names: Iterable[Name]) -> bytes:
    """Pack names, the most peopled first."""
    lines = [
        "\t".join(
            (
                one.name,
                "|".join(one.also),
                one.region,
                f"{one.latitude:.4f}",
                f"{one.longitude:.4f}",
                str(one.population),
            )
        )
        for one in sorted(names, key=lambda one: (-one.population, one.name))
    ]
    header = Header(**msgspec.structs.asdict(origin), kind="names", groups=len(lines))
    return MAGIC + _line(header) + zlib.compress("\n".join(lines).encode(), 9)


def read_header(data: bytes | memoryview, name: str) -> tuple[Header, int]:
    """Read the header of a file; returns it and where the body begins.

    Raises:
        BadFile: it is no such file, or is damaged.

    """
    start = bytes(data[:_HEADER_BYTES])
    end = start.find(b"\n", len(MAGIC))
    if not start.startswith(MAGIC) or end < 0:
        raise BadFile(_DAMAGED.format(name))
    try:
        header = msgspec.json.decode(start[len(MAGIC) : end], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(_DAMAGED.format(name)) from error
    return header, end + 1


def read_names(data: bytes | memoryview, name: str) -> list[Name]:
    """Read the names of a file.

    Raises:
        BadFile: it is no file of names, or is damaged.

    """
    header, start = read_header(data, name)
    try:
        unpacking = zlib.decompressobj()
        unpacked = unpacking.decompress(bytes(data[start:]), NAMES_BYTES)
        found = [_read_name(line) for line in unpacked.decode().split("\n") if line]
    except (zlib.error, UnicodeDecodeError, ValueError) as error:
        raise BadFile(_DAMAGED.format(name)) from error
    if header.kind != "names" or len(found) != header.groups or not unpacking.eof:
        raise BadFile(_DAMAGED.format(name))
    return found


class Codes:
    """A file of codes, looked up where it lies: nothing of it is kept."""

    def __init__(self, data: bytes | memoryview, name: str) -> None:
        """Take the bytes of a file, mapped or read.

        Raises:
            BadFile: it is no file of codes, or is damaged.

        """
        self.header, self._start = read_header(data, name)
        self._data = data
        width, more = self.header.key_bytes, self.header.rows > 0
        self._size = width + _PLACE_BYTES + (_MORE.size if more else 0)
        self._rows = self._start + self.header.groups * self._size
        wanted = self._rows + self.header.rows * _ROW.size
        if self.header.kind != "codes" or len(data) != wanted or not 0 < width < _RADIUS_MOST:
            raise BadFile(_DAMAGED.format(name))

    def group(self, key: str) -> Packed | None:
        """Find a group."""
        at = self._at(key)
        return self._read_group(at) if at < self.header.groups and self._key(at) == key else None

    def code(self, group: str, rest: str) -> Packed | None:
        """Find a code within its group; None where the file has no rows, or not that one."""
        if not self.header.rows:
            return None
        at = self._at(group)
        if at >= self.header.groups or self._key(at) != group:
            return None
        middle = self._start + at * self._size + self.header.key_bytes
        first, count, steps = _MORE.unpack_from(self._data, middle + _PLACE_BYTES)
        wanted = _number(rest)
        low, high = first, first + count
        while low < high:
            between = (low + high) // 2
            number, north, east = _ROW.unpack_from(self._data, self._rows + between * _ROW.size)
            if number == wanted:
                latitude, longitude = _unpack_point(bytes(self._data[middle : middle + 6]))
                return Packed(
                    group + rest,
                    latitude + north * steps * 180 / _STEPS,
                    longitude + east * steps * 360 / _STEPS,
                    0.0,
                )
            if number < wanted:
                low = between + 1
            else:
                high = between
        return None

    def beginning(self, prefix: str, most: int) -> list[Packed]:
        """Find groups whose key begins so, at most so many."""
        found: list[Packed] = []
        for at in range(self._at(prefix), self.header.groups):
            if len(found) >= most or not self._key(at).startswith(prefix):
                break
            found.append(self._read_group(at))
        return found

    def _key(self, at: int) -> str:
        start = self._start + at * self._size
        return bytes(self._data[start : start + self.header.key_bytes]).decode("latin-1").rstrip()

    def _at(self, key: str) -> int:
        """Say where a key is, or would be."""
        low, high = 0, self.header.groups
        while low < high:
            between = (low + high) // 2
            if self._key(between) < key:
                low = between + 1
            else:
                high = between
        return low

    def _read_group(self, at: int) -> Packed:
        start = self._start + at * self._size + self.header.key_bytes
        place = bytes(self._data[start : start + _PLACE_BYTES])
        return Packed(self._key(at), *_unpack_point(place[:6]), place[6] / 10)


def _line(header: Header) -> bytes:
    return json.dumps(msgspec.to_builtins(header), sort_keys=True).encode() + b"\n"


def _pack_point(latitude: float, longitude: float) -> bytes:
    north, east = (latitude + 90) / 180 * _STEPS, (longitude + 180) / 360 * _STEPS
    return round(north).to_bytes(3) + round(east).to_bytes(3)


def _unpack_point(packed: bytes) -> tuple[float, float]:
    north, east = int.from_bytes(packed[:3]), int.from_bytes(packed[3:6])
    return north / _STEPS * 180 - 90, east / _STEPS * 360 - 180


def _radius(codes: Sequence[tuple[str, float, float]], latitude: float, longitude: float) -> int:
    """Say within how many tenths of a kilometre nine of ten codes lie."""
    narrow = cos(radians(latitude))
    away = sorted(
        hypot(code[1] - latitude, (code[2] - longitude) * narrow) * _DEGREE_KM for code in codes
    )
    return min(round(away[(len(away) * 9 - 1) // 10] * 10), _RADIUS_MOST)


def _pack_rows(
    codes: Sequence[tuple[str, float, float]], latitude: float, longitude: float
) -> tuple[int, bytes]:
    moves = [
        (_number(rest), (north - latitude) / 180 * _STEPS, (east - longitude) / 360 * _STEPS)
        for rest, north, east in codes
    ]
    farthest = max(max(abs(north), abs(east)) for _, north, east in moves)
    steps = int(farthest // _LONGEST) + 1
    packed = [
        _ROW.pack(number, round(north / steps), round(east / steps))
        for number, north, east in sorted(moves)
    ]
    return steps, b"".join(packed)


def _number(rest: str) -> int:
    first, second = (ord(letter) - ord("A") for letter in rest)
    return first * _SUFFIX_LETTERS + second


def _read_name(line: str) -> Name:
    name, also, region, latitude, longitude, population = line.split("\t")
    return Name(
        name=name,
        also=tuple(also.split("|")) if also else (),
        region=region,
        latitude=float(latitude),
        longitude=float(longitude),
        population=int(population),
    )
