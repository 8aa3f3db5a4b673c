"""Key files: private, checked, and never overwritten."""

from __future__ import annotations

import os
import stat

import msgspec
import pytest

from localfed.protocol.errors import BadDid, BadFile
from localfed.protocol.keys import SigningKey
from localfed.store.files import write_private_file
from localfed.store.keyfiles import KeyFiles
from store.records import DID, OTHER, SCID

SEED = bytes(range(32))
NEW_SEED = bytes(range(1, 33))


@pytest.fixture
def keys(folder):
    made = KeyFiles(folder)
    made.create(DID, SEED)
    return made


@pytest.fixture
def file(keys, folder):
    return folder / "keys" / f"{SCID}.json"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_that_was_created_signs(keys, folder):
    expected = SigningKey(SEED).sign(b"message")

    assert keys.signing_keys(DID)[-1].sign(b"message") == expected
    assert KeyFiles(folder).signing_keys(DID)[-1].sign(b"message") == expected


def test_a_key_is_read_once(keys):
    assert keys.signing_keys(DID) is keys.signing_keys(DID)


def test_a_key_file_that_was_replaced_is_read_again(keys, folder, file):
    keys.signing_keys(DID)
    elsewhere = KeyFiles(folder.with_name("other"))
    elsewhere.create(DID, NEW_SEED)
    (folder.with_name("other") / "keys" / file.name).rename(file)

    assert keys.signing_keys(DID)[-1].multikey == SigningKey(NEW_SEED).multikey


def test_the_last_of_several_keys_signs(keys, file):
    stored = msgspec.json.decode(file.read_bytes())
    other = KeyFiles(file.parent.parent.with_name("other"))
    other.create(DID, NEW_SEED)
    new = msgspec.json.decode((other._folder / file.name).read_bytes())
    stored["keys"] += new["keys"]
    file.write_bytes(msgspec.json.encode(stored))

    assert keys.signing_keys(DID)[-1].multikey == SigningKey(NEW_SEED).multikey


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_key_is_for_its_owner_alone_whatever_the_umask(folder, umask):
    before = os.umask(umask)
    try:
        KeyFiles(folder).create(DID, SEED)
    finally:
        os.umask(before)

    assert mode(folder / "keys" / f"{SCID}.json") == 0o600
    assert mode(folder / "keys") == 0o700


@pytest.mark.parametrize("wider", [0o640, 0o604, 0o620, 0o601, 0o666])
def test_a_key_that_others_can_touch_is_refused_and_the_message_says_what_to_do(keys, file, wider):
    keys.signing_keys(DID)
    file.chmod(wider)

    with pytest.raises(BadFile, match=f"keys/{SCID}.json.* chmod 600"):
        keys.signing_keys(DID)

    file.chmod(0o600)
    assert keys.signing_keys(DID)[-1].multikey == SigningKey(SEED).multikey


def test_a_folder_of_keys_that_others_can_enter_is_refused(keys, file):
    file.parent.chmod(0o755)

    with pytest.raises(BadFile, match=r"keys .*chmod 700"):
        keys.signing_keys(DID)


def test_a_stricter_mode_is_fine(keys, file):
    file.chmod(0o400)

    assert keys.signing_keys(DID)[-1].multikey == SigningKey(SEED).multikey


def test_a_missing_key_is_said(keys, folder):
    with pytest.raises(BadFile, match="missing"):
        keys.signing_keys(OTHER)
    with pytest.raises(BadFile, match="missing"):
        KeyFiles(folder / "nowhere").signing_keys(DID)


def test_a_link_in_place_of_a_key_is_refused(keys, file, tmp_path):
    file.rename(tmp_path / "elsewhere.json")
    file.symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(BadFile, match="no regular file"):
        keys.signing_keys(DID)


def damaged_files():
    key = {"key": SigningKey(SEED).multikey, "seed": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
    encode = msgspec.json.encode
    return {
        "empty": b"",
        "cut": encode({"did": DID, "keys": [key]})[:-20],
        "not UTF-8": b"\xff\xfe",
        "no keys": encode({"did": DID, "keys": []}),
        "of another": encode({"did": OTHER, "keys": [key]}),
        "another member": encode({"did": DID, "keys": [key], "update": "secret"}),
        "short seed": encode({"did": DID, "keys": [key | {"seed": "AAEC"}]}),
        "no base64": encode({"did": DID, "keys": [key | {"seed": "!" * 43}]}),
        "another seed": encode({"did": DID, "keys": [key | {"seed": "B" * 43}]}),
        "a list": b"[]",
        "deep": b"[" * 60_000,
    }


@pytest.mark.parametrize("what", damaged_files())
def test_a_damaged_key_file_is_said_without_a_word_of_its_content(keys, file, what):
    file.write_bytes(damaged_files()[what])

    with pytest.raises(BadFile) as caught:
        keys.signing_keys(DID)

    said = f"{caught.value.message} {caught.value.detail} {caught.value.__cause__}"
    assert "AAECAw" not in said
    assert "secret" not in said


def test_the_file_that_those_damages_start_from_is_good(keys, file):
    file.write_bytes(damaged_files()["of another"].replace(OTHER.encode(), DID.encode()))

    assert keys.signing_keys(DID)[-1].multikey == SigningKey(SEED).multikey


def test_a_key_is_never_overwritten(keys, file):
    before = file.read_bytes()

    with pytest.raises(BadFile, match="exists"):
        keys.create(DID, NEW_SEED)

    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_name_that_is_no_did_reaches_no_file(keys):
    with pytest.raises(BadDid):
        keys.signing_keys("did:webvh:../../etc:kitchen.example")


def test_no_seed_is_shown_by_printing_the_keys(keys):
    keys.signing_keys(DID)

    assert SEED.hex() not in repr(vars(keys))
    assert "AAECAw" not in repr(vars(keys))


def test_a_private_file_is_created_once(tmp_path):
    path = tmp_path / "kit.txt"

    write_private_file(path, b"first")
    with pytest.raises(BadFile, match=r"kit\.txt exists"):
        write_private_file(path, b"second")

    assert path.read_bytes() == b"first"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_is_not_written_through_a_link(tmp_path):
    path = tmp_path / "kit.txt"
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BadFile):
        write_private_file(path, b"kit")

    assert not (tmp_path / "elsewhere").exists()


def test_a_private_file_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadFile, match=r"kit\.txt cannot be written: no such file"):
        write_private_file(tmp_path / "nowhere" / "kit.txt", b"kit")


def test_a_key_is_added_behind_the_others_and_dropped_by_its_name(folder):
    keys = KeyFiles(folder)
    keys.create(DID, SEED)

    added = keys.add(DID, NEW_SEED)
    both = [key.multikey for key in keys.signing_keys(DID)]
    keys.drop(DID, [SigningKey(SEED).multikey])

    assert both == [SigningKey(SEED).multikey, added.multikey]
    assert [key.multikey for key in keys.signing_keys(DID)] == [added.multikey]
    assert [path.stat().st_mode & 0o777 for path in (folder / "keys").iterdir()] == [0o600]


def test_the_last_key_is_never_dropped(folder):
    keys = KeyFiles(folder)
    keys.create(DID, SEED)

    keys.drop(DID, [SigningKey(SEED).multikey, "z6MkNobody"])

    assert [key.multikey for key in keys.signing_keys(DID)] == [SigningKey(SEED).multikey]
