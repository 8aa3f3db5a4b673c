"""The widget of earlier versions: kept in the data folder, so that pages which pinned one by its hash go on working.

Here: writing down what this version serves, reading what earlier ones did. Not here: joining and serving (`web.widget`).
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from localfed.protocol.errors import BadFile, DiskFull
from localfed.store.files import make_private_folder, sync_folder, write_private_file
from localfed.web.widget import Files

FOLDER: Final = "widget"
"""Below the data folder: VERSION/FILE."""

_VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.+]{0,40}")
_FILE: Final = re.compile(r"[a-z-]{1,40}\.js")
_log = logging.getLogger("localfed.server")


def keep_versions(folder: Path, version: str, files: Files) -> dict[str, Files]:
    """Write down the files of this version and return those of all versions that were ever served here.

    A version is written once. Only a checkout that somebody works on has other files under the same number; there
    the newest count. What cannot be written or read is logged: a node is not stopped by it.
    """
    place = folder / FOLDER
    found: dict[str, Files] = {}
    try:
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if _VERSION.fullmatch(path.name) and path.is_dir():
                found[path.name] = _read(path)
        if found.get(version) != files:
            _write(place / version, files)
    except (OSError, BadFile, DiskFull) as error:
        _log.warning("versions of the widget in %s: %s", place, error)
    return {**found, version: files}


def _read(path: Path) -> Files:
    return {one.name: one.read_bytes() for one in path.iterdir() if _FILE.fullmatch(one.name)}


def _write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write all files of a version or none: half of one would be served for ever."""
    made = path.with_name(f".{path.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    make_private_folder(path.parent)
    make_private_folder(made)
    for name, body in files.items():
        write_private_file(made / name, body)
    shutil.rmtree(path, ignore_errors=True)
    made.rename(path)
    sync_folder(path.parent)
