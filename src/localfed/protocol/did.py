"""DIDs: reading and writing did:webvh names, and the URLs that they stand for.

Here: syntax and the DID-to-HTTPS transformation. Not here: whether a log proves the name (`webvh`),
what else our profile asks of an identity (`profile`).
Spec: 03-identity (LF-DID). Source: did:webvh 1.0, "Method-Specific Identifier" and "The DID to HTTPS
Transformation"; RFC 3986 for paths; IDNA 2008 for hosts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes

import idna
import msgspec

from localfed.protocol import limits
from localfed.protocol.errors import BadDid, BadUrl, LoopbackNotAllowed, OutsideProfile

PREFIX: Final = "did:webvh:"

_SCID: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46}")
_PORT: Final = re.compile(r"(?P<name>.*)%3[Aa](?P<port>[1-9][0-9]{1,4})", re.DOTALL)
_PORT_MAX: Final = 65_535
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# What a browser reads as an IPv4 address: the last label is a number (WHATWG URL, "ends in a number").
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST_CHARACTERS: Final = 253
_LOOPBACK: Final = "localhost"
_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2}|[^\x00-\x9f])+")
_FORBIDDEN_IN_SEGMENT: Final = re.compile(r"[\x00-\x20\x7f-\x9f/\\?#:]")
_PROFILE_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]+")
_BASE: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^/?#@\\\s:]+)(:(?P<port>[0-9]{1,5}))?(?P<path>/.*)?"
)
_HTTPS_PORT: Final = 443
# A DID with this first segment would have the log URL of the host's own DID.
_WELL_KNOWN: Final = ".well-known"


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a did:webvh DID."""

    text: str
    """The DID as written: the only thing that two DIDs are compared by."""
    scid: str
    host: str
    """As written, the port's colon decoded: `example.org`, `localhost:8001`."""
    path: tuple[str, ...]
    """Segments as written; empty for a DID that is a whole host."""

    @property
    def is_loopback(self) -> bool:
        """Whether this is a name for development, which did:webvh itself does not know."""
        return self.host.startswith(f"{_LOOPBACK}:")


@lru_cache(maxsize=4_096)
def parse_did(text: str) -> Did:
    """Read a did:webvh DID, as any did:webvh resolver would.

    Rules: LF-DID-1 to LF-DID-5.

    Raises:
        BadDid: not one; or it has a query, fragment or DID path, names a host by its address, or
            hides a character of its host or a step upwards behind a percent sign.

    """
    if len(text) > limits.DID_CHARACTERS:
        raise BadDid(f"a DID has at most {limits.DID_CHARACTERS} characters")
    if not text.startswith(PREFIX):
        raise BadDid("not a did:webvh DID")
    scid, *rest = text[len(PREFIX) :].split(":")
    if not _SCID.fullmatch(scid):
        raise BadDid("the SCID of a DID has 46 characters of base58")
    if not rest:
        raise BadDid("the DID names no host")
    for segment in rest[1:]:
        _check_segment(segment)
    return Did(text=text, scid=scid, host=_read_host(rest[0]), path=tuple(rest[1:]))


def split_id(document_id: str) -> tuple[str, str]:
    """Split the id of a document, `DID/path`, in its DID and its path.

    Rules: LF-DID-1.

    Raises:
        BadDid: it does not start with a DID, or has no path.

    """
    did, slash, path = document_id.partition("/")
    if not slash or not path:
        raise BadDid("the id of a document is a DID, a slash and a path")
    return parse_did(did).text, path


def log_url(did: Did) -> str:
    """Say where the log of this DID lies. Rules: LF-DID-6."""
    return base_url(did) + ("did.jsonl" if did.path else f"{_WELL_KNOWN}/did.jsonl")


def base_url(did: Did) -> str:
    """Say which folder this DID names: its URL, with a slash at the end. Rules: LF-DID-6."""
    name, _, port = did.host.partition(":")
    host = f"{_to_ascii(name)}:{port}" if port else _to_ascii(name)
    scheme = "http" if did.is_loopback else "https"
    segments = (quote(unquote_to_bytes(segment), safe="~!$&'()*+,;=@") for segment in did.path)
    return "/".join((f"{scheme}://{host}", *segments, ""))


def check_profile_did(did: Did, *, allow_loopback: bool) -> None:
    """Check what our profile asks of a DID on top: one spelling for one place.

    Rules: LF-DID-7 to LF-DID-9.

    Raises:
        OutsideProfile: a host that is not lower-case A-labels, a port, or an unusual path.
        LoopbackNotAllowed: a name for development, without the operator's word.

    """
    if did.is_loopback:
        if "%3A" not in did.text:
            raise OutsideProfile("the colon of a port is written %3A")
        if not allow_loopback:
            raise LoopbackNotAllowed("the identity lives on this machine's own address")
    elif ":" in did.host:
        raise OutsideProfile("the host of an identity has no port")
    elif not _is_profile_host(did.host):
        raise OutsideProfile("the host of an identity is written in lower-case A-labels")
    if not _are_profile_segments(did.path):
        raise OutsideProfile("a path of an identity has only letters, digits, dot, _ and -")


def parse_base(base: str, *, allow_loopback: bool) -> str:
    """Read the address of a folder that a person gave and write it in its one form.

    A missing slash at the end is added, a Unicode host becomes A-labels, the default port goes.
    Rules: LF-DID-10.

    Raises:
        BadUrl: not `https://host/` or `https://host/a/b/` with a plain host and path.
        LoopbackNotAllowed: `http://localhost:PORT/` without the operator's word.

    """
    return base_url(_base_did("1" * 46, base, allow_loopback=allow_loopback))


def did_text(scid: str, base: str, *, allow_loopback: bool) -> str:
    """Write the DID of the folder at a URL; `scid` may be the placeholder of a log being made.

    Rules: LF-DID-7 to LF-DID-10.

    Raises:
        BadUrl, LoopbackNotAllowed: as `parse_base`.

    """
    did = _base_did("1" * 46, base, allow_loopback=allow_loopback)
    return ":".join((f"{PREFIX}{scid}", did.host.replace(":", "%3A"), *did.path))


def is_base_of(base: str, did: Did) -> bool:
    """Whether this URL is a folder on the host of the DID, in its one form. Rules: LF-ID-16."""
    root = base_url(Did(text=did.text, scid=did.scid, host=did.host, path=()))
    rest = base.removeprefix(root)
    if not base.startswith(root) or not base.endswith("/"):
        return False
    return not rest or _are_profile_segments(tuple(rest[:-1].split("/")))


def _read_host(text: str) -> str:
    """Read the domain part of a DID: two labels or more, never an address (LF-DID-2 to LF-DID-4)."""
    match = _PORT.fullmatch(text)
    name, port = (match["name"], match["port"]) if match else (text, "")
    if port and int(port) > _PORT_MAX:
        raise BadDid("the DID names a port that does not exist")
    # Another percent sign could hide an address or a fragment: 127%2E0%2E0%2E1.
    if "%" in name:
        raise BadDid("in the host of a DID only the colon of a port is percent-encoded")
    if not (name == _LOOPBACK and port):
        labels = _to_ascii(name).split(".")
        if len(labels) == 1:
            raise BadDid("the host of a DID is a full domain name")
        # LF-DID-3.
        if _NUMBER.fullmatch(labels[-1]):
            raise BadDid("the host of a DID is a name, not an address")
    return f"{name}:{port}" if port else name


def _to_ascii(name: str) -> str:
    """Write a host name in lower-case A-labels."""
    if name.isascii():
        ascii_name = name.lower()
    else:
        try:
            # UTS 46 first, as did:webvh asks for: full-width digits become digits *before* the look
            # for addresses.
            ascii_name = idna.encode(name, uts46=True).decode()
        except UnicodeError as error:
            raise BadDid("the host of the DID is not a domain name", detail=str(error)) from error
    if len(ascii_name) > _HOST_CHARACTERS or not all(
        _LABEL.fullmatch(label) for label in ascii_name.split(".")
    ):
        raise BadDid("the host of the DID is not a domain name")
    return ascii_name


def _check_segment(segment: str) -> None:
    """Refuse path segments that are empty, step upwards or hide a separator (LF-DID-5)."""
    if not _SEGMENT.fullmatch(segment):
        raise BadDid("a path segment of the DID is empty or has a character that it may not have")
    try:
        plain = unquote_to_bytes(segment).decode()
    except UnicodeError as error:
        raise BadDid("a path segment of the DID is not UTF-8") from error
    if plain in {".", ".."} or _FORBIDDEN_IN_SEGMENT.search(plain):
        raise BadDid("a path segment of the DID leads somewhere else")


def _is_profile_host(host: str) -> bool:
    if host != host.lower() or not host.isascii():
        return False
    if "xn--" not in host:
        return True
    try:
        return idna.encode(idna.decode(host)).decode() == host
    except UnicodeError:
        return False


def _are_profile_segments(segments: tuple[str, ...]) -> bool:
    """Whether a path is as plain as the profile wants it (LF-DID-8)."""
    return segments[:1] != (_WELL_KNOWN,) and all(
        _PROFILE_SEGMENT.fullmatch(segment) and segment not in {".", ".."} for segment in segments
    )


def _base_did(scid: str, base: str, *, allow_loopback: bool) -> Did:
    """Read a BASE URL as the DID that names it."""
    match = _BASE.fullmatch(base)
    if match is None:
        raise BadUrl(f"{base[:80]!a} is not a URL such as https://grocer.example/")
    port = int(match["port"]) if match["port"] else None
    is_loopback = match["host"].lower() == _LOOPBACK and port is not None
    if is_loopback != (match["scheme"] == "http"):
        raise BadUrl("a node has an https URL (http only for localhost with a port)")
    if not is_loopback and port not in {None, _HTTPS_PORT}:
        raise BadUrl("a node is reached at the https port, 443")
    try:
        host = f"{_LOOPBACK}%3A{port}" if is_loopback else _to_ascii(match["host"])
        path = (match["path"] or "/").removesuffix("/").split("/")[1:]
        did = parse_did(":".join((f"{PREFIX}{scid}", host, *path)))
        if did.path != tuple(path):  # a colon in a URL's path would part two segments of the DID
            raise BadUrl("the path of a node's URL has no colon")
        check_profile_did(did, allow_loopback=allow_loopback)
    except (BadDid, OutsideProfile) as error:
        raise BadUrl(error.message, detail=error.detail) from error
    return did
