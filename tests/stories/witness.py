"""A witness: remembers all that a publisher ever said, and holds what others show against it.

Used by stories in which the line or the publisher lies. Not here: any test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localfed.app.values import DocumentState
from localfed.protocol.digest import digest

if TYPE_CHECKING:
    from federation import Node


class Witness:
    """Sees one publisher's every state; tell it to `look` after each change."""

    def __init__(self, publisher: Node) -> None:
        self.publisher = publisher
        self.listings: dict[str, dict[str, str]] = {}
        """What was live at each chain: path and digest."""
        self._last: dict[str, tuple[int, int, str]] = {}
        self.look()

    def look(self, node: Node | None = None) -> None:
        """Remember what is live now; a copy of the publisher may speak for it as well."""
        node = node or self.publisher
        state = node.publisher(node).state
        assert state is not None
        self.listings[state.chain] = {path: one.digest for path, one in node.live(node).items()}

    def check(self, reader: Node) -> None:
        """Assert that a reader shows nothing wrong and has not gone back (LF-FEED-1, LF-RATCHET-4)."""
        state = reader.publisher(self.publisher).state
        stored = list(reader.store.documents(self.publisher.did))
        if state is None:
            assert stored == []
            return
        listing = self.listings[state.chain]
        assert {one.path: one.digest for one in stored} == listing
        for one in stored:
            if one.state is DocumentState.LIVE:
                assert one.body is not None
                assert digest(one.body) == listing[one.path]
            else:
                assert one.body is None
        now = (state.era, state.seq, state.updated)
        assert now >= self._last.get(reader.host, now)
        self._last[reader.host] = now


def is_same(reader: Node, publisher: Node) -> bool:
    """Whether a reader holds exactly what the publisher publishes, byte for byte."""
    ours = {path: one.body for path, one in reader.live(publisher).items()}
    theirs = {path: one.body for path, one in publisher.live(publisher).items()}
    return ours == theirs and len(ours) > 0
