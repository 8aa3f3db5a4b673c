"""What reaches the people in front of a browser or a terminal: markup, script URLs, unseen characters, injection.

Written by a friend whom the victim follows, or by who asks; shown by the victim's real site and commands. What is
written lies in `people_material`. Signed-in pages, mail and exported tables come with the parts that make them.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import quote

import apsw
import msgspec
import pytest
from click.testing import CliRunner

from app.makers import host_another
from attacks.frame import check_answer, unmoved
from attacks.lies import letter, log_of, message, scid_of
from attacks.people_material import (
    MARK,
    PAYLOADS,
    SCRIPT_URLS,
    UNSEEN,
    answers_of,
    pages_of,
    publish_everywhere,
    publish_signed,
    read_page,
    skeleton,
)
from attacks.server_material import ask_one, check_any, letter_of, posted, request, serving
from localfed.app import search
from localfed.app.values import DocumentState
from localfed.protocol.canonical import parse_object
from localfed.protocol.kit import Kit
from localfed.server.cli import main
from localfed.server.console import LogFormatter, harmless
from localfed.server.kit_page import KitPage, write_kit_page
from localfed.store.connection import DATABASE
from localfed.store.settings import Settings, write_settings
from localfed.web.routes import ROUTES


def table(cases):
    """Make pytest items of a table of material."""
    return [pytest.param(value, id=name) for name, value in cases.items()]


# --- markup that is stored -----------------------------------------------------------------------


@pytest.mark.parametrize("payload", table(PAYLOADS))
async def test_markup_in_every_field_of_every_type_stays_text_everywhere(victim, payload):
    """The same pages with an innocent text have the same elements and the same attributes, in the same order.

    Of the API it is JSON that no browser takes for a page, byte for byte as it was signed.
    """
    ids = await publish_everywhere(victim, "An innocent text", [])
    targets = pages_of(victim, ids)
    innocent = [read_page((await ask_one(victim, request(one))).body) for one in targets]
    assert await publish_everywhere(victim, payload, ids) == ids

    async with unmoved(victim, requests=0):
        pages = [read_page((await ask_one(victim, request(one))).body) for one in targets]
        for target in answers_of(victim, ids):
            answer = await ask_one(victim, request(target, "Accept: text/html"))
            assert answer.status == 200
            kind = answer.fields["content-type"]
            assert kind in {"application/json", "application/ld+json", "application/geo+json"}
            assert json.loads(answer.body)
        own = victim.friend.live(victim.friend)
        for one in ids:
            answer = await ask_one(victim, request(f"/api/v1/documents?id={one}"))
            assert answer.body == own[one.partition("/")[2]].body

    flat = " ".join(payload.split())
    for target, before, page in zip(targets, innocent, pages, strict=True):
        # What a search shows first depends on the words.
        is_search = target.startswith("/?") or target == "/"
        assert is_search or skeleton(page) == skeleton(before)
        assert set(skeleton(page)) <= set(skeleton(before))
        assert flat in page.text
    assert all(page.text.count(flat) >= 8 for page in pages[-3:])


@pytest.mark.parametrize("payload", table(PAYLOADS))
async def test_markup_in_an_address_stays_text_or_comes_back_in_no_answer(victim, payload):
    """Reflected: in every parameter, known or not, and in the path."""
    word = quote(payload, safe="")
    usual = quote("an innocent text", safe="")
    templates = [f"/?{name}=WORD" for name in ("q", "near", "radius", "kind", "category", "cursor")]
    templates += ["/?WORD=1", "/?near=54.6,-2.3&radius=WORD", "/?q=bread&category=WORD&kind=WORD"]
    templates += [f"/report?{name}=WORD" for name in ("since", "until", "near", "radius", "WORD")]
    templates += ["/WORD", "/organisations?page=WORD", "/organisations/WORD", "/documents/WORD/x"]
    templates += [f"/documents/{scid_of(victim.friend)}/WORD", "/static/WORD", "/d/WORD"]

    async with unmoved(victim, requests=0):
        for template in templates:
            pages = [
                await ask_one(victim, request(template.replace("WORD", one), "Accept: text/html"))
                for one in (word, usual)
            ]
            assert {one.fields["content-type"] for one in pages} == {"text/html; charset=utf-8"}
            hostile, innocent = [read_page(one.body) for one in pages]
            # Several words get several proposals; each is a link to a search.
            assert set(skeleton(hostile)) <= set(skeleton(innocent))
        for target in (
            f"/api/v1/search?{word}=1",
            f"/api/v1/search?kind={word}",
            f"/api/v1/search?cursor={word}",
            f"/api/v1/search?near={word}",
            f"/api/v1/documents?id={word}",
            f"/api/v1/organisations?cursor={word}",
            f"/api/v1/{word}",
        ):
            check_answer(await ask_one(victim, request(target)))


@pytest.mark.parametrize("payload", table(PAYLOADS))
def test_markup_in_a_name_is_text_on_the_page_of_the_recovery_kit(payload):
    def read(name):
        page = KitPage(
            text=Kit(b"k" * 32).text,
            name=name,
            did=f"did:webvh:{name}",
            base=f"https://{name}/",
            made=datetime(2026, 5, 1, tzinfo=UTC),
        )
        reader = _Elements()
        reader.feed(write_kit_page(page).decode())
        return reader

    hostile, innocent = read(payload), read("Kitchen")

    assert hostile.elements == innocent.elements
    assert payload in "".join(hostile.texts)


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag):
        self.elements.append(tag)

    def handle_comment(self, data):
        self.elements.append(data)

    def handle_data(self, data):
        self.texts.append(data)


async def test_markup_in_the_name_of_the_node_stays_text(victim):
    name = PAYLOADS["a script after a title"] + PAYLOADS["the end of an attribute"]
    targets = (
        "/",
        "/about",
        "/organisations",
        "/nothing",
        f"/organisations/{scid_of(victim.node)}",
    )

    async with serving(victim, name=name):
        for target in targets:
            page = read_page((await ask_one(victim, request(target, "Accept: text/html"))).body)
            assert name in page.text
        status = await ask_one(victim, request("/api/v1/status"))

    assert json.loads(status.body)["name"] == name


# --- URLs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", table(SCRIPT_URLS))
async def test_a_url_that_a_browser_would_obey_is_not_taken(victim, url):
    paths = [
        await publish_signed(victim, "bread", url=url),
        await publish_signed(victim, "cake", license=url),
    ]
    scid = scid_of(victim.friend)

    async with unmoved(victim, requests=0):
        for target in ("/", f"/organisations/{scid}", "/?q=bread"):
            assert MARK.encode() not in (await ask_one(victim, request(target))).body
        missing = [
            await ask_one(victim, request(f"/documents/{scid}/{path.removesuffix('.json')}"))
            for path in paths
        ]

    assert [one.status for one in missing] == [404, 404]
    held = {one.path: one.state for one in victim.node.store.documents(victim.friend.did)}
    assert not [path for path in paths if held[path] is DocumentState.LIVE]


@pytest.mark.parametrize("url", table(SCRIPT_URLS))
async def test_nor_is_it_a_link_where_it_came_in_past_every_check(victim, url):
    """Put into the store itself, into each field that holds one: the second line of defence."""
    did, scid = victim.friend.did, scid_of(victim.friend)
    path = victim.ids["bread"].removeprefix(did + "/")
    for field in ("url", "license"):
        body = parse_object(victim.friend.live(victim.friend)[path].body) | {field: url}
        _damage(victim, msgspec.json.encode(body), did, path)

        async with unmoved(victim, requests=0):
            for target in (
                "/",
                f"/organisations/{scid}",
                f"/documents/{scid}/{path.removesuffix('.json')}",
            ):
                answer = await ask_one(victim, request(target, "Accept: text/html"))
                page = read_page(answer.body)
                assert not [one for one in page.links() if MARK in one]


def _damage(victim, body, did, path):
    connection = apsw.Connection(str(victim.node.folder / DATABASE))
    connection.execute(
        """UPDATE body SET bytes = ? WHERE document_id = (
            SELECT document.id FROM document JOIN identity ON publisher_id = identity.id
            WHERE did = ? AND path = ?
        )""",
        (body, did, path),
    )
    assert connection.changes() == 1
    connection.close()


@pytest.mark.parametrize(
    "url,host",
    [
        ("https://victim.example.xyzzy.example/", "victim.example.xyzzy.example"),
        ("https://xyzzy.example/https://victim.example/", "xyzzy.example"),
        ("https://xyzzy.example/?victim.example", "xyzzy.example"),
        ("https://xyzzy.example#victim.example", "xyzzy.example"),
        ("https://xn--vctim-2ta.example/", "xn--vctim-2ta.example"),
        ("http://[::1]:8080/", "::1"),
        ("https://VICTIM.example/", "victim.example"),
        ("https://[xyzzy/", "https://[xyzzy/"),
    ],
)
async def test_a_link_that_leads_away_says_where_and_tells_nobody_who_followed_it(
    victim, url, host
):
    path = await publish_signed(victim, "bread", url=url)
    target = f"/documents/{scid_of(victim.friend)}/{path.removesuffix('.json')}"

    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, request(target))

    page = read_page(answer.body)
    (link,) = [one for one in page.all("a") if one["href"] == url]
    assert link["rel"] == "nofollow noopener ugc"
    assert answer.fields["referrer-policy"] == "no-referrer"
    assert f"Website {host} " in page.text


# --- names that look like others' -----------------------------------------------------------------


@pytest.mark.parametrize("name", table(UNSEEN))
async def test_a_name_with_what_cannot_be_seen_is_not_taken(victim, name):
    path = await publish_signed(victim, "bread", name={"en": name})

    async with unmoved(victim, requests=0):
        page = await ask_one(victim, request(f"/organisations/{scid_of(victim.friend)}"))
        found = await ask_one(victim, request("/api/v1/search"))

    (held,) = [one for one in victim.node.store.documents(victim.friend.did) if one.path == path]
    assert held.state is not DocumentState.LIVE
    assert name.encode() not in page.body + found.body


@pytest.mark.parametrize(
    "name",
    [
        "Victim",
        "victim.example",
        "V\u0456ctim",
        "Victim\u00a0",
        "Published by the organisation itself",
    ],
)
async def test_whoever_calls_himself_like_another_stands_beside_his_own_host(victim, name):
    """Nobody can be kept from a name; so it is never shown without the host, which only its owner has."""
    await victim.friend.publish({"type": "Organization", "name": name})
    victim.federation.clock.advance(minutes=10)
    await victim.node.sync(victim.friend)
    await search.catch_up(victim.ports)
    scid = scid_of(victim.friend)
    bread = victim.ids["bread"].partition("/")[2].removesuffix(".json")

    async with unmoved(victim, requests=0):
        for target in (
            "/",
            "/organisations",
            f"/organisations/{scid}",
            f"/documents/{scid}/{bread}",
        ):
            page = read_page((await ask_one(victim, request(target))).body)
            assert name.strip() in page.text
            assert "friend.example" in page.text


async def test_a_host_of_other_letters_is_shown_as_it_is_written_on_the_wire(victim):
    """`bäker` and `baker` are two hosts; so are those whose letters look the same."""
    mimic = await victim.federation.node("xn--vctim-2ta")
    await victim.node.follow(mimic)
    await victim.node.sync(mimic)
    await search.catch_up(victim.ports)

    async with unmoved(victim, requests=0):
        for target in ("/organisations", f"/organisations/{scid_of(mimic)}", "/?q=xn"):
            page = read_page((await ask_one(victim, request(target))).body)
            assert "xn--vctim-2ta.example" in page.text


# --- what a browser may do with an answer -----------------------------------------------------------


ORIGINS = ("https://evil.example", "null", "https://victim.example", "https://victim.example.evil")


def _every_route(victim):
    """Name one address of each route, and of each kind of refusal."""
    did, veg = victim.ids["veg"].split("/", 1)
    scid = did.split(":")[2]
    fills = {
        "/organisations/": f"/organisations/{scid}",
        "/documents/": f"/documents/{scid}/{veg.removesuffix('.json')}",
        "/static/": "/static/style.css",
        "/api/v1/organisations/": f"/api/v1/organisations/{scid}",
        "/api/v1/documents/": f"/api/v1/documents/{scid}/{veg}",
        "/api/v1/identities/": f"/api/v1/identities/{scid}",
        "/d/": f"/{veg}",
        "/mirror/": f"/mirror/{scid_of(victim.friend)}/head.json",
    }
    known = [fills.get(route.path.partition("{")[0], route.path) for route in ROUTES]
    return [
        *sorted({one for one in known if "{" not in one}),
        "/static/icon.svg",
        "/nothing",
        "/mirror/clock.json",
        f"/organisations/{'Q' * 46}",
        "/api/v1/search?limit=x",
        "/?near=x",
    ]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
async def test_every_answer_may_be_read_by_all_and_carries_nobodys_name(victim, origin, accept):
    """CORS `*` without credentials, no cookie, no frame, no script: whatever is asked, and by whom."""
    fields = (
        f"Origin: {origin}",
        f"Accept: {accept}",
        "Cookie: session=admin",
        "Authorization: Basic x",
    )

    async with unmoved(victim, requests=0):
        for target in _every_route(victim):
            answer = await ask_one(victim, request(target, *fields))
            plain = await ask_one(victim, request(target, f"Accept: {accept}"))
            # `check_any` has looked at the policy, the cookies, the credentials.
            assert (answer.status, answer.body) == (plain.status, plain.body)
            assert answer.fields["access-control-allow-origin"] == "*"
            assert origin not in str(answer.fields) + answer.body.decode(errors="replace") or (
                origin in {"null", "https://victim.example"}
            )


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_no_page_of_another_site_is_told_that_it_may_change_anything(victim, origin, method):
    asked = (
        f"Origin: {origin}",
        f"Access-Control-Request-Method: {method}",
        "Access-Control-Request-Headers: authorization, cookie, x-evil",
    )

    async with unmoved(victim, requests=0):
        for target in ("/inbox", "/", "/api/v1/search", "/head.json"):
            answer = check_any(await ask_one(victim, request(target, *asked, method="OPTIONS")))
            assert answer.status == 204
            assert method not in answer.fields["access-control-allow-methods"]
            allowed = answer.fields["access-control-allow-headers"].lower()
            assert not [one for one in ("authorization", "cookie", "x-evil", "*") if one in allowed]


FORMS = {
    "a form": ("application/x-www-form-urlencoded", b"type=Enquiry&to=you"),
    "a form in parts": ("multipart/form-data; boundary=x", b"--x\r\n\r\n{}\r\n--x--\r\n"),
    "plain text": ("text/plain", b'{"type":"Enquiry"}\n'),
    "JSON": ("application/json", b'{"type":"Enquiry"}\n'),
    "a form that looks like JSON": ("text/plain", b'{"issuer":"=x"}\n'),
}


@pytest.mark.parametrize("kind,body", [pytest.param(*one, id=n) for n, one in FORMS.items()])
async def test_what_a_browser_can_be_made_to_post_does_nothing(victim, kind, body):
    """Nobody is signed in anywhere: what counts is a signature, which no browser has."""
    fields = (f"Content-Type: {kind}", "Origin: https://evil.example", "Cookie: session=admin")

    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, posted(body, *fields))
        elsewhere = [
            await ask_one(victim, posted(body, *fields, target=one))
            for one in ("/", "/organisations", "/api/v1/organisations", "/about")
        ]

    # A post in nobody's name that has the form of a ping is passed over; all else is refused.
    assert answer.status in {202, 400}
    assert {one.status for one in elsewhere} == {405}


def test_our_own_files_load_nothing_from_anywhere():
    folder = files("localfed.web").joinpath("static")
    style = folder.joinpath("style.css").read_text()
    icon = folder.joinpath("icon.svg").read_text()

    for telling in ("@import", "url(", "expression", "http:", "https:", "//"):
        assert telling not in style.replace("://www.w3.org", "")
    # A namespace is a name; nothing is loaded, made of text or run by it.
    script = folder.joinpath("ties.js").read_text()
    for telling in ("import", "fetch", "innerHTML", "eval", "http:", "https:", "Function", "src"):
        assert telling not in script
    for telling in ("<script", "href", "<foreignObject", "<image", " on", "@import", "url("):
        assert telling not in icon


# --- headers, redirects, logs ---------------------------------------------------------------------

LINES = {
    "a line": "%0d%0aSet-Cookie:%20xyzzy=1",
    "a line feed": "%0aSet-Cookie:%20xyzzy=1",
    "a carriage return": "%0dSet-Cookie:%20xyzzy=1",
    "a line of other letters": "%E5%98%8A%E5%98%8DSet-Cookie:%20xyzzy=1",
    "a line twice encoded": "%250d%250aSet-Cookie:%20xyzzy=1",
    "a line and a body": "%0d%0a%0d%0a<script>xyzzy()</script>",
    "the end of a link": "%3E;%20rel=%22stylesheet%22,%20%3Chttps://xyzzy.example/",
    "the end of a link as it is": ">;rel=stylesheet,<https://xyzzy.example/",
    "the end of a string": "%22;%20xyzzy=%22",
    "a zero": "%00xyzzy",
}


@pytest.mark.parametrize("word", table(LINES))
async def test_nothing_that_is_asked_adds_a_line_to_an_answer(victim, word):
    """ETag, Link and Location are made from what is asked and what is stored."""
    await host_another(victim.node, "https://victim.example/second/")

    async with unmoved(victim, requests=0):
        for target in (
            f"/api/v1/organisations?limit=1&x={word}",
            f"/api/v1/organisations?limit=1&{word}=1",
            f"/api/v1/search?limit=1&q=bread&category={word}",
            f"/second?{word}",
            f"/second{word}",
            f"/{word}/second",
            f"/static/{word}",
            f"/?q={word}&near=54.6,-2.3",
        ):
            answer = await ask_one(victim, request(target))
            link = answer.fields.get("link", "")
            assert (link.count("<"), link.count(">")) in {(0, 0), (1, 1), (3, 3)}
            assert "xyzzy" not in answer.fields
            assert not [
                one for name, one in answer.fields.items() if "xyzzy" in one and name != "link"
            ]


REDIRECTS = {
    "as a person types it": "/second",
    "with a search": "/second?next=//xyzzy.example/",
    "with a host": "http://xyzzy.example/second",
    "with two slashes": "//xyzzy.example/second",
    "with two slashes and a path of ours": "//second",
    "with a backslash": "/\\xyzzy.example/second",
    "with a backslash encoded": "/%5cxyzzy.example/second",
    "with a slash encoded": "/%2fxyzzy.example/second",
    "with a user": "/@xyzzy.example/second",
    "with dots": "/xyzzy.example/../second",
    "with a fragment": "/second#//xyzzy.example",
}


@pytest.mark.parametrize("target", table(REDIRECTS))
async def test_no_redirect_leads_away(victim, target):
    await host_another(victim.node, "https://victim.example/second/")

    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, request(target))

    if answer.status == 308:
        assert answer.fields["location"] == "/second/"
    else:
        check_answer(answer)
    assert "xyzzy" not in str(answer.fields)


TOLD = {
    "a line": "x\n2026-05-01 localfed.web all is well",
    "a line of Windows": "x\r\n2026-05-01 localfed.web all is well",
    "the start of the line": "x\rall is well",
    "an escape": "\x1b]0;all is well\x07\x1b[2J",
    "an escape in one": "\x9b2J",
    "a turn": "\u202ellew si lla",
    "a line of elsewhere": "x\u2028all is well",
    "a zero": "x\0",
}


@pytest.mark.parametrize("told", table(TOLD))
def test_what_strangers_say_is_one_line_of_the_log(told):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter("%(name)s %(message)s"))
    handler.handle(logging.makeLogRecord({"name": "localfed", "msg": "said: %s", "args": (told,)}))

    (line,) = stream.getvalue().splitlines()
    assert line.startswith("localfed said: ")
    assert _obeyed(line) == []


@pytest.mark.parametrize("word", ["%0a2026-05-01%20localfed", "%1b[2J", "%0d", "%E2%80%A8", "%00"])
async def test_a_path_that_fails_is_one_line_of_the_log(victim, word):
    """A fault of ours names the path; without what was searched for."""

    class Broken:
        def __getattr__(self, name):
            raise RuntimeError("broken")

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter("%(message)s"))
    log = logging.getLogger("localfed.web")
    log.addHandler(handler)
    try:
        async with serving(victim, ports=msgspec.structs.replace(victim.ports, store=Broken())):
            answer = await victim.send(request(f"/api/v1/documents?id={word}"))
            other = await victim.send(request(f"/mirror/{word}?q=private"))
    finally:
        log.removeHandler(handler)

    said = stream.getvalue()
    assert {answer.status, other.status} <= {404, 500}
    assert _obeyed(said) == []
    assert "private" not in said
    assert "\n2026" not in said


# --- the terminal ----------------------------------------------------------------------------------

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b1m\x08\r\x7f\u202e"
OBEYED = {*map(chr, (*range(9), *range(11, 32), *range(127, 160))), *"\u2028\u2029\u202e\u2066"}


def _obeyed(text):
    """What of a text a terminal would obey."""
    return [one for one in text if one in OBEYED]


@pytest.fixture
async def run(victim):
    """Run a command of the victim's operator; returns what it prints, which no terminal obeys."""
    settings = Settings(name="Victim", url=victim.node.base)
    write_settings(victim.node.folder, settings)
    victim.node.close()

    def invoke(*words, stdin=None):
        result = CliRunner().invoke(main, [str(one) for one in words], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code in {0, 1, 2}, result.output
        assert "Traceback" not in result.output
        assert _obeyed(result.output) == [], result.output
        return result

    yield invoke
    victim.node._open()


TABLES = {
    "headings": f"Name,{ESCAPES}Town,Web{ESCAPES}\nBread,Aldwater,x\n",
    "values": f"Name,Town,Website,Latitude,Longitude\n{ESCAPES}Bread,{ESCAPES},java{ESCAPES},9{ESCAPES},{ESCAPES}\n",
    "formulas": "Name,Town\n=cmd|' /C calc'!A0,+1+1\n-2,@SUM(A1)\n",
    "quotes that never end": f'Name,Town\n"{ESCAPES}\n',
    "countries": f"Name,Country\nBread,{ESCAPES}\n",
    "zeros": "Name\0,Town\0\nBr\0ead,x\n",
}


@pytest.mark.parametrize("text", table(TABLES))
@pytest.mark.parametrize("options", [(), ("--json",), ("--guess",)], ids=["told", "json", "guess"])
def test_a_table_of_somebodys_says_nothing_to_the_terminal(victim, run, tmp_path, text, options):
    file = tmp_path / "table.csv"
    file.write_text(text)

    run("import", "csv", file, "--data", victim.node.folder, *options)


@pytest.mark.parametrize("options", [(), ("--json",), ("--guess",)], ids=["told", "json", "guess"])
def test_a_map_of_somebodys_says_nothing_to_the_terminal(victim, run, tmp_path, options):
    file = tmp_path / "map.geojson"
    point = {"type": "Point", "coordinates": [-2.3, 54.6]}
    feature = {
        "type": "Feature",
        "geometry": point,
        "properties": {"name": ESCAPES + "Bread", ESCAPES: ESCAPES, "website": "java" + ESCAPES},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))

    run("import", "geojson", file, "--data", victim.node.folder, *options)


DRAFTS = {
    "a type": {"type": ESCAPES, "name": "x"},
    "a member": {"type": "Offer", "name": "x", ESCAPES: 1},
    "a name": {"type": "Offer", "name": ESCAPES},
    "a language": {"type": "Offer", "name": {ESCAPES: "x"}},
    "an id": {"type": "Offer", "name": "x", "id": ESCAPES},
    "a place": {
        "type": "Offer",
        "name": "x",
        "location": [{"latitude": ESCAPES, "longitude": "1"}],
    },
    "a URL": {"type": "Offer", "name": "x", "url": "https://" + ESCAPES},
    "a time": {"type": "Offer", "name": "x", "validUntil": ESCAPES},
    "a context": {"@context": ESCAPES, "type": "Offer", "name": "x"},
    "a proof": {"type": "Offer", "name": "x", "proof": {"type": ESCAPES}},
}


@pytest.mark.parametrize("draft", table(DRAFTS))
@pytest.mark.parametrize("command", ["publish", "verify", "resolve"])
def test_a_file_of_somebodys_says_nothing_to_the_terminal(victim, run, tmp_path, draft, command):
    file = tmp_path / "file.json"
    file.write_text(json.dumps(draft, ensure_ascii=command == "verify") + "\n")
    data = () if command == "resolve" else ("--data", victim.node.folder)

    # A draft's context and proof are passed over: both are ours to write.
    assert run(command, file, *data).exit_code == (
        command != "publish" or not {"@context", "proof"} & set(draft)
    )


WORDS = {
    "follow": ("follow", "--data", "FOLDER", "https://" + ESCAPES),
    "follow a DID": ("follow", "--data", "FOLDER", "did:webvh:" + ESCAPES),
    "unfollow": ("unfollow", "--data", "FOLDER", ESCAPES),
    "search": ("search", "--data", "FOLDER", ESCAPES),
    "search near": ("search", "--data", "FOLDER", "--near", ESCAPES),
    "search of a kind": ("search", "--data", "FOLDER", "--kind", ESCAPES),
    "search from": ("search", "--data", "FOLDER", "--cursor", ESCAPES),
    "show": ("show", "--data", "FOLDER", ESCAPES),
    "withdraw": ("withdraw", "--data", "FOLDER", ESCAPES),
    "send": ("send", "--data", "FOLDER", ESCAPES, "--text", "x"),
    "send a text": ("send", "--data", "FOLDER", "friend.example", "--text", ESCAPES),
    "block": ("block", "--data", "FOLDER", "host", ESCAPES),
    "quota": ("quota", "--data", "FOLDER", ESCAPES),
    "a file that is not there": ("verify", ESCAPES.replace("\r", "")),
    "a kit": ("keys", "check", "--data", "FOLDER", "--kit", "FILE"),
}


@pytest.mark.parametrize("words", table(WORDS))
def test_words_that_were_copied_from_somewhere_say_nothing_to_the_terminal(
    victim, run, tmp_path, words
):
    file = tmp_path / "kit"
    file.write_text(ESCAPES)
    places = {"FOLDER": victim.node.folder, "FILE": file}

    run(*(places.get(one, one) for one in words))


async def test_what_strangers_write_says_nothing_to_the_terminal(victim):
    """Past every check into each column that a command prints: messages, names, problems, evidence."""
    await ask_one(victim, posted(letter_of(victim, "x.example", text={"en": "Bread?\nOr buns?"})))
    friendly = letter(log_of(victim.friend), message(victim.friend, victim.node))
    await ask_one(victim, posted(friendly))
    folder = victim.node.folder
    write_settings(folder, Settings(name="Victim" + ESCAPES, url=victim.node.base))
    connection = apsw.Connection(str(folder / DATABASE))
    for query in (
        "UPDATE message SET type = 'Enquiry' || ?1, received = received || ?1 WHERE number = 1",
        "UPDATE publisher SET problem = 'x' || ?1, base = base || ?1",
        "UPDATE publisher SET host = host || ?1 WHERE is_hosted = 0",
    ):
        connection.execute(query.replace("number", "id"), (ESCAPES,))
    connection.close()

    def invoke(*words):
        result = CliRunner().invoke(main, [*words[:1], *words[1:], "--data", str(folder)])
        assert result.exception is None or isinstance(result.exception, SystemExit), words
        assert _obeyed(result.output) == [], words
        return result.output

    def all_commands():
        said = [
            invoke("inbox", "list", *more)
            + invoke("status", *more)
            + invoke("list", *more)
            + invoke("search", *more)
            + invoke("outbox", "list", *more)
            + invoke("evidence", *more)
            + invoke("clock", *more)
            + invoke("blocks", *more)
            for more in ((), ("--json",))
        ]
        said.append(invoke("inbox", "show", "1") + invoke("inbox", "open", "2"))
        return "".join(said)

    victim.node.close()
    try:
        said = await asyncio.to_thread(all_commands)
    finally:
        victim.node._open()
    assert said.count("\\u001b") > 10
    assert "Or buns?" in said


async def test_one_damaged_message_hides_no_other(victim):
    for number, host in enumerate(("x.example", "y.example")):
        await ask_one(victim, posted(letter_of(victim, host, number)))
    connection = apsw.Connection(str(victim.node.folder / DATABASE))
    connection.execute("UPDATE message SET log = ? WHERE id = 1", (b"\0",))
    connection.close()
    write_settings(victim.node.folder, Settings(name="Victim", url=victim.node.base))
    victim.node.close()

    def invoke():
        return CliRunner().invoke(main, ["inbox", "list", "--data", str(victim.node.folder)])

    try:
        result = await asyncio.to_thread(invoke)
    finally:
        victim.node._open()
    assert result.exit_code == 0
    assert "y.example" in result.output


def test_what_is_written_out_reads_back_as_json():
    said = json.dumps({"name": ESCAPES}, ensure_ascii=False)

    assert json.loads(harmless(said)) == {"name": ESCAPES}
    assert harmless("Ŵyn, 日本, مرحبا, two\tlines\n") == "Ŵyn, 日本, مرحبا, two\tlines\n"
