"""The page of the search: `/`, what this node knows, and what was found.

Here: the form, the results, the choices beside them, help when nothing was found. All of its state is
in its address. Not here: what is found (`app.search`), HTML (`templates/search.html`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import hdrs, web

from localfed.app.describing import choice_of
from localfed.app.folding import fold, read_known
from localfed.app.index_values import IndexQuery
from localfed.app.search import RADIUS_KM_MAX, Found, find, read_query
from localfed.app.values import Kind, Publisher
from localfed.app.whereabouts import place_asked, tidy
from localfed.interop.vocabulary import Scheme, label_of
from localfed.protocol.errors import BadCursor, BadQuery
from localfed.web.answers import LOCALFED_LINK
from localfed.web.cards import (
    Behind,
    Card,
    Origin,
    Reader,
    make_card,
    make_origin,
    reader_of,
)
from localfed.web.discovery import discovery_of
from localfed.web.heads import head_of_search
from localfed.web.languages import say_distance
from localfed.web.linked_data import data_of_results
from localfed.web.mapping import allow_map, map_of_results
from localfed.web.node import NODE
from localfed.web.pages import answer_page, say_counts
from localfed.web.partners import with_parts
from localfed.web.views import Counts, page_of

_LIMIT: Final = 20
_FIRST_LIMIT: Final = 6
_MILES: Final = (1, 2, 5, 10, 25, 50)
_KILOMETRES: Final = (1, 2, 5, 10, 25, 50, 100)
_KM_PER_MILE: Final = 1.609344
_WIDER: Final = 4
_NEAREST: Final = 0.1  # kilometres: as exactly as an address of this page says it
_KIND_LABELS: Final = {
    Kind.OFFER: ("Offer", "Offers"),
    Kind.NEED: ("Need", "Needs"),
    Kind.ORGANISATION: ("Organisation", "Organisations"),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of the page asks for; empty strings for nothing."""

    q: str = ""
    near: str = ""
    radius: str = ""
    kind: str = ""
    category: str = ""
    cost: str = ""
    open: str = ""
    audience: str = ""
    accessibility: str = ""
    language: str = ""
    organisation: str = ""
    view: str = ""
    """`map` shows the map beside the list."""
    cursor: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked: the first page, which a visitor sees."""
        return self == Asked()

    def href(self, **changes: str) -> str:
        """Name the page of this search with some changes, from its first result on."""
        changed = msgspec.structs.replace(self, **{"cursor": "", **changes})
        parts = {name: text for name, text in msgspec.structs.asdict(changed).items() if text}
        return f"/?{urlencode(parts)}" if parts else "/"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One choice beside the results, and how much it would leave."""

    label: str
    number: int
    href: str
    is_chosen: bool = False


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a select box."""

    value: str
    label: str
    is_chosen: bool


async def show_search(request: web.Request) -> web.Response:
    """Answer with the search: the form, and what it found if anything was asked."""
    reader, asked = reader_of(request), read_asked(request.query)
    wrong, found, status = "", None, 200
    try:
        found = find_asked(request, asked, reader, limit=_FIRST_LIMIT if asked.is_empty else _LIMIT)
    except (BadQuery, BadCursor) as error:
        wrong, status = f"{error.message}. {error.next_step}", error.status
    discovery = discovery_of(request, asked.href())
    map_ = map_of_results(request, found, reader, asked.href()) if found and found.total else None
    cards = make_cards(request, found, reader, has_place=bool(asked.near)) if found else []
    answer = answer_page(
        request,
        "search.html",
        head=head_of_search(
            request, asked.href(), data_of_results(request, cards, is_first=asked.is_empty)
        )
        if found
        else None,
        asked=asked,
        wrong=wrong,
        total=found.total if found else 0,
        summary=_summary(found) if found and asked.is_empty else "",
        publishers=_count_publishers(request),
        cards=cards,
        kinds=_kind_choices(found, asked) if found else [],
        categories=_category_choices(found, asked, reader) if found else [],
        kind_options=kind_options(asked),
        radius_options=radius_options(asked.radius, reader),
        help=_help(request, asked, reader) if found and not found.total else [],
        next_href=asked.href(cursor=found.next_cursor) if found and found.next_cursor else "",
        map=map_,
        found=found is not None,
        discovery=None if wrong else discovery,
    )
    answer.headers[hdrs.LINK] = LOCALFED_LINK if wrong else discovery.link
    if wrong:
        answer.set_status(status)
    return allow_map(request, answer, is_wanted=map_ is not None and map_.draws)


def read_asked(query: Mapping[str, str]) -> Asked:
    """Read what the address of a page asks for."""
    asked = {name: query.get(name, "").strip() for name in Asked.__struct_fields__}
    asked["near"] = tidy(asked["near"])
    return Asked(**asked)


def find_asked(request: web.Request, asked: Asked, reader: Reader, *, limit: int = _LIMIT) -> Found:
    """Find what an address asks for.

    Raises:
        BadQuery, BadCursor: it cannot be understood.

    """
    return find(request.app[NODE].ports, query_asked(request, asked, reader, limit=limit))


def query_asked(request: web.Request, asked: Asked, reader: Reader, *, limit: int) -> IndexQuery:
    """Read what an address asks for as a search.

    Raises:
        BadQuery, BadCursor: it cannot be understood.

    """
    parts = msgspec.structs.asdict(asked)
    del parts["view"]  # how it is shown, not what is found
    if not asked.near:
        # A radius without a place is what the form sends when the place was left empty.
        parts["radius"] = ""
    place = place_asked(request.app[NODE].ports.gazetteer, asked.near)
    parts["near"] = place.near if place else ""
    return read_query(**parts, limit=limit, now=reader.now)


def make_cards(
    request: web.Request, found: Found, reader: Reader, *, has_place: bool
) -> list[Card]:
    """Make the cards of a page of results; entries about one organisation are one card."""
    origins: dict[str, Origin] = {}

    def origin_of_(did: str, publisher: Publisher) -> Origin:
        if did not in origins:
            origins[did] = make_origin(request, publisher, reader)
        return origins[did]

    results = {one.document.id: one for one in found.results}
    known = [read_known(one.document) for one in found.results]
    folded = fold(request.app[NODE].ports.store, [one for one in known if one is not None])
    behind = {one.front.document.id: one.behind for one in folded}
    # The first of an organisation in the list gives its place to the entry that stands in front.
    front = {
        other.document.id: one.front.document.id
        for one in folded
        for other in (one.front, *one.behind)
    }
    cards, done = [], set()
    for listed in found.results:
        document_id = front.get(listed.document.id, listed.document.id)
        if document_id in done:
            continue
        done.add(document_id)
        one = results[document_id]
        origin = origin_of_(one.document.did, one.publisher)
        card = make_card(one.document, origin, reader, km=one.km, has_place=has_place)
        if card is None:
            continue
        card = with_parts(request, card, one.document, reader)
        others = tuple(
            Behind(
                title=reader.choose(other.record.name, other.record.language),
                href=page_of(other.document.did, other.document.path),
                publisher=origin_of_(other.document.did, results[other.document.id].publisher).name,
                is_own_record=other.is_own,
            )
            for other in behind.get(document_id, ())
        )
        cards.append(msgspec.structs.replace(card, behind=others) if others else card)
    return cards


def _summary(found: Found) -> str:
    kinds = {str(kind): number for kind, number in found.kinds.items()}
    return say_counts(
        Counts(
            offers=kinds.get("offer", 0),
            needs=kinds.get("need", 0),
            organisations=kinds.get("organisation", 0),
        )
    )


def _count_publishers(request: web.Request) -> int:
    return len(request.app[NODE].ports.store.publishers())


def _kind_choices(found: Found, asked: Asked) -> list[Choice]:
    kinds = {str(kind): number for kind, number in found.kinds.items()}
    choices = [
        Choice(
            label=_KIND_LABELS[kind][kinds[kind.value] != 1],
            number=kinds[kind.value],
            href=asked.href(kind="" if asked.kind == kind.value else kind.value),
            is_chosen=asked.kind == kind.value,
        )
        for kind in _KIND_LABELS
        if kinds.get(kind.value)
    ]
    return choices if len(choices) > 1 or asked.kind else []


def _category_choices(found: Found, asked: Asked, reader: Reader) -> list[Choice]:
    def say(value: str) -> str:
        return label_of(Scheme.CATEGORIES, value, reader.languages)[0]

    chosen = choice_of(Scheme.CATEGORIES, asked.category) if asked.category else ""
    choices = [
        Choice(
            label=say(name),
            number=number,
            href=asked.href(category="" if chosen == name else name),
            is_chosen=chosen == name,
        )
        for name, number in found.categories.items()
    ]
    if chosen and not any(one.is_chosen for one in choices):
        gone = Choice(label=say(chosen), number=0, href=asked.href(category=""), is_chosen=True)
        choices.insert(0, gone)
    return choices


def kind_options(asked: Asked) -> list[Option]:
    """Offer the kinds to choose from."""
    anything = Option(value="", label="Anything", is_chosen=not asked.kind)
    return [
        anything,
        *(
            Option(value=kind.value, label=many, is_chosen=asked.kind == kind.value)
            for kind, (_, many) in _KIND_LABELS.items()
        ),
    ]


def radius_options(radius: str, reader: Reader) -> list[Option]:
    """Offer distances in the reader's unit; the address is always in kilometres."""
    if reader.miles:
        steps = {f"{one * _KM_PER_MILE:.1f}": _say_round(one, "mile") for one in _MILES}
    else:
        steps = {str(one): f"{one} km" for one in _KILOMETRES}
    if radius and radius not in steps:
        km = _read_km(radius)
        if km is not None:
            steps[radius] = say_distance(km, miles=reader.miles)
    options = [Option(value="", label="Any distance", is_chosen=not radius)]
    return options + [
        Option(value=value, label=f"Within {label}", is_chosen=radius == value)
        for value, label in steps.items()
    ]


def _say_round(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _read_km(text: str) -> float | None:
    match = re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text, re.ASCII)
    return float(text) if match else None


def _help(request: web.Request, asked: Asked, reader: Reader) -> Sequence[Choice]:
    """Find what would help: the same search with one thing less, where that finds something."""
    tries: list[tuple[str, Asked]] = []
    km = _read_km(asked.radius)
    if asked.near and km:
        far = max(min(km * _WIDER, RADIUS_KM_MAX), _NEAREST)
        wider = f"{far:.1f}"
        label = f"Within {say_distance(far, miles=reader.miles)}"
        tries.append((label, msgspec.structs.replace(asked, radius=wider, cursor="")))
        tries.append(("At any distance", msgspec.structs.replace(asked, radius="", cursor="")))
    if asked.kind:
        label = "Offers, needs and organisations together"
        tries.append((label, msgspec.structs.replace(asked, kind="", cursor="")))
    if asked.category:
        tries.append(("In every category", msgspec.structs.replace(asked, category="", cursor="")))
    words = asked.q.split()
    if len(words) > 1:
        tries += [
            (f"Only the word “{word}”", msgspec.structs.replace(asked, q=word, cursor=""))
            for word in words[:3]
        ]
    if asked.q:
        label = "Everything near there" if asked.near else "Everything"
        bare = Asked(near=asked.near, radius=asked.radius, kind=asked.kind)
        tries.append((label, bare))
    choices = []
    for label, other in tries:
        number = find_asked(request, other, reader, limit=1).total
        if number:
            choices.append(Choice(label=label, number=number, href=other.href()))
    return choices
