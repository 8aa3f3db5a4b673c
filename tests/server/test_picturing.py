"""Pictures by the command line: publish, pictures; and what a draft may not name."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from interop import pictures_made as made
from localfed.interop.picture_file import read_facts
from localfed.protocol.digest import digest

DRAFT = {"type": "Offer", "name": "A hall"}


@pytest.fixture
def drafts(tmp_path):
    """A folder with a draft beside pictures, and a file outside of it."""
    folder = tmp_path / "drafts"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "hall.jpg").write_bytes(made.a_jpeg(exif=made.camera_exif()))
    (folder / "stage.png").write_bytes(made.a_png())
    (tmp_path / "private.png").write_bytes(made.a_png())
    return folder


def draft(folder, *files, **members):
    images = [{"file": file, "alt": f"What {file} shows"} for file in files]
    path = folder / "draft.json"
    path.write_text(json.dumps({**DRAFT, "image": images, **members}))
    return path


def test_a_draft_names_files_beside_it(localfed, node, drafts):
    grocer = node()
    done = localfed(
        "publish", "--data", grocer, draft(drafts, "photos/hall.jpg", "stage.png"), "--json"
    )
    assert done.exit_code == 0, done.stderr

    found = localfed("pictures", "--data", grocer, done.json()["id"], "--json").json()
    words = localfed("pictures", "--data", grocer, done.json()["id"])

    assert [one["alt"] for one in found] == [
        {"en": "What photos/hall.jpg shows"},
        {"en": "What stage.png shows"},
    ]
    assert {one["state"] for one in found} == {"held"}
    assert all(one["url"].startswith(f"{grocer.url}/media/zQm") for one in found)
    assert "en: What stage.png shows" in words.stdout
    assert found[1]["url"] in words.stdout
    assert "2 pictures" in words.stderr


def test_pictures_are_given_beside_a_draft(localfed, node, drafts):
    grocer = node()
    one = ["--picture", drafts / "stage.png", "--alt", "The stage"]
    other = ["--picture", drafts / "photos" / "hall.jpg", "--alt", "The hall"]

    done = localfed(
        "publish", "--data", grocer, "-", "--json", *one, *other, stdin=json.dumps(DRAFT)
    )
    sign = json.dumps({"type": "Organization", "name": "Grocer"})
    own = localfed("publish", "--data", grocer, "-", "--json", *one, stdin=sign)

    shown = json.loads(localfed("show", "--data", grocer, done.json()["id"]).stdout)
    assert [image["alt"] for image in shown["image"]] == [{"en": "The stage"}, {"en": "The hall"}]
    record = json.loads(localfed("show", "--data", grocer, own.json()["id"]).stdout)
    assert record["logo"]["alt"] == {"en": "The stage"}


def test_what_show_prints_is_a_draft_with_its_pictures(localfed, node, drafts):
    grocer = node()
    done = localfed("publish", "--data", grocer, draft(drafts, "stage.png"), "--json").json()
    shown = localfed("show", "--data", grocer, done["id"]).stdout
    again = localfed("publish", "--data", grocer, "-", "--json", stdin=shown)

    assert again.exit_code == 0, again.stderr
    assert (
        json.loads(localfed("show", "--data", grocer, done["id"]).stdout)["image"]
        == (json.loads(shown)["image"])
    )


@pytest.mark.parametrize(
    "file",
    [
        "../private.png",
        "photos/../../private.png",
        "/etc/passwd",
        "linked.png",
        "linked/private.png",
        "~/private.png",
        "-",
        "",
        ".",
        "photos",
        "away.png",
        "a\x00b.png",
        "x" * 5000,
        "http://elsewhere.example/hall.png",
        "file:///etc/passwd",
    ],
)
def test_a_draft_reaches_nothing_but_pictures_beside_it(localfed, node, drafts, tmp_path, file):
    grocer = node()
    (drafts / "linked.png").symlink_to(tmp_path / "private.png")
    (drafts / "linked").symlink_to(tmp_path)
    before = localfed("list", "--data", grocer, "--json").stdout

    done = localfed("publish", "--data", grocer, draft(drafts, file), stdin="{}")

    assert done.exit_code == 1
    assert any(code in done.stderr for code in ("bad-draft", "bad-file", "bad-picture"))
    assert localfed("list", "--data", grocer, "--json").stdout == before


@pytest.mark.parametrize(
    "options",
    [
        ["--picture", "stage.png"],
        ["--alt", "The stage"],
        ["--picture", "stage.png", "--alt", ""],
        ["--picture", "draft.json", "--alt", "A draft"],
        ["--picture", "away.png", "--alt", "The stage"],
        ["--picture", "stage.png", "--alt", "x" * 301],
        ["--picture", "stage.png", "--alt", "two\nlines"],
        [*["--picture", "stage.png", "--alt", "The stage"] * 6],
    ],
    ids=["no-alt", "no-picture", "empty", "a-draft", "away", "long", "lines", "six"],
)
def test_a_picture_that_cannot_be_published_changes_nothing(
    localfed, node, drafts, monkeypatch, options
):
    grocer = node()
    draft(drafts)
    monkeypatch.chdir(drafts)
    before = localfed("list", "--data", grocer, "--json").stdout

    done = localfed("publish", "--data", grocer, "-", *options, stdin=json.dumps(DRAFT))

    assert done.exit_code == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert localfed("list", "--data", grocer, "--json").stdout == before


def test_the_pictures_of_what_is_not_here_are_not_shown(localfed, node):
    shown = localfed("pictures", "--data", node(), "did:webvh:nobody/d/x.json")

    assert shown.exit_code == 1
    assert "unknown-document" in shown.stderr


def test_a_picture_comes_to_whoever_follows_and_goes_with_its_offer(
    localfed, node, drafts, serve, ask
):
    """LF-IMG-6 to LF-IMG-9: two nodes as processes, each with its own that decodes."""
    grocer, reader = node("grocer"), node("reader")
    done = localfed("publish", "--data", grocer, draft(drafts, "photos/hall.jpg"), "--json").json()
    serve(grocer)
    serve(reader)
    assert localfed("follow", "--data", reader, grocer.url).exit_code == 0
    path = "/api/v1/pictures?" + urlencode({"of": done["id"]})

    (one,) = ask(reader.url + path, until=lambda answer: answer["pictures"])["pictures"]
    body = ask(one["url"])
    assert one["url"].startswith(reader.url + "/media/")
    assert one["alt"] == {"en": "What photos/hall.jpg shows"}
    assert b"Maker" not in body
    assert read_facts(body).width == 64
    published = ask(f"{grocer.url}/{one['path']}")
    assert digest(published) in one["path"]

    localfed("withdraw", "--data", grocer, done["id"])
    localfed("sync", "--data", reader, "--once")
    gone(one["url"])
    gone(f"{grocer.url}/{one['path']}")


def gone(url):
    """Wait until there is nothing at a URL any more."""
    end = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return
        assert time.monotonic() < end, url
        time.sleep(0.1)
