"""Help on the directory page where nothing was found, or where its address cannot be understood.

Here: the same search otherwise, where that finds something, with how much; never a dead end. Not here: the page
(`results`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

import msgspec
from aiohttp import web

from localfed.app.search import RADIUS_KM_MAX, Found, Result
from localfed.app.values import Kind
from localfed.interop.vocabulary import Scheme, concepts, label_of, words_of
from localfed.protocol.errors import BadCursor, BadQuery
from localfed.web.asked import Asked, count_asked, find_asked
from localfed.web.choices import Choice, radius_steps, read_km
from localfed.web.languages import say_distance
from localfed.web.readers import Reader
from localfed.web.translating import _, ngettext

_WIDER: Final = 2
_WAYS: Final = 6
_MENDS: Final = 4
_NEAREST: Final = 3
_LOOKED_AT: Final = 30
_RELATED: Final = 5
_WORD: Final = 3
"""Letters from which on the beginning of a word says something."""


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """What helps where nothing was found."""

    ways: tuple[Choice, ...] = ()
    """The same search, wider."""
    related: tuple[Choice, ...] = ()
    """Categories that the words speak of."""
    others: str = ""
    """A sentence: nobody offers it, but some look for the same; or the other way round."""
    others_href: str = ""
    beyond: tuple[Result, ...] = ()
    """The nearest beyond the distance that was asked for."""


def help_with(request: web.Request, asked: Asked, reader: Reader) -> Help:
    """Find what would help where a search found nothing."""
    others, others_href = _others(request, asked, reader)
    return Help(
        ways=tuple(_that_find(request, _ways(asked, reader), reader, _WAYS)),
        related=tuple(_that_find(request, _related(asked, reader), reader, _RELATED)),
        others=others,
        others_href=others_href,
        beyond=_beyond(request, asked, reader),
    )


def mend(
    request: web.Request, asked: Asked, reader: Reader, places: tuple[str, ...] = ()
) -> list[Choice]:
    """Give the same search without the part that cannot be understood, where that is one.

    `places` are those that are spelled nearly as the one that was asked for.
    """
    without = {
        "cursor": _("From the first result on"),
        "radius": _("At any distance"),
        "near": _("Everywhere"),
        "kind": _("Offers, needs and organisations together"),
        "cost": _("At any cost"),
        "open": _("At any time"),
        "category": _("In every category"),
        "audience": _("For everybody"),
        "accessibility": _("With any access"),
        "language": _("In any language"),
        "organisation": _("By anybody"),
        "where": _("Online, or at a place"),
        "sort": _("The best first"),
    }
    near = ((_("Near %(place)s") % {"place": one}, asked.but(near=one)) for one in places)
    less = (
        (label, asked.but(**{"cursor": asked.cursor, name: ""}))
        for name, label in without.items()
        if getattr(asked, name)
    )
    return list(_that_find(request, chain(near, less), reader, _MENDS))


def _that_find(
    request: web.Request, tries: Iterator[tuple[str, Asked]], reader: Reader, most: int
) -> Iterator[Choice]:
    before = (0, "")
    for label, other in tries:
        try:
            number = count_asked(request, other, reader)
        except (BadQuery, BadCursor):
            continue
        # Wider still, with no more in it, is no help.
        if not number or before == (number, other.but(radius="").href()):
            continue
        before = (number, other.but(radius="").href())
        yield Choice(label=label, number=number, href=other.href(cursor=other.cursor))
        most -= 1
        if not most:
            return


def _try(request: web.Request, asked: Asked, reader: Reader, limit: int) -> Found | None:
    try:
        return find_asked(request, asked, reader, limit=limit)
    except (BadQuery, BadCursor):
        return None


def _ways(asked: Asked, reader: Reader) -> Iterator[tuple[str, Asked]]:
    km = read_km(asked.radius)
    if asked.near and km:
        for step, label in radius_steps(reader).items():
            if float(step) >= km * _WIDER:
                yield _("Within %(distance)s") % {"distance": label}, asked.but(radius=step)
        if km * _WIDER < RADIUS_KM_MAX:
            yield _("At any distance"), asked.but(radius="")
    labels = {
        "open": _("Not only what is open now"),
        "cost": _("At any cost"),
        "audience": _("For everybody"),
        "accessibility": _("With any access"),
        "language": _("In any language"),
        "organisation": _("By anybody"),
        "where": _("Online, or at a place"),
        "kind": _("Offers, needs and organisations together"),
        "category": _("In every category"),
    }
    for name, label in labels.items():
        if getattr(asked, name):
            yield label, asked.but(**{name: ""})
    if len(asked.filters) > 1:
        yield _("Without any of the filters"), asked.but(**dict.fromkeys(asked.filters, ""))
    words = asked.q.split()
    if len(words) > 1:
        for word in words[:3]:
            yield _("Only the word “%(word)s”") % {"word": word[:40]}, asked.but(q=word)
    if asked.q:
        bare = Asked(near=asked.near, radius=asked.radius, kind=asked.kind)
        yield _("Everything near there") if asked.near else _("Everything"), bare


def _related(asked: Asked, reader: Reader) -> Iterator[tuple[str, Asked]]:
    words = [word for word in asked.q.casefold().split() if len(word) >= _WORD][:_RELATED]
    for code, concept in concepts(Scheme.CATEGORIES).items() if words else ():
        named = words_of(concept).casefold().split()
        if any(name.startswith(word[:-1]) for name in named for word in words if len(word) > _WORD):
            label = label_of(Scheme.CATEGORIES, code, reader.languages)[0]
            yield label, Asked(near=asked.near, radius=asked.radius, category=code)


def _others(request: web.Request, asked: Asked, reader: Reader) -> tuple[str, str]:
    """Say whether the other side is there: who looks for what nobody offers, who offers what nobody needs."""
    turned = {Kind.OFFER.value: Kind.NEED.value, Kind.NEED.value: Kind.OFFER.value}.get(asked.kind)
    if turned is None:
        return "", ""
    other = asked.but(kind=turned)
    found = _try(request, other, reader, limit=_LOOKED_AT)
    if found is None or not found.total:
        return "", ""
    number = len({one.publisher.did for one in found.results})
    if turned == Kind.NEED.value:
        said = ngettext(
            "Nobody offers it here, but one organisation looks for the same.",
            "Nobody offers it here, but %(number)s organisations look for the same.",
            number,
        )
    else:
        said = ngettext(
            "Nobody asks for it here, but one organisation offers it.",
            "Nobody asks for it here, but %(number)s organisations offer it.",
            number,
        )
    return (said % {"number": number} if "%(number)s" in said else said), other.href()


def _beyond(request: web.Request, asked: Asked, reader: Reader) -> tuple[Result, ...]:
    if not asked.near or not read_km(asked.radius):
        return ()
    found = _try(request, asked.but(radius=""), reader, limit=_LOOKED_AT)
    if found is None:
        return ()
    placed = [one for one in found.results if one.km is not None]
    return tuple(sorted(placed, key=lambda one: one.km or 0.0)[:_NEAREST])


def say_beyond(results: tuple[Result, ...], reader: Reader) -> str:
    """Say how far the nearest is; empty where there is none."""
    if not results or results[0].km is None:
        return ""
    far = say_distance(results[0].km, miles=reader.miles, is_about=results[0].is_about)
    return _("The nearest is %(distance)s away.") % {"distance": far}
