"""Files of places: those of the package, and those that an operator installed into the data folder.

Here: finding and mapping them; a damaged one is passed over and named. Not here: their form (`interop.place_file`),
what somebody typed (`gazetteer`).
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from importlib.resources import files as package_files
from pathlib import Path
from typing import Final

import msgspec

from localfed.interop.place_file import Codes, Header, Name, read_header, read_names
from localfed.protocol.errors import BadFile

FOLDER: Final = "places"
"""Below the data folder: what an operator installed."""

ENDING: Final = ".bin"


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """What there is: files of codes, the most exact first, and of names."""

    codes: tuple[Codes, ...]
    names: tuple[tuple[Header, tuple[Name, ...]], ...]
    damaged: tuple[str, ...]
    """Names of files that cannot be read."""


def open_shelf(folder: Path | None) -> Shelf:
    """Open every file: of the package, and of a data folder where one is given."""
    codes: list[Codes] = []
    names: list[tuple[Header, tuple[Name, ...]]] = []
    damaged: list[str] = []
    for path in _paths(folder):
        try:
            data = _map(path)
            header, _ = read_header(data, path.name)
            if header.kind == "names":
                names.append((header, tuple(read_names(data, path.name))))
            else:
                codes.append(Codes(data, path.name))
        except (BadFile, OSError, ValueError):  # an empty file cannot be mapped
            damaged.append(path.name)
    codes.sort(key=lambda one: -one.header.rows)
    return Shelf(codes=tuple(codes), names=tuple(names), damaged=tuple(damaged))


def _paths(folder: Path | None) -> Iterator[Path]:
    own = Path(str(package_files("localfed.gazetteer").joinpath("data")))
    yield from sorted(own.glob(f"*{ENDING}"))
    if folder is not None:
        yield from sorted((folder / FOLDER).glob(f"*{ENDING}"))


def edition_of(folder: Path | None) -> str:
    """Name the files in one word, without reading them: their names and sizes, and when those of a folder were written."""
    said = [
        (path.name, status.st_size, status.st_mtime_ns if path.parent.parent == folder else 0)
        for path in _paths(folder)
        for status in (path.stat(),)
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _map(path: Path) -> bytes | memoryview:
    with path.open("rb") as file:
        # The pages of a mapped file are the system's: many processes share them, and none counts them as its own.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return memoryview(mapped)
