"""The site map, and what robots are asked: which pages are here, for search engines.

Here: `/sitemap.xml` with its parts, `/robots.txt`. Not here: what pages say to search engines (`linked_data`).

Only pages of organisations hosted here are in it: of what others publish, the one address is at its publisher, and
their own site map has it. A node with several hosts answers at each with what is published there.
Source: sitemaps.org protocol 0.9 (50,000 addresses and 50 MiB in a file), RFC 9309 (robots).
"""

from __future__ import annotations

import asyncio
import re
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import hdrs, web

from localfed.app.values import Publisher
from localfed.protocol.errors import UnknownPage
from localfed.protocol.times import write_time
from localfed.web.answers import A_DAY, ASK_AGAIN, answer_bytes, hash_tag, headers_of
from localfed.web.node import DIRECTORY, NODE
from localfed.web.views import is_hidden, origin_of, page_of

ADDRESSES_MAX: Final = 50_000
"""Of one file, by the protocol of site maps: about 8 MB here."""

_PART: Final = re.compile(r"(?P<scid>[1-9A-HJ-NP-Za-km-z]{46})-(?P<number>[1-9][0-9]{0,3})")
_PIECE: Final = 2_000
"""Rows at a time: others are answered between."""

_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML: Final = headers_of("application/xml; charset=utf-8", ASK_AGAIN)
_TEXT: Final = headers_of("text/plain; charset=utf-8", A_DAY)
_FIXED: Final = ("/", "/organisations", "/about", "/ties", "/report")

# With an asterisk: some parsers read "/?" as "/", which is everything.
_ROBOTS: Final = """\
# Pages are to be found. Searches are endless, and what they find has pages of its own.
User-agent: *
Allow: /?lang=
Disallow: /?*
Disallow: /api/
Disallow: /calendar.ics
Disallow: /embed
Disallow: /enquiries/
Disallow: /feed.atom
Disallow: /mirror/
Disallow: /oembed
Disallow: /report?*
Disallow: /ties?*
Disallow: /withdraw/

Sitemap: {root}/sitemap.xml
"""


async def show_robots(request: web.Request) -> web.Response:
    """Answer with what robots are asked."""
    body = _ROBOTS.format(root=_root_of(request)).encode()
    return answer_bytes(request, body, hash_tag(body), _TEXT)


async def show_index(request: web.Request) -> web.Response:
    """Answer with the parts of the site map."""
    root, reads = _root_of(request), request.app[NODE].ports.store
    tag = _tag(request, root)
    if _is_held(request, tag):
        return answer_bytes(request, b"", tag, _XML)
    parts = [f"<sitemap><loc>{root}/sitemap/pages.xml</loc></sitemap>"]
    moment = write_time(request.app[NODE].ports.clock.now())
    for publisher in _publishers(request, root):
        count, newest = reads.count_pages(publisher.did, moment)
        parts.extend(
            f"<sitemap><loc>{root}/sitemap/{publisher.scid}-{number}.xml</loc>"
            f"<lastmod>{newest}</lastmod></sitemap>"
            for number in range(1, -(-count // ADDRESSES_MAX) + 1)
        )
        await asyncio.sleep(0)
    return _answer(request, "sitemapindex", parts[:ADDRESSES_MAX], tag)


async def show_part(request: web.Request) -> web.Response:
    """Answer with one part: pages of the node itself, or of one organisation hosted here.

    Raises:
        UnknownPage, UnknownOrganisation: there is no such part.

    """
    root, name = _root_of(request), request.match_info["part"]
    tag = _tag(request, root)
    if name == "pages":
        if root != origin_of(request.app[NODE].url):
            return _answer(request, "urlset", [_entry(f"{root}/")], tag)
        return _answer(request, "urlset", [_entry(root + path) for path in _FIXED], tag)
    named = _PART.fullmatch(name)
    if named is None:
        raise UnknownPage("the site map has no such part")
    publisher = request.app[DIRECTORY].with_scid(named["scid"])
    number = int(named["number"])
    if not _is_here(request, publisher, root):
        raise UnknownPage("no pages of that organisation are in the site map here")
    if _is_held(request, tag):
        return answer_bytes(request, b"", tag, _XML)
    lines = await _lines(request, publisher, root, number)
    if not lines:
        raise UnknownPage("the site map has no such part")
    return _answer(request, "urlset", lines, tag)


async def _lines(request: web.Request, publisher: Publisher, root: str, number: int) -> list[str]:
    """Write the addresses of one part, reading no document."""
    reads = request.app[NODE].ports.store
    moment = write_time(request.app[NODE].ports.clock.now())
    lines: list[str] = []
    skip, after = (number - 1) * ADDRESSES_MAX, ""
    while len(lines) < ADDRESSES_MAX:
        limit = min(_PIECE, ADDRESSES_MAX - len(lines))
        rows = reads.pages(publisher.did, moment, after=after, skip=skip, limit=limit)
        for path, updated in rows:
            lines.append(_entry(root + page_of(publisher.did, path), updated))
        if len(rows) < limit:
            break
        after, skip = rows[-1][0], 0
        await asyncio.sleep(0)
    return lines


def _root_of(request: web.Request) -> str:
    """Name scheme and host that are asked: one of those that this node has, else its own.

    Links are never made from a Host header; it only chooses between them.
    """
    node = request.app[NODE]
    said = request.host.lower()
    for publisher in node.ports.store.publishers(hosted=True):
        root = origin_of(publisher.base)
        if root.partition("://")[2] == said:
            return root
    return origin_of(node.url)


def _publishers(request: web.Request, root: str) -> list[Publisher]:
    return [
        one
        for one in request.app[NODE].ports.store.publishers(hosted=True)
        if _is_here(request, one, root)
    ]


def _is_here(request: web.Request, publisher: Publisher, root: str) -> bool:
    return (
        publisher.is_hosted
        and publisher.is_shown
        and origin_of(publisher.base) == root
        and not is_hidden(publisher, request.app[NODE].ports.clock.now())
    )


def _tag(request: web.Request, root: str) -> str:
    """Name what the map is made of: what was written here, and the hour, in which some of it may end."""
    node = request.app[NODE]
    hour = write_time(node.ports.clock.now())[:13]
    made_of = f"{node.version} {root} {request.path} {node.ports.store.log_position()} {hour}"
    return hash_tag(made_of.encode())


def _is_held(request: web.Request, tag: str) -> bool:
    return f'"{tag}"' in request.headers.get(hdrs.IF_NONE_MATCH, "")


def _entry(url: str, updated: str = "") -> str:
    # Addresses of ours hold no character that XML would read; escaped all the same.
    lastmod = f"<lastmod>{updated}</lastmod>" if updated else ""
    return f"<url><loc>{escape(url)}</loc>{lastmod}</url>"


def _answer(request: web.Request, element: str, lines: list[str], tag: str) -> web.Response:
    whole = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{element} xmlns="{_NAMESPACE}">',
        *lines,
        f"</{element}>",
        "",
    ]
    return answer_bytes(request, "\n".join(whole).encode(), tag, _XML)
