"""Discovery: from an address that an operator typed to organisations that it may mean.

Here: where to look, in which order, and the form of what is found. Not here: whether it is true; the
identity log of every candidate is checked by who asked (`app.follows`). Spec: 08-following (LF-DISC).

Only on an operator's `follow`, never in the background: this is the one place where another site says
where to connect next. Every step goes through the same guarded door.

The nearest to what was typed wins. An address with a path names one organisation or one page, so its
own folder is tried first, and the list of the whole host only when the page says nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from http import HTTPStatus
from typing import Final

from localfed.app.ports import Fetch
from localfed.app.values import Answer, Candidate, Discovery
from localfed.net.addresses import Zone
from localfed.net.guard import PUBLIC_PORTS, Target, check_url, join_url
from localfed.net.pages import HINT_ORGANISATIONS, find_links, read_hint
from localfed.net.typed import read_typed
from localfed.protocol import limits
from localfed.protocol.did import parse_base, parse_did
from localfed.protocol.errors import (
    BadDid,
    BadUrl,
    ForbiddenAddress,
    LocalFedError,
    LoopbackNotAllowed,
    NotANode,
    UnexpectedAnswer,
    Unreachable,
)

WELL_KNOWN: Final = "/.well-known/localfed.json"
LOG: Final = "did.jsonl"

LINKED_HINTS: Final = 3
"""Hint files on other addresses that one page may lead to."""


class Discoverer:
    """The port `Discover`."""

    def __init__(self, fetch: Fetch, *, ports: AbstractSet[int] = PUBLIC_PORTS) -> None:
        self._fetch = fetch
        self._ports = ports

    async def discover(self, url: str, *, allow_loopback: bool) -> Discovery:
        """Look for organisations at a URL; see the port."""
        return await discover(self._fetch, url, allow_loopback=allow_loopback, ports=self._ports)


async def discover(
    fetch: Fetch, url: str, *, allow_loopback: bool, ports: AbstractSet[int] = PUBLIC_PORTS
) -> Discovery:
    """Look for organisations at a URL that an operator typed.

    Raises:
        BadUrl, LoopbackNotAllowed: what was typed is no address to follow.
        ForbiddenAddress: an address that this node never connects to.
        NoAnswer, TooSlow: the host does not answer.
        NotANode: nothing of LocalFed is there.

    """
    target = read_typed(url, allow_loopback=allow_loopback, ports=ports)
    search = _Search(fetch, target, allow_loopback=allow_loopback, ports=ports)
    if search.base == search.root:
        steps = (search.ask_host, search.ask_folder, search.ask_page)
    else:
        steps = (search.ask_folder, search.ask_page, search.ask_host)
    for step in steps:
        found = await step()
        if found:
            return Discovery(hosts=tuple(search.hosts), candidates=tuple(found))
    raise search.problem or NotANode(f"nothing of LocalFed was found at {target.shown}")


class _Search:
    """One search: what was asked so far, and what went wrong."""

    def __init__(
        self, fetch: Fetch, target: Target, *, allow_loopback: bool, ports: AbstractSet[int]
    ) -> None:
        self._fetch = fetch
        self._target = target
        self._allow_loopback = allow_loopback
        self._ports = ports
        self.root = join_url(target.url, "/")
        self.base = _folder(target.url)
        self.hosts = [target.shown]
        self.problem: LocalFedError | None = None
        """The first thing that went wrong and says more than that nothing is there."""
        self._has_answered = False
        self._asked: set[str] = set()

    async def ask_host(self) -> list[Candidate]:
        """Read the hint of the whole host."""
        return await self._read_hint(join_url(self.root, WELL_KNOWN))

    async def ask_folder(self) -> list[Candidate]:
        """See whether the address itself is the folder of an organisation."""
        base = self._check_base(self.base)
        if base is None:
            return []
        # The first line is enough to know a log from the page that some sites send for any path.
        answer = await self._ask(base + LOG, redirects=0)
        if answer is None or not answer.body.startswith(b"{") or b'"versionId"' not in answer.body:
            return []
        return [Candidate(did=None, base=base)]

    async def ask_page(self) -> list[Candidate]:
        """Read the links of the page: of its header, then of its head."""
        answer = await self._ask(self._target.url, redirects=limits.REDIRECTS)
        if answer is None:
            return []
        links = list(answer.links)
        if "html" in answer.content_type.lower():
            links += await asyncio.to_thread(find_links, answer.body)
        found: list[Candidate] = []
        hints = 0
        for link in links:
            try:
                url = join_url(answer.url, link).partition("#")[0]
            except ForbiddenAddress:
                continue
            if not url.endswith(".json"):
                base = self._check_base(url)
                found += [Candidate(did=None, base=base)] if base else []
            elif hints < LINKED_HINTS and self._is_allowed(url):
                hints += 1
                found += await self._read_hint(url)
        return _once(found)

    async def _read_hint(self, url: str) -> list[Candidate]:
        """Read a hint file; what is in it that is no organisation is passed over."""
        answer = await self._ask(url, redirects=limits.REDIRECTS)
        if answer is None:
            return []
        try:
            entries = read_hint(answer.body) or ()
        except NotANode as error:
            self.problem = self.problem or error
            return []
        found = []
        for entry in entries:
            base = self._check_base(entry.base)
            try:
                did = parse_did(entry.did).text
            except BadDid:
                continue
            if base is not None:
                found.append(Candidate(did=did, base=base))
        return _once(found)

    async def _ask(self, url: str, *, redirects: int) -> Answer | None:
        """Fetch the beginning of a file, once; None where there is none.

        Raises:
            Unreachable: the host that was typed does not answer at all.

        """
        if url in self._asked:
            return None
        self._asked.add(url)
        try:
            answer = await self._fetch.get(
                url,
                limit_bytes=limits.HINT_BYTES,
                allow_loopback=self._allow_loopback,
                redirects=redirects,
                may_be_missing=True,
                may_be_cut=True,
            )
        except UnexpectedAnswer:
            self._has_answered = True
            return None
        except Unreachable as error:
            if not self._has_answered:
                raise
            self.problem = self.problem or error
            return None
        self._has_answered = True
        self.hosts += [host for host in answer.hosts if host not in self.hosts]
        return answer if answer.status == HTTPStatus.OK else None

    def _check_base(self, url: str) -> str | None:
        """Return a BASE that is written in its one form and allowed, else None."""
        try:
            is_plain = parse_base(url, allow_loopback=self._allow_loopback) == url
        except (BadUrl, LoopbackNotAllowed):
            return None
        return url if is_plain and self._is_allowed(url) else None

    def _is_allowed(self, url: str) -> bool:
        try:
            target = check_url(url, allow_loopback=self._allow_loopback, ports=self._ports)
        except ForbiddenAddress:
            return False
        # Development or not: a site of the internet has nothing to say about this machine.
        return self._target.zone is Zone.LOOPBACK or target.zone is Zone.PUBLIC


def _folder(url: str) -> str:
    """Return the folder that an address names: without query, and without the log's own name."""
    plain = url.partition("?")[0].removesuffix(LOG)
    return plain if plain.endswith("/") else plain + "/"


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep the first candidate of each BASE, and not more than anybody would read."""
    by_base: dict[str, Candidate] = {}
    for one in candidates:
        by_base.setdefault(one.base, one)
    return list(by_base.values())[:HINT_ORGANISATIONS]
