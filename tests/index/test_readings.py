"""Readings: what was read is kept, found again and compared; what is damaged is made anew."""

from __future__ import annotations

import os

import pytest

from localfed.app.ports import Side, Wording
from localfed.index.reader import Reader
from localfed.index.readings import Readings
from localfed.protocol.errors import IndexBroken
from localfed.server.wiring import find_meaning, find_reader
from localfed.store.shelf import FILE, FileShelf

NEED = (Side.NEED, "Somebody to talk to. My wife died in spring")
OFFER = (Side.OFFER, "Bereavement café")
OTHER = (Side.OFFER, "Van with a driver")


def wording(text):
    words = [(word, word, 1.0) for word in text.lower().split()]
    return Wording(words=words, subjects={}, text=text)


@pytest.fixture
def readings(tmp_path):
    return Readings(FileShelf(tmp_path), find_meaning(), find_reader())


def asked(readings):
    return readings.likenesses([wording(NEED[1])], [wording(OFFER[1]), wording(OTHER[1])])[0]


def test_what_was_read_is_known_and_kept(readings, tmp_path):
    readings.read([NEED, OFFER])

    assert readings.unread([NEED, OFFER, OTHER, OTHER]) == [OTHER]
    assert Readings(FileShelf(tmp_path), find_meaning(), find_reader()).unread([NEED, OFFER]) == []
    assert readings.unread([(Side.OFFER, NEED[1])]) == [(Side.OFFER, NEED[1])]


def test_only_where_all_were_read_they_are_compared_as_sentences(readings):
    by_words = find_meaning().likenesses(
        [wording(NEED[1])], [wording(OFFER[1]), wording(OTHER[1])]
    )[0]
    readings.read([NEED, OFFER])
    assert asked(readings) == by_words

    readings.read([OTHER])
    alike, other = asked(readings)

    assert [alike.is_read, other.is_read] == [True, True]
    assert alike.of_both > other.of_both + 0.1
    assert alike.of_need == by_words[0].of_need


def test_nobody_else_may_read_the_file(readings, tmp_path):
    before = os.umask(0o022)
    try:
        readings.read([NEED])
    finally:
        os.umask(before)

    assert {one.name for one in tmp_path.iterdir()} == {FILE}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_being_made_has_nothing_yet(readings, tmp_path):
    (tmp_path / FILE).touch()

    assert readings.unread([NEED]) == [NEED]
    assert [one.is_read for one in asked(readings)] == [False, False]


def test_looking_up_makes_no_file(readings, tmp_path):
    assert readings.unread([NEED]) == [NEED]
    assert [one.is_read for one in asked(readings)] == [False, False]

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [b"short", bytes(384), b"x" * 385])
def test_what_is_no_vector_is_not_there(readings, tmp_path, value):
    readings.read([NEED, OFFER, OTHER])
    FileShelf(tmp_path).put({readings.key(OFFER): value})

    assert readings.unread([NEED, OFFER]) == [OFFER]
    assert [one.is_read for one in asked(readings)] == [False, False]


def test_another_edition_reads_anew(readings, tmp_path):
    readings.read([NEED])
    other = Reader(find_reader()._files)
    other.__dict__["edition"] = "another"

    assert Readings(FileShelf(tmp_path), find_meaning(), other).unread([NEED]) == [NEED]


def test_what_is_no_more_here_is_forgotten(readings):
    readings.read([NEED, OFFER, OTHER])

    readings.forget_others({readings.key(NEED), readings.key(OTHER)})

    assert readings.unread([NEED, OFFER, OTHER]) == [OFFER]


def test_a_damaged_file_is_said_once_and_made_anew(readings, tmp_path):
    (tmp_path / FILE).write_bytes(b"no database" * 500)
    assert [one.is_read for one in asked(readings)] == [False, False]

    (tmp_path / FILE).write_bytes(b"no database" * 500)
    with pytest.raises(IndexBroken, match="damaged"):
        readings.unread([NEED])

    readings.read([NEED])
    assert readings.unread([NEED]) == []


def test_where_nothing_can_be_kept_words_are_compared(tmp_path):
    readings = Readings(FileShelf(tmp_path / "nowhere"), find_meaning(), find_reader())

    with pytest.raises(IndexBroken) as refused:
        readings.read([NEED])

    assert (refused.value.code, FILE in refused.value.next_step) == ("index-broken", True)
    assert [one.is_read for one in asked(readings)] == [False, False]
