"""Discovery: what an operator types, what sites hint at, and what is made of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evil import FakeDns, answering, dripping, evil_serving, redirecting, stalling
from localfed.app.values import Answer
from localfed.net.discover import Discoverer, discover
from localfed.net.fetch import GuardedFetch
from localfed.net.pages import find_links, read_hint
from localfed.net.typed import read_typed
from localfed.protocol.errors import (
    BadUrl,
    ForbiddenAddress,
    LocalFedError,
    LoopbackNotAllowed,
    NoAnswer,
    NotANode,
    TooSlow,
    UnexpectedAnswer,
)

SCID = "QmaJp6pmb6RUk4oaDyWQcjeqYbvxsc3kvmHWPpz7B5JwDU"
LOG = b'{"parameters":{},"versionId":"1-x"}\n'


def did(host: str = "grocer.example") -> str:
    return f"did:webvh:{SCID}:{host}"


def hint(*bases: str, versions=("1.0",), **more) -> bytes:
    organisations = [{"did": did(), "base": base} for base in bases]
    return json.dumps(
        {"localfed": {"versions": versions}, "organizations": organisations, **more}, indent=1
    ).encode()


class Site:
    """Some addresses and what lies there: the port `Fetch` over a table."""

    def __init__(self, **files):
        self.files = files.pop("files", {})
        self.asked = []

    async def get(self, url, *, limit_bytes, may_be_cut=False, may_be_missing=False, **wishes):
        self.asked.append(url)
        found = self.files.get(url)
        if isinstance(found, LocalFedError):
            raise found
        if found is None:
            assert may_be_missing
            found = Answer(url=url, status=404, body=b"", etag=None)
        elif isinstance(found, bytes):
            kind = "text/html; charset=utf-8" if found.startswith(b"<") else "application/json"
            found = Answer(url=url, status=200, body=found, etag=None, content_type=kind)
        assert may_be_cut
        return Answer(
            url=found.url,
            status=found.status,
            body=found.body[:limit_bytes],
            etag=None,
            links=found.links,
            content_type=found.content_type,
            hosts=found.hosts,
        )

    def lines(self, url, *, limit_bytes, allow_loopback):
        raise AssertionError("discovery reads no lines")


async def bases(site, url, *, allow_loopback=False):
    found = await discover(site, url, allow_loopback=allow_loopback)
    return [candidate.base for candidate in found.candidates]


# --- typed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, url",
    [
        ("grocer.example", "https://grocer.example/"),
        ("  grocer.example \n", "https://grocer.example/"),
        ("Grocer.Example/Path", "https://grocer.example/Path"),
        ("https://grocer.example", "https://grocer.example/"),
        ("HTTPS://grocer.example", "https://grocer.example/"),
        ("https://grocer.example/a#b", "https://grocer.example/a"),
        ("grocer.example?a=b", "https://grocer.example/?a=b"),
        ("grocer.example:443", "https://grocer.example/"),
        ("läden.example/grün", "https://xn--lden-loa.example/gr%C3%BCn"),
        ("https://例え.example/", "https://xn--r8jz45g.example/"),
        ("grocer。example", "https://grocer.example/"),
        ("grocer.example/a%20b", "https://grocer.example/a%20b"),
    ],
)
def test_people_may_type_an_address_as_they_say_it(text, url):
    assert read_typed(text, allow_loopback=False).url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "http://grocer.example/",
        "ftp://grocer.example/",
        "file:///etc/passwd",
        "javascript://grocer.example/",
        "https://",
        "https:///x",
        "://grocer.example",
        "/path",
        "?",
        "#",
        did(),
        "DID:web:grocer.example",
        "user@grocer.example",
        "https://user:secret@grocer.example/",
        "grocer example",
        "grocer.example/a b",
        "grocer.example\\x",
        "grocer.example\x00",
        "grocer.\u2028example",
        "https://gro\ncer.example",
        "https://[grocer.example",
        "https://a:b:c/",
        "x" * 3_000,
        "https://xn--\u0000.example",
        "https://\u200b.example/",
        "https://a..ä/",
        f"https://{'ä' * 70}.example/",
    ],
)
def test_what_is_no_web_address_is_refused_with_what_to_do(text):
    with pytest.raises(BadUrl) as caught:
        read_typed(text, allow_loopback=True)

    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "text",
    ["localhost", "localhost:8000", "http://localhost:8000/", "127.0.0.1", "http://[::1]:80/"],
)
def test_this_machine_takes_the_operators_word(text):
    with pytest.raises(LoopbackNotAllowed):
        read_typed(text, allow_loopback=False)

    assert read_typed(text, allow_loopback=True).url.startswith("http://")


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest",
        "https://8.8.8.8/",
        "2130706433",
        "0x7f.1",
        "127.1",
        "127.0.0.1.",
        "１２７.0.0.1",
        "①②⑦。⓪。⓪。①",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://grocer/",
        "https://grocer.example:8443/",
        "https://grocer.example./",
        "localhost.",
        "ｌocalhost",
        "https://grocer.example/%zz",
        'https://grocer.example/"x"<y>',
    ],
)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_an_address_inside_is_refused_however_it_is_typed(text, allow_loopback):
    if text == 'https://grocer.example/"x"<y>':
        # Typed by a person, these are written as percent signs; that is what a browser does.
        assert read_typed(text, allow_loopback=allow_loopback).url.endswith("/%22x%22%3Cy%3E")
        return
    with pytest.raises((ForbiddenAddress, BadUrl)):
        read_typed(text, allow_loopback=allow_loopback)


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_an_allowed_url_or_a_refusal(text):
    for typed in (text, f"https://{text}", f"grocer.example/{text}"):
        try:
            target = read_typed(typed, allow_loopback=False)
        except (BadUrl, ForbiddenAddress, LoopbackNotAllowed):
            continue
        assert target.url.startswith("https://")
        assert target.url.isascii()


# --- where it looks --------------------------------------------------------------------------

ROOT = "https://grocer.example/"
HINT = ROOT + ".well-known/localfed.json"


async def test_the_hint_of_a_host_names_its_organisations():
    site = Site(files={HINT: hint(ROOT, "https://other.example/a/", unknown={"x": [1, None]})})

    found = await discover(site, "grocer.example", allow_loopback=False)

    assert [one.base for one in found.candidates] == [ROOT, "https://other.example/a/"]
    assert {one.did for one in found.candidates} == {did()}
    assert found.hosts == ("grocer.example",)
    assert site.asked == [HINT]


async def test_a_static_folder_without_hint_is_found_by_its_log():
    site = Site(files={ROOT + "did.jsonl": LOG})

    found = await discover(site, ROOT, allow_loopback=False)

    assert [(one.did, one.base) for one in found.candidates] == [(None, ROOT)]


@pytest.mark.parametrize("typed", ["shops/grocer", "shops/grocer/", "shops/grocer/did.jsonl"])
async def test_an_address_with_a_path_means_the_organisation_there(typed):
    site = Site(
        files={
            HINT: hint(ROOT + "shops/baker/", ROOT + "shops/grocer/"),
            ROOT + "shops/grocer/did.jsonl": LOG,
        }
    )

    assert await bases(site, ROOT + typed) == [ROOT + "shops/grocer/"]
    assert site.asked == [ROOT + "shops/grocer/did.jsonl"]


async def test_any_page_of_a_host_leads_to_its_organisations():
    site = Site(files={HINT: hint(ROOT), ROOT + "about?x=1": b"<html><body>Hello"})

    assert await bases(site, ROOT + "about?x=1") == [ROOT]


@pytest.mark.parametrize(
    "page",
    [
        b'<link rel="localfed" href="https://node.example/">',
        b"<html><head><title>x</title><LINK REL='other LocalFed' HREF=https://node.example/></head>",
        b'<!doctype html><script>a<b</script><link href="//node.example/" rel="localfed" /><body>',
        b'<link rel="localfed" href="\n https://node.example/ \t">',
        b'<link rel=localfed href="https://node.example/#part">',
    ],
)
async def test_a_link_in_the_head_of_a_page_leads_to_a_folder(page):
    """LF-DISC-3."""
    site = Site(files={ROOT: page})

    assert await bases(site, ROOT) == ["https://node.example/"]


async def test_a_link_may_lead_to_a_hint_elsewhere():
    elsewhere = "https://node.example/.well-known/localfed.json"
    page = b'<link rel="localfed" href="https://node.example/.well-known/localfed.json">'
    site = Site(files={ROOT: page, elsewhere: hint("https://node.example/a/")})

    assert await bases(site, ROOT) == ["https://node.example/a/"]


async def test_the_link_of_the_header_comes_before_the_page():
    answer = Answer(
        url=ROOT,
        status=200,
        body=b'<link rel="localfed" href="/b/"><link rel="localfed" href="/a/">',
        etag=None,
        links=(ROOT + "a/",),
        content_type="text/html",
    )

    assert await bases(Site(files={ROOT: answer}), ROOT) == [ROOT + "a/", ROOT + "b/"]


async def test_a_relative_link_is_read_where_the_page_was_in_the_end():
    answer = Answer(
        url="https://www.grocer.example/de/",
        status=200,
        body=b'<link rel="localfed" href="../node/">',
        etag=None,
        content_type="text/html",
        hosts=("grocer.example", "www.grocer.example"),
    )

    found = await discover(Site(files={ROOT: answer}), ROOT, allow_loopback=False)

    assert [one.base for one in found.candidates] == ["https://www.grocer.example/node/"]
    assert found.hosts == ("grocer.example", "www.grocer.example")


@pytest.mark.parametrize(
    "page",
    [
        b'<body><link rel="localfed" href="/a/">',
        b'<html><head></head><link rel="localfed" href="/a/">',
        b'<p><link rel="localfed" href="/a/">',
        b'<!-- <link rel="localfed" href="/a/"> -->',
        b'<title><link rel="localfed" href="/a/"></title>',
        b'<script>"<link rel=localfed href=/a/>"</script>',
        b'<style><link rel="localfed" href="/a/"></style>',
        b'<a rel="localfed" href="/a/">',
        b'<link rel="alternate" href="/a/">',
        b'<link rel="localfed">',
        b'<link rel="localfed" href="">',
        b'<link rel="next" rel="localfed" href="/a/">',
        b"<" + b" " * 65_536 + b'<link rel="localfed" href="/a/">',
        b"<![CDATA[<link rel=localfed href=/a/>",
        b"<![<![<![",
        b"<" * 65_536,
        b"",
        b"\xff\xfe\x00",
        bytes(range(256)) * 100,
    ],
)
async def test_what_is_no_link_of_the_head_is_not_followed(page):
    with pytest.raises(NotANode):
        await bases(Site(files={ROOT: page}), ROOT)


@pytest.mark.parametrize(
    "base",
    [
        "http://grocer.example/",
        "https://grocer.example",
        "https://grocer.example/a",
        "https://GROCER.example/",
        "https://grocer.example:443/",
        "https://grocer.example:8443/",
        "https://grocer.example/a/?b",
        "https://grocer.example/a/#b",
        "https://grocer.example//",
        "https://grocer.example/../",
        "https://grocer.example/%2e%2e/",
        "https://grocer.example/~x/",
        "https://user@grocer.example/",
        "https://10.0.0.1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "http://localhost:8000/",
        "https://localhost:8000/",
        "https://printer.local/",
        "https://läden.example/",
        "https://grocer.example\\@127.0.0.1/",
        "javascript:alert(1)//",
        "file:///",
        "",
        "/",
        "https://" + "a." * 200 + "example/",
        "https://grocer.example/" + "a" * 3_000 + "/",
        "https://grocer.example/\u202e/",
    ],
)
@pytest.mark.parametrize("allow_loopback", [False, True])
async def test_a_folder_of_another_form_is_passed_over_whoever_names_it(base, allow_loopback):
    page = f'<link rel="localfed" href="{base}">'.encode()
    honest = Site(files={HINT: hint(base, "https://node.example/")})
    named = await bases(honest, ROOT, allow_loopback=allow_loopback)
    assert named == ["https://node.example/"]

    with pytest.raises(NotANode):
        await bases(Site(files={HINT: hint(base)}), ROOT, allow_loopback=allow_loopback)
    if base not in {"https://grocer.example//", "https://grocer.example/../", "/"} | {
        "https://grocer.example/a/#b"  # as references these are other, allowed addresses
    }:
        with pytest.raises(NotANode):
            await bases(Site(files={ROOT: page}), ROOT, allow_loopback=allow_loopback)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b'{"localfed":{}}',
        b'{"localfed":{"versions":"1.0"}}',
        b'{"localfed":{"versions":["1.0"]}}',
        b'{"localfed":{"versions":["1.0"]},"organizations":{}}',
        b'{"localfed":{"versions":["1.0"]},"organizations":[]}',
        b'{"localfed":{"versions":["1.0"]},"organizations":[null,1,"x",[],{}]}',
        b'{"localfed":{"versions":["1.0"]},"organizations":[{"did":"x","base":"https://a.example/"}]}',
        b'{"localfed":{"versions":["1.0"]},"organizations":[{"base":"https://a.example/"}]}',
        b'{"localfed":{"versions":["1.0"]},"x":' + b"[" * 30_000,
        b'{"localfed":{"versions":["1.0"]},"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"localfed":{"versions":["1.0"]},"organizations":[' + b"[" * 60_000,
        b'\xff\xfe{"localfed"',
        b'{"localfed":{"versions":["1.\xff"]}}',
        hint(*[f"https://a{at}.example/" for at in range(5_000)])[:65_000],
    ],
)
async def test_a_broken_hint_is_as_none(data):
    with pytest.raises(NotANode):
        await bases(Site(files={HINT: data}), ROOT)


async def test_one_bad_entry_does_not_spoil_a_hint():
    """LF-DISC-1."""
    good = {"did": did(), "base": "https://node.example/"}
    data = json.dumps(
        {"localfed": {"versions": ["0.9", "1.7"]}, "organizations": [None, {"did": 1}, good, good]}
    ).encode()

    assert await bases(Site(files={HINT: data}), ROOT) == ["https://node.example/"]


async def test_a_node_of_another_major_version_is_told_apart():
    with pytest.raises(NotANode) as caught:
        await bases(Site(files={HINT: hint(ROOT, versions=["2.0"])}), ROOT)

    assert "version" in caught.value.message


async def test_a_hint_names_no_more_than_people_would_read():
    names = [f"https://a{at}.example/" for at in range(300)]

    assert len(await bases(Site(files={HINT: hint(*names)}), ROOT)) == 100


async def test_a_page_leads_to_few_hints_and_none_twice():
    links = "".join(
        f'<link rel="localfed" href="https://a{at}.example/x.json">' * 2 for at in range(50)
    )
    site = Site(files={ROOT: b"<head>" + links.encode()})

    with pytest.raises(NotANode):
        await bases(site, ROOT)

    assert len(site.asked) == len(set(site.asked)) <= 3 + 3


@pytest.mark.parametrize("error", [NoAnswer("x"), TooSlow("x"), ForbiddenAddress("x")])
async def test_a_host_that_does_not_answer_is_asked_once(error):
    site = Site(files={HINT: error})

    with pytest.raises(type(error)):
        await bases(site, ROOT)

    assert site.asked == [HINT]


async def test_a_page_for_every_path_is_not_taken_for_a_node():
    class Everything(Site):
        async def get(self, url, **wishes):
            self.files[url] = b"<!doctype html><title>Welcome</title>"
            return await super().get(url, **wishes)

    with pytest.raises(NotANode):
        await bases(Everything(), "https://grocer.example/some/path")


async def test_an_odd_answer_at_one_place_does_not_hide_the_next():
    odd = UnexpectedAnswer("status 500")
    page = b'<link rel="localfed" href="https://node.example/">'
    site = Site(files={HINT: odd, ROOT + "did.jsonl": odd, ROOT: page})

    assert await bases(site, ROOT) == ["https://node.example/"]


async def test_what_went_wrong_later_is_told_when_nothing_is_found():
    site = Site(files={ROOT: TooSlow("the page takes too long")})

    with pytest.raises(TooSlow):
        await bases(site, ROOT)


# --- over the real door ----------------------------------------------------------------------


async def test_a_node_on_this_machine_is_found_in_development(fetch, evil_server):
    base = evil_server.url
    evil_server.on("/.well-known/localfed.json", answering(hint(base)))

    found = await Discoverer(fetch).discover(f"localhost:{evil_server.port}", allow_loopback=True)

    assert [one.base for one in found.candidates] == [base]
    assert found.hosts == (f"localhost:{evil_server.port}",)


async def test_redirects_are_followed_and_every_host_is_shown(fetch, evil_server):
    """LF-DISC-5."""
    async with evil_serving() as other:
        evil_server.on(
            "/.well-known/localfed.json", redirecting(other.url + ".well-known/localfed.json")
        )
        other.on("/.well-known/localfed.json", answering(hint(other.url)))

        found = await discover(fetch, evil_server.url, allow_loopback=True)

    assert found.hosts == (f"localhost:{evil_server.port}", f"localhost:{other.port}")
    assert [one.base for one in found.candidates] == [other.url]


async def test_a_log_behind_a_redirect_is_not_taken(fetch, evil_server):
    evil_server.on("/did.jsonl", redirecting("/real/did.jsonl"))
    evil_server.on("/real/did.jsonl", answering(LOG))

    with pytest.raises(NotANode):
        await discover(fetch, evil_server.url, allow_loopback=True)

    assert evil_server.asked("/real/did.jsonl") == 0


async def test_only_the_first_64_kib_of_a_page_are_read(fetch, evil_server):
    """LF-DISC-3."""
    page = b"<head>" + b" " * 65_536 + b'<link rel="localfed" href="/a/">'
    evil_server.on("/", answering(page, Content_Type="text/html"))

    with pytest.raises(NotANode):
        await discover(fetch, evil_server.url, allow_loopback=True)


async def test_a_large_page_with_its_link_near_the_top_is_enough(fetch, evil_server):
    page = b'<head><link rel="localfed" href="/a/">' + b" " * 10_000_000
    evil_server.on("/", answering(page, Content_Type="text/html"))

    found = await discover(fetch, evil_server.url, allow_loopback=True)

    assert [one.base for one in found.candidates] == [evil_server.url + "a/"]


async def test_too_many_redirects_lead_nowhere(fetch, evil_server):
    """LF-DISC-5."""
    for at in range(10):
        evil_server.on(f"/{at}", redirecting(f"/{at + 1}"))
    evil_server.on("/.well-known/localfed.json", redirecting("/0"))

    with pytest.raises(NotANode):
        await discover(fetch, evil_server.url, allow_loopback=True)

    assert evil_server.asked("/3") == 0


@pytest.mark.parametrize(
    "location", ["http://10.0.0.1/", "http://169.254.169.254/", "https://inside.example/"]
)
async def test_a_redirect_inside_ends_the_search(evil_server, location):
    evil_server.on("/.well-known/localfed.json", redirecting(location))
    dns = FakeDns({"localhost": ["127.0.0.1"], "inside.example": ["10.0.0.1"]})

    async with GuardedFetch(resolver=dns) as fetch:
        with pytest.raises(ForbiddenAddress):
            await discover(fetch, evil_server.url, allow_loopback=True)


@pytest.mark.parametrize("behaviour", [stalling(), dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")])
async def test_a_host_that_stalls_is_too_slow(fetch, evil_server, behaviour):
    evil_server.on("/.well-known/localfed.json", behaviour)

    with pytest.raises((TooSlow, UnexpectedAnswer, NotANode)):
        await discover(fetch, evil_server.url, allow_loopback=True)


# --- any bytes -------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.text(max_size=200))
def test_any_page_gives_links_or_none(data, text):
    for page in (data, text.encode("utf-8", "surrogatepass"), b"<link " + data, b"<![" + data):
        assert isinstance(find_links(page), tuple)


@given(st.binary(max_size=300))
def test_any_hint_gives_organisations_or_none(data):
    for raw in (data, b'{"localfed":{"versions":["1.0"]},"organizations":[' + data + b"]}"):
        try:
            found = read_hint(raw)
        except NotANode:
            continue
        assert found is None or isinstance(found, tuple)
