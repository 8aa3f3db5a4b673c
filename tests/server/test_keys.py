"""keys rotate, recover, check, show; move; close; and the kit, as a person gives it."""

from __future__ import annotations

import json
import re

import pytest
import segno

OFFER = '{"type":"Offer","name":"Veg box"}'


@pytest.fixture
def grocer(localfed, node):
    made = node()
    localfed("publish", "--data", made, "-", stdin=OFFER)
    made.kit = made.folder.parent / "grocer-recovery-kit.txt"
    made.page = made.folder.parent / "grocer-recovery-kit.html"
    return made


def shown(localfed, folder):
    return localfed("keys", "show", "--data", folder, "--json").json()


def all_verify(localfed, folder, tmp_path):
    for row in localfed("list", "--data", folder, "--json").json():
        file = tmp_path / "document.json"
        file.write_text(localfed("show", "--data", folder, row["id"]).stdout)
        done = localfed("verify", file, "--data", folder, "--json")
        assert done.exit_code == 0, done.stderr
        assert done.json()["listed"] is True


@pytest.mark.parametrize("what", ["rotate", "recover"])
def test_a_key_is_changed_and_everything_signed_anew(localfed, grocer, tmp_path, what):
    before = shown(localfed, grocer)

    done = localfed("keys", what, "--data", grocer, "--kit", grocer.kit, "--json")

    assert done.exit_code == 0, done.stderr
    told, after = done.json(), shown(localfed, grocer)
    assert told["dropped"] == before["counting"]
    assert told["signed"] == 2
    assert after["counting"] == after["here"] == [told["key"]] == [after["signing"]]
    assert after["era"] == 1
    all_verify(localfed, grocer, tmp_path)


@pytest.mark.parametrize("way", ["text", "printed", "input", "page", "capitals"])
def test_a_kit_is_taken_however_it_is_given(localfed, grocer, way):
    line = next(one for one in grocer.kit.read_text().splitlines() if one.startswith("lfk1"))
    given = {
        "text": "".join(line.split()),
        "printed": line,
        "input": "-",
        "page": grocer.page,
        "capitals": line.upper(),
    }[way]

    done = localfed("keys", "check", "--data", grocer, "--kit", given, stdin=grocer.kit.read_text())

    assert done.exit_code == 0, done.stderr
    assert shown(localfed, grocer)["kit_checked"] is not None


def test_a_kit_that_is_none_or_of_another_is_refused(localfed, grocer, node, tmp_path):
    node("other")
    other = tmp_path / "other-recovery-kit.txt"
    for given in ("nonsense", tmp_path / "nowhere.txt", other, grocer.folder / "node.toml"):
        for what in (("keys", "check"), ("keys", "rotate"), ("keys", "recover")):
            done = localfed(*what, "--data", grocer, "--kit", given)
            assert (done.exit_code, "bad-kit" in done.stderr) == (1, True), (given, done.stderr)
    assert len(shown(localfed, grocer)["here"]) == 1


def test_no_kit_is_ever_in_the_data_folder_or_in_what_is_said(localfed, grocer):
    secret = "".join(
        next(one for one in grocer.kit.read_text().splitlines() if one.startswith("lfk1")).split()
    ).removeprefix("lfk1-")
    mistyped = secret[:-1] + ("b" if secret.endswith("a") else "a")
    said = [
        localfed("keys", "rotate", "--data", grocer, "--kit", grocer.kit),
        localfed("keys", "check", "--data", grocer, "--kit", f"lfk1-{mistyped}"),
        localfed("status", "--data", grocer),
    ]

    for one in said:
        assert secret[:20] not in one.stdout + one.stderr
    for path in grocer.folder.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()


def test_the_kit_is_written_as_a_page_to_print_with_a_code_to_read(localfed, grocer):
    page = grocer.page.read_text()
    line = next(one for one in grocer.kit.read_text().splitlines() if one.startswith("lfk1"))

    assert line in page
    assert "<script" not in page
    assert "http" not in page.replace(grocer.url, "").replace("http://www.w3.org/2000/svg", "")
    assert grocer.page.stat().st_mode & 0o777 == 0o600
    # The drawing is that of the same text: drawn again, it is the same.
    again = segno.make("".join(line.split()), error="m").svg_inline(scale=4, border=2)
    assert again in page


def test_a_locked_kit_needs_its_passphrase(localfed, tmp_path, free_port):
    phrase, wrong = tmp_path / "phrase.txt", tmp_path / "wrong.txt"
    phrase.write_text("four short words here\n")
    wrong.write_text("four other words here\n")
    folder = tmp_path / "locked"
    made = localfed(
        *("init", "--data", folder, "--name", "Locked", "--passphrase-file", phrase, "--json"),
        *("--url", f"http://localhost:{free_port()}"),
    ).json()

    check = ("keys", "check", "--data", folder, "--kit", made["kit"])
    without = localfed(*check)
    other = localfed(*check, "--passphrase-file", wrong)
    right = localfed(*check, "--passphrase-file", phrase)

    assert re.search(r"lfkp1- \w{4} ", (tmp_path / "locked-recovery-kit.txt").read_text())
    assert ("bad-kit" in without.stderr, "bad-kit" in other.stderr) == (True, True)
    assert right.exit_code == 0, right.stderr


def test_a_short_passphrase_is_refused_before_anything_is_made(localfed, tmp_path):
    phrase = tmp_path / "phrase.txt"
    phrase.write_text("short\n")

    done = localfed(
        *("init", "--data", tmp_path / "x", "--name", "X", "--passphrase-file", phrase),
        *("--url", "http://localhost:8080"),
    )

    assert (done.exit_code, "bad-file" in done.stderr) == (1, True)
    assert not (tmp_path / "x").exists()


def test_a_trustee_gets_a_kit_that_can_do_the_same(localfed, tmp_path, free_port):
    folder = tmp_path / "chapel"
    made = localfed(
        *("init", "--data", folder, "--name", "Chapel", "--trustee", "--json"),
        *("--url", f"http://localhost:{free_port()}"),
    ).json()

    for kit in (made["trustee_kit"], made["kit"], made["trustee_page"]):
        done = localfed("keys", "rotate", "--data", folder, "--kit", kit)
        assert done.exit_code == 0, done.stderr
    assert "trustee" in (tmp_path / "chapel-trustee-kit.html").read_text()


def test_status_says_that_the_kit_was_never_checked_until_it_was(localfed, grocer):
    before = localfed("status", "--data", grocer).stdout
    localfed("keys", "check", "--data", grocer, "--kit", grocer.kit)
    after = localfed("status", "--data", grocer).stdout

    assert "recovery kit was never checked" in before
    assert "never checked" not in after


def test_an_organisation_moves_and_its_old_place_leads_to_the_new_one(
    localfed, grocer, node, serve, free_port
):
    """LF-WRITE-11: over real HTTP; who follows follows nobody anew."""
    baker = node("baker")
    process = serve(grocer)
    assert localfed("follow", "--data", baker, grocer.url).exit_code == 0
    localfed("sync", "--data", baker, "--once")
    new = f"http://localhost:{free_port()}"

    moved = localfed("move", "--data", grocer, "--url", new, "--kit", grocer.kit, "--json")
    localfed("publish", "--data", grocer, "-", stdin='{"type":"Offer","name":"Bread"}')
    # Still at the old port: there its followers learn of the new one, where nobody is yet.
    localfed("sync", "--data", baker, "--once")
    process.terminate()
    process.communicate(timeout=20)
    serve(grocer, "--port", new.rpartition(":")[2])
    read = localfed("sync", "--data", baker, "--once", "--json")

    assert moved.json() == {"before": grocer.url + "/", "base": new + "/"}, moved.stderr
    assert f'url = "{new}/"' in (grocer.folder / "node.toml").read_text()
    assert read.exit_code == 0, read.stderr
    told = localfed("status", "--data", baker, "--json").json()
    assert [one["url"] for one in told["publishers"] if not one["hosted"]] == [new + "/"]
    assert localfed("search", "--data", baker, "bread", "--json").json()["total"] == 1


def test_moving_twice_to_the_same_place_repairs_and_changes_nothing_else(
    localfed, grocer, free_port
):
    new = f"http://localhost:{free_port()}"
    move = ("move", "--data", grocer, "--url", new, "--kit", grocer.kit, "--json")
    localfed(*move)
    toml = grocer.folder / "node.toml"
    toml.write_text(toml.read_text().replace(new, grocer.url))
    entries = shown(localfed, grocer)["entries"]

    again = localfed(*move)

    assert again.exit_code == 0, again.stderr
    assert shown(localfed, grocer)["entries"] == entries


def test_closing_asks_and_then_leaves_nothing(localfed, grocer):
    close = ("close", "--data", grocer, "--kit", grocer.kit)

    asked = localfed(*close)
    closed = localfed(*close, "--yes", "--json")

    assert asked.exit_code == 2
    assert closed.json()["withdrawn"] == 2
    assert localfed("list", "--data", grocer, "--json").json() == []
    assert "identity-closed" in localfed("publish", "--data", grocer, "-", stdin=OFFER).stderr
    told = localfed("status", "--data", grocer, "--json").json()
    assert [one["closed"] for one in told["publishers"]] == [True]
    assert json.dumps(told).count("closed") >= 1
