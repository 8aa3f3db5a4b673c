"""The search index on disk: derived from the store's log, deleted and built anew whenever in doubt.

Here: opening, following other processes' commits, writing, rebuilding. Not here: searching (`snapshot`).

    index/version     of the layout, and of what else it was made with; any other, and the index is built anew
    index/lock        held by the process that writes
    index/data/       the library's files
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import tantivy

from localfed.app.index_values import Completion, Fold, IndexAnswer, IndexDocument, IndexQuery, Key
from localfed.app.ports import Index
from localfed.index import fields
from localfed.index.asking import Asking
from localfed.index.damage import find_damage
from localfed.index.profiles import Profiles
from localfed.index.snapshot import Snapshot
from localfed.index.words import Analysis
from localfed.protocol.errors import IndexBroken

FOLDER: Final = "index"

# 4,000 documents in one segment; what is not used is never allocated. The writer is kept: each new one
# starts threads of its own, and what those allocated stays with the process (100 MB after 40 of them).
_HEAP_BYTES: Final = 60_000_000
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_EMPTY: Final = IndexAnswer(hits=(), total=0, facets={})

T = TypeVar("T")


class TantivyIndex(Index):
    """The search index of a node. Made by `open`. Searches on any thread, writes on one at a time."""

    def __init__(self, folder: Path, made_with: str = "") -> None:
        self._folder = folder
        self._version = f"{fields.VERSION} {made_with}".strip()
        self._data = folder / "data"
        self._meta = self._data / "meta.json"
        self._analysis = Analysis()
        self._schema = fields.make_schema()
        self._asking = Asking(self._schema)
        self._profiles = Profiles()
        self._refreshing = threading.Lock()
        self._writing = threading.RLock()
        self._lock: int | None = None
        self._index: tantivy.Index | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, ...] | None = None

    @classmethod
    def open(cls, folder: Path, *, made_with: str = "") -> TantivyIndex:
        """Open the index of the node in a folder; what is missing, old or damaged becomes empty.

        Args: `made_with` names in one word what documents are described with: an index made with anything else is old.

        Raises:
            IndexBroken: its folder cannot be made or read.

        """
        index = cls(folder / FOLDER, made_with)
        try:
            index._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        except OSError as error:
            raise IndexBroken("the folder of the search index cannot be made") from error
        if not index._is_whole() and index._take_lock():
            # Only who may write makes it; where another process does, this one sees it soon.
            try:
                if not index._is_whole():
                    index._make_anew()
            finally:
                index._release_lock()
        return index

    # --- reading -----------------------------------------------------------------------------

    def search(self, query: IndexQuery) -> IndexAnswer:
        """Answer a search.

        Raises:
            IndexBroken: the index is damaged; the next process that writes builds it anew.

        """
        snapshot = self._refresh()
        if snapshot is None:
            return _EMPTY
        return _guard(lambda: snapshot.search(query, self._analysis))

    def count(self, query: IndexQuery) -> int:
        """Say how much a search would find, whatever its `limit`.

        Raises:
            IndexBroken: the index is damaged.

        """
        snapshot = self._refresh()
        return 0 if snapshot is None else _guard(lambda: snapshot.count(query, self._analysis))

    def complete(self, query: IndexQuery) -> Completion:
        """Say how a search may go on whose last word may be half typed: at most `limit` of each.

        Raises:
            IndexBroken: the index is damaged.

        """
        snapshot = self._refresh()
        if snapshot is None:
            return Completion()
        return _guard(lambda: snapshot.complete(query, self._analysis))

    def rarity(self, stems: Iterable[str]) -> dict[str, float]:
        """Weigh stems by how few documents have them: about 1 for what two of them have.

        Raises:
            IndexBroken: the index is damaged.

        """
        snapshot = self._refresh()
        return {} if snapshot is None else _guard(lambda: snapshot.rarity(stems))

    def position(self) -> int:
        """Return how far the store's log is in the index, as readers see it; 0 for nothing."""
        snapshot = self._refresh()
        return 0 if snapshot is None else snapshot.position

    def running_out(self, moment: int, limit: int) -> list[tuple[str, str]]:
        """Name (DID, path) of what is only known to be open or not until before a moment.

        Raises:
            IndexBroken: the index is damaged.

        """
        snapshot = self._refresh()
        return [] if snapshot is None else _guard(lambda: snapshot.running_out(moment, limit))

    def fold_of(self, did: str, path: str) -> Fold | None:
        """Say with which entries one is folded; None where it stands alone, or is not here.

        Raises:
            IndexBroken: the index is damaged.

        """
        snapshot = self._refresh()
        return None if snapshot is None else _guard(lambda: snapshot.entries.fold_of((did, path)))

    def folds(self) -> dict[Key, Fold]:
        """Say of every entry that is folded with others with which.

        Raises:
            IndexBroken: the index is damaged.

        """
        snapshot = self._refresh()
        return {} if snapshot is None else _guard(snapshot.entries.folds)

    def folded_until(self) -> int:
        """Return when entries have to be folded anew, in seconds since 1970; 0 for at once."""
        snapshot = self._refresh()
        return 0 if snapshot is None else snapshot.folded_until

    def _refresh(self) -> Snapshot | None:
        """Follow the last commit, whoever made it: one look at a file when nothing has changed."""
        try:
            status = self._meta.stat()
        except OSError:
            return self._snapshot
        # Commits replace the file: another inode, or at the least another time.
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            with self._refreshing:
                if seen != self._seen:
                    with contextlib.suppress(IndexBroken):  # being made anew: the old one serves
                        self._snapshot = _guard(self._load)
                        self._seen = seen
        return self._snapshot

    def _load(self) -> Snapshot:
        if self._index is None:
            self._index = tantivy.Index.open(str(self._data))
            self._index.config_reader("manual")  # else a thread looks at the file twice a second
            self._analysis.register(self._index)
        self._index.reload()
        return Snapshot(self._index.searcher(), self._asking, self._profiles)

    # --- writing -----------------------------------------------------------------------------

    def try_to_write(self) -> bool:
        """Become the writer; False where another process is. Stays so until `close`.

        Raises:
            IndexBroken: the index is damaged and cannot be made anew.

        """
        with self._writing:
            if self._lock is not None:
                return True
            if not self._take_lock():
                return False
            try:
                if not self._is_whole() or find_damage(self._data):
                    self._make_anew()
            except IndexBroken:
                self._release_lock()
                raise
            return True

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
            IndexBroken: it cannot be written; readers see what they saw before.

        """
        until = self.folded_until() if folded_until is None else folded_until
        mark = fields.make_mark(position, until)
        self._write(lambda writer: self._fill(writer, puts, deletes, mark))

    def reset(self) -> None:
        """Empty it, for a rebuild from position 0.

        Raises:
            IndexBroken: it cannot be written.

        """
        self._write(lambda writer: writer.delete_all_documents())

    def close(self) -> None:
        """Let go of it."""
        with self._writing, contextlib.suppress(IndexBroken):
            writer, self._writer = self._writer, None
            if writer is not None:
                _guard(writer.wait_merging_threads)
        self._snapshot = self._index = None
        self._release_lock()

    def _fill(
        self,
        writer: tantivy.IndexWriter,
        puts: Sequence[IndexDocument],
        deletes: Sequence[Key],
        mark: tantivy.Document,
    ) -> None:
        assert self._index is not None
        searcher = self._index.searcher()
        last = {fields.number_of(told.did, told.path): told for told in puts}
        for number in (*last, *(fields.number_of(did, path) for did, path in deletes)):
            # Looking is far cheaper than deleting what is not there: first syncs are all new.
            if searcher.doc_freq(fields.ID, number):
                # By query: by term the library looks for a signed number and deletes nothing.
                writer.delete_documents_by_query(
                    tantivy.Query.term_query(self._schema, fields.ID, number)
                )
        for told in last.values():
            writer.add_document(fields.make_entry(told))
        writer.delete_documents_by_term(fields.MARK, fields.POSITION)
        writer.add_document(mark)

    def _write(self, change: Callable[[tantivy.IndexWriter], object]) -> None:
        if not self.try_to_write():
            raise IndexBroken("another process writes the search index")
        with self._writing:
            self._refresh()
            try:
                writer = self._open_writer()
                _guard(lambda: change(writer))
                _guard(writer.commit)
            except IndexBroken:
                self._writer = None  # after an error the library's writer is of no more use
                raise
            self._refresh()

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            index = self._index
            if index is None:
                raise IndexBroken("the search index cannot be opened")
            self._writer = _guard(lambda: index.writer(_HEAP_BYTES, 1))
        return self._writer

    # --- the lock, and making it anew --------------------------------------------------------

    def _take_lock(self) -> bool:
        # Ours rather than the library's: it is let go of by the system when the process ends.
        try:
            descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, _FILE_MODE)
        except OSError as error:
            raise IndexBroken("the lock of the search index cannot be opened") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _is_whole(self) -> bool:
        """Whether it is there, of this version, and can be opened."""
        try:
            if (self._folder / "version").read_text("ascii").strip() != self._version:
                return False
            return _guard(lambda: tantivy.Index.is_compatible(str(self._data))) and (
                self._refresh() is not None
            )
        except (OSError, ValueError, IndexBroken):
            return False

    def _make_anew(self) -> None:
        self._snapshot = self._index = self._writer = self._seen = None
        try:
            (self._folder / "version").unlink(missing_ok=True)
            shutil.rmtree(self._data, ignore_errors=True)
            self._data.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            _guard(lambda: tantivy.Index(self._schema, path=str(self._data), reuse=False))
            # Last: what is cut off half way is made anew once more.
            (self._folder / "version").write_text(f"{self._version}\n", "ascii")
        except OSError as error:
            raise IndexBroken("the search index cannot be made", detail=str(error)) from error
        self._refresh()


def _guard(work: Callable[[], T]) -> T:
    """Run a call of the library; whatever it raises is one error of ours."""
    try:
        return work()
    except (ValueError, OSError, RuntimeError) as error:
        raise IndexBroken("the search index cannot be used", detail=str(error)) from error
    except BaseException as error:
        # A panic of the library is no Exception, and its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexBroken("the search index is damaged", detail=str(error)) from error
