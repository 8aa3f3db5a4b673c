"""Match notices: the operator of an organisation is told of what fits so well that it is worth telling unasked.

Here: which pairs are told, and that one that fits no longer is taken back. Not here: finding them
(`matching`), showing notices (`notices`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import chain
from typing import Final

from localfed.app import notices
from localfed.app.matching import Match, listings_of, matches_if_live
from localfed.app.message_values import Notice
from localfed.app.names import Names, name_on
from localfed.app.ports import Ports, Reads, Transaction
from localfed.protocol.did import split_id
from localfed.protocol.times import write_time

KIND: Final = "match"

TOLD_AT_ONCE: Final = 20
"""New ones in one round, the best first: more nobody reads."""

_AT_ONCE: Final = 2
"""Listings compared between two looks at whether the node goes on."""

_REST: Final = 9
"""How much longer than it compares it rests: whoever asks the node meanwhile has the processor."""


async def refresh(ports: Ports, did: str, *, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Tell the operator of a hosted organisation of matches that are likely; returns how many are new.

    What was told and fits no longer is taken back. A notice is about the listing of the other. Where `goes_on` says that
    the node ends meanwhile, nothing is changed.

    Raises:
        IndexBroken: the index cannot be read; nothing was changed.

    """
    found = await _likely(ports, did, goes_on)
    if found is None:
        return 0
    now = write_time(ports.clock.now())

    def change(tx: Transaction) -> int:
        told = {one.about for one in tx.notices() if (one.did, one.kind) == (did, KIND)}
        for about in told - found.keys():
            notices.drop(tx, did, KIND, about)
        new = [about for about in found if about not in told][:TOLD_AT_ONCE]
        for about in new:
            text = _say(tx, found[about], about)
            notices.note(tx, Notice(kind=KIND, did=did, about=about, text=text, since=now))
        return len(new)

    return await ports.store.write(change)


async def _likely(ports: Ports, did: str, goes_on: Callable[[], bool]) -> dict[str, Match] | None:
    """Return the best match for each listing of others, likely ones only, best first; None: not all compared."""
    found: dict[str, Match] = {}
    loop = asyncio.get_running_loop()
    own, rest = listings_of(ports, did), 0.0
    for start in range(0, len(own), _AT_ONCE):
        if not goes_on():
            return None
        await asyncio.sleep(rest)
        part = own[start : start + _AT_ONCE]
        # On a thread, a few at a time: an organisation with thousands takes minutes, and a node that is told to
        # end waits for what its threads are at.
        began = loop.time()
        matches = await asyncio.to_thread(_of_part, ports, part)
        for match in matches:
            other = match.offer if match.need.startswith(did + "/") else match.need
            if match.is_confident and (other not in found or found[other].score < match.score):
                found[other] = match
        rest = _REST * (loop.time() - began)
    return dict(sorted(found.items(), key=lambda row: -row[1].score))


def _of_part(ports: Ports, part: list[str]) -> list[Match]:
    return list(chain.from_iterable(matches_if_live(ports, one) for one in part))


def _say(reads: Reads, match: Match, about: str) -> str:
    own = match.need if about == match.offer else match.offer
    is_need = own == match.need
    reasons = "; ".join(one.says for one in match.why if one.fits)
    names = _name(reads, own), _name(reads, about)
    who = Names(reads).of(split_id(about)[0])
    if is_need:
        return f"you need {names[0]!r}; {who} offers {names[1]!r}: {reasons}"
    return f"you offer {names[0]!r}; {who} needs {names[1]!r}: {reasons}"


def _name(reads: Reads, document_id: str) -> str:
    return name_on(reads.document(*split_id(document_id))) or "?"
