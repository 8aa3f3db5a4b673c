"""Parameters of addresses: which there are, each once.

Here: refusing what would be passed over in silence. Silence would answer another question than was asked: `?raduis=2` would
search the whole world, and of `?near=A&near=B` nobody could say which was meant. Not here: their values (`app.query_reading`).
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from aiohttp import web

from localfed.protocol.errors import BadQuery
from localfed.protocol.worded import Worded

_SHOWN: Final = 40
"""Characters of a name that are repeated."""


def check_parameters(request: web.Request, known: Collection[str]) -> None:
    """Refuse parameters that there are not, and any that stands there twice.

    Raises:
        BadQuery: it names the first, and what may have been meant.

    """
    unknown = request.query.keys() - set(known)
    if unknown:
        name = min(unknown)[:_SHOWN]
        close = get_close_matches(name, known, 1)
        if close:
            said = Worded(
                "there is no parameter {name}: did you mean {other}?",
                name=ascii(name),
                other=close[0],
            )
        else:
            there = ", ".join(sorted(known))
            said = Worded(
                "there is no parameter {name}; there are: {known}", name=ascii(name), known=there
            )
        raise BadQuery(said)
    check_once(request, known)


def check_once(request: web.Request, known: Collection[str]) -> None:
    """Refuse one of the known parameters that stands there twice with different values.

    Raises:
        BadQuery: it names the first of them.

    """
    for name in known:
        if len(set(request.query.getall(name, ()))) > 1:
            raise BadQuery(
                Worded("{name} stands in the address twice: leave one of them", name=name)
            )
