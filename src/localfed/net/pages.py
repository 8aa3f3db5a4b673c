"""Reading the two hints that lie on other people's sites: localfed.json, and a page's `link` tags.

Here: bytes in, addresses out; nothing is fetched and nothing believed. Not here: asking (`discover`).
Spec: 08-following (LF-DISC). The only remote HTML that LocalFed ever parses: the first 64 KiB of the
page that an operator typed, for `link` tags in its head.
"""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser
from typing import Final

import msgspec

from localfed.protocol.errors import NotANode

HINT_ORGANISATIONS: Final = 100
"""Organisations of one hint that are looked at: more are followed one by one."""

PAGE_LINKS: Final = 10
"""Link tags of one page that are looked at."""

RELATION: Final = "localfed"
MAJOR: Final = "1"

# What may stand in a head; anything else begins the body (HTML, 13.2.6.4.4).
_HEAD_TAGS: Final = frozenset(
    {"html", "head", "title", "meta", "link", "base", "script", "style", "noscript", "template"}
)


class HintedOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that a hint names; both values as they stand there, unchecked."""

    did: str
    base: str


class _Versions(msgspec.Struct, frozen=True, kw_only=True):
    versions: tuple[str, ...] = ()


class _Hint(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of localfed.json; unknown members are passed over."""

    localfed: _Versions
    organizations: tuple[msgspec.Raw, ...] = ()


_hint: Final = msgspec.json.Decoder(_Hint)
_organisation: Final = msgspec.json.Decoder(HintedOrganisation)


def read_hint(data: bytes) -> tuple[HintedOrganisation, ...] | None:
    """Read localfed.json, in any spelling of JSON; None where it is not one.

    A single entry that cannot be read is passed over.

    Raises:
        NotANode: it is one, of a node that speaks no version that we do.

    """
    try:
        hint = _hint.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # RecursionError: msgspec meets depth with it, in members that it passes over as well.
        return None
    if not any(version.partition(".")[0] == MAJOR for version in hint.localfed.versions):
        raise NotANode("that node speaks another major version of LocalFed")
    found = []
    for raw in hint.organizations[:HINT_ORGANISATIONS]:
        try:
            found.append(_organisation.decode(raw))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
    return tuple(found)


def find_links(page: bytes) -> tuple[str, ...]:
    """Return what `<link rel="localfed" href="…">` in the head of a page names, as written there."""
    head = _Head()
    # AssertionError is how html.parser meets some broken declarations; what came before them counts.
    with suppress(AssertionError):
        head.feed(page.decode("utf-8", errors="replace"))
    return tuple(head.found[:PAGE_LINKS])


class _Head(HTMLParser):
    """Collects link tags up to the end of the head."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_over = False
        self._is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag; the first that cannot stand in a head ends it."""
        if tag not in _HEAD_TAGS:
            self._is_over = True
        elif tag == "title":
            # In a title a tag is text. html.parser knows that in its newer versions only.
            self._is_in_title = True
        if tag != "link" or self._is_over or self._is_in_title:
            return
        values = dict(reversed(attrs))  # of an attribute given twice the first counts
        if RELATION in (values.get("rel") or "").lower().split() and values.get("href"):
            self.found.append((values["href"] or "").strip())

    def handle_endtag(self, tag: str) -> None:
        """The end of the head is the end of what counts."""
        if tag == "head":
            self._is_over = True
        elif tag == "title":
            self._is_in_title = False
