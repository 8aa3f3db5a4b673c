"""init, publish, withdraw, show, list: what a node says of itself."""

import json
import re
import stat
from datetime import UTC, datetime, timedelta

import pytest

from localfed.protocol.kit import Kit
from localfed.server.clock import SystemClock

OFFER = '{"type":"Offer","name":{"en":"Veg box"}}'


def test_init_makes_a_node_and_puts_the_kit_beside_it(localfed, tmp_path):
    made = localfed(
        "init", "--data", tmp_path / "node", "--name", "Grocer", "--url", "https://grocer.example"
    )

    kit = tmp_path / "node-recovery-kit.txt"
    assert made.exit_code == 0
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    assert "grocer.example" in made.stdout
    assert "Print the recovery kit" in made.stdout
    line = next(line for line in kit.read_text().splitlines() if line.startswith("lfk1-"))
    seed = Kit.parse(line).update_key(0).seed
    for file in (tmp_path / "node").rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert seed not in data, f"{file} holds the update key"
        assert Kit.parse(line).text.encode() not in data, f"{file} holds the kit"


def test_init_into_a_used_folder_changes_nothing(localfed, tmp_path):
    folder = tmp_path / "used"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")

    again = localfed("init", "--data", folder, "--name", "Other", "--url", "https://other.example")

    assert again.exit_code == 1
    assert "already-initialised" in again.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["used", "letter.txt"]


def test_init_again_with_the_same_address_changes_nothing(localfed, node):
    grocer = node()
    before = sorted(path.name for path in grocer.folder.parent.iterdir())

    again = localfed("init", "--data", grocer, "--name", "Other", "--url", grocer.url)

    assert again.exit_code == 1
    assert "already-initialised" in again.stderr
    assert sorted(path.name for path in grocer.folder.parent.iterdir()) == before
    assert len(list((grocer.folder / "keys").iterdir())) == 1
    assert localfed("status", "--data", grocer, "--json").json()["name"] == "Grocer"


@pytest.mark.parametrize(
    "url,code",
    [
        ("http://grocer.example", "bad-url"),
        ("https://10.0.0.1", "bad-url"),
        ("https://user@grocer.example", "bad-url"),
        ("https://grocer.example/a b", "bad-url"),
        ("grocer", "bad-url"),
        ("https://grocer.example?x=1", "bad-url"),
    ],
)
def test_init_with_a_url_that_cannot_be_leaves_nothing(localfed, tmp_path, url, code):
    made = localfed("init", "--data", tmp_path / "node", "--name", "Grocer", "--url", url)

    assert made.exit_code == 1
    assert code in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_on_loopback_needs_the_operators_word(localfed, tmp_path, monkeypatch):
    monkeypatch.delenv("LOCALFED_ALLOW_LOOPBACK")
    options = ("init", "--data", tmp_path / "n", "--name", "N", "--url", "http://localhost:8099")

    assert "loopback-not-allowed" in localfed(*options).stderr
    assert localfed(*options, "--allow-loopback").exit_code == 0


@pytest.mark.parametrize(
    "url, port",
    [
        ("http://127.0.0.1:8099", 8099),
        ("https://localhost:8099/", 8099),
        ("localhost:8099", 8099),
        ("http://localhost", 8080),
        ("http://[::1]:8099", 8099),
        ("http://0.0.0.0:8099", 8099),
    ],
)
def test_init_says_how_the_address_of_this_machine_is_written(localfed, tmp_path, url, port):
    made = localfed("init", "--data", tmp_path / "n", "--name", "N", "--url", url)

    assert made.exit_code == 1
    assert "bad-url" in made.stderr
    assert f"--url http://localhost:{port} --allow-loopback" in made.stderr
    said = f"http://localhost:{port}"
    again = ("init", "--data", tmp_path / "n", "--name", "N", "--url", said, "--allow-loopback")
    assert localfed(*again).exit_code == 0


def test_init_of_an_address_elsewhere_says_nothing_of_this_machine(localfed, tmp_path):
    options = ("init", "--data", tmp_path / "n", "--name", "N", "--url")

    for url in ("http://grocer.example", "http://localhost.example:8099", "https://localhosts"):
        assert "--allow-loopback" not in localfed(*options, url).stderr


def test_publish_prints_the_id_and_show_the_signed_bytes(localfed, node):
    grocer = node()

    published = localfed("publish", "--data", grocer, "-", stdin=OFFER)
    shown = localfed("show", "--data", grocer, published.stdout.strip())

    document = json.loads(shown.stdout)
    assert published.stdout.strip().startswith(grocer.did + "/d/")
    assert document["name"] == {"en": "Veg box"}
    assert document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert shown.stdout == json.dumps(
        document, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )


def test_who_publishes_without_a_point_is_told_how_it_is_found(localfed, node):
    grocer = node()

    def publish(**address):
        draft = {"type": "Offer", "name": "Jam", "location": [{"address": address}]}
        done = localfed("publish", "--data", grocer, "-", stdin=json.dumps(draft))
        assert done.exit_code == 0
        return done.stderr

    assert "find it by HX7 8 (within about " in publish(postalCode="HX7 8AH")
    assert "do not find it" in publish(addressLocality="Newport")


def test_what_show_prints_can_be_edited_and_published_again(localfed, node):
    grocer = node()
    offer = localfed("publish", "--data", grocer, "-", stdin=OFFER).stdout.strip()
    document = json.loads(localfed("show", "--data", grocer, offer).stdout)
    document["name"] = "Fruit box"

    again = localfed("publish", "--data", grocer, "--json", "-", stdin=json.dumps(document))

    assert again.json()["id"] == offer
    assert again.json()["new"] is False
    assert again.json()["revision"] > document["revision"]


def test_publishing_the_own_record_replaces_it(localfed, node):
    grocer = node()

    done = localfed(
        "publish", "--data", grocer, "-", stdin='{"type":"Organization","name":"Green Grocer"}'
    )

    assert done.stdout.strip() == grocer.did + "/org.json"
    names = [row["name"] for row in localfed("list", "--data", grocer, "--json").json()]
    assert names == [{"en": "Green Grocer"}]


def write_drafts(folder, **drafts):
    """Write drafts as files; returns their paths."""
    for name, draft in drafts.items():
        (folder / f"{name}.json").write_text(json.dumps(draft))
    return [folder / f"{name}.json" for name in drafts]


def listed(localfed, node):
    return json.loads(localfed("list", "--data", node, "--json").stdout)


VEG = {"type": "Offer", "name": "Veg box"}
JAM = {"type": "Offer", "name": "Jam"}


def test_several_drafts_are_published_together_and_each_is_told(localfed, node, tmp_path):
    grocer = node()
    veg, jam = write_drafts(tmp_path, veg=VEG, jam=JAM)

    done = localfed("publish", "--data", grocer, veg, jam)
    ids = dict(re.findall(r"^(.*): published: (did:\S+)$", done.stdout, re.MULTILINE))
    write_drafts(tmp_path, jam=JAM | {"id": ids[str(jam)], "name": "Plum jam"})
    again = localfed("publish", "--data", grocer, jam, veg, "--json")

    assert set(ids) == {str(veg), str(jam)}
    told = json.loads(again.stdout)
    assert [(one["file"], one["new"]) for one in told] == [(str(jam), False), (str(veg), True)]
    assert told[0]["id"] == ids[str(jam)]
    names = sorted(one["name"]["en"] for one in listed(localfed, grocer))
    assert names == ["Grocer", "Plum jam", "Veg box", "Veg box"]


def test_where_one_of_several_drafts_is_wrong_none_is_published_and_all_that_are_wrong_are_told(
    localfed, node, tmp_path
):
    grocer = node()
    before = listed(localfed, grocer)
    head = localfed("status", "--data", grocer, "--json").stdout
    ok, cost, twice = write_drafts(tmp_path, ok=VEG, cost=JAM | {"cost": "cheap"}, twice=JAM)
    twice.write_text("{")
    gone = tmp_path / "gone.json"

    done = localfed("publish", "--data", grocer, ok, cost, twice, gone)

    assert (done.exit_code, done.stdout) == (1, "")
    assert f"{ok}: nothing wrong, not published" in done.stderr
    assert f'{cost}: bad-draft: cost, basis: "cheap" is not one of' in done.stderr
    assert f"{twice}: not-json: " in done.stderr
    assert f"{gone}: bad-file: " in done.stderr
    assert "3 of 4 drafts cannot be published, so none was" in done.stderr
    assert listed(localfed, grocer) == before
    assert localfed("status", "--data", grocer, "--json").stdout == head


def test_two_drafts_of_one_document_are_not_published_together(localfed, node, tmp_path):
    grocer = node()
    own = {"type": "Organization", "name": "Grocer and son"}
    one, two = write_drafts(tmp_path, one=own, two=own | {"name": "Grocer and daughter"})

    done = localfed("publish", "--data", grocer, one, two)

    assert done.exit_code == 1
    assert f"{two}: bad-draft: another of these drafts is of the same document" in done.stderr
    assert [names["name"]["en"] for names in listed(localfed, grocer)] == ["Grocer"]


def test_a_picture_beside_several_drafts_is_refused(localfed, node, tmp_path):
    veg, jam = write_drafts(tmp_path, veg=VEG, jam=JAM)

    done = localfed("publish", "--data", node(), veg, jam, "--picture", veg, "--alt", "Veg")

    assert done.exit_code == 1
    assert "--picture goes with one draft" in done.stderr


def test_withdrawing_removes_it_and_its_id_is_not_used_again(localfed, node):
    grocer = node()
    offer = localfed("publish", "--data", grocer, "-", stdin=OFFER).stdout.strip()

    assert localfed("withdraw", "--data", grocer, offer).exit_code == 0

    again = {"type": "Offer", "id": offer, "name": "Again"}
    for late in (
        localfed("show", "--data", grocer, offer),
        localfed("withdraw", "--data", grocer, offer),
        localfed("publish", "--data", grocer, "-", stdin=json.dumps(again)),
    ):
        assert late.exit_code == 1
        assert "unknown-document" in late.stderr


def test_the_own_record_cannot_be_withdrawn(localfed, node):
    grocer = node()

    done = localfed("withdraw", "--data", grocer, grocer.did + "/org.json")

    assert (done.exit_code, "bad-draft" in done.stderr) == (1, True)
    assert len(localfed("list", "--data", grocer, "--json").json()) == 1


BAD_DRAFTS = {
    "broken": ('{"type":"Offer"', "not-json"),
    "empty": ("", "not-json"),
    "deep": ('{"type":"Offer","name":' + "[" * 100_000, "too-"),
    "oversized": ('{"type":"Offer","name":"' + "x" * 70_000 + '"}', "too-large"),
    "duplicate": ('{"type":"Offer","name":"a","name":"b"}', "bad-draft"),
    "escaped duplicate": ('{"type":"Offer","name":"a","n\\u0061me":"b"}', "bad-draft"),
    "nan": ('{"type":"Offer","name":"a","ext":{"https://x.example/":NaN}}', "bad-draft"),
    "fraction": ('{"type":"Offer","name":"a","ext":{"https://x.example/":1.5}}', "bad-draft"),
    "large integer": (
        '{"type":"Offer","name":"a","ext":{"https://x.example/":12345678901234567890}}',
        "bad-number",
    ),
    "surrogate": ('{"type":"Offer","name":"\\ud800"}', "bad-"),
    "control character": ('{"type":"Offer","name":"a\\u0000b"}', "bad-character"),
    "bidi": ('{"type":"Offer","name":"a\u202eb"}', "bad-character"),
    "at key": ('{"type":"Offer","name":"a","@graph":[]}', "bad-draft"),
    "nested at key": ('{"type":"Offer","name":{"@value":"a"}}', "bad-draft"),
    "unknown type": ('{"type":"Gift","name":"a"}', "bad-draft"),
    "no type": ('{"name":"a"}', "bad-draft"),
    "no name": ('{"type":"Offer"}', "bad-draft"),
    "unknown member": ('{"type":"Offer","nmae":"a"}', "bad-draft"),
    "not an object": ("[]", "bad-draft"),
    "half a point": ('{"type":"Offer","name":"a","location":{"latitude":"1"}}', ""),
    "off the Earth": (
        '{"type":"Offer","name":"a","location":{"latitude":"91","longitude":"0"}}',
        "",
    ),
    "bad url": ('{"type":"Offer","name":"a","url":"javascript:alert(1)"}', "bad-draft"),
    "unknown id": ('{"type":"Offer","name":"a","id":"did:web:x"}', "unknown-document"),
}


@pytest.mark.parametrize("case", BAD_DRAFTS)
def test_a_bad_draft_is_refused_and_nothing_changes(localfed, node, case):
    draft, code = BAD_DRAFTS[case]
    grocer = node()
    before = localfed("status", "--data", grocer, "--json").stdout

    done = localfed("publish", "--data", grocer, "-", stdin=draft)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert f"localfed: {code}" in done.stderr
    assert "next:" in done.stderr
    assert localfed("status", "--data", grocer, "--json").stdout == before


def test_a_draft_of_bytes_that_are_no_text_is_refused(localfed, node):
    done = localfed("publish", "--data", node(), "-", stdin=b'{"type":"Offer","name":"\xff"}')

    assert (done.exit_code, "not-utf8" in done.stderr) == (1, True)


def test_a_draft_file_that_is_not_there_is_named(localfed, node, tmp_path):
    done = localfed("publish", "--data", node(), tmp_path / "missing.json")

    assert (done.exit_code, "bad-file" in done.stderr, "missing.json" in done.stderr) == (
        1,
        True,
        True,
    )


def test_a_folder_without_a_node_is_refused_by_every_command(localfed, tmp_path):
    for command in (["list"], ["status"], ["show", "x"], ["withdraw", "x"], ["search"], ["serve"]):
        done = localfed(command[0], "--data", tmp_path, *command[1:])

        assert (done.exit_code, "not-initialised" in done.stderr) == (1, True), command


def test_wrong_usage_ends_with_two(localfed):
    for words in (["publish"], ["nonsense"], ["init", "--data", "x"], ["serve", "--port", "x"]):
        assert localfed(*words).exit_code == 2, words


def test_the_version_is_told(localfed):
    assert localfed("--version").stdout == "localfed 0.1.0\n"


def test_an_unknown_zone_is_refused_and_times_that_are_over_are_told(localfed, node, tmp_path):
    grocer = node()
    zone, over = write_drafts(
        tmp_path,
        zone=VEG | {"schedule": "Mo-Su 00:00-23:59 Europe/Edinburgh"},
        over=VEG
        | {"schedule": {"start": "2020-01-01T10:00", "minutes": 60, "timeZone": "Europe/London"}},
    )

    refused = localfed("publish", "--data", grocer, zone)
    told = localfed("publish", "--data", grocer, over)

    assert (refused.exit_code, "unknown-zone" in refused.stderr) == (1, True)
    assert "Europe/London" in refused.stderr
    assert told.exit_code == 0
    assert "all of its times are over" in told.stderr


def test_what_has_ended_is_marked_in_the_list(localfed, node, tmp_path, monkeypatch):
    grocer = node()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    ending, lasting = write_drafts(
        tmp_path,
        ending=VEG | {"validUntil": tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ")},
        lasting=JAM | {"validUntil": "2999-01-01T00:00:00Z"},
    )
    assert localfed("publish", "--data", grocer, ending, lasting).exit_code == 0
    assert "(ended)" not in localfed("list", "--data", grocer).stdout
    monkeypatch.setattr(SystemClock, "machine", lambda _: tomorrow)

    text = localfed("list", "--data", grocer).stdout

    assert "Veg box (ended)" in text
    assert "Jam (ended)" not in text
    assert {one["name"]["en"]: one["ended"] for one in listed(localfed, grocer)} == {
        "Grocer": False,
        "Jam": False,
        "Veg box": True,
    }


@pytest.mark.parametrize(
    "locale, name",
    [
        ({"LANG": "cy_GB.UTF-8"}, "Bara"),
        ({"LANG": "cy_GB", "LC_MESSAGES": "en_GB.UTF-8@euro"}, "Bread"),
        ({"LANG": "en_GB", "LC_ALL": "C.UTF-8"}, "Bread"),
        ({"LANG": "fr_FR"}, "Bread"),
        ({}, "Bread"),
    ],
)
def test_names_are_said_in_the_language_of_the_terminal_else_in_their_own(
    localfed, node, monkeypatch, locale, name
):
    grocer = node()
    draft = {"type": "Offer", "name": {"cy": "Bara", "en": "Bread"}, "language": "en"}
    localfed("publish", "-", "--data", grocer, stdin=json.dumps(draft))
    for variable in ("LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in locale.items():
        monkeypatch.setenv(variable, value)

    assert f"Offer         {name}\n" in localfed("list", "--data", grocer).stdout
    assert localfed("search", "--data", grocer, "bara").stdout.startswith(f"{name}\n")


def test_a_half_that_says_more_than_the_other_is_told_so_with_what_to_do(localfed, node):
    """LF-PART-4, LF-PART-5: published by hand, it makes nothing true."""
    hall = node("hall")
    made = localfed(
        "init", "--data", hall, "--name", "Chapel", "--url", hall.url + "/chapel", "--json"
    )
    chapel = made.json()["did"]

    def publish(whose, partner, stage, **members):
        half = {"type": "Partnership", "partner": partner, "stage": stage, **members}
        done = localfed("publish", "-", "--data", hall, "--as", whose, stdin=json.dumps(half))
        assert done.exit_code == 0, done.stderr
        return done.stderr

    said = publish(hall.did, chapel, "integrated", promotes=True)
    assert "so nothing is in force" in said
    assert f"localfed partner propose {hall.url}/chapel/ --stage integrated" in said
    assert publish(chapel, hall.did, "promotion") == ""
    assert "so promotion is in force" in publish(hall.did, chapel, "integrated")
    assert "neither is shown" in publish(hall.did, chapel, "promotion", promotes=True)
    assert publish(hall.did, chapel, "guidance") == ""
