#!/usr/bin/env python3
"""Check documents with `localfed.protocol` as a library: no network, no node, no folder.

    python verify_with_the_library.py did.jsonl org.json offer.json ...

did.jsonl is the issuer's identity log: from its node, from a mirror, out of a mail; it proves itself.
The library is pure (it reads no clock and opens no file), so the time is an argument, and every refusal
is an error of one tree with a stable code.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from localfed.protocol.accept import Checked, open_document
from localfed.protocol.contact import Contact
from localfed.protocol.errors import LocalFedError
from localfed.protocol.exchange import Exchange
from localfed.protocol.identity import Identity, read_identity
from localfed.protocol.listing import Listing
from localfed.protocol.organisation import Organization
from localfed.protocol.partnership import Partnership


def main(log: Path, *files: Path) -> int:
    """Check each file and say what it is; returns the exit code."""
    now = datetime.now(UTC)
    identity = read_identity(log.read_bytes(), now=now, allow_loopback=True)
    refused = 0
    for file in files:
        try:
            checked = open_document(file.read_bytes(), identity=identity, now=now)
        except LocalFedError as error:
            refused += 1
            print(f"{file.name}: refused: {error.code}: {error.message}")
        else:
            print(f"{file.name}: valid: {tell(checked, identity)}")
    return 1 if refused else 0


def tell(checked: Checked, identity: Identity) -> str:
    """Say who says what; what was checked has a type, and its members have theirs."""
    match checked.document:
        case Organization(listed=True) as listed:
            source = listed.source.name if listed.source is not None else "itself"
            return f"{identity.host} lists {_first(listed.name)!r}, by {source}"
        case Organization() as own:
            return f"{identity.host} says that it is {_first(own.name)!r}"
        case Listing() as listing:
            kind = listing.type.lower()
            return (
                f"{identity.host} has the {kind} {_first(listing.name)!r} until {listing.expires}"
            )
        case Partnership() as half:
            return f"{identity.host} says {half.stage!r} of its partnership with {half.partner}"
        case Exchange() as half:
            days = f"{half.period.start} to {half.period.end}"
            return f"{identity.host} says what it exchanged with {half.partner}, {days}"
        case Contact():
            return f"{identity.host} says how it is reached"
        case other:
            return f"{identity.host} published a {other.type}, which this version does not know"


def _first(names: dict[str, str]) -> str:
    return next(iter(names.values()))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        sys.exit(main(*(Path(name) for name in sys.argv[1:])))
    except (LocalFedError, OSError) as problem:
        print(f"not checked: {problem}", file=sys.stderr)
        sys.exit(1)
