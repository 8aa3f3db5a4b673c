"""Which URLs this node asks for: one narrow form, checked before anything is looked up.

Here: the form of a URL, of a host name, and of a redirect's target. Not here: which addresses a name
may have (`addresses`), the socket that is checked once more (`dial`).
Spec: 08-following (LF-FETCH). Source: RFC 3986; WHATWG URL for what other readers take for an
address; RFC 6761, 6762, 7686, 8375 and 9476 for names that are no public ones.

A URL is matched as a whole against a pattern instead of being parsed leniently: most ways into a
private network begin with two parsers that disagree on where the host ends.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final
from urllib.parse import urljoin

import msgspec

from localfed.net.addresses import Zone, may_connect
from localfed.protocol import limits
from localfed.protocol.errors import ForbiddenAddress

HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
PUBLIC_PORTS: Final = frozenset({HTTPS_PORT})
"""The port of https. Others lead to services that never expected HTTP; an operator may add some."""

# `[` and `]` only around an IPv6 literal; `@` only in path and query. No space, quote, control,
# backslash, `<>`, `^`, grave accent, braces or bar anywhere; a percent sign only before two hex digits.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:\?(?P<query>(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*))?"
)
_VISIBLE: Final = re.compile(r"[!-~]+")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# What the WHATWG URL standard, and so every browser and many resolvers, reads as an IPv4 address:
# a last label that is a number, in decimal, octal or hexadecimal.
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST_CHARACTERS: Final = 253
_PORT_MAX: Final = 65_535
_LOOPBACK_NAME: Final = "localhost"

SPECIAL_NAMES: Final[dict[str, str]] = {
    "localhost": "this machine (RFC 6761)",
    "local": "the local network by multicast (RFC 6762)",
    "internal": "private use (ICANN, 2024); names of cloud metadata services",
    "home.arpa": "a home network (RFC 8375)",
    "onion": "never looked up in the DNS (RFC 7686)",
    "alt": "never looked up in the DNS (RFC 9476)",
}
"""Endings of host names that are not of the public internet, and why."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that was checked: where a request may go."""

    url: str
    """In the one form that is sent: host in lower case, no default port, no fragment."""
    scheme: str
    host: str
    """A name in lower-case A-labels; in development also a loopback address, without brackets."""
    port: int
    zone: Zone

    @property
    def shown(self) -> str:
        """How people are told of it: the host, with the port where it is unusual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"


def check_url(url: str, *, allow_loopback: bool, ports: AbstractSet[int] = PUBLIC_PORTS) -> Target:
    """Read a URL that this node may ask for. A fragment is cut off: it is never sent.

    Raises:
        ForbiddenAddress: another scheme or port, a user name, a name that is not a public one, an
            address instead of a name, or a character that no URL of ours has.

    """
    if len(url) > limits.URL_CHARACTERS:
        raise ForbiddenAddress(f"a URL has at most {limits.URL_CHARACTERS} characters")
    if not _VISIBLE.fullmatch(url):
        raise ForbiddenAddress("a URL has only visible ASCII characters", detail=ascii(url))
    match = _URL.fullmatch(url.partition("#")[0])
    if match is None:
        raise ForbiddenAddress("not a plain https URL of host and path", detail=ascii(url))
    host = match["host"].lower()
    scheme = match["scheme"]
    port = int(match["port"] or (HTTPS_PORT if scheme == "https" else HTTP_PORT))
    zone = _check_host(host, allow_loopback=allow_loopback)
    if zone is Zone.PUBLIC:
        if scheme != "https":
            raise ForbiddenAddress("only https is used", detail=ascii(url))
        if port not in ports:
            raise ForbiddenAddress(f"port {port} is not used", detail=ascii(url))
    elif not 0 < port <= _PORT_MAX:
        raise ForbiddenAddress("no such port", detail=ascii(url))
    written = "" if port == (HTTPS_PORT if scheme == "https" else HTTP_PORT) else f":{port}"
    query = f"?{match['query']}" if match["query"] else ""
    return Target(
        url=f"{scheme}://{host}{written}{match['path'] or '/'}{query}",
        scheme=scheme,
        host=host.strip("[]"),
        port=port,
        zone=zone,
    )


def check_redirect(
    source: Target, location: str, *, allow_loopback: bool, ports: AbstractSet[int] = PUBLIC_PORTS
) -> Target:
    """Read the `Location` of a redirect: checked like any URL, and never a step down.

    Raises:
        ForbiddenAddress: a target that `check_url` refuses; from https to http; from the public
            internet to this machine, whatever is allowed in development.

    """
    target = check_url(join_url(source.url, location), allow_loopback=allow_loopback, ports=ports)
    if source.scheme == "https" and target.scheme != "https":
        raise ForbiddenAddress("a redirect leads from https to http", detail=ascii(location))
    if source.zone is Zone.PUBLIC and target.zone is not Zone.PUBLIC:
        raise ForbiddenAddress("a redirect leads to this machine", detail=ascii(location))
    return target


def join_url(base: str, reference: str) -> str:
    """Resolve a reference that somebody else wrote against a URL.

    Raises:
        ForbiddenAddress: it is empty, too long, has odd characters or is no reference at all.

    """
    # Before urljoin, which silently drops tabs, line feeds and leading controls: "java\nscript:".
    if not _VISIBLE.fullmatch(reference) or len(reference) > limits.URL_CHARACTERS:
        raise ForbiddenAddress("not a reference to a URL", detail=ascii(reference[:200]))
    try:
        return urljoin(base, reference)
    except ValueError as error:  # such as "Invalid IPv6 URL"
        raise ForbiddenAddress("not a reference to a URL", detail=ascii(reference)) from error


def _check_host(host: str, *, allow_loopback: bool) -> Zone:
    """Say to which zone a host belongs."""
    if host == _LOOPBACK_NAME or host.startswith("[") or _NUMBER.fullmatch(_last_label(host)):
        if allow_loopback and _is_loopback(host):
            return Zone.LOOPBACK
        raise ForbiddenAddress(
            "a host is named by its public name, not by an address", detail=ascii(host)
        )
    labels = host.split(".")
    if (
        len(host) > _HOST_CHARACTERS
        or len(labels) == 1
        or not all(_LABEL.fullmatch(label) for label in labels)
    ):
        raise ForbiddenAddress("the host is not a full domain name", detail=ascii(host))
    for name in (labels[-1], ".".join(labels[-2:])):
        if name in SPECIAL_NAMES:
            raise ForbiddenAddress(
                "the host is not of the public internet", detail=f"{host}: {SPECIAL_NAMES[name]}"
            )
    return Zone.PUBLIC


def _last_label(host: str) -> str:
    # A trailing dot would hide the number before it (`127.0.0.1.`), so it is looked past here; as
    # an empty label it is refused with the rest.
    return host.rstrip(".").rpartition(".")[2]


def _is_loopback(host: str) -> bool:
    return host == _LOOPBACK_NAME or may_connect(host.strip("[]"), Zone.LOOPBACK)
