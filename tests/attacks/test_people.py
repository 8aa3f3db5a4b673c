"""What reaches the people in front of a browser, a terminal, a printer: texts stay texts, links stay links.

There are no admin pages, logins, sessions, mails or exported tables yet; with them come their cases. A real browser
is asked in `tests/web/test_hostile_texts_in_chromium.py`.
"""

from __future__ import annotations

import asyncio
import html
import json
import logging
import re
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec
import pytest
from click.testing import CliRunner

from attacks.frame import a_victim, check_answer, unmoved
from attacks.lies import again, list_bytes
from attacks.people_texts import LINKS, TEXTS, Seen, addresses, publish_everywhere
from localfed.app.values import DocumentState
from localfed.interop.csv_table import read_csv
from localfed.protocol.canonical import parse_object
from localfed.protocol.did import parse_base
from localfed.protocol.kit import Kit
from localfed.protocol.proofs import sign
from localfed.server.cli import main
from localfed.server.kit_page import KitPage, write_kit_page
from localfed.store.settings import Settings, write_settings

NAMES = list(TEXTS)


def flat(text):
    return " ".join(text.split())


# --- stored texts, on every page -------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
async def test_a_text_stays_a_text_on_every_page(victim, name):
    """In every field of every type, on every page that shows it: no element, no attribute, no link of it."""
    text = TEXTS[name]
    await publish_everywhere(victim, text)

    async with unmoved(victim):
        shown = 0
        for address in addresses(victim):
            answer = await victim.get(address)
            assert answer.status == 200, (address, answer.status)
            seen = Seen(answer.body.decode())
            assert seen.faults == [], address
            assert [one for one in seen.links if not _is_ours_or_web(one)] == [], address
            shown += flat(text[:40]) in flat(seen.text)
        assert shown >= 6, "the text is nowhere: nothing was tested"


def _is_ours_or_web(link):
    return link.startswith(("/", "#", "https://", "http://")) and not link.startswith("//")


@pytest.mark.parametrize("name", NAMES)
async def test_a_text_stays_data_in_the_api(victim, name):
    """What programs read is JSON with its own type, which no browser takes for a page."""
    await publish_everywhere(victim, TEXTS[name])
    scid = victim.friend.did.split(":")[2]

    async with unmoved(victim):
        for address in (
            "/api/v1/search?limit=50",
            "/api/v1/organisations",
            f"/api/v1/organisations/{scid}",
            f"/mirror/{scid}/org.json",
            f"/api/v1/documents/{scid}/org.json",
        ):
            answer = await victim.get(address)
            assert answer.status == 200, address
            assert "json" in answer.fields["content-type"]
            assert answer.fields["x-content-type-options"] == "nosniff"
            assert TEXTS[name][:40] in json.dumps(
                json.loads(answer.body), ensure_ascii=False
            ).replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.parametrize("name", NAMES)
async def test_a_search_for_a_text_is_repeated_as_text(victim, name):
    """Reflected: what is asked for stands in the heading, the box and the links of the page."""
    asked = quote(TEXTS[name][:150])
    async with unmoved(victim):
        for address in (f"/?q={asked}", f"/?category={asked}", f"/?q=a&category={asked}"):
            answer = await victim.get(address)
            assert answer.status == 200
            seen = Seen(answer.body.decode())
            assert seen.faults == []
            assert all(_is_ours_or_web(one) for one in seen.links)
        for address in (f"/?near={asked}", f"/?kind={asked}", f"/?cursor={asked}&q=a"):
            answer = await victim.get(address, Accept="text/html")
            assert answer.status in {200, 400}
            assert Seen(answer.body.decode()).faults == []
        check_answer(await victim.get(f"/api/v1/search?kind={asked}"), "bad-query", 400)


# --- links -----------------------------------------------------------------------------------


# A licence may be any IRI that nobody runs.
FIELDS = [
    (field, name)
    for field in ("url", "source", "license")
    for name in LINKS
    if (field, name) not in {("license", "mail"), ("license", "a telephone")}
]


@pytest.mark.parametrize("field, name", FIELDS)
async def test_what_is_no_web_address_is_never_a_link(victim, name, field):
    """Signed by its owner, and refused all the same; what else he publishes is shown as before."""
    body = _with_link(victim.friend, field, LINKS[name])
    path = "d/" + "z" * 26 + ".json"
    await list_bytes(victim.friend, path, "Organization", body)
    victim.federation.clock.advance(minutes=20)
    report = await victim.node.sync(victim.friend)

    assert (report.problem, report.rejected) == (None, 1)
    held = victim.node.store.document(victim.friend.did, path)
    assert (held.state, held.body) == (DocumentState.REJECTED, None)
    async with unmoved(victim):
        for address in addresses(victim):
            links = Seen((await victim.get(address)).body.decode()).links
            assert all(_is_ours_or_web(one) for one in links)
            assert not any("evil" in one for one in links)


def _with_link(node, field, link):
    value = parse_object(node.live(node)["org.json"].body)
    members = {
        "id": f"{node.did}/d/{'z' * 26}.json",
        "listed": True,
        "url": {"url": {"url": link}, "source": {}, "license": {}}[field].get("url"),
    }
    if field == "source":
        members["source"] = {"name": "A list", "url": link}
    if field == "license":
        members["license"] = link
    assert value["type"] == "Organization"
    return again(node.live(node)["org.json"].body, node.key, **members)


# --- characters ------------------------------------------------------------------------------

CHARACTERS = {
    "an escape of terminals": "\x1b[2J\x1b[1;1H",
    "a bell": "\x07",
    "a null": "\x00",
    "a backspace": "bank\x08\x08\x08\x08evil",
    "a carriage return": "safe\rEVIL",
    "a delete": "\x7f",
    "a control of the second set": "\x9b31m",
    "a next line": "\x85",
    "an override to the left": "\u202egnp.exe",
    "an embedding": "\u202a",
    "an isolate": "\u2066",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
}


@pytest.mark.parametrize("name", CHARACTERS)
@pytest.mark.parametrize("field", ["name", "description"])
async def test_characters_that_act_are_refused(victim, name, field):
    """On a terminal, in a log, in a line of text that turns round: none of them is ever stored."""
    text = f"Bread {CHARACTERS[name]} shop"
    node = victim.friend
    value = parse_object(node.live(node)["org.json"].body) | {field: {"en": text}}
    del value["proof"]
    body = sign(value, node.key, f"{node.did}#{node.key.multikey}")
    victim.federation.clock.advance(minutes=20)
    await list_bytes(victim.friend, "org.json", "Organization", body)
    await victim.node.sync(victim.friend)

    held = victim.node.store.document(victim.friend.did, "org.json")
    assert (held.state, held.body) == (DocumentState.REJECTED, None)
    assert held.problem in {"bad-character", "wrong-shape", "not-canonical"}


def test_a_table_with_characters_that_act_is_imported_without_them():
    texts = [text for text in CHARACTERS.values() if "\x00" not in text]
    rows = "".join(f"{n},Shop {text} {n}\n" for n, text in enumerate(texts))
    table = read_csv(("Identifier,Name\n" + rows).encode(), file_name="shops.csv", mapping=None)

    told = repr(list(table.records))
    assert told.count("Shop") >= len(texts)
    for text in ("\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u2028", "\r", "\x7f"):
        assert text not in told
        assert repr(text)[1:-1] not in told


# --- terminals and printers ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
async def test_commands_print_texts_as_texts(victim, town, tmp_path, name):
    """A terminal shows lines: nothing in them moves its cursor, and nothing is run."""
    await publish_everywhere(victim, TEXTS[name])
    folder = victim.node.folder
    write_settings(folder, Settings(name="N", url=victim.node.base))
    victim.node.close()

    for arguments in (
        ["status"],
        ["list"],
        ["search", "x"],
        ["search", TEXTS[name][:100]],
        ["evidence"],
        ["inbox", "list"],
        ["outbox"],
        ["blocks"],
    ):
        done = await _run([*arguments, "--data", str(folder)])
        assert done.exit_code in {0, 1}, (arguments, done.output, done.exception)
        assert (
            re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.output)
            is None
        )
    victim.node._open()


async def _run(arguments):
    return await asyncio.to_thread(
        CliRunner().invoke, main, arguments, env={"LOCALFED_ALLOW_LOOPBACK": "1"}
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_kit_is_printed_with_any_name(name):
    """The page is opened in a browser: whose kit it is stands there as text."""
    page = KitPage(
        text=Kit(b"k" * 32).text,
        name=TEXTS[name],
        did="did:webvh:x:grocer.example",
        base="https://grocer.example/",
        made=datetime(2026, 5, 1, tzinfo=UTC),
    )

    text = write_kit_page(page).decode()

    assert html.escape(TEXTS[name]) in text or html.escape(TEXTS[name], quote=False) in text
    without = write_kit_page(msgspec.structs.replace(page, name="Plain")).decode()
    assert re.findall(r"<(\w+)", text) == re.findall(r"<(\w+)", without)


# --- headers ---------------------------------------------------------------------------------

PLACES = ["/", "/about", "/organisations", "/static/style.css", "/api/v1/status", "/head.json"]
PLACES += ["/nothing", "/?near=nonsense", "/api/v1/search?kind=x", "/.well-known/localfed.json"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
async def test_every_answer_keeps_browsers_in_bounds(victim, place, method):
    """No cookie, no credentials for other sites, no guessing of types; and pages run and frame nothing."""
    sent = (
        f"{method} {place} HTTP/1.1\r\nHost: victim.example\r\nOrigin: https://evil.example\r\n"
        "Cookie: session=1\r\nAccess-Control-Request-Method: DELETE\r\nAccept: text/html\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    async with unmoved(victim):
        answer = await victim.send(sent.encode())

    assert answer.status < 500
    assert "set-cookie" not in answer.fields
    assert "access-control-allow-credentials" not in answer.fields
    assert answer.fields.get("access-control-allow-origin", "*") == "*"
    allowed = answer.fields.get("access-control-allow-methods", "GET")
    assert not {"DELETE", "PUT", "PATCH", "POST"} & set(re.findall(r"[A-Z]+", allowed))
    assert answer.fields.get("x-content-type-options") == "nosniff"
    if answer.fields.get("content-type", "").startswith("text/html"):
        policy = answer.fields["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert answer.fields["referrer-policy"] == "no-referrer"


INJECTED = ["%0d%0aSet-Cookie:%20a=b", "%0aSet-Cookie:%20a=b", "%0dX:%20y", "%E5%98%8A%E5%98%8DX:y"]
INJECTED += ["%00", "%22%3E%3Cscript%3E", "%E2%80%A8X", "a,%20b;%20rel=%22stylesheet%22"]


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize(
    "place",
    [
        "/?q={}",
        "/api/v1/search?q=a&limit=1&category={}",
        "/{}/",
        "/api/v1/documents?id={}",
        "/d/{}",
    ],
)
async def test_no_header_is_written_by_a_visitor(victim, place, text):
    """Links to the next page, redirects to the folder, tags: none repeats what could end a line."""
    async with unmoved(victim):
        answer = await victim.get(place.format(text))

    assert answer.status < 500
    assert "set-cookie" not in answer.fields
    assert "x" not in answer.fields
    for value in answer.fields.values():
        assert "\n" not in value
        assert "stylesheet" not in value or "%22" in value


ELSEWHERE = [
    "//evil.example",
    "//evil.example/",
    "/\\evil.example",
    "/%2f%2fevil.example",
    "///evil.example",
]
ELSEWHERE += ["/https://evil.example", "/.evil.example", "/@evil.example", "//evil.example/%2e%2e"]


@pytest.mark.parametrize("target", ELSEWHERE)
async def test_nobody_is_sent_elsewhere(victim, target):
    async with unmoved(victim):
        answer = await victim.get(target)

    assert answer.status < 500
    location = answer.fields.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


HOSTS = [
    "evil.example",
    "evil.example:443",
    "victim.example@evil.example",
    '"><script>',
    "localhost",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "place", ["/", "/organisations", "/.well-known/localfed.json", "/api/v1/organisations"]
)
async def test_the_host_that_a_request_says_is_repeated_nowhere(victim, host, place):
    """Canonical links are made from what the operator set: a cache in front cannot be poisoned."""
    async with unmoved(victim):
        sent = f"GET {place} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\n"
        answer = await victim.send((sent + "Connection: close\r\n\r\n").encode())

    assert answer.status < 500
    assert b"evil.example" not in answer.body
    assert b"<script" not in answer.body
    assert not any("evil" in value for value in answer.fields.values())


@pytest.mark.parametrize("text", INJECTED)
async def test_no_line_of_the_log_is_written_by_a_visitor(victim, caplog, text):
    """And nothing that people search for is written there at all."""
    caplog.set_level(logging.DEBUG, logger="localfed")
    async with unmoved(victim):
        await victim.get(f"/?q=secret-search{text}")
        await victim.get(f"/nothing{text}")
        await victim.post(f"hello {text}".encode())

    told = [record.getMessage() for record in caplog.records if record.name.startswith("localfed")]
    assert not [
        line for line in told if "secret-search" in line or "\n" in line or "Set-Cookie" in line
    ]


async def test_names_that_look_alike_are_shown_with_their_host(town, tmp_path):
    """Whoever calls himself like another is told apart by where he lives."""
    async with a_victim(town, tmp_path) as victim:
        await victim.friend.publish({"type": "Organization", "name": "Other"})
        victim.federation.clock.advance(minutes=20)
        await victim.node.sync(victim.friend)
        page = Seen((await victim.get("/organisations")).body.decode()).text

    assert "friend.example" in page
    assert "other.example" in page


def test_a_host_in_letters_that_look_alike_is_written_as_what_it_is():
    """A host is written in ASCII: xn-- shows that it is not what it looks like."""
    base = parse_base("https://еxample.org/", allow_loopback=False)

    assert base == "https://xn--xample-2of.org/"
