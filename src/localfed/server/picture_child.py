"""The program that decodes one picture: a task on stdin, its outcome on stdout, and nothing else within its reach.

Here: giving up everything before the first byte is read. Not here: who starts it (`picture_process`), what
makes a picture (`interop.picture_file`).
"""

from __future__ import annotations

import resource
import sys
from typing import Final

import msgspec

from localfed.interop.picture_file import FILE_BYTES, copy_picture, load_codecs, make_picture
from localfed.protocol.errors import BadPicture
from localfed.server.picture_process import Outcome, Task

MEMORY_BYTES: Final = 1_610_612_736
"""Addresses: 64 million points are 256 MB, and are there three times at most."""

_SECONDS: Final = 20
_TASK_BYTES: Final = FILE_BYTES + 4_096


def give_up_everything() -> None:
    """Keep this process from opening files, making connections, starting processes, and from more than it needs."""
    # What is loaded when first needed has to be there before nothing can be opened any more.
    load_codecs()
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        # Below what is open already: nothing more can be.
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Do the one task."""
    give_up_everything()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(_TASK_BYTES), type=Task)
    try:
        made = copy_picture(task.data, task.named) if task.named else make_picture(task.data)
        outcome = Outcome(picture=made)
    except BadPicture as error:
        outcome = Outcome(problem=error.message)
    sys.stdout.buffer.write(msgspec.msgpack.encode(outcome))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
