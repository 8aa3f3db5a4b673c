"""The runner: limits on connections, and clean answers to what is hardly HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json

import pytest

from localfed.protocol.errors import BadFile
from localfed.web.routes import make_app
from localfed.web.runner import LINE_BYTES, Runner
from localfed.web.site import listen


@pytest.fixture
async def port(town):
    runner = Runner(make_app(town.node), request_seconds=0.3)
    yield await listen(runner, "127.0.0.1", 0)
    await runner.cleanup()


async def exchange(port, sent):
    """Send bytes, and read until the node closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"CONNECT \r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /secret-path HTTP/1.1\r\nbroken header\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"a" * (LINE_BYTES + 10) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 10_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nA\x00B: c\r\n\r\n",
    ],
)
async def test_what_is_not_http_gets_a_problem_that_repeats_nothing(port, sent):
    answer = await exchange(port, sent)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert problem["status"] in range(400, 500)
    assert problem["code"] == "refused"
    assert b"secret" not in answer
    assert b"Traceback" not in answer


BODIES = {
    "hung up": (b"Content-Length: 100", b"{}", {"", "400"}),
    "hung up in a chunk": (b"Transfer-Encoding: chunked", b"5\r\n{", {"", "400"}),
    "no gzip": (b"Content-Length: 2\r\nContent-Encoding: gzip", b"{}", {"400"}),
    "no deflate": (b"Content-Length: 2\r\nContent-Encoding: deflate", b"xx", {"400"}),
    "no gzip in chunks": (
        b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip",
        b"2\r\n{}\r\n0\r\n\r\n",
        {"400"},
    ),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_breaks_on_its_way_is_no_fault_of_ours(port, caplog, name):
    fields, body, statuses = BODIES[name]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /inbox HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + b"\r\n\r\n")
    await asyncio.sleep(0.05)  # the body comes after the request was taken up
    writer.write(body)
    if "" in statuses:
        writer.write_eof()
    answer = ""
    # Whoever hangs up may find the line cut: what came late is not read any more.
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(5):
            answer = (await reader.read()).decode()
    writer.close()

    assert (answer.split(" ")[1] if answer else "") in statuses
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


async def test_a_packed_post_is_not_unpacked(port, town):
    """LF-INBOX-1: what a few bytes unpack to is nobody's to pay for."""
    ping = town.node.ports.store.publisher(town.tools.did).head + b"\n"
    for packed, status in ((ping, b"202"), (gzip.compress(ping), b"400")):
        fields = b"Connection: close\r\nContent-Length: %d\r\n" % len(packed)
        if packed != ping:
            fields += b"Content-Encoding: gzip\r\n"
        sent = b"POST /inbox HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n" + packed

        assert (await exchange(port, sent)).split(b" ")[1] == status


async def test_a_connection_that_says_nothing_is_closed(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_a_request_that_never_ends_is_closed(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def drip():
        for _ in range(100):
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.05)

    writer.write(b"GET / HTTP/1.1\r\n")
    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(4):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    dripping.cancel()
    writer.close()


async def test_a_body_that_nobody_asked_for_does_not_hold_the_node(port):
    sent = b"POST /head.json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc"

    answer = await exchange(port, sent)

    assert answer.startswith(b"HTTP/1.1 405")


async def test_several_requests_use_one_connection(port):
    one = b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n"

    answer = await exchange(
        port, one * 3 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    )

    assert answer.count(b"HTTP/1.1 200") == 4


async def test_the_log_of_the_node_does_not_hold_what_people_search_for(port, caplog):
    caplog.set_level(0)

    await exchange(port, b"GET /?q=private-search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert "private-search" not in caplog.text


async def test_an_address_in_use_is_said_in_words(town, port):
    with pytest.raises(BadFile, match="cannot be listened on"):
        await listen(Runner(make_app(town.node)), "127.0.0.1", port)


@pytest.mark.parametrize("field", [b"Content-Length: 900", b"Transfer-Encoding: chunked"])
async def test_who_leaves_in_the_middle_of_a_post_is_no_fault_of_ours(port, caplog, field):
    """Nothing is logged as an error, so that nobody can fill the log with them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /inbox HTTP/1.1\r\nHost: a\r\n" + field + b"\r\n\r\n")
    writer.write_eof()
    await reader.read()
    writer.close()
    await exchange(port, b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []
