"""Atom as a strict reader reads it: what RFC 4287 asks for is there, and no text is anything but text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from localfed.interop.atom import Category, Entry, Feed, Link, Words, write_feed

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = (
    "]]><script>alert(1)</script>",
    '"><entry/>',
    "&amp;&#0;&bad;",
    "a\x00b\x0bc\x1b",
    "\ud800",
    "\ufffe\uffff",
    "a\r\nb",
    "\u202eevil\u2066",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "<?xml-stylesheet href='x'?>",
)


def feed_with(text="Veg box"):
    words = Words(text, "en")
    link = Link(rel="alternate", href="https://kitchen.example/?q=a&near=1,2", type="text/html")
    entry = Entry(
        id="did:webvh:abc:kitchen.example/d/a.json",
        title=words,
        summary=words,
        updated="2026-05-01T09:00:00Z",
        author=words,
        author_url="https://kitchen.example/",
        links=(link,),
        categories=(Category(term=text, label=text),),
        rights=text,
        point=("54.6", "-2.3"),
    )
    return Feed(
        id="https://kitchen.example/feed.atom",
        title=words,
        subtitle=words,
        updated="2026-05-01T09:00:00Z",
        author=words,
        author_url="https://kitchen.example/",
        links=(link,),
        entries=(entry,),
    )


def parse(body):
    return ElementTree.fromstring(body)  # noqa: S314 - our own


def shape(body):
    """Elements and names of attributes, in order."""
    return [(one.tag, sorted(one.attrib)) for one in parse(body).iter()]


def test_a_feed_has_what_readers_ask_for():
    root = parse(write_feed(feed_with()))

    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author", "link"):
        assert root.find(f"{ATOM}{name}") is not None
    entry = root.find(f"{ATOM}entry")
    for name in ("id", "title", "updated", "author", "link", "summary"):
        assert entry.find(f"{ATOM}{name}") is not None
    assert entry.find("{http://www.georss.org/georss}point").text == "54.6 -2.3"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    body = write_feed(feed_with(text))

    assert shape(body) == shape(write_feed(feed_with()))
    assert b"<script" not in body
    assert b"DOCTYPE" not in body.replace(b"&lt;!DOCTYPE", b"")


def test_titles_are_plain_text_and_say_their_language():
    root = parse(write_feed(feed_with("<b>Veg</b>")))

    title = root.find(f"{ATOM}entry/{ATOM}title")
    assert title.text == "<b>Veg</b>"
    assert title.attrib["type"] == "text"
    assert title.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "en"
