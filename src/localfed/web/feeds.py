"""Feeds: a search that a feed reader follows, newest first.

Here: `/feed.atom`. Not here: XML (`interop.atom`), what is found (`app.search`).

What counts as new is `assured`, when a person last said that a record is right: it is set when a record is written or
changed, while `updated` changes whenever its node signs it again. The index knows it and gives the newest of all that is
found. 50 are on a page.
"""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict

from localfed.app.search import Result
from localfed.interop.atom import MEDIA_TYPE, Category, Entry, Feed, Link, Words, write_feed
from localfed.protocol.errors import BadQuery
from localfed.protocol.times import write_time
from localfed.web.answers import ASK_AGAIN, answer_bytes, hash_tag, headers_of
from localfed.web.asked import Asked
from localfed.web.cards import Origin, Reader, make_origin, reader_of
from localfed.web.heads import feed_of
from localfed.web.languages import Said
from localfed.web.node import NODE
from localfed.web.particulars import category_labels
from localfed.web.translating import _, spoken
from localfed.web.views import origin_of, page_of, read_shown, source_of
from localfed.web.whole_search import find_newest, read_whole

_PER_PAGE: Final = 50
_PAGES: Final = 20
_HEADERS: Final = headers_of(MEDIA_TYPE, ASK_AGAIN)
_HTML: Final = "text/html"


async def show_feed(request: web.Request) -> web.Response:
    """Answer with the newest results of a search.

    Raises:
        BadQuery: the search, or the page of the feed, cannot be understood.

    """
    reader = reader_of(request)
    asked = read_whole(request)
    number = _read_page(request.query.get("page", "1"))
    skip = (number - 1) * _PER_PAGE
    shown, total = await find_newest(request, asked, reader, skip=skip, limit=_PER_PAGE)
    last = max((total - 1) // _PER_PAGE + 1, 1)
    body = write_feed(_make_feed(request, asked, reader, shown, number=number, last=last))
    return answer_in_language(request, body, _HEADERS)


def answer_in_language(
    request: web.Request, body: bytes, headers: CIMultiDict[str]
) -> web.Response:
    """Answer with a file whose texts were chosen for the reader, and say so to caches."""
    answer = answer_bytes(request, body, hash_tag(body), headers)
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    return answer


def _read_page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= _PAGES):  # noqa: PLR2004
        message = f"page of a feed is a number from 1 to {_PAGES}; a feed has no cursor"
        raise BadQuery(message)
    return int(text)


def _make_feed(
    request: web.Request,
    asked: Asked,
    reader: Reader,
    shown: list[tuple[str, Result]],
    *,
    number: int,
    last: int,
) -> Feed:
    node = request.app[NODE]
    root, feed = origin_of(node.url), feed_of(asked.href())
    origins: dict[str, Origin] = {}
    entries = []
    for assured, one in shown:
        origin = origins.get(one.publisher.did)
        if origin is None:
            origin = origins[one.publisher.did] = make_origin(request, one.publisher, reader)
        entry = _make_entry(one, origin, reader, root=root, assured=assured)
        if entry is not None:
            entries.append(entry)
    newest = max((entry.updated for entry in entries), default="")
    return Feed(
        id=root + feed,
        title=Words(_title(node.name, asked), spoken()),
        subtitle=Words(_("The newest results of this search"), spoken()),
        # Of an empty one: the day, so that it stays the same for that long.
        updated=newest or write_time(reader.now.replace(hour=0, minute=0, second=0)),
        author=Words(node.name, node.language),
        author_url=f"{root}/",
        links=(
            *_pages(root + feed, number, last),
            Link(rel="alternate", href=root + asked.href(), type=_HTML),
        ),
        entries=tuple(entries),
        icon=f"{root}/static/icon.svg",
    )


def _title(name: str, asked: Asked) -> str:
    if asked.q:
        return _("{name}: new for “{words}”").format(name=name, words=asked.q[:200])
    return _("{name}: what is new").format(name=name)


def _pages(feed: str, number: int, last: int) -> list[Link]:
    """Name this page of the feed and those beside it (RFC 5005 section 3)."""

    def page(rel: str, at: int) -> Link:
        joint = "&" if "?" in feed else "?"
        return Link(rel=rel, href=feed if at == 1 else f"{feed}{joint}page={at}", type=_ATOM)

    links = [page("self", number), page("first", 1)]
    if number > 1:
        links.append(page("previous", min(number - 1, last)))
    if number < last:
        links.append(page("next", number + 1))
    return links


_ATOM: Final = "application/atom+xml"


def _make_entry(
    one: Result, origin: Origin, reader: Reader, *, root: str, assured: str
) -> Entry | None:
    document, record = one.document, read_shown(one.document)
    if record is None:
        return None
    title = reader.choose(record.name, record.language)
    text = reader.choose(record.description, record.language) if record.description else None
    exact = next((at for at in record.location if at.latitude and at.longitude), None)
    return Entry(
        id=document.id,
        title=_words(title),
        summary=_words(text) if text else None,
        updated=assured,
        author=_words(origin.name),
        author_url=root + origin.href,
        links=(
            Link(rel="alternate", href=root + page_of(document.did, document.path), type=_HTML),
            Link(
                rel="via",
                href=source_of(one.publisher, document.path),
                type="application/ld+json",
            ),
        ),
        categories=tuple(
            Category(term=term, label=said.text)
            for term, said in category_labels(record.category, reader)
        ),
        rights=record.license,
        point=(exact.latitude or "", exact.longitude or "") if exact else None,
    )


def _words(said: Said) -> Words:
    return Words(said.text, said.tag)
