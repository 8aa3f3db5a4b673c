"""Places offline: finding one postcode among 1.7 million, and suggesting names while somebody types.

The file of postcodes is made up, of the size of Great Britain's: what is measured is finding, not where they are. The
names are those that the package carries.
"""

from __future__ import annotations

import random
from itertools import product
from statistics import quantiles
from time import perf_counter

from bench.rows import Row
from bench.stage import Stage
from localfed.app.whereabouts import find_place, suggest_places
from localfed.gazetteer.files import FOLDER
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.interop.place_file import Group, write_codes
from localfed.interop.place_sources import CODE_POINT
from localfed.server.place_building import UNITS, write_file

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_GROUPS = 10_848
_WHOLE = 1_000
_FEW = 200
_CODES = 160
_TRIES = 5_000
_FIND_MICROSECONDS = 50
_SUGGEST_MILLISECONDS = 10
_TYPED = ("n", "ne", "new", "newc", "edin", "eh1", "sw1a 1", "hebden br", "llan", "zzzz")


def measure(stage: Stage) -> list[Row]:
    """Find postcodes and suggest places, each thousands of times."""
    rng = random.Random(7)  # noqa: S311 - made-up data
    # The tests of the bench only look whether it runs.
    count = _GROUPS if stage.sizes.tied >= _WHOLE else _FEW
    rests = ["".join(pair) for pair in product(_LETTERS, repeat=2)]
    sectors = [
        f"{first}{second}{number}{' ' if number < 10 else ''}{digit}"
        for first, second, number, digit in product(_LETTERS, _LETTERS, range(1, 100), range(10))
    ]
    groups = [
        Group(
            key=key,
            codes=[
                (rest, 50 + rng.random() * 9, -6 + rng.random() * 7)
                for rest in rng.sample(rests, _CODES)
            ],
        )
        for key in rng.sample(sectors, count)
    ]
    data = write_codes(CODE_POINT, groups, with_rows=True)
    write_file(stage.folder / FOLDER, UNITS, data)
    places = OfflinePlaces(stage.folder)
    typed = [
        f"{one.key[:4].strip()} {one.key[4]}{one.codes[rng.randrange(_CODES)][0]}".lower()
        for one in rng.choices(groups, k=_TRIES)
    ]
    places.named("warm")
    finding = _time(lambda text: find_place(places, text), typed)
    suggesting = _time(lambda text: suggest_places(places, text), list(_TYPED) * 100)
    return [
        Row(
            what=f"one postcode of {count * _CODES:,}, p99",
            figure=finding * 1e6,
            unit="µs",
            target=f"at most {_FIND_MICROSECONDS} µs",
            met=finding * 1e6 <= _FIND_MICROSECONDS,
        ),
        Row(
            what="places suggested while typing, p99",
            figure=suggesting * 1000,
            unit="ms",
            target=f"at most {_SUGGEST_MILLISECONDS} ms",
            met=suggesting * 1000 <= _SUGGEST_MILLISECONDS,
        ),
    ]


def _time(do: object, typed: list[str]) -> float:
    """Do it for each; returns the seconds within which 99 of 100 were done."""
    assert callable(do)
    seconds = []
    for text in typed:
        start = perf_counter()
        do(text)
        seconds.append(perf_counter() - start)
    return quantiles(seconds, n=100)[98]
