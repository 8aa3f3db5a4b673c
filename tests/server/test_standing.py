"""evidence, restored, clock: what a person does when something is not as it should be."""

from __future__ import annotations

import json
import shutil

OFFER = '{"type":"Offer","name":"Veg box"}'
BREAD = '{"type":"Offer","name":"Bread"}'


def names(localfed, folder):
    return sorted(row["name"]["en"] for row in localfed("list", "--data", folder, "--json").json())


def a_backup_of(localfed, node, tmp_path):
    """A grocer with one offer, copied; then another is published."""
    grocer = node()
    localfed("publish", "--data", grocer, "-", stdin=OFFER)
    backup = tmp_path / "backup"
    shutil.copytree(grocer.folder, backup)
    localfed("publish", "--data", grocer, "-", stdin=BREAD)
    return grocer, backup


def test_restored_takes_the_public_feed_over(localfed, node, serve, tmp_path):
    """LF-WRITE-7."""
    grocer, backup = a_backup_of(localfed, node, tmp_path)
    only = localfed("publish", "--data", backup, "-", stdin='{"type":"Need","name":"A van"}')
    process = serve(grocer)

    done = localfed("restored", "--data", backup, "--json")

    process.terminate()
    assert done.exit_code == 0, done.stderr
    told = done.json()
    assert (told["documents"], told["fetched"], told["let_go"]) == (3, 1, 0)
    assert names(localfed, backup) == ["Bread", "Grocer", "Veg box"]
    draft = json.loads((backup / "drafts" / "1.json").read_text())
    assert (draft["name"], "id" in draft) == ({"en": "A van"}, False)
    again = localfed("publish", "--data", backup, told["drafts"][0])
    assert again.exit_code == 0, again.stderr
    assert again.stdout.strip() != only.stdout.strip()


def test_restored_says_when_there_is_nothing_to_take_over(localfed, node):
    grocer = node()

    done = localfed("restored", "--data", grocer)

    assert done.exit_code == 1
    assert "nothing-to-restore" in done.stderr
    assert "no public head" in done.stderr


def test_a_node_that_was_put_back_signs_nothing_until_somebody_says_so(
    localfed, node, serve, tmp_path
):
    """LF-WRITE-7: looked at over HTTP, and refused by every command that signs."""
    grocer, backup = a_backup_of(localfed, node, tmp_path)
    process = serve(grocer)
    assert localfed("restored", "--data", backup, "--from", grocer.url + "/x").exit_code == 1
    shutil.rmtree(backup / "keys")  # no way to sign: what was found is kept, and nothing changed
    assert localfed("restored", "--data", backup).exit_code == 1

    refused = localfed("publish", "--data", backup, "-", stdin=OFFER)
    kept = localfed("evidence", "--data", backup, "--write", tmp_path / "kept", "--json")

    process.terminate()
    assert "bad-file" in refused.stderr
    shutil.copytree(grocer.folder / "keys", backup / "keys")
    assert "public-head-ahead" in localfed("publish", "--data", backup, "-", stdin=OFFER).stderr
    assert [row["kind"] for row in kept.json()] == ["ahead"]
    written = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert written == ["1-ahead-held.json", "1-ahead-offered.json"]
    assert json.loads((tmp_path / "kept" / written[1]).read_text())["type"] == "Head"


def test_evidence_is_empty_where_nothing_happened(localfed, node):
    grocer = node()

    assert localfed("evidence", "--data", grocer, "--json").json() == []
    assert "0 kept" in localfed("evidence", "--data", grocer).stderr


def test_clock_tells_and_takes_a_persons_word(localfed, node):
    grocer = node()

    told = localfed("clock", "--data", grocer, "--json").json()
    trusted = localfed("clock", "--data", grocer, "--trust", "--json").json()
    doubted = localfed("clock", "--data", grocer, "--doubt", "--json").json()
    both = localfed("clock", "--data", grocer, "--doubt", "--trust")

    assert (told["is_wrong"], told["is_trusted"]) == (False, False)
    assert (trusted["is_trusted"], doubted["is_trusted"]) == (True, False)
    assert both.exit_code == 2
