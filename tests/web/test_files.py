"""The files of the protocol, as followers and mirrors ask for them."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from localfed.app.bases import MIRROR, RESERVED
from localfed.protocol.digest import digest


def files_of(town):
    """Path, bytes and type of each file that the kitchen publishes."""
    publisher = town.publisher(town.kitchen)
    store = town.kitchen.store
    found = {
        "/did.jsonl": (publisher.log, "application/jsonl"),
        "/.well-known/did.jsonl": (publisher.log, "application/jsonl"),
        "/head.json": (publisher.head, "application/ld+json"),
    }
    for one in store.documents(town.kitchen.did):
        found[f"/{one.path}"] = (one.body, "application/ld+json")
    for path, _ in store.feed_files(town.kitchen.did):
        found[f"/{path}"] = (store.feed_file(town.kitchen.did, path).body, "application/json")
    return found


async def test_every_file_is_served_byte_for_byte_with_its_type(town, client):
    """LF-SERVE-1, LF-SERVE-2."""
    for path, (body, kind) in files_of(town).items():
        answer = await client.get(path, allow_redirects=False)

        assert (answer.status, await answer.read()) == (200, body), path
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_the_tag_of_a_document_is_its_digest(town, client):
    path = town.ids["veg"].partition("/")[2]

    answer = await client.get(f"/{path}")

    assert answer.headers["ETag"] == f'"{digest(await answer.read())}"'


async def test_an_unchanged_file_costs_an_empty_answer(town, client):
    for path in files_of(town):
        tag = (await client.get(path)).headers["ETag"]

        answer = await client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})

        assert (answer.status, await answer.read()) == (304, b""), path
        assert answer.headers["ETag"] == tag
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_another_tag_brings_the_whole_file(town, client):
    answer = await client.get("/head.json", headers={"If-None-Match": '"0123"'})

    assert answer.status == 200


async def test_a_head_request_answers_without_a_body(town, client):
    for path, (body, _) in files_of(town).items():
        answer = await client.head(path)

        assert (answer.status, await answer.read()) == (200, b""), path
        assert answer.headers["Content-Length"] == str(len(body))


async def test_a_browser_gets_the_file_as_well(town, client):
    answer = await client.get("/org.json", headers={"Accept": "text/html"})

    assert answer.headers["Content-Type"] == "application/ld+json"


async def test_a_page_of_any_site_may_ask_with_conditions(client):
    answer = await client.options(
        "/head.json",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )

    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_only_the_last_feed_page_may_still_change(town, client):
    for number in range(105):
        await town.kitchen.publish({"type": "Offer", "name": f"Offer {number}"})
    store, did = town.kitchen.store, town.kitchen.did
    pages = sorted(path for path, _ in store.feed_files(did) if path.startswith("feed/"))
    parts = [path for path, _ in store.feed_files(did) if path.startswith("snapshot/")]

    kept = {
        path: (await client.get(f"/{path}")).headers["Cache-Control"] for path in (*pages, *parts)
    }

    assert len(pages) == 2
    assert parts
    assert kept.pop(pages[-1]) == "no-cache"
    assert all("immutable" in value for value in kept.values())


async def test_the_head_is_always_asked_for_again(client):
    answer = await client.get("/head.json")

    assert answer.headers["Cache-Control"] == "no-cache"


async def test_the_bundle_is_served_from_the_disk(town, client):
    for number in range(105):
        await town.kitchen.publish({"type": "Offer", "name": f"Offer {number}"})
    body = town.kitchen.store.bundle_path(town.kitchen.did).read_bytes()

    answer = await client.get("/bundle.jsonl")
    again = await client.get("/bundle.jsonl", headers={"If-None-Match": answer.headers["ETag"]})

    assert await answer.read() == body
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert not answer.headers["ETag"].startswith("W/")
    assert again.status == 304


async def test_a_bundle_that_was_never_written_is_not_there(client):
    answer = await client.get("/bundle.jsonl")

    assert answer.status == 404


async def test_the_hint_names_who_is_hosted_and_nobody_else(town, client):
    answer = await client.get("/.well-known/localfed.json")

    assert await answer.json() == {
        "localfed": {"versions": ["1.0"]},
        "organizations": [{"did": town.kitchen.did, "base": "https://kitchen.example/"}],
        "software": {"name": "localfed", "version": "0.0.0"},
    }


async def test_files_of_a_followed_organisation_are_not_served_as_our_own(town, client):
    path = town.ids["advice"].partition("/")[2]

    answer = await client.get(f"/{path}")

    assert answer.status == 404


async def test_a_withdrawn_document_is_gone(town, client):
    """LF-SERVE-1, LF-WRITE-8."""
    path = town.ids["veg"].partition("/")[2]
    await town.kitchen.withdraw(town.ids["veg"])

    answer = await client.get(f"/{path}")

    assert (answer.status, (await answer.json())["code"]) == (404, "unknown-page")


async def test_an_organisation_hosted_while_the_node_runs_is_served_below_its_path(town, client):
    assert (await client.get("/chapel/head.json")).status == 404

    did = await town.host("https://kitchen.example/chapel/", "Chapel", 1)

    publisher = town.kitchen.store.publisher(did)
    assert await (await client.get("/chapel/head.json")).read() == publisher.head
    assert await (await client.get("/chapel/did.jsonl")).read() == publisher.log
    assert (await client.get("/chapel/org.json")).status == 200
    assert await (await client.get("/head.json")).read() != publisher.head
    assert (await client.get("/chapel/.well-known/did.jsonl")).status == 404


async def test_the_base_of_an_organisation_with_a_path_is_its_page(town, client):
    await town.host("https://kitchen.example/chapel/", "Chapel", 1)

    page = await client.get("/chapel/")
    typed = await client.get("/chapel", allow_redirects=False)

    assert page.headers["Content-Type"].startswith("text/html")
    assert "<h1>" in await page.text()
    assert 'rel="localfed"' in page.headers["Link"]
    assert (typed.status, typed.headers["Location"]) == (308, "/chapel/")


async def test_an_organisation_at_a_path_named_like_a_folder_of_files_is_found(town, client):
    did = await town.host("https://kitchen.example/d/", "Dee", 2)

    answer = await client.get("/d/head.json")

    assert await answer.read() == town.kitchen.store.publisher(did).head
    assert (await client.get("/" + town.ids["veg"].partition("/")[2])).status == 200


async def test_the_host_decides_between_organisations_with_the_same_path(town, client):
    did = await town.host("https://chapel.example/", "Chapel", 3)
    store = town.kitchen.store

    chapel = await client.get("/head.json", headers={"Host": "chapel.example"})
    kitchen = await client.get("/head.json", headers={"Host": "kitchen.example"})
    other = await client.get("/head.json", headers={"Host": "other.example"})

    assert await chapel.read() == store.publisher(did).head
    assert await kitchen.read() == store.publisher(town.kitchen.did).head
    assert other.status == 404


async def test_the_hint_names_every_organisation_that_is_hosted(town, client):
    """LF-DISC-1, LF-SERVE-6."""
    chapel = await town.host("https://kitchen.example/chapel/", "Chapel", 1)
    readers = await town.host("https://readers.example/", "Readers", 2)

    hint = await (await client.get("/.well-known/localfed.json")).json()

    assert hint["organizations"] == [
        {"did": town.kitchen.did, "base": "https://kitchen.example/"},
        {"did": chapel, "base": "https://kitchen.example/chapel/"},
        {"did": readers, "base": "https://readers.example/"},
    ]


async def test_the_host_of_one_leads_to_no_path_of_another(town, client):
    did = await town.host("https://readers.example/books/", "Readers", 3)
    head = town.kitchen.store.publisher(did).head

    for host, status in (
        ("readers.example", 200),
        ("READERS.example:443", 200),
        ("proxy.internal", 200),
        ("kitchen.example", 404),
    ):
        answer = await client.get("/books/head.json", headers={"Host": host})
        assert answer.status == status, host
        assert (await answer.read() == head) is (status == 200)
    assert (await client.get("/head.json", headers={"Host": "readers.example"})).status == 404


async def test_where_the_node_itself_answers_no_organisation_can_be(town, client):
    """What `app.bases` reserves covers every address that would hide a file of an organisation."""
    hidden = []
    for first in ("static", "api", "mirror", ".well-known", "organisations", "documents", "about"):
        for file in ("head.json", "did.jsonl", "org.json", "contact.json", "d/x.json"):
            resolved = await client.app.router.resolve(
                make_mocked_request("GET", f"/{first}/{file}")
            )
            if resolved.route.resource.canonical != "/{file}":
                hidden.append(first)

    assert set(hidden) <= RESERVED | {MIRROR}


async def test_a_forwarded_host_is_not_believed(town, client):
    await town.host("https://chapel.example/", "Chapel", 3)

    answer = await client.get(
        "/head.json", headers={"Host": "other.example", "X-Forwarded-Host": "chapel.example"}
    )

    assert answer.status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/d/%2e%2e/head.json",
        "/d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json",
        "/d/x",
        "/feed/1.json",
        "/snapshot/1-1.json",
        "/p/x.json",
        "/head.json/",
        "/.well-known/head.json",
        "/%00",
        "/nothing/head.json",
        "/localfed.db",
    ],
)
async def test_what_is_no_file_is_not_found(client, path):
    answer = await client.get(URL(path, encoded=True))

    assert (answer.status, (await answer.json())["code"]) == (404, "unknown-page")
