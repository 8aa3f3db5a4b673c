"""Snippets: the page that writes the few lines which show this directory on somebody's own website.

Here: `/embed/make`, a form, three snippets for what it says, and the frame itself as a preview. All of it
works without scripts; with them (`static/make.js`) it follows as one types. Not here: what is
embedded (`embedding`, the widget).
"""

from __future__ import annotations

from html import escape
from typing import Final

import msgspec
from aiohttp import hdrs, web

from localfed.protocol.errors import BadCursor, BadQuery
from localfed.web.answers import answer_bytes, framing_headers_of, hash_tag
from localfed.web.asked import Asked, find_asked
from localfed.web.cards import reader_of
from localfed.web.choices import Option, kind_options, radius_options
from localfed.web.embedding import (
    LIMIT,
    Look,
    Theme,
    View,
    address_of,
    read_framed,
    read_look,
    say_search,
)
from localfed.web.languages import Said
from localfed.web.node import NODE
from localfed.web.rendering import render
from localfed.web.telling import say_wrong
from localfed.web.translating import _
from localfed.web.views import origin_of

_HEADERS: Final = framing_headers_of()
_HEIGHT: Final = 480
_ATTRIBUTES: Final = ("q", "near", "radius", "kind", "category", "organisation")
"""Of the widget, which has the names of the search."""
_TEXTS: Final = "texts"
"""The field for a frame's `lang`: that of this page's own address is for this page."""


class Snippets(msgspec.Struct, frozen=True, kw_only=True):
    """The lines for somebody's own page: three ways to the same."""

    widget: str
    frame: str
    link: str
    preview: str
    """The frame's address on this node."""


async def show_maker(request: web.Request) -> web.Response:
    """Answer with the page that writes snippets."""
    asked = read_framed(request.query)
    reader, look = reader_of(request), Look()
    wrong: Said | None = None
    try:
        look = read_look({**request.query, "lang": request.query.get(_TEXTS, "")})
        find_asked(request, asked, reader, limit=1)
    except (BadQuery, BadCursor) as error:
        wrong = say_wrong(error)
    if asked.radius and not asked.near:
        # The form sends one with an empty place; a snippet that holds it would be refused.
        asked = msgspec.structs.replace(asked, radius="")
    body = render(
        request,
        "make.html",
        asked=asked,
        look=look,
        wrong=wrong,
        written_limit=request.query.get("limit", "").strip() or str(LIMIT),
        written_lang=request.query.get(_TEXTS, "").strip(),
        kind_options=kind_options(asked),
        radius_options=radius_options(asked.radius, reader),
        view_options=_view_options(look),
        theme_options=_theme_options(look),
        snippets=None if wrong else write_snippets(request, asked, look),
    )
    answer = answer_bytes(request, body, hash_tag(body), _HEADERS)
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    if wrong:
        answer.set_status(400)
    return answer


def write_snippets(request: web.Request, asked: Asked, look: Look) -> Snippets:
    """Write the three snippets, everything in them escaped for the page that they are put into."""
    node = request.app[NODE]
    root = origin_of(node.url)
    preview = address_of(asked, look)
    title = escape(f"{say_search(asked)} · {node.name}")
    link = f'<a href="{escape(root + asked.href())}">{title}</a>'
    frame = (
        f'<iframe src="{escape(root + preview)}" title="{title}"\n'
        f'  width="100%" height="{_HEIGHT}" loading="lazy"\n'
        '  sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>\n'
        f'<script src="{escape(root)}/embed.js" async></script>'
    )
    widget = (
        f'<script type="module" src="{escape(root)}/widget.js"></script>\n'
        f"<localfed-directory{_attributes(asked, look)}>\n  {link}\n</localfed-directory>"
    )
    return Snippets(widget=widget, frame=frame, link=link, preview=preview)


def _attributes(asked: Asked, look: Look) -> str:
    """Write what was chosen as attributes of the widget."""
    plain, looked = Look(limit=0), msgspec.structs.asdict(look)
    chosen = {name: getattr(asked, name) for name in _ATTRIBUTES}
    chosen |= {name: str(one) for name, one in looked.items() if one != getattr(plain, name)}
    return "".join(f' {name}="{escape(text)}"' for name, text in chosen.items() if text)


def _view_options(look: Look) -> list[Option]:
    labels = {
        View.LIST: _("One below the other"),
        View.CARDS: _("Side by side where there is room"),
        View.COMPACT: _("Names alone"),
    }
    return [Option(value=one, label=labels[one], is_chosen=one is look.view) for one in View]


def _theme_options(look: Look) -> list[Option]:
    labels = {
        Theme.AUTO: _("As each visitor prefers"),
        Theme.LIGHT: _("Always light"),
        Theme.DARK: _("Always dark"),
    }
    return [Option(value=one, label=labels[one], is_chosen=one is look.theme) for one in Theme]
