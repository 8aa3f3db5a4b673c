"""Our own vectors: every document, page, snapshot, head and reading gives what its index says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from localfed.app.feed_reading import read_feed
from localfed.protocol.accept import open_document, open_head
from localfed.protocol.digest import digest
from localfed.protocol.errors import Forked, Rejected, Stale
from localfed.protocol.feed import chain_over, read_page, read_parts, write_page
from localfed.protocol.message import Ping, open_message, read_post
from localfed.protocol.mirror import read_clock, write_clock
from localfed.protocol.ratchet import HeadState, judge
from protocol.spec_vectors import (
    DOCUMENTS,
    FEED,
    SPEC,
    VECTORS,
    at,
    documents,
    feed_cases,
    identity_of,
    name_of,
    read_json,
)


def opened(case):
    return open_document(
        (DOCUMENTS / case["file"]).read_bytes(),
        identity=identity_of(case["log"]),
        now=at(case),
        path=case["path"],
        digest=case["digest"],
    )


@pytest.mark.parametrize("case", documents(valid=True), ids=name_of)
def test_a_valid_document_is_accepted(case):
    """LF-DOC-1, LF-DOC-4, LF-DOC-12, LF-FORM-2, LF-FORM-3, LF-FORM-12."""
    checked = opened(case)

    assert checked.is_shown == case["shown"]
    assert checked.path == case["path"]
    assert checked.body == (DOCUMENTS / case["file"]).read_bytes()
    assert checked.digest == digest(checked.body)


@pytest.mark.parametrize("case", documents(valid=False), ids=name_of)
def test_an_invalid_document_is_refused_with_its_code(case):
    """LF-BYTES-1, LF-BYTES-3, LF-BYTES-4, LF-BYTES-5, LF-BYTES-6, LF-BYTES-7, LF-BYTES-8.

    LF-BYTES-9, LF-BYTES-10, LF-BYTES-13, LF-PROOF-1, LF-PROOF-2, LF-PROOF-3, LF-PROOF-4, LF-PROOF-5,
    LF-DOC-1, LF-DOC-2, LF-DOC-3, LF-DOC-4, LF-DOC-5, LF-DOC-6, LF-DOC-7, LF-DOC-8, LF-DOC-9,
    LF-DOC-11, LF-DOC-13, LF-FORM-1, LF-FORM-2, LF-FORM-3, LF-FORM-4, LF-FORM-5, LF-FORM-6, LF-FORM-7,
    LF-FORM-8, LF-FORM-9, LF-FORM-10, LF-FORM-11, LF-FORM-12, LF-ORG-1, LF-ORG-2, LF-ORG-3, LF-ORG-4,
    LF-LIST-1, LF-LIST-2, LF-LIST-3: each case of the index names its own.
    """
    with pytest.raises(Rejected) as caught:
        opened(case)

    assert caught.value.code == case["code"]


def test_the_documents_try_every_rule_that_a_document_can_break():
    tried = {case["rule"] for case in documents(valid=False)}
    expected = {
        *(f"LF-BYTES-{number}" for number in (1, 3, 4, 5, 6, 7, 8, 9, 10)),
        *(f"LF-PROOF-{number}" for number in (1, 2, 3, 4, 5)),
        *(f"LF-DOC-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13)),
        *(f"LF-FORM-{number}" for number in range(1, 13)),
        *(f"LF-ORG-{number}" for number in (1, 2, 3, 4)),
        *(f"LF-LIST-{number}" for number in (1, 2, 3)),
    }

    assert expected - tried == set()


@pytest.mark.parametrize("case", feed_cases("page"), ids=name_of)
def test_a_page_is_read_or_refused_with_its_code(case):
    """LF-FEED-2, LF-FEED-3, LF-FEED-4, LF-FEED-5, LF-FEED-6, LF-FEED-7."""
    body = (FEED / case["file"]).read_bytes()

    if "code" in case:
        with pytest.raises(Rejected) as caught:
            read_page(body, case["path"])
        assert caught.value.code == case["code"]
    else:
        page = read_page(body, case["path"])
        assert len(page.entries) == case["result"]["entries"]
        assert chain_over(page.before, page.entries) == case["result"]["chain"]
        assert write_page(page) == body


@pytest.mark.parametrize("case", feed_cases("parts"), ids=name_of)
def test_a_snapshot_is_read_or_refused_with_its_code(case):
    """LF-FEED-9, LF-FEED-10."""
    bodies = [(FEED / file).read_bytes() for file in case["files"]]

    if "code" in case:
        with pytest.raises(Rejected) as caught:
            read_parts(bodies)
        assert caught.value.code == case["code"]
    else:
        assert len(read_parts(bodies)) == case["result"]["rows"]


@pytest.mark.parametrize("case", feed_cases("head"), ids=name_of)
def test_a_head_is_opened_or_refused_with_its_code(case):
    """LF-HEAD-1, LF-HEAD-2, LF-HEAD-3, LF-HEAD-4, LF-HEAD-5, LF-HEAD-6, LF-HEAD-7, LF-HEAD-8."""
    body = (FEED / case["file"]).read_bytes()
    identity = identity_of(case["log"], FEED)

    if "code" in case:
        with pytest.raises(Rejected) as caught:
            open_head(body, identity=identity, now=at(case))
        assert caught.value.code == case["code"]
    else:
        checked = open_head(body, identity=identity, now=at(case))
        assert (checked.era, checked.head.seq) == (case["result"]["era"], case["result"]["seq"])


@pytest.mark.parametrize("case", read_json(FEED / "ratchet.json"), ids=name_of)
def test_the_ratchet_gives_the_verdict_of_its_table(case):
    """LF-RATCHET-1, LF-RATCHET-2, LF-RATCHET-3, LF-RATCHET-4, LF-RATCHET-5."""
    held = HeadState(**case["held"]) if case["held"] else None
    offered = HeadState(**case["offered"])

    try:
        verdict = judge(held, offered).value
    except (Stale, Forked) as error:
        verdict = error.code

    assert verdict == case["verdict"]


def test_the_ratchet_is_tried_on_every_row_of_its_table():
    page = (SPEC / "06-feed.md").read_text(encoding="utf-8")
    rows = {int(row) for row in re.findall(r"^\| ([0-9]+) \| ", page, re.MULTILINE)}

    assert {case["row"] for case in read_json(FEED / "ratchet.json")} == rows


@pytest.mark.parametrize("case", feed_cases("reading"), ids=name_of)
async def test_a_whole_feed_is_read_or_refused_with_its_code(case):
    """LF-READ-3, LF-READ-4, LF-READ-5, LF-READ-6, LF-READ-7, LF-READ-8, LF-READ-14, LF-FEED-8.

    LF-HEAD-3, LF-HEAD-6: what of a head only its feed can contradict.
    """
    reading = read_json(FEED / case["file"])
    identity = identity_of(reading["log"], FEED)
    head = open_head(reading["head"].encode(), identity=identity, now=at(reading)).head
    held = reading["held"] and HeadState(era=0, updated="", **reading["held"])

    async def fetch(path):
        text = reading["files"].get(path)
        return None if text is None else text.encode()

    if "code" in reading:
        with pytest.raises(Rejected) as caught:
            await read_feed(head, identity.scid, held, fetch)
        assert caught.value.code == reading["code"]
        return
    listing = await read_feed(head, identity.scid, held, fetch)
    live = {} if listing.is_whole else dict(reading["before"])
    for path in listing.deletes:
        live.pop(path, None)
    live |= {row.path: row.digest for row in listing.puts}
    assert live == reading["result"]["live"]
    assert listing.is_whole == reading["result"]["isWhole"]
    assert list(listing.notes) == reading["result"]["notes"]


def test_the_vectors_come_out_of_their_programs_byte_for_byte(tmp_path):
    program = VECTORS / "make_documents.py"
    environment = {**os.environ, "PYTHONPATH": str(SPEC.parent / "src")}
    subprocess.run([sys.executable, program, tmp_path], check=True, env=environment)

    assert tree(tmp_path / "documents") == tree(DOCUMENTS)
    assert tree(tmp_path / "feed") == tree(FEED)


def test_the_examples_of_the_text_are_computed(monkeypatch):
    """LF-BYTES-1, LF-PROOF-3, LF-FEED-4: the values on the pages are those that the code gives."""
    monkeypatch.syspath_prepend(str(VECTORS))
    from worked_examples import examples, fill

    values = examples()
    pages = sorted(SPEC.glob("0*.md"))
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages}

    assert {name: fill(text, values) for name, text in texts.items()} == texts
    shown = set(re.findall(r"<!-- example: ([a-z0-9-]+) -->", "".join(texts.values())))
    assert len(shown) >= 14


def test_the_smallest_offer_of_the_text_is_in_the_vectors():
    offer = (DOCUMENTS / "valid" / "offer-smallest.json").read_text(encoding="utf-8")

    assert f"```json\n{offer}\n```" in (SPEC / "04-proofs.md").read_text(encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("case", read_json(FEED / "clocks.json"), ids=name_of)
def test_a_clock_of_a_mirror_is_read_or_refused_as_its_vector_says(case):
    """LF-MIRROR-2."""
    body = case["text"].encode()

    if "code" in case:
        with pytest.raises(Rejected) as caught:
            read_clock(body)
        assert caught.value.code == case["code"]
    else:
        assert read_clock(body) == case["result"]
        assert write_clock(case["result"]) == body


MESSAGES = VECTORS / "messages"


@pytest.mark.parametrize("case", read_json(MESSAGES / "index.json"), ids=name_of)
def test_a_message_is_taken_or_refused_as_its_vector_says(case):
    """LF-MSG-1, LF-MSG-2, LF-MSG-3, LF-MSG-4, LF-MSG-5, LF-MSG-6, LF-MSG-7."""
    body = (MESSAGES / case["file"]).read_bytes()
    opened = {"identity": identity_of(case["log"], VECTORS / "identity"), "now": at(case)}

    if "code" not in case:
        assert open_message(body, **opened, hosted=case["hosted"]).digest == digest(body)
        return
    with pytest.raises(Rejected) as caught:
        open_message(body, **opened, hosted=case["hosted"])
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", read_json(MESSAGES / "posts.json"), ids=name_of)
def test_a_post_is_read_as_its_vector_says(case):
    """LF-INBOX-1."""
    body = case["text"].encode()

    if "code" in case:
        with pytest.raises(Rejected) as caught:
            read_post(body)
        assert caught.value.code == case["code"]
    else:
        assert isinstance(read_post(body), Ping) == (case["kind"] == "ping")


def test_the_program_writes_the_messages_again(tmp_path):
    """The vectors are what the program makes, byte for byte."""
    program = VECTORS / "make_messages.py"
    subprocess.run([sys.executable, program, tmp_path], check=True, capture_output=True)

    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert made == {path.relative_to(MESSAGES): path.read_bytes() for path in MESSAGES.rglob("*.*")}
