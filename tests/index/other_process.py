"""Another process at an index: `other_process.py FOLDER read|write|hold|fill`, answers as JSON lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from index.entries import ask, entry, names
from localfed.index.tantivy_index import TantivyIndex
from localfed.protocol.errors import IndexBroken


def say(**members):
    print(json.dumps(members), flush=True)  # noqa: T201 - the test reads it


def main(folder, what):
    index = TantivyIndex.open(Path(folder))
    if what == "read":
        try:
            say(names=names(ask(index)), position=index.position())
        except IndexBroken:
            say(broken=True)
    elif what == "write":
        wrote = index.try_to_write()
        say(writes=wrote, names=names(ask(index)), position=index.position())
    elif what == "hold":
        say(writes=index.try_to_write())
        for line in sys.stdin:
            name = line.strip()
            index.apply([entry(name)], [], index.position() + 1)
            say(position=index.position())
    elif what == "fill":
        index.try_to_write()
        position = 0
        while True:
            position += 1
            index.apply([entry(f"d{position}-{n}") for n in range(20)], [], position)
            say(position=position)


main(sys.argv[1], sys.argv[2])
