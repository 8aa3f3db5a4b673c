"""The store against a model of dictionaries, through any sequence of changes (hypothesis)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from localfed.app.values import DocumentState
from localfed.store.sqlite import SqliteStore
from store.records import (
    DID,
    LATER,
    LATEST,
    NOW,
    OTHER,
    delete,
    document,
    followed,
    publisher,
    put,
    save,
    wanted,
)

DIDS = st.sampled_from([DID, OTHER])
PATHS = st.sampled_from(["org.json", "d/a.json", "d/ab.json", "d/b.json", "p/é.json"])
BODIES = st.sampled_from([None, b"1", b"2", b"\x00"])
TIMES = st.sampled_from([None, NOW, LATER, LATEST])


@st.composite
def documents(draw):
    did, path, body = draw(DIDS), draw(PATHS), draw(BODIES)
    if body is None:
        return wanted(path, did)
    return document(
        path,
        did,
        body,
        state=draw(st.sampled_from([DocumentState.LIVE, DocumentState.REJECTED])),
        renew_at=draw(TIMES),
        is_shown=draw(st.booleans()),
    )


class _Undone(Exception):
    """Raised at the end of a transaction that shall not count."""


class StoreMachine(RuleBasedStateMachine):
    """Every change is made to the store and to the model; afterwards both must say the same."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="localfed-test-"))
        self.runner = asyncio.Runner()
        self.store = SqliteStore.open(self.folder, create=True)
        self.publishers = {}
        self.documents = {}
        self.retired = set()
        self.log = []

    def teardown(self):
        self.store.close()
        self.runner.close()
        shutil.rmtree(self.folder)

    def write(self, change):
        self.runner.run(self.store.write(change))

    @initialize()
    def host(self):
        self.save(publisher())

    def save(self, one):
        self.write(lambda tx: save(tx, one))
        self.publishers[one.did] = one

    @rule(next_poll=TIMES)
    def follow(self, next_poll):
        self.save(followed(next_poll=next_poll))

    @rule(did=DIDS)
    def forget(self, did):
        if did not in self.publishers:
            return
        self.write(lambda tx: tx.delete_publisher(did))
        del self.publishers[did]
        paths = sorted(path for one, path in self.documents if one == did)
        self.log += [(did, path) for path in paths]
        for path in paths:
            del self.documents[did, path]

    @rule(many=st.lists(documents(), max_size=8), is_undone=st.booleans())
    def put(self, many, is_undone):
        many = [one for one in many if one.did in self.publishers]

        def change(tx):
            put(tx, many)
            if is_undone:
                raise _Undone

        if is_undone:
            with pytest.raises(_Undone):
                self.write(change)
            return
        self.write(change)
        self.documents |= {(one.did, one.path): one for one in many}
        many.sort(key=lambda one: not self.publishers[one.did].is_hosted)
        self.log += [(one.did, one.path) for one in many]

    @rule(did=DIDS, path=PATHS)
    def delete(self, did, path):
        if did not in self.publishers:
            return
        self.write(lambda tx: delete(tx, did, path))
        if self.documents.pop((did, path), None) is not None:
            self.log.append((did, path))
            if self.publishers[did].is_hosted:
                self.retired.add((did, path))

    @rule(did=DIDS, path=PATHS)
    def touch(self, did, path):
        if did in self.publishers:
            self.write(lambda tx: tx.touch(did, path))
            self.log.append((did, path))

    @rule()
    def reopen(self):
        self.store.close()
        self.store = SqliteStore.open(self.folder)

    def of(self, did):
        ours = [one for one in self.documents.values() if one.did == did]
        return sorted(ours, key=lambda one: one.path.encode())

    @invariant()
    def documents_agree(self):
        for did in (DID, OTHER):
            assert list(self.store.documents(did)) == self.of(did)
            assert self.store.rows(did) == [
                (one.path, one.type, one.digest, one.state) for one in self.of(did)
            ]
            for one in self.of(did):
                assert self.store.document(did, one.path) == one

    @invariant()
    def what_is_wanted_agrees(self):
        for did in (DID, OTHER):
            assert self.store.wanted(did) == [
                one for one in self.of(did) if one.state is DocumentState.WANTED
            ]

    @invariant()
    def what_is_due_agrees(self):
        for did in (DID, OTHER):
            due = [one for one in self.of(did) if one.renew_at and one.renew_at <= LATER]
            due.sort(key=lambda one: (one.renew_at, one.path.encode()))
            assert self.store.due_for_renewal(did, LATER, 3) == due[:3]
        polls = [
            one
            for one in self.publishers.values()
            if one.is_followed and (one.next_poll or "") <= LATER
        ]
        assert self.store.due_for_poll(LATER) == polls

    @invariant()
    def the_log_agrees(self):
        rows = self.store.log_after(0, 10_000)
        assert [(row.did, row.path) for row in rows] == self.log
        assert self.store.log_position() == (rows[-1].position if rows else 0)

    @invariant()
    def publishers_and_counts_agree(self):
        assert {one.did: one for one in self.store.publishers()} == self.publishers
        counts = self.store.counts()
        states = [one.state for one in self.documents.values()]
        assert counts.documents_live == states.count(DocumentState.LIVE)
        assert counts.documents_wanted == states.count(DocumentState.WANTED)
        assert counts.documents_rejected == states.count(DocumentState.REJECTED)
        assert counts.publishers_hosted + counts.publishers_followed == len(self.publishers)

    @invariant()
    def retired_paths_agree(self):
        for did, path in self.retired:
            assert self.store.is_retired(did, path)


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=60, stateful_step_count=30)
