"""The recovery kit: its text, its keys, finding the key that a log waits for."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from localfed.protocol.errors import BadKit
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit, find_kit, is_locked, print_kit
from localfed.protocol.webvh_entry import hash_key
from protocol.identity_vectors import read_json

KITS = read_json("kits.json")
SEED = bytes(range(32))


@pytest.mark.parametrize("case", KITS["valid"], ids=lambda case: case["seed"][:8])
def test_a_seed_has_one_text_and_its_keys(case):
    """LF-KIT-2, LF-KIT-4."""
    kit = Kit(bytes.fromhex(case["seed"]))

    assert kit.text == case["text"]
    for expected in case["keys"]:
        key = kit.update_key(expected["number"])
        assert key.seed.hex() == expected["seed"]
        assert key.multikey == expected["multikey"]
        assert hash_key(key.multikey) == expected["hash"]


@pytest.mark.parametrize("case", KITS["valid"], ids=lambda case: case["seed"][:8])
def test_a_kit_is_read_however_it_is_typed(case):
    """LF-KIT-3."""
    for text in (case["text"], *case["alsoRead"]):
        assert Kit.parse(text).seed.hex() == case["seed"]


@pytest.mark.parametrize("case", KITS["invalid"], ids=lambda case: case["why"])
def test_a_mistyped_kit_is_refused(case):
    """LF-KIT-3."""
    with pytest.raises(BadKit):
        Kit.parse(case["text"])


def test_every_single_mistyped_character_is_seen():
    """LF-KIT-3."""
    text = Kit(SEED).text
    for at in range(5, len(text)):
        other = "b" if text[at] == "a" else "a"
        with pytest.raises(BadKit):
            Kit.parse(text[:at] + other + text[at + 1 :])


def test_the_keys_follow_from_hkdf_as_the_specification_says():
    """LF-KIT-4: the construction spelled out once more, beside the vectors."""
    seed = HKDF(hashes.SHA256(), 32, b"localfed-kit-1", b"\x00\x00\x00\x07").derive(SEED)

    assert Kit(SEED).update_key(7).multikey == SigningKey(seed).multikey


def test_the_key_that_a_log_waits_for_is_found_by_its_hash():
    """LF-KIT-5."""
    kit = Kit(SEED)
    wanted = hash_key(kit.update_key(23).multikey)

    found = kit.find_key(["something else", wanted])

    assert found is not None
    assert (found[0], found[1].multikey) == (23, kit.update_key(23).multikey)
    assert kit.find_key([hash_key(Kit(bytes(32)).update_key(0).multikey)]) is None


def test_keys_are_looked_for_up_to_number_one_thousand():
    """LF-KIT-5."""
    kit = Kit(SEED)

    found = kit.find_key([hash_key(kit.update_key(1000).multikey)])

    assert found is not None
    assert found[0] == 1000
    assert kit.find_key([hash_key(kit.update_key(1001).multikey)]) is None


def test_a_kit_has_thirty_two_bytes_and_never_prints_them():
    """LF-KIT-1."""
    with pytest.raises(BadKit):
        Kit(bytes(31))
    shown = repr(Kit(SEED))
    assert Kit(SEED).text[5:20] not in shown
    assert SEED.hex() not in shown


def test_the_check_is_the_beginning_of_the_hash_of_the_seed():
    """LF-KIT-2."""
    characters = Kit(SEED).text.removeprefix("lfk1-")

    raw = base64.b32decode(characters.upper() + "======")
    assert raw == SEED + sha256(SEED).digest()[:4]


@pytest.mark.parametrize("case", KITS["locked"], ids=lambda case: case["passphrase"])
def test_a_locked_kit_is_opened_by_its_passphrase_however_both_are_typed(case):
    """LF-KIT-7, LF-KIT-8."""
    kit = Kit(bytes.fromhex(case["seed"]))

    assert kit.lock(case["passphrase"], salt=bytes.fromhex(case["salt"])) == case["text"]
    for text in (case["text"], *case["alsoRead"]):
        assert is_locked(text)
        assert Kit.unlock(text, case["passphrase"]).seed == kit.seed
    for passphrase in case["samePassphrases"]:
        assert Kit.unlock(case["text"], passphrase).seed == kit.seed


@pytest.mark.parametrize("case", KITS["invalidLocked"], ids=lambda case: case["why"])
def test_a_locked_kit_is_opened_by_nothing_else(case):
    """LF-KIT-8."""
    with pytest.raises(BadKit):
        Kit.unlock(case["text"], case["passphrase"])


def test_a_locked_kit_is_no_kit_and_says_so():
    text = KITS["locked"][0]["text"]

    with pytest.raises(BadKit, match="locked"):
        Kit.parse(text)
    assert not is_locked(Kit(SEED).text)


def test_a_salt_is_of_one_size():
    with pytest.raises(BadKit):
        Kit(SEED).lock("four words on paper", salt=b"short")


@pytest.mark.parametrize("text", [Kit(SEED).text, KITS["locked"][0]["text"]])
def test_a_kit_is_found_among_words_and_in_a_printed_page(text):
    for around in (
        f"Recovery kit of the grocer\n\n{print_kit(text)}\n\nidentity: did:webvh:x\n",
        f"<html><p>Kit</p><p class=kit>{print_kit(text).upper()}</p></html>",
        f"{text}\n{print_kit(text)}\n",
    ):
        assert find_kit(around) == text.replace("-", "")


@pytest.mark.parametrize(
    "text",
    ["", "no kit here", f"{Kit(SEED).text}\n{Kit(bytes(32)).text}"],
    ids=["empty", "none", "two"],
)
def test_a_text_without_one_kit_is_refused(text):
    with pytest.raises(BadKit):
        find_kit(text)
