"""Embeds: results, an organisation or a record in a frame on somebody else's page.

Here: `/embed` with the parameters of the search, and the same for one organisation and one record;
what the owner of the outer page may choose (`view`, `limit`, `lang`, `theme`). Not here: what is found
(`results`), how a frame's address is made known (`oembed`, `snippets`), the script inside
(`static/frame.js`) and the one outside (`static/embed.js`).

These pages alone may be framed. They work without scripts, cookies, storage, forms and an origin.
Whatever goes wrong is said within the frame: an empty white box tells nobody anything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from aiohttp import hdrs, web

from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadQuery, LocalFedError, UnknownDocument
from localfed.protocol.worded import Worded
from localfed.web.answers import answer_bytes, framed_headers_of, hash_tag
from localfed.web.asked import Asked, find_asked, read_asked
from localfed.web.cards import Card, Reader, make_card, make_origin, reader_of
from localfed.web.languages import Said, uses_miles
from localfed.web.node import DIRECTORY, NODE
from localfed.web.parameters import check_parameters
from localfed.web.rendering import render
from localfed.web.results import make_cards, say_understood
from localfed.web.telling import say_message
from localfed.web.translating import _, ngettext, spoken
from localfed.web.views import TALLY, is_hidden, live_document, read_shown

LIMIT: Final = 10
LIMIT_MAX: Final = 50
"""Of one frame, which has no second page: what is more is one link away."""

_HEADERS: Final = framed_headers_of()
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_SERVER_FAULT: Final = 500
_ORDER: Final = {"Offer": 0, "Need": 1, "Organization": 2}

_Choice = TypeVar("_Choice", bound=StrEnum)

_log = logging.getLogger("localfed.web")


class View(StrEnum):
    """How much of each result a frame shows."""

    LIST = "list"
    CARDS = "cards"
    COMPACT = "compact"


class Theme(StrEnum):
    """The colours of a frame; `auto` as the visitor has set them."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of the outer page chose."""

    view: View = View.LIST
    theme: Theme = Theme.AUTO
    limit: int = LIMIT
    lang: str = ""


LOOKS: Final = frozenset(Look.__struct_fields__)
_SEARCHED: Final = (frozenset(Asked.__struct_fields__) - {"cursor", "view"}) | LOOKS


class Framed(msgspec.Struct, frozen=True, kw_only=True):
    """What a frame shows."""

    title: Said
    """Of the frame, and of the page that it leads to."""
    more: str
    """In words, what is on that page."""
    cards: tuple[Card, ...] = ()
    with_origin: bool = True
    facts: str = ""
    understood: tuple[str, ...] = ()
    """How the search was understood, where that is not as it was written."""
    wrong: Said | None = None
    status: int = 200


def address_of(asked: Asked, look: Look) -> str:
    """Name the frame of a search, from the root of this node."""
    plain, chosen = Look(), msgspec.structs.asdict(look)
    parts = {name: text for name, text in msgspec.structs.asdict(asked).items() if text}
    parts |= {name: str(one) for name, one in chosen.items() if one != getattr(plain, name)}
    return f"/embed?{urlencode(parts)}" if parts else "/embed"


def read_framed(query: Mapping[str, str]) -> Asked:
    """Read what a frame searches for; it has one page, and its view is its own."""
    return msgspec.structs.replace(read_asked(query), cursor="", view="")


def read_look(query: Mapping[str, str]) -> Look:
    """Read what the owner of the outer page chose.

    Raises:
        BadQuery: it is not one of the choices; the message names them.

    """
    lang, limit = query.get("lang", "").strip(), query.get("limit", "").strip()
    if lang and not _TAG.fullmatch(lang):
        raise BadQuery("lang is a language tag, such as en, cy or pt-BR")
    is_number = limit.isascii() and limit.isdigit() and len(limit) <= len(str(LIMIT_MAX))
    if limit and not (is_number and 1 <= int(limit) <= LIMIT_MAX):
        raise BadQuery(Worded("limit is a number from 1 to {most}", most=LIMIT_MAX))
    return Look(
        view=_one_of(View, "view", query),
        theme=_one_of(Theme, "theme", query),
        limit=int(limit) if limit else LIMIT,
        lang=lang,
    )


def say_search(asked: Asked) -> str:
    """Say in words what a search asks for, as the title of its frame."""
    kinds = {"offer": _("Offers"), "need": _("Needs"), "organisation": _("Organisations")}
    parts = [f"“{asked.q}”" if asked.q else "", asked.category, kinds.get(asked.kind, "")]
    if asked.near:
        parts.append(_("near %(place)s") % {"place": asked.near.replace(",", ", ")})
    said = ", ".join(part for part in parts if part)
    return said[:1].upper() + said[1:] if said else _("Find something near you")


async def show_search(request: web.Request) -> web.Response:
    """Answer with what a search finds, for a frame."""
    asked = read_framed(request.query)
    return _answer(request, asked.href(), lambda look: _search(request, asked, look))


async def show_organisation(request: web.Request) -> web.Response:
    """Answer with an organisation and what it publishes, for a frame."""
    scid = request.match_info["scid"]
    href = f"/organisations/{scid}"
    return _answer(request, href, lambda look: _organisation(request, scid, look))


async def show_document(request: web.Request) -> web.Response:
    """Answer with one record, for a frame."""
    scid, path = request.match_info["scid"], request.match_info["path"]
    href = request.rel_url.raw_path.removeprefix("/embed")
    return _answer(request, href, lambda look: _document(request, scid, path, look))


def find_record(request: web.Request, scid: str, path: str) -> tuple[Publisher, StoredDocument]:
    """Find a record that has a page here, by the SCID and path of that page.

    Raises:
        UnknownOrganisation, UnknownDocument, Expired: by name.

    """
    publisher = request.app[DIRECTORY].with_scid(scid)
    document = live_document(request, publisher.did, f"{path}.json")
    if read_shown(document) is None or is_hidden(publisher, request.app[NODE].ports.clock.now()):
        message = "that record is not shown here"
        raise UnknownDocument(message)
    return publisher, document


# --- what is shown ---------------------------------------------------------------------------


def _search(request: web.Request, asked: Asked, look: Look) -> Framed:
    check_parameters(request, _SEARCHED)
    reader = _reader(request, look)
    found = find_asked(request, asked, reader, limit=look.limit)
    cards = make_cards(request, found, reader, has_place=bool(asked.near))
    number = {"number": f"{found.total:,}"}
    more = _("All results (%(number)s)") % number
    facts = ngettext("%(number)s result", "%(number)s results", found.total) % number
    return Framed(
        title=Said(say_search(asked), "und" if asked.q or asked.category else spoken()),
        more=more if found.total else _("Search everything"),
        facts=facts if found.total else _("Nothing was found."),
        understood=say_understood(request, found, asked, reader) if cards else (),
        cards=tuple(cards),
    )


def _organisation(request: web.Request, scid: str, look: Look) -> Framed:
    publisher, reader = request.app[DIRECTORY].with_scid(scid), _reader(request, look)
    if is_hidden(publisher, reader.now):
        message = "that organisation is not shown here any more"
        raise UnknownDocument(message)
    store, origin = request.app[NODE].ports.store, make_origin(request, publisher, reader)
    left_out = {ORGANISATION_PATH, *request.app[TALLY].ended(publisher.did, reader.now)}
    paths = sorted(
        (_ORDER[kind], path)
        for path, kind, __, state in store.rows(publisher.did)
        if kind in _ORDER and state is DocumentState.LIVE and path not in left_out
    )
    documents = (store.document(publisher.did, path) for __, path in paths[: look.limit])
    cards = (make_card(one, origin, reader) for one in documents if one is not None)
    return Framed(
        title=origin.name,
        more=_("More about it"),
        facts=origin.host,
        cards=tuple(card for card in cards if card is not None),
        with_origin=False,
    )


def _document(request: web.Request, scid: str, path: str, look: Look) -> Framed:
    reader = _reader(request, look)
    publisher, document = find_record(request, scid, path)
    card = make_card(document, make_origin(request, publisher, reader), reader)
    if card is None:
        message = "this version does not know how to show that record"
        raise UnknownDocument(message)
    return Framed(title=card.title, more=_("More about it"), cards=(card,))


def _reader(request: web.Request, look: Look) -> Reader:
    reader = reader_of(request)
    if not look.lang:
        return reader
    tag = look.lang.lower()
    return msgspec.structs.replace(
        reader, languages=(tag, *reader.languages), miles=reader.miles or uses_miles((tag,))
    )


# --- the frame -------------------------------------------------------------------------------


def _answer(request: web.Request, href: str, make: Callable[[Look], Framed]) -> web.Response:
    """Answer with a frame, or with what is wrong within one; nothing that is framed answers otherwise."""
    look = Look()
    try:
        look = read_look(request.query)
        framed = make(look)
    except LocalFedError as error:
        if error.status >= _SERVER_FAULT:
            _log.warning("%s: %s %s", error.code, error.message, error.detail)
        framed = Framed(
            title=Said(_("This cannot be shown"), spoken()),
            more=_("Search this node"),
            wrong=say_message(error.wording),
            status=error.status,
        )
        href = "/"
    node = request.app[NODE]
    body = render(
        request, "embed.html", framed=framed, look=look, href=href, host=urlsplit(node.url).netloc
    )
    answer = answer_bytes(request, body, hash_tag(body), _HEADERS)
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    if framed.status != 200:  # noqa: PLR2004 - a 304 stays one
        answer.set_status(framed.status)
    return answer


def _one_of(kind: type[_Choice], name: str, query: Mapping[str, str]) -> _Choice:
    text = query.get(name, "").strip()
    if not text:
        return next(iter(kind))
    try:
        return kind(text)
    except ValueError:
        raise BadQuery(
            Worded("{name} is one of {choices}", name=name, choices=", ".join(kind))
        ) from None
