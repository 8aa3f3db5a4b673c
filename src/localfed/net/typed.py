"""Reading an address as an operator types it: `grocer.example`, `https://läden.example/grün`.

Here: from what was typed to a URL of the guard's form. Not here: asking (`discover`).
Spec: 08-following (LF-DISC). People leave out the scheme and paste fragments, and write names in their
own letters; that is forgiven. What could mean two different places is not.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final
from urllib.parse import quote

import idna

from localfed.net.guard import PUBLIC_PORTS, Target, check_url
from localfed.protocol import limits
from localfed.protocol.errors import BadUrl, LoopbackNotAllowed

_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)")
_PARTS: Final = re.compile(
    r"(?P<host>\[[^\]/?#]*\]|[^:/?#\[\]]*)(?P<port>:[0-9]*)?(?P<rest>[/?#].*)?"
)
_LOOPBACK: Final = re.compile(r"localhost|127(\.[0-9]+){3}|\[::1\]", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
# Everything that a URL may hold stays as it is; only other letters are written as percent signs.
_KEPT: Final = "!#$%&'()*+,/:;=?@[]~"


def read_typed(
    text: str, *, allow_loopback: bool, ports: AbstractSet[int] = PUBLIC_PORTS
) -> Target:
    """Read a URL that a person typed; `https://` is assumed.

    Raises:
        BadUrl: not a web address, or one that needs another spelling; the message says which.
        LoopbackNotAllowed: this machine's own address, without the operator's word.
        ForbiddenAddress: an address that this node never connects to.

    """
    text = text.strip()
    if not text or len(text) > limits.URL_CHARACTERS or _UNSEEN.search(text):
        raise BadUrl("give the web address of a node, such as https://grocer.example")
    if text.lower().startswith("did:"):
        raise BadUrl("give the web address of the node instead of a DID; its page shows it")
    written = _SCHEME.fullmatch(text)
    match = _PARTS.fullmatch(written["rest"] if written else text)
    if match is None or not match["host"]:
        raise BadUrl(f"{text[:80]!a} is not a web address such as https://grocer.example")
    host = match["host"]
    if "@" in host:
        raise BadUrl("leave out the user name before the @: nodes are public")
    ascii_host = _to_ascii(host)
    is_loopback = _LOOPBACK.fullmatch(ascii_host) is not None
    scheme = written["scheme"].lower() if written else ("http" if is_loopback else "https")
    if is_loopback and not allow_loopback:
        raise LoopbackNotAllowed(f"{host} is this machine's own address")
    if scheme not in {"http", "https"}:
        raise BadUrl(f"a node has an https:// address, not {scheme}://")
    if scheme == "http" and not is_loopback:
        raise BadUrl(f"nodes are followed over https only: try https://{host}")
    rest = quote((match["rest"] or "/").partition("#")[0], safe=_KEPT)
    return check_url(
        f"{scheme}://{ascii_host}{match['port'] or ''}{rest}",
        allow_loopback=allow_loopback,
        ports=ports,
    )


def _to_ascii(host: str) -> str:
    """Write a host name in A-labels.

    Raises:
        BadUrl: it is none.

    """
    if host.isascii():
        return host
    try:
        # UTS 46 turns full-width digits and the ideographic full stop into ASCII.
        ascii_host = idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise BadUrl(f"{host[:80]!a} is not a domain name", detail=str(error)[:200]) from error
    if _LOOPBACK.fullmatch(ascii_host):  # nobody writes it so who means well
        raise BadUrl(f"{host[:80]!a} is not a domain name")
    return ascii_host
