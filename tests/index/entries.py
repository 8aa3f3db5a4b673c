"""Documents and searches for the tests of the index."""

from __future__ import annotations

import time
from math import asin, cos, radians, sin, sqrt

from localfed.app.index_values import IndexDocument, IndexQuery
from localfed.app.values import Kind, Point

DID = "did:webvh:QmT1" + "a" * 42 + ":kitchen.example"
NOW = 1_800_000_000
EDINBURGH = Point(55.95, -3.19)
LEITH = Point(55.975, -3.17)
GLASGOW = Point(55.86, -4.25)
LONDON = Point(51.5, -0.12)


def entry(
    name,
    title="Shop",
    *,
    text="",
    kind=Kind.OFFER,
    categories=(),
    points=(),
    expires=NOW + 9,
    **more,
):
    return IndexDocument(
        did=DID,
        path=f"d/{name}.json",
        kind=kind,
        title=title,
        text=text,
        categories=tuple(categories),
        points=tuple(points),
        expires=expires,
        **more,
    )


def ask(index, words="", *, now=NOW, limit=1_000, **members):
    """Search; counting alone comes to the same, whatever is asked."""
    query = IndexQuery(words=words, now=now, limit=limit, **members)
    answer = index.search(query)
    if limit > 0 <= query.offset:
        assert index.count(query) == answer.total
    return answer


def names(answer):
    """The names of what was found, best first."""
    return [hit.path.removeprefix("d/").removesuffix(".json") for hit in answer.hits]


def fill(index, *entries, position=1):
    index.apply(entries, [], position)


def km_between(one, other):
    """Haversine, written anew."""
    north, south = radians(one.latitude), radians(other.latitude)
    east = radians(one.longitude - other.longitude)
    half = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * 6371.0088 * asin(min(1.0, sqrt(half)))


def wait_for(claim, seconds=10.0):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
