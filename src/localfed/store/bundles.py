"""Bundle files: bundle.jsonl of each hosted organisation, a file of its own beside the database.

Here: where it lies, and writing it. Not here: which documents are in it (`app`, `documents`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from localfed.protocol.did import parse_did
from localfed.store.files import (
    FILE_MODE,
    cannot_write,
    make_private_folder,
    replace_private_file,
)

_FOLDER: Final = "bundles"
_LOCK: Final = ".lock"


def bundle_file(folder: Path, did: str) -> Path:
    """Say where the bundle of this organisation lies, or would lie."""
    return folder / _FOLDER / f"{parse_did(did).scid}.jsonl"


def write_bundle_file(path: Path, bodies: Iterator[bytes]) -> None:
    """Write a bundle: one body a line.

    Raises:
        BadFile, DiskFull: it cannot be written; the old one is as it was.

    """
    replace_private_file(path, (body + b"\n" for body in bodies))


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Wait until no other process writes a bundle here.

    So the names of drafts can be fixed, and what a killed process left is overwritten by the next.
    """
    make_private_folder(folder / _FOLDER)
    path = folder / _FOLDER / _LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
