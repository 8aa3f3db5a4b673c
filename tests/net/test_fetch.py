"""Fetching: what an honest server gets asked, and what comes of its answers."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme
from aiohttp import web

from evil import (
    FakeDns,
    answer,
    answering,
    chunked,
    evil_serving,
    free_port,
    gzipped,
    head,
    redirecting,
    sending,
    stalling,
)
from localfed import __version__
from localfed.app.ports import Fetch
from localfed.net.fetch import REQUESTS_PER_HOST, GuardedFetch, Patience
from localfed.protocol.errors import (
    ForbiddenAddress,
    NoAnswer,
    TooSlow,
    UnexpectedAnswer,
)


async def get(fetch: Fetch, url: str, **wishes):
    return await fetch.get(url, **({"limit_bytes": 1_000, "allow_loopback": True} | wishes))


async def lines(
    fetch: Fetch, url: str, limit_bytes: int = 1_000, found: list[bytes] | None = None
) -> list[bytes]:
    """All lines; given a list, what came before a failure is in it."""
    found = [] if found is None else found
    async for batch in fetch.lines(url, limit_bytes=limit_bytes, allow_loopback=True):
        assert batch, "a batch holds something"
        found += batch
    return found


# --- asking ----------------------------------------------------------------------------------


async def test_a_file_comes_with_its_etag_type_and_address(fetch, evil_server):
    url = evil_server.on("/x.json", answering(b"{}", ETag='"one"', Content_Type="text/plain"))

    found = await get(fetch, url)

    assert found.status == 200
    assert found.body == b"{}"
    assert found.etag == '"one"'
    assert found.content_type == "text/plain"
    assert found.url == url
    assert found.hosts == (f"localhost:{evil_server.port}",)


async def test_a_request_tells_nothing_but_the_path_and_our_name(fetch, evil_server, monkeypatch):
    """LF-FETCH-6."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    url = evil_server.on("/x", answering(b"1", Set_Cookie="id=1; Path=/"))

    await get(fetch, url)
    await get(fetch, url)

    for request in evil_server.requests:
        first, *fields = request.decode().strip().split("\r\n")
        assert first == "GET /x HTTP/1.1"
        assert sorted(fields) == [
            "Accept-Encoding: gzip",
            "Accept: */*",
            f"Host: localhost:{evil_server.port}",
            f"User-Agent: LocalFed/{__version__}",
        ]


async def test_many_requests_use_one_connection(fetch, evil_server):
    url = evil_server.on("/x", answering(b"1"))

    for _ in range(20):
        await get(fetch, url)

    assert evil_server.connections == 1


async def test_a_missing_file_keeps_the_connection_too(fetch, evil_server):
    url = evil_server.on("/gone", answering(b"not here", status="404 Not Found"))

    for _ in range(5):
        assert (await get(fetch, url, may_be_missing=True)).status == 404

    assert evil_server.connections == 1


async def test_a_connection_that_the_server_dropped_is_made_again(fetch, evil_server):
    async def once(writer):
        writer.write(answer(b"1"))
        await writer.drain()
        writer.close()

    url = evil_server.on("/x", once)

    assert [(await get(fetch, url)).body for _ in range(3)] == [b"1"] * 3


async def test_a_file_is_asked_for_with_the_path_as_it_was_checked(fetch, evil_server):
    path = "/a%2Fb/%C3%A4/~x;y=1,2?q=%20+&r"
    url = evil_server.on(path, answering(b"1"))

    assert (await get(fetch, url)).url == url
    assert evil_server.asked(path) == 1


async def test_an_etag_saves_the_body_of_a_real_server(fetch):
    async def handle(request):
        response = web.Response(body=b"content", headers={"ETag": '"v1"'})
        response.enable_compression()
        if request.if_none_match and request.if_none_match[0].value == "v1":
            raise web.HTTPNotModified(headers={"ETag": '"v1"'})
        return response

    app = web.Application()
    app.router.add_get("/head.json", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://localhost:{runner.addresses[0][1]}/head.json"
    try:
        first = await get(fetch, url)
        again = await get(fetch, url, etag=first.etag)
        other = await get(fetch, url, etag='"v0"')
    finally:
        await runner.cleanup()

    assert (first.status, first.body, first.etag) == (200, b"content", '"v1"')
    assert (again.status, again.body, again.etag) == (304, b"", '"v1"')
    assert (other.status, other.body) == (200, b"content")


async def test_an_unmodified_answer_without_etag_keeps_the_one_that_was_sent(fetch, evil_server):
    url = evil_server.says("/x", head("304 Not Modified"))

    assert (await get(fetch, url, etag='W/"x"')).etag == 'W/"x"'


async def test_an_unmodified_answer_that_nobody_asked_for_is_refused(fetch, evil_server):
    url = evil_server.says("/x", head("304 Not Modified"))

    with pytest.raises(UnexpectedAnswer):
        await get(fetch, url)


async def test_a_fresh_request_asks_caches_to_look_again(fetch, evil_server):
    url = evil_server.on("/x", answering(b"1"))

    await get(fetch, url, fresh=True)

    assert b"\r\nCache-Control: no-cache\r\n" in evil_server.requests[0]


@pytest.mark.parametrize(
    "etag",
    [
        '"%s"' % ("x" * 199),
        '"a b"',
        '"a"\r\nHost: evil.example',
        '"\x00"',
        '"\x7f"',
        '"ä"',
        "",
        '"a\tb"',
        "*",
        "a",
        '"a","b"',
    ],
)
async def test_an_etag_that_could_do_harm_is_not_sent(fetch, evil_server, etag):
    url = evil_server.on("/x", answering(b"1"))

    await get(fetch, url, etag=etag)

    assert b"If-None-Match" not in evil_server.requests[0]


@pytest.mark.parametrize(
    "etag", ['"%s"' % ("x" * 199), '"a b"', '"\xff"', '"a\tb"', "*", "a", '"a","b"']
)
async def test_an_etag_that_could_do_harm_is_not_kept(fetch, evil_server, etag):
    url = evil_server.on("/x", answering(b"1", ETag=etag))

    assert (await get(fetch, url)).etag is None


@pytest.mark.parametrize(
    "field, links",
    [
        ('</a/>; rel="localfed"', ["/a/"]),
        ("</a/>; rel=localfed", ["/a/"]),
        ('</a/>; title="x, y; rel=no"; rel="other LocalFed"', ["/a/"]),
        ('</a/>; rel="localfed", </b/>;rel=localfed', ["/a/", "/b/"]),
        ('</x>; rel="next", </a/>; rel="localfed"', ["/a/"]),
        ('</a/>; rel="localfed"; rel="next"', ["/a/"]),
        ('</a/>; rel="next"; rel="localfed"', []),
        ("</a/>", []),
        ("</a/>; rel", []),
        ('</a/>; rel="notlocalfed"', []),
        ("<; rel=localfed", []),
        ("<https://[/>; rel=localfed", []),
        ("garbage", []),
        ("<" * 4_000, []),
        ('<>;"' * 1_500, []),
        (", ".join(["</a/>; rel=localfed"] * 100), ["/a/"] * 20),
    ],
)
async def test_links_of_the_header_are_found(fetch, evil_server, field, links):
    url = evil_server.on("/page", answering(b"1", Link=field))

    found = await get(fetch, url)

    assert list(found.links) == [evil_server.url[:-1] + link for link in links]


# --- statuses --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
async def test_a_file_may_be_missing_where_the_caller_says_so(fetch, evil_server, status):
    url = evil_server.on("/x", answering(b"none", status=f"{status} X", ETag='"e"'))

    found = await get(fetch, url, may_be_missing=True)

    assert (found.status, found.body, found.etag) == (404, b"", None)
    with pytest.raises(UnexpectedAnswer):
        await get(fetch, url)


@pytest.mark.parametrize(
    "status",
    [
        101,
        201,
        202,
        203,
        204,
        205,
        206,
        207,
        226,
        300,
        301,
        302,
        303,
        304,
        305,
        307,
        308,
        400,
        401,
        403,
        405,
        406,
        407,
        418,
        421,
        429,
        451,
        500,
        502,
        503,
        504,
        511,
        599,
        600,
        999,
    ],
)
async def test_every_other_status_is_refused(fetch, evil_server, status):
    """LF-FETCH-3."""
    url = evil_server.says("/x", answer(b"body", status=f"{status} Odd", Location="/y"))

    with pytest.raises((UnexpectedAnswer, NoAnswer)):
        await get(fetch, url, may_be_missing=True)
    with pytest.raises((UnexpectedAnswer, NoAnswer)):
        await lines(fetch, url)


@pytest.mark.parametrize(
    "value, noted",
    [
        ("120", "asks to wait 120 s"),
        ("0", "asks to wait 0 s"),
        ("86400", "asks to wait 86400 s"),
        ("999999999999", "asks to wait 86400 s"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "asks to wait 86400 s"),
        ("Thu, 01 Jan 2026 00:01:40 GMT", "asks to wait 100 s"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "asks to wait 0 s"),
        ("9" * 5_000, ""),
        ("-5", ""),
        ("1e9", ""),
        ("٣", ""),
        ("soon", ""),
        ("Thu, 99 Jan 2026 99:99:99 GMT", ""),
        ("Thu, 01 Jan 2026 00:00:00", ""),
        ("inf", ""),
        ("NaN", ""),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many", "503 Busy"])
async def test_how_long_to_wait_is_noted_within_reason(fetch, evil_server, value, noted, status):
    field = value.encode().decode("latin-1")
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    url = evil_server.says("/x", answer(b"", status=status, Retry_After=field, Date=date))

    with pytest.raises(UnexpectedAnswer) as caught:
        await get(fetch, url)

    assert caught.value.detail == f"HTTP {status[:3]}" + (noted and f", {noted}")


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_where_none_was_allowed(fetch, evil_server, status):
    """LF-FETCH-3."""
    evil_server.on("/y", answering(b"1"))
    url = evil_server.on("/x", redirecting("/y", status=f"{status} X"))

    with pytest.raises(UnexpectedAnswer):
        await get(fetch, url)

    assert evil_server.asked("/y") == 0


async def test_as_many_redirects_are_followed_as_were_allowed(fetch, evil_server):
    for at in range(4):
        evil_server.on(f"/{at}", redirecting(f"/{at + 1}"))
    evil_server.on("/4", answering(b"there"))

    found = await get(fetch, evil_server.url + "1", redirects=3)

    assert found.body == b"there"
    assert found.url == evil_server.url + "4"
    with pytest.raises(UnexpectedAnswer):
        await get(fetch, evil_server.url + "0", redirects=3)


async def test_every_host_of_a_redirect_is_told(fetch, evil_server):
    async with evil_serving() as other:
        there = other.on("/y", answering(b"1"))
        url = evil_server.on("/x", redirecting(there))

        found = await get(fetch, url, redirects=1)

    assert found.hosts == (f"localhost:{evil_server.port}", f"localhost:{other.port}")


@pytest.mark.parametrize("path", ["/x", "/x#again", "x", "./x"])
async def test_a_circle_of_redirects_is_left_at_once(fetch, evil_server, path):
    url = evil_server.on("/x", redirecting(path))

    with pytest.raises(UnexpectedAnswer):
        await get(fetch, url, redirects=1_000)

    assert evil_server.asked("/x") == 1


async def test_a_longer_circle_is_left_too(fetch, evil_server):
    evil_server.on("/a", redirecting("/b"))
    evil_server.on("/b", redirecting("/c"))
    evil_server.on("/c", redirecting("/a"))

    with pytest.raises(UnexpectedAnswer):
        await get(fetch, evil_server.url + "a", redirects=1_000)

    assert len(evil_server.requests) == 3


async def test_endless_redirects_end_with_the_time(fetch, evil_server):
    for at in range(2_000):
        evil_server.on(f"/{at}", redirecting(f"/{at + 1}"))

    with pytest.raises((TooSlow, UnexpectedAnswer)):
        await get(fetch, evil_server.url + "0", redirects=1_000)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "https://192.168.1.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://grocer.example/",
        "https://user@grocer.example/",
        "https://grocer.example:22/",
        "https://printer.local/",
        "file:///etc/passwd",
        "gopher://localhost/",
        "\\\\localhost\\x",
        "//[",
        "https://grocer.example/\xff",
    ],
)
async def test_a_redirect_inside_or_elsewhere_is_refused(fetch, evil_server, location):
    url = evil_server.on("/x", redirecting(location))

    with pytest.raises(ForbiddenAddress):
        await get(fetch, url, redirects=3)

    assert len(evil_server.requests) == 1


async def test_a_redirect_to_a_name_that_leads_inside_is_refused(evil_server):
    dns = FakeDns({"localhost": ["127.0.0.1"], "inside.example": ["10.1.2.3"]})
    url = evil_server.on("/x", redirecting("https://inside.example/"))

    async with GuardedFetch(resolver=dns) as fetch:
        with pytest.raises(ForbiddenAddress):
            await get(fetch, url, redirects=3)

    assert dns.lookups == ["localhost", "inside.example"]


# --- bodies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size, fits", [(0, True), (999, True), (1_000, True), (1_001, False)])
@pytest.mark.parametrize("form", ["plain", "chunked", "until the end", "gzip"])
async def test_a_body_may_be_as_large_as_the_limit(fetch, evil_server, size, fits, form):
    """LF-FETCH-4."""
    body = b"x" * size
    raw = {
        "plain": answer(body),
        "chunked": head(Transfer_Encoding="chunked") + chunked(*([body] if body else [])),
        "until the end": head(Connection="close") + body,
        "gzip": answer(gzipped(body), Content_Encoding="gzip"),
    }[form]
    url = evil_server.says("/x", raw)

    if fits:
        assert (await get(fetch, url)).body == body
    else:
        with pytest.raises(UnexpectedAnswer):
            await get(fetch, url)
    assert (await get(fetch, url, may_be_cut=True)).body == body[:1_000]


async def test_a_declared_size_beyond_the_limit_is_refused_before_it_comes(fetch, evil_server):
    url = evil_server.on("/x", stalling(head(Content_Length=10**15)))

    with pytest.raises(UnexpectedAnswer):
        await get(fetch, url)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "identity", " gzip "])
async def test_gzip_is_understood(fetch, evil_server, encoding):
    body = b"hello" * 100
    sent = body if encoding == "identity" else gzipped(body)
    url = evil_server.on("/x", answering(sent, Content_Encoding=encoding))

    assert (await get(fetch, url)).body == body


@pytest.mark.parametrize(
    "encoding", ["deflate", "br", "zstd", "compress", "gzip, gzip", "gzip,identity", "x", "\xff"]
)
async def test_an_encoding_that_was_not_asked_for_is_refused(fetch, evil_server, encoding):
    """LF-FETCH-4."""
    url = evil_server.on("/x", answering(gzipped(b"x"), Content_Encoding=encoding))

    with pytest.raises(UnexpectedAnswer):
        await get(fetch, url)


# --- limits of our own -----------------------------------------------------------------------


async def test_one_host_has_no_more_than_its_share_of_requests():
    async with evil_serving() as evil, GuardedFetch(patience=Patience(request=0.3)) as fetch:
        url = evil.on("/x", stalling())

        asked = [get(fetch, url) for _ in range(REQUESTS_PER_HOST * 2)]
        tasks = [asyncio.ensure_future(one) for one in asked]
        await asyncio.sleep(0.15)
        at_first = len(evil.requests)
        answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert at_first == REQUESTS_PER_HOST
    assert all(isinstance(answer, TooSlow) for answer in answers)
    assert len(evil.requests) == REQUESTS_PER_HOST * 2, "those that waited had their own time"


async def test_a_dead_host_does_not_hold_up_another():
    async with evil_serving() as dead, evil_serving() as live, GuardedFetch() as fetch:
        stuck = dead.on("/x", stalling())
        waiting = [asyncio.ensure_future(get(fetch, stuck)) for _ in range(50)]
        await asyncio.sleep(0.05)
        # Another name for loopback: places are counted by host.
        url = live.on("/y", answering(b"1")).replace("localhost", "127.0.0.1")

        async with asyncio.timeout(1):
            assert (await get(fetch, url)).body == b"1"

        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_closed_door_stays_closed(evil_server):
    fetch = GuardedFetch()
    url = evil_server.on("/x", answering(b"1"))
    await get(fetch, url)

    await fetch.close()

    with pytest.raises(NoAnswer):
        await get(fetch, url)
    with pytest.raises(NoAnswer):
        await lines(fetch, url)


async def test_a_request_that_is_called_off_lets_go_of_its_place(evil_server):
    async with GuardedFetch() as fetch:
        stuck = evil_server.on("/x", stalling())
        url = evil_server.on("/y", answering(b"1"))
        for _ in range(3):
            tasks = [asyncio.ensure_future(get(fetch, stuck)) for _ in range(REQUESTS_PER_HOST)]
            await asyncio.sleep(0.05)
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        async with asyncio.timeout(1):
            assert (await get(fetch, url)).body == b"1"


# --- connections -----------------------------------------------------------------------------


async def test_a_port_where_nobody_listens_is_no_answer(fetch):
    with pytest.raises(NoAnswer):
        await get(fetch, f"http://localhost:{free_port()}/")


async def test_a_name_that_does_not_exist_is_no_answer():
    async with GuardedFetch(resolver=FakeDns({})) as fetch:
        with pytest.raises(NoAnswer) as caught:
            await get(fetch, "https://nowhere.example/")

    assert "nowhere.example" in caught.value.message


async def test_loopback_without_the_operators_word_is_refused(fetch, evil_server):
    url = evil_server.on("/x", answering(b"1"))

    with pytest.raises(ForbiddenAddress):
        await get(fetch, url, allow_loopback=False)
    with pytest.raises(ForbiddenAddress):
        await anext(fetch.lines(url, limit_bytes=10, allow_loopback=False))

    assert evil_server.connections == 0


def serving_tls(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for these names, and a client's that trusts it."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


async def test_https_works_with_a_valid_certificate():
    server, client = serving_tls("localhost")
    async with evil_serving(tls=server) as evil, GuardedFetch(tls=client) as fetch:
        url = evil.on("/x", answering(b"1")).replace("http:", "https:")

        assert (await get(fetch, url)).body == b"1"


@pytest.mark.parametrize("fault", ["another name", "another authority"])
async def test_an_invalid_certificate_is_no_answer(fault):
    server, client = serving_tls("grocer.example" if fault == "another name" else "localhost")
    if fault == "another authority":
        client = None
    async with evil_serving(tls=server) as evil, GuardedFetch(tls=client) as fetch:
        url = evil.on("/x", answering(b"1")).replace("http:", "https:")

        with pytest.raises(NoAnswer) as caught:
            await get(fetch, url)

        assert "certificate" in caught.value.message
        assert evil.requests == []


async def test_a_server_that_speaks_no_tls_is_no_answer(fetch, evil_server):
    url = evil_server.on("/x", answering(b"1")).replace("http:", "https:")

    with pytest.raises((NoAnswer, TooSlow)):
        await get(fetch, url)


async def test_a_redirect_from_https_to_http_is_refused(evil_server):
    server, client = serving_tls("localhost")
    there = evil_server.on("/y", answering(b"1"))
    async with evil_serving(tls=server) as evil, GuardedFetch(tls=client) as fetch:
        url = evil.on("/x", redirecting(there)).replace("http:", "https:")

        with pytest.raises(ForbiddenAddress):
            await get(fetch, url, redirects=3)

    assert evil_server.requests == []


# --- lines -----------------------------------------------------------------------------------


async def test_a_file_of_lines_comes_in_batches(fetch, evil_server):
    rows = [b'{"n":%d,"x":"%s"}' % (at, b"x" * 500) for at in range(2_000)]
    body = b"".join(row + b"\n" for row in rows)
    url = evil_server.on("/b", answering(body))

    batches = [batch async for batch in fetch.lines(url, limit_bytes=1_000, allow_loopback=True)]

    assert [row for batch in batches for row in batch] == rows
    assert 2 <= len(batches) <= 6


@pytest.mark.parametrize("size", [1, 2, 7, 100, 5_000])
@pytest.mark.parametrize("form", ["plain", "chunked", "gzip"])
async def test_lines_are_whole_however_they_arrive(fetch, evil_server, size, form):
    rows = [b"%d" % (at * 7_919) for at in range(150)]
    body = b"".join(row + b"\n" for row in rows)
    sent = gzipped(body) if form == "gzip" else body
    parts = [sent[at : at + size] for at in range(0, len(sent), size)]
    if form == "chunked":
        raw = [head(Transfer_Encoding="chunked"), chunked(*parts)]
    else:
        fields = {"Content_Encoding": "gzip"} if form == "gzip" else {}
        raw = [head(Content_Length=len(sent), **fields), *parts]

    url = evil_server.on("/b", sending(*raw))

    assert await lines(fetch, url) == rows


async def test_an_empty_file_has_no_lines(fetch, evil_server):
    url = evil_server.on("/b", answering(b""))

    assert await lines(fetch, url) == []


async def test_a_line_may_be_as_long_as_the_limit(fetch, evil_server):
    url = evil_server.on("/b", answering(b"x" * 1_000 + b"\n"))
    over = evil_server.on("/o", answering(b"a\nb\n" + b"x" * 1_001 + b"\nc\n"))

    assert await lines(fetch, url) == [b"x" * 1_000]
    seen = []
    with pytest.raises(UnexpectedAnswer):
        await lines(fetch, over, found=seen)
    assert seen == [b"a", b"b"], "what came before it counts"


@pytest.mark.parametrize(
    "body", [b"a\nb", b"a", b"\n", b"a\n\nb\n", b"\n\n", b"a\n" + b"x" * 300_000]
)
async def test_lines_that_are_not_whole_are_refused(fetch, evil_server, body):
    """LF-BYTES-2: every line ends with a line feed, and none is empty."""
    url = evil_server.on("/b", answering(body))

    with pytest.raises(UnexpectedAnswer):
        await lines(fetch, url)


async def test_what_came_whole_is_given_out_before_the_failure(fetch, evil_server):
    url = evil_server.says("/b", head(Content_Length=1_000) + b"a\nb\nhal")

    seen = []
    with pytest.raises(NoAnswer):
        await lines(fetch, url, found=seen)

    assert seen == [b"a", b"b"]


async def test_a_slow_reader_is_not_the_servers_fault(evil_server):
    rows = b"x" * 99 + b"\n"
    url = evil_server.on("/b", answering(rows * 20_000))

    count = 0
    patience = Patience(request=0.2, connect=0.2, idle=0.2, stream=5)
    async with GuardedFetch(patience=patience) as fetch:
        async for batch in fetch.lines(url, limit_bytes=100, allow_loopback=True):
            await asyncio.sleep(0.1)
            count += len(batch)

    assert count == 20_000


async def test_a_reader_that_stops_early_lets_go_of_the_connection(fetch, evil_server):
    url = evil_server.on("/b", stalling(head(Content_Length=10**9), b"a\n" * 200_000))

    for _ in range(6):
        batches = fetch.lines(url, limit_bytes=100, allow_loopback=True)
        assert await anext(batches)
        await batches.aclose()

    assert evil_server.connections == 6
