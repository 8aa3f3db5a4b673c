"""send, inbox, outbox: between real nodes."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def baker(node, serve):
    baker = node("baker")
    baker.process = serve(baker)
    return baker


@pytest.fixture
def grocer(localfed, node, baker):
    """A node that follows the baker and is not running yet."""
    grocer = node("grocer")
    localfed("follow", "--data", grocer, baker.url)
    localfed("sync", "--data", grocer, "--once")
    return grocer


@pytest.fixture
def until(localfed):
    """Run a command with --json until what it prints satisfies a claim."""

    def wait(claim, *words, seconds=20):
        end = time.monotonic() + seconds
        while True:
            value = localfed(*words, "--json").json()
            if claim(value):
                return value
            assert time.monotonic() < end, (words, value)
            time.sleep(0.1)

    return wait


def send(localfed, node, to, *words):
    done = localfed("send", "--data", node, to, "--json", *words)
    assert done.exit_code == 0, done.stderr
    return done.json()


def states(items):
    return [one["state"] for one in items if one["kind"] == "message"]


def test_a_message_goes_out_is_read_and_is_answered(localfed, grocer, baker, serve, until):
    """LF-INBOX-2, LF-SEND-1: written while the node stands still, delivered once it runs."""
    sent = send(localfed, grocer, baker.url, "--text", "Have you bread on Sundays?")
    waiting = localfed("outbox", "list", "--data", grocer, "--json").json()
    assert states(waiting) == ["waiting"]
    serve(grocer)
    until(lambda items: states(items) == ["delivered"], "outbox", "--data", grocer)

    (line,) = localfed("inbox", "--data", baker, "--json").json()
    shown = localfed("inbox", "show", "--data", baker, line["number"])
    listed = localfed("inbox", "list", "--data", baker)
    opened = localfed("inbox", "open", "--data", baker, line["number"], "--json").json()
    answer = send(localfed, baker, line["from"], "--text", "We have.", "--reply-to", line["number"])
    (back,) = until(lambda items: items, "inbox", "list", "--data", grocer)

    assert (line["from"], line["digest"], line["stranger"]) == (grocer.did, sent["digest"], True)
    assert "a stranger" in listed.stdout
    assert "Have you bread on Sundays?" in shown.stdout
    assert (opened["state"], opened["message"]["to"]) == ("opened", baker.did)
    assert (back["digest"], back["stranger"]) == (answer["digest"], False)
    assert localfed("inbox", "list", "--data", baker, "--json").json() == []
    assert len(localfed("inbox", "list", "--all", "--data", baker, "--json").json()) == 1
    reply = localfed("inbox", "show", "--data", grocer, back["number"], "--json").json()
    assert reply["message"]["inReplyTo"] == sent["digest"]


def test_a_proposal_is_accepted_and_another_declined(localfed, grocer, baker, serve, until):
    serve(grocer)
    send(localfed, grocer, baker.url, "--type", "proposal", "--stage", "promotion")
    send(localfed, grocer, baker.url, "--type", "proposal", "--stage", "guidance", "--text", "Or?")
    first, second = until(lambda items: len(items) == 2, "inbox", "list", "--data", baker)

    shown = localfed("inbox", "show", "--data", baker, first["number"])
    send(localfed, baker, grocer.did, "--type", "accept", "--reply-to", first["number"])
    send(localfed, baker, grocer.did, "--type", "decline", "--reply-to", second["number"])
    back = until(lambda items: len(items) == 2, "inbox", "list", "--data", grocer)

    assert "stage: promotion" in shown.stdout
    assert [one["type"] for one in back] == ["Accept", "Decline"]


def test_what_is_dismissed_is_put_away(localfed, grocer, baker, serve, until):
    serve(grocer)
    send(localfed, grocer, baker.url, "--text", "Have you bread?")
    (line,) = until(lambda items: items, "inbox", "list", "--data", baker)

    done = localfed("inbox", "dismiss", "--data", baker, line["number"])

    assert (done.exit_code, done.stdout) == (0, f"dismissed: {line['number']}\n")
    assert localfed("inbox", "--data", baker, "--json").json() == []
    (kept,) = localfed("inbox", "list", "--all", "--data", baker, "--json").json()
    assert kept["state"] == "dismissed"


def test_who_was_away_gets_it_when_the_operator_tries_again(localfed, grocer, baker, serve, until):
    """LF-SEND-1: a node that was away for a while is not asked again for a minute or more by itself."""
    baker.process.terminate()
    baker.process.wait(20)
    send(localfed, grocer, baker.url, "--text", "Have you bread?")
    serve(grocer)
    (failed,) = until(
        lambda items: [one for one in items if one["failures"]], "outbox", "list", "--data", grocer
    )
    told = localfed("outbox", "--data", grocer)
    serve(baker)

    tried = localfed("outbox", "retry", "--data", grocer, failed["number"])
    until(lambda items: states(items) == ["delivered"], "outbox", "--data", grocer)

    assert (failed["state"], failed["problem"]) == ("waiting", "no-answer")
    assert "no-answer (next try " in told.stdout
    assert (tried.exit_code, baker.url in tried.stdout) == (0, True)
    assert len(localfed("inbox", "--data", baker, "--json").json()) == 1
    assert localfed("outbox", "retry", "--data", grocer, "--json").json() == []
    again = localfed("outbox", "retry", "--data", grocer, failed["number"])
    assert (again.exit_code, "unknown-message" in again.stderr) == (1, True)


def test_a_publication_pings_who_is_followed_and_is_read_at_once(
    localfed, grocer, baker, serve, until
):
    """LF-PING-1, LF-PING-3: between two real nodes that follow each other."""
    serve(grocer)
    localfed("follow", "--data", baker, grocer.url)
    until(lambda found: found["total"] == 1, "search", "grocer", "--data", baker)

    draft = '{"type": "Offer", "name": "Veg box"}'
    localfed("publish", "--data", grocer, "-", stdin=draft)

    until(lambda found: found["total"] == 1, "search", "veg", "--data", baker, seconds=15)


@pytest.mark.parametrize(
    "words, code",
    [
        (["inbox", "show", "7"], "unknown-message"),
        (["inbox", "open", "7"], "unknown-message"),
        (["inbox", "dismiss", "-7"], None),
        (["inbox", "dismiss", "7"], "unknown-message"),
        (["outbox", "retry", "7"], "unknown-message"),
        (["outbox", "retry", "seven"], None),
        (["outbox", "forget"], None),
        (["send", "nobody.example", "--text", "x"], "unknown-organisation"),
        (["send", "did:webvh:Qm:nobody.example", "--text", "x"], "unknown-organisation"),
        (["send", "BAKER"], "bad-draft"),
        (["send", "BAKER", "--type", "proposal"], "bad-draft"),
        (["send", "BAKER", "--type", "accept"], "bad-draft"),
        (["send", "BAKER", "--text", "x", "--about", "the bread"], "bad-draft"),
        (["send", "BAKER", "--text", "x", "--reply-to", "7"], "unknown-message"),
        (["send", "BAKER", "--type", "gossip"], None),
        (["send", "BAKER", "--stage", "marriage"], None),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_code_and_changes_nothing(
    localfed, grocer, baker, words, code
):
    before = localfed("outbox", "--data", grocer, "--json").stdout

    done = localfed(*(baker.url if one == "BAKER" else one for one in words), "--data", grocer)

    assert (done.exit_code, done.stdout) == (2 if code is None else 1, "")
    assert code is None or f"localfed: {code}:" in done.stderr
    assert localfed("outbox", "--data", grocer, "--json").stdout == before


def test_the_name_of_a_box_alone_is_its_list(localfed, grocer):
    for box in ("inbox", "outbox"):
        short, long = (localfed(*words, "--data", grocer) for words in ((box,), (box, "list")))
        assert (short.exit_code, short.stdout) == (0, long.stdout)
        assert "list" in localfed(box, "--help").stdout


def test_a_lister_takes_a_record_off_that_the_visitor_of_another_node_complains_of(
    localfed, grocer, baker, serve, until
):
    """LF-INBOX-8: in the tray and the notices at once, and the inbox says what to do."""
    record = (
        '{"type":"Organization","listed":true,"name":"Chapel Hall","source":{"name":"Noticeboard"}}'
    )
    hall = localfed("publish", "--data", baker, "-", stdin=record).stdout.strip()
    send(localfed, grocer, baker.url, "--text", "Take us off", "--about", hall)
    serve(grocer)

    (one,) = until(lambda items: items, "enquiries", "--data", baker)
    listed = localfed("enquiries", "list", "--data", baker)
    (message,) = localfed("inbox", "--data", baker, "--json").json()
    shown = localfed("inbox", "show", "--data", baker, message["number"])
    notices = localfed("notices", "--data", baker)
    in_full = localfed("enquiries", "show", "--data", baker, one["number"])

    assert (one["kind"], one["about"], one["title"]) == ("correction", hall, "Chapel Hall")
    assert one["passed_on_by"] == grocer.url.rpartition("//")[2].rstrip("/")
    assert "about Chapel Hall" in listed.stdout
    assert hall not in listed.stdout
    assert f"passed on by {one['passed_on_by']}" in listed.stdout
    assert f"localfed enquiries withdraw {one['number']}" in shown.stdout
    assert "1 enquiry of a visitor waits" in notices.stdout
    assert hall in in_full.stdout
    assert "Take us off" in in_full.stdout
    withdrawn = localfed("enquiries", "withdraw", "--data", baker, one["number"], "--json").json()
    assert withdrawn == {"id": hall, "withdrawn": True}
    assert localfed("inbox", "--data", baker, "--json").json() == []
