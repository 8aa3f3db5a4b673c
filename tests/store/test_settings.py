"""Settings: what was written comes back, and what is not known is refused in words."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localfed.protocol.errors import BadFile, NotInitialised
from localfed.store.settings import SETTINGS_FILE, Settings, read_settings, write_settings

KITCHEN = Settings(name="The Kitchen", url="https://kitchen.example/")


def test_settings_come_back_as_they_were_written(folder):
    settings = Settings(
        name='Küche "Süd"\n\\',
        url="http://localhost:8001/",
        language="de",
        allow_loopback=True,
        host="::1",
        port=8001,
    )

    write_settings(folder, settings)

    assert read_settings(folder) == settings
    assert stat.S_IMODE((folder / SETTINGS_FILE).stat().st_mode) == 0o600


@given(name=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_survives_being_written_as_toml(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("settings")
    settings = Settings(name=name, url="https://kitchen.example/")

    write_settings(folder, settings)

    assert read_settings(folder) == settings


def test_writing_again_replaces_the_settings(folder):
    write_settings(folder, KITCHEN)

    write_settings(folder, Settings(name="Other", url=KITCHEN.url))

    assert read_settings(folder).name == "Other"
    assert [path.name for path in folder.iterdir()] == [SETTINGS_FILE]


def test_a_person_may_write_the_file_with_comments_and_leave_out_what_has_a_default(folder):
    folder.mkdir()
    text = 'url = "https://kitchen.example/" # ours\n\nname = "The Kitchen"\n'
    (folder / SETTINGS_FILE).write_text(text)

    assert read_settings(folder) == KITCHEN


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_without_settings_holds_no_node(folder, there):
    if there:
        folder.mkdir()

    with pytest.raises(NotInitialised):
        read_settings(folder)


def test_a_file_in_place_of_the_folder_holds_no_node(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(NotInitialised):
        read_settings(tmp_path / "file")


@pytest.mark.parametrize(
    "content, word",
    [
        (b'name = "a"\nurl = "b"\ncolour = "red"\n', "colour"),
        (b'name = "a"\n', "url"),
        (b'name = "a"\nurl = "b"\nport = "80"\n', "port"),
        (b'name = "a"\nurl = "b"\nallow_loopback = 1\n', "allow_loopback"),
        (b"name = a\n", "not TOML"),
        (b'name = "a"\nname = "b"\n', "not TOML"),
        (b"\xff\xfe", "not TOML"),
        (b"name = " + b"[" * 30_000, "not TOML"),
        (b"port = " + b"9" * 5_000, "not TOML"),
        (b"#" * 70_000, "too large"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_with_what_is_wrong(folder, content, word):
    folder.mkdir()
    (folder / SETTINGS_FILE).write_bytes(content)

    with pytest.raises(BadFile, match=word):
        read_settings(folder)


def test_a_folder_in_place_of_the_file_is_refused(folder):
    (folder / SETTINGS_FILE).mkdir(parents=True)

    with pytest.raises(BadFile):
        read_settings(folder)
    with pytest.raises(BadFile):
        write_settings(folder, KITCHEN)
