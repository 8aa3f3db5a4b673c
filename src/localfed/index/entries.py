"""Entries: what is read of documents and of counts once it is known which.

Here: hits as the ports know them, labels of what was counted. Not here: which documents (`snapshot`).
"""

from __future__ import annotations

from tantivy import DocAddress, Searcher

from localfed.app.index_values import OPEN_NOW, Facet, Facets, Fold, Hit, Key
from localfed.app.values import Point
from localfed.index import fields
from localfed.index.asking import Asking
from localfed.index.cells import HAS_ONLINE, Centre
from localfed.index.counting import VALUES
from localfed.index.few import Outcome
from localfed.index.places import look_closer, read_places
from localfed.index.profiles import Profiles
from localfed.index.scoring import Ranked


class Entries:
    """The entries of one commit."""

    def __init__(self, searcher: Searcher, asking: Asking, profiles: Profiles) -> None:
        self._searcher = searcher
        self._asking = asking
        self._profiles = profiles

    def hit(self, ranked: Ranked, near: Point | None) -> Hit:
        """Read a result."""
        score, _, address, km = ranked
        document = self._searcher.doc(address)
        ((did, path),) = fields.read_keys(document, fields.KEY)
        behind = fields.read_keys(document, fields.OTHERS)
        covers = False
        if near is None:
            km = None
        elif km is not None and km <= 0.0:
            # What comes there counts as there, and what is online as near; people are told how far it is.
            (place,) = read_places(self._searcher, [address])
            centre = Centre(near)
            (km,) = centre.measure([place])
            if place >= HAS_ONLINE:
                ((km, covers),) = look_closer(self._searcher, centre, [address], [(place, km)])
        return Hit(
            did=did, path=path, score=0.0 - score, km=km, covers=covers, behind=tuple(behind)
        )

    def key(self, address: DocAddress) -> tuple[str, str]:
        """Read the DID and the path of a document."""
        did, _, path = fields.read_bytes(self._searcher, address, fields.KEY).partition("/")
        return did, path

    def facets(self, outcome: Outcome) -> Facets:
        """Name what was counted."""
        facets: Facets = {
            str(facet): {self._label(facet, number): count for number, count in counts[:VALUES]}
            for facet, counts in outcome.counted.items()
        }
        facets[str(Facet.OPEN)] = {OPEN_NOW: outcome.open_now} if outcome.open_now else {}
        return facets

    def fold_of(self, key: Key) -> Fold | None:
        """Say with which entries one is folded; None where it stands alone, or is not here."""
        number = fields.number_of(*key)
        if not self._searcher.doc_freq(fields.ID, number):
            return None
        asked = self._asking.term(fields.ID, number)
        for _, address in self._searcher.search(asked, 1, count=False).hits:
            document = self._searcher.doc(address)
            for front in fields.read_keys(document, fields.FRONT):
                return self.fold_of(front) or Fold(front=front, behind=())
            behind = fields.read_keys(document, fields.OTHERS)
            return Fold(front=key, behind=tuple(behind)) if behind else None
        return None

    def folds(self) -> dict[Key, Fold]:
        """Say of every entry that is folded with which."""
        hits = self._searcher.search(
            self._asking.folded(), max(self._searcher.num_docs, 1), count=False
        ).hits
        fronts, behind = {}, {}
        for _, address in hits:
            document = self._searcher.doc(address)
            (key,) = fields.read_keys(document, fields.KEY)
            if others := fields.read_keys(document, fields.OTHERS):
                fronts[key] = Fold(front=key, behind=tuple(others))
            for front in fields.read_keys(document, fields.FRONT):
                behind[key] = front
        alone = {front: Fold(front=front, behind=()) for front in behind.values()}
        return fronts | {key: fronts.get(front, alone[front]) for key, front in behind.items()}

    def read_mark(self) -> tuple[int, int]:
        """Read how far the store's log is in here, and when entries are to be folded anew."""
        hits = self._searcher.search(self._asking.position(), 1, count=False).hits
        if not hits:
            return 0, 0
        position, until = fields.read_bytes(self._searcher, hits[0][1], fields.KEY).split(" ")
        return int(position), int(until)

    def _label(self, facet: Facet, number: int) -> str:
        """Name a value as one of its documents does."""
        label = self._profiles.label(facet, number)
        if label is None:
            asked = self._asking.value(facet, number)
            hits = self._searcher.search(asked, 1, count=False).hits
            for _, address in hits:
                for one, value in fields.read_values(self._searcher, address):
                    if one is facet and fields.number_value(value) == number:
                        self._profiles.keep_label(facet, number, value)
                        return value
        return label or ""
