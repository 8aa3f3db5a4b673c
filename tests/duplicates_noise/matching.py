"""Our matcher on the chosen populations: `python -m duplicates_noise.matching HALF` prints the figures.

`unseen` is for the last measurement alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from duplicates_noise.entries import Record
from duplicates_noise.population import population, two_editions
from duplicates_noise.scoring import measure
from localfed.app.duplicates import SAME, Entry, find_pairs

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def entry_of(record: Record) -> Entry:
    """See a record of the measurement as what the matcher takes."""
    return Entry(
        name=record.name,
        numbers=record.identifiers,
        latitude=record.latitude,
        longitude=record.longitude,
        postcode=record.postcode or "",
        website=record.website or "",
        street=record.street or "",
        locality=record.locality or "",
    )


def found_in(records: Sequence[Record], least: float = SAME) -> list[tuple[int, int, float]]:
    """Find the pairs of a population, as the scorer takes them."""
    pairs = find_pairs([entry_of(one) for one in records], least)
    return [(one.one, one.other, one.score) for one in pairs]


if __name__ == "__main__":
    wanted = sys.argv[1]
    some = (
        two_editions(DATA, trading=wanted == "trading")
        if wanted in {"editions", "trading"}
        else population(DATA, wanted)
    )
    print(*measure(some, found_in(some.records, 0.05), threshold=SAME).lines(), sep="\n")  # noqa: T201
