"""Atom: a search as a feed that feed readers follow.

Here: the values of a feed and its XML. Not here: what was found and when it counts as new (`web.feeds`).
Source: RFC 4287 (Atom), RFC 5005 section 3 (paged feeds), GeoRSS Simple. Written by the XML writer of the standard
library, which escapes; feedgen brings lxml for what is forty lines.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

import msgspec

from localfed.interop.outgoing_text import clean, clean_line

MEDIA_TYPE: Final = "application/atom+xml; charset=utf-8"

_ATOM: Final = "http://www.w3.org/2005/Atom"
_GEORSS: Final = "http://www.georss.org/georss"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

register_namespace("", _ATOM)
register_namespace("georss", _GEORSS)


class Words(msgspec.Struct, frozen=True):
    """A text and its language: a BCP 47 tag, or empty where it is not known."""

    text: str
    lang: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Where something else is."""

    rel: str
    href: str
    type: str


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One category: as its publisher wrote it, and as it is shown."""

    term: str
    label: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One result."""

    id: str
    """An IRI that never changes: the id of the document, a DID URL."""
    title: Words
    summary: Words | None
    updated: str
    """A time of the wire."""
    author: Words
    author_url: str
    links: tuple[Link, ...]
    categories: tuple[Category, ...] = ()
    rights: str = ""
    point: tuple[str, str] | None = None
    """Latitude and longitude in degrees."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed, or one page of it."""

    id: str
    title: Words
    subtitle: Words
    updated: str
    author: Words
    author_url: str
    links: tuple[Link, ...]
    entries: tuple[Entry, ...]
    icon: str = ""


def write_feed(feed: Feed) -> bytes:
    """Write a feed as XML in UTF-8. Whatever is in its texts stays text."""
    root = Element(_name("feed"))
    if feed.title.lang:
        root.set(_LANG, feed.title.lang)
    _add(root, "id", feed.id)
    _add_words(root, "title", feed.title)
    _add_words(root, "subtitle", feed.subtitle)
    _add(root, "updated", feed.updated)
    _add_author(root, feed.author, feed.author_url)
    _add_links(root, feed.links)
    if feed.icon:
        _add(root, "icon", feed.icon)
    generator = SubElement(root, _name("generator"))
    generator.text = "LocalFed"
    for entry in feed.entries:
        _add_entry(root, entry)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add_entry(root: Element, entry: Entry) -> None:
    element = SubElement(root, _name("entry"))
    _add(element, "id", entry.id)
    _add_words(element, "title", entry.title)
    _add(element, "updated", entry.updated)
    _add_author(element, entry.author, entry.author_url)
    _add_links(element, entry.links)
    for category in entry.categories:
        SubElement(
            element,
            _name("category"),
            term=clean_line(category.term),
            label=clean_line(category.label),
        )
    if entry.summary is not None:
        _add_words(element, "summary", entry.summary)
    if entry.rights:
        _add(element, "rights", entry.rights)
    if entry.point is not None:
        SubElement(element, f"{{{_GEORSS}}}point").text = " ".join(entry.point)


def _name(local: str) -> str:
    return f"{{{_ATOM}}}{local}"


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, _name(name)).text = clean_line(text)


def _add_words(parent: Element, name: str, words: Words) -> None:
    # Plain text (RFC 4287 3.1.1.1), never HTML: there is no markup that a reader could run.
    element = SubElement(parent, _name(name), type="text")
    element.set(_LANG, words.lang)
    element.text = clean(words.text)


def _add_author(parent: Element, name: Words, url: str) -> None:
    author = SubElement(parent, _name("author"))
    _add(author, "name", name.text)
    _add(author, "uri", url)


def _add_links(parent: Element, links: tuple[Link, ...]) -> None:
    for link in links:
        SubElement(parent, _name("link"), rel=link.rel, href=link.href, type=link.type)
