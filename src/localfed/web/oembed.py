"""oEmbed: how a page of this node is embedded, for a program that was given its address.

Here: `/oembed`, for searches, organisations and records of this node. Nothing is ever fetched: an
address that is not of this node is unknown. Not here: what the frame shows (`embedding`).
Source: oEmbed 1.0, section 2.3. The HTML is that which WordPress lets through from a provider that it
does not know: a quotation and a frame, no script (WordPress 4.4 and later, `wp_filter_oembed_result`).
"""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree as ET

import msgspec
from aiohttp import web

from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import BadQuery, Refused, UnknownFormat, UnknownPage
from localfed.web.answers import ASK_AGAIN, JSON, answer_bytes, hash_tag, headers_of
from localfed.web.asked import find_asked
from localfed.web.cards import make_origin, reader_of
from localfed.web.embedding import Look, address_of, find_record, read_framed, say_search
from localfed.web.node import DIRECTORY, NODE
from localfed.web.translating import LANGUAGES, PARAMETER
from localfed.web.views import is_hidden, origin_of, page_of, read_shown

LEAST, MOST = 200, 1_000
"""Pixels of a frame, in both directions: what WordPress lets a frame have."""

_WIDTH: Final = 600
_HEIGHT: Final = 480
_HEIGHT_OF_ONE: Final = 260
_KEPT_SECONDS: Final = 86_400
_XML: Final = "text/xml; charset=utf-8"
_SCID: Final = "[1-9A-HJ-NP-Za-km-z]{46}"
_ORGANISATION: Final = re.compile(rf"/organisations/({_SCID})")
_DOCUMENT: Final = re.compile(rf"/documents/({_SCID})/(.+)", re.DOTALL)
_JSON_HEADERS: Final = headers_of(JSON, ASK_AGAIN)
_XML_HEADERS: Final = headers_of(_XML, ASK_AGAIN)
_FORMATS: Final = ("json", "xml")


class OEmbed(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of oEmbed, of the type `rich`."""

    type: str = "rich"
    version: str = "1.0"
    title: str
    author_name: str | msgspec.UnsetType = msgspec.UNSET
    author_url: str | msgspec.UnsetType = msgspec.UNSET
    provider_name: str
    provider_url: str
    cache_age: int = _KEPT_SECONDS
    html: str
    width: int
    height: int


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an address stands for."""

    title: str
    page: str
    """Where it is for people, from the root."""
    frame: str
    """Where it is for frames, from the root."""
    height: int
    author: str = ""
    author_page: str = ""


async def answer_oembed(request: web.Request) -> web.Response:
    """Answer how a page of this node is embedded.

    Raises:
        BadQuery: no address, or a size that is no number.
        UnknownPage: the address is not of a search, an organisation or a record of this node.
        UnknownFormat: neither JSON nor XML.

    """
    form = request.query.get("format", "json").strip() or "json"
    if form not in _FORMATS:
        message = f"oEmbed is answered as {' or '.join(_FORMATS)}"
        raise UnknownFormat(message)
    url = request.query.get("url", "").strip()
    if not url:
        message = "url is missing: the address of a page of this node"
        raise BadQuery(message)
    width = _size(request, "maxwidth", _WIDTH)
    target = _target_of(request, url)
    height = min(target.height, _size(request, "maxheight", MOST))
    body = _write(_describe(request, target, width, height), form)
    headers = _JSON_HEADERS if form == "json" else _XML_HEADERS
    return answer_bytes(request, body, hash_tag(body), headers)


def _describe(request: web.Request, target: Target, width: int, height: int) -> OEmbed:
    node = request.app[NODE]
    root = origin_of(node.url)
    unset = msgspec.UNSET
    return OEmbed(
        title=target.title,
        author_name=target.author or unset,
        author_url=root + target.author_page if target.author_page else unset,
        provider_name=node.name,
        provider_url=f"{root}/",
        html=_html(root, target, width, height),
        width=width,
        height=height,
    )


def _html(root: str, target: Target, width: int, height: int) -> str:
    """Write the quotation, for where no frame is shown, and the frame."""
    page, frame = escape(root + target.page), escape(root + target.frame)
    title = escape(target.title)
    return (
        f'<blockquote class="wp-embedded-content"><a href="{page}">{title}</a></blockquote>'
        f'<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted" '
        f'src="{frame}" width="{width}" height="{height}" title="{title}" '
        'frameborder="0" marginwidth="0" marginheight="0" scrolling="no"></iframe>'
    )


def _write(answer: OEmbed, form: str) -> bytes:
    if form == "json":
        return msgspec.json.encode(answer)
    root = ET.Element("oembed")
    for name in answer.__struct_fields__:
        value = getattr(answer, name)
        if value is not msgspec.UNSET:
            ET.SubElement(root, name).text = _legal(str(value))
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _legal(text: str) -> str:
    """Leave out what no XML document may hold, however it is written (XML 1.0, 2.2)."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _size(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        message = f"{name} is a number of pixels"
        raise BadQuery(message)
    most = int(text) if len(text) <= len(str(MOST)) else MOST
    return max(LEAST, min(most, default if name == "maxwidth" else MOST))


# --- which page an address is of -------------------------------------------------------------


def _target_of(request: web.Request, url: str) -> Target:
    try:
        parts = urlsplit(url)
        path = unquote(parts.path, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        message = "url is not the address of a page"
        raise UnknownPage(message) from error
    if parts.scheme not in {"http", "https"} or not _is_ours(request, parts.netloc):
        message = "url is not the address of a page of this node"
        raise UnknownPage(message)
    try:
        target = _find_target(request, parts.netloc, path or "/", parts.query)
    except Refused as error:
        raise UnknownPage(error.message) from error
    if target is None:
        message = "only searches, organisations and records can be embedded"
        raise UnknownPage(message)
    return target


def _is_ours(request: web.Request, netloc: str) -> bool:
    """Whether an address is of this node: its own, or of an organisation that it hosts."""
    node = request.app[NODE]
    hosts = {urlsplit(node.url).netloc}
    hosts |= {urlsplit(one.base).netloc for one in node.ports.store.publishers(hosted=True)}
    return netloc.lower() in hosts


def _find_target(request: web.Request, netloc: str, path: str, query: str) -> Target | None:
    node = request.app[NODE]
    if match := _ORGANISATION.fullmatch(path):
        return _organisation(request, match[1])
    if match := _DOCUMENT.fullmatch(path):
        return _document(request, match[1], match[2])
    if path == "/":
        return _search(request, query)
    for one in node.ports.store.publishers(hosted=True):
        base = urlsplit(one.base)
        if (netloc.lower(), path.rstrip("/")) == (base.netloc, base.path.rstrip("/")):
            return _organisation(request, one.scid)
    return None


def _search(request: web.Request, query: str) -> Target:
    said = dict(parse_qsl(query))
    asked, lang = read_framed(said), said.get(PARAMETER, "")
    find_asked(request, asked, reader_of(request), limit=1)  # what cannot be found cannot be shown
    return Target(
        title=f"{say_search(asked)} · {request.app[NODE].name}",
        page=asked.href(),
        frame=address_of(asked, Look(lang=lang if lang in LANGUAGES else "")),
        height=_HEIGHT,
    )


def _organisation(request: web.Request, scid: str) -> Target:
    publisher, reader = request.app[DIRECTORY].with_scid(scid), reader_of(request)
    if is_hidden(publisher, reader.now):
        message = "that organisation is not shown here any more"
        raise UnknownPage(message)
    page = page_of(publisher.did, ORGANISATION_PATH)
    name = make_origin(request, publisher, reader).name.text
    return Target(title=name, page=page, frame=f"/embed{page}", height=_HEIGHT)


def _document(request: web.Request, scid: str, path: str) -> Target:
    reader = reader_of(request)
    publisher, document = find_record(request, scid, path)
    record, page = read_shown(document), page_of(document.did, document.path)
    assert record is not None
    return Target(
        title=reader.choose(record.name, record.language).text,
        page=page,
        frame=f"/embed{page}",
        height=_HEIGHT_OF_ONE,
        author=make_origin(request, publisher, reader).name.text,
        author_page=page_of(publisher.did, ORGANISATION_PATH),
    )
