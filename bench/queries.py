"""Queries: varied words and points, the same in each run.

Words are taken from the names on board; points are spread over Britain. Some have only one of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

_SOUTH, _NORTH, _WEST, _EAST = 50.2, 58.4, -5.1, 1.2


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A search as a visitor types it."""

    text: str
    near: str | None
    radius: str | None

    @property
    def path(self) -> str:
        """The same as an address of the API."""
        parts = {"q": self.text, "near": self.near, "radius": self.radius}
        return "/api/v1/search?" + urlencode({name: part for name, part in parts.items() if part})


def make_queries(names: Sequence[str], count: int) -> list[Query]:
    """Make so many queries out of the words of names: text and distance in all, a radius in a third."""
    chance = random.Random(count)  # noqa: S311 - the same queries each time
    words = [word for name in names for word in re.findall(r"[A-Za-z]{3,}", name)]
    return [
        Query(
            text=" ".join(chance.choice(words) for _ in range(chance.choice((1, 1, 2, 3)))),
            near=f"{chance.uniform(_SOUTH, _NORTH):.4f},{chance.uniform(_WEST, _EAST):.4f}",
            radius=chance.choice((None, None, "50")),
        )
        for _ in range(count)
    ]
