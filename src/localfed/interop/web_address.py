"""Web addresses as people type them, made into URLs of the protocol's form or left out.

Here: mending what is clear (no scheme, capital letters, other alphabets, two addresses in one field).
Not here: fetching anything; no address is ever tried. Spec: 05-documents (LF-FORM).
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Final

from localfed.interop.records import EMAIL
from localfed.interop.text_values import Cell, is_placeholder
from localfed.protocol import limits

WEB_ADDRESS: Final = re.compile(
    r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?([/?#][!#-;=?-\[\]_a-z~]*)?"
)
"""The addresses that need no mending: a subset of the protocol's form, with a host name."""

_BARE: Final = re.compile(
    r"(?:[^\W_]|[^\W_][\w-]{0,61}[^\W_])(?:\.(?:[^\W_]|[^\W_][\w-]{0,61}[^\W_])){0,8}"
    r"\.[^\W\d_]{2,24}\.?(?::[0-9]{1,5})?(?:[/?#]\S*)?"
)
_SCHEME: Final = re.compile(r"(?:www\.)?(https?)(?:[:;]/{0,3}|[:;]?//)(?=[^/])", re.IGNORECASE)
_OTHER_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9])")
_APART: Final = re.compile(r"[\s;|]+|,\s+|\s*[<>]\s*")
_CONNECTING: Final = frozenset(
    {"and", "or", "und", "oder", "et", "ou", "y", "e", "i", "&", "/", "-"}
)
_SAFE: Final = "!#$%&'()*+,-./:;=?@[]_~"


def web_address(cell: Cell) -> str | None:
    """Read one field as a web address; what is wrong is reported, None means left out."""
    text = cell.raw.strip()
    if WEB_ADDRESS.fullmatch(text) and len(text) <= limits.URL_CHARACTERS:
        return text
    if not text or is_placeholder(text):
        return None
    if EMAIL.fullmatch(text) or text.lower().startswith("mailto:"):
        cell.leave_out_personal("email")
        return None
    parts = [part for part in _APART.split(text) if part]
    first = _read_one(parts[0]) if parts else "not-a-url"
    rest = parts[1:]
    if not first.startswith("http"):
        cell.leave_out(first)
        return None
    if any(not _goes_with_an_address(part) for part in rest):
        # A sentence, or an address broken by a space: the first part may lead elsewhere.
        cell.leave_out("not-a-url")
        return None
    if len(first) > limits.URL_CHARACTERS:
        cell.leave_out("too-long")
        return None
    if any(EMAIL.search(part) for part in rest):
        cell.leave_out_personal("email")
    elif rest:
        cell.mend("several-urls")
    elif first.lower() != text.lower():
        cell.mend("mended-url")
    return first


def looks_like_address(text: str) -> bool:
    """Whether a value is meant as a web address, for guessing columns."""
    stripped = text.strip()
    return bool(WEB_ADDRESS.match(stripped.lower()) or _BARE.fullmatch(stripped))


def host_of(text: str) -> str:
    """The host of an http address, empty where there is none."""
    scheme = _SCHEME.match(text.strip())
    rest = text.strip()[scheme.end() :] if scheme else ""
    return re.split(r"[/?#:]", rest, maxsplit=1)[0].lower()


def _read_one(text: str) -> str:
    """The address of one word, or the code of a report, which never starts with http."""
    scheme = _SCHEME.match(text)
    if scheme:
        name, rest = scheme[1].lower(), text[scheme.end() :]
    elif _OTHER_SCHEME.match(text):
        return "not-a-url" if text.lower().startswith("http") else "scheme"
    else:
        name, rest = "http", text
    host, tail = _split_host(rest)
    if "@" in host:
        return "has-user-name"
    if not _BARE.fullmatch(host.lower()):
        return "not-a-url"
    if not host.isascii():
        import idna  # tables of a megabyte, for few addresses

        port = host.partition(":")[2]
        try:
            host = idna.encode(host.partition(":")[0], uts46=True).decode("ascii")
        except idna.IDNAError:
            return "not-a-url"
        host = f"{host}:{port}" if port else host
    address = f"{name}://{host.lower()}{urllib.parse.quote(tail, safe=_SAFE, errors='replace')}"
    return address if WEB_ADDRESS.fullmatch(address) else "not-a-url"


def _split_host(rest: str) -> tuple[str, str]:
    cut = re.search(r"[/?#\\]", rest)
    if cut is None:
        return rest.rstrip("."), ""
    return rest[: cut.start()].rstrip("."), rest[cut.start() :]


def _goes_with_an_address(part: str) -> bool:
    """Whether what follows an address is a second one, a handle or a word between the two."""
    return (
        part.lower() in _CONNECTING
        or part.startswith("@")
        or bool(EMAIL.fullmatch(part))
        or _read_one(part).startswith("http")
    )
