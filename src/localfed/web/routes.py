"""The table of routes: every address that a node answers, and who answers it.

Here: the table and the application made from it. Not here: handlers (`files`, `api`, `pages`).
docs/openapi.json describes each of them; a test compares the two.
"""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from aiohttp import hdrs, web

from localfed.web import (
    about,
    api,
    api_exchanges,
    api_partners,
    api_pictures,
    api_places,
    api_search,
    api_suggest,
    api_ties,
    api_vocabulary,
    calendars,
    embedding,
    enquiring,
    feeds,
    files,
    inbox,
    mapping,
    matching,
    mirror_files,
    oembed,
    pages,
    pictures,
    reporting,
    results,
    site_map,
    snippets,
    static_files,
    ties,
    vendored,
    widget,
)
from localfed.web.book import BOOK, Book
from localfed.web.enquiring import EACH, FORMS, TOGETHER, VISITORS
from localfed.web.errors import Handler, answer_expectation, answer_other_methods, answering
from localfed.web.form_tokens import FormTokens
from localfed.web.inbox import AT_ONCE, LINE, THROTTLE, WAITING
from localfed.web.node import DIRECTORY, NODE, Directory, Node
from localfed.web.throttle import Line, Throttle
from localfed.web.views import TALLY, Tally
from localfed.web.webs import WEBS, Webs
from localfed.web.whole_search import TURN

__all__ = ["ROUTES", "Node", "Route", "make_app"]

_REQUEST_BYTES: Final = 65_536
"""The largest body that aiohttp reads by itself; the inbox reads its own, within its own bounds."""


class Route(NamedTuple):
    """One line of the table."""

    method: str
    path: str
    handler: Handler


# Only a true SCID: an organisation that is hosted at /documents/ keeps its files.
_SCID: Final = "{scid:[1-9A-HJ-NP-Za-km-z]{46}}"

# Pages of the node itself, or so many of those of an organisation.
_PART: Final = "{part:[0-9A-Za-z-]+}"

# With a line feed too, which `%0a` is when routes are compared: what no route takes aiohttp answers by itself.
_ANYTHING: Final = r"[\s\S]"

ROUTES: Final[tuple[Route, ...]] = (
    # Pages for people.
    Route("GET", "/", results.show_search),
    Route("GET", "/about", about.show_about),
    Route("GET", "/organisations", pages.show_organisations),
    Route("GET", f"/organisations/{_SCID}", pages.show_organisation),
    Route("GET", "/ties", ties.show_ties),
    Route("GET", f"/documents/{_SCID}/{{path:.+}}.ics", calendars.show_record),
    Route("GET", f"/documents/{_SCID}/{{path:.+}}", pages.show_document),
    # What visitors write to publishers; the page behind a link in a mail.
    Route("GET", f"/enquiries/{_SCID}/{{path:.+}}", enquiring.show_form),
    Route("POST", f"/enquiries/{_SCID}/{{path:.+}}", enquiring.take_form),
    Route("GET", "/withdraw/{secret:[A-Za-z0-9_-]{43}}", enquiring.show_withdrawal),
    Route("POST", "/withdraw/{secret:[A-Za-z0-9_-]{43}}", enquiring.take_withdrawal),
    Route("GET", "/report", reporting.show_report),
    Route("GET", "/report.csv", reporting.show_csv),
    # The same for feed readers, calendars and search engines.
    Route("GET", "/feed.atom", feeds.show_feed),
    Route("GET", "/calendar.ics", calendars.show_search),
    Route("GET", "/robots.txt", site_map.show_robots),
    Route("GET", "/sitemap.xml", site_map.show_index),
    Route("GET", f"/sitemap/{_PART}.xml", site_map.show_part),
    Route("GET", "/static/{name}", static_files.show_static),
    Route("GET", "/static/vendor/{name}", vendored.show_vendored),
    Route("GET", "/map.pmtiles", vendored.show_map_file),
    # The directory inside other people's pages.
    Route("GET", "/widget.js", widget.show_entry),
    Route("GET", "/widget/versions.json", widget.list_versions),
    Route("GET", "/widget/{name:[a-z0-9_]+[.]js}", widget.show_module),
    Route("GET", "/widget/{version:[0-9A-Za-z.+]+}/{name}", widget.show_joined),
    # The same in frames on pages of others, and how to get it there.
    Route("GET", "/embed", embedding.show_search),
    Route("GET", f"/embed/organisations/{_SCID}", embedding.show_organisation),
    Route("GET", f"/embed/documents/{_SCID}/{{path:.+}}", embedding.show_document),
    Route("GET", "/embed/make", snippets.show_maker),
    Route("GET", "/embed.js", static_files.show_static),
    Route("GET", "/favicon.ico", static_files.show_static),
    Route("GET", "/oembed", oembed.answer_oembed),
    # Our own copies of pictures.
    Route("GET", "/media/{name}", pictures.serve_copy),
    # The API for programs.
    Route("GET", "/api/v1/search", api_search.search),
    Route("GET", "/api/v1/vocabulary", api_vocabulary.show_vocabulary),
    Route("GET", "/api/v1/map", mapping.show_map),
    Route("GET", "/api/v1/suggest", api_suggest.suggest_words),
    Route("GET", "/api/v1/places", api_places.suggest),
    Route("GET", "/api/v1/matches", matching.list_matches),
    Route("GET", "/api/v1/pictures", api_pictures.list_pictures),
    Route("GET", "/api/v1/organisations", api.list_organisations),
    Route("GET", f"/api/v1/organisations/{_SCID}", api.show_organisation),
    Route("GET", "/api/v1/documents", api.find_document),
    Route("GET", f"/api/v1/documents/{_SCID}/{{path:.+}}", api.show_document),
    Route("GET", "/api/v1/partnerships", api_partners.list_partnerships),
    Route("GET", "/api/v1/promotions", api_partners.list_promotions),
    Route("GET", "/api/v1/mentors", api_partners.list_mentors),
    Route("GET", "/api/v1/ties", api_ties.list_ties),
    Route("GET", f"/api/v1/identities/{_SCID}", api.show_identity),
    Route("GET", "/api/v1/exchanges", api_exchanges.list_exchanges),
    Route("GET", "/api/v1/report", api_exchanges.show_report),
    Route("GET", "/api/v1/status", api.show_status),
    Route("GET", "/api/v1/openapi.json", api.show_description),
    Route("POST", "/api/v1/enquiries", enquiring.take_post),
    # The files of the protocol, of an organisation at the root of its host ...
    Route("GET", "/.well-known/localfed.json", files.serve_hint),
    Route("GET", "/.well-known/did.jsonl", files.serve_file),
    Route("GET", "/did.jsonl", files.serve_file),
    Route("GET", "/head.json", files.serve_file),
    Route("GET", "/org.json", files.serve_file),
    Route("GET", "/contact.json", files.serve_file),
    Route("GET", "/d/{name}", files.serve_record),
    Route("GET", "/p/{name}", files.serve_file),
    Route("GET", "/m/{name}", files.serve_file),
    Route("GET", "/feed/{name}", files.serve_file),
    Route("GET", "/snapshot/{name}", files.serve_file),
    Route("GET", "/bundle.jsonl", files.serve_file),
    # Those of others, which this node mirrors.
    Route("GET", "/mirror/{path:.+}", mirror_files.serve_mirror),
    # What others post; programs do, so no browser is told that it may.
    Route("POST", "/inbox", inbox.take_post),
    Route("POST", "/{base:.+}/inbox", inbox.take_post),
    # ... and of one at a path.
    Route("GET", f"/{{file:{_ANYTHING}+}}", pages.show_below),
)


def make_app(node: Node) -> web.Application:
    """Make the web application of a node."""
    app = web.Application(client_max_size=_REQUEST_BYTES)
    app[NODE] = node
    app[DIRECTORY] = Directory(node.ports.store)
    app[TALLY] = Tally(node.ports.store)
    app[WEBS] = Webs(node)
    app[BOOK] = Book(node.ports.store, node.ports.gazetteer)
    app[THROTTLE] = Throttle(proxies=node.trusted_proxies)
    app[VISITORS] = Throttle(proxies=node.trusted_proxies, each=EACH, together=TOGETHER)
    app[FORMS] = FormTokens()
    app[TURN] = asyncio.Semaphore(1)
    app[matching.MATCHING] = asyncio.Semaphore(1)
    app[LINE] = Line(at_once=AT_ONCE, waiting=WAITING)
    app[mapping.QUEUE] = Line(at_once=mapping.AT_ONCE, waiting=mapping.WAITING)
    for route in ROUTES:
        handler = answering(route.handler)
        if route.method == hdrs.METH_POST:
            app.router.add_post(route.path, handler, expect_handler=answer_expectation)
        else:
            # add_get answers HEAD as well.
            app.router.add_get(route.path, handler, expect_handler=answer_expectation)
    # Last: GET and HEAD of anything are answered above.
    app.router.add_route(
        "*",
        f"/{{anything:{_ANYTHING}*}}",
        answering(answer_other_methods),
        expect_handler=answer_expectation,
    )
    return app
