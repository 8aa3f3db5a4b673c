"""Names: what a person calls an organisation or a thing, and the address by which commands know whom is meant.

Here: one of several languages, the name of an organisation, its address as it can be typed back. Not here: finding
by these (`others`, `organisations`), what reads are compared by (`plain_names`).
"""

from __future__ import annotations

from collections.abc import Mapping

from localfed.app.ports import Reads
from localfed.app.values import DocumentState, StoredDocument
from localfed.protocol.canonical import JsonObject, parse_object
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import Rejected


def choose(
    texts: Mapping[str, str], wanted: tuple[str, ...], original: str | None
) -> tuple[str, str]:
    """Choose from a language map: what is wanted (tags in small letters), else the original, else the first.

    Returns the text and the tag of its language.
    """
    for tag in wanted:
        part = tag
        while part:  # en-GB-oxendict, en-GB, en
            for lang, text in texts.items():
                low = lang.lower()
                if low == part or low.startswith(part + "-"):
                    return text, lang
            part = part.rpartition("-")[0]
    lang = original if original is not None and original in texts else next(iter(texts))
    return texts[lang], lang


def name_in(value: JsonObject, wanted: tuple[str, ...] = ()) -> str:
    """Return the name in a document that was read; empty where it has none."""
    names, original = value.get("name"), value.get("language")
    if not isinstance(names, dict) or not names:
        return ""
    texts = {lang: str(text) for lang, text in names.items()}
    return choose(texts, wanted, original if isinstance(original, str) else None)[0]


def name_on(document: StoredDocument | None, wanted: tuple[str, ...] = ()) -> str:
    """Return the name of a stored document; empty where it has none, is not live, or a bad disk made it unreadable."""
    if document is None or not document.body or document.state is not DocumentState.LIVE:
        return ""
    try:
        return name_in(parse_object(document.body), wanted)
    except Rejected:
        return ""


class Names:
    """Says whom a person deals with: the name, and what can be typed back."""

    def __init__(self, reads: Reads, wanted: tuple[str, ...] = ()) -> None:
        """Take what is known here, and the languages that are wanted, the best first."""
        self._reads, self._wanted = reads, wanted

    def of(self, did: str) -> str:
        """Return the name and the address of an organisation; its DID where it is not known here."""
        address = self.address_of(did)
        name = name_on(self._reads.document(did, ORGANISATION_PATH), self._wanted)
        return f"{name} ({address})" if name else address

    def is_known(self, did: str) -> bool:
        """Whether anything of an organisation is here."""
        return self._reads.publisher(did) is not None

    def address_of(self, did: str) -> str:
        """Return the address of an organisation as it can be typed back; its DID where it is not known here."""
        publisher = self._reads.publisher(did)
        if publisher is None:
            return did
        return self.address(did, publisher.host, publisher.base)

    def address(self, did: str, host: str, base: str) -> str:
        """Return what can be typed back: the host, or the whole URL where another is known at that host."""
        there = self._reads.publishers(removed=None, host=host)
        return host if all(one.did == did for one in there) else base
