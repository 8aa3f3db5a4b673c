"""The index's port: what the use cases need of the search index, as types.

Here: searching it, telling it. Not here: the other ports (`ports`), the values that cross them (`index_values`), the
library that does it (`index`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from localfed.app.index_values import (
    Completion,
    Fold,
    IndexAnswer,
    IndexDocument,
    IndexQuery,
    Key,
)


class Index(Protocol):
    """The search index. One process writes it at a time; many read."""

    def search(self, query: IndexQuery) -> IndexAnswer:
        """Answer a search."""
        ...

    def count(self, query: IndexQuery) -> int:
        """Say how much a search would find, whatever its `limit`: less work than `search`.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def complete(self, query: IndexQuery) -> Completion:
        """Say how a search may go on whose last word may be half typed: at most `limit` of each.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def rarity(self, stems: Iterable[str]) -> dict[str, float]:
        """Weigh stems by how few documents have them: about 1 for what two of them have, less for what many have.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def running_out(self, moment: int, limit: int) -> list[tuple[str, str]]:
        """Name (DID, path) of what is only known to be open or not until before a moment.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def fold_of(self, did: str, path: str) -> Fold | None:
        """Say with which entries one is folded; None where it stands alone, or is not here.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def folds(self) -> dict[Key, Fold]:
        """Say of every entry that is folded with others with which.

        Raises:
            IndexBroken: it cannot be read.

        """
        ...

    def folded_until(self) -> int:
        """Return when entries have to be folded anew, in seconds since 1970; 0 for at once."""
        ...

    def position(self) -> int:
        """Return how far the store's log is in the index, as readers see it; 0 for nothing."""
        ...

    def try_to_write(self) -> bool:
        """Become the writer; False where another process is. Stays so until `close`."""
        ...

    def apply(
        self,
        puts: Sequence[IndexDocument],
        deletes: Sequence[Key],
        position: int,
        folded_until: int | None = None,
    ) -> None:
        """Add, replace and delete (DID, path); then commit, visible to readers, with the position.

        Args: `folded_until` None leaves that as it was.

        Raises:
            IndexBroken: it cannot be written.

        """
        ...

    def reset(self) -> None:
        """Empty it, for a rebuild from position 0."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
