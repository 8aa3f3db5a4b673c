"""What goes wrong becomes a problem that says what to do, and says nothing else."""

from __future__ import annotations

import logging

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from localfed.protocol.errors import DiskFull, IndexBroken, OverQuota, StoreBusy
from localfed.web.routes import make_app

SCID = "Q" + "m" * 45


class BrokenStore:
    """A disk that fails at every read, in a way of the test's choice."""

    def __init__(self, error):
        self.error = error

    def __getattr__(self, name):
        def fail(*_args, **_kwargs):
            raise self.error

        return fail


@pytest.fixture
async def broken(town):
    """`await broken(error)` is a client of a node whose disk raises that error."""
    clients = []

    async def make(error):
        ports = msgspec.structs.replace(town.node.ports, store=BrokenStore(error))
        node = msgspec.structs.replace(town.node, ports=ports)
        client = TestClient(TestServer(make_app(node)))
        await client.start_server()
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


async def problem_of(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    problem = await answer.json(content_type=None)
    assert set(problem) == {"type", "title", "status", "detail", "code", "next"}
    assert problem["status"] == answer.status
    return problem


@pytest.mark.parametrize(
    "path, status, code",
    [
        ("/api/v1/nothing", 404, "unknown-page"),
        ("/head.jsonx", 404, "unknown-page"),
        ("/api/v1/search?limit=0", 400, "bad-query"),
        ("/api/v1/search?limit=101", 400, "bad-query"),
        ("/api/v1/search?limit=ten", 400, "bad-query"),
        ("/api/v1/search?near=here", 400, "unknown-place"),
        ("/api/v1/search?near=91,0", 400, "bad-query"),
        ("/api/v1/search?near=nan,nan", 400, "unknown-place"),
        ("/api/v1/search?near=1,2&radius=-1", 400, "bad-query"),
        ("/api/v1/search?near=1,2&radius=nan", 400, "bad-query"),
        ("/api/v1/search?kind=shop", 400, "bad-query"),
        ("/api/v1/search?raduis=2", 400, "bad-query"),
        ("/api/v1/search?cursor=abc", 400, "bad-cursor"),
        ("/api/v1/organisations?cursor=abc", 400, "bad-cursor"),
        ("/api/v1/organisations?cursor=-1", 400, "bad-cursor"),
        (f"/api/v1/organisations/{SCID}", 404, "unknown-organisation"),
        ("/api/v1/organisations/short", 404, "unknown-page"),
        (f"/api/v1/identities/{SCID}", 404, "unknown-organisation"),
        (f"/api/v1/documents/{SCID}/d/x.json", 404, "unknown-organisation"),
        ("/api/v1/documents", 400, "bad-query"),
        ("/api/v1/documents?id=x", 404, "unknown-document"),
        ("/api/v1/documents?id=did:webvh:x:y/d/x.json", 404, "unknown-document"),
    ],
)
async def test_a_request_that_cannot_be_answered_gets_a_problem(client, path, status, code):
    answer = await client.get(path)

    problem = await problem_of(answer)
    assert (answer.status, problem["code"]) == (status, code)
    assert problem["type"] == f"https://w3id.org/localfed/problems/{code}"
    assert problem["next"]


async def test_a_program_that_asks_for_what_is_not_here_is_told_of_the_api_not_of_commands(client):
    asked = ("documents?id=x", "matches?of=x", f"organisations/{SCID}")

    for path in asked:
        problem = await problem_of(await client.get(f"/api/v1/{path}"))

        assert problem["status"] == 404, problem
        assert "/api/v1/" in problem["next"]
        assert "localfed " not in problem["next"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/head.json", "/api/v1/search", "/about", "/anything"])
async def test_another_method_is_refused_with_those_that_exist(client, method, path):
    answer = await client.request(method, path, data=b"x" if method == "POST" else None)

    assert (await problem_of(answer))["code"] == "wrong-method"
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


async def test_a_person_gets_a_page(client):
    for path in ("/nothing", f"/organisations/{SCID}", "/documents/x", "/organisations?page=x"):
        answer = await client.get(path, headers={"Accept": "text/html,*/*"})

        assert answer.status == 404
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "This is not here" in await answer.text()


@pytest.mark.parametrize("path", ["/head.json", "/api/v1/search", "/", "/organisations"])
async def test_a_fault_of_ours_tells_nothing(broken, path, caplog):
    client = await broken(RuntimeError("secret-of-the-disk"))
    caplog.set_level(logging.ERROR)

    answer = await client.get(f"{path}?q=veg")

    text = await answer.text()
    assert answer.status == 500
    assert (await problem_of(answer))["code"] == "error"
    assert "secret" not in text
    assert "Traceback" not in text
    assert "secret-of-the-disk" in caplog.text
    assert "q=veg" not in caplog.text


async def test_a_person_is_told_of_a_fault_in_words(broken):
    client = await broken(RuntimeError("secret-of-the-disk"))

    answer = await client.get("/organisations", headers={"Accept": "text/html"})

    assert answer.status == 500
    assert "This did not work" in await answer.text()
    assert "secret" not in await answer.text()


@pytest.mark.parametrize(
    "error, status, retry",
    [
        (StoreBusy("busy", detail="where the disk is"), 503, "5"),
        (IndexBroken("broken"), 503, "5"),
        (OverQuota("too many"), 429, "60"),
        (DiskFull("full"), 503, "5"),
    ],
)
async def test_what_may_pass_says_when_to_come_again(broken, error, status, retry):
    client = await broken(error)

    answer = await client.get("/api/v1/status")

    assert answer.status == status
    assert answer.headers["Retry-After"] == retry
    assert (await problem_of(answer))["code"] == error.code
    assert "where the disk is" not in await answer.text()


async def test_long_and_odd_queries_never_break_anything(client):
    queries = [
        "(" * 1_000,
        ")" * 1_000,
        '"' * 999,
        "a " * 500,
        "-" * 1_000,
        "\x00\x01",
        "\ud7ff" * 500,
        "name:x AND [* TO *]",
        "*" * 1_000,
        "~^" * 500,
    ]
    for query in queries:
        answer = await client.get("/api/v1/search", params={"q": query})
        page = await client.get("/", params={"q": query})

        assert answer.status in {200, 400}, ascii(query[:20])
        assert page.status in {200, 400}, ascii(query[:20])

    assert (await client.get("/api/v1/status")).status == 200


async def test_a_query_of_three_thousand_brackets_is_refused_politely(client):
    answer = await client.get("/api/v1/search", params={"q": "(" * 3_000})

    assert answer.status in {200, 400}
    assert (await client.get("/api/v1/status")).status == 200


async def test_nothing_ever_sets_a_cookie(client):
    for path in ("/", "/about", "/head.json", "/api/v1/search", "/nothing"):
        assert "Set-Cookie" not in (await client.get(path)).headers
