"""The page of the directory: `/`, what this node knows, and what was found.

Here: putting the page together. Not here: its state (`asked`), the choices beside the results (`choices`), help where
nothing was found (`helping`), what is found (`app.search`), HTML (`templates/search.html`, `templates/print.html`).
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.app.search import Found
from localfed.app.values import Publisher
from localfed.protocol.errors import BadCursor, BadQuery, UnknownPlace
from localfed.protocol.times import write_time
from localfed.web.answers import LOCALFED_LINK, allow_scripts
from localfed.web.asked import LIMIT, Asked, find_asked, place_of, read_asked
from localfed.web.cards import (
    Card,
    Origin,
    Reader,
    make_behind,
    make_card,
    make_origin,
    reader_of,
)
from localfed.web.choices import (
    facets_of,
    kind_choices,
    open_choice,
    order_choices,
    radius_options,
    say_online,
)
from localfed.web.discovery import discovery_of
from localfed.web.heads import has_calendar, head_of_search
from localfed.web.helping import Help, help_with, mend, say_beyond
from localfed.web.languages import say_day
from localfed.web.linked_data import data_of_results
from localfed.web.map_views import allow_map, map_of_results
from localfed.web.node import NODE
from localfed.web.pages import answer_page, say_counts
from localfed.web.parameters import check_once
from localfed.web.partners import with_parts
from localfed.web.printed import draw_code
from localfed.web.telling import say_wrong
from localfed.web.translating import _, ngettext
from localfed.web.views import Counts, origin_of, read_shown

_FIRST_LIMIT: Final = 6
_PRINTED: Final = 50


async def show_search(request: web.Request) -> web.Response:
    """Answer with the search: the form, and what it found if anything was asked."""
    reader, asked = reader_of(request), read_asked(request.query)
    try:
        check_once(request, Asked.__struct_fields__)
        found = find_asked(request, asked, reader, limit=_limit(asked))
    except (BadQuery, BadCursor) as error:
        return _answer_wrong(request, asked, reader, error)
    cards = make_cards(request, found, reader, has_place=bool(asked.near))
    map_ = map_of_results(request, found, reader, asked.href()) if found.total else None
    help_ = Help() if cards else help_with(request, asked, reader)
    is_printed, link = asked.view == "print", asked.href(view="")
    discovery = discovery_of(request, link)
    data = data_of_results(request, cards, is_first=asked.is_empty)
    link_url = origin_of(request.app[NODE].url) + link
    answer = answer_page(
        request,
        "print.html" if is_printed else "search.html",
        head=head_of_search(request, link, data),
        has_times=_may_have_times(found, asked),
        asked=asked,
        wrong=None,
        heading=_heading(asked, found, has_cards=bool(cards)),
        spot=place_of(request, asked),
        understood=say_understood(request, found, asked, reader),
        total=found.total,
        summary=_summary(request, found) if asked.is_empty else "",
        cards=cards,
        kinds=kind_choices(found, asked) if cards else [],
        is_open=open_choice(found, asked) if cards else None,
        facets=facets_of(found, asked, reader) if cards else [],
        orders=order_choices(found, asked) if cards else [],
        online=say_online(found, asked) if cards else "",
        radius_options=radius_options(asked.radius, reader),
        help=help_,
        beyond=_beyond_cards(request, help_, reader),
        beyond_says=say_beyond(help_.beyond, reader),
        next_href=asked.href(cursor=found.next_cursor) if found.next_cursor else "",
        map=map_,
        link=link_url,
        code=draw_code(link_url) if is_printed else None,
        today=say_day(write_time(reader.now)),
        discovery=discovery,
    )
    answer.headers[hdrs.LINK] = discovery.link
    if is_printed:
        return answer
    allow_scripts(answer)
    return allow_map(request, answer, is_wanted=map_ is not None and map_.draws)


def _answer_wrong(
    request: web.Request, asked: Asked, reader: Reader, error: BadQuery | BadCursor
) -> web.Response:
    """Answer with what is wrong, the form as it was, and the same search without that."""
    places = error.suggestions if isinstance(error, UnknownPlace) else ()
    answer = answer_page(
        request,
        "search.html",
        head=None,
        asked=asked,
        wrong=say_wrong(error),
        heading=_("That search did not work"),
        radius_options=radius_options(asked.radius, reader),
        mends=mend(request, asked, reader, places),
        map=None,
        discovery=None,
    )
    answer.headers[hdrs.LINK] = LOCALFED_LINK
    allow_scripts(answer)
    answer.set_status(error.status)
    return answer


def say_understood(
    request: web.Request, found: Found, asked: Asked, reader: Reader
) -> tuple[str, ...]:
    """Say how a search was understood, where that is not as it was written."""
    said, words = [], found.corrected or asked.words
    if found.corrected:
        said.append(
            _("Showing results for “%(words)s” instead of “%(typed)s”.")
            % {"words": words, "typed": asked.words}
        )
    if found.about:
        lexicon = request.app[NODE].ports.lexicon
        subjects = ", ".join(lexicon.label(one, reader.languages) for one in found.about)
        said.append(
            _("Little here says “%(words)s”, so what is about %(subjects)s is shown, too.")
            % {"words": words, "subjects": subjects}
        )
    return tuple(said)


def _limit(asked: Asked) -> int:
    if asked.view == "print":
        return _PRINTED
    return _FIRST_LIMIT if asked.is_empty else LIMIT


def _heading(asked: Asked, found: Found, *, has_cards: bool) -> str:
    if asked.is_empty:
        return _("Find something near you")
    said = {"number": f"{found.total:,}", "words": found.corrected or asked.words}
    if not has_cards:  # what is counted may be shown no more
        return _("Nothing was found for “%(words)s”") % said if asked.q else _("Nothing was found")
    if asked.q:
        return (
            ngettext(
                "%(number)s result for “%(words)s”",
                "%(number)s results for “%(words)s”",
                found.total,
            )
            % said
        )
    return ngettext("%(number)s result", "%(number)s results", found.total) % said


def _may_have_times(found: Found, asked: Asked) -> bool:
    """Whether something that was found has times, as far as this page tells: what is on others may have some."""
    return bool(asked.cursor or found.next_cursor) or any(
        has_calendar(read_shown(one.document)) for one in found.results
    )


def _beyond_cards(request: web.Request, help_: Help, reader: Reader) -> list[Card]:
    if not help_.beyond:
        return []
    found = Found(results=help_.beyond, total=0, facets={}, next_cursor=None)
    return make_cards(request, found, reader, has_place=True)


def make_cards(
    request: web.Request, found: Found, reader: Reader, *, has_place: bool
) -> list[Card]:
    """Make the cards of a page of results."""
    origins: dict[str, Origin] = {}
    reads = request.app[NODE].ports.store

    def origin_of_(publisher: Publisher) -> Origin:
        if publisher.did not in origins:
            origins[publisher.did] = make_origin(request, publisher, reader)
        return origins[publisher.did]

    cards = []
    for one in found.results:
        origin = origin_of_(one.publisher)
        card = make_card(one.document, origin, reader, km=one.km, has_place=has_place, reads=reads)
        if card is None:
            continue
        card = with_parts(request, card, one.document, reader)
        others = [make_behind(other, origin_of_(other.publisher), reader) for other in one.behind]
        behind = tuple(other for other in others if other is not None)
        cards.append(msgspec.structs.replace(card, covers=one.covers, behind=behind))
    return cards


def _summary(request: web.Request, found: Found) -> str:
    """Say in a sentence what this node knows; empty where that is nothing."""
    kinds = {str(kind): number for kind, number in found.kinds.items()}
    counts = say_counts(
        Counts(
            offers=kinds.get("offer", 0),
            needs=kinds.get("need", 0),
            organisations=kinds.get("organisation", 0),
        )
    )
    if not counts:
        return ""
    publishers = len(request.app[NODE].ports.store.publishers())
    said = ngettext(
        "%(counts)s, published by one organisation that signs what it says.",
        "%(counts)s, published by %(number)s organisations that sign what they say.",
        publishers,
    )
    return said % {"counts": counts, "number": f"{publishers:,}"}
