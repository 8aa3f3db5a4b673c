"""What handlers are given: the node they speak for, and who lies at which address of it.

Here: the values in the application's typed keys. Not here: routes (`routes`), answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from localfed.app.ports import Ports, Reads
from localfed.app.query_reading import read_scid
from localfed.app.values import Publisher
from localfed.protocol.errors import Rejected, UnknownOrganisation
from localfed.protocol.identity import read_identity
from localfed.web.ground import PLAIN, Ground

_EVER: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""For reading a log that was accepted already: none of its times is too early."""

_REFRESH_SECONDS: Final = 1.0
"""A path or name that is not known asks the disk at most this often, whatever strangers send."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A node, as its web pages and files show it."""

    ports: Ports
    name: str
    """What people call it."""
    url: str
    """Where it is, ending in `/`: canonical links are made from it, never from a Host header."""
    language: str
    """BCP 47 tag of the organisation that runs it."""
    bundle_path: Callable[[str], Path | None]
    """Where bundle.jsonl of a hosted DID lies, if it was written."""
    version: str
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of the operator's own proxies: what they say of the way is believed."""
    passes_on: bool = True
    """Whether what visitors ask of publishers elsewhere goes to their nodes."""
    ground: Ground = PLAIN
    """What lies under the points of its maps."""
    widget_versions: Mapping[str, dict[str, bytes]] = msgspec.field(default_factory=dict)
    """Files of the versions of the widget that this node ever served, by version and name."""


class Directory:
    """Who is here, by the addresses that requests name: BASE path and SCID.

    An organisation that moved is at every BASE that it ever had: there its followers learn of it
    (LF-WRITE-11).

    Commands host and follow organisations while the node runs, so what is not found is looked up
    anew: when the store's log went on, or once a second.
    """

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._hosted: dict[str, list[tuple[str, str]]] = {}
        self._dids: dict[str, str] = {}
        self._names: set[str] = set()
        self._bases: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self._position = -1
        self._read_at = 0.0

    def hosted_at(self, path: str, request: web.Request) -> str | None:
        """Return the DID of the organisation whose BASE has this path, ending in `/`.

        The host that the request says may be a proxy's: it only decides where it is one of ours.
        """
        found = self._hosted.get(path)
        if found is None and self._refresh():
            found = self._hosted.get(path)
        if not found:
            return None
        said = request.host.lower()
        names = (said, said.partition(":")[0])
        for name in names:
            did = next((did for place, did in found if place == name), None)
            if did is not None:
                return did
        # A name that nobody here has is the proxy's; one that somebody has is not to be taken for another's.
        is_anothers = any(name in self._names for name in names)
        return None if is_anothers or len(found) > 1 else found[0][1]

    def with_scid(self, scid: str) -> Publisher:
        """Return a publisher by the SCID of its DID.

        Raises:
            UnknownOrganisation: nobody of that name is hosted or followed here.

        """
        did = self.did_of(scid)
        publisher = self._reads.publisher(did) if did else None
        if publisher is None or not publisher.is_shown:
            message = "this node neither hosts nor follows that organisation"
            raise UnknownOrganisation(message)
        return publisher

    def named(self, parameter: str, which: str) -> Publisher:
        """Return the publisher that a parameter names, by its SCID or DID.

        Raises:
            BadQuery: it is neither.
            UnknownOrganisation: nobody of that name is hosted or followed here.

        """
        return self.with_scid(read_scid(parameter, which))

    def did_of(self, scid: str) -> str | None:
        """Return the DID of whoever is known by this SCID, hidden ones too."""
        did = self._dids.get(scid)
        if did is None and self._refresh():
            did = self._dids.get(scid)
        return did

    def _refresh(self) -> bool:
        """Read the publishers again if something may have changed; returns whether it did."""
        position, now = self._reads.log_position(), time.monotonic()
        if position == self._position and now - self._read_at < _REFRESH_SECONDS:
            return False
        self._position, self._read_at = position, now
        hosted: dict[str, list[tuple[str, str]]] = {}
        dids: dict[str, str] = {}
        names: set[str] = set()
        for one in self._reads.publishers():
            dids[one.scid] = one.did
            if one.is_hosted:
                for base in self._bases_of(one):
                    parts = urlsplit(base)
                    places = hosted.setdefault(parts.path, [])
                    names.add(parts.netloc)
                    # Who lives there now comes before who lived there once, who is open before who is closed.
                    places.insert(
                        0 if base == one.base and not one.is_closed else len(places),
                        (parts.netloc, one.did),
                    )
        self._hosted, self._dids, self._names = hosted, dids, names
        return True

    def _bases_of(self, publisher: Publisher) -> tuple[str, ...]:
        """Return every BASE of a hosted organisation, read from its log when that has changed."""
        held = self._bases.get(publisher.did)
        if held is None or held[0] != publisher.log:
            try:
                bases = read_identity(publisher.log, now=_EVER, allow_loopback=True).bases
            except Rejected:
                bases = (publisher.base,)  # a damaged log of one hides nobody else
            held = (publisher.log, tuple(dict.fromkeys(bases)))
            self._bases[publisher.did] = held
        return held[1]


NODE: Final = web.AppKey("NODE", Node)
DIRECTORY: Final = web.AppKey("DIRECTORY", Directory)
