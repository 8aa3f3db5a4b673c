"""What power, disk, clock and operator do: whatever is acknowledged is there, and nothing is half done.

Processes that are killed at any moment, disks that lose what was not synced, files that are damaged, missing, old,
somebody else's or open to others, clocks that jump. Not here: a disk that is full as every command meets it
(`tests/server/test_bad_machine.py`).
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import random
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from attacks.frame import (
    a_victim,
    check_error,
    healthy,
    nothing_broke,
    refused,
    state_of,
    unmoved,
)
from attacks.lies import letter, message
from attacks.machine_disk import a_disk
from federation import Clock
from localfed.app import inbox, listings, restoring, sightings, tidying
from localfed.app.publishing import write_bundle
from localfed.app.values import DocumentState
from localfed.protocol import limits
from localfed.protocol.digest import digest
from localfed.protocol.errors import DiskFull, IndexBroken, LocalFedError, Unavailable
from localfed.store.bundles import bundle_file
from localfed.store.connection import DATABASE
from localfed.store.files import replace_private_file, write_private_file
from localfed.store.keyfiles import KeyFiles
from localfed.store.lock import ServeLock
from localfed.store.settings import Settings, read_settings, write_settings
from localfed.store.sqlite import SqliteStore

PROCESS = Path(__file__).with_name("machine_process.py")
WAL = DATABASE + "-wal"
FRAME = 4_096 + 24
"""Bytes of a page in the WAL, with its header; 32 come before the first."""


def bodies(node, publisher):
    """What a node holds of a publisher, by path."""
    return {path: one.body for path, one in node.live(publisher).items()}


def tables_of(node):
    """The state of the database alone."""
    return {name: value for name, value in state_of(node).items() if "/" not in name}


async def is_sound(victim):
    """Assert that the victim's own feed leads a newcomer to exactly what the victim holds."""
    await victim.stranger.follow(victim.node)
    report = await victim.stranger.sync(victim.node)
    assert report.problem is None, report
    assert bodies(victim.stranger, victim.node) == bodies(victim.node, victim.node)


# --- killed at any moment --------------------------------------------------------------------


def work_until_killed(folder, town, work, seed):
    """Let a process work and kill it; returns what it said was done."""
    chance = random.Random(seed)
    told = {
        "moment": town["moment"].isoformat(),
        "nodes": {
            host: (did, key.seed.hex(), kit.seed.hex())
            for host, (did, key, kit) in town["nodes"].items()
        },
    }
    process = subprocess.Popen(
        [sys.executable, str(PROCESS), str(folder), json.dumps(told), work],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    done = []
    for _ in range(chance.randrange(1, 12)):
        line = process.stdout.readline()
        assert line, process.stderr.read()
        done.append(line.strip())
    time.sleep(chance.random() * 0.02)
    process.kill()
    rest, _ = process.communicate()
    # The last line may be cut off by the kill itself.
    return done + [line for line in rest.split("\n")[:-1] if line]


@pytest.fixture
def kill(town, tmp_path):
    """Work on a copy of the town until killed; returns what was said, and the town as it was left."""

    def run(work, seed):
        folder = tmp_path / "killed"
        shutil.copytree(town["folder"], folder)
        done = work_until_killed(folder, town, work, seed)
        return done, {**town, "folder": folder, "moment": town["moment"] + timedelta(days=1)}

    return run


@pytest.mark.parametrize("seed", range(4))
async def test_what_was_published_when_it_was_killed_is_published(kill, tmp_path, seed):
    done, left = kill("publish", seed)
    async with a_victim(left, tmp_path / "after") as victim:
        live = {one.id for one in victim.node.live(victim.node).values()}
        assert set(done) <= live
        await is_sound(victim)


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_withdrawn_when_it_was_killed_stays_withdrawn(kill, tmp_path, seed):
    done, left = kill("withdraw", seed)
    async with a_victim(left, tmp_path / "after") as victim:
        held = {one.id for one in victim.node.store.documents(victim.node.did)}
        assert not held & set(done)
        assert all(
            victim.node.store.is_retired(victim.node.did, one.partition("/")[2]) for one in done
        )
        await is_sound(victim)


@pytest.mark.parametrize("seed", range(3))
async def test_a_message_that_was_taken_when_it_was_killed_is_there(kill, tmp_path, seed):
    """LF-INBOX-2."""
    done, left = kill("receive", seed)
    async with a_victim(left, tmp_path / "after") as victim:
        kept = [json.loads(one.body)["text"]["en"] for one in victim.node.store.messages()]
        assert kept[: len(done)] == done
        assert len(kept) <= len(done) + 1


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_read_of_another_when_it_was_killed_is_held(kill, tmp_path, seed):
    """LF-READ-1: and the next poll goes on from wherever that was."""
    done, left = kill("read", seed)
    async with a_victim(left, tmp_path / "after") as victim:
        held = {one.id for one in victim.node.live(victim.friend).values()}
        assert set(done) <= held
        report = await victim.node.sync(victim.friend)
        assert report.problem is None
        assert bodies(victim.node, victim.friend) == bodies(victim.friend, victim.friend)


# --- the power is cut ------------------------------------------------------------------------


@pytest.fixture
async def moments(victim, tmp_path, monkeypatch):
    """Work that is in the WAL alone: the state after each write, and the files at the end."""
    node = victim.node
    states = [tables_of(node)]
    write = SqliteStore.write

    async def write_and_look(store, change):
        done = await write(store, change)
        if store is node.store:
            states.append(tables_of(node))
        return done

    monkeypatch.setattr(SqliteStore, "write", write_and_look)
    for number in range(4):
        await node.publish({"type": "Offer", "name": f"Offer {number}", "description": "x" * 3_000})
    await node.withdraw(victim.ids["veg"])
    await victim.friend.publish({"type": "Offer", "name": "Rolls"})
    victim.federation.clock.advance(minutes=1)
    report = await node.sync(victim.friend)
    assert report.problem is None
    assert len(states) > 7
    folder = tmp_path / "cut"
    shutil.copytree(node.folder, folder)
    return states, folder


def opened(folder):
    """Open a store and say what state it is in."""

    class Held:
        pass

    held = Held()
    held.folder = folder
    SqliteStore.open(folder).close()
    return tables_of(held)


@pytest.mark.parametrize("share", [round(n / 24, 3) for n in range(25)])
async def test_a_power_cut_that_drops_the_end_of_the_wal_leaves_a_state_that_was(moments, share):
    """What the disk had not synced is gone from some frame on: whole transactions, never a part of one."""
    states, folder = moments
    wal = folder / WAL
    frames = (wal.stat().st_size - 32) // FRAME
    assert frames > 20
    os.truncate(wal, 32 + FRAME * int(frames * share) if share else 0)

    state = opened(folder)

    assert state in states
    assert share < 1 or state == states[-1]


@pytest.mark.parametrize("seed", range(10))
async def test_a_torn_page_ends_the_wal_there(moments, seed):
    """Half a page was written, or other bits: its checksum says so, and all before it counts."""
    states, folder = moments
    wal, chance = folder / WAL, random.Random(seed)
    data = bytearray(wal.read_bytes())
    at = chance.randrange(32, len(data))
    if seed % 2:
        data[at : at + 512] = bytes(len(data[at : at + 512]))
    else:
        data[at] ^= 1 << chance.randrange(8)
    wal.write_bytes(bytes(data))

    assert opened(folder) in states


@pytest.fixture
async def on_disk(town, tmp_path):
    """A victim on a disk that loses what was not synced, and can fail; its WAL is moved often."""
    with a_disk(tmp_path / "victim", tmp_path / "synced") as disk:
        async with a_victim(town, tmp_path) as victim:
            victim.node.store._open_writer()._apsw.wal_autocheckpoint(24)
            disk.begin()
            disk.settle()
            yield victim, disk
            disk.failing, disk.before_write = "", lambda: None


def works(victim):
    """What writes, each by its own way, and may be done again and again."""
    node, friend, log = victim.node, victim.friend, victim.friend.file("/did.jsonl")
    count = iter(range(1_000))

    async def publish():
        await node.publish(
            {"type": "Offer", "name": f"Offer {next(count)}", "description": "x" * 3_000}
        )

    async def withdraw():
        await node.withdraw(await node.publish({"type": "Need", "name": f"Need {next(count)}"}))

    async def receive():
        name = f"{next(count):026}".translate(str.maketrans("0189", "abcd"))
        said = message(friend, node, id=f"{friend.did}/messages/{name}.json")
        await inbox.receive(victim.ports, letter(log, said))

    async def read():
        victim.federation.clock.advance(minutes=1)
        await friend.publish({"type": "Offer", "name": f"Bread {next(count)}"})
        await node.sync(friend)

    return {one.__name__: one for one in (publish, withdraw, receive, read)}


WORKS = ["publish", "withdraw", "receive", "read"]


@pytest.mark.parametrize("work", WORKS)
async def test_what_was_acknowledged_before_a_power_cut_is_there(on_disk, tmp_path, work):
    """Promise 1: nothing but what was synced is left, and that is all that anybody was told."""
    victim, disk = on_disk
    do = works(victim)[work]
    for number in range(5):
        await do()
        acknowledged = tables_of(victim.node)
        disk.cut(tmp_path / f"cut-{number}")

        assert opened(tmp_path / f"cut-{number}") == acknowledged


@pytest.mark.parametrize("seed", range(8))
async def test_a_power_cut_at_any_write_leaves_a_state_that_was(
    on_disk, tmp_path, monkeypatch, seed
):
    """Of the blocks on their way some arrived, in any order; also while the WAL is moved."""
    victim, disk = on_disk
    node, chance = victim.node, random.Random(seed)
    states, cuts, writes = [tables_of(node)], [], 0
    write = SqliteStore.write

    async def write_and_look(store, change):
        done = await write(store, change)
        if store is node.store:
            states.append(tables_of(node))
        return done

    def maybe_cut():
        nonlocal writes
        writes += 1
        if chance.random() < 0.05 and len(cuts) < 12:
            folder = tmp_path / f"cut-{len(cuts)}"
            cuts.append((folder, len(states) - 1))
            disk.cut(folder, chance)

    monkeypatch.setattr(SqliteStore, "write", write_and_look)
    disk.before_write = maybe_cut
    done = works(victim)
    for name in [*WORKS, "publish"]:
        await done[name]()
    disk.before_write = lambda: None
    assert writes > 100
    assert len(cuts) > 3

    for folder, acknowledged in cuts:
        assert opened(folder) in states[acknowledged:], f"{folder.name} of {len(cuts)}"


async def test_a_wal_that_is_missing_takes_back_what_only_it_had(moments):
    states, folder = moments
    (folder / WAL).unlink()
    (folder / (DATABASE + "-shm")).unlink(missing_ok=True)

    assert opened(folder) == states[0]


async def test_a_wal_of_another_database_is_told(moments, tmp_path):
    _, folder = moments
    other = tmp_path / "other"
    SqliteStore.open(other, create=True).close()
    connection = apsw.Connection(str(other / DATABASE))
    connection.execute("INSERT INTO fact VALUES ('of', 'another')")
    shutil.copy(other / WAL, folder / WAL)
    connection.close()
    (folder / (DATABASE + "-shm")).unlink(missing_ok=True)

    with refused("store-broken"):
        opened(folder)


# --- damaged files ---------------------------------------------------------------------------


@pytest.fixture
async def copied(town, tmp_path):
    """A town in which a folder may be damaged before it is opened."""
    folder = tmp_path / "damaged"
    shutil.copytree(town["folder"], folder)
    return {**town, "folder": folder}


@pytest.mark.parametrize("seed", range(24))
async def test_a_flipped_byte_in_the_database_is_told_or_harms_nobody(copied, town, tmp_path, seed):
    """Whatever is served then, no reader takes what the organisation did not sign."""
    file, chance = copied["folder"] / "victim" / DATABASE, random.Random(seed)
    data = bytearray(file.read_bytes())
    at = chance.randrange(100, len(data))
    data[at] ^= 1 << chance.randrange(8)
    file.write_bytes(bytes(data))
    async with a_victim(town, tmp_path / "whole") as whole:
        signed = set(bodies(whole.node, whole.node).values())
    try:
        async with a_victim(copied, tmp_path / "after") as victim:
            await victim.stranger.follow(victim.node)
            await victim.stranger.sync(victim.node)
            assert set(bodies(victim.stranger, victim.node).values()) <= signed
    except LocalFedError as error:
        if not isinstance(error, Unavailable):
            check_error(error)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:100], id="cut to its header"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: bytes(len(data)), id="all zeros"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"<!doctype html>" + data[15:], id="another beginning"),
        pytest.param(lambda data: data[:4096] + bytes(4096) + data[8192:], id="a page of zeros"),
        pytest.param(lambda data: data[4096:], id="without its first page"),
    ],
)
async def test_a_database_that_is_damaged_is_told_and_left_as_it_is(copied, damage):
    folder = copied["folder"] / "victim"
    for name in (WAL, DATABASE + "-shm"):
        (folder / name).unlink(missing_ok=True)
    damaged = damage((folder / DATABASE).read_bytes())
    (folder / DATABASE).write_bytes(damaged)

    def look():
        store = SqliteStore.open(folder)
        try:
            store.check()
            list(store.documents(copied["nodes"]["victim.example"][0]))
        finally:
            store.close()

    with pytest.raises(LocalFedError) as caught:
        look()

    check_error(caught.value)
    assert caught.value.code in {"store-broken", "not-initialised"}
    assert (folder / DATABASE).read_bytes() == damaged


@pytest.mark.parametrize("pragma, value", [("user_version", 99), ("application_id", 0x1234)])
async def test_a_database_of_a_newer_version_or_of_another_program_is_not_touched(
    copied, pragma, value
):
    file = copied["folder"] / "victim" / DATABASE
    connection = apsw.Connection(str(file))
    connection.pragma(pragma, value)
    connection.close()
    before = file.read_bytes()

    with refused("newer-database" if pragma == "user_version" else "store-broken"):
        SqliteStore.open(file.parent)

    assert file.read_bytes() == before


async def test_a_migration_that_was_never_run_is_not_believed(copied):
    """The version says 2, the tables are those of 1."""
    file = copied["folder"] / "victim" / DATABASE
    connection = apsw.Connection(str(file))
    connection.execute("DROP TABLE standing")
    connection.close()

    with refused("store-broken"):
        SqliteStore.open(file.parent).close()


# --- files beside the database ---------------------------------------------------------------


def key_file(victim):
    (file,) = (victim.node.folder / "keys").iterdir()
    return file


def _with_seed_of(file, other):
    ours, theirs = json.loads(file.read_bytes()), json.loads(other.read_bytes())
    ours["keys"][0]["seed"] = theirs["keys"][0]["seed"]
    file.write_bytes(json.dumps(ours).encode())


KEYS = {
    "readable by the group": lambda file, _: file.chmod(0o640),
    "readable by everybody": lambda file, _: file.chmod(0o604),
    "writable by the group": lambda file, _: file.chmod(0o620),
    "in a folder that everybody may enter": lambda file, _: file.parent.chmod(0o755),
    "empty": lambda file, _: file.write_bytes(b""),
    "cut short": lambda file, _: file.write_bytes(file.read_bytes()[:-20]),
    "of another organisation": lambda file, other: file.write_bytes(other.read_bytes()),
    "with another's seed": _with_seed_of,
    "a folder": lambda file, _: (file.unlink(), file.mkdir()),
    "a link": lambda file, other: (file.unlink(), file.symlink_to(other)),
    "far too large": lambda file, _: file.write_bytes(b"{" + b" " * 10_000_000),
    "not there": lambda file, _: file.unlink(),
}


@pytest.mark.parametrize("name", KEYS)
async def test_a_key_that_is_not_as_it_should_be_signs_nothing(victim, name):
    (other,) = (victim.friend.folder / "keys").iterdir()
    KEYS[name](key_file(victim), other)
    before = tables_of(victim.node)

    with pytest.raises(LocalFedError) as caught:
        await victim.node.publish({"type": "Offer", "name": "Soup"})

    check_error(caught.value)
    assert caught.value.code in {"bad-file", "no-signing-key", "bad-key"}
    assert tables_of(victim.node) == before


SETTINGS = {
    "no TOML": b"name = ",
    "no text": b"\xff\xfe\x00",
    "an unknown setting": b'name = "N"\nurl = "https://n.example/"\nadmin = true\n',
    "a number for a name": b'name = 1\nurl = "https://n.example/"\n',
    "nested without end": b"a = " + b"[" * 20_000,
    "a megabyte": b"#" * 1_000_000,
    "a step too far": b'name = "N"\nurl = "https://n.example/"\nvia_steps = 9\n',
}


@pytest.mark.parametrize("name", SETTINGS)
async def test_settings_that_cannot_be_right_are_told_and_kept(victim, name):
    file = victim.node.folder / "node.toml"
    file.write_bytes(SETTINGS[name])

    with refused("bad-file"):
        read_settings(victim.node.folder)

    assert file.read_bytes() == SETTINGS[name]


async def test_a_bundle_that_is_damaged_is_written_anew(victim, monkeypatch):
    """LF-WRITE: derived from the database; a reader that meets it takes nothing wrong."""
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MIN", 2)
    monkeypatch.setattr(limits, "BUNDLE_LACKING", 1)
    for number in range(4):
        await victim.node.publish({"type": "Offer", "name": f"Offer {number}"})
    await write_bundle(victim.ports, victim.node.did)
    bundle = victim.node.store.bundle_path(victim.node.did)
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[: len(whole) // 2] + b"\xff" + whole[len(whole) // 2 + 1 :])

    await is_sound(victim)
    await write_bundle(victim.ports, victim.node.did)

    assert bundle.read_bytes() == whole


@pytest.mark.parametrize("damage", ["gone", "emptied", "flipped"])
async def test_an_index_that_is_damaged_is_told_or_made_anew(town, tmp_path, damage):
    folder = tmp_path / "town"
    shutil.copytree(town["folder"], folder)
    index, chance = folder / "victim" / "index", random.Random(5)
    if damage == "gone":
        shutil.rmtree(index)
    for file in sorted(index.rglob("*")) if damage != "gone" else []:
        if file.is_file() and not file.name.startswith("."):
            data = bytearray(file.read_bytes())
            if data:
                data[chance.randrange(len(data))] ^= 4
            file.write_bytes(b"" if damage == "emptied" else bytes(data))

    async def look():
        async with a_victim({**town, "folder": folder}, tmp_path / "after") as victim:
            return await victim.node.names()

    try:
        names = await look()
    except IndexBroken as error:
        check_error(error)
    else:
        assert "Bread" in names


async def test_a_lock_that_a_dead_process_left_does_not_keep_anybody_out(victim):
    """And one that is held does: two processes never serve one folder."""
    lock = victim.node.folder / "serve.lock"
    lock.write_text("4194303\n")
    with ServeLock(victim.node.folder), refused("already-serving"):
        ServeLock(victim.node.folder).__enter__()


# --- two at once, and old copies -------------------------------------------------------------


async def test_two_stores_on_one_file_lose_nothing_and_use_no_number_twice(victim):
    """A command and the running node, both publishing."""
    node = victim.node
    twin = SqliteStore.open(node.folder)
    ports = node.ports
    try:

        async def publish(store, word):
            mine = msgspec.structs.replace(ports, store=store)
            return [
                (
                    await listings.publish_draft(
                        mine,
                        node.did,
                        json.dumps({"type": "Offer", "name": f"{word} {n}"}).encode(),
                        language="en",
                    )
                ).id
                for n in range(8)
            ]

        done = await asyncio.gather(publish(node.store, "one"), publish(twin, "two"))
    finally:
        twin.close()

    live = {one.id for one in node.live(node).values()}
    assert {one for ids in done for one in ids} <= live
    await is_sound(victim)


@pytest.fixture
async def restored(victim, tmp_path):
    """The victim goes on for a week and is read; then last week's image of its disk is put back."""
    image = tmp_path / "image"
    victim.node.store.close()
    shutil.copytree(victim.node.folder, image)
    victim.node._open()
    await victim.other.follow(victim.node)
    for _ in range(3):
        victim.federation.clock.advance(days=2)
        await victim.node.publish({"type": "Offer", "name": "Lost offer"})
    await victim.node.withdraw(victim.ids["drivers"])
    await victim.other.sync(victim.node)
    seen = victim.other.publisher(victim.node).state
    public = {
        path: victim.node.file(path)
        for path in ("/did.jsonl", "/head.json", "/bundle.jsonl", "/org.json")
    }
    public |= {
        "/" + path: victim.node.file("/" + path)
        for path, _ in victim.node.store.feed_files(victim.node.did)
    }
    public |= {"/" + path: body for path, body in bodies(victim.node, victim.node).items()}
    victim.node.close()
    shutil.rmtree(victim.node.folder)
    shutil.copytree(image, victim.node.folder)
    victim.node._open()
    victim.federation.clock.advance(hours=1)
    return seen, public


async def test_an_image_of_last_week_uses_no_number_twice(victim, restored):
    """LF-WRITE-2: its readers have seen more, and take what it publishes then."""
    seen, _ = restored

    await victim.node.publish({"type": "Offer", "name": "After the restore"})
    assert victim.node.publisher(victim.node).state.seq > seen.seq
    report = await victim.other.sync(victim.node)

    assert report.problem is None
    assert bodies(victim.other, victim.node) == bodies(victim.node, victim.node)


async def test_an_image_of_last_week_that_sees_its_own_public_head_signs_nothing(victim, restored):
    """LF-WRITE-7."""
    _, public = restored
    real = victim.node.file
    victim.node.file = lambda path: public.get(path, real(path))

    assert await sightings.look(victim.ports, victim.node.did) is not None
    before = tables_of(victim.node)
    with refused("public-head-ahead"):
        await victim.node.publish({"type": "Offer", "name": "Too soon"})
    assert tables_of(victim.node) == before

    done = await restoring.take_over(victim.ports, victim.node.did)
    victim.node.file = real
    assert done is not None
    names = await victim.node.names("Lost offer")
    assert names.count("Lost offer") == 3
    live = {one.id for one in victim.node.live(victim.node).values()}
    assert victim.ids["drivers"] not in live


# --- clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-3650, -365, -1, 1, 365, 3650])
async def test_a_clock_that_jumps_while_publishing_costs_readers_nothing(victim, days):
    """What comes from the future is refused, what comes late is taken; and all converges once it is right."""
    node, reader = victim.node, victim.other
    await reader.follow(node)
    await reader.sync(node)
    before = bodies(reader, node)
    node.clock = Clock(victim.federation.clock.moment + timedelta(days=days))
    try:
        await node.publish({"type": "Offer", "name": "By a wrong clock"})
    except LocalFedError as error:
        check_error(error)  # an identity that was not there yet by that clock signs nothing
    report = await reader.sync(node)
    if report.problem is not None:
        assert bodies(reader, node) == before

    node.clock = victim.federation.clock
    victim.federation.clock.advance(minutes=30)
    with nothing_broke():
        await node.publish({"type": "Offer", "name": "By a right clock"})
        report = await reader.sync(node)

    assert report.problem is None
    held = bodies(reader, node)
    assert before.items() <= held.items()
    assert any(b"By a right clock" in body for body in held.values())


@pytest.mark.parametrize("days", [-365, 365, 36_500])
async def test_a_clock_that_jumps_while_reading_forgets_nothing(victim, days):
    """LF-FOLLOW-8: tidying by a wrong clock for a moment, and the right one again."""
    before = bodies(victim.node, victim.friend)
    victim.node.clock = Clock(victim.federation.clock.moment + timedelta(days=days))
    await victim.node.sync(victim.friend)
    await tidying.tidy(victim.ports)

    victim.node.clock = victim.federation.clock
    report = await victim.node.sync(victim.friend)

    assert report.problem is None
    assert bodies(victim.node, victim.friend) == before


# --- refused writes --------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["publish", "receive", "read"])
async def test_a_disk_that_takes_no_more_changes_nothing_and_says_so(victim, what):
    """The database may not grow by a page, as on a full disk; the same goes through once it may."""
    node, log = victim.node, victim.friend.file("/did.jsonl")
    body = letter(log, message(victim.friend, node, text={"en": "Have you bread?" * 200}))
    victim.federation.clock.advance(minutes=20)
    await victim.friend.publish({"type": "Offer", "name": "Rolls", "description": "x" * 9_000})
    work = {
        "publish": lambda: node.publish({"type": "Offer", "name": "S", "description": "x" * 9_000}),
        "receive": lambda: inbox.receive(victim.ports, body),
        "read": lambda: node.sync(victim.friend),
    }[what]
    await fill_up(node)

    # A poll takes the listing first: that may still fit, and is whole in itself (LF-READ-1).
    listing = {"publisher", "document", "feed_file"} if what == "read" else set()
    async with unmoved(victim, may_change=listing):
        with refused("disk-full"):
            await work()

    node.store._writer._apsw.pragma("max_page_count", 1_000_000)
    await work()


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("failing", ["write", "sync"])
async def test_a_disk_that_fails_is_told_and_changes_nothing(on_disk, work, failing):
    """An error of the machine (EIO) in the middle of a commit; once the disk is well, the same goes through."""
    victim, disk = on_disk
    do = works(victim)[work]
    await do()
    before = tables_of(victim.node)
    disk.failing, disk.where = failing, "-wal"

    with refused("store-broken"), nothing_broke():
        await do()
    disk.failing = ""

    assert disk.failed
    assert tables_of(victim.node) == before
    await healthy(victim)
    await do()
    assert tables_of(victim.node) != before
    await is_sound(victim)


@pytest.mark.parametrize("failing", ["write", "sync", "read"])
async def test_a_disk_that_fails_while_the_wal_is_moved_takes_nothing_back(
    on_disk, tmp_path, failing
):
    """What is acknowledged lies in the WAL, whatever becomes of the file that it is moved to."""
    victim, disk = on_disk
    do = works(victim)["publish"]
    await do()
    writer = victim.node.store._writer
    disk.failing, disk.where = failing, "-wal" if failing == "read" else DATABASE
    writer.checkpoint()
    assert disk.failed
    disk.failing = ""
    acknowledged = tables_of(victim.node)
    disk.cut(tmp_path / "cut")

    assert opened(tmp_path / "cut") == acknowledged
    await do()
    writer.checkpoint()
    await is_sound(victim)


@pytest.mark.parametrize("where", ["", "-wal"])
async def test_a_disk_that_cannot_be_read_is_told(on_disk, where):
    victim, disk = on_disk
    await works(victim)["publish"]()
    disk.failing, disk.where = "read", where
    apsw.set_default_vfs("bad-disk")

    with refused("store-broken"):
        store = SqliteStore.open(victim.node.folder)
        try:
            list(store.documents(victim.node.did))
        finally:
            store.close()
    assert disk.failed


BESIDE = {
    "the settings": lambda node: write_settings(node.folder, Settings(name="N", url=node.base)),
    "the key": lambda node: KeyFiles(node.folder).add(
        node.did, b"another seed of 32 bytes, at all"
    ),
    "the bundle": lambda node: replace_private_file(
        bundle_file(node.folder, node.did), (b"{}\n", b"[]\n")
    ),
    "a kit": lambda node: write_private_file(node.folder / "kit.txt", b"words"),
}
CALLS = {"synced": (os, "fsync"), "opened": (os, "open"), "renamed": (Path, "replace")}


@pytest.mark.parametrize("what", BESIDE)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
async def test_a_file_that_a_disk_does_not_take_leaves_the_old_one(
    victim, monkeypatch, what, call, number
):
    """Never half of one, never none, and no draft that stays about."""
    node = victim.node
    (node.folder / "bundles").mkdir(mode=0o700, exist_ok=True)
    if what != "a kit":
        BESIDE[what](node)
    before = {
        file: file.read_bytes()
        for file in node.folder.rglob("*")
        if file.is_file() and not file.name.startswith(DATABASE)
    }
    owner, name = CALLS[call]
    real = getattr(owner, name)

    def fail(*arguments, **options):
        # Reading goes on; what fails is whatever would write.
        if call == "opened" and not arguments[1] & os.O_CREAT:
            return real(*arguments, **options)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        if (what, call) == (
            "a kit",
            "renamed",
        ):  # it gets its name by a link, which is refused if taken
            patch.setattr(Path, "hardlink_to", fail)
        with refused("disk-full" if number == errno.ENOSPC else "bad-file"):
            BESIDE[what](node)

    after = {
        file: file.read_bytes()
        for file in node.folder.rglob("*")
        if file.is_file() and not file.name.startswith(DATABASE)
    }
    assert after == before
    await node.publish({"type": "Offer", "name": "Soup"})


LINKS = {
    "the settings": ("node.toml", "the settings"),
    "the draft of the settings": (".node.toml.tmp", "the settings"),
    "the bundle": ("bundles/{}.jsonl", "the bundle"),
    "the draft of the bundle": ("bundles/.{}.jsonl.tmp", "the bundle"),
    "the draft of the key": ("keys/.{}.json.tmp", "the key"),
    "a kit": ("kit.txt", "a kit"),
}


@pytest.mark.parametrize("name", LINKS)
async def test_nothing_is_written_through_a_link(victim, tmp_path, name):
    """Somebody restored, copied or meant harm: what a link leads to is not ours to write."""
    node, precious = victim.node, tmp_path / "precious"
    precious.write_bytes(b"of somebody else")
    where, what = LINKS[name]
    link = node.folder / where.format(node.did.split(":")[2])
    link.parent.mkdir(mode=0o700, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(precious)

    if name == "a kit":
        with refused("bad-file"):
            BESIDE[what](node)
    else:
        BESIDE[what](node)

    assert precious.read_bytes() == b"of somebody else"
    assert name == "a kit" or not link.is_symlink()


@pytest.mark.parametrize("name", ["serve.lock", "bundles/.lock"])
async def test_no_lock_is_taken_through_a_link(victim, tmp_path, name):
    """A lock is emptied and written into when it is taken."""
    node, precious = victim.node, tmp_path / "precious"
    precious.write_bytes(b"of somebody else")
    link = node.folder / name
    link.parent.mkdir(mode=0o700, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(precious)

    with refused("bad-file"):
        if name == "serve.lock":
            ServeLock(node.folder).acquire()
        else:
            await node.store.write_bundle(node.did, [])

    assert precious.read_bytes() == b"of somebody else"


async def fill_up(node):
    """Let the database grow no more, and use what pages it has."""
    await node.store.write(lambda tx: tx.save_fact("filler", "x"))
    writer = node.store._writer._apsw
    writer.pragma("max_page_count", writer.pragma("page_count"))
    number = 0
    for size in (50_000, 5_000, 500, 50):
        for _ in range(1_000):
            try:
                await node.store.write(
                    lambda tx, name=f"filler-{number}", size=size: tx.save_fact(name, "x" * size)
                )
            except DiskFull:
                break
            number += 1


async def test_what_lies_on_disk_is_what_was_signed(victim):
    """The first of all: before anything is broken, every byte has its digest."""
    for publisher in (victim.node, victim.friend, victim.other):
        for one in victim.node.store.documents(publisher.did):
            assert one.state is DocumentState.LIVE
            assert digest(one.body) == one.digest
    (key,) = KeyFiles(victim.node.folder).signing_keys(victim.node.did)
    assert key.multikey == victim.node.key.multikey
