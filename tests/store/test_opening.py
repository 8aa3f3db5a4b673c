"""Opening: what is refused, what is made, with which settings and file modes."""

from __future__ import annotations

import os
import stat

import apsw
import pytest

from localfed.protocol.errors import BadFile, NewerDatabase, NotInitialised, StoreBroken
from localfed.store import migrations
from localfed.store.connection import DATABASE, check_library
from localfed.store.sqlite import SqliteStore
from store.records import DID, document, fill, publisher, state_hash


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


async def make(folder, *documents):
    store = SqliteStore.open(folder, create=True)
    await fill(store, *(documents or (document(),)))
    store.close()


def set_pragma(folder, name, value):
    changed = apsw.Connection(str(folder / DATABASE))
    changed.pragma(name, value)
    changed.close()


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_without_a_database_holds_no_node(folder, there):
    if there:
        folder.mkdir()

    with pytest.raises(NotInitialised):
        SqliteStore.open(folder)

    assert folder.exists() == there
    assert not (folder / DATABASE).exists()


def test_an_empty_database_file_holds_no_node(folder):
    folder.mkdir()
    (folder / DATABASE).touch()

    with pytest.raises(NotInitialised):
        SqliteStore.open(folder)

    SqliteStore.open(folder, create=True).close()
    SqliteStore.open(folder).close()


async def test_making_a_store_where_one_is_keeps_it(folder):
    await make(folder)
    before = state_hash(folder)

    SqliteStore.open(folder, create=True).close()

    assert state_hash(folder) == before


async def test_a_file_where_the_folder_should_be_is_refused(folder):
    folder.write_text("not a folder")

    with pytest.raises(NotInitialised):
        SqliteStore.open(folder)
    with pytest.raises(BadFile):
        SqliteStore.open(folder, create=True)


async def test_a_newer_database_is_refused_and_not_touched(folder):
    await make(folder)
    set_pragma(folder, "user_version", migrations.VERSION + 1)
    before = (folder / DATABASE).read_bytes()

    for create in (False, True):
        with pytest.raises(NewerDatabase):
            SqliteStore.open(folder, create=create)

    assert (folder / DATABASE).read_bytes() == before


async def test_a_node_whose_database_became_newer_while_it_ran_writes_no_more(folder):
    await make(folder)
    store = SqliteStore.open(folder)
    set_pragma(folder, "user_version", migrations.VERSION + 1)
    before = state_hash(folder)

    with pytest.raises(NewerDatabase):
        await store.write(lambda tx: tx.put_document(document("d/b.json")))

    assert state_hash(folder) == before
    store.close()


async def test_an_older_database_is_brought_up_to_date(folder, monkeypatch):
    await make(folder)
    more = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, more))
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)

    store = SqliteStore.open(folder)

    assert store._connection().pragma("user_version") == migrations.VERSION
    assert store._connection().rows("SELECT COUNT(*) FROM later") == [(0,)]
    assert store.document(DID, "d/a.json") == document()
    store.close()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(folder, monkeypatch):
    await make(folder)
    before = state_hash(folder)
    broken = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT; SELECT nothing FROM nowhere;"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)

    with pytest.raises(apsw.SQLError):
        SqliteStore.open(folder)

    monkeypatch.undo()
    assert state_hash(folder) == before
    SqliteStore.open(folder).close()


def test_somebody_else_s_database_is_refused(folder):
    folder.mkdir()
    other = apsw.Connection(str(folder / DATABASE))
    other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    before = (folder / DATABASE).read_bytes()

    for create in (False, True):
        with pytest.raises(StoreBroken):
            SqliteStore.open(folder, create=create)

    assert (folder / DATABASE).read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to look at" * 100, b"SQLite format 3\x00" * 300]
)
def test_a_file_that_is_no_database_is_refused(folder, content):
    folder.mkdir()
    (folder / DATABASE).write_bytes(content)

    with pytest.raises(StoreBroken):
        SqliteStore.open(folder)

    assert (folder / DATABASE).read_bytes() == content


def test_a_folder_in_place_of_the_database_is_refused(folder):
    (folder / DATABASE).mkdir(parents=True)

    with pytest.raises(StoreBroken):
        SqliteStore.open(folder)


async def test_a_damaged_page_is_an_error_of_ours_whenever_it_is_met(folder):
    documents = [document(f"d/{number:04}.json", body=b"x" * 2000) for number in range(300)]
    await make(folder, *documents)
    path = folder / DATABASE
    whole = path.read_bytes()
    met = 0

    for page in range(len(whole) // 4096):
        start = page * 4096
        path.write_bytes(whole[:start] + b"\xff" * 4096 + whole[start + 4096 :])
        store = None
        try:
            store = SqliteStore.open(folder)
            store.check()
        except StoreBroken:
            met += 1
        finally:
            if store is not None:
                store.close()

    assert met == len(whole) // 4096


async def test_a_file_cut_short_is_damaged(folder):
    documents = [document(f"d/{number:04}.json", body=b"x" * 2000) for number in range(300)]
    await make(folder, *documents)
    path = folder / DATABASE
    path.write_bytes(path.read_bytes()[: 4096 * 20])

    with pytest.raises(StoreBroken):
        SqliteStore.open(folder).check()


async def test_an_unharmed_database_passes_its_check(folder):
    await make(folder)
    store = SqliteStore.open(folder)

    store.check()

    store.close()


@pytest.mark.parametrize("version", ["3.7.0", "3.46.1", "3.51.2"])
def test_a_sqlite_that_can_lose_commits_is_refused(version):
    with pytest.raises(StoreBroken, match=version):
        check_library(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.54.0", "4.0.0"])
def test_a_sqlite_without_that_fault_is_taken(version):
    check_library(version)


async def test_the_sqlite_in_use_is_asked_for_its_version(folder, monkeypatch):
    await make(folder)
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.46.1")

    with pytest.raises(StoreBroken):
        SqliteStore.open(folder)


async def test_the_writer_syncs_every_commit_and_readers_cannot_write(sqlite_store):
    await fill(sqlite_store)

    def settings(one):
        names = ("journal_mode", "synchronous", "foreign_keys", "query_only", "mmap_size")
        return {name: one.pragma(name) for name in names}

    writer = await sqlite_store.write(lambda tx: settings(tx._connection()))
    reader = settings(sqlite_store._connection())

    assert writer == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "query_only": 0,
        "mmap_size": 0,
    }
    assert reader == writer | {"query_only": 1}
    with pytest.raises(StoreBroken):
        sqlite_store._connection().run("DELETE FROM log")


async def test_only_the_writer_checkpoints(folder):
    await make(folder)
    store = SqliteStore.open(folder)
    reader = store._connection()._apsw

    assert reader.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1) == 1
    await fill(store, document("d/b.json"))
    assert (folder / f"{DATABASE}-wal").stat().st_size > 0
    store.close()

    assert not (folder / f"{DATABASE}-wal").exists()
    SqliteStore.open(folder).close()


async def test_a_long_wal_does_not_stay_long(sqlite_store, folder):
    await fill(sqlite_store)
    for number in range(60):
        many = [document(f"d/{number}-{one}.json", body=b"x" * 2000) for one in range(100)]
        await sqlite_store.write(lambda tx, many=many: tx.put_documents(many))

    assert (folder / f"{DATABASE}-wal").stat().st_size < 12_000_000


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o177])
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


async def test_only_the_owner_can_read_the_files_whatever_the_umask(folder, umask):
    store = SqliteStore.open(folder, create=True)
    await fill(store, document())
    await store.write_bundle(DID, [document().digest])

    modes = {path.name: mode(path) for path in folder.rglob("*")}

    assert mode(folder) == 0o700
    assert modes == {
        DATABASE: 0o600,
        f"{DATABASE}-wal": 0o600,
        f"{DATABASE}-shm": 0o600,
        "bundles": 0o700,
        ".lock": 0o600,
        store.bundle_path(DID).name: 0o600,
    }
    store.close()


async def test_an_existing_folder_is_closed_to_others(folder):
    folder.mkdir()
    folder.chmod(0o755)

    SqliteStore.open(folder, create=True).close()

    assert mode(folder) == 0o700


async def test_a_link_in_place_of_the_database_is_not_followed_when_it_is_made(folder, tmp_path):
    folder.mkdir()
    (folder / DATABASE).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BadFile):
        SqliteStore.open(folder, create=True)

    assert not (tmp_path / "elsewhere").exists()


async def test_a_command_that_only_reads_opens_no_writer(folder):
    await make(folder)
    store = SqliteStore.open(folder)

    store.publisher(DID)
    store.counts()

    assert store._writer is None
    assert store.publisher(DID) == publisher()
    store.close()
